# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of the hand on their way to the desk: one gesture per stroke, at most one edit per frame, nothing lost."""

from __future__ import annotations

from itertools import count
from time import monotonic

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from convdesk.desk import Desk
from convdesk.document.commands import Command, SetTaps
from convdesk.errors import ConvDeskError

FRAME = 0.015
"""Seconds between two edits of one gesture."""


class Editor(QObject):
    """Applies commands and says why one is impossible.

    Signals: ``refused(sentence)``, ``settled()`` when a gesture or a single edit is over.
    """

    refused = pyqtSignal(str)
    settled = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._ids = count(1)
        self._gesture: str | None = None
        self._waiting: dict[str, SetTaps] = {}
        self._last = 0.0
        self._frame = QTimer(self, singleShot=True)
        self._frame.timeout.connect(self.flush)

    @property
    def busy(self) -> bool:
        """Whether a gesture is going on."""
        return self._gesture is not None

    def apply(self, command: Command, quiet: bool = False) -> str:
        """Make one edit; returns the sentence why not, and announces it unless ``quiet``."""
        self.flush()
        try:
            self.desk.apply(command, self._gesture)
        except ConvDeskError as error:
            sentence = str(error)
            if not quiet:
                self.refused.emit(sentence)
            return sentence
        if self._gesture is None:
            self.settled.emit()
        return ""

    def begin(self) -> None:
        """The hand comes down: edits until ``end`` are one entry of the history."""
        self.end()
        self._gesture = f"gesture {next(self._ids)}"

    def push(self, command: SetTaps) -> None:
        """Make this edit in this frame or the next; taps of one frame become one edit."""
        before = self._waiting.get(command.name)
        if before is not None and before.plane == command.plane:
            taps = {**dict(before.taps), **dict(command.taps)}
            command = SetTaps(command.name, tuple(taps.items()), command.plane)
        self._waiting[command.name] = command
        wait = FRAME - (monotonic() - self._last)
        if wait <= 0:
            self.flush()
        elif not self._frame.isActive():
            self._frame.start(max(1, round(wait * 1000)))

    def flush(self) -> None:
        """Make the edits that wait."""
        self._frame.stop()
        waiting, self._waiting = self._waiting, {}
        for command in waiting.values():
            self._last = monotonic()
            try:
                self.desk.apply(command, self._gesture)
            except ConvDeskError as error:
                self.refused.emit(str(error))

    def end(self) -> None:
        """The hand is lifted."""
        self.flush()
        if self._gesture is not None:
            self._gesture = None
            self.desk.end_gesture()
            self.settled.emit()

    def cancel(self) -> None:
        """Take back everything since ``begin``."""
        self._waiting.clear()
        self._frame.stop()
        if self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            self.desk.cancel_gesture(gesture)
            self.settled.emit()

    def undo(self) -> None:
        """Take back the last edit."""
        self._travel(self.desk.undo)

    def redo(self) -> None:
        """Make it again."""
        self._travel(self.desk.redo)

    def _travel(self, move: object) -> None:
        self.end()
        try:
            move()  # type: ignore[operator]
        except ConvDeskError as error:
            self.refused.emit(str(error))
        self.settled.emit()
