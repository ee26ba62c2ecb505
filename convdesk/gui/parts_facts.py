# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that are read, not edited: measured facts in a line, and the end of the equation."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from .theme import colour, font, logical, overlay, px

Left, Right, Middle = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter


class Facts(QWidget):
    """Three or four measured facts in one line: a caption and a number each.

    ``Facts(("Field", "22", "rf"), ("Jump", "2"), ("Offset", "−10", "", "where output 0 starts"))``: caption, text,
    ink token and tooltip; the last two may be left out.
    """

    def __init__(self, *facts: tuple[str, ...]) -> None:
        super().__init__()
        self._facts: list[tuple[str, ...]] = []
        logical(self, height=42)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_facts(*facts)

    def set_facts(self, *facts: tuple[str, ...]) -> None:
        """Show other facts."""
        self._facts = list(facts)
        self.setAccessibleName(", ".join(f"{f[0]} {f[1]}" for f in facts))
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Wide enough for every number at the smallest size."""
        fm = QFontMetrics(font("body", 600))
        widths = [fm.horizontalAdvance(f[1]) + px(14) for f in self._facts]
        return QSize(max(widths, default=0) * len(widths), px(42))

    def event(self, event: QEvent | None) -> bool:
        """Show the tooltip of the fact under the pointer."""
        if isinstance(event, QHelpEvent) and self._facts:
            fact = self._facts[
                min(int(event.pos().x() / max(1, self.width()) * len(self._facts)), len(self._facts) - 1)
            ]
            QToolTip.showText(event.globalPos(), fact[3] if len(fact) > 3 else "", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw captions, numbers and the lines between."""
        p = QPainter(self)
        width = self.width() / max(1, len(self._facts))
        room = width - px(12)
        for i, fact in enumerate(self._facts):
            x = int(i * width) + (px(9) if i else 0)
            p.setPen(colour("text2"))
            p.setFont(font("caption"))
            caption = p.fontMetrics().elidedText(fact[0], Qt.TextElideMode.ElideRight, int(room))
            p.drawText(QRect(x, 0, int(room), px(15)), Left, caption)
            p.setPen(colour(fact[2]) if len(fact) > 2 and fact[2] else colour("text"))
            for size in (16, 14, 13, 12, 11):  # numbers never elide: they get smaller first
                p.setFont(font(size, 600))
                if p.fontMetrics().horizontalAdvance(fact[1]) <= room:
                    break
            p.drawText(QRect(x, px(16), int(width) + px(8), px(22)), Left | Middle, fact[1])
            if i:
                p.setPen(colour("line"))
                p.drawLine(x - px(9), px(2), x - px(9), px(38))


class Sum(QWidget):
    """The end of the equation: sum, bias, activation, result.

    ``Sum([("Sum", "83.10"), ("Bias", "−4.00")], "79.10")``; ``hidden`` frames the result dashed, for a prediction.
    """

    def __init__(self, lines: Sequence[tuple[str, str]] = (), result: str = "", hidden: bool = False) -> None:
        super().__init__()
        logical(self, min_width=110, max_width=240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._lines: list[tuple[str, str]] = []
        self.set_sum(lines, result, hidden)

    def set_sum(
        self,
        lines: Sequence[tuple[str, str]],
        result: str,
        hidden: bool = False,
        caption: str | None = None,
        ink: str = "rf",
    ) -> None:
        """Show other numbers; ``caption`` stands below the result."""
        self._lines, self._result, self._hidden, self._ink = list(lines), result, hidden, ink
        default = "your prediction" if hidden else "= the pixel shown"
        self.caption = default if caption is None else caption
        spoken = ", ".join(f"{k} {v}" for k, v in self._lines)
        self.setAccessibleName(f"{spoken}, result {result}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its lines and the result."""
        return QSize(px(150), px(2 + 24 * len(self._lines) + 10 + 44 + 22))

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return QSize(px(110), self.sizeHint().height())

    def retheme(self) -> None:
        """Take the new scale."""
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the lines, the bar and the framed result."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, w = px(2), self.width() - px(2)
        for name, text in self._lines:
            line = QRect(0, y, w, px(24))
            p.setFont(font(12))
            p.setPen(colour("text2"))
            p.drawText(line, Middle, name)
            p.setFont(font(13, 500))
            p.setPen(colour("text"))
            p.drawText(line, Middle | Right, text)
            y += px(24)
        p.setPen(QPen(colour("text"), 1.5))
        p.drawLine(0, y + px(2), w, y + px(2))
        box = QRectF(1, y + px(10), w - 2, px(44))
        p.setPen(QPen(colour(self._ink), 1.5, Qt.PenStyle.DashLine if self._hidden else Qt.PenStyle.SolidLine))
        p.setBrush(overlay("field", 38))
        p.drawRoundedRect(box, px(6), px(6))
        p.setPen(colour("text"))
        room = box.width() - px(20)
        for size in (24, 20, 18, 16, 14, 12):
            p.setFont(font(size, 600))
            if p.fontMetrics().horizontalAdvance(self._result) <= room:
                break
        p.drawText(box.adjusted(px(10), 0, -px(10), 0), Middle | Right, self._result)
        p.setFont(font("caption"))
        p.setPen(colour("text2"))
        p.drawText(QRectF(0, box.bottom() + px(3), w, px(16)), Right, self.caption)


class Steps(QWidget):
    """How far along: one dash per step."""

    def __init__(self, count: int, at: int = 0) -> None:
        super().__init__()
        logical(self, height=6)
        self.set_steps(count, at)

    def set_steps(self, count: int, at: int) -> None:
        """Show step ``at`` (from 0) of ``count``."""
        self._count, self._at = count, at
        self.setAccessibleName(f"step {at + 1} of {count}")
        self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the dashes."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        gap = px(4)
        width = (self.width() - gap * (self._count - 1)) / max(1, self._count)
        for i in range(self._count):
            p.setBrush(colour("accent" if i <= self._at else "line"))
            p.drawRoundedRect(QRectF(i * (width + gap), px(1), width, px(4)), 2, 2)
