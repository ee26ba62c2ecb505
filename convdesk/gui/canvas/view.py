# SPDX-License-Identifier: GPL-3.0-or-later
"""The canvas: exact samples of one large array, seen through a window that can be moved, zoomed and linked.

Coordinates are pixel edges at full resolution: pixel (row, column) covers [row, row + 1) × [column, column + 1), rows
grow downwards. Whatever lies over the data is an :class:`~convdesk.gui.canvas.item.Overlay`.
"""

from __future__ import annotations

from math import ceil, floor, isclose
from time import monotonic
from typing import Any

import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPen, QResizeEvent
from PyQt6.QtWidgets import QFrame, QGraphicsScene, QWidget

from ..colormaps import Table
from ..theme import colour, px
from .gestures import Gestures
from .item import Overlay
from .numbers_layer import NumbersLayer
from .ring import PaddedRing
from .tiles import Box, TileLayer

pg.setConfigOptions(imageAxisOrder="row-major")

FRAME_MS = 16
LARGEST_ZOOM = 256.0
MARGIN = 0.35  # data pixels of air around a padded ring
Affine = tuple[tuple[float, float], tuple[float, float]]


class Canvas(Gestures):
    """A pane that shows data.

    Parameters
    ----------
    name : str
        Its role, said by screen readers: ``Input``, ``Output`` …

    Attributes
    ----------
    box : pyqtgraph.ViewBox
        Takes any further pyqtgraph item.
    layer : TileLayer
        The samples shown.
    zoom : float
        Screen pixels per data pixel.

    Signals: ``viewChanged(box, pixel_size)`` at most once per frame, with the visible part of the data as whole pixels
    ``(row, col, row end, col end)`` and data pixels per screen pixel; and those of :class:`Gestures`.
    """

    viewChanged = pyqtSignal(object, float)

    def __init__(self, name: str = "") -> None:
        super().__init__(background=None)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumSize(40, 40)
        self.setViewportMargins(0, 0, 0, 0)
        self.sceneObj.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # few items, and they move
        self.box = pg.ViewBox(invertY=True, enableMenu=False, enableMouse=False, border=None, defaultPadding=0)
        self.setCentralItem(self.box)
        self.root = self.box.childGroup
        self.zoom = 1.0
        self._overlays: list[Overlay] = []
        self._shape = (1, 1)
        self._centre = (0.5, 0.5)
        self._fitted = True
        self._links: dict[Canvas, Affine] = {}
        self._emitted = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._emit_view)
        self.layer = TileLayer(self.root)
        self.ring = PaddedRing(self)
        self.numbers = NumbersLayer(self)
        self.start_gestures()
        self.retheme()

    # ------------------------------------------------------------------------------------------------------- data
    @property
    def full_shape(self) -> tuple[int, int]:
        """Rows and columns of the whole array."""
        return self._shape

    def set_full_shape(self, shape: tuple[int, int]) -> None:
        """Say how large the whole array is; a pane that is fitted stays fitted."""
        shape = (int(shape[0]), int(shape[1]))
        if shape != self._shape:
            self._shape = shape
            if self._fitted:
                self.fit()
            else:
                self._apply()

    def set_image(
        self,
        values: NDArray[Any],
        origin: tuple[int, int] = (0, 0),
        step: tuple[int, int] = (1, 1),
        levels: tuple[float, float] | None = None,
        lut: Table | None = None,
    ) -> None:
        """Show one exact region instead of all tiles.

        Parameters
        ----------
        values : numpy.ndarray
            ``(rows, cols)`` or ``(rows, cols, 3)``; sample [i, j] is the value at ``origin + step * (i, j)`` and is
            drawn as a block of ``step`` pixels.
        origin, step : (int, int)
            In full-resolution pixels.
        levels : (float, float), optional
            Values of the first and the last colour; left out: as before.
        lut : numpy.ndarray, optional
            ``(256, 3)`` colour map; left out: as before.
        """
        self.layer.clear(but=[None])
        if levels is not None or lut is not None:
            self.set_display(levels, lut)
        self.layer.add(None, values, origin, step)
        self.data_changed()

    def set_display(self, levels: tuple[float, float] | None, lut: Table | None = None) -> None:
        """Change range and colour map of everything shown; the values stay."""
        low, high = levels or (self.layer.display.low, self.layer.display.high)
        self.layer.set_display(low, high, lut)
        self.data_changed()

    def data_changed(self) -> None:
        """Draw numbers again: call after tiles were changed through ``layer``."""
        self.numbers.update()

    def set_ring(self, padding: tuple[tuple[int, int], tuple[int, int]] | None, value: Any = None) -> None:
        """Show ``((top, bottom), (left, right))`` padded pixels around the data, hatched.

        ``value`` is what they hold: a number, or a callable ``(row, col) -> number`` for pixels outside the data.
        """
        self.ring.set_padding(padding, value)
        if self._fitted:
            self.fit()
        else:
            self._apply()

    def set_ring_focus(self, box: tuple[int, int, int, int] | None) -> None:
        """Draw the padded pixels of this box as cells with their values: what a traced number reads."""
        self.ring.set_focus(box)

    def set_values_shown(self, shown: bool) -> None:
        """Print numbers in cells, where there is room."""
        self.numbers.set_shown(shown)

    def set_grid(self, shown: bool) -> None:
        """Draw lines between pixels from 6 screen pixels up (and wherever numbers are)."""
        self.numbers.set_grid(shown)

    def set_hidden(self, hidden: bool) -> None:
        """Show ``?`` instead of the data, to be predicted."""
        self.layer.set_visible(not hidden)
        self.numbers.set_hidden(hidden)

    def value_at(self, row: int, col: int) -> Any:
        """Return the exact value of a pixel, or None where it is not known."""
        return self.layer.value_at(row, col)

    def register(self, overlay: Overlay) -> None:
        """Tell an overlay about every move of the view."""
        self._overlays.append(overlay)

    # --------------------------------------------------------------------------------------------------- geometry
    def pane(self) -> QRectF:
        """Return the viewport in its own pixels."""
        port = self.viewport()
        return QRectF(port.rect()) if port is not None else QRectF(self.rect())

    def to_screen(self, row: float, col: float) -> QPointF:
        """Return where a place of the data is in the viewport."""
        pane = self.pane().center()
        return QPointF(pane.x() + (col - self._centre[1]) * self.zoom, pane.y() + (row - self._centre[0]) * self.zoom)

    def to_data(self, at: QPointF) -> tuple[float, float]:
        """Return the row and column of a point of the viewport."""
        pane = self.pane().center()
        return self._centre[0] + (at.y() - pane.y()) / self.zoom, self._centre[1] + (at.x() - pane.x()) / self.zoom

    def screen_box(self, box: tuple[float, float, float, float]) -> QRectF:
        """Return where a box of the data is in the viewport."""
        return QRectF(self.to_screen(box[0], box[1]), self.to_screen(box[2], box[3]))

    def data_rect(self, screen: QRectF) -> QRectF:
        """Return a rectangle of the viewport in data coordinates, x being the column."""
        (r0, c0), (r1, c1) = self.to_data(screen.topLeft()), self.to_data(screen.bottomRight())
        return QRectF(c0, r0, c1 - c0, r1 - r0)

    def view_rect(self) -> QRectF:
        """Return what is visible in data coordinates, also beyond the data."""
        return self.data_rect(self.pane())

    def visible_box(self) -> Box:
        """Return the visible pixels of the data: first row, first column, last row, last column (half-open)."""
        v = self.view_rect()
        rows, cols = self._shape
        r0, r1 = max(0, floor(v.top() + 1e-9)), min(rows, ceil(v.bottom() - 1e-9))
        c0, c1 = max(0, floor(v.left() + 1e-9)), min(cols, ceil(v.right() - 1e-9))
        return min(r0, rows), min(c0, cols), max(r1, 0), max(c1, 0)

    @property
    def centre(self) -> tuple[float, float]:
        """Row and column in the middle of the pane."""
        return self._centre

    # ----------------------------------------------------------------------------------------------------- moving
    def _whole(self) -> tuple[float, float, float, float]:
        (top, bottom), (left, right) = self.ring.padding
        air = MARGIN if top or bottom or left or right else 0.0
        return -top - air, -left - air, self._shape[0] + bottom + air, self._shape[1] + right + air

    def fit(self) -> None:
        """Show everything, and keep it so when the pane is resized."""
        r0, c0, r1, c1 = self._whole()
        pane = self.pane()
        zoom = min(pane.width() / (c1 - c0), pane.height() / (r1 - r0))
        self.set_view((r0 + r1) / 2, (c0 + c1) / 2, zoom)
        self._fitted = True

    @property
    def fitted(self) -> bool:
        """Whether everything is shown and stays so."""
        return self._fitted

    def set_view(self, row: float, col: float, zoom: float) -> None:
        """Put a place of the data in the middle at a zoom; linked panes follow."""
        self._move(row, col, zoom, {self})

    def centre_on(self, row: float, col: float) -> None:
        """Put a place of the data in the middle."""
        self.set_view(row, col, self.zoom)

    def zoom_to(self, box: tuple[float, float, float, float], margin: float = 0.5) -> None:
        """Show a box of the data with a margin, as a share of its size, around it."""
        r0, c0, r1, c1 = box
        rows, cols = max(r1 - r0, 1) * (1 + 2 * margin), max(c1 - c0, 1) * (1 + 2 * margin)
        pane = self.pane()
        self.set_view((r0 + r1) / 2, (c0 + c1) / 2, min(pane.width() / cols, pane.height() / rows))

    def zoom_by(self, steps: float, at: QPointF | None = None) -> None:
        """Zoom by steps of 2^¼ so that the data under a point of the viewport (its middle) stays there."""
        at = self.pane().center() if at is None else at
        row, col = self.to_data(at)
        zoom = self._bounded(self.zoom * 2 ** (steps / 4))
        off = at - self.pane().center()
        self.set_view(row - off.y() / zoom, col - off.x() / zoom, zoom)

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by pixels of the screen."""
        self.set_view(self._centre[0] - dy / self.zoom, self._centre[1] - dx / self.zoom, self.zoom)

    def link(
        self, other: Canvas, scale: tuple[float, float] = (1.0, 1.0), offset: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Share one field of view with another pane: position here = scale × position there + offset, per axis.

        Positions are pixel edges. For a layer's output there and its input here, ``scale`` is the jump, and
        ``offset = field start + extent / 2 − jump / 2`` puts every output in the middle of its field.
        """
        self._links[other] = (scale, offset)
        inverse = (1 / scale[0], 1 / scale[1])
        other._links[self] = (inverse, (-offset[0] * inverse[0], -offset[1] * inverse[1]))
        other._fitted = other._fitted and not self._fitted
        self._lead({self})

    def unlink(self, other: Canvas) -> None:
        """End the link; both panes stay where they are."""
        self._links.pop(other, None)
        other._links.pop(self, None)

    def linked(self) -> list[Canvas]:
        """Return the panes that are linked to this one directly."""
        return list(self._links)

    def _bounded(self, zoom: float) -> float:
        r0, c0, r1, c1 = self._whole()
        pane = self.pane()
        fit = min(pane.width() / (c1 - c0), pane.height() / (r1 - r0))
        return min(max(zoom, min(fit, 1.0) / 4), max(LARGEST_ZOOM, fit))

    def _move(self, row: float, col: float, zoom: float, moved: set[Canvas]) -> None:
        r0, c0, r1, c1 = self._whole()
        self._centre = (min(max(row, r0), r1), min(max(col, c0), c1))
        self.zoom = max(zoom, 1e-6)
        self._fitted = False
        self._apply()
        self._lead(moved)

    def _lead(self, moved: set[Canvas]) -> None:
        """Take the linked panes along, each once."""
        for other, (scale, offset) in self._links.items():
            if other not in moved:
                moved.add(other)
                there = tuple((p - o) / s for p, s, o in zip(self._centre, scale, offset, strict=True))
                other._move(there[0], there[1], self.zoom * (scale[0] * scale[1]) ** 0.5, moved)

    def _apply(self) -> None:
        """Hand centre and zoom to the view box, move the overlays, and say so soon."""
        pane = self.pane()
        if pane.width() < 1 or pane.height() < 1:
            return
        w, h = pane.width() / self.zoom, pane.height() / self.zoom
        self.box.setRange(QRectF(self._centre[1] - w / 2, self._centre[0] - h / 2, w, h), padding=0)
        self.ring.moved()
        self.numbers.moved()
        for overlay in self._overlays:
            overlay.moved()
        if not self._timer.isActive():
            since = (monotonic() - self._emitted) * 1000
            self._timer.start(max(0, ceil(FRAME_MS - since)))

    def _emit_view(self) -> None:
        self._emitted = monotonic()
        self.viewChanged.emit(self.visible_box(), 1 / self.zoom)

    def close(self) -> bool:
        """Close like any widget; pyqtgraph would empty the scene, and a closed pane may be shown again."""
        return QWidget.close(self)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Stay fitted, or keep the middle in the middle."""
        super().resizeEvent(event)
        if not hasattr(self, "numbers"):
            return  # the base class resizes while it is made
        if self._fitted:
            self.fit()
        else:
            self._apply()

    # ---------------------------------------------------------------------------------------------------- drawing
    def retheme(self) -> None:
        """Take the theme's ground and sizes."""
        self.setBackground(colour("canvas"))
        self._apply()

    def drawForeground(self, painter: QPainter | None, rect: QRectF) -> None:
        """Draw the focus ring inside the border."""
        if painter is not None and self.shows_focus:
            painter.save()
            painter.resetTransform()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            line = px(2)
            painter.setPen(QPen(colour("surface"), line + 2))
            painter.drawRect(self.pane().adjusted(line, line, -line, -line))
            painter.setPen(QPen(colour("accent"), line))
            painter.drawRect(self.pane().adjusted(line, line, -line, -line))
            painter.restore()


def same_view(a: Canvas, b: Canvas) -> bool:
    """Tell whether two panes of equal scale show the same place."""
    return all(isclose(p, q, abs_tol=1e-6) for p, q in zip((*a.centre, a.zoom), (*b.centre, b.zoom), strict=True))
