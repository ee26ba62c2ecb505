# SPDX-License-Identifier: GPL-3.0-or-later
"""The window on a real X server: pointer and keys come from outside, through the server and the window manager."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QApplication, QWidget

import convdesk as cd
from convdesk.document.commands import kernel_of

pytestmark = [pytest.mark.gui, pytest.mark.xvfb]
PATIENCE = 30_000
"""Milliseconds; a busy machine is slow, a broken window never answers."""
DEMO = Path(__file__).resolve().parents[2] / "resources/samples/demo.convdesk"


def xdotool(*words: object) -> str:
    """Run xdotool and return what it prints."""
    return subprocess.run(["xdotool", *map(str, words)], check=True, capture_output=True, text=True, timeout=30).stdout


def screen(widget: QWidget, at: QPointF) -> tuple[int, int]:
    """A point of a widget in the pixels of the X server."""
    place = widget.mapToGlobal(at)
    return round(place.x()), round(place.y())


@pytest.fixture
def real(hand, qtbot):
    """The window with the impulse open, shown, and active."""
    assert QApplication.platformName() == "xcb"
    qtbot.waitExposed(hand.window)
    qtbot.waitUntil(hand.window.isActiveWindow, timeout=PATIENCE)
    return hand


def kernel(hand) -> np.ndarray:
    """The kernel on the desk."""
    return kernel_of(hand.desk.state.layer("filter1"))


def test_the_pointer_drags_a_cell_and_the_output_follows(real, qtbot) -> None:
    x, y = screen(real.window.terms.kernel, real.cell(0, 1))
    xdotool("mousemove", x, y, "mousedown", 1)
    for step in range(1, 5):
        xdotool("mousemove", x, y - 10 * step)
    xdotool("mouseup", 1)
    qtbot.waitUntil(lambda: kernel(real)[0, 1] == pytest.approx(1.0), timeout=PATIENCE)
    expected = cd.correlate(real.desk.source.array()[0], kernel(real).astype(np.float32), "same")
    assert np.array_equal(real.picture("output"), expected)


def test_keys_type_a_kernel_and_take_it_back(real, qtbot) -> None:
    before = kernel(real).copy()
    xdotool("key", "k")
    qtbot.waitUntil(real.window.terms.kernel.hasFocus, timeout=PATIENCE)
    real.window.terms.kernel.set_focus_cell(0, 0)
    xdotool("key", "minus", "3", "Return")
    qtbot.waitUntil(lambda: kernel(real)[0, 0] == -3, timeout=PATIENCE)
    xdotool("key", "ctrl+z")
    qtbot.waitUntil(lambda: np.array_equal(kernel(real), before), timeout=PATIENCE)


def test_the_pointer_asks_an_output_pixel_what_it_sees(real, qtbot) -> None:
    widget, at = real.pixel("output", 16, 17)
    xdotool("mousemove", *screen(widget, at))
    qtbot.waitUntil(
        lambda: real.window.tracer.reading is not None and real.window.tracer.reading.unit == (0, 16, 17),
        timeout=PATIENCE,
    )


def test_the_program_opens_the_demo_and_quits_by_its_key(tmp_path: Path, qtbot) -> None:
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "convdesk.cli.main", str(DEMO)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as program:
        try:
            found = xdotool("search", "--sync", "--onlyvisible", "--pid", program.pid, "--name", "demo").split()
            xdotool("windowactivate", "--sync", found[0], "key", "ctrl+q")
            qtbot.waitUntil(lambda: program.poll() is not None, timeout=PATIENCE)
        finally:
            program.kill()
        assert program.returncode == 0, program.stderr.read()
