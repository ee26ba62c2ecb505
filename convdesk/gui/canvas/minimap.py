# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole picture in a corner of a pane, with the visible part and the traced field on it."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from ..colormaps import Table
from ..theme import overlay, px
from .display import Display

SIDE = 72


class Minimap(QWidget):
    """A small map over a corner of its parent. It hides while everything is visible anyway.

    Parameters
    ----------
    parent : QWidget
        The pane.
    corner : str
        ``bl`` or ``br``.

    Signals: ``movedTo(row, col)`` while it is pressed or dragged.
    """

    movedTo = pyqtSignal(float, float)

    def __init__(self, parent: QWidget, corner: str = "bl") -> None:
        super().__init__(parent)
        self._corner, self._shape = corner, (1, 1)
        self._image: QImage | None = None
        self._region: tuple[float, float, float, float] | None = None
        self._mark: tuple[float, float, float, float] | None = None
        self.setAccessibleName("Map of the whole picture")
        self.setAccessibleDescription("Drag to move the view")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        parent.installEventFilter(self)
        self.hide()

    def set_image(self, values: NDArray[Any], lut: Table | None = None, levels: tuple[float, float] = (0, 255)) -> None:
        """Show the whole picture from samples of it, the smaller the better."""
        display = Display(*levels, lut) if lut is not None else Display(*levels)
        self._image = display.image(values)[0]
        self.retheme()

    def set_full_shape(self, shape: tuple[int, int]) -> None:
        """Say how large the whole is."""
        self._shape = (max(1, shape[0]), max(1, shape[1]))
        self.retheme()

    def set_region(self, box: tuple[float, float, float, float] | None) -> None:
        """Mark the visible part: row, column, row end, column end."""
        self._region = box
        self.retheme()

    def set_mark(self, box: tuple[float, float, float, float] | None) -> None:
        """Mark the traced field."""
        if box != self._mark:
            self._mark = box
            self.update()

    def retheme(self) -> None:
        """Take its size and place, and hide where it would tell nothing."""
        rows, cols = self._shape
        longest = max(rows, cols)
        self.resize(max(px(SIDE * cols / longest), px(12)), max(px(SIDE * rows / longest), px(12)))
        pane = self.parentWidget()
        if pane is not None:
            x = px(6) if self._corner == "bl" else pane.width() - self.width() - px(6)
            self.move(x, pane.height() - self.height() - px(6))
        r = self._region
        partial = r is not None and (r[2] - r[0] < rows or r[3] - r[1] < cols)
        roomy = pane is not None and pane.width() > 3 * self.width() and pane.height() > 2.5 * self.height()
        self.setVisible(self._image is not None and partial and roomy)
        self.update()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Stay in the corner."""
        if event is not None and event.type() == QEvent.Type.Resize and watched is self.parent():
            self.retheme()
        return False

    def _on_map(self, box: tuple[float, float, float, float], least: float) -> QRectF:
        ky, kx = self.height() / self._shape[0], self.width() / self._shape[1]
        rect = QRectF(box[1] * kx, box[0] * ky, (box[3] - box[1]) * kx, (box[2] - box[0]) * ky)
        w, h = max(rect.width(), least), max(rect.height(), least)
        return QRectF(rect.center() - QPointF(w / 2, h / 2), rect.center() + QPointF(w / 2, h / 2))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw picture and frames."""
        p = QPainter(self)
        area = QRectF(self.rect())
        if self._image is not None:
            p.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)  # a map is no exact picture and has no values
            p.drawImage(area, self._image)
        if self._region is not None:
            self._frame(p, self._on_map(self._region, 4), overlay("selected"), 1.5)
        if self._mark is not None:
            self._frame(p, self._on_map(self._mark, px(5)), overlay("field"), 2)
        p.setPen(QPen(overlay("halo"), 2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(area)

    def _frame(self, p: QPainter, rect: QRectF, ink: QColor, line: float) -> None:
        p.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(overlay("halo"), line + 1.5), QPen(ink, line)):
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            p.setPen(pen)
            p.drawRect(rect)

    def _go(self, event: QMouseEvent) -> None:
        at = event.position()
        self.movedTo.emit(at.y() / self.height() * self._shape[0], at.x() / self.width() * self._shape[1])

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Go there."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Go along."""
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)
