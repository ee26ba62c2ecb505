# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu of preset kernels: hovering one previews it, Enter keeps it, Esc leaves."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QPaintEvent
from PyQt6.QtWidgets import QMenu, QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter

from convdesk.document.presets import Preset, presets

from ..focus import Ringed
from ..icons import pixmap
from ..menus import heading
from ..theme import logical, px


class PresetButton(Ringed, QPushButton):
    """Signals: ``previewed(preset)`` while pointing, ``kept(preset)``, ``left()`` when none was kept."""

    previewed = pyqtSignal(object)
    kept = pyqtSignal(object)
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("Presets")
        self.setAccessibleName("Preset kernels")
        self.setToolTip("Preset kernels: pointing previews, Enter keeps, Esc leaves")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("kind", "combo")
        logical(self, min_height=28, width=63)
        self.menu_of_presets = QMenu(self)
        self.menu_of_presets.setToolTipsVisible(True)
        self._ndim = 2
        self._filled = 0
        self._previewing = False
        self.clicked.connect(self.open)
        self.menu_of_presets.aboutToHide.connect(self._hidden)

    def show_kernel(self, kernel: np.ndarray) -> None:
        """Show the name of the preset that this kernel is."""
        self._ndim = kernel.ndim
        name = next((p.title for p in presets(kernel.ndim) if same(p.kernel.array, kernel)), "Own")
        self.setText(name)
        self.setAccessibleDescription(name)

    def open(self) -> None:
        """Show the menu below the button."""
        self.fill(self.menu_of_presets, self._ndim)
        self.menu_of_presets.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def fill(self, menu: QMenu, ndim: int) -> None:
        """Put the presets for kernels of so many axes into a menu."""
        menu.clear()
        group = ""
        for preset in presets(ndim):
            if preset.group != group:
                group = preset.group
                heading(menu, group)
            action = QAction(preset.title, menu)
            action.setToolTip(preset.formula)
            action.setStatusTip(preset.formula)
            action.hovered.connect(lambda p=preset: self._preview(p))
            action.triggered.connect(lambda _=False, p=preset: self._keep(p))
            menu.addAction(action)

    def _preview(self, preset: Preset) -> None:
        self._previewing = True
        self.previewed.emit(preset)

    def _keep(self, preset: Preset) -> None:
        self._previewing = False
        self.kept.emit(preset)

    def _hidden(self) -> None:
        # the menu hides before its action is triggered: wait for that
        from PyQt6.QtCore import QTimer

        QTimer.singleShot(0, self._leave)

    def _leave(self) -> None:
        if self._previewing:
            self._previewing = False
            self.left.emit()

    def sizeHint(self) -> QSize:
        """As wide as it was made."""
        return QSize(px(63), px(28))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the name, elided, and an arrow."""
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        size = px(12)
        room = self.rect().adjusted(px(9), 0, -size - px(8), 0)
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.drawPixmap(
            self.width() - size - px(6), (self.height() - size) // 2, size, size, pixmap("down", "text2", 12)
        )


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Tell whether two kernels are the same numbers, to float32."""
    return a.shape == b.shape and np.array_equal(a.astype(np.float32), b.astype(np.float32))
