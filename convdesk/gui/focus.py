# SPDX-License-Identifier: GPL-3.0-or-later
"""The focus ring: 2 px of accent, 2 px outside the control, for every control alike.

It is one widget of the window that is laid over whatever has the focus, so no control needs room for it. It shows when
the focus came by the keyboard, and always in high contrast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PyQt6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from .theme import active, colour, px

if TYPE_CHECKING:
    Base = QWidget
else:
    Base = object

BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
OUTSET = 4  # 2 px of gap and 2 px of line
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show, QEvent.Type.ParentChange)


def wants_ring(reason: Qt.FocusReason) -> bool:
    """Tell whether a focus that came this way is shown."""
    return reason in BY_KEYBOARD or active.name == "contrast"


class Watch(QObject):
    """Calls back when a widget moves in its window: itself, or anything it lies in (a page that scrolls)."""

    def __init__(self, target: QWidget, callback: Callable[[], object]) -> None:
        super().__init__(target)
        self._callback = callback
        self._watched: list[QWidget] = []
        widget: QWidget | None = target
        while widget is not None:
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = None if widget.isWindow() else widget.parentWidget()

    def stop(self) -> None:
        """Call back no more."""
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = []
        self.deleteLater()

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Look for what moves or hides."""
        if event is not None and event.type() in MOVES:
            self._callback()
        return False


class FocusRing(QWidget):
    """The ring of one window; it follows its target when that moves."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.target: QWidget | None = None
        self._watch: Watch | None = None
        self.hide()

    def surround(self, target: QWidget) -> None:
        """Lay the ring around a control."""
        self.release(self.target)
        self.target = target
        self._watch = Watch(target, self._place)
        self._place()

    def release(self, target: QWidget | None) -> None:
        """Hide the ring if it is around this control."""
        if target is not None and target is self.target:
            self.target = None
            self.hide()
            if self._watch is not None:
                self._watch.stop()
                self._watch = None

    def _place(self) -> None:
        window, target = self.parentWidget(), self.target
        if target is None or window is None:
            return
        seen = target.visibleRegion().boundingRect()
        if seen.isEmpty():  # hidden, or scrolled away
            self.hide()
            return
        out = px(OUTSET)
        self.setGeometry(QRect(target.mapTo(window, seen.topLeft()), seen.size()).adjusted(-out, -out, out, out))
        self.show()
        self.raise_()

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
