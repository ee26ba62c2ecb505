# SPDX-License-Identifier: GPL-3.0-or-later
"""How a row of the stack is painted: thumbnail, name, detail, shape, and how far the traced number sees there."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from convdesk.document.state import INPUT

from ..icons import pixmap
from ..reading import Reading
from ..theme import colour, font, px
from ..thumbs import Thumbs

ROW, THUMB = 68, 52
RAIL_ROW, RAIL_THUMB = 68, 42
Middle, Right, Left = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft


def detail_lines(text: str, metrics: QFontMetrics, width: int, named: bool = False) -> list[str]:
    """A detail in one line, or in two where it is long: words are shortened, then parts left out, numbers never cut.

    The first part of a ``named`` detail is somebody's name, which is cut in its middle.
    """
    fits = metrics.horizontalAdvance
    if fits(text) <= width:
        return [text]
    name, *rest = text.split(" · ")
    if named:
        return [
            metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width),
            *(one for one in rest if fits(one) <= width),
        ]
    parts = [name, *rest]
    if fits(name) > width:  # the size says more than the kind
        words = name.split(" ")
        start = next((i for i, word in enumerate(words) if word[:1].isdigit()), 0)
        parts[0] = " ".join(words[start:])
    short = [part.replace("dilation", "dil.").replace("stride", "str.") for part in parts]
    for tried in (parts, short):
        for cut in range(len(tried) - 1, 0, -1):
            lines = [" · ".join(tried[:cut]), " · ".join(tried[cut:])]
            if all(fits(line) <= width for line in lines):
                return lines
    return [part for part in short if fits(part) <= width][:2]


def wrapped(text: str, metrics: QFontMetrics, width: int, most: int) -> list[str]:
    """A sentence in at most so many whole lines; the last one ends in an ellipsis where more would follow."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most - 1:
        taken = 1
        while taken < len(words) and metrics.horizontalAdvance(" ".join(words[: taken + 1])) <= width:
            taken += 1
        lines.append(metrics.elidedText(" ".join(words[:taken]), Qt.TextElideMode.ElideRight, width))
        words = words[taken:]
    if words:
        lines.append(metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, width))
    return lines


class RowPainter(QStyledItemDelegate):
    """Paints rows; ``rail`` makes them narrow, ``reading`` puts the traced field into the thumbnails."""

    def __init__(self, thumbs: Thumbs) -> None:
        super().__init__()
        self.thumbs = thumbs
        self.rail = False
        self.reading: Reading | None = None

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Rows are equally high."""
        return QSize(px(50), px(RAIL_ROW if self.rail else ROW))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw a row."""
        one = index.data(Qt.ItemDataRole.UserRole)
        if painter is None or one is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        on = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        inner = rect.adjusted(px(4), px(1), -px(4), -px(1))
        if on or over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("soft" if on else "field"))
            painter.drawRoundedRect(inner, px(6), px(6))
        if on:
            painter.setBrush(colour("accent"))
            bar = QRectF(inner.left(), inner.top() + px(8), px(3), inner.height() - px(16))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        if self.rail:
            self._paint_rail(painter, inner, one, on)
        else:
            self._paint_row(painter, rect, inner, one, on)
        painter.restore()

    def _thumb(self, one: Any, size: int) -> Any:
        field = self.reading.trace.fields.get(one.name) if self.reading is not None else None
        return self.thumbs.picture(one.name, size, field)

    def _paint_rail(self, p: QPainter, inner: QRectF, one: Any, on: bool) -> None:
        n = px(RAIL_THUMB)
        p.drawPixmap(QPointF(inner.center().x() - n / 2, inner.top() + px(3)), self._thumb(one, RAIL_THUMB))
        p.setFont(font("caption", 600 if on else 400))
        p.setPen(colour("err" if one.error and not one.waits else "accent" if on else "text2"))
        words = QRectF(inner.left(), inner.top() + n + px(4), inner.width(), px(17))
        text = p.fontMetrics().elidedText(one.title, Qt.TextElideMode.ElideMiddle, int(words.width()))
        p.drawText(words, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_row(self, p: QPainter, rect: QRectF, inner: QRectF, one: Any, on: bool) -> None:
        n = px(THUMB)
        x, y = int(inner.left() + px(10)), int(inner.center().y() - n / 2)
        faint = one.waits or not one.enabled
        p.setOpacity(0.45 if faint else 1.0)
        p.drawPixmap(x, y, self._thumb(one, THUMB))
        p.setOpacity(1.0)
        if not one.last:
            p.setPen(QPen(colour("edge"), 1.5))
            centre = x + n / 2
            p.drawLine(QPointF(centre, y + n + 1), QPointF(centre, rect.bottom() + (rect.bottom() - y - n) - 1))
        left = x + n + px(10)
        width = int(inner.right() - left - px(8))
        ink = "err" if one.error and not one.waits else "text3" if faint else "text"
        p.drawPixmap(QRect(left, y, px(15), px(15)), pixmap(one.icon, "accent" if on else "text2", 15))
        p.setPen(colour(ink))
        p.setFont(font("body", 600))
        name = p.fontMetrics().elidedText(one.title, Qt.TextElideMode.ElideMiddle, width - px(20))
        p.drawText(QRect(left + px(20), y - px(2), width - px(20), px(18)), Middle, name)
        p.setFont(font("caption"))
        p.setPen(colour("err" if ink == "err" else "text3" if faint else "text2"))
        if one.error:
            for i, line in enumerate(wrapped(one.error, p.fontMetrics(), width, 3)):
                p.drawText(QRect(left, y + px(16 + 13 * i), width + px(4), px(14)), Middle, line)
            return
        lines = detail_lines(one.detail, p.fontMetrics(), width + px(4), named=one.name == INPUT)
        for i, line in enumerate(lines):
            at = y + px(17) if len(lines) == 1 else y + px(15 + 13 * i)
            p.drawText(QRect(left, at, width + px(6), px(16)), Middle, line)
        foot = QRect(left, y + px(34 if len(lines) < 2 else 41), width, px(16))
        p.drawText(foot, Middle, one.shape)
        if one.sees:
            self._paint_sees(p, foot, one)

    def _paint_sees(self, p: QPainter, box: QRect, one: Any) -> None:
        taken = p.fontMetrics().horizontalAdvance(one.shape) + px(8)
        p.setFont(font("caption", 600))
        fm = p.fontMetrics()
        if fm.horizontalAdvance(one.sees) + px(13) > box.width() - taken:
            return
        p.setPen(colour("rf"))
        p.drawText(box, Middle | Right, one.sees)
        left = box.right() - fm.horizontalAdvance(one.sees) - px(12)
        p.setPen(QPen(colour("rf"), 1.6))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(QRectF(left, box.center().y() - px(3), px(7), px(7)))
