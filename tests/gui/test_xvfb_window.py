# SPDX-License-Identifier: GPL-3.0-or-later
"""The program itself on a real X server, under a window manager, used with the display's pointer and keyboard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.xvfb

PROGRAM = """
import json, sys
from pathlib import Path
from PyQt6.QtCore import QTimer
from convdesk.gui import app
from convdesk.gui.main_window import MainWindow
from convdesk.document.commands import kernel_of

state, real = Path(sys.argv[1]), MainWindow.__init__

def built(self, *args, **options):
    real(self, *args, **options)
    self.setGeometry(40, 40, 1100, 700)
    self.reporter = QTimer(self, interval=50)
    self.reporter.timeout.connect(lambda: report(self))
    self.reporter.start()

def report(w):
    layers = w.desk.state.layers
    grid, canvas, tracer = w.terms.kernel, w.stage.panes["output"].canvas, w.tracer
    def place(widget, at):
        there = widget.mapToGlobal(at)
        return [there.x(), there.y()]
    shown = canvas.value_at(*tracer.unit[1:]) if tracer.unit else None
    told = {
        "kernel": kernel_of(layers[0]).tolist() if layers else None,
        "names": [layer.name for layer in layers],
        "cells": [[place(grid, grid.cell_rect(r, c).center().toPoint()) for c in range(3)] for r in range(3)],
        "output": place(canvas, canvas.rect().center()),
        "unit": list(tracer.unit) if tracer.unit else None,
        "pinned": list(tracer.pinned) if tracer.pinned else None,
        "value": tracer.reading.value if tracer.reading else None,
        "shown": None if shown is None else float(shown),
        "visible": w.isVisible(), "size": [w.width(), w.height()], "search": w.search.isVisible(),
        "focus": type(w.focusWidget()).__name__, "active": w.isActiveWindow(), "stage": w.stage.isVisible(),
    }
    part = state.with_suffix(".part")
    part.write_text(json.dumps(told))
    part.replace(state)

MainWindow.__init__ = built
sys.exit(app.run(sys.argv[2:], "light"))
"""


class Screen:
    """The running program, its report, and xdotool."""

    def __init__(self, process: subprocess.Popen[str], state: Path) -> None:
        self.process, self.state = process, state

    def told(self) -> dict:
        """What the program says of itself now."""
        try:
            return json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}

    def press(self, key: str, condition: Callable[[dict], object], what: str) -> dict:
        """Press a key until the program is so; on a loaded machine one press has been seen to have no effect."""
        for _ in range(3):
            self.do("key", key)
            try:
                return self.until(condition, what, 7)
            except AssertionError as error:
                missed = error
        raise missed

    def until(self, condition: Callable[[dict], object], what: str, seconds: float = 20) -> dict:
        """Wait until the program is so."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            told = self.told()
            if told and condition(told):
                return told
            assert self.process.poll() is None, f"the program ended: {self.process.communicate()}"
            time.sleep(0.03)
        raise AssertionError(f"never: {what}; last {self.told()}")

    def do(self, *words: object) -> None:
        """One xdotool command."""
        subprocess.run(["xdotool", *map(str, words)], check=True, timeout=20)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """The program with a photograph of 48 × 64 random pixels."""
    if shutil.which("xdotool") is None:
        pytest.skip("needs xdotool")
    from PIL import Image

    photo, state, program = tmp_path / "photo.png", tmp_path / "state.json", tmp_path / "program.py"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (48, 64), np.uint8)).save(photo)
    program.write_text(PROGRAM)
    environment = {**os.environ, "CONVDESK_SETTINGS": str(tmp_path / "settings.json"), "QT_QPA_PLATFORM": "xcb"}
    command = [sys.executable, str(program), str(state), str(photo)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    running = Screen(process, state)
    running.until(lambda told: told["stage"] and told["active"] and told["names"], "the window is open", 60)
    yield running
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_the_window_opens_with_the_photograph(screen: Screen) -> None:
    told = screen.told()
    assert told["names"] == ["filter1"]
    assert told["size"][0] >= 800 and told["visible"]


def test_drag_hover_type_undo_and_quit(screen: Screen) -> None:
    told = screen.until(lambda t: t["cells"][0][1][0] > 0, "cells are placed")
    x, y = told["cells"][0][1]
    screen.do("mousemove", x, y)
    screen.do("mousedown", 1)
    for k in range(1, 6):
        screen.do("mousemove", x, y - 4 * k)
    screen.do("mouseup", 1)
    told = screen.until(lambda t: t["kernel"][0][1] == pytest.approx(0.5), "the dragged cell is 0.5")

    screen.do("mousemove", *told["output"])
    screen.do("mousemove_relative", 3, 3)
    told = screen.until(lambda t: t["unit"] is not None, "a number is questioned")
    told = screen.until(
        lambda t: t["shown"] is not None and t["shown"] == t["value"], "the painted number is the value"
    )
    screen.do("click", 1)
    told = screen.until(lambda t: t["pinned"] == t["unit"] is not None, "the number is pinned")
    screen.press("Down", lambda t: t["pinned"][1] == told["pinned"][1] + 1, "the arrow moved the pin one row")
    screen.press("Escape", lambda t: t["pinned"] is None, "Esc released it")

    screen.do("key", "ctrl+z")
    screen.until(lambda t: t["kernel"][0][1] == 0, "undone")
    screen.do("key", "ctrl+shift+z")
    screen.until(lambda t: t["kernel"][0][1] == pytest.approx(0.5), "done again")

    screen.do("key", "ctrl+shift+p")
    screen.until(lambda t: t["search"], "the search is open")
    screen.do("type", "max pool")
    screen.do("key", "Return")
    screen.until(lambda t: t["names"] == ["filter1", "pool1"], "a pool was added")
    screen.do("key", "ctrl+z")
    screen.until(lambda t: t["names"] == ["filter1"], "and taken back")


def test_wheel_zooms_and_typing_in_the_kernel(screen: Screen) -> None:
    told = screen.told()
    screen.do("mousemove", *told["cells"][0][0])
    screen.do("click", 1)
    screen.until(lambda t: t["focus"] == "NumberGrid", "the kernel has the focus")
    screen.do("type", "7")
    screen.do("key", "Return")
    screen.until(lambda t: t["kernel"][0][0] == 7, "7 was typed")
    screen.do("key", "r")
    screen.until(lambda t: t["kernel"][0] == [0, 0, 7], "R mirrors")


def test_an_untouched_window_closes_at_once_and_ends(screen: Screen) -> None:
    screen.do("key", "ctrl+q")
    assert screen.process.wait(20) == 0
    out, err = screen.process.communicate()
    assert (out, err) == ("", "")
