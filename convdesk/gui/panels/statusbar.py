# SPDX-License-Identifier: GPL-3.0-or-later
"""The status bar: left what is under the pointer, in data order; right the zoom, who computed, and how long."""

from __future__ import annotations

from PyQt6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from convdesk.desk import Desk
from convdesk.engine.scheduler import TileResult

from .. import numbers
from ..parts import label, row, rule, set_label
from ..reading import Reading
from ..theme import logical


class StatusBar(QStatusBar):
    """One line."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setObjectName("statusBar")
        self.setSizeGripEnabled(False)
        self.source = label("", "sub")
        self.arrow = label("→", "sub")
        self.unit = label("", "sub", ink="rf", weight=500)
        self.busy = label("", "sub")
        self.zoom, self.plan, self.time = label("", "sub"), label("", "sub"), label("", "sub")
        self.source.setToolTip("Row, column from 0: value. For colour, the first channel unless one is chosen.")
        self.zoom.setToolTip("Screen pixels per sample of the input")
        self.plan.setToolTip("Backend and implementation that computed the output; results are float32")
        self.time.setToolTip("Time to compute what the output shows")
        self.unit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.unit.setMinimumWidth(20)
        self._rules = [rule(True), rule(True)]
        line = QWidget()
        left = (self.source, self.arrow, (self.unit, 1), self.busy)
        right = (self.zoom, self._rules[0], self.plan, self._rules[1], self.time)
        line.setLayout(row(*left, *right, spacing=10, margins=(6, 0, 6, 2)))
        self.addWidget(line, 1)
        logical(self, height=26)
        self.arrow.hide()
        for part, name in (
            (self.source, "Under the pointer"),
            (self.zoom, "Zoom"),
            (self.plan, "Backend"),
            (self.time, "Time"),
        ):
            part.setAccessibleName(name)

    def say(self, text: str) -> None:
        """Say something instead of what is under the pointer."""
        set_label(self.source, text)
        self.arrow.hide()
        set_label(self.unit, "")

    def show_reading(self, reading: Reading | None) -> None:
        """Show the questioned number: what is in the input there, and the number itself."""
        self.arrow.setVisible(reading is not None)
        if reading is None:
            set_label(self.source, "")
            set_label(self.unit, "")
            return
        sample = numbers.coordinates(*reading.sample)
        set_label(self.source, f"Input {sample}: {numbers.number(reading.sample_value, 5)}")
        at = numbers.coordinates(*reading.unit[1:])
        shape = self.desk.shape_of(reading.layer)
        channel = f" channel {reading.unit[0]}," if shape is not None and shape[0] > 1 else ""
        set_label(self.unit, f"{reading.layer}{channel} {at}: {self._value(reading)}")
        self.unit.setToolTip(f"{numbers.exact(reading.value)}")

    def _value(self, reading: Reading) -> str:
        return numbers.signed(reading.value, 5) if reading.signed else numbers.number(reading.value, 5)

    def show_source(self, position: tuple[int, ...], value: float) -> None:
        """Show a sample of the input alone."""
        self.say(f"Input {numbers.coordinates(*position)}: {numbers.number(value, 6)}")

    def show_zoom(self, zoom: float) -> None:
        """Show screen pixels per sample."""
        percent = zoom * 100
        set_label(self.zoom, f"Zoom {percent:.0f} %" if percent >= 10 else f"Zoom {percent:.1f} %")

    def show_result(self, result: TileResult) -> None:
        """Show who computed the output, and how long it took."""
        if result.plan == "cached" or not result.layer:
            return  # nothing was computed: what was said of the computation still holds
        set_label(self.plan, f"{result.plan} · float32" if result.plan else "float32")
        set_label(self.time, numbers.seconds(result.seconds))

    def show_progress(self, result: TileResult) -> None:
        """Count tiles while there are many."""
        counting = result.total > 4 and result.done < result.total
        set_label(self.busy, f"{result.done} of {result.total} tiles" if counting else "")

    def show_empty(self, empty: bool) -> None:
        """Say nothing while nothing is open."""
        for part in (self.zoom, self.plan, self.time, *self._rules):
            part.setVisible(not empty)

    def parts(self) -> list[QLabel]:
        """Every label, left to right."""
        return [self.source, self.unit, self.busy, self.zoom, self.plan, self.time]
