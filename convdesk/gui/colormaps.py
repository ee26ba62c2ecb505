# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour maps as 256 × 3 tables, and the contrast of two colours. Qt-free.

The anchors come from :mod:`convdesk.gui.theme`; here they are joined in OKLab so that equal steps of value are equal
steps of light. OKLab: Björn Ottosson, "A perceptual color space for image processing", 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]

_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(colour: str) -> NDArray[np.float64]:
    """Split ``#RRGGBB`` into three numbers in 0…1."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def linear(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Undo the transfer curve of sRGB."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Apply the transfer curve of sRGB to linear light."""
    light = np.clip(light, 0, 1)
    return np.clip(np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055), 0, 1)


def to_oklab(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert sRGB in 0…1, last axis 3, to OKLab."""
    return np.cbrt(linear(srgb) @ _TO_CONE.T) @ _TO_LAB.T


def from_oklab(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert OKLab to sRGB in 0…1, clipped to what a screen shows."""
    return encoded((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONE).T)


def luminance(colour: str | Sequence[int]) -> float:
    """Relative luminance (WCAG 2) of ``#RRGGBB`` or of three numbers in 0…255."""
    c = rgb(colour) if isinstance(colour, str) else np.asarray(colour, float)[:3] / 255
    return float(linear(c) @ [0.2126, 0.7152, 0.0722])


def contrast(a: str | Sequence[int], b: str | Sequence[int]) -> float:
    """Contrast ratio (WCAG 2) of two colours: 1 for equal ones, 21 for black on white."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def luminances(table: Table) -> NDArray[np.float64]:
    """Relative luminance of every row of a table."""
    return linear(table / 255.0) @ np.array([0.2126, 0.7152, 0.0722])


@cache
def lut(anchors: tuple[str, ...], diverging: bool = False, size: int = 256) -> Table:
    """Join anchors to a table of colours.

    Parameters
    ----------
    anchors : tuple of str
        Colours at equal distances from the first to the last entry.
    diverging : bool
        Lightness runs straight from the middle anchor to each end, instead of from end to end.
    size : int
        Number of rows.

    Returns
    -------
    numpy.ndarray
        ``(size, 3)``, uint8, read-only.
    """
    lab = to_oklab(np.array([rgb(a) for a in anchors]))
    at, t = np.linspace(0, 1, len(anchors)), np.linspace(0, 1, size)
    turns = [0, len(anchors) // 2, len(anchors) - 1] if diverging else [0, len(anchors) - 1]
    light = np.interp(t, at[turns], lab[turns, 0])
    table = from_oklab(np.stack([light, np.interp(t, at, lab[:, 1]), np.interp(t, at, lab[:, 2])], axis=1))
    return _frozen((table * 255 + 0.5).astype(np.uint8))


@cache
def grey() -> Table:
    """Black to white, linear in the stored value."""
    return _frozen(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))


@cache
def borrowed(name: str) -> Table | None:
    """Return a map that pyqtgraph brings along (viridis, cividis, magma), or None where it does not."""
    import pyqtgraph as pg

    try:
        found = pg.colormap.get(name)
    except (FileNotFoundError, KeyError):
        return None
    return _frozen(np.ascontiguousarray(found.getLookupTable(nPts=256)[:, :3], dtype=np.uint8)) if found else None


def _frozen(table: Table) -> Table:
    table.flags.writeable = False
    return table
