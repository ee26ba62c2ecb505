# SPDX-License-Identifier: GPL-3.0-or-later
"""How values become light: a labelled range and a colour map, fitted once and then left alone. Values never change."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from threading import Lock

import numpy as np

from convdesk.document.state import INPUT, Range
from convdesk.engine.scheduler import TileResult
from convdesk.geometry import Box
from convdesk.media.source import Source

NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
KEPT = 4096
"""Values of a tile that are remembered for fitting and for the histogram."""
TILES = 64


@dataclass(frozen=True)
class Display:
    """The mapping of one pane.

    ``map`` is "grey" for values that do not change sign, "tide" (diverging, zero in the middle) for those that do.
    ``colour`` says that three channels may be shown as red, green and blue. ``beyond`` is the share of seen values
    outside the range.
    """

    range: Range
    map: str
    colour: bool
    beyond: float = 0.0


def nice(value: float) -> float:
    """The next round number at or above a positive value."""
    if not value > 0:
        return 1.0
    scale = 10.0 ** floor(log10(value))
    return scale * next((step for step in NICE if value <= step * scale * (1 + 1e-9)), 10.0)


class Ranges:
    """Display ranges of one document's layers, from samples of the tiles that were delivered. Thread-safe.

    A range is fitted to the first whole picture of a layer and then stays, whatever is edited or zoomed into, until it
    is forgotten: what changes on the screen is then the result, not the scale. Which tile came first leaves no trace.
    """

    def __init__(self) -> None:
        self._seen: dict[str, dict[tuple[Box, object], np.ndarray]] = {}
        self._glanced: dict[str, dict[tuple[Box, object], np.ndarray]] = {}
        self._whole: set[str] = set()
        self._fitted: dict[str, Range] = {}
        self._lock = Lock()

    def note(self, result: TileResult, glance: bool = False) -> None:
        """Remember some values of a tile, spread evenly; a glance (a thumbnail) counts while there is nothing else."""
        if result.array is None or result.layer == INPUT or result.array.size == 0:
            return
        flat = result.array.reshape(-1)
        some = flat[:: max(1, flat.size // KEPT)]
        some = some[np.isfinite(some)]
        with self._lock:
            tiles = (self._glanced if glance else self._seen).setdefault(result.layer, {})
            if result.done <= 1:
                tiles.clear()
            tiles[(result.box, result.channels)] = some
            if not glance and result.done == result.total:
                self._whole.add(result.layer)
            while len(tiles) > TILES:
                del tiles[next(iter(tiles))]

    def values(self, layer: str) -> np.ndarray:
        """The remembered values of a layer: what a histogram is made of."""
        with self._lock:
            tiles = list((self._seen.get(layer) or self._glanced.get(layer, {})).values())
        return np.concatenate(tiles) if tiles else np.empty(0, np.float32)

    def forget(self, layer: str | None = None) -> None:
        """Fit a layer again when it is next shown; all of them without a name."""
        with self._lock:
            if layer is None:
                self._fitted.clear()
                self._seen.clear()
                self._glanced.clear()
                self._whole.clear()
            else:
                self._fitted.pop(layer, None)

    def fit(self, layer: str, source: Source | None) -> Range:
        """A round range that holds all but the rarest values; symmetric about zero when they change sign."""
        shown = _natural(source) if source is not None else None
        values = self.values(layer)
        if layer == INPUT or not values.size:
            return shown or Range(0.0, 1.0)
        low, high = (float(v) for v in np.quantile(values, (0.002, 0.998)))
        if shown is not None and _looks_alike(values, shown, high):
            return shown
        if low < 0:
            most = nice(max(-low, high))
            return Range(-most, most)
        return Range(0.0, nice(high))

    def display(self, layer: str, wanted: Range | None, source: Source | None, channels: int) -> Display:
        """The mapping in force: the document's range, else the fitted one."""
        values = self.values(layer)
        with self._lock:
            span = wanted or self._fitted.get(layer)
            whole = layer in self._whole
        if span is None:
            span = self.fit(layer, source)
            if whole:
                with self._lock:
                    self._fitted[layer] = span
        beyond = float(np.mean((values < span.lo) | (values > span.hi))) if values.size else 0.0
        colour = channels == 3 and source is not None and source.kind == "image" and source.channels == 3
        return Display(span, "tide" if span.lo < 0 < span.hi else "grey", colour, beyond)


def _natural(source: Source) -> Range:
    """The input's own range: by convention for 8 and 16 bit; symmetric about zero for data that changes sign."""
    low, high = map(float, source.value_range)
    return Range(-max(-low, high), max(-low, high)) if low < 0 < high else Range(low, high)


def _looks_alike(values: np.ndarray, shown: Range, high: float) -> bool:
    """Whether values are still those of the input, as after a blur or a sharpening: its range then stays."""
    inside = np.mean((values >= shown.lo) & (values <= shown.hi))
    if shown.lo < 0:
        return bool(inside > 0.8 and float(np.abs(values).max()) > 0.75 * shown.hi)
    middle = float(np.mean(values)) - shown.lo
    return bool(shown.lo == 0 and inside > 0.8 and middle > 0.15 * shown.hi and high > 0.75 * shown.hi)
