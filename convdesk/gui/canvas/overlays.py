# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drawn over data: outlines, tags, the key, winners, pins, the rubber band, the dimmed outside.

Every one has its own colour and its own shape, and lies on a dark halo, so that it is legible on any picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from ..theme import active, colour, font, overlay, px
from .item import Overlay

if TYPE_CHECKING:
    from .view import Canvas

BoxF = tuple[float, float, float, float]
SMALLEST = 9  # pixels: an outline around a single far-away pixel stays visible
NAMES = {
    "field": "receptive field",
    "projective": "reaches",
    "padding": "padding",
    "winner": "winners",
    "selected": "pinned",
}


def width(line: float) -> float:
    """Return a line width; lines are thicker on a projector."""
    return line * max(1.0, active.scale)


def haloed(painter: QPainter, path: QPainterPath, ink: QColor, line: float, dashed: bool = False) -> None:
    """Draw a line of a colour on a halo 2 px wider."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(overlay("halo"), width(line + 2))
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.drawPath(path)
    pen = QPen(ink, width(line))
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if dashed:
        pen.setDashPattern([5 / max(line, 1) * 2, 1.6 / max(line, 1) * 2])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawPath(path)


def cross_hatch(
    painter: QPainter, inside: QPainterPath, ink: QColor, gap: float, anchor: QPointF, line: float = 1.3
) -> None:
    """Draw 45° lines inside a path, the same at every zoom, fixed to an anchor so that they move with the data."""
    area = inside.boundingRect()
    if painter.hasClipping():
        area = area.intersected(painter.clipBoundingRect())
    if area.isEmpty():
        return
    painter.save()
    painter.setClipPath(inside, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(ink, width(line)))
    first, last = area.left() + area.top(), area.right() + area.bottom()
    phase = (anchor.x() + anchor.y()) % gap
    start = first - (first - phase) % gap
    lines = []
    while start <= last:
        lines.append(QLineF(start - area.top(), area.top(), start - area.bottom(), area.bottom()))
        start += gap
    painter.drawLines(lines)
    painter.restore()


class Outline(Overlay):
    """One or several frames around pixels.

    Parameters
    ----------
    role : str
        ``field`` (amber, solid), ``projective`` (cyan, dashed) or ``selected`` (white).
    fill : bool
        Tint the inside by 13 %; not over numbers.
    line : float
        Width of the line in pixels.
    """

    def __init__(
        self, canvas: Canvas, role: str = "field", fill: bool = False, line: float = 2.5, z: float = 20
    ) -> None:
        super().__init__(canvas, z + (role == "selected") - (role == "projective"))
        self.role, self.fill, self.line = role, fill, line
        self._boxes: list[BoxF] = []

    def boxes(self) -> list[BoxF]:
        """Return what is framed."""
        return list(self._boxes)

    def set_box(self, box: BoxF | None) -> None:
        """Frame ``(row, col, row end, col end)`` in pixel edges and show; None hides."""
        self.set_boxes([] if box is None else [box])

    def set_boxes(self, boxes: Iterable[BoxF]) -> None:
        """Frame several boxes and show; none hides."""
        self._boxes = list(boxes)
        if self._boxes:
            self.show_moved()
        else:
            self.setVisible(False)

    def rects(self) -> list[QRectF]:
        """Return the frames on the screen: outside the pixels, and never smaller than can be seen."""
        grow = width(self.line) / 2 if len(self._boxes) == 1 else 0
        return [grown(self.canvas.screen_box(b), grow, SMALLEST if len(self._boxes) == 1 else 2) for b in self._boxes]

    def screen_rect(self) -> QRectF:
        """Return all frames with their halo."""
        rects = self.rects()
        whole = rects[0]
        for rect in rects[1:]:
            whole = whole.united(rect)
        margin = width(self.line + 2) / 2 + 1
        return whole.adjusted(-margin, -margin, margin, margin)

    def draw(self, painter: QPainter) -> None:
        """Draw the frames."""
        path = QPainterPath()
        for rect in self.rects():
            path.addRect(rect)
        if self.fill and self.canvas.zoom < px(22):
            painter.fillPath(path, overlay(self.role, 33))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        haloed(painter, path, overlay(self.role), self.line, self.role == "projective")


def grown(rect: QRectF, by: float, smallest: float) -> QRectF:
    """Grow a rectangle on every side, and further to a smallest size."""
    w, h = max(rect.width() + 2 * by, smallest), max(rect.height() + 2 * by, smallest)
    return QRectF(rect.center().x() - w / 2, rect.center().y() - h / 2, w, h)


class Tag(Overlay):
    """A few words at a place: white on halo, framed in the role's colour, always inside the pane."""

    def __init__(self, canvas: Canvas, role: str = "field", z: float = 40) -> None:
        super().__init__(canvas, z)
        self.role, self._text = role, ""
        self._box: BoxF = (0, 0, 0, 0)
        self._below = False

    def text(self) -> str:
        """Return what it says."""
        return self._text

    def place(self, text: str, box: BoxF, below: bool = False) -> None:
        """Say something above (or below) a box of data coordinates, and show; no text hides."""
        self._text, self._box, self._below = text, box, below
        if text:
            self.show_moved()
        else:
            self.setVisible(False)

    def screen_rect(self) -> QRectF:
        """Return its frame, kept inside the pane and off the box where there is room on the other side."""
        fm = QFontMetricsF(font("caption", 600))
        w, h = fm.horizontalAdvance(self._text) + px(9), fm.height() + px(5)
        box, pane, gap = grown(self.canvas.screen_box(self._box), px(3), SMALLEST), self.canvas.pane(), px(4)
        above, under = box.top() - gap - h, box.bottom() + gap
        y = under if self._below else above
        if y < pane.top():
            y = under
        elif y + h > pane.bottom():
            y = above
        x = min(max(box.left(), pane.left() + gap), max(pane.right() - w - gap, pane.left()))
        y = min(max(y, pane.top() + gap), max(pane.bottom() - h - gap, pane.top()))
        return QRectF(round(x) + 0.5, round(y) + 0.5, round(w), round(h))

    def draw(self, painter: QPainter) -> None:
        """Draw frame and text."""
        rect = self.screen_rect().adjusted(0, 0, -1, -1)
        painter.fillRect(rect, overlay("halo", 232))
        painter.setPen(QPen(overlay(self.role), 1))
        painter.drawRect(rect)
        painter.setPen(overlay("selected"))
        painter.setFont(font("caption", 600))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._text)


