# SPDX-License-Identifier: GPL-3.0-or-later
"""What an empty desk offers: open, samples, drop, paste; some samples and recent files below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ..focus import Ringed
from ..icons import pixmap
from ..parts import Button, column, label, row
from ..theme import RADIUS, colour, font, logical, px


class Offer(Ringed, QFrame):
    """A large button with a picture, a title and a line. Signals: ``chosen``."""

    chosen = pyqtSignal()

    def __init__(self, icon: str, title: str, text: str) -> None:
        super().__init__()
        self._icon, self._title, self._text = icon, title, text
        self._over = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        logical(self, height=96, min_width=150, max_width=220)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw frame, icon and words."""
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(colour("accent" if self._over else "line"), 1))
        p.setBrush(colour("field"))
        p.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), px(RADIUS), px(RADIUS))
        p.drawPixmap(px(14), px(14), pixmap(self._icon, "accent", 22))
        p.setPen(colour("text"))
        p.setFont(font("body", 600))
        p.drawText(self.rect().adjusted(px(14), px(42), -px(8), 0), Qt.AlignmentFlag.AlignLeft, self._title)
        p.setPen(colour("text2"))
        p.setFont(font("caption"))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        p.drawText(self.rect().adjusted(px(14), px(61), -px(10), -px(4)), flags, self._text)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Choose."""
        if event is not None and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose by keyboard."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: object) -> None:
        """Light up."""
        self._over = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Go dark again."""
        self._over = False
        self.update()


class FirstStart(QFrame):
    """Signals: ``openRequested``, ``samplesRequested(widget)``, ``sampleChosen(name)``, ``fileChosen(path)``."""

    openRequested = pyqtSignal()
    samplesRequested = pyqtSignal(object)
    sampleChosen = pyqtSignal(str)
    fileChosen = pyqtSignal(object)

    def __init__(self, recent: Callable[[], list[Path]]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._recent = recent
        self.picture = QPixmap()
        title = label("Open something to convolve", size="step", weight=600)
        text = label("An image, a signal or a volume. Everything stays on this computer.", "sub", wrap=True)
        self.open_button = Button("Open…", "primary", action=self.openRequested.emit)
        self.samples_button = Button("Samples", icon_name="sample")
        self.samples_button.clicked.connect(lambda: self.samplesRequested.emit(self.samples_button))
        drop = label("or drop a file here, or press Ctrl+V", "hint")
        self.offers = [
            ("camera", Offer("image", "Start with a photo", "Cameraman, 512 × 512, grey")),
            ("sst_nino3", Offer("signal", "A signal", "Sea temperature, month by month")),
            ("mni152", Offer("volume", "A volume", "A brain, slice by slice")),
        ]
        for name, offer in self.offers:
            offer.chosen.connect(lambda n=name: self.sampleChosen.emit(n))
        self.files = QWidget()
        self._files: QVBoxLayout = logical(QVBoxLayout(self.files), spacing=0, margins=(0, 14, 0, 0))
        inner = QWidget()
        logical(inner, max_width=676)
        inner.setLayout(
            column(
                title, text, row(self.open_button, self.samples_button, drop, 1, spacing=8, margins=(0, 8, 0, 16)),
                row(*(offer for _, offer in self.offers), spacing=8), self.files, spacing=6,
            )
        )  # fmt: skip
        box: QHBoxLayout = logical(QHBoxLayout(self), margins=(24, 24, 24, 24))
        box.addStretch(1)
        box.addWidget(inner, 10, Qt.AlignmentFlag.AlignVCenter)
        box.addStretch(1)

    def show_recent(self) -> None:
        """List the files of last time."""
        while (item := self._files.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        recent = self._recent()[:5]
        if recent:
            self._files.addWidget(label("Recent files", "cap"))
        for path in recent:
            button = Button(path.name, "link")
            button.setToolTip(str(path))
            button.setStyleSheet("padding-left: 0; padding-right: 0;")  # its words stand below those of the heading
            button.clicked.connect(lambda _=False, p=path: self.fileChosen.emit(p))
            self._files.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.files.setVisible(bool(recent))
