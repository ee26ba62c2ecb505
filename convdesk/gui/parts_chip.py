# SPDX-License-Identifier: GPL-3.0-or-later
"""A chip: a fact in a rounded frame, which explains itself, and can offer something when it is clicked."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from .focus import Ringed
from .theme import colour, font, px


class Chip(Ringed, QWidget):
    """A short text in a frame. Signals: ``clicked`` (only when ``clickable``).

    Parameters
    ----------
    text : str
        What it says, without a full stop.
    ink : str
        Token of its text: ``text2 ok warn err accent rf pf pad win``.
    tip : str
        What it means, in a sentence.
    clickable : bool
        Whether it offers something; then it takes the focus too.
    dot : bool
        Put a point in front, for news.
    """

    clicked = pyqtSignal()

    def __init__(
        self, text: str = "", ink: str = "text2", tip: str = "", clickable: bool = False, dot: bool = False
    ) -> None:
        super().__init__()
        self._text, self._ink, self._dot, self._over = text, ink, dot, False
        self.clickable = clickable
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if clickable else Qt.FocusPolicy.NoFocus)
        if clickable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_text(text, tip=tip)

    def text(self) -> str:
        """Return what it says."""
        return self._text

    def set_text(self, text: str, ink: str | None = None, tip: str | None = None, dot: bool | None = None) -> None:
        """Change what it says and, when given, ink, explanation and point."""
        self._text = text
        self._ink = self._ink if ink is None else ink
        self._dot = self._dot if dot is None else dot
        self.setAccessibleName(text)
        if tip is not None:
            self.setToolTip(tip)
            self.setAccessibleDescription(tip)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its text; 20 high, or 28 where it can be clicked."""
        width = QFontMetrics(font("caption", 500)).horizontalAdvance(self._text) + px(16) + px(10) * self._dot
        return QSize(width, px(28 if self.clickable else 20))

    def minimumSizeHint(self) -> QSize:
        """A chip is never cut."""
        return self.sizeHint()

    def retheme(self) -> None:
        """Take the new scale."""
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw frame, point and text."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = px(20)
        frame = QRectF(0.5, (self.height() - height) / 2 + 0.5, self.width() - 1, height - 1)
        p.setPen(QPen(colour("edge" if self._over else "line"), 1))
        p.setBrush(colour("soft" if self._over else "field"))
        p.drawRoundedRect(frame, height / 2, height / 2)
        left = frame.left() + px(8)
        if self._dot:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(colour(self._ink))
            p.drawEllipse(QRectF(left, frame.center().y() - px(3), px(6), px(6)))
            left += px(10)
        p.setPen(colour(self._ink))
        p.setFont(font("caption", 500 if self._ink != "text2" else 400))
        p.drawText(frame.adjusted(left - frame.left(), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the press only when it means something."""
        if event is not None and not self.clickable:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Click."""
        if event is not None and self.clickable and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Click by keyboard."""
        if (
            event is not None
            and self.clickable
            and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Light up where a click means something."""
        self._over = self.clickable
        self.update()

    def leaveEvent(self, _event: object) -> None:
        """Go dark again."""
        self._over = False
        self.update()
