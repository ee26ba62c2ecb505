# SPDX-License-Identifier: GPL-3.0-or-later
"""The padding around the data: a hatched ring, with the values it repeats when there is room for them."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from .. import numbers
from ..theme import PADDED_EDGE, PADDED_GROUND, colour, font, overlay, px
from .item import Overlay
from .numbers_layer import CELL, cell_font_size
from .overlays import cross_hatch, width

if TYPE_CHECKING:
    from .view import Canvas

Padding = tuple[tuple[int, int], tuple[int, int]]
NOTHING: Padding = ((0, 0), (0, 0))
HATCH_GAP = 11
HATCHED_FROM = 3  # screen pixels of padding


class PaddedRing(Overlay):
    """Pixels that are not data. It is never wider than what is on screen, so a padding of thousands costs nothing."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, 8)
        self.padding: Padding = NOTHING
        self._value: Any = None
        self._focus: tuple[int, int, int, int] | None = None

    def set_padding(self, padding: Padding | None, value: Any = None) -> None:
        """Show ``((top, bottom), (left, right))`` pixels and what they hold; None ends it."""
        self.padding, self._value = padding or NOTHING, value
        if self.padding == NOTHING:
            self.setVisible(False)
        else:
            self.show_moved()

    def set_focus(self, box: tuple[int, int, int, int] | None) -> None:
        """Draw the padded pixels of a box as dark cells."""
        if box != self._focus:
            self._focus = box
            self.update()

    def value_at(self, row: int, col: int) -> float | None:
        """Return what a padded pixel holds, None where that is not known."""
        if self._value is None:
            return None
        value = self._value(row, col) if callable(self._value) else self._value
        return None if value is None else float(value)

    def outer(self) -> tuple[int, int, int, int]:
        """Return data and padding together."""
        (top, bottom), (left, right) = self.padding
        rows, cols = self.canvas.full_shape
        return -top, -left, rows + bottom, cols + right

    def screen_rect(self) -> QRectF:
        """Return the ring's outside, as far as it is on the pane."""
        return (
            self.canvas.screen_box(self.outer())
            .adjusted(-2, -2, 2, 2)
            .intersected(self.canvas.pane().adjusted(-9, -9, 9, 9))
        )

    def cells(self, box: tuple[int, int, int, int]) -> Iterator[tuple[int, int]]:
        """Yield the padded pixels inside a box."""
        r0, c0, r1, c1 = (f(a, b) for f, a, b in zip((max, max, min, min), box, self.outer(), strict=True))
        rows, cols = self.canvas.full_shape
        for r in range(r0, r1):
            for c in range(c0, c1):
                if not (0 <= r < rows and 0 <= c < cols):
                    yield r, c

    def draw(self, painter: QPainter) -> None:
        """Draw hatch, frame, and cells."""
        canvas, pane = self.canvas, self.canvas.pane().adjusted(-9, -9, 9, 9)
        rows, cols = canvas.full_shape
        outer = canvas.screen_box(self.outer()).intersected(pane)
        ring, inner = QPainterPath(), QPainterPath()
        ring.addRect(outer)
        inner.addRect(canvas.screen_box((0, 0, rows, cols)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if max(max(pair) for pair in self.padding) * canvas.zoom >= HATCHED_FROM:
            cross_hatch(painter, ring.subtracted(inner), colour("pad"), px(HATCH_GAP), canvas.to_screen(0, 0))
        painter.setPen(QPen(colour("pad"), width(1)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(outer)
        if canvas.zoom >= px(CELL):
            self._draw_cells(painter)

    def _draw_cells(self, painter: QPainter) -> None:
        canvas = self.canvas
        view = canvas.data_rect(self.exposed).intersected(canvas.view_rect())
        seen = (floor(view.top()), floor(view.left()), ceil(view.bottom()), ceil(view.right()))
        f = self._focus
        painter.setFont(font(cell_font_size(canvas.zoom), 600))
        fm = QFontMetricsF(painter.font())
        for r, c in self.cells(seen):
            rect = canvas.screen_box((r, c, r + 1, c + 1))
            value = self.value_at(r, c)
            text = "" if value is None else numbers.fitted(value, fm.horizontalAdvance, rect.width() - px(6), 3)
            if f is not None and f[0] <= r < f[2] and f[1] <= c < f[3]:
                painter.fillRect(rect, colour(PADDED_GROUND))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour(PADDED_EDGE), 1))
                painter.drawRect(rect)
                painter.setPen(overlay("padding"))
            elif text:
                w, h = fm.horizontalAdvance(text) + px(8), fm.height() + px(2)
                patch = QRectF(rect.center() - QPointF(w / 2, h / 2), rect.center() + QPointF(w / 2, h / 2))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("canvas"))
                painter.drawRoundedRect(patch, px(3), px(3))
                painter.setPen(colour("pad"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
