# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk shot``: the real window as a picture, finished, with or without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import convdesk.desk
from convdesk.document.commands import AddLayer, Pin
from convdesk.gui import theme
from convdesk.gui.shot import ShotError, shoot
from convdesk.network.layers import Filter, MaxPool


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A document with an input, two layers and a pinned number."""
    desk = convdesk.desk.Desk()
    desk.open_sample("camera")
    desk.apply(AddLayer(Filter([[1, 0, -1]] * 3, name="edges")))
    desk.apply(AddLayer(MaxPool((2, 2), name="pool1")))
    desk.apply(Pin((0, 60, 80)))
    path = desk.save(tmp_path / "edges.convdesk")
    desk.close()
    return path


def pixels_of(path: Path) -> np.ndarray:
    """The picture as ``(rows, cols, 3)``."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize(("size", "name"), [((1280, 800), "light"), ((1000, 700), "dark")])
def test_a_picture_of_the_window(document: Path, tmp_path: Path, size: tuple[int, int], name: str) -> None:
    made = shoot(document, tmp_path / "out" / "desk.png", size, name)
    pixels = pixels_of(made)
    assert pixels.shape == (size[1], size[0], 3)
    ground = [int(theme.THEMES[name]["bg"][i : i + 2], 16) for i in (1, 3, 5)]
    assert pixels[size[1] // 2, 4].tolist() == ground
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 500, "there is no photograph in it"
    amber = np.array([int(theme.OVERLAY["field"][i : i + 2], 16) for i in (1, 3, 5)])
    assert (np.abs(pixels.astype(int) - amber).sum(axis=2) < 12).any(), "the pinned number is not marked"


def test_twice_the_same_picture(document: Path, tmp_path: Path) -> None:
    first, second = (shoot(document, tmp_path / f"{i}.png", (1280, 800), "dark") for i in range(2))
    above_the_status_bar = slice(0, 800 - 26)  # which says how long the computation took
    assert np.array_equal(pixels_of(first)[above_the_status_bar], pixels_of(second)[above_the_status_bar])


def test_a_document_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.convdesk"
    path.write_text("{")
    with pytest.raises(ShotError, match=r"broken\.convdesk"):
        shoot(path, tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


def test_settings_are_left_alone(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVDESK_SETTINGS", str(tmp_path / "settings.json"))
    shoot(document, tmp_path / "out.png")
    assert not (tmp_path / "settings.json").exists()


def test_without_a_display(document: Path, tmp_path: Path) -> None:
    """In a process of its own, as on a server: no DISPLAY, no platform chosen."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    out = tmp_path / "out.png"
    program = f"from convdesk.gui.shot import shoot; print(shoot({str(document)!r}, {str(out)!r}, (900, 640)))"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert pixels_of(out).shape == (640, 900, 3)


def test_the_window_without_a_display_is_one_line() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    program = "import sys; from convdesk.gui.app import run; sys.exit(run([]))"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert done.stderr.startswith("convdesk: no display: DISPLAY is not set.")
    assert done.stderr.count("\n") == 1


def test_a_display_that_does_not_answer_is_one_line() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    program = "import sys; from convdesk.gui.app import run; sys.exit(run([]))"
    environment["DISPLAY"] = ":987"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert "':987' does not answer" in done.stderr


def test_missing_libraries_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    from convdesk.gui import preflight

    monkeypatch.setattr(preflight, "CORE", {"libnot-there.so.7": "libnot-there7"})
    line = preflight.obstacle()
    assert line == "Qt needs libnot-there.so.7; on Debian: sudo apt-get install libnot-there7"
