# SPDX-License-Identifier: GPL-3.0-or-later
"""A TIFF page larger than one wants to hold: each read decodes only the strips or tiles that it touches."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import numpy as np

from convdesk.media.origin import Origin
from convdesk.media.source import Note, Source, display_range

TiffPage = Any  # tifffile.TiffPage, whose published types leave every tag open

_CACHE_BYTES = 128 << 20


class SegmentedSource(Source):
    """Lazy source over the strips or tiles of one TIFF page; the most recently used ones stay decoded.

    Everything needed is taken from ``page`` at once, because its file is closed afterwards. ``keep`` is the number of
    samples that are data, transparency excluded.
    """

    def __init__(
        self, origin: Origin, page: TiffPage, keep: int, notes: tuple[Note, ...], pages: int, selection: str
    ) -> None:
        self._origin, self._selection = origin, selection
        self._lock = threading.Lock()
        self._cache: OrderedDict[int, np.ndarray] = OrderedDict()
        self._cached_bytes = 0
        self._offsets, self._byte_counts = tuple(page.dataoffsets), tuple(page.databytecounts)
        self._decode, self._tables = page.decode, page.jpegtables
        self._planar = page.axes.startswith("S")
        size = (page.imagelength, page.imagewidth)
        self._block = (page.tilelength, page.tilewidth) if page.is_tiled else (page.rowsperstrip, page.imagewidth)
        self._grid = tuple(-(-n // block) for n, block in zip(size, self._block, strict=True))
        self._empty = np.zeros((*self._block, 1 if self._planar else page.samplesperpixel), page.dtype)
        probe = np.asarray(self._segment(0))  # an unknown or damaged encoding shows when the file is opened
        conventional = probe.dtype.kind != "f" and probe.dtype.itemsize <= 2
        note = Note("display range from the first part", "The file is too large to be searched for its extremes.")
        super().__init__(
            kind="image", channels=keep, spatial=size, stored_dtype=page.dtype,
            value_range=display_range(probe), name=origin.name, notes=notes if conventional else (*notes, note),
            path=origin.path, pages=pages,
        )  # fmt: skip

    def _load(self, slices: tuple[slice, ...]) -> np.ndarray:
        rows, columns = slices
        bounds = [(s.start, s.stop) for s in slices]
        out = np.empty((self.channels, *(stop - start for start, stop in bounds)), np.float32)
        spans = [range(lo // block, -(-hi // block)) for (lo, hi), block in zip(bounds, self._block, strict=True)]
        for i in spans[0] if out.size else ():
            for j in spans[1]:
                top, left = i * self._block[0], j * self._block[1]
                a, b = max(rows.start, top), min(rows.stop, top + self._block[0])
                c, d = max(columns.start, left), min(columns.stop, left + self._block[1])
                target = out[:, a - rows.start : b - rows.start, c - columns.start : d - columns.start]
                for channel in range(self.channels if self._planar else 1):
                    piece = self._segment((channel * self._grid[0] + i) * self._grid[1] + j)
                    part = np.moveaxis(piece[a - top : b - top, c - left : d - left], -1, 0)
                    if self._planar:
                        target[channel] = part[0]
                    else:
                        target[...] = part[: self.channels]
        return out[:, :: rows.step, :: columns.step]

    def _segment(self, index: int) -> np.ndarray:
        """Decoded strip or tile (rows, columns, samples)."""
        with self._lock:
            if index in self._cache:
                self._cache.move_to_end(index)
                return self._cache[index]
        size = self._byte_counts[index]
        with self._origin.open() as stream:  # opened anew: reading needs no lock and no handle outlives the source
            stream.seek(self._offsets[index])
            data = stream.read(size)
        if len(data) < size:
            raise self._origin.error("it ends too early; part of the file is missing", "copying it again")
        with self._origin.reading():
            decoded = self._decode(data, index, jpegtables=self._tables)[0] if size else None
        block = self._empty if decoded is None else decoded[0]
        with self._lock:
            self._cache[index] = block
            self._cached_bytes += block.nbytes
            while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
                self._cached_bytes -= self._cache.popitem(last=False)[1].nbytes
        return block

    def _digest(self) -> str:
        return self._origin.fingerprint(self._selection)
