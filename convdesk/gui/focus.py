# SPDX-License-Identifier: GPL-3.0-or-later
"""The focus ring: 2 px of accent, 2 px outside the control, for every control alike.

It is one widget of the window that is laid over whatever has the focus, so no control needs room for it. It shows when
the focus came by the keyboard, and always in high contrast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PyQt6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from .theme import active, colour, px

if TYPE_CHECKING:
    Base = QWidget
else:
    Base = object

BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
OUTSET = 4  # 2 px of gap and 2 px of line


def wants_ring(reason: Qt.FocusReason) -> bool:
    """Tell whether a focus that came this way is shown."""
    return reason in BY_KEYBOARD or active.name == "contrast"


class FocusRing(QWidget):
    """The ring of one window; it follows its target when that moves."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.target: QWidget | None = None
        self.hide()

    def surround(self, target: QWidget) -> None:
        """Lay the ring around a control."""
        self.release(self.target)
        self.target = target
        target.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()

    def release(self, target: QWidget | None) -> None:
        """Hide the ring if it is around this control."""
        if target is not None and target is self.target:
            target.removeEventFilter(self)
            self.target = None
            self.hide()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the target."""
        if event is not None and watched is self.target:
            if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
                self._place()
            elif event.type() in (QEvent.Type.Hide, QEvent.Type.ParentChange):
                self.release(self.target)
        return False

    def _place(self) -> None:
        window = self.parentWidget()
        if self.target is not None and window is not None:
            corner = self.target.mapTo(window, QPoint(0, 0))
            out = px(OUTSET)
            self.setGeometry(QRect(corner, self.target.size()).adjusted(-out, -out, out, out))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = px(2)
        painter.setPen(QPen(colour("accent"), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), px(8), px(8))


def ring_of(widget: QWidget) -> FocusRing:
    """Return the ring of the widget's window, made when first needed."""
    window = widget.window()
    assert window is not None  # every widget has a window, if only itself
    found = window.findChild(FocusRing, "focusRing", Qt.FindChildOption.FindDirectChildrenOnly)
    return found if found is not None else FocusRing(window)


class Ringed(Base):
    """Mixin in front of a QWidget class: its focus is shown by the ring."""

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show the ring when the keyboard brought the focus."""
        super().focusInEvent(event)
        if event is not None and wants_ring(event.reason()) and self.window() is not self:
            ring_of(self).surround(self)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Hide the ring."""
        super().focusOutEvent(event)
        if self.window() is not self:
            ring_of(self).release(self)
