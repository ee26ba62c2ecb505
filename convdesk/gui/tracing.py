# SPDX-License-Identifier: GPL-3.0-or-later
"""Which number is questioned: the one under the pointer, else the pinned one. It is read once, all panels show it."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from convdesk.desk import Desk
from convdesk.document.commands import Pin
from convdesk.document.state import INPUT
from convdesk.errors import ConvDeskError

from .eye import Eye
from .frames import Frame
from .reading import Reading, read

Unit = tuple[int, ...]


class Tracer(QObject):
    """Signals: ``read(Reading or None)``, after every change of the unit or of the numbers."""

    read = pyqtSignal(object)

    def __init__(self, desk: Desk, eye: Eye) -> None:
        super().__init__()
        self.desk, self.eye = desk, eye
        self.hovered: Unit | None = None
        self.reading: Reading | None = None
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.read_now)

    @property
    def pinned(self) -> Unit | None:
        """The unit that stays."""
        return self.desk.state.unit

    @property
    def unit(self) -> Unit | None:
        """The unit that is questioned."""
        return self.hovered if self.hovered is not None else self.pinned

    def frame(self, layer: str) -> Frame:
        """Where a layer's output lies on the source."""
        assert self.desk.source is not None
        return Frame.of(None if layer == INPUT else self.desk.reach(layer), len(self.desk.source.spatial))

    def unit_of(self, layer: str, position: Unit) -> Unit | None:
        """The chosen layer's unit that belongs to a position in some layer: itself, or the one centred there."""
        chosen = self.desk.state.chosen
        shape = self.desk.shape_of(chosen)
        here = self.desk.shape_of(layer)
        if shape is None or here is None or chosen == INPUT or self.desk.source is None:
            return None
        channel = self.eye.index(chosen, shape[0])
        if layer == chosen:
            return (channel, *position)
        sample = self.frame(layer).sample_at(position, self.desk.source.spatial)
        return (channel, *self.frame(chosen).unit_at(sample, shape[1]))

    def hover(self, layer: str, position: Unit | None) -> None:
        """The pointer is over a sample, or over none."""
        unit = None if position is None else self.unit_of(layer, position)
        if unit != self.hovered:
            self.hovered = unit
            self.refresh()

    def pin(self, unit: Unit | None) -> None:
        """Pin a unit, or release it."""
        try:
            self.desk.apply(Pin(unit))
        except ConvDeskError:
            return
        self.refresh()

    def click(self, layer: str, position: Unit) -> None:
        """Pin the unit there; the same again releases it."""
        unit = self.unit_of(layer, position)
        self.pin(None if unit == self.pinned else unit)

    def step(self, by: Unit) -> None:
        """Move the pinned unit; the first step pins the one in the middle, or the one under the pointer."""
        shape = self.desk.shape_of(self.desk.state.chosen)
        if shape is None or self.desk.state.chosen == INPUT:
            return
        at = self.pinned or self.hovered
        if at is None:
            at, by = (self.eye.index(self.desk.state.chosen, shape[0]), *(n // 2 for n in shape[1])), (0,) * len(by)
        moved = (min(max(p + d, 0), n - 1) for p, d, n in zip(at[1:], by, shape[1], strict=True))
        self.hovered = None
        self.pin((at[0], *moved))

    def refresh(self) -> None:
        """Read again when the events that wait are done: many changes in one turn are read once."""
        self._soon.start()

    def read_now(self) -> None:
        """Read the unit and tell everybody."""
        self._soon.stop()
        reading = None
        if self.unit is not None:
            try:
                reading = read(self.desk, self.unit)
            except ConvDeskError:
                reading = None  # a layer that cannot run says so itself, in its row
        self.reading = reading
        self.read.emit(reading)
