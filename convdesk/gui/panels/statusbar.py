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
        self._known: dict[str, tuple[str, float]] = {}
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

    def show_zoom(self, zoom: float | None, pane: str = "") -> None:
        """Show screen pixels per sample of the input, and in whose tooltip which pane is meant; None shows nothing."""
        percent = (zoom or 0.0) * 100
        words = f"Zoom {percent:.0f} %" if percent >= 10 else f"Zoom {percent:.1f} %"
        set_label(self.zoom, words if zoom is not None else "")
        self.zoom.setToolTip(f"Screen pixels per sample of the input{f', in the pane {pane}' if pane else ''}")

    def note(self, result: TileResult) -> None:
        """Remember who computed a layer, and how long it took: a result from the cache does not know any more."""
        if result.layer and result.plan not in ("", "cached"):
            self._known[result.layer] = (result.plan, result.seconds)

    def show_result(self, result: TileResult) -> None:
        """Show who computed the output, and how long it took."""
        self.note(result)
        self.show_layer(result.layer, result.plan == "cached")

    def show_layer(self, layer: str, cached: bool = True) -> None:
        """Show who computed this layer; the input is not computed, and of others only what is known is said."""
        found = next((one for one in self.desk.state.layers if one.name == layer), None)
        known = self._known.get(layer) if found is not None and found.enabled else None
        plan, seconds = known if known is not None else ("", None)
        words = [plan, "float32", "cached" if cached and plan else ""]
        if found is None or not found.enabled:
            words = ["off" if found is not None else ""]
        set_label(self.plan, " · ".join(word for word in words if word))
        set_label(self.time, numbers.seconds(seconds) if seconds is not None else "")

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
