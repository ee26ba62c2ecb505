# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of the architecture, held by import-linter; the contracts are in pyproject.toml."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in SETTINGS["contracts"]}


def lint(where: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the ``convdesk`` that lies in ``where``."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(where), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def test_contracts_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("geometry/span.py", "import numpy", "No NumPy in geometry BROKEN"),
        ("geometry/span.py", "import convdesk.network", "Layers point downwards BROKEN"),
        ("desk.py", "import PyQt6.QtCore", "PyQt6 and pyqtgraph only in gui BROKEN"),
        ("backends/native/__init__.py", "import cupy", "cupy only in backends/cupy/device.py BROKEN"),
        (
            "backends/native/__init__.py",
            "import convdesk.backends.numpy",
            "Backends are independent of each other BROKEN",
        ),
        ("engine/__init__.py", "import dask.array", "dask only in engine/executors/dask.py BROKEN"),
        ("novelty.py", "", "Layers point downwards BROKEN"),
    ],
    ids=lambda value: value or "empty" if isinstance(value, str) else None,
)
def test_a_planted_violation_is_caught(tmp_path: Path, file: str, line: str, broken: str) -> None:
    shutil.copytree(ROOT / "convdesk", tmp_path / "convdesk", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "convdesk" / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    done = lint(tmp_path)
    assert done.returncode != 0
    assert broken in done.stdout, done.stdout + done.stderr


def test_every_backend_is_in_the_independence_contract() -> None:
    packages = {f"convdesk.backends.{path.parent.name}" for path in (ROOT / "convdesk/backends").glob("*/__init__.py")}
    assert packages == set(CONTRACTS["backends"]["modules"])
