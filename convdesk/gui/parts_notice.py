# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window says without being asked: a bar over its region, a toast in the corner. Neither is modal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QEnterEvent
from PyQt6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from .icons import icon, pixmap
from .theme import TOAST_MS, active, logical, overlay, px

Action = tuple[str, Callable[[], object]]
ICONS = {"info": ("check", "ok"), "warn": ("warning", "warn"), "error": ("error", "err")}


class _Notice(QFrame):
    """An icon, a sentence, its actions and a cross, laid over ``region``."""

    closed = pyqtSignal()

    def __init__(self, region: QWidget, name: str) -> None:
        super().__init__(region)
        self.setObjectName(name)
        self.kind = "info"
        self._sign, self._text = QLabel(), QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._actions: list[QPushButton] = []
        self._cross = QToolButton()
        self._cross.setAccessibleName("Close")
        self._cross.setAccessibleDescription("Esc")
        self._cross.setToolTip("Close")
        self._cross.clicked.connect(self.dismiss)
        logical(self._cross, width=28, height=28)
        self._box: QHBoxLayout = logical(QHBoxLayout(self), spacing=8, margins=(12, 3, 4, 3))
        self._box.addWidget(self._sign)
        self._box.addWidget(self._text, 1)
        self._box.addWidget(self._cross)
        region.installEventFilter(self)
        self.hide()

    def text(self) -> str:
        """Return the sentence."""
        return self._text.text()

    def buttons(self) -> list[QPushButton]:
        """Return the buttons of its actions."""
        return list(self._actions)

    def fill(self, sentence: str, actions: Sequence[Action], kind: str) -> None:
        """Set what it says and offers."""
        self.kind = kind
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        for old in self._actions:
            self._box.removeWidget(old)
            old.deleteLater()
        self._actions = []
        for text, callback in actions:
            button = QPushButton(text)
            button.setProperty("kind", "link")
            button.setAccessibleName(text)
            button.clicked.connect(lambda _=False, callback=callback: (self.dismiss(), callback()))
            self._box.insertWidget(self._box.count() - 1, button)
            self._actions.append(button)
        self.retheme()

    def dismiss(self) -> None:
        """Close it."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def retheme(self) -> None:
        """Draw the icons in the theme's colours and stand where it belongs."""
        name, ink = ICONS[self.kind]
        self._sign.setPixmap(pixmap(name, ink, 18))
        self._cross.setIcon(icon("close", size=14))
        self._cross.setIconSize(QSize(px(14), px(14)))
        self.place()

    def place(self) -> None:
        """Lay it over the region."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the region's size."""
        if event is not None and event.type() == QEvent.Type.Resize and watched is self.parent():
            self.place()
        return False


class Bar(_Notice):
    """One line over the top of a region; it pushes nothing. ``Bar(region).show_text("…", [("Keep", keep)])``.

    Signals: ``closed``.
    """

    def __init__(self, region: QWidget) -> None:
        super().__init__(region, "bar")
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, sentence: str, actions: Sequence[Action] = (), kind: str = "warn") -> None:
        """Show a sentence; ``kind`` is info, warn or error."""
        self.fill(sentence, actions, kind)
        self.show()
        self.raise_()
        self.place()

    def place(self) -> None:
        """36 px high, 4 px from the edges of the region; higher only where the sentence needs two lines."""
        region = self.parentWidget()
        if region is not None:
            width = region.width() - px(8)
            self.setGeometry(px(4), px(4), width, max(px(36), self.heightForWidth(width)))


class Toast(_Notice):
    """One sentence bottom right; the newest replaces. It stays while hovered, and errors stay until closed.

    ``Toast(window).show_text("Saved kernel.png (1,400 × 900)")``. Signals: ``closed``.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "toast")
        self.over: QWidget | None = None
        self._timer = QTimer(self, singleShot=True, interval=TOAST_MS)
        self._timer.timeout.connect(self._fade_out)
        self._fade: QPropertyAnimation | None = None
        logical(self._box, margins=(12, 8, 6, 8))

    def show_text(self, sentence: str, actions: Sequence[Action] = (), kind: str = "info") -> None:
        """Show a sentence; ``kind`` is info, warn or error."""
        if self._fade is not None:
            self._fade.stop()
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(px(16))
        shadow.setOffset(0, px(2))
        shadow.setColor(overlay("halo", 90))
        self.setGraphicsEffect(shadow)
        self.fill(sentence, actions, kind)
        self.show()
        self.raise_()
        self.place()
        self._timer.stop() if kind == "error" else self._timer.start()

    def place(self) -> None:
        """16 px from the bottom right corner, above the status bar; in the middle over ``over``, where there is one."""
        window = self.parentWidget()
        if window is not None:
            width = min(px(420), window.width() - px(32))
            self._text.setMinimumWidth(min(px(180), width // 2))
            self.setFixedWidth(min(width, max(px(240), self.sizeHint().width())))
            self.setFixedHeight(max(px(44), self.heightForWidth(self.width())))
            x, bottom = window.width() - self.width() - px(16), window.height() - px(16) - px(26)
            if self.over is not None and self.over.isVisible():
                region = QRect(self.over.mapTo(window, QPoint()), self.over.size())
                x = max(px(16), min(region.center().x() - self.width() // 2, x))
                bottom = region.bottom() - px(16)
            self.move(x, bottom - self.height())

    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Stay while it is read."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        """Go on counting."""
        if self.kind != "error" and not self.isHidden():
            self._timer.start()
        super().leaveEvent(event)

    def _fade_out(self) -> None:
        if not active.fade_ms:
            self.dismiss()
            return
        effect = QGraphicsOpacityEffect(self)
        self.setGraphicsEffect(effect)
        self._fade = QPropertyAnimation(effect, b"opacity", self, duration=active.fade_ms, startValue=1.0, endValue=0.0)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.finished.connect(self._gone)
        self._fade.start()

    def _gone(self) -> None:
        self.dismiss()
