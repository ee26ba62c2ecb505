# SPDX-License-Identifier: GPL-3.0-or-later
"""The legend of a pane: colour bar, ticks, the histogram of what is shown, and a mark at the traced value.

It never disagrees with the picture: the bar is the colour table itself. Values beyond the range give that end a point
and its number ``≥`` or ``≤``; when they are more than one in a hundred, a dot offers to fit the range.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from .. import numbers
from ..colormaps import Table, grey
from ..focus import Ringed
from ..theme import active, colour, font, logical, overlay, px

BINS = 96
SAMPLES = 65_536
MANY = 0.01
REACH = 8  # logical pixels around an end that take hold of it


def sampled(values: NDArray[Any]) -> NDArray[Any]:
    """Return at most 65,536 of the values, evenly spread over the first two axes, without a copy of the rest."""
    if values.size <= SAMPLES or values.ndim == 0:
        return values.reshape(-1)
    left = values.size / SAMPLES
    rows = 1 if values.ndim == 1 else _odd(min(left**0.5, values.shape[0]))
    some = values[::rows]
    step = _odd(some.size / SAMPLES)
    return (some[::step] if values.ndim == 1 else some[:, ::step]).reshape(-1)


def _odd(at_least: float) -> int:
    """Return a whole step that no pattern of even period falls into."""
    step = max(1, ceil(at_least))
    return step if step == 1 else step | 1


class Legend(Ringed, QWidget):
    """Colour scale of one pane.

    Drag an end to change the range, double-click to take it back; with the keyboard: Left and Right move the upper end,
    with Shift the lower one, Home takes it back, Return fits.

    Signals: ``rangeChanged(low, high, phase)`` with phase start, move or end; ``fitRequested()``; ``resetRequested()``.
    """

    rangeChanged = pyqtSignal(float, float, str)
    fitRequested = pyqtSignal()
    resetRequested = pyqtSignal()

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._name, self._lut, self._low, self._high = name, grey(), 0.0, 255.0
        self._counts: NDArray[Any] = np.zeros(BINS)
        self._values: NDArray[Any] | None = None
        self._below = self._above = 0.0
        self._here: float | None = None
        self._held = ""
        self._grab = (0.0, 0.0)
        logical(self, height=42)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._announce()

    # -------------------------------------------------------------------------------------------------------- state
    @property
    def range(self) -> tuple[float, float]:
        """Values of the first and the last colour."""
        return self._low, self._high

    @property
    def beyond(self) -> tuple[float, float]:
        """Shares of the values below and above the range."""
        return self._below, self._above

    @property
    def offers_fit(self) -> bool:
        """Whether so much lies beyond the range that the dot is shown."""
        return self._below + self._above > MANY

    def set_scale(self, lut: Table, low: float, high: float) -> None:
        """Show another colour map and range."""
        self._lut, self._low, self._high = lut, float(low), float(high)
        self._count()
        self._announce()
        self.update()

    def set_values(self, values: NDArray[Any] | None) -> None:
        """Take the histogram of these values (at most 65,536 of them are looked at); None for none."""
        self._values = None if values is None else sampled(values)
        self._count()
        self._announce()
        self.update()

    def set_histogram(self, counts: NDArray[Any], below: float = 0.0, above: float = 0.0) -> None:
        """Show a histogram over the range that was counted elsewhere, and the shares beyond its ends."""
        self._values = None
        self._counts, self._below, self._above = np.asarray(counts, float), below, above
        self._announce()
        self.update()

    def set_here(self, value: float | None) -> None:
        """Mark a value: the traced one."""
        value = None if value is None or not np.isfinite(value) else float(value)
        if value != self._here:
            self._here = value
            self.update()

    def _count(self) -> None:
        if self._values is None or not self._low < self._high:
            return
        with np.errstate(invalid="ignore"):
            known = self._values[np.isfinite(self._values)] if self._values.dtype.kind == "f" else self._values
        if not known.size:
            self._counts, self._below, self._above = np.zeros(BINS), 0.0, 0.0
            return
        slack = 1e-6 * (self._high - self._low)
        self._below = float(np.mean(known < self._low - slack))
        self._above = float(np.mean(known > self._high + slack))
        self._counts = np.histogram(known, BINS, (self._low, self._high))[0].astype(float)

    def _announce(self) -> None:
        low, high = numbers.spoken(self._low), numbers.spoken(self._high)
        self.setAccessibleName(f"{self._name} colour scale, {low} to {high}".strip())
        beyond = f"{100 * (self._below + self._above):.1f} percent lie beyond. " if self.offers_fit else ""
        self.setAccessibleDescription(f"{beyond}Left and Right move the upper end, with Shift the lower, Return fits")

    # ----------------------------------------------------------------------------------------------------- geometry
    def sizeHint(self) -> QSize:
        """Any width."""
        return QSize(px(200), px(42))

    def bar(self) -> QRectF:
        """Return the colour bar; points at its ends take some of its width, the dot some at the right."""
        cap = px(7)
        left = 1 + cap * (self._below > 0)
        right = 1 + cap * (self._above > 0) + (px(14) if self.offers_fit else 0)
        return QRectF(left, px(17), max(self.width() - left - right, 1), px(8))

    def dot(self) -> QRectF:
        """Return where the dot is that offers to fit."""
        size = px(8)
        return QRectF(self.width() - size - 1, self.bar().center().y() - size / 2, size, size)

    def _x(self, value: float) -> float:
        bar = self.bar()
        share = (value - self._low) / (self._high - self._low) if self._low < self._high else 0.5
        return bar.left() + min(max(share, 0.0), 1.0) * bar.width()

    def _end_at(self, at: QPointF) -> str:
        bar = self.bar()
        if not bar.adjusted(-px(9), -px(6), px(9), px(16)).contains(at):
            return ""
        low, high = abs(at.x() - bar.left()), abs(at.x() - bar.right())
        if min(low, high) > px(REACH):
            return ""
        return "low" if low < high else "high"

    # ------------------------------------------------------------------------------------------------------- events
    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of an end, or accept the offer."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        reach = self.dot().adjusted(-px(8), -px(10), px(8), px(10))
        if self.offers_fit and reach.contains(event.position()) and event.position().x() > self.bar().right() + px(4):
            self.fitRequested.emit()
            return
        self._held = self._end_at(event.position())
        if self._held:
            span = max(self._high - self._low, 1e-12)
            self._grab = (event.position().x(), span / self.bar().width())
            self._start = (self._low, self._high)
            self.rangeChanged.emit(self._low, self._high, "start")

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag an end; the other stays."""
        if event is None:
            return
        if not self._held:
            self.setCursor(
                Qt.CursorShape.SizeHorCursor if self._end_at(event.position()) else Qt.CursorShape.ArrowCursor
            )
            return
        shift = (event.position().x() - self._grab[0]) * self._grab[1]
        self._drag_to(shift)
        self.rangeChanged.emit(self._low, self._high, "move")

    def _drag_to(self, shift: float) -> None:
        low, high = self._start
        least = (high - low) / 100
        if self._held == "low":
            self.set_scale(self._lut, min(low + shift, high - least), high)
        else:
            self.set_scale(self._lut, low, max(high + shift, low + least))

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        """Let go."""
        if self._held:
            self._held = ""
            self.rangeChanged.emit(self._low, self._high, "end")

    def mouseDoubleClickEvent(self, _event: QMouseEvent | None) -> None:
        """Take the range back."""
        self._held = ""
        self.resetRequested.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move the ends by a fiftieth, take back, fit."""
        if event is None:
            return
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is not None:
            self._held = "low" if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else "high"
            self._start = (self._low, self._high)
            self._drag_to(way * (self._high - self._low) / 50)
            self._held = ""
            self.rangeChanged.emit(self._low, self._high, "end")
        elif event.key() == Qt.Key.Key_Home:
            self.resetRequested.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.fitRequested.emit()
        elif event.key() == Qt.Key.Key_Escape and self._held:
            self._held = ""
            self.set_scale(self._lut, *self._start)
            self.rangeChanged.emit(self._low, self._high, "end")
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Say what is under the pointer."""
        if isinstance(event, QHelpEvent):
            if self.offers_fit and event.pos().x() > self.bar().right() + px(4):
                share = 100 * (self._below + self._above)
                text = f"{share:.1f} % of the values lie beyond the range. Click to fit it (L)."
            else:
                text = "Colour scale. Drag the ends to change the range, double-click to reset."
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    # ------------------------------------------------------------------------------------------------------ drawing
    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw histogram, bar, ticks, mark and dot."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = self.bar()
        self._draw_histogram(p, bar)
        self._draw_bar(p, bar)
        self._draw_ticks(p, bar)
        if self.offers_fit:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(colour("accent"))
            p.drawEllipse(self.dot())
        if self._here is not None:
            x = self._x(self._here)
            p.setPen(QPen(overlay("halo"), 1))
            p.setBrush(overlay("field"))
            tip = QPointF(x, bar.top() + 1)
            p.drawPolygon(QPolygonF([tip, tip + QPointF(-px(5), -px(9)), tip + QPointF(px(5), -px(9))]))
            p.drawLine(QPointF(x, bar.top()), QPointF(x, bar.bottom()))

    def _draw_histogram(self, p: QPainter, bar: QRectF) -> None:
        top = float(self._counts.max()) if len(self._counts) else 0.0
        if top <= 0:
            return
        heights = (self._counts / top) ** 0.25 * px(14)  # the fourth root shows the rare beside the frequent
        path = QPainterPath(QPointF(bar.left(), bar.top() - 1))
        for i, h in enumerate(heights):
            path.lineTo(bar.left() + (i + 0.5) / len(heights) * bar.width(), bar.top() - 1 - float(h))
        path.lineTo(bar.right(), bar.top() - 1)
        p.fillPath(path, colour("text3", 90))

    def _draw_bar(self, p: QPainter, bar: QRectF) -> None:
        row = np.ascontiguousarray(self._lut)
        image = QImage(row.data, len(row), 1, 3 * len(row), QImage.Format.Format_RGB888)
        p.drawImage(bar, image)
        p.setPen(QPen(colour("edge"), 1))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(bar)
        for share, x, way, entry in ((self._below, bar.left(), -1, 0), (self._above, bar.right(), 1, -1)):
            if share > 0:
                p.setBrush(QColor(*(int(v) for v in self._lut[entry])))
                tip = QPointF(x + way * px(7), bar.center().y())
                p.drawPolygon(QPolygonF([QPointF(x, bar.top()), tip, QPointF(x, bar.bottom())]))

    def tick_texts(self) -> list[tuple[float, str]]:
        """Return the ticks drawn: as many as fit beside each other, both ends always."""
        p = QFontMetricsF(font("caption"))
        for parts in (6.0, 4.5, 3.0, 2.0, 1.0):
            ticks = numbers.ticks(self._low, self._high, parts)
            if not ticks:
                return []
            ticks[0] = (ticks[0][0], ("≤ " if self._below > 0 else "") + ticks[0][1])
            ticks[-1] = (ticks[-1][0], ("≥ " if self._above > 0 else "") + ticks[-1][1])
            ends, gap = -1e9, px(10)
            fits = True
            for left, right in (self._tick_span(p, v, t) for v, t in ticks):
                fits &= left >= ends + gap
                ends = right
            if fits:
                return ticks
        return [ticks[0], ticks[-1]]

    def _tick_span(self, fm: QFontMetricsF, value: float, text: str) -> tuple[float, float]:
        w = fm.horizontalAdvance(text)
        left = min(max(self._x(value) - w / 2, 0), self.width() - w)
        return left, left + w

    def _draw_ticks(self, p: QPainter, bar: QRectF) -> None:
        p.setFont(font("caption"))
        fm = QFontMetricsF(p.font())
        ticks = self.tick_texts()
        zero = self._low < 0 < self._high and all(v != 0 for v, _ in ticks)
        for value, text in [*ticks, *([(0.0, "")] if zero else [])]:
            x = self._x(value)
            p.setPen(QPen(colour("edge"), max(1.0, active.scale)))
            p.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + px(3)))
            p.setPen(colour("text2"))
            p.drawText(QPointF(self._tick_span(fm, value, text)[0], bar.bottom() + px(14)), text)