class Key(Overlay):
    """What the colours on this picture mean, bottom right; it lists only what is on screen."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, 41)
        self._items: list[str] = []

    def items(self) -> list[str]:
        """Return the roles listed."""
        return list(self._items)

    def set_items(self, roles: Sequence[str]) -> None:
        """List roles (field, projective, padding, winner, selected), and show; none hides."""
        self._items = list(roles)
        if self._items:
            self.show_moved()
        else:
            self.setVisible(False)

    def _widths(self) -> list[float]:
        fm = QFontMetricsF(font("caption", 500))
        return [fm.horizontalAdvance(NAMES[r]) + px(24) for r in self._items]

    def screen_rect(self) -> QRectF:
        """Return its place in the corner of the pane."""
        pane, w, h = self.canvas.pane(), sum(self._widths()) + px(6), px(22)
        return QRectF(round(pane.right() - w - px(6)), round(pane.bottom() - h - px(6)), round(w), h)

    def draw(self, painter: QPainter) -> None:
        """Draw glyphs and words."""
        rect = self.screen_rect()
        painter.fillRect(rect, overlay("halo", 225))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption", 500))
        x = rect.left() + px(6)
        for role, w in zip(self._items, self._widths(), strict=True):
            glyph(painter, role, QRectF(x, rect.center().y() - px(4.5), px(9), px(9)))
            painter.setPen(overlay("selected"))
            words = QRectF(x + px(14), rect.top(), w, rect.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, NAMES[role])
            x += w


def glyph(painter: QPainter, role: str, rect: QRectF) -> None:
    """Draw the shape that belongs to a role: □ ◇ hatch ● frame."""
    ink = overlay(role)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, width(1.8)))
    if role == "winner":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(rect)
    elif role == "projective":
        c, r = rect.center(), rect.width() / 2
        steps = (QPointF(0, -r), QPointF(r, 0), QPointF(0, r), QPointF(-r, 0))
        painter.drawPolygon([c + d for d in steps])
    elif role == "padding":
        path = QPainterPath()
        path.addRect(rect)
        cross_hatch(painter, path, ink, rect.width() / 2.2, rect.topLeft(), 1.2)
    else:
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))


class Winners(Overlay):
    """A disc on every pixel that won its pool."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, 30)
        self._points = np.zeros((0, 2))
        self._apart = 1.0

    def set_points(self, rows: Any, cols: Any) -> None:
        """Put a disc on every pixel (row, col), and show; none hides."""
        self._points = np.stack([np.asarray(rows, float).ravel(), np.asarray(cols, float).ravel()], axis=1)
        if len(self._points):
            area = float(np.prod(np.ptp(self._points, axis=0) + 1))
            self._apart = max((area / len(self._points)) ** 0.5, 1.0)
            self.show_moved()
        else:
            self.setVisible(False)

    def radius(self) -> float:
        """Return the discs' radius on the screen: with the pixels, within bounds, and less where they lie close."""
        wanted = min(max(self.canvas.zoom * 0.32, 3 * active.scale), 7 * active.scale)
        return min(wanted, max(self._apart * self.canvas.zoom * 0.42, 1.2))

    def screen_rect(self) -> QRectF:
        """Return what the discs cover."""
        (r0, c0), (r1, c1) = self._points.min(axis=0), self._points.max(axis=0)
        margin = self.radius() + 2
        return self.canvas.screen_box((r0, c0, r1 + 1, c1 + 1)).adjusted(-margin, -margin, margin, margin)

    def draw(self, painter: QPainter) -> None:
        """Draw the discs."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        r = self.radius()
        painter.setPen(Qt.PenStyle.NoPen)
        places = [self.canvas.to_screen(row + 0.5, col + 0.5) for row, col in self._points]
        for ink, radius in ((overlay("halo"), r + width(1)), (overlay("winner"), r)):
            painter.setBrush(ink)
            for place in places:
                painter.drawEllipse(place, radius, radius)


class Pin(Overlay):
    """A pinned unit: a white frame and its number."""

    def __init__(self, canvas: Canvas, number: int = 1) -> None:
        super().__init__(canvas, 35)
        self.number = number
        self._unit = (0, 0)

    def unit(self) -> tuple[int, int]:
        """Return the pinned pixel."""
        return self._unit

    def set_unit(self, unit: tuple[int, int] | None) -> None:
        """Pin a pixel, and show; None hides."""
        if unit is None:
            self.setVisible(False)
        else:
            self._unit = unit
            self.show_moved()

    def _frame(self) -> QRectF:
        r, c = self._unit
        return grown(self.canvas.screen_box((r, c, r + 1, c + 1)), 1, SMALLEST)

    def _chip(self) -> QRectF:
        size = px(16)
        corner = self._frame().topLeft() - QPointF(size, size)
        pane = self.canvas.pane()
        x = corner.x() if corner.x() >= pane.left() else self._frame().right()
        y = corner.y() if corner.y() >= pane.top() else self._frame().bottom()
        return QRectF(x, y, size, size)

    def screen_rect(self) -> QRectF:
        """Return frame and number."""
        return self._frame().united(self._chip()).adjusted(-4, -4, 4, 4)

    def draw(self, painter: QPainter) -> None:
        """Draw frame and number."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRect(self._frame())
        haloed(painter, path, overlay("selected"), 2)
        painter.setPen(QPen(overlay("halo"), width(1.5)))
        painter.setBrush(overlay("selected"))
        painter.drawEllipse(self._chip())
        painter.setFont(font("caption", 600))
        painter.drawText(self._chip(), Qt.AlignmentFlag.AlignCenter, str(self.number))


