# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that knows both threads and Qt: what the desk says becomes Qt signals on the window's thread."""

from __future__ import annotations

from collections import deque
from threading import Lock

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from convdesk.desk import Desk
from convdesk.document.state import DocumentState
from convdesk.engine.scheduler import TileResult


class Bridge(QObject):
    """Signals of a desk.

    Signals: ``changed(old state, new state)``, at once; ``delivered(TileResult)``, on the thread of the window, as soon
    as it comes to it. Tiles wait in one queue and are handed over together, so that a busy window is not flooded with
    events; frozen values are all that crosses.
    """

    changed = pyqtSignal(object, object)
    delivered = pyqtSignal(object)
    _arrived = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._queue: deque[TileResult] = deque()
        self._lock = Lock()
        self._announced = False
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._cuts = [desk.changed.connect(self._changed), desk.delivered.connect(self._delivered)]

    def _changed(self, old: DocumentState, new: DocumentState) -> None:
        self.changed.emit(old, new)

    def _delivered(self, result: TileResult) -> None:
        """Called on a worker thread."""
        with self._lock:
            self._queue.append(result)
            first, self._announced = not self._announced, True
        if first:
            self._arrived.emit()

    def _hand_over(self) -> None:
        with self._lock:
            self._announced = False
            results = list(self._queue)
            self._queue.clear()
        for result in results:
            if self._desk.is_current(result):
                self.delivered.emit(result)

    def pending(self) -> int:
        """Tiles that have not been handed over yet."""
        with self._lock:
            return len(self._queue)

    def release(self) -> None:
        """Hear nothing more."""
        for cut in self._cuts:
            cut()
        with self._lock:
            self._queue.clear()
