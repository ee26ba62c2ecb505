# SPDX-License-Identifier: GPL-3.0-or-later
"""One of several: segmented buttons and tabs. Both are painted, clickable, and driven by the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from .focus import Ringed
from .theme import colour, font, logical, px

STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class _Choice(Ringed, QWidget):
    """What tabs and segments share: an ordered list, one chosen, one under the pointer."""

    changed = pyqtSignal(int)

    def __init__(self, options: Sequence[str], on: int, name: str, tips: Sequence[str] = ()) -> None:
        super().__init__()
        self._options, self._on, self._over, self._name = list(options), on, -1, name
        self._tips = list(tips)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._announce()

    def options(self) -> list[str]:
        """Return the texts."""
        return list(self._options)

    def current(self) -> int:
        """Return the index of the chosen one."""
        return self._on

    def current_text(self) -> str:
        """Return the text of the chosen one."""
        return self._options[self._on] if 0 <= self._on < len(self._options) else ""

    def set_current(self, index: int) -> None:
        """Choose one without a signal, to show what is so."""
        if index != self._on:
            self._on = index
            self._announce()
            self.update()

    def set_options(self, options: Sequence[str], on: int = 0, tips: Sequence[str] = ()) -> None:
        """Replace the list, without a signal."""
        self._options, self._on, self._tips = list(options), on, list(tips)
        self._announce()
        self.updateGeometry()
        self.update()

    def choose(self, index: int) -> None:
        """Choose one as the user does: emits ``changed`` when it differs."""
        if 0 <= index < len(self._options) and index != self._on:
            self.set_current(index)
            self.changed.emit(index)

    def retheme(self) -> None:
        """Take the new scale."""
        self.updateGeometry()

    def boxes(self) -> list[tuple[int, QRectF]]:
        """Return the index and place of everything that can be clicked."""
        raise TypeError("a choice says where its boxes are")

    def index_at(self, at: QPointF) -> int:
        """Return the index under a point, -1 for none."""
        return next((i for i, box in self.boxes() if box.contains(at)), -1)

    def _announce(self) -> None:
        self.setAccessibleName(f"{self._name}: {self.current_text()}" if self._name else self.current_text())
        count = len(self._options)
        self.setAccessibleDescription(f"{self._on + 1} of {count}: {', '.join(self._options)}. Arrow keys choose.")

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Light up what is under the pointer."""
        if event is not None and (over := self.index_at(event.position())) != self._over:
            self._over = over
            self.update()

    def leaveEvent(self, _event: QEvent | None) -> None:
        """Forget the pointer."""
        self._over = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose what was pressed."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed(self.index_at(event.position()))

    def pressed(self, index: int) -> None:
        """Act on a press."""
        self.choose(index)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows, Home and End choose."""
        if event is None:
            return
        last = len(self._options) - 1
        if event.key() in STEPS:
            self.choose(min(max(self._on + STEPS[Qt.Key(event.key())], 0), last))
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.choose(0 if event.key() == Qt.Key.Key_Home else last)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Show the tooltip of the option under the pointer."""
        if isinstance(event, QHelpEvent) and self._tips:
            index = self.index_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._tips[index] if 0 <= index < len(self._tips) else "", self)
            return True
        return super().event(event)


class Segmented(_Choice):
    """A few options side by side in one frame: ``Segmented(["Correlation", "Convolution"], 0, name="Operator")``.

    Signals: ``changed(int)``, only when the user chose.
    """

    def __init__(self, options: Sequence[str], on: int = 0, name: str = "", tips: Sequence[str] = ()) -> None:
        super().__init__(options, on, name, tips)
        logical(self, height=28)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _widths(self) -> list[float]:
        fm = QFontMetrics(font(12, 600))
        return [fm.horizontalAdvance(o) + px(14) for o in self._options]

    def sizeHint(self) -> QSize:
        """Every option whole."""
        return QSize(int(sum(self._widths())) + 2, px(28))

    def minimumSizeHint(self) -> QSize:
        """Every option whole, with less air."""
        return QSize(int(sum(self._widths())) + 2 - px(6) * len(self._options), px(28))

    def boxes(self) -> list[tuple[int, QRectF]]:
        """Share the width so that every option has the same air."""
        widths = self._widths()
        spare = (self.width() - 1 - sum(widths)) / max(1, len(widths))
        boxes, x = [], 0.5
        for i, width in enumerate(widths):
            boxes.append((i, QRectF(x, 0.5, width + spare, self.height() - 1)))
            x += width + spare
        return boxes

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the frame and the options, the chosen one filled."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(colour("edge")))
        p.setBrush(colour("field"))
        p.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        for i, box in self.boxes():
            chosen = i == self._on and self.isEnabled()
            if chosen or i == self._over:
                p.setPen(Qt.PenStyle.NoPen)
                p.setBrush(colour("accent" if chosen else "soft"))
                p.drawRoundedRect(box.adjusted(2, 2, -2, -2), px(4), px(4))
            p.setPen(colour("on" if chosen else "text" if self.isEnabled() else "text3"))
            p.setFont(font(12, 600 if i == self._on else 400))
            p.drawText(box, Qt.AlignmentFlag.AlignCenter, self._options[i])