class Dim(Overlay):
    """Everything outside a box at 20 %."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, 5)
        self._box: BoxF = (0, 0, 0, 0)

    def set_box(self, box: BoxF | None) -> None:
        """Keep a box and dim the rest; None ends it."""
        if box is None:
            self.setVisible(False)
        else:
            self._box = box
            self.show_moved()

    def screen_rect(self) -> QRectF:
        """Return the whole pane."""
        return self.canvas.pane()

    def draw(self, painter: QPainter) -> None:
        """Cover the outside with the canvas's ground."""
        path = QPainterPath()
        path.addRect(self.canvas.pane())
        inside = QPainterPath()
        inside.addRect(self.canvas.screen_box(self._box))
        painter.fillPath(path.subtracted(inside), colour("canvas", 204))


class RubberBand(Overlay):
    """A rectangle that is being dragged out, in whole pixels, with words at it."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, 38)
        self._tag = Tag(canvas, "selected", z=42)
        self._box: BoxF = (0, 0, 0, 0)

    def set_box(self, box: BoxF | None, text: str = "") -> None:
        """Show a rectangle and its words; None hides both."""
        if box is None:
            self.setVisible(False)
            self._tag.place("", (0, 0, 0, 0))
        else:
            self._box = box
            self.show_moved()
            self._tag.place(text, box)

    def screen_rect(self) -> QRectF:
        """Return it with its halo."""
        return self.canvas.screen_box(self._box).adjusted(-4, -4, 4, 4)

    def draw(self, painter: QPainter) -> None:
        """Draw the frame."""
        path = QPainterPath()
        path.addRect(self.canvas.screen_box(self._box))
        haloed(painter, path, overlay("selected"), 2)
