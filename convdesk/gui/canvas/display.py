# SPDX-License-Identifier: GPL-3.0-or-later
"""From values to a picture: levels, colour table, QImage. The values themselves are never touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from ..colormaps import Table, grey, luminances

_LIGHT, _DARK = 1.05, 0.0591  # luminance + 0.05 of the two inks, so that text takes the one with more contrast


@dataclass(eq=False)
class Display:
    """A range and a colour map: how a number becomes a colour.

    Attributes
    ----------
    low, high : float
        Values that get the first and the last colour; what lies beyond is shown as these.
    lut : numpy.ndarray
        ``(256, 3)`` uint8; ignored for values with three channels, which are shown as red, green and blue.
    """

    low: float = 0.0
    high: float = 255.0
    lut: Table = field(default_factory=grey)

    def scale(self) -> tuple[float, float]:
        """Return ``k, b`` so that ``v * k + b`` is the index of v's colour, plus a half."""
        low, high = float(self.low), float(self.high)
        if not np.isfinite(low + high):
            low, high = 0.0, 1.0
        if not low < high:
            low, high = low - 0.5, low + 0.5
        k = 255.0 / (high - low)
        return k, 0.5 - low * k

    def codes(self, values: NDArray[Any], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """Return the index of every value's colour, 0 … 255; NaN gives 0."""
        if values.dtype == np.uint8 and self.low == 0 and self.high == 255:
            return values if out is None else _copied(values, out)
        kind = np.float64 if values.dtype in (np.float64, np.int64, np.uint64, np.int32, np.uint32) else np.float32
        k, b = self.scale()
        with np.errstate(all="ignore"):
            scaled = np.multiply(values, kind(k), dtype=kind)
            scaled += kind(b)
            np.fmax(scaled, 0, out=scaled)  # fmax, unlike maximum, turns NaN into 0
            np.minimum(scaled, 255, out=scaled)
        return scaled.astype(np.uint8) if out is None else _copied(scaled, out)

    def image(self, values: NDArray[Any], buffer: NDArray[np.uint8] | None = None) -> tuple[QImage, NDArray[np.uint8]]:
        """Draw values ``(rows, cols)`` or ``(rows, cols, 3)`` as an image of that many pixels.

        Returns
        -------
        QImage
            32 bit; pixels that are NaN are transparent.
        numpy.ndarray
            The buffer, to be given again for an image of the same shape.
        """
        if buffer is None or buffer.shape != values.shape:
            buffer = np.empty(values.shape, np.uint8)
        codes = self.codes(values, buffer)
        rows, cols = values.shape[:2]
        if values.ndim == 3:
            picture = QImage(codes.data, cols, rows, 3 * cols, QImage.Format.Format_RGB888)
        else:
            picture = QImage(codes.data, cols, rows, cols, QImage.Format.Format_Indexed8)
            picture.setColorTable(_words(self.lut.tobytes()))
        missing = not_a_number(values)
        if missing is None:
            return picture.convertToFormat(QImage.Format.Format_RGB32), buffer
        picture = picture.convertToFormat(QImage.Format.Format_ARGB32)
        bits = picture.bits()
        if bits is not None:
            bits.setsize(4 * rows * cols)
            np.frombuffer(bits, np.uint32).reshape(rows, cols)[missing] = 0
        return picture, buffer

    def dark_ink(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell for every value whether dark ink reads better on its colour."""
        codes = self.codes(values)
        if values.ndim == 3:
            light = luminances(codes.reshape(-1, 3)).reshape(values.shape[:2])
        else:
            light = luminances(self.lut)[codes]
        return np.asarray((light + 0.05) ** 2 > _LIGHT * _DARK)


def _copied(values: NDArray[Any], out: NDArray[np.uint8]) -> NDArray[np.uint8]:
    np.copyto(out, values, casting="unsafe")
    return out


@lru_cache(maxsize=32)
def _words(lut: bytes) -> list[int]:
    table = np.frombuffer(lut, np.uint8).reshape(-1, 3).astype(np.uint32)
    return [int(v) for v in 0xFF000000 | (table[:, 0] << 16) | (table[:, 1] << 8) | table[:, 2]]


def not_a_number(values: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return where values are NaN (in any channel), or None when nowhere."""
    if values.dtype.kind != "f":
        return None
    with np.errstate(all="ignore"):
        if not np.isnan(np.sum(values)):  # one pass without an array of its own; inf − inf only costs the second look
            return None
    mask = np.isnan(values)
    mask = mask.any(axis=2) if mask.ndim == 3 else mask
    return mask if mask.any() else None
