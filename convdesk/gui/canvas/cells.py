# SPDX-License-Identifier: GPL-3.0-or-later
"""How a grid of numbers is edited: dragged, scrolled, typed, painted. It asks by signals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent

from .. import numbers
from ..focus import wants_ring
from ..theme import font, px
from .cells_base import CellGrid
from .cells_editor import Cell, CellEditor, line_cells, tidy
from .gestures import ARROWS

PER_STEP = 4  # logical pixels of dragging for one step
OPENERS = "0123456789.,-−+"
ALT, SHIFT, CTRL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class NumberGrid(CellGrid):
    """Numbers in coloured cells, read or edited.

    Parameters
    ----------
    values : array_like
        1-D or 2-D.
    lut : numpy.ndarray, optional
        ``(256, 3)`` colour map; left out: the signed map of the theme.
    low, high : float, optional
        Values of its ends; left out: symmetric around 0, reaching the largest value.
    name : str
        What it is, for screen readers: ``Kernel``.
    cell : int
        Wanted size of a cell in logical pixels; cells get smaller where there is less room.
    digits : int, optional
        The most figures printed; left out: 3, in large cells 4.
    size : float, optional
        Size of the numbers; left out: with the cells.
    editable : bool
        Whether it can be edited.
    step : float
        What a notch of the wheel or 4 pixels of dragging add.
    frame : str
        Role of a frame around it: ``field``, ``projective`` or nothing.
    factor : float
        Numbers are printed and typed times this: 16 shows 0.25 as 4.

    Drag a cell up or down: one step per 4 pixels, Shift a tenth of it, Ctrl whole numbers, Esc restores. Wheel over a
    cell of the focused grid: one step. Digits replace, Enter and Tab go to the next cell, Delete is 0, arrows move.
    Alt+drag, or any drag in paint mode, paints the brush value; the right button erases to 0.

    Signals: ``edited(row, col, value, phase)``: ``start`` with the value before, ``move`` while it follows the hand,
    then ``end``, or ``cancel`` with the value before; an edit at once is ``start`` and ``end``.
    ``painted(cells, value, phase)``: the cells that are new since the last one. ``hovered(row, col)``, None outside;
    ``clicked(row, col)``.
    """

    edited = pyqtSignal(int, int, float, str)
    painted = pyqtSignal(list, float, str)
    hovered = pyqtSignal(object, object)
    clicked = pyqtSignal(int, int)

    # defaults of the class, because the base class already takes values and events while it is made
    _typing_run = _dragging = _paint_mode = False
    _drag: tuple[Cell, float, float] | None = None  # cell, value before, y of the press
    _stroke: tuple[NDArray[np.float64], float, set[Cell], Cell] | None = None  # before, value, done, last cell
    _over: Cell | None = None
    _editor: CellEditor | None = None

    def __init__(
        self, values: Any = ((0.0,),), *scale: Any, editable: bool = False, step: float = 0.1, **options: Any
    ) -> None:
        super().__init__(values, *scale, **options)
        self._editable, self._step = editable, step
        self._brush, self._brush_size = 1.0, 1

    # -------------------------------------------------------------------------------------------------------- state
    def set_editable(self, editable: bool) -> None:
        """Allow or forbid editing."""
        self._editable = editable

    def set_step(self, step: float) -> None:
        """Set what one step adds."""
        self._step = step

    def set_brush(self, value: float, size: int = 1) -> None:
        """Set the value that is painted and the width of the brush in cells."""
        self._brush, self._brush_size = float(value), max(1, int(size))

    def set_paint_mode(self, on: bool) -> None:
        """Paint by dragging, without Alt."""
        self._paint_mode = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    @property
    def busy(self) -> bool:
        """Whether a drag or a stroke is going on."""
        return self._dragging or self._stroke is not None

    def reshaped(self) -> None:
        """Forget what belonged to another shape."""
        super().reshaped()
        self._drag, self._dragging, self._stroke = None, False, None
        if self._editor is not None:
            self._editor.hide()

    def _ask(self, cell: Cell, value: float, phase: str) -> None:
        self._values[cell] = value
        self._refresh()
        self.edited.emit(cell[0], cell[1], value, phase)

    def _set_at_once(self, cell: Cell, value: float) -> None:
        before = float(self._values[cell])
        if value != before:
            self.edited.emit(cell[0], cell[1], before, "start")
            self._ask(cell, value, "end")

    # -------------------------------------------------------------------------------------------------------- mouse
    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin a drag or a stroke."""
        if event is None:
            return
        cell = self.cell_at(event.position())
        left, right = event.button() == Qt.MouseButton.LeftButton, event.button() == Qt.MouseButton.RightButton
        if cell is None or self.busy:
            event.ignore()
            return
        self._typing_run = self.by_keyboard = False
        self.set_focus_cell(*cell)
        painting = self._paint_mode or bool(event.modifiers() & ALT)
        if self._editable and painting and (left or right):
            value = 0.0 if right else self._brush
            self._stroke = (self._values.copy(), value, set(), cell)
            self._paint([cell], "start")
        elif left:
            self._drag = (cell, float(self._values[cell]), event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag, paint, or hover."""
        if event is None:
            return
        if self._stroke is not None:
            cell = self.nearest_cell(event.position())
            last = self._stroke[3]
            self._stroke = (*self._stroke[:3], cell)
            self._paint(line_cells(last, cell), "move")
        elif self._drag is not None and self._editable:
            self._drag_to(event.position(), event.modifiers())
        self._hover(self.cell_at(event.position()))

    def _drag_to(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        assert self._drag is not None
        cell, before, y = self._drag
        steps = int((y - at.y()) / px(PER_STEP))
        if not self._dragging:
            if steps == 0:
                return
            self._dragging = True
            self.setCursor(Qt.CursorShape.SizeVerCursor)
            self.edited.emit(cell[0], cell[1], before, "start")
        unit = 1 / self.factor
        if modifiers & CTRL:
            value = (round(before / unit) + steps) * unit
        else:
            value = before + steps * self._step * (0.1 if modifiers & SHIFT else 1)
        value = tidy(value)
        if value != self._values[cell]:
            self._ask(cell, value, "move")

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End the drag or the stroke; a press that changed nothing is a click."""
        if event is None:
            return
        if self._stroke is not None:
            value = self._stroke[1]
            self._stroke = None
            self.painted.emit([], value, "end")
        elif self._drag is not None:
            cell = self._drag[0]
            moved, self._drag, self._dragging = self._dragging, None, False
            self.setCursor(Qt.CursorShape.CrossCursor if self._paint_mode else Qt.CursorShape.ArrowCursor)
            if moved:
                self.edited.emit(cell[0], cell[1], float(self._values[cell]), "end")
            else:
                self.clicked.emit(*cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open the editor; painting goes on painting."""
        if event is None:
            return
        cell = self.cell_at(event.position())
        if self._editable and cell is not None and not self._paint_mode and event.button() == Qt.MouseButton.LeftButton:
            self.set_focus_cell(*cell)
            self.open_editor()
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """While painting the right button erases; else it is the window's menu."""
        if event is not None and self._editable and (self._paint_mode or self._stroke is not None):
            event.accept()
        elif event is not None:
            event.ignore()

    def leaveEvent(self, _event: QEvent | None) -> None:
        """End the hover."""
        self._hover(None)

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._over:
            self._over = cell
            self.hovered.emit(*(cell or (None, None)))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """One step on the cell under the pointer, if the grid has the focus."""
        if event is None:
            return
        cell = self.cell_at(event.position())
        if not (self._editable and self.hasFocus() and cell is not None and event.angleDelta().y()):
            event.ignore()
            return
        self.set_focus_cell(*cell)
        self._step_by(1 if event.angleDelta().y() > 0 else -1, event.modifiers())
        event.accept()

    def _step_by(self, way: int, modifiers: Qt.KeyboardModifier) -> None:
        step = 1 / self.factor if modifiers & CTRL else self._step * (0.1 if modifiers & SHIFT else 1)
        self._set_at_once(self.focus_cell, tidy(float(self._values[self.focus_cell]) + way * step))

    def _paint(self, way: list[Cell], phase: str) -> None:
        assert self._stroke is not None
        _before, value, done, _last = self._stroke
        rows, cols = self.shape
        low = -((self._brush_size - 1) // 2)
        reach = range(low, low + self._brush_size)
        cells = sorted({(r + i, c + j) for r, c in way for i in reach for j in reach})
        new = [cell for cell in cells if 0 <= cell[0] < rows and 0 <= cell[1] < cols and cell not in done]
        if not new and phase == "move":
            return
        done.update(new)
        for cell in new:
            self._values[cell] = value
        self._refresh()
        self.painted.emit(new, value, phase)

    # ----------------------------------------------------------------------------------------------------- keyboard
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move, clear, step, type; letters belong to the window."""
        if event is None:
            return
        key, text = Qt.Key(event.key()), event.text()
        row, col = self.focus_cell
        plain = not event.modifiers() & (CTRL | ALT)
        if key == Qt.Key.Key_Escape and self.busy:
            self._cancel()
        elif key in ARROWS and plain:
            self.by_keyboard, self._typing_run = True, False
            self.set_focus_cell(row + ARROWS[key][0], col + ARROWS[key][1])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.set_focus_cell(row, 0 if key == Qt.Key.Key_Home else self.shape[1] - 1)
        elif not self._editable or self.busy:
            event.ignore()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._advance(1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and plain:
            self._set_at_once(self.focus_cell, 0.0)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._step_by(1 if key == Qt.Key.Key_PageUp else -1, event.modifiers())
        elif plain and len(text) == 1 and text in OPENERS:
            self.open_editor(text)
        else:
            event.ignore()

    def event(self, event: QEvent | None) -> bool:
        """Go to the next cell by Tab while numbers are being typed one after another; else Tab leaves the grid."""
        if self._typing_run and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            way = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()), 0)
            if way and 0 <= self._flat() + way < self._values.size:
                self._advance(way)
                return True
        return super().event(event)

    def _flat(self) -> int:
        return self.focus_cell[0] * self.shape[1] + self.focus_cell[1]

    def _advance(self, way: int) -> None:
        n = min(max(self._flat() + way, 0), self._values.size - 1)
        self.by_keyboard = True
        self.set_focus_cell(*divmod(n, self.shape[1]))

    def _cancel(self) -> None:
        """Restore what was before the gesture."""
        if self._stroke is not None:
            before, value, _done, _last = self._stroke
            self._stroke = None
            self._values = before
            self._refresh()
            self.painted.emit([], value, "cancel")
        elif self._drag is not None:
            cell, before_value, _y = self._drag
            self._drag, self._dragging = None, False
            self.setCursor(Qt.CursorShape.ArrowCursor)
            self._ask(cell, before_value, "cancel")

    def open_editor(self, text: str | None = None) -> None:
        """Type the focused cell's number; ``text`` replaces what is there."""
        if self._editor is None:
            self._editor = CellEditor(self)
        editor, rect = self._editor, self.cell_rect(*self.focus_cell).toRect()
        shown = numbers.exact(float(self._values[self.focus_cell]) * self.factor)
        editor.setFont(font(11, 500))
        wide = max(rect.width() + 1, px(56))
        editor.setGeometry(rect.center().x() - wide // 2, rect.center().y() - px(13), wide, px(26))
        shift = min(max(editor.x(), 0), max(self.width() - wide, 0))
        editor.move(shift, min(max(editor.y(), 0), max(self.height() - editor.height(), 0)))
        editor.setText(shown if text is None else numbers.minus(text))
        editor.show()
        editor.setFocus()
        if text is None:
            editor.selectAll()

    def close_editor(self, way: int | None) -> None:
        """Keep the typed number and go ``way`` cells on; None keeps the old one."""
        editor = self._editor
        if editor is None or editor.isHidden():
            return
        value: float | None = None
        if way is not None:
            try:
                value = numbers.parse(editor.text()) / self.factor
            except ValueError as error:
                if way:  # still typing: say why not, and stay
                    editor.setProperty("invalid", True)
                    editor.setToolTip(str(error))
                    editor.selectAll()
                    return
        editor.setProperty("invalid", False)
        editor.hide()
        if way != 0:
            self.setFocus()
        if value is not None:
            self._set_at_once(self.focus_cell, value)
        if way:
            self._typing_run = True
            self._advance(way)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show which cell has the focus."""
        super().focusInEvent(event)
        if event is not None and wants_ring(event.reason()):
            self.by_keyboard = True
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Hide it."""
        super().focusOutEvent(event)
        if self._editor is None or not self._editor.isVisible():
            self._typing_run = False
        self.update()
