# SPDX-License-Identifier: GPL-3.0-or-later
"""One signal in a plot: stems while they can be told apart, else the range of every pixel column; padding beside it."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from .. import numbers
from ..theme import colour, font, overlay, px
from .overlays import cross_hatch, width

STEMS = 400
NUMBERED = 40


def envelope(
    values: NDArray[Any], start: int, stop: int, columns: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the smallest and largest value of each of about ``columns`` equal parts of ``values[start:stop]``.

    Returns
    -------
    edges, low, high : numpy.ndarray
        Index of the first sample of each part, and its range; parts that are all NaN give NaN.
    """
    part = values[start:stop]
    edges = np.unique(np.linspace(0, len(part), max(columns, 1), endpoint=False).astype(np.intp))
    return edges + start, np.fmin.reduceat(part, edges), np.fmax.reduceat(part, edges)


class Trace(pg.GraphicsObject):
    """Samples at ``offset + jump * i`` on the shared axis.

    Attributes
    ----------
    values : numpy.ndarray
        1-D.
    hot : (float, float) or None
        Samples of this part of the axis are drawn in the ink of the receptive field.
    padding : (int, int)
        Padded samples before and after; hatched.
    padded : (numpy.ndarray, numpy.ndarray) or None
        What they hold.
    """

    def __init__(self) -> None:
        super().__init__()
        self.values: NDArray[Any] = np.zeros(0)
        self.offset, self.jump = 0.0, 1.0
        self.hot: tuple[float, float] | None = None
        self.unit: int | None = None
        self.padding = (0, 0)
        self.padded: tuple[NDArray[Any], NDArray[Any]] | None = None
        self.width = 100

    def viewRangeChanged(self) -> None:
        """Cover what is visible."""
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """Return what is visible."""
        rect = self.viewRect()
        return rect if rect is not None else QRectF()

    def dataBounds(self, *_args: Any, **_options: Any) -> None:
        """Take no part in automatic ranges."""
        return None

    def visible(self) -> tuple[int, int]:
        """Return the half-open span of samples on screen."""
        box = self.getViewBox()
        low, high = box.viewRange()[0] if box is not None else (0.0, 1.0)
        start = floor((low - self.offset) / self.jump)
        stop = ceil((high - self.offset) / self.jump) + 1
        return min(max(start, 0), len(self.values)), max(min(stop, len(self.values)), 0)

    @property
    def as_envelope(self) -> bool:
        """Whether there are too many samples on screen for stems."""
        start, stop = self.visible()
        return stop - start > STEMS

    def paint(self, painter: QPainter | None, *_args: Any) -> None:
        """Draw in screen pixels."""
        if painter is None:
            return
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = transform.mapRect(self.boundingRect())
        self._draw_padding(painter, transform, view)
        zero = transform.map(QPointF(0, 0)).y()
        painter.setPen(QPen(colour("edge"), 1))
        painter.drawLine(QPointF(view.left(), zero), QPointF(view.right(), zero))
        if len(self.values):
            draw = self._draw_envelope if self.as_envelope else self._draw_stems
            draw(painter, transform, view)
        painter.restore()

    def _draw_padding(self, p: QPainter, transform: Any, view: QRectF) -> None:
        n = len(self.values)
        for start, count in ((-self.padding[0], self.padding[0]), (n, self.padding[1])):
            if count:
                left = transform.map(QPointF(self.offset + (start - 0.5) * self.jump, 0)).x()
                right = transform.map(QPointF(self.offset + (start + count - 0.5) * self.jump, 0)).x()
                band = QRectF(left, view.top(), right - left, view.height()).intersected(view)
                path = QPainterPath()
                path.addRect(band)
                cross_hatch(p, path, colour("pad", 150), px(9), QPointF(left, view.top()), 1.2)
        if self.padded is not None:
            for values, first in ((self.padded[0], -self.padding[0]), (self.padded[1], n)):
                self._stems(p, transform, np.arange(first, first + len(values)), values, colour("pad"), 1.6)

    def _draw_stems(self, p: QPainter, transform: Any, view: QRectF) -> None:
        start, stop = self.visible()
        index = np.arange(start, stop)
        values = self.values[start:stop]
        hot = np.zeros(len(index), bool)
        if self.hot is not None:
            x = self.offset + index * self.jump
            hot = (x >= self.hot[0]) & (x < self.hot[1])
        if self.unit is not None:
            hot |= index == self.unit
        self._stems(p, transform, index[~hot], values[~hot], colour("text2"), 1.4)
        self._stems(p, transform, index[hot], values[hot], colour("rf"), 2.2)
        if stop - start <= NUMBERED:
            self._draw_numbers(p, transform, view, index, values)
        if self.unit is not None and start <= self.unit < stop:
            at = transform.map(QPointF(self.offset + self.unit * self.jump, float(self.values[self.unit])))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.setPen(QPen(colour("rf"), width(2)))
            p.drawEllipse(at, px(7), px(7))

    def _stems(
        self, p: QPainter, transform: Any, index: NDArray[Any], values: NDArray[Any], ink: QColor, line: float
    ) -> None:
        known = np.isfinite(values)
        points = [
            (
                transform.map(QPointF(self.offset + i * self.jump, 0)),
                transform.map(QPointF(self.offset + i * self.jump, v)),
            )
            for i, v in zip(index[known].tolist(), values[known].astype(float).tolist(), strict=True)
        ]
        if not points:
            return
        p.setPen(QPen(ink, width(line)))
        p.drawLines([QLineF(a, b) for a, b in points])
        gap = transform.map(QPointF(self.jump, 0)).x() - transform.map(QPointF(0, 0)).x()
        radius = min(px(3.5), max(gap / 3, 1.0))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(ink)
        for _base, top in points:
            p.drawEllipse(top, radius, radius)

    def _draw_numbers(
        self, p: QPainter, transform: Any, view: QRectF, index: NDArray[Any], values: NDArray[Any]
    ) -> None:
        """Print values at the heads, as long as they keep clear of each other."""
        p.setFont(font("caption", 500))
        fm = QFontMetricsF(p.font())
        p.setPen(colour("text2"))
        taken: list[QRectF] = []
        for i, v in zip(index.tolist(), values.astype(float).tolist(), strict=True):
            if not np.isfinite(v) or i == self.unit:
                continue
            text = numbers.number(v, 3)
            at = transform.map(QPointF(self.offset + i * self.jump, v))
            w, h = fm.horizontalAdvance(text), fm.ascent()
            place = QRectF(at.x() - w / 2, at.y() - px(7) - h if v >= 0 else at.y() + px(7), w, h)
            clear = not any(place.adjusted(-2, 0, 2, 0).intersects(other) for other in taken[-3:])
            if clear and view.contains(place):
                p.drawText(place.bottomLeft(), text)
                taken.append(place)

    def _draw_envelope(self, p: QPainter, transform: Any, view: QRectF) -> None:
        start, stop = self.visible()
        edges, low, high = envelope(self.values, start, stop, max(int(view.width()), 1))
        if len(edges) > 1:  # every column reaches its neighbour's range: the curve has no holes where it is steep
            before_low, before_high = low[:-1].copy(), high[:-1].copy()
            low[1:] = np.fmin(low[1:], before_high)
            high[1:] = np.fmax(high[1:], before_low)
        lines: list[QLineF] = []
        hot: list[QLineF] = []
        for i, a, b in zip(edges.tolist(), low.astype(float).tolist(), high.astype(float).tolist(), strict=True):
            if np.isfinite(a) and np.isfinite(b):
                x = self.offset + i * self.jump
                line = QLineF(transform.map(QPointF(x, a)), transform.map(QPointF(x, b)) - QPointF(0, 1))
                inside = self.hot is not None and self.hot[0] <= x < self.hot[1]
                (hot if inside else lines).append(line)
        p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for ink, some in ((colour("text2"), lines), (colour("rf"), hot)):
            p.setPen(QPen(ink, 1))
            p.drawLines(some)


