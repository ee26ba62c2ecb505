# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import costs, and that Qt is needed by the window alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from convdesk.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources/samples/demo.convdesk"
PHOTO = ROOT / "resources/samples/camera.png"
HEAVY = ("PyQt6", "pyqtgraph", "PIL", "tifffile", "cupy", "scipy", "dask", "torch", "cv2", "onnx")
BLOCK_QT = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PyQt6", "pyqtgraph"):
            raise ImportError("Qt is blocked here")
sys.meta_path.insert(0, Blocker())
from convdesk.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter with no display."""
    screen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in screen}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=100)


def without_qt(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in an interpreter that cannot import Qt."""
    return python("-c", BLOCK_QT, *arguments)


@pytest.mark.parametrize("module", ["convdesk", "convdesk.desk", "convdesk.cli.main"])
def test_import_costs_numpy_only(module: str) -> None:
    done = python("-c", f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])")
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", ["--help", "--version", *(f"{name} --help" for name in COMMANDS)])
def test_help_needs_no_qt(arguments: str) -> None:
    done = without_qt(*arguments.split())
    assert done.returncode == 0, done.stderr
    assert "convdesk" in done.stdout


def test_info_needs_no_qt() -> None:
    done = without_qt("info", "--json")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)


def test_backends_needs_no_qt() -> None:
    done = without_qt("backends", "--json")
    assert done.returncode == 0, done.stderr
    assert {"numpy", "native"} <= {backend["name"] for backend in json.loads(done.stdout)}


def test_explain_needs_no_qt() -> None:
    done = without_qt("explain", "conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3")
    assert done.returncode == 0, done.stderr
    assert "native:" in done.stdout


def test_run_needs_no_qt(tmp_path: Path) -> None:
    done = without_qt("run", str(DEMO), "--input", str(PHOTO), "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stem.startswith("camera")]


@pytest.mark.parametrize("arguments", [(str(DEMO),), ("shot", str(DEMO), "-o", "never.png")], ids=["window", "shot"])
def test_the_window_says_that_qt_is_missing(arguments: tuple[str, ...]) -> None:
    done = without_qt(*arguments)
    assert done.returncode == 3
    assert "PyQt6" in done.stderr
    assert "Traceback" not in done.stderr
