# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends of other distributions as their authors and users meet them: in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MINE = """
from convdesk.testing import BackendConformance

class TestMine(BackendConformance):
    backend = "{name}"
"""


def python(*arguments: str, plugins: tuple[str, ...], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with some of the plugins installed."""
    paths = os.pathsep.join(str(HERE / f"plugin_{name}") for name in plugins)
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True
    )


def conformance(tmp_path: Path, name: str) -> subprocess.CompletedProcess[str]:
    """An author's three lines, run by pytest."""
    (tmp_path / "test_mine.py").write_text(MINE.format(name=name), encoding="utf-8")
    return python("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "test_mine.py", plugins=(name,), cwd=tmp_path)


def test_three_lines_are_a_conformance_test(tmp_path: Path) -> None:
    done = conformance(tmp_path, "good")
    assert done.returncode == 0, done.stdout
    assert " passed, " in done.stdout


def test_a_backend_that_cannot_be_loaded_fails_its_test(tmp_path: Path) -> None:
    done = conformance(tmp_path, "raising")
    assert done.returncode == 1
    assert "backend 'raising': " in done.stdout
    assert "libraising.so.3" in done.stdout


def test_the_command_line_lists_them_all_and_stops_for_none(tmp_path: Path) -> None:
    done = python(
        "-m", "convdesk.cli.main", "backends", "--json", plugins=("good", "raising", "future"), cwd=tmp_path
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["good"]["available"] and rows["numpy"]["available"]
    assert "libraising.so.3" in rows["raising"]["reason"]
    assert "protocol 99" in rows["future"]["reason"]
    assert set(rows["good"]) == {"name", "available", "reason", "device", "version"}


def test_the_command_line_verifies_one(tmp_path: Path) -> None:
    done = python("-m", "convdesk.cli.main", "backends", "--verify", "good", plugins=("good",), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "good verified" in done.stdout
