# SPDX-License-Identifier: GPL-3.0-or-later
"""How long after the hand moves the new exact output is painted: the real window, without a screen.

    python tests/benchmarks/edit_to_paint.py [--moves 60] [--json] [--input FILE] [--size 1280x800]

A tap of a 3 × 3 kernel is dragged by mouse events on the 5400 × 2700 photograph. Every move is timed from the event to
the end of the repaint that shows its result, and the result is compared with the value for the new kernel. With
``--stream`` the events come every 8 ms whether the window is ready or not, as from a hand that does not wait; what is
timed is then each painted result against the newest event it contains.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtCore import QEvent, QObject, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from convdesk.document.commands import kernel_of
from convdesk.gui.main_window import MainWindow
from convdesk.gui.shot import open_window, settle

VIEWS = ("fit", "100 %", "800 %")
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
WARM = 5
PER_EVENT = 0.008


class Paints(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Count."""
        if event is not None and event.type() == QEvent.Type.Paint:
            self.count += 1
        return False


class Bench:
    """A window with a photograph, and a hand on the kernel."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.pane = window.stage.panes["output"]
        self.grid = window.terms.kernel
        self.paints = Paints(self.pane.canvas.viewport())
        self.completed: list[object] = []
        self.pane.completed.connect(self.completed.append)

    def mouse(self, kind: QEvent.Type, at: QPointF) -> None:
        """Send one mouse event to the kernel."""
        held = NONE if kind == QEvent.Type.MouseButtonRelease else LEFT
        button = NONE if kind == QEvent.Type.MouseMove else LEFT
        QApplication.sendEvent(
            self.grid, QMouseEvent(kind, at, self.grid.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
        )

    def look(self, view: str) -> None:
        """Zoom."""
        canvas = self.window.stage.panes["input"].canvas
        rows, cols = canvas.full_shape
        if view == "fit":
            canvas.fit()
        else:
            canvas.set_view(rows * 0.45 + 0.37, cols * 0.52 + 0.41, float(view.split()[0]) / 100)
        settle(self.window)

    def check(self) -> None:
        """What is painted is what the new kernel gives."""
        tile = next(reversed(list(self.pane.canvas.layer)))
        values = tile.values if tile.values.ndim == 2 else tile.values[..., 0]
        i, j = values.shape[0] // 2, values.shape[1] // 2
        at = (tile.origin[0] + i * tile.step[0], tile.origin[1] + j * tile.step[1])
        wanted = self.window.desk.value(self.window.desk.state.chosen, (0, *at))
        assert values[i, j] == np.float32(wanted), (values[i, j], wanted)

    def one(self, at: QPointF) -> float:
        """Seconds from a mouse move to the end of the repaint with its result."""
        before = len(self.completed)
        kernel = kernel_of(self.window.desk.state.layers[-1]).copy()
        started = perf_counter()
        self.mouse(QEvent.Type.MouseMove, at)
        while len(self.completed) == before:
            QApplication.processEvents()
        painted = self.paints.count
        while self.paints.count == painted:
            QApplication.processEvents()
        seconds = perf_counter() - started
        assert not np.array_equal(kernel, kernel_of(self.window.desk.state.layers[-1])), "the move changed nothing"
        self.check()
        return seconds

    def waits(self, moves: int) -> list[float]:
        """Drag, each move when the one before has been painted."""
        start = self.grid.cell_rect(0, 1).center()
        self.mouse(QEvent.Type.MouseButtonPress, start)
        times = []
        for k in range(moves + WARM):
            times.append(self.one(start - QPointF(0, 4 * (k + 1))))
            settle(self.window)
        self.mouse(QEvent.Type.MouseButtonRelease, start)
        settle(self.window)
        self.window.editor.undo()
        settle(self.window)
        return times[WARM:]

    def stream(self, moves: int) -> list[float]:
        """Drag without waiting; seconds from the newest event a painted result contains to that paint."""
        start = self.grid.cell_rect(0, 1).center()
        sent: dict[float, float] = {}
        times: list[float] = []
        seen = self.paints.count
        self.mouse(QEvent.Type.MouseButtonPress, start)
        next_event = perf_counter()
        done = len(self.completed)
        k = 0
        while k < moves:
            now = perf_counter()
            if now >= next_event:
                k += 1
                self.mouse(QEvent.Type.MouseMove, start - QPointF(0, 4 * k))
                sent[round(float(self.grid.values()[0, 1]), 6)] = now
                next_event = now + PER_EVENT
            QApplication.processEvents()
            if len(self.completed) > done and self.paints.count > seen:
                done, seen = len(self.completed), self.paints.count
                contained = self._painted_value()
                event = sent.get(contained)
                if event is not None:
                    times.append(perf_counter() - event)
        self.mouse(QEvent.Type.MouseButtonRelease, start - QPointF(0, 4 * moves))
        settle(self.window)
        self.window.editor.undo()
        settle(self.window)
        return times

    def _painted_value(self) -> float:
        """The dragged tap, from a painted sample: out = x + tap · (sample above), the rest of the kernel is 0."""
        tile = next(reversed(list(self.pane.canvas.layer)))
        values = tile.values if tile.values.ndim == 2 else tile.values[..., 0]
        x = self.window.desk.source
        for i in range(1, values.shape[0] - 1):
            row, col = tile.origin[0] + i * tile.step[0], tile.origin[1] + values.shape[1] // 2 * tile.step[1]
            patch = x.read([(row - 1, row + 1), (col, col + 1)])[0, :, 0]
            if patch[0] >= 20:
                return round(float((values[i, values.shape[1] // 2] - patch[1]) / patch[0]), 1)
        return float("nan")


def summary(times: list[float]) -> dict[str, float]:
    """Median, 95th percentile and count, in milliseconds."""
    ms = np.array(times) * 1e3
    if not ms.size:
        return {"p50": float("nan"), "p95": float("nan"), "count": 0}
    return {
        "p50": round(float(np.percentile(ms, 50)), 2),
        "p95": round(float(np.percentile(ms, 95)), 2),
        "count": len(times),
    }


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--input", type=Path, help="another photograph than the Blue Marble")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--stream", action="store_true", help="do not wait for the window between events")
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    window = open_window([args.input] if args.input else [], (width, height), "dark")
    if not args.input:
        window.files.open_sample("blue_marble")
    settle(window)
    bench = Bench(window)
    results = {}
    for view in VIEWS:
        bench.look(view)
        results[view] = summary(bench.stream(args.moves) if args.stream else bench.waits(args.moves))
    shape = window.desk.source.shape
    window.release()
    if args.json:
        about = {
            "input": list(shape),
            "window": [width, height],
            "python": platform.python_version(),
            "cores": os.cpu_count(),
        }
        print(json.dumps({"benchmark": "edit_to_paint", "milliseconds": results, **about}))
        return 0
    print(f"edit to paint, {shape[1]} × {shape[2]} × {shape[0]}, window {width} × {height}, {os.cpu_count()} cores")
    print(f"{'view':>8}  {'p50 ms':>8}  {'p95 ms':>8}  {'results':>8}")
    for view, found in results.items():
        print(f"{view:>8}  {found['p50']:8.1f}  {found['p95']:8.1f}  {found['count']:8d}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