class Tabs(_Choice):
    """Words in a row, the one in front underlined; what does not fit goes into a menu at the end.

    ``Tabs(["Terms", "Matrix", …], 0, name="Bench panels")``. Signals: ``changed(int)``, only when the user chose.
    """

    MORE = -2

    def __init__(self, options: Sequence[str], on: int = 0, name: str = "", tips: Sequence[str] = ()) -> None:
        super().__init__(options, on, name, tips)
        logical(self, height=34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.menu = QMenu(self)

    def _width(self, text: str) -> int:
        return QFontMetrics(font(13, 600)).horizontalAdvance(text) + px(18)

    def sizeHint(self) -> QSize:
        """Room for every tab."""
        return QSize(sum(self._width(o) for o in self._options), px(34))

    def minimumSizeHint(self) -> QSize:
        """Room for one tab and the menu."""
        widest = max((self._width(o) for o in self._options), default=0)
        return QSize(widest + self._width("More…"), px(34))

    def shown(self) -> list[int]:
        """Return the indices that fit, in order; the chosen one is always among them."""
        every = list(range(len(self._options)))
        if sum(self._width(o) for o in self._options) <= self.width() + px(9):
            return every
        room = self.width() + px(9) - self._width("More…")
        fits: list[int] = []
        for i in every:
            if sum(self._width(self._options[k]) for k in (*fits, i)) > room:
                break
            fits.append(i)
        if 0 <= self._on < len(every) and self._on not in fits:
            while fits and sum(self._width(self._options[k]) for k in (*fits, self._on)) > room:
                fits.pop()
            fits.append(self._on)
        return fits

    def boxes(self) -> list[tuple[int, QRectF]]:
        """Place the tabs that fit, and the menu (index ``MORE``) after them."""
        boxes, x, shown = [], float(-px(9)), self.shown()
        for i in shown:
            boxes.append((i, QRectF(x, 0, self._width(self._options[i]), self.height())))
            x += boxes[-1][1].width()
        if len(shown) < len(self._options):
            boxes.append((self.MORE, QRectF(x, 0, self._width("More…"), self.height())))
        return boxes

    def pressed(self, index: int) -> None:
        """Choose, or open the menu of the others."""
        if index == self.MORE:
            self.open_menu()
        else:
            self.choose(index)

    def open_menu(self) -> None:
        """Offer the tabs that do not fit."""
        shown = self.shown()
        self.menu.clear()
        for i, text in enumerate(self._options):
            if i not in shown:
                action = self.menu.addAction(text)
                if action is not None:
                    action.triggered.connect(lambda _=False, i=i: self.choose(i))
        self.menu.popup(self.mapToGlobal(QPoint(int(self.boxes()[-1][1].left()), self.height())))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the words and the line under the chosen one."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i, box in self.boxes():
            on = i == self._on
            p.setFont(font(13, 600 if on else 400))
            p.setPen(colour("text" if on or i == self._over else "text2"))
            p.drawText(box, Qt.AlignmentFlag.AlignCenter, "More…" if i == self.MORE else self._options[i])
            if on:
                p.setPen(Qt.PenStyle.NoPen)
                p.setBrush(colour("accent"))
                line = QRectF(box.left() + px(9), self.height() - px(5), box.width() - px(18), px(3))
                p.drawRoundedRect(line, 1.5, 1.5)