class NumberAxis(pg.AxisItem):
    """An axis that writes numbers as the rest of the program does."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write ticks with as many figures as their distance needs."""
        top = max((abs(v * scale) for v in values), default=1.0)
        return [numbers.tick_text(v * scale, spacing * scale, max(top, spacing)) for v in values]


class Band(pg.GraphicsObject):
    """The receptive field on a signal: an amber band from edge to edge."""

    def __init__(self) -> None:
        super().__init__()
        self.span: tuple[float, float] | None = None
        self.setZValue(-5)

    def set_span(self, span: tuple[float, float] | None) -> None:
        """Cover a part of the axis; None ends it."""
        if span != self.span:
            self.prepareGeometryChange()
            self.span = span
            self.update()

    def viewRangeChanged(self) -> None:
        """Reach from top to bottom."""
        self.prepareGeometryChange()

    def boundingRect(self) -> QRectF:
        """Return the band, as high as the view."""
        view = self.viewRect()
        if view is None or self.span is None:
            return QRectF()
        return QRectF(self.span[0], view.top(), self.span[1] - self.span[0], view.height())

    def paint(self, painter: QPainter | None, *_args: Any) -> None:
        """Draw the band and its edges."""
        if painter is None or self.span is None:
            return
        rect = painter.transform().mapRect(self.boundingRect())
        painter.save()
        painter.resetTransform()
        painter.fillRect(rect, overlay("field", 46))
        painter.setPen(QPen(colour("rf"), width(2)))
        painter.drawLine(rect.topLeft(), rect.bottomLeft())
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.restore()
