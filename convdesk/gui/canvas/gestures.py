# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hand does on a canvas, turned into signals in data coordinates: hover, click, stroke, pan, wheel, keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)

from ..focus import wants_ring
from ..theme import px

ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
TOOLS = {
    "inspect": Qt.CursorShape.ArrowCursor,
    "pan": Qt.CursorShape.OpenHandCursor,
    "paint": Qt.CursorShape.CrossCursor,
    "patch": Qt.CursorShape.CrossCursor,
}
CLICK_SLOP = 4


@dataclass(frozen=True)
class Stroke:
    """One moment of a drag with a tool.

    Attributes
    ----------
    phase : str
        ``press``, ``move``, ``release``, or ``cancel`` when Esc was pressed.
    row, col : float
        Where, in pixel edges; may lie outside the data.
    button : Qt.MouseButton
        The button that started it.
    modifiers : Qt.KeyboardModifier
        The keys held now.
    """

    phase: str
    row: float
    col: float
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier

    @property
    def cell(self) -> tuple[int, int]:
        """The pixel under it."""
        return floor(self.row), floor(self.col)


class Gestures(pg.GraphicsView):
    """Base of :class:`~convdesk.gui.canvas.view.Canvas`.

    Signals: ``hovered(row, col)`` of the pixel under the pointer when it changes (None, None outside the data),
    ``clicked(row, col, modifiers)``, ``doubleClicked(row, col)``, ``dragged(Stroke)``, ``stepped(rows, cols)`` by the
    arrow keys, ``menuRequested(row, col, QPoint)`` and ``spaceTapped()``.
    """

    hovered = pyqtSignal(object, object)
    clicked = pyqtSignal(int, int, object)
    doubleClicked = pyqtSignal(int, int)
    dragged = pyqtSignal(object)
    stepped = pyqtSignal(int, int)
    menuRequested = pyqtSignal(int, int, object)
    spaceTapped = pyqtSignal()

    def start_gestures(self) -> None:
        """Set what gestures need, after the view was made."""
        self.tool = "inspect"
        self.shows_focus = False
        self._space = self._space_used = False
        self._pan_from: QPointF | None = None
        self._press_at: QPointF | None = None
        self._stroke: Stroke | None = None
        self._under: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_tool("inspect")

    def set_tool(self, tool: str) -> None:
        """Choose what dragging does: inspect, pan, paint or patch."""
        if tool not in TOOLS:
            raise KeyError(f"tool {tool!r} does not exist; there are {', '.join(TOOLS)}")
        self.tool = tool
        self._show_cursor()

    @property
    def stroke(self) -> Stroke | None:
        """The stroke that is being drawn."""
        return self._stroke

    @property
    def panning(self) -> bool:
        """Whether the picture is being dragged."""
        return self._pan_from is not None

    def _show_cursor(self) -> None:
        if self.panning:
            shape = Qt.CursorShape.ClosedHandCursor
        else:
            shape = Qt.CursorShape.OpenHandCursor if self._space else TOOLS[self.tool]
        self.viewport().setCursor(shape)

    def _inside(self, row: float, col: float) -> bool:
        rows, cols = self.full_shape
        return 0 <= row < rows and 0 <= col < cols

    def _hover(self, at: QPointF | None) -> None:
        under = None
        if at is not None:
            row, col = self.to_data(at)
            under = (floor(row), floor(col)) if self._inside(row, col) else None
        if under != self._under:
            self._under = under
            self.hovered.emit(*(under or (None, None)))

    def _make_stroke(self, phase: str, event: QMouseEvent) -> Stroke:
        row, col = self.to_data(event.position())
        button = self._stroke.button if self._stroke is not None else event.button()
        return Stroke(phase, row, col, button, event.modifiers())

    # ------------------------------------------------------------------------------------------------------- mouse
    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin to pan or a stroke."""
        if event is None:
            return
        left, right = event.button() == Qt.MouseButton.LeftButton, event.button() == Qt.MouseButton.RightButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and (self._space or self.tool == "pan")):
            self._pan_from = self._press_at = event.position()
            self._space_used = self._space
        elif self._stroke is None and (left or (right and self.tool == "paint")):
            self._press_at = event.position()
            self._stroke = self._make_stroke("press", event)
            self.dragged.emit(self._stroke)
        self._show_cursor()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Pan, go on with the stroke, or hover."""
        if event is None:
            return
        if self._pan_from is not None:
            moved = event.position() - self._pan_from
            self._pan_from = event.position()
            self.pan_by(moved.x(), moved.y())
        elif self._stroke is not None:
            self._stroke = self._make_stroke("move", event)
            self.dragged.emit(self._stroke)
        self._hover(event.position())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End what was begun; a press that did not move is a click."""
        if event is None:
            return
        start = self._press_at
        still = start is not None and (event.position() - start).manhattanLength() <= px(CLICK_SLOP)
        if self._pan_from is not None:
            self._pan_from = self._press_at = None
        elif self._stroke is not None and event.button() == self._stroke.button:
            done = self._make_stroke("release", event)
            self._stroke = self._press_at = None
            self.dragged.emit(done)
            if still and done.button == Qt.MouseButton.LeftButton and self._inside(done.row, done.col):
                self.clicked.emit(*done.cell, event.modifiers())
        self._show_cursor()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Zoom to the field: said as a signal."""
        if event is None:
            return
        row, col = self.to_data(event.position())
        if event.button() == Qt.MouseButton.LeftButton and self.tool == "inspect" and self._inside(row, col):
            self.doubleClicked.emit(floor(row), floor(col))
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Ask for the menu of a pixel (not while painting: there the right button erases)."""
        if event is not None and self.tool != "paint":
            row, col = self.to_data(QPointF(self.viewport().mapFromGlobal(event.globalPos())))
            self.menuRequested.emit(floor(row), floor(col), event.globalPos())
            event.accept()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom at the pointer, 2^¼ per notch; with Ctrl it belongs to the parent (slices)."""
        if event is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or not event.angleDelta().y():
            event.ignore()
            return
        self.zoom_by(event.angleDelta().y() / 120, event.position())
        self._hover(event.position())
        event.accept()

    def viewportEvent(self, event: QEvent | None) -> bool:
        """Pinch is the wheel; leaving ends the hover."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(4 * event.value(), event.position())
            return True
        if event is not None and event.type() == QEvent.Type.Leave and hasattr(self, "_under"):
            self._hover(None)
        return bool(super().viewportEvent(event))

    # -------------------------------------------------------------------------------------------------------- keys
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows step, Space is tapped or held, Esc ends the stroke; everything else belongs to the window."""
        if event is None:
            return
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if key == Qt.Key.Key_Escape and self._stroke is not None:
            ended = replace(self._stroke, phase="cancel")
            self._stroke = self._press_at = None
            self.dragged.emit(ended)
        elif key == Qt.Key.Key_Space and plain:
            if not event.isAutoRepeat():
                self._space, self._space_used = True, False
                self._show_cursor()
        elif key in ARROWS and plain:
            ten = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.stepped.emit(ARROWS[key][0] * ten, ARROWS[key][1] * ten)
        else:
            event.ignore()
            return
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """A Space that moved nothing was a tap."""
        if event is None or event.key() != Qt.Key.Key_Space:
            if event is not None:
                event.ignore()
            return
        if not event.isAutoRepeat() and self._space:
            self._space = False
            self._show_cursor()
            if not self._space_used:
                self.spaceTapped.emit()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show the ring when the keyboard brought the focus."""
        super().focusInEvent(event)
        self.shows_focus = event is not None and wants_ring(event.reason())
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Hide the ring, forget held keys."""
        super().focusOutEvent(event)
        self.shows_focus = self._space = False
        self._show_cursor()
        self.viewport().update()
