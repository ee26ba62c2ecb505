# SPDX-License-Identifier: GPL-3.0-or-later
"""Results that were computed before, least recently used last, bounded in bytes. Undo finds its tiles here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

import numpy as np


class Cache:
    """Arrays by key; thread-safe. An array larger than the whole budget is not kept."""

    def __init__(self, budget: int = 512 << 20) -> None:
        self.budget = budget
        self._arrays: OrderedDict[Hashable, np.ndarray] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> np.ndarray | None:
        """The array, now the most recently used; None when it is not there."""
        with self._lock:
            array = self._arrays.get(key)
            if array is not None:
                self._arrays.move_to_end(key)
            return array

    def put(self, key: Hashable, array: np.ndarray) -> None:
        """Keep an array; whoever has not been used for longest makes room."""
        if array.nbytes > self.budget:
            return
        with self._lock:
            old = self._arrays.pop(key, None)
            self._bytes += array.nbytes - (old.nbytes if old is not None else 0)
            self._arrays[key] = array
            while self._bytes > self.budget:
                _, dropped = self._arrays.popitem(last=False)
                self._bytes -= dropped.nbytes

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._bytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._arrays.clear()
            self._bytes = 0
