# SPDX-License-Identifier: GPL-3.0-or-later
"""The box in which a cell's number is typed, and the small arithmetic of strokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QLineEdit

if TYPE_CHECKING:
    from .cells import NumberGrid

Cell = tuple[int, int]


def tidy(value: float) -> float:
    """Take the noise of repeated decimal steps out of a number."""
    return round(value, 10) + 0.0


def line_cells(a: Cell, b: Cell) -> list[Cell]:
    """Return the cells on the straight way from one to another, both included."""
    n = max(abs(b[0] - a[0]), abs(b[1] - a[1]))
    if n == 0:
        return [a]
    rows = np.rint(np.linspace(a[0], b[0], n + 1)).astype(int)
    cols = np.rint(np.linspace(a[1], b[1], n + 1)).astype(int)
    return [(int(r), int(c)) for r, c in zip(rows, cols, strict=True)]


class CellEditor(QLineEdit):
    """The box in which a number is typed, exactly over its cell."""

    def __init__(self, grid: NumberGrid) -> None:
        super().__init__(grid)
        self.grid = grid
        self.setObjectName("cellEditor")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName("Value of the cell")
        self.hide()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Enter and Tab keep and go on, Esc keeps the old number."""
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.grid.close_editor(1)
        elif event.key() == Qt.Key.Key_Escape:
            self.grid.close_editor(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Take Tab before it moves the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Tab:
                self.grid.close_editor(1)
                return True
            if event.key() == Qt.Key.Key_Backtab:
                self.grid.close_editor(-1)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Leaving keeps a number that is one."""
        super().focusOutEvent(event)
        if self.isVisible():
            self.grid.close_editor(0)
