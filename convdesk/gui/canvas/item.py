# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of everything that lies over the data: placed in data coordinates, drawn in screen pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

if TYPE_CHECKING:
    from .view import Canvas


class Overlay(QGraphicsItem):
    """Something over a canvas. Subclasses say where they are on the screen and draw there.

    It is made once, with its canvas, then moved, shown and hidden: a move repaints its old and its new place only.
    """

    def __init__(self, canvas: Canvas, z: float) -> None:
        super().__init__(canvas.root)
        self.canvas = canvas
        self._place = QRectF()
        self.exposed = QRectF()  # while it draws: the part of the screen that has to be drawn
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setZValue(z)
        self.setVisible(False)
        canvas.register(self)

    def screen_rect(self) -> QRectF:
        """Return the part of the screen it draws on, in pixels of the viewport."""
        raise TypeError(f"{type(self).__name__} does not say where it is")

    def draw(self, painter: QPainter) -> None:
        """Draw in pixels of the viewport."""
        raise TypeError(f"{type(self).__name__} does not draw")

    def moved(self) -> None:
        """Take notice that the screen rectangle may have changed; called with every move of the view too."""
        if self.isVisible():
            place = self.canvas.data_rect(self.screen_rect())
            if place != self._place:
                self.prepareGeometryChange()
                self._place = place
            self.update()

    def show_moved(self) -> None:
        """Show it where it now is."""
        self.setVisible(True)
        self.moved()

    def boundingRect(self) -> QRectF:
        """Return where it draws, in data coordinates."""
        return self._place

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, _widget: QWidget | None = None
    ) -> None:
        """Draw in screen pixels."""
        if painter is None:
            return
        part = option.exposedRect if option is not None else self._place
        self.exposed = painter.transform().mapRect(part).adjusted(-1, -1, 1, 1)
        painter.save()
        painter.resetTransform()
        self.draw(painter)
        painter.restore()
