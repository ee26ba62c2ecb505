# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers printed in pixels that are large enough, the lines between them, and ✕ for what is not a number."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen

from .. import numbers
from ..theme import INK_ON_DATA, active, colour, font, px
from .display import not_a_number
from .item import Overlay

if TYPE_CHECKING:
    from .view import Canvas

CELL = 22  # logical pixels: from here on cells carry their numbers
CELL_RGB = 46  # … and these the three of a colour
CROSS = 6
GRID = 6


def cell_font_size(zoom: float) -> float:
    """Return the size of numbers in cells of that many screen pixels, in logical pixels."""
    return min(max(11.0, 11 + (zoom / active.scale - 32) * 0.16), 20.0)


@lru_cache(maxsize=64)
def _metrics(size: float, _scale: float) -> QFontMetricsF:
    return QFontMetricsF(font(size, 500))


@lru_cache(maxsize=20_000)
def cell_text(value: float, room: int, size: float, scale: float) -> str:
    """Return the text of a cell: the most figures that fit."""
    return numbers.fitted(value, _metrics(size, scale).horizontalAdvance, room, 4)


class NumbersLayer(Overlay):
    """Numbers and grid lines over the tiles of a canvas; it reads fresh full-resolution samples only."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, 7)
        self._shown, self._grid, self._hidden = True, False, False
        self.show_moved()

    def set_shown(self, shown: bool) -> None:
        """Print numbers or not."""
        self._shown = shown
        self.update()

    def set_grid(self, grid: bool) -> None:
        """Draw lines also where there is no room for numbers."""
        self._grid = grid
        self.update()

    def set_hidden(self, hidden: bool) -> None:
        """Print ``?`` in every cell."""
        self._hidden = hidden
        self.update()

    def screen_rect(self) -> QRectF:
        """Return where the data is on the pane."""
        rows, cols = self.canvas.full_shape
        return self.canvas.screen_box((0, 0, rows, cols)).intersected(self.canvas.pane()).adjusted(-1, -1, 1, 1)

    def draw(self, painter: QPainter) -> None:
        """Draw crosses, numbers and lines of the pixels that have to be drawn now."""
        zoom = self.canvas.zoom
        numbered = zoom >= px(CELL) and (self._shown or self._hidden)
        if zoom < CROSS and not numbered:
            return
        part = self.canvas.data_rect(self.exposed).intersected(self.canvas.view_rect())
        rows, cols = self.canvas.full_shape
        box = (
            max(0, floor(part.top())), max(0, floor(part.left())),
            min(rows, ceil(part.bottom())), min(cols, ceil(part.right())),
        )  # fmt: skip
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        if numbered or (self._grid and zoom >= GRID):
            self._lines(painter, box)
        if self._hidden:
            if numbered:
                self._questions(painter, box)
            return
        for origin, values in self.canvas.layer.fresh(box):
            self._crosses(painter, origin, values)
            if numbered and values.ndim == 2:
                self._numbers(painter, origin, values)
            elif numbered and zoom >= px(CELL_RGB):
                self._triples(painter, origin, values)

    def _cell(self, row: int, col: int) -> QRectF:
        return self.canvas.screen_box((row, col, row + 1, col + 1))

    def _lines(self, painter: QPainter, box: tuple[int, int, int, int]) -> None:
        r0, c0, r1, c1 = box
        area = self.canvas.screen_box(box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(colour("grid"), 1))
        lines = [
            QLineF(area.left(), y, area.right(), y)
            for y in (self.canvas.to_screen(r, 0).y() for r in range(r0, r1 + 1))
        ]
        lines += [
            QLineF(x, area.top(), x, area.bottom())
            for x in (self.canvas.to_screen(0, c).x() for c in range(c0, c1 + 1))
        ]
        painter.drawLines(lines)

    def _questions(self, painter: QPainter, box: tuple[int, int, int, int]) -> None:
        painter.setFont(font(cell_font_size(self.canvas.zoom), 500))
        painter.setPen(colour("text3"))
        for r in range(box[0], box[2]):
            for c in range(box[1], box[3]):
                painter.drawText(self._cell(r, c), Qt.AlignmentFlag.AlignCenter, "?")

    def _crosses(self, painter: QPainter, origin: tuple[int, int], values: NDArray[Any]) -> None:
        missing = not_a_number(values)
        if missing is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("text3"), 1.2))
        inset = self.canvas.zoom * 0.25
        for i, j in zip(*missing.nonzero(), strict=True):
            r = self._cell(origin[0] + int(i), origin[1] + int(j)).adjusted(inset, inset, -inset, -inset)
            painter.drawLines([QLineF(r.topLeft(), r.bottomRight()), QLineF(r.topRight(), r.bottomLeft())])

    def _numbers(self, painter: QPainter, origin: tuple[int, int], values: NDArray[Any]) -> None:
        zoom, start = self.canvas.zoom, self.canvas.to_screen(*origin)
        x, y = start.x(), start.y()
        size = cell_font_size(zoom)
        painter.setFont(font(size, 500))
        dark = self.canvas.layer.display.dark_ink(values)
        room, scale, centre = int(zoom - px(5)), active.scale, Qt.AlignmentFlag.AlignCenter
        for ink, chosen in ((INK_ON_DATA[0], dark), (INK_ON_DATA[1], ~dark)):
            painter.setPen(colour(ink))
            rows, cols = chosen.nonzero()
            for i, j, value in zip(rows.tolist(), cols.tolist(), values[chosen].tolist(), strict=True):
                if value == value:
                    cell = QRectF(x + j * zoom, y + i * zoom, zoom, zoom)
                    painter.drawText(cell, centre, cell_text(float(value), room, size, scale))

    def _triples(self, painter: QPainter, origin: tuple[int, int], values: NDArray[Any]) -> None:
        painter.setFont(font(11, 500))
        dark = self.canvas.layer.display.dark_ink(values)
        room = int(self.canvas.zoom - px(5))
        for i in range(values.shape[0]):
            for j in range(values.shape[1]):
                painter.setPen(colour(INK_ON_DATA[0 if dark[i, j] else 1]))
                text = "\n".join(cell_text(float(v), room, 11, active.scale) for v in values[i, j])
                painter.drawText(self._cell(origin[0] + i, origin[1] + j), Qt.AlignmentFlag.AlignCenter, text)
