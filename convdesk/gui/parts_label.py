# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of text that gives way: it elides in the middle and shows whole in the tooltip."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy


class Elided(QLabel):
    """A label for names and descriptions, never for numbers: those do not elide."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        if role:
            self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """Take the width of a few letters, however long the text is."""
        fm = self.fontMetrics()
        return QSize(min(fm.horizontalAdvance(self.text()), fm.horizontalAdvance("Mm…m")), fm.height())

    def shown_text(self) -> str:
        """Return what fits."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.contentsRect().width() + 1)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw what fits, and explain the rest in the tooltip."""
        shown = self.shown_text()
        tip = "" if shown == self.text() else self.text()
        if self.toolTip() != tip:
            self.setToolTip(tip)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(Qt.AlignmentFlag.AlignVCenter | self.alignment()), shown)
