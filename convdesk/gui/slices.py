# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way through a volume, and which slice: a switch and a slider."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSlider, QWidget

from .eye import PLANES
from .parts import Segmented, label, row, set_label
from .theme import logical


class SliceBar(QWidget):
    """Signals: ``planeChosen(axis)``, ``sliceChosen(position)``."""

    planeChosen = pyqtSignal(int)
    sliceChosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.planes = Segmented(
            PLANES, 0, name="Plane", tips=("Steps along axis 0", "Steps along axis 1", "Steps along axis 2")
        )
        logical(self.planes, width=240)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Slice")
        self.slider.setAccessibleDescription("Page Up, Page Down")
        self.slider.setToolTip("Slice (Page Up, Page Down, Ctrl+wheel)")
        logical(self.slider, min_height=28)
        self.text = label("", "sub")
        logical(self.text, min_width=96)
        self.setLayout(row(self.planes, (self.slider, 1), self.text, spacing=12, margins=(12, 0, 12, 0)))
        self.planes.changed.connect(self.planeChosen)
        self.slider.valueChanged.connect(self._slid)
        self._showing = False
        self.hide()

    def show_slice(self, plane: int, at: int, count: int) -> None:
        """Show which slice of how many."""
        self._showing = True
        self.planes.set_current(plane)
        self.slider.setRange(0, count - 1)
        self.slider.setValue(at)
        set_label(self.text, f"slice {at} of {count}")
        self._showing = False

    def _slid(self, at: int) -> None:
        if not self._showing:
            self.sliceChosen.emit(at)
