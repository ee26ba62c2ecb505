# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory for outputs: aligned, and for large arrays huge-paged and used again.

The first touch of fresh memory costs more than most filters do: the system clears it page by page, about 2 GB a
second with pages of 4 KiB. A large array therefore lies in a block of 2-MiB pages, and when the last view of it is
gone the block waits for the next array.

Large arrays begin at changing places of a page. Where two arrays begin at the same one and their rows are a multiple of
a page long, the processor takes a load from one for a load from what was just stored to the other, and waits.
"""

from __future__ import annotations

import mmap
import threading
import weakref
from itertools import cycle
from math import prod
from typing import Any

import numpy as np

LARGE = 4 << 20
PAGE = 2 << 20
ALIGNMENT = 64
COLOURS = (0, 1088, 2176, 3264)
"""Bytes into a page at which successive large arrays begin: multiples of a cache line, a quarter of a page apart."""
SMALL = 4096
BUDGET = 256 << 20


class BufferPool:
    """Blocks of memory that wait for their next use.

    Parameters
    ----------
    budget
        Bytes that may wait. Blocks in use do not count, and blocks beyond it go back to the system.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self._waiting: list[mmap.mmap] = []
        self._colours = cycle(COLOURS)
        # A finaliser may run inside any allocation, also while this very thread holds the lock.
        self._lock = threading.RLock()

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the blocks that wait."""
        return sum(len(block) for block in list(self._waiting))

    def empty(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """A new uninitialised C-contiguous array, aligned to a cache line unless it is very small."""
        dtype = np.dtype(dtype)
        nbytes = prod(shape) * dtype.itemsize
        if nbytes < SMALL:
            return np.empty(shape, dtype)
        if nbytes >= LARGE:
            raw = self._block(nbytes)
            start = -raw.ctypes.data % PAGE + next(self._colours)
        else:
            raw = np.empty(nbytes + ALIGNMENT, np.uint8)
            start = -raw.ctypes.data % ALIGNMENT
        return raw[start : start + nbytes].view(dtype).reshape(shape)

    def _block(self, nbytes: int) -> np.ndarray:
        size = -(-(nbytes + COLOURS[-1]) // PAGE) * PAGE + PAGE
        block = self._take(size) or _map(size)
        raw = np.frombuffer(block, np.uint8)
        weakref.finalize(raw, self._give_back, block).atexit = False
        return raw

    def _take(self, size: int) -> mmap.mmap | None:
        """A waiting block of at least ``size`` and at most twice that, the smallest."""
        with self._lock:
            fitting = [block for block in self._waiting if size <= len(block) <= 2 * size]
            if not fitting:
                return None
            best = min(fitting, key=len)
            self._waiting = [block for block in self._waiting if block is not best]
            return best

    def _give_back(self, block: mmap.mmap) -> None:
        with self._lock:
            if self.waiting_bytes + len(block) <= self.budget:
                self._waiting = [*self._waiting, block]

    def clear(self) -> None:
        """Return all waiting blocks to the system."""
        with self._lock:
            self._waiting = []


def _map(size: int) -> mmap.mmap:
    block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            block.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            return block  # a kernel without huge pages: small ones serve as well, only slower
    return block
