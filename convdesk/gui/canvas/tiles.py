# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact samples on a canvas, tile by tile. What is old is shown fainter and marked, and never read as a number."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPolygonF
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from ..colormaps import Table
from ..theme import overlay, px
from .display import Display

Box = tuple[int, int, int, int]
STALE_OPACITY = 0.6


class Tile(QGraphicsItem):
    """One array of samples: sample [i, j] covers ``step`` pixels from ``origin + step * (i, j)``."""

    def __init__(self, parent: QGraphicsItem, display: Display) -> None:
        super().__init__(parent)
        self.display = display
        self.values: NDArray[Any] = np.zeros((1, 1), np.float32)
        self.origin, self.step, self.stale = (0, 0), (1, 1), False
        self._image: Any = None
        self._buffer: NDArray[np.uint8] | None = None

    def show_values(self, values: NDArray[Any], origin: tuple[int, int], step: tuple[int, int]) -> None:
        """Take other samples."""
        if (origin, step, values.shape[:2]) != (self.origin, self.step, self.values.shape[:2]):
            self.prepareGeometryChange()
        self.values, self.origin, self.step, self.stale = values, origin, step, False
        self.setOpacity(1.0)
        self.refresh()

    def refresh(self) -> None:
        """Draw again from the values, when next on screen."""
        self._image = None
        self.update()

    def age(self) -> None:
        """Mark as old."""
        self.stale = True
        self.setOpacity(STALE_OPACITY)

    def box(self) -> Box:
        """Return the pixels covered, half-open: first row, first column, last row, last column."""
        (r, c), (rows, cols) = self.origin, self.values.shape[:2]
        return r, c, r + rows * self.step[0], c + cols * self.step[1]

    def boundingRect(self) -> QRectF:
        """Return the same as a rectangle, x being the column."""
        r0, c0, r1, c1 = self.box()
        return QRectF(c0, r0, c1 - c0, r1 - r0)

    def paint(
        self, painter: QPainter | None, _option: QStyleOptionGraphicsItem | None, _widget: QWidget | None = None
    ) -> None:
        """Draw the samples as blocks, never smoothed."""
        if painter is None:
            return
        if self._image is None:
            self._image, self._buffer = self.display.image(self.values, self._buffer)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        rect = self.boundingRect()
        painter.drawImage(rect, self._image)
        if self.stale:
            corner = painter.transform().map(rect.topRight())
            painter.save()
            painter.resetTransform()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(overlay("halo", 200))
            n = px(9)
            painter.drawPolygon(QPolygonF([corner, corner - QPointF(n, 0), corner + QPointF(0, n)]))
            painter.restore()


class TileLayer:
    """Tiles by key, all shown with one :class:`Display`; newer ones lie on top.

    Parameters
    ----------
    root : QGraphicsItem
        Item in data coordinates that becomes their parent.
    """

    def __init__(self, root: QGraphicsItem) -> None:
        self._root = root
        self._tiles: dict[Hashable, Tile] = {}
        self._height = 0
        self.display = Display()
        self.visible = True

    def __len__(self) -> int:
        return len(self._tiles)

    def __iter__(self) -> Iterator[Tile]:
        return iter(self._tiles.values())

    def keys(self) -> list[Hashable]:
        """Return the keys, oldest first."""
        return list(self._tiles)

    def add(
        self,
        key: Hashable,
        values: NDArray[Any],
        origin: tuple[int, int],
        step: tuple[int, int] = (1, 1),
    ) -> Tile:
        """Show samples under a key; the same key replaces, also when it was old.

        Parameters
        ----------
        key : hashable
            Whatever identifies the tile.
        values : numpy.ndarray
            ``(rows, cols)`` or ``(rows, cols, 3)``; kept, not copied.
        origin : (int, int)
            Row and column of sample [0, 0] at full resolution.
        step : (int, int)
            Distance of neighbouring samples.
        """
        if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] != 3):
            raise ValueError(f"tile {key!r}: expected (rows, cols) or (rows, cols, 3), got {values.shape}")
        tile = self._tiles.pop(key, None) or Tile(self._root, self.display)
        self._tiles[key] = tile
        self._height += 1
        tile.setZValue(-1_000_000 + self._height)
        tile.setVisible(self.visible)
        tile.show_values(values, (int(origin[0]), int(origin[1])), (int(step[0]), int(step[1])))
        return tile

    def remove(self, key: Hashable) -> None:
        """Take a tile away, if it is there."""
        tile = self._tiles.pop(key, None)
        scene = tile.scene() if tile is not None else None
        if scene is not None:
            scene.removeItem(tile)

    def mark_stale(self) -> None:
        """Make everything old: 60 %, with a mark in the corner."""
        for tile in self:
            tile.age()

    def drop_stale(self) -> None:
        """Take away what is old."""
        for key in [k for k, t in self._tiles.items() if t.stale]:
            self.remove(key)

    def clear(self, but: Collection[Hashable] = ()) -> None:
        """Take everything away, ``but`` some."""
        for key in [k for k in self._tiles if k not in but]:
            self.remove(key)

    def set_display(self, low: float, high: float, lut: Table | None = None) -> None:
        """Show all tiles with another range and, when given, colour map."""
        same = lut is None or lut is self.display.lut
        if (low, high) == (self.display.low, self.display.high) and same:
            return
        self.display.low, self.display.high = float(low), float(high)
        if lut is not None:
            self.display.lut = lut
        for tile in self:
            tile.refresh()

    def set_visible(self, visible: bool) -> None:
        """Show or hide all tiles."""
        self.visible = visible
        for tile in self:
            tile.setVisible(visible)

    def value_at(self, row: int, col: int) -> Any:
        """Return the exact value of a pixel: a number, three channels, or None where no fresh sample is."""
        for tile in reversed(list(self._tiles.values())):
            r0, c0, r1, c1 = tile.box()
            if not tile.stale and r0 <= row < r1 and c0 <= col < c1:
                i, over_r = divmod(row - r0, tile.step[0])
                j, over_c = divmod(col - c0, tile.step[1])
                if not over_r and not over_c:
                    return tile.values[i, j]
        return None

    def fresh(self, box: Box) -> Iterator[tuple[tuple[int, int], NDArray[Any]]]:
        """Yield the origin and the samples of every full-resolution fresh tile inside a box."""
        for tile in self:
            if tile.stale or tile.step != (1, 1):
                continue
            r0, c0, r1, c1 = (f(a, b) for f, a, b in zip((max, max, min, min), tile.box(), box, strict=True))
            if r0 < r1 and c0 < c1:
                (r, c) = tile.origin
                yield (r0, c0), tile.values[r0 - r : r1 - r, c0 - c : c1 - c]
