# SPDX-License-Identifier: GPL-3.0-or-later
"""House rules that a glance at the text of the sources can check."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
SUFFIXES = {".py", ".pyi", ".pyx", ".pxd", ".c", ".h", ".inc", ".cu"}
FOLDERS = ("convdesk", "extensions", "tests", "resources")


def sources(*folders: str) -> list[Path]:
    """List the source files below some of the top-level folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES)


def offenders(paths: list[Path], wrong: Callable[[str], object]) -> list[str]:
    """Name the files whose text ``wrong`` objects to."""
    assert paths, "no sources found"
    return [str(path.relative_to(ROOT)) for path in paths if wrong(path.read_text(encoding="utf-8"))]


def test_every_source_names_its_licence() -> None:
    paths = [*sources(*FOLDERS), *(ROOT / name for name in ("setup.py", "pyproject.toml", "dev", ".ci/run"))]
    assert offenders(paths, lambda text: SPDX not in "".join(text.splitlines(keepends=True)[:2])) == []


def test_no_source_is_longer_than_400_lines() -> None:
    assert offenders(sources("convdesk", "extensions"), lambda text: text.count("\n") > 400) == []


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error"])
def test_nothing_is_left_for_later(word: str) -> None:
    assert offenders(sources(*FOLDERS), re.compile(rf"\b{word}\b").search) == []


def test_colours_are_named_in_the_theme_alone() -> None:
    paths = [path for path in sources("convdesk") if path != ROOT / "convdesk/gui/theme.py"]
    assert offenders(paths, re.compile(r"#[0-9A-Fa-f]{6}\b|QColor\(\s*\d").search) == []


def test_every_folder_of_modules_is_a_package() -> None:
    """A folder without ``__init__.py`` works in the source tree and is missing from the wheel."""
    folders = {path.parent for path in (ROOT / "convdesk").rglob("*.py")}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_top_level_is_the_one_that_was_agreed() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    names = {name.split("/")[0] for name in listed if name and not name.startswith(".")}
    folders = {"convdesk", "extensions", "tests", "resources"}
    assert names == folders | {"pyproject.toml", "setup.py", "README.md", "LICENSE", "dev"}
