# SPDX-License-Identifier: GPL-3.0-or-later
"""The outline that names what a drop will do."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from .theme import RADIUS, colour, font, px


class DropFrame(QWidget):
    """A frame over the whole window with a few words."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_words(self, words: str) -> None:
        """Name what a drop will do."""
        self._words = words
        self.setAccessibleName(words)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw frame and words."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(colour("accent"), px(3)))
        p.setBrush(colour("bg", 160))
        inset = px(6)
        p.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), px(RADIUS), px(RADIUS))
        p.setPen(colour("text"))
        p.setFont(font("display", 600))
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._words)
