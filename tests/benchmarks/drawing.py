# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to draw: the steps between an array and the screen, each alone, without a screen.

    python tests/benchmarks/drawing.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtWidgets import QApplication

from convdesk.gui import theme
from convdesk.gui.canvas.cells import NumberGrid
from convdesk.gui.canvas.display import Display
from convdesk.gui.canvas.legend import Legend
from convdesk.gui.canvas.overlays import Outline, Tag
from convdesk.gui.canvas.view import Canvas


def best(action: Callable[[], object], times: int = 30) -> float:
    """Least milliseconds of several runs, after one that is not counted."""
    action()
    taken = []
    for _ in range(times):
        start = perf_counter()
        action()
        taken.append(perf_counter() - start)
    return 1e3 * min(taken)


def main() -> None:
    """Print the table."""
    app = QApplication.instance() or QApplication([])
    rng = np.random.default_rng(0)
    picture = rng.normal(0, 50, (700, 1200)).astype(np.float32)
    display = Display(-100, 100, theme.diverging())
    _, buffer = display.image(picture)
    pane = Canvas("Input")
    pane.resize(900, 600)
    pane.show()
    pane.set_full_shape(picture.shape)
    pane.set_image(picture, levels=(-100, 100))
    frame, words, steps = Outline(pane), Tag(pane), count()

    def hover() -> None:
        i = next(steps) % 400
        frame.set_box((100 + i, 200 + i, 122 + i, 222 + i))
        words.place("sees 22 × 22", (100 + i, 200 + i, 122 + i, 222 + i))

    grid = NumberGrid(rng.normal(size=(31, 31)), cell=24)
    grid.resize(grid.sizeHint())
    legend, large = Legend(), np.zeros((2700, 5400), np.float32)
    rows = {
        "map 1200 × 700 values to colours": lambda: display.image(picture, buffer),
        "move the traced field and its tag": hover,
        "draw a 31 × 31 kernel": grid.grab,
        "histogram of 5400 × 2700 values": lambda: legend.set_values(large),
    }
    for name, action in rows.items():
        print(f"{name:36s} {best(action):8.2f} ms")
    pane.close()
    app.processEvents()


if __name__ == "__main__":
    main()
