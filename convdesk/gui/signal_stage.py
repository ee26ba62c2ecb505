# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage of signals: input above output on one axis of samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from convdesk.desk import Desk
from convdesk.document.state import INPUT
from convdesk.engine.scheduler import TileResult
from convdesk.geometry import OUTSIDE, Span, source_index
from convdesk.network.layers import Conv, Filter

from . import numbers
from .canvas.plot import SignalPlot
from .eye import Eye
from .frames import Frame
from .pane_parts import ChannelStrip, Chips, Progress
from .parts import Card, Chip, Tool
from .reading import Reading
from .theme import PAD, logical

PANES = ("input", "output")
SHOWN_PADDING = 4096


class SignalStage(QWidget):
    """Signals and methods as :class:`~convdesk.gui.stage.Stage`, as far as they make sense for one axis."""

    hovered = pyqtSignal(str, object)
    clicked = pyqtSignal(str, object)
    stepped = pyqtSignal(int, int)
    channelChosen = pyqtSignal(str, object)
    completed = pyqtSignal(object)

    def __init__(self, desk: Desk, eye: Eye) -> None:
        super().__init__()
        self.desk, self.eye = desk, eye
        self.card = Card("Input and output", "")
        self.badge = Chip("")
        self.plot = SignalPlot()
        self.strip = ChannelStrip("Signal")
        self.holder = QWidget()
        inside = QVBoxLayout(self.holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.plot)
        self.chips, self.progress = Chips(self.holder), Progress(self.holder)
        self.fit_tool = Tool("fit", "Fit", shortcut="F", action=self.plot.fit)
        for widget in (self.badge, self.fit_tool):
            self.card.add_action(widget)
        self.card.add(self.strip)
        self.card.add(self.holder, 1)
        self.card.set_margins(PAD, 4, PAD, 8)
        box: QVBoxLayout = logical(QVBoxLayout(self), margins=(0, 0, 0, 0))
        box.addWidget(self.card)
        self._asked: dict[str, tuple[object, ...]] = {}
        self._values: dict[str, np.ndarray] = {}
        self._generation = dict.fromkeys(PANES, 0)
        self._soon = QTimer(self, singleShot=True, interval=15)
        self._soon.timeout.connect(self._draw)
        self._whole: tuple[object, ...] = ()
        self.plot.hovered.connect(lambda which, at: self.hovered.emit(which, None if at is None else (at,)))
        self.plot.clicked.connect(lambda which, at: self.clicked.emit(which, (at,)))
        self.plot.stepped.connect(lambda by: self.stepped.emit(0, by))
        self.strip.changed.connect(lambda channel: self.channelChosen.emit(INPUT, channel))
        self.progress.late.timeout.connect(self.progress.show_late)

    # ------------------------------------------------------------------------------------------------------- showing
    def layers_shown(self) -> dict[str, str]:
        """What stands above and below."""
        return {"input": INPUT, "output": self.desk.state.chosen}

    def update_view(self) -> None:
        """Show what the document and the eye say."""
        source = self.desk.source
        if source is None or source.kind != "signal":
            self._asked.clear()
            self._values.clear()
            return
        chosen = self.desk.state.chosen
        shape = self.desk.shape_of(chosen)
        title = "Input and output" if chosen != INPUT else "Input"
        self.card.set_title(title, f"{source.name} · {numbers.grouped(source.spatial[0])} samples")
        self.strip.show_channels(source.channels, self.eye.index(INPUT, source.channels))
        stage = next((one for one in self.desk.stages if one.layer.name == chosen), None)
        broken = stage is not None and bool(stage.error)
        self.chips.say("error", f"{chosen} cannot run: {stage.error}." if broken else "", ink="err")
        self.badge.setVisible(bool(self.badge.text()))
        for i, note in enumerate([*source.notes, ("", "")][:2]):
            self.chips.say(f"note{i}", note[0], note[1])
        for pane, layer in self.layers_shown().items():
            self._look(pane, layer)
        if shape is None:
            self._values.pop("output", None)
            self._soon.start()
        self._show_padding()

    def _look(self, pane: str, layer: str) -> None:
        shape = self.desk.shape_of(layer)
        if shape is None:
            self._asked.pop(pane, None)
            self.desk.look_away(pane)
            return
        channels, (samples,) = shape
        wanted = (self.eye.index(layer, channels),)
        asked = (layer, samples, wanted, self.desk.state.source)
        if self._asked.get(pane) != asked:
            old = self._asked.get(pane)
            self._asked[pane] = asked
            if old is None or old[:2] != asked[:2]:
                self._values[pane] = np.full(samples, np.nan, np.float32)
            self.progress.expect()
            self.desk.look(pane, layer, (Span(0, samples),), (1,), wanted)

    def expect(self, layers: Sequence[str]) -> None:
        """New values are on their way."""
        if self.desk.state.chosen in layers:
            self.progress.expect()

    def receive(self, result: TileResult) -> None:
        """Take a piece of a signal."""
        asked = self._asked.get(result.pane)
        if asked is None or asked[0] != result.layer or result.channels != asked[2] or len(result.box) != 1:
            return
        if result.generation < self._generation[result.pane] or result.array is None:
            self.chips.say("error", result.error, ink="err")
            return
        self._generation[result.pane] = result.generation
        span = result.box[0]
        values = self._values.get(result.pane)
        if values is None or span.stop > len(values):
            return
        values[span.start : span.stop] = result.array[0]
        if not self._soon.isActive():
            self._soon.start()
        if self.progress.arrive(result.done / max(result.total, 1)):
            self.completed.emit(result)

    def _draw(self) -> None:
        if "input" not in self._values or self.desk.source is None:
            return
        signal = self._values["input"]
        output = self._values.get("output", np.zeros(0, np.float32))
        frame = self._frame(self.desk.state.chosen)
        at = frame.to_source([0.5])[0] - 0.5
        whole = (self.desk.state.source, len(signal))
        self.plot.set_signals(signal, output, frame.jump[0], at, refit=whole != self._whole)
        self._whole = whole
        self._show_padding()
        bad = int(np.size(output) - np.isfinite(output).sum()) if not self.progress.late.isActive() else 0
        self.chips.say(
            "bad", f"{numbers.grouped(bad)} not finite" if bad else "", "NaN and ∞ are left out of the curve.", "warn"
        )
        drawn = self.plot.drawn_as()
        self.chips.say("drawn", drawn if drawn.startswith("envelope") else "", "Zoom in to see single samples.")

    def _frame(self, layer: str) -> Frame:
        shape = self.desk.shape_of(layer)
        return Frame.of(None if layer == INPUT or shape is None else self.desk.reach(layer), 1)

    def _show_padding(self) -> None:
        chosen = self.desk.state.chosen
        shape = self.desk.shape_of(chosen)
        source = self.desk.source
        if source is None or shape is None or chosen == INPUT or not self.eye.padding or shape[1][0] < 1:
            self.plot.set_padding(0, 0)
            return
        n = source.spatial[0]
        first = self.desk.trace((0, 0), chosen).fields[INPUT][0]
        last = self.desk.trace((0, shape[1][0] - 1), chosen).fields[INPUT][0]
        before, after = max(0, -first.start), max(0, last.stop - n)
        layer = self.desk.state.layer(chosen)
        values = None
        direct = self.desk.input_of(chosen) == INPUT
        signal = self._values.get("input")
        if direct and isinstance(layer, Filter | Conv) and signal is not None and before + after <= SHOWN_PADDING:
            values = tuple(
                np.array([self._padded(signal, p, layer.mode, layer.fill) for p in span])
                for span in (range(-before, 0), range(n, n + after))
            )
        self.plot.set_padding(before, after, values)

    @staticmethod
    def _padded(signal: np.ndarray, position: int, mode: str, fill: float) -> float:
        at = source_index(position, len(signal), mode)
        return fill if at == OUTSIDE else float(signal[at])

    def refresh_display(self) -> None:
        """Signals have no colours."""

    # -------------------------------------------------------------------------------------------------------- tracing
    def show_reading(self, reading: Reading | None, _pinned: tuple[int, ...] | None) -> None:
        """Mark what a number reads."""
        if reading is None or not self.eye.field:
            self.plot.set_field(None)
            self.plot.set_unit(None)
            return
        span = reading.trace.fields[INPUT][0]
        self.plot.set_field((span.start, span.stop))
        self.plot.set_unit(reading.unit[1])

    def eye_changed(self, name: str) -> None:
        """Follow the eye."""
        if name in ("channel", "padding"):
            self.update_view()

    def fit(self) -> None:
        """Show the whole signal."""
        self.plot.fit()

    def set_panes(self, _count: int) -> None:
        """There is always one card."""

    @property
    def zoom(self) -> float:
        """Screen pixels per sample."""
        low, high = self.plot.view()
        return max(self.plot.width(), 1) / max(high - low, 1e-9)

    def zoom_to(self, reading: Reading) -> None:
        """Show the field of a number."""
        span = reading.trace.fields[INPUT][0]
        air = max(len(span), 4)
        self.plot.set_view(span.start - air, span.stop + air)

    def set_zoom(self, zoom: float) -> None:
        """Show so many screen pixels per sample, around the middle."""
        low, high = self.plot.view()
        half = self.plot.width() / max(zoom, 1e-9) / 2
        self.plot.set_view((low + high) / 2 - half, (low + high) / 2 + half)
