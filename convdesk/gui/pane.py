# SPDX-License-Identifier: GPL-3.0-or-later
"""One picture of the stage: title, shape, channels, canvas with overlays, legend. It shows tiles and asks for boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from convdesk.document.state import INPUT
from convdesk.engine.scheduler import TileResult
from convdesk.geometry import Box, Span
from convdesk.lab.ranges import Display

from . import numbers
from .canvas.legend import Legend
from .canvas.minimap import Minimap
from .canvas.view import Canvas
from .eye import Channel
from .overlays import Overlays
from .pane_parts import ChannelStrip, Chips, Progress
from .parts import Card, Chip, Tool
from .theme import PAD, logical, px, table

HISTOGRAM_MS = 80


@dataclass(frozen=True)
class Subject:
    """What a pane shows: the output of a layer, along two of its axes.

    Attributes
    ----------
    layer, channels, spatial
        The layer (``""`` for the input) and the shape of its output.
    channel
        ``"rgb"`` or one channel.
    axes : (int, int)
        The spatial axes that run down and to the right.
    at : tuple of int
        Position on every axis; only those that are not shown count.
    """

    layer: str
    channels: int
    spatial: tuple[int, ...]
    channel: Channel
    axes: tuple[int, int] = (0, 1)
    at: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.spatial[self.axes[0]], self.spatial[self.axes[1]]

    @property
    def wanted(self) -> tuple[int, ...]:
        """The channels to ask for."""
        return (0, 1, 2) if self.channel == "rgb" else (int(self.channel),)

    def position(self, row: int, col: int) -> tuple[int, ...]:
        """A pixel as a position on all spatial axes."""
        at = list(self.at) if self.at else [0] * len(self.spatial)
        at[self.axes[0]], at[self.axes[1]] = row, col
        return tuple(at)

    def flat(self, box: Box) -> tuple[int, int, int, int] | None:
        """A box as rows and columns of the picture; None when it does not meet the slice."""
        for axis, span in enumerate(box):
            if axis not in self.axes and self.at[axis] not in span:
                return None
        rows, cols = box[self.axes[0]], box[self.axes[1]]
        return rows.start, cols.start, rows.stop, cols.stop


class Pane(Card):
    """A picture.

    Signals: ``looked()`` when other samples are wanted, ``hovered(position or None)``,
    ``clicked(position)``, ``doubleClicked(position)``, ``stepped(rows, cols)``, ``stroked(Stroke)``,
    ``channelChosen(channel)``, ``rangeChanged(low, high, phase)``, ``fitRangeRequested()``, and
    ``completed(TileResult)`` when all that is shown is there.
    """

    looked = pyqtSignal()
    hovered = pyqtSignal(object)
    clicked = pyqtSignal(object)
    doubleClicked = pyqtSignal(object)
    stepped = pyqtSignal(int, int)
    stroked = pyqtSignal(object)
    channelChosen = pyqtSignal(object)
    rangeChanged = pyqtSignal(float, float, str)
    fitRangeRequested = pyqtSignal()
    completed = pyqtSignal(object)

    def __init__(self, role: str, title: str) -> None:
        super().__init__(title)
        self.role = role
        self.setObjectName("card")
        self.subject: Subject | None = None
        self.step = (1, 1)
        self._generation = 0
        self.ring_key: object = None
        self._fresh: set[object] = set()
        self.canvas = Canvas(title)
        self.legend = Legend(f"{title}, colour scale")
        self.strip = ChannelStrip(title)
        self.badge = Chip("")
        self.badge.hide()
        self.holder = QWidget()
        inside = QVBoxLayout(self.holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.canvas)
        self.chips, self.progress = Chips(self.holder), Progress(self.holder)
        self.minimap = Minimap(self.holder, "bl")
        self.minimap.hide()
        self.over = Overlays(self.canvas)
        self.fit_tool = Tool("fit", "Fit", shortcut="F", action=self.canvas.fit)
        self.add_action(self.badge)
        self.add_action(self.fit_tool)
        self.add(self.strip)
        self.add(self.holder, 1)
        self.add(self.legend)
        self.set_margins(PAD, 4, PAD, 6)
        self._histogram = QTimer(self, singleShot=True, interval=HISTOGRAM_MS)
        self._histogram.timeout.connect(self._count)
        self._wire()

    def _wire(self) -> None:
        canvas = self.canvas
        canvas.viewChanged.connect(self._view_changed)
        canvas.hovered.connect(lambda r, c: self._tell(self.hovered, r, c))
        canvas.clicked.connect(lambda r, c, _keys: self._tell(self.clicked, r, c))
        canvas.doubleClicked.connect(lambda r, c: self._tell(self.doubleClicked, r, c))
        canvas.stepped.connect(self.stepped)
        canvas.dragged.connect(lambda stroke: self.subject is not None and self.stroked.emit(stroke))
        self.strip.changed.connect(self.channelChosen)
        self.legend.rangeChanged.connect(self.rangeChanged)
        self.legend.fitRequested.connect(self.fitRangeRequested)
        self.legend.resetRequested.connect(self.fitRangeRequested)
        self.progress.late.timeout.connect(self._late)
        self.minimap.movedTo.connect(lambda r, c: self.canvas.centre_on(r, c))

    def _tell(self, signal: Any, row: int | None, col: int | None) -> None:
        """Say a pixel as a position of the subject; nothing where there is no subject."""
        if self.subject is None and row is not None:
            return
        outside = row is None or col is None or self.subject is None
        signal.emit(None if outside else self.subject.position(row, col))

    # ------------------------------------------------------------------------------------------------- what to show
    def show_subject(self, subject: Subject | None, name: str, display: Display | None) -> None:
        """Show another subject, or nothing; tiles of another layer or shape are dropped at once."""
        old, self.subject = self.subject, subject
        if subject is None:
            self.canvas.layer.clear()
            self.canvas.data_changed()
            self.sub.setText(name)
            self.strip.show_channels(1, 0)
            self.chips.say("stale", "")
            self.progress.arrive(1)
            self.legend.set_values(None)
            self.legend.set_here(None)
            return
        same = old is not None and (old.layer, old.spatial, old.axes) == (subject.layer, subject.spatial, subject.axes)
        if not same:
            self.canvas.layer.clear()
            self._fresh.clear()
            self.minimap.hide()
        elif old is not None and old.channel != subject.channel and "rgb" in (old.channel, subject.channel):
            self.canvas.layer.clear()  # a grey picture under a colour table and a colour one do not mix
        self.canvas.set_full_shape(subject.shape)
        self.sub.setText(f"{name} · {numbers.size(subject.spatial)}")
        self.sub.setToolTip(f"{name}: {subject.channels} channels of {numbers.size(subject.spatial)}, row × column")
        self.strip.show_channels(subject.channels, subject.channel, display is not None and display.colour)
        if display is not None:
            self.show_display(display)
        if old != subject:
            self.expect()
            self.looked.emit()

    def show_display(self, display: Display) -> None:
        """Show values with another range or colour map."""
        colour = self.subject is not None and self.subject.channel == "rgb"
        lut, (low, high) = table("grey" if colour else display.map), (display.range.lo, display.range.hi)
        self.canvas.set_display((low, high), lut)
        self.legend.set_scale(lut, low, high)

    def expect(self) -> None:
        """Other values are on their way."""
        self.progress.expect()

    def request(self) -> tuple[Box, tuple[int, ...], tuple[int, ...]] | None:
        """What to ask the desk for: box, step, channels; None when nothing is visible."""
        if self.subject is None:
            return None
        r0, c0, r1, c1 = self.canvas.visible_box()
        if r0 >= r1 or c0 >= c1:
            return None
        every = 1
        while every * 2 <= 1 / self.canvas.zoom + 1e-9:
            every *= 2
        self.step = (every, every)
        box = [Span(at, at + 1) for at in self.subject.position(0, 0)]
        steps = [1] * len(box)
        for axis, span in zip(self.subject.axes, (Span(r0, r1), Span(c0, c1)), strict=True):
            box[axis], steps[axis] = span, every
        return tuple(box), tuple(steps), self.subject.wanted

    # --------------------------------------------------------------------------------------------------- what comes
    def receive(self, result: TileResult) -> None:
        """Show a tile that was computed; older ones than those shown are dropped."""
        subject = self.subject
        if subject is None or result.layer != subject.layer or result.generation < self._generation:
            return
        if result.channels != subject.wanted or len(result.box) != len(subject.spatial):
            return
        if result.generation > self._generation:
            self._generation = result.generation
            self._fresh.clear()
        if result.array is not None:
            self._add(result.array, result)
        self.chips.say("error", result.error, ink="err")
        if self.progress.arrive(result.done / max(result.total, 1)):
            for key in set(self.canvas.layer.keys()) - self._fresh:
                self.canvas.layer.remove(key)
            self.chips.say("stale", "")
            every = max(result.step)
            tip = "Zoomed out: what is shown are single exact values, not means. Zoom in to see the others."
            self.chips.say("sampled", f"every {ordinal(every)} pixel, exact" if every > 1 else "", tip)
            self.completed.emit(result)
        self.canvas.data_changed()
        if not self._histogram.isActive():
            self._histogram.start()

    def _add(self, array: np.ndarray, result: TileResult) -> None:
        assert self.subject is not None
        rows, cols = self.subject.axes
        hidden = tuple(a for a in range(len(self.subject.spatial)) if a not in (rows, cols))
        index: list[Any] = [slice(None)] * array.ndim
        for axis in hidden:
            index[axis + 1] = min(max(self.subject.at[axis] - result.box[axis].start, 0), array.shape[axis + 1] - 1)
        flat = array[tuple(index)]
        if rows > cols:
            flat = flat.swapaxes(1, 2)
        picture = np.moveaxis(flat, 0, 2) if self.subject.channel == "rgb" else flat[0]
        origin = (result.box[rows].start, result.box[cols].start)
        key = (origin, result.step, picture.shape)
        self._fresh.add(key)
        self.canvas.layer.add(key, picture, origin, (result.step[rows], result.step[cols]))

    def _late(self) -> None:
        self.progress.show_late()
        if len(self.canvas.layer):
            self.canvas.layer.mark_stale()
            self.chips.say(
                "stale", "Stale", "The picture is from before the last change; the new one is being computed."
            )

    def shown(self) -> list[np.ndarray]:
        """The arrays on screen."""
        return [tile.values for tile in self.canvas.layer]

    def _count(self) -> None:
        """Histogram and what is not a number, a few times a second at most."""
        tiles = self.shown()
        if not tiles:
            return
        part = max(1, sum(tile.size for tile in tiles) // 65536)
        sample = np.concatenate([tile.ravel()[::part] for tile in tiles])
        self.legend.set_values(sample)
        finite = [int(np.isfinite(tile).sum()) for tile in tiles]
        bad = sum(tile.size for tile in tiles) - sum(finite)
        text = ""
        if bad:
            nan = sum(int(np.isnan(tile).sum()) for tile in tiles)
            said = [f"{numbers.grouped(n)} {what}" for n, what in ((nan, "NaN"), (bad - nan, "∞")) if n]
            text = ", ".join(said)
        self.chips.say("bad", text, "Values on screen that are not finite numbers; NaN is drawn as a cross.", "warn")

    # ------------------------------------------------------------------------------------------------------- moving
    def _view_changed(self, _box: object, _pixel: float) -> None:
        if self.subject is not None:
            self.looked.emit()
            self._show_minimap()

    def _show_minimap(self) -> None:
        box = self.canvas.visible_box()
        rows, cols = self.canvas.full_shape
        whole = box == (0, 0, rows, cols)
        has = self.minimap.property("has") is True
        self.minimap.setVisible(has and not whole and self.holder.width() > px(220) and self.holder.height() > px(160))
        self.minimap.set_region(box)

    def set_overview(self, picture: np.ndarray, levels: tuple[float, float], lut: np.ndarray) -> None:
        """Take the small picture of the whole for the minimap."""
        if self.role != "input":
            return
        self.minimap.set_full_shape(self.canvas.full_shape)
        self.minimap.set_image(picture, lut, levels)
        self.minimap.setProperty("has", True)
        self._show_minimap()

    def say_notes(self, notes: Sequence[tuple[str, str]]) -> None:
        """Say what was converted on the way in."""
        for i in range(4):
            text, tip = notes[i] if i < len(notes) else ("", "")
            self.chips.say(f"note{i}", text, tip)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep what floats in its place."""
        super().resizeEvent(event)
        self.progress.setFixedWidth(max(1, self.holder.width()))


def ordinal(n: int) -> str:
    """Write 2nd, 3rd, 8th."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th") if n % 100 not in (11, 12, 13) else "th"
    return f"{n}{ending}"


__all__ = ["INPUT", "Pane", "Subject", "logical", "ordinal"]
