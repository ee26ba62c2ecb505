# SPDX-License-Identifier: GPL-3.0-or-later
"""From the source tree to an installed program: sdist, the wheel built from it, a clean environment, a first run.

Everything happens outside the source tree, from a copy that holds no leftovers of earlier builds (setuptools takes the
file list of an old egg-info for granted, which would hide a file that the sdist forgets).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.so", "*.egg-info")
SHIPPED = ("convdesk", "extensions", "resources")


def call(*command: str | Path, cwd: Path) -> str:
    """Run a program, away from this checkout's modules; fail with all that it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CONVDESK_"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=800)
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist from a clean copy, and the wheel from the sdist."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in SHIPPED:
        shutil.copytree(ROOT / folder, tree / folder, ignore=LEFTOVERS)
    for name in ("pyproject.toml", "setup.py", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, tree)
    out = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=tree)
    return out


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, and what it depends on, into an environment of its own; return the folder of its programs."""
    home = tmp_path_factory.mktemp("home")
    venv.create(home / "venv", with_pip=True, symlinks=True)
    programs = home / "venv/bin"
    (wheel,) = dist.glob("*.whl")
    call(programs / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel, cwd=home)
    return programs


def shipped_files() -> set[str]:
    """Name every file of the package and its resources, as the wheel should hold it."""
    names = set()
    for folder, package in (("convdesk", "convdesk"), ("resources", "convdesk_resources")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in {".so", ".pyc"}:
                names.add(f"{package}/{path.relative_to(ROOT / folder).as_posix()}")
    return names


def test_sdist_holds_every_source(dist: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.split("/", 1)[1] for name in tar.getnames() if "/" in name}
    sources = {
        path.relative_to(ROOT).as_posix()
        for folder in SHIPPED
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in {".so", ".pyc"}
    }
    assert sources - names == set()
    assert {"LICENSE", "README.md", "pyproject.toml", "setup.py"} <= names
    assert [name for name in names if name.endswith(".so")] == []


def test_wheel_holds_every_module_and_resource(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert shipped_files() - names == set()
    doors = {path.stem for path in (ROOT / "extensions/cython").glob("_*.pyx")}
    compiled = {Path(name).name.split(".")[0] for name in names if name.endswith(".so")}
    assert compiled == doors
    assert [name for name in names if name.startswith(("tests/", "extensions/"))] == []


def test_installed_program_knows_its_version(installed: Path, tmp_path: Path) -> None:
    assert PROJECT["version"] in call(installed / "convdesk", "--version", cwd=tmp_path)


def test_installed_package_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = "import convdesk, convdesk_resources; print(convdesk.__file__, convdesk_resources.__file__)"
    printed = call(installed / "python", "-c", where, cwd=tmp_path)
    assert str(ROOT) not in printed


def test_installed_core_is_compiled_and_right(installed: Path, tmp_path: Path) -> None:
    program = (
        "import numpy as np, convdesk as cd\n"
        "image = np.arange(1, 10, dtype='f4').reshape(3, 3)\n"
        "kernel = np.array([[1, 2], [3, 4]], dtype='f4')\n"
        "print(cd.correlate(image, kernel, 'valid', backend='native').tolist())\n"
    )
    assert json.loads(call(installed / "python", "-c", program, cwd=tmp_path)) == [[37.0, 47.0], [67.0, 77.0]]


def test_installed_info_is_one_json_value(installed: Path, tmp_path: Path) -> None:
    info = json.loads(call(installed / "convdesk", "info", "--json", cwd=tmp_path))
    assert PROJECT["version"] in json.dumps(info)


def test_installed_program_runs_the_demo_document(installed: Path, tmp_path: Path) -> None:
    """The document is the one in the installed resources, and the photograph it names lies beside it."""
    find = "import convdesk_resources as r; print(r.__path__[0])"
    demo = Path(call(installed / "python", "-c", find, cwd=tmp_path).strip()) / "samples/demo.convdesk"
    call(installed / "convdesk", "run", demo, "--out", tmp_path / "out", cwd=tmp_path)
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert written
    assert all(path.stat().st_size > 0 for path in written)
