# SPDX-License-Identifier: GPL-3.0-or-later
"""A matrix as coloured cells with its numbers in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from .. import numbers
from ..colormaps import Table
from ..theme import INK_ON_DATA, active, colour, diverging, font, overlay, px
from .display import Display
from .numbers_layer import cell_font_size
from .overlays import cross_hatch, width

SMALLEST_CELL = 5
CORNERS_FROM = 40
LINES_FROM = 7  # pixels; in smaller cells lines would be all there is


class CellGrid(QWidget):
    """Numbers in coloured cells, to be read; see :class:`~convdesk.gui.canvas.cells.NumberGrid` for the parameters."""

    def __init__(
        self,
        values: Any = ((0.0,),),
        lut: Table | None = None,
        low: float | None = None,
        high: float | None = None,
        *,
        name: str = "",
        cell: int = 32,
        digits: int | None = None,
        size: float | None = None,
        frame: str = "",
        factor: float = 1.0,
    ) -> None:
        super().__init__()
        self._name, self._wanted, self._digits, self._size = name, cell, digits, size
        self._display, self._scale = Display(), (lut, low, high)
        self._frame, self._factor = frame, factor
        self._values: NDArray[np.float64] = np.zeros((1, 1))
        self._padded: NDArray[np.bool_] | None = None
        self._unknown: NDArray[np.bool_] | None = None
        self._texts: Sequence[Sequence[str]] | None = None
        self._corners: NDArray[np.float64] | None = None
        self._hot: tuple[int, int] | None = None
        self.focus_cell = (0, 0)
        self.by_keyboard = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setSizePolicy(policy)
        self.set_values(values)

    # -------------------------------------------------------------------------------------------------------- state
    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self._values.shape[0], self._values.shape[1]

    def values(self) -> NDArray[np.float64]:
        """Return a copy of what is shown."""
        return self._values.copy()

    def set_values(
        self,
        values: Any,
        padded: Any = None,
        texts: Sequence[Sequence[str]] | None = None,
        unknown: Any = False,
    ) -> None:
        """Show other numbers.

        Parameters
        ----------
        values : array_like
            1-D or 2-D.
        padded : array_like of bool, optional
            Cells that are padding.
        texts : sequence of sequence of str, optional
            What is printed instead of the numbers.
        unknown : bool or array_like of bool
            Cells that show ``?``.
        """
        array = np.atleast_2d(np.asarray(values, np.float64))
        reshaped = array.shape != self._values.shape
        self._values, self._texts = array.copy(), texts
        self._padded = None if padded is None else np.broadcast_to(np.atleast_2d(np.asarray(padded, bool)), array.shape)
        asked = np.broadcast_to(np.asarray(unknown, bool), array.shape)
        self._unknown = asked if asked.any() else None
        if reshaped:
            self._hot = None
            self.reshaped()
            self.updateGeometry()
        self._refresh()

    def reshaped(self) -> None:
        """Keep the focus inside another shape."""
        self.focus_cell = (min(self.focus_cell[0], self.shape[0] - 1), min(self.focus_cell[1], self.shape[1] - 1))

    def set_focus_cell(self, row: int, col: int) -> None:
        """Move the focus to a cell of the grid."""
        rows, cols = self.shape
        self.focus_cell = (min(max(row, 0), rows - 1), min(max(col, 0), cols - 1))
        self.announce()
        self.update()

    def set_scale(self, lut: Table | None = None, low: float | None = None, high: float | None = None) -> None:
        """Change colour map and range; None as in the constructor."""
        self._scale = (lut, low, high)
        self._refresh()

    def set_factor(self, factor: float) -> None:
        """Print and type numbers times this."""
        self._factor = factor
        self._refresh()

    @property
    def factor(self) -> float:
        """What numbers are multiplied by when they are printed."""
        return self._factor

    def set_frame(self, role: str) -> None:
        """Frame the grid in the colour of a role, or not."""
        self._frame = role
        self.update()

    def set_corners(self, values: Any = None) -> None:
        """Print another number small in the corner of every cell that is large enough; None prints none."""
        corners = None if values is None else np.atleast_2d(np.asarray(values, np.float64))
        self._corners = corners if corners is not None and corners.shape == self.shape else None
        self.update()

    def corner(self, row: int, col: int, fm: QFontMetricsF) -> str:
        """Return what is printed in the corner of a cell."""
        if self._corners is None or self.cell_size() < px(CORNERS_FROM):
            return ""
        value = float(self._corners[row, col]) * self._factor
        return numbers.fitted(value, fm.horizontalAdvance, self.cell_size() - px(6), 3)

    def set_hot(self, cell: tuple[int, int] | None) -> None:
        """Frame one cell in white: the one that is meant."""
        if cell != self._hot:
            self._hot = cell
            self.update()

    def set_cell(self, cell: int) -> None:
        """Change the wanted size of a cell, in logical pixels."""
        if cell != self._wanted:
            self._wanted = cell
            self.updateGeometry()
            self.update()

    def describe(self, name: str) -> None:
        """Say what it is."""
        self._name = name
        self.announce()

    def retheme(self) -> None:
        """Take the theme's map and scale."""
        self.updateGeometry()
        self._refresh()

    def _refresh(self) -> None:
        lut, low, high = self._scale
        if low is None or high is None:
            finite = self._values[np.isfinite(self._values)]
            top = float(np.abs(finite).max()) if finite.size else 0.0
            low, high = -(top or 1.0), top or 1.0
        self._display.low, self._display.high = low, high
        self._display.lut = diverging() if lut is None else lut
        self.announce()
        self.update()

    def announce(self) -> None:
        """Tell screen readers what it is and which cell has the focus."""
        rows, cols = self.shape
        self.setAccessibleName(f"{self._name}, {rows} by {cols}".strip(", "))
        self.setAccessibleDescription(self.spoken_cell(*self.focus_cell))

    def spoken_cell(self, row: int, col: int) -> str:
        """Return a cell in words: ``row 2, column 3, minus 0.125, from padding``."""
        hidden = self._unknown is not None and self._unknown[row, col]
        value = "hidden" if hidden else numbers.spoken(float(self._values[row, col]) * self._factor)
        padding = ", from padding" if self._padded is not None and self._padded[row, col] else ""
        return f"row {row}, column {col}, {value}{padding}"

    # ----------------------------------------------------------------------------------------------------- geometry
    def cell_size(self) -> int:
        """Return the size of a cell in pixels: as wanted, or what there is room for."""
        rows, cols = self.shape
        return max(min(px(self._wanted), (self.width() - 2) // cols, (self.height() - 2) // rows), 1)

    def sizeHint(self) -> QSize:
        """Cells of the wanted size."""
        return QSize(self.shape[1] * px(self._wanted) + 2, self.shape[0] * px(self._wanted) + 2)

    def minimumSizeHint(self) -> QSize:
        """The smallest cells."""
        return QSize(self.shape[1] * SMALLEST_CELL + 2, self.shape[0] * SMALLEST_CELL + 2)

    def cell_rect(self, row: int, col: int) -> QRectF:
        """Return where a cell is."""
        n = self.cell_size()
        return QRectF(1 + col * n, 1 + row * n, n, n)

    def cell_at(self, at: QPointF) -> tuple[int, int] | None:
        """Return the cell at a point, None outside."""
        n, (rows, cols) = self.cell_size(), self.shape
        row, col = int((at.y() - 1) // n), int((at.x() - 1) // n)
        return (row, col) if 0 <= row < rows and 0 <= col < cols else None

    def nearest_cell(self, at: QPointF) -> tuple[int, int]:
        """Return the cell at a point or the nearest to it."""
        n, (rows, cols) = self.cell_size(), self.shape
        row, col = int((at.y() - 1) // n), int((at.x() - 1) // n)
        return min(max(row, 0), rows - 1), min(max(col, 0), cols - 1)

    def event(self, event: QEvent | None) -> bool:
        """Show the exact value of the cell under the pointer."""
        if isinstance(event, QHelpEvent):
            cell = self.cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(*cell) if cell else "", self)
            return True
        return super().event(event)

    def tip(self, row: int, col: int) -> str:
        """Return the tooltip of a cell: position and exact value."""
        if self._unknown is not None and self._unknown[row, col]:
            return f"row {row}, column {col}: hidden until you answer"
        padding = ", padding" if self._padded is not None and self._padded[row, col] else ""
        return f"row {row}, column {col}: {numbers.exact(float(self._values[row, col]))}{padding}"

    # ------------------------------------------------------------------------------------------------------ drawing
    def text(self, row: int, col: int, fm: QFontMetricsF) -> str:
        """Return what is printed in a cell: the most figures that fit."""
        room = self.cell_size() - px(6)
        if self._texts is not None:
            text = self._texts[row][col]
            return text if fm.horizontalAdvance(text) <= room else ""
        digits = self._digits or (4 if self.cell_size() >= px(48) else 3)
        return numbers.fitted(float(self._values[row, col]) * self._factor, fm.horizontalAdvance, room, digits)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw colours, lines, padding, numbers, frames."""
        p = QPainter(self)
        n, (rows, cols) = self.cell_size(), self.shape
        whole = QRectF(1, 1, cols * n, rows * n)
        p.fillRect(whole, colour("canvas"))
        p.drawImage(whole, self._display.image(self._values)[0])
        self._draw_special(p)
        if n >= LINES_FROM:
            p.setPen(QPen(colour("grid"), 1))
            lines = [QLineF(1, 1 + r * n, 1 + cols * n, 1 + r * n) for r in range(rows + 1)]
            lines += [QLineF(1 + c * n, 1, 1 + c * n, 1 + rows * n) for c in range(cols + 1)]
            p.drawLines(lines)
        if n >= px(12):
            self._draw_numbers(p)
        if self._corners is not None:
            self._draw_corners(p)
        if self._frame:
            p.setPen(QPen(overlay("halo"), 1))
            p.drawRect(whole.adjusted(1, 1, -1, -1))
            p.setPen(QPen(overlay(self._frame), 2))
            p.drawRect(whole)
        if self._hot is not None:
            self._draw_frame(p, self.cell_rect(*self._hot), "selected")
        if self.hasFocus():
            self._draw_frame(p, self.cell_rect(*self.focus_cell), "accent" if self.by_keyboard else "selected")

    def _draw_special(self, p: QPainter) -> None:
        if self._unknown is not None:
            for r, c in zip(*self._unknown.nonzero(), strict=True):
                p.fillRect(self.cell_rect(int(r), int(c)), colour("field"))
        if self._padded is not None and self._padded.any():
            path = QPainterPath()
            for r, c in zip(*self._padded.nonzero(), strict=True):
                path.addRect(self.cell_rect(int(r), int(c)))
            p.fillPath(path, overlay("padded"))
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            cross_hatch(p, path, overlay("padding", 110), px(5), QPointF(1, 1), 1.2)
            p.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_numbers(self, p: QPainter) -> None:
        n = self.cell_size()
        p.setFont(font(self._size or cell_font_size(n), 500))
        fm = QFontMetricsF(p.font())
        dark = self._display.dark_ink(self._values)
        centre = Qt.AlignmentFlag.AlignCenter
        inks = {True: colour(INK_ON_DATA[0]), False: colour(INK_ON_DATA[1])}
        for r in range(self.shape[0]):
            for c in range(self.shape[1]):
                rect = self.cell_rect(r, c)
                if self._unknown is not None and self._unknown[r, c]:
                    p.setPen(colour("text2"))
                    p.drawText(rect, centre, "?")
                elif np.isnan(self._values[r, c]):
                    p.setPen(QPen(colour("text3"), 1.2))
                    inner = rect.adjusted(n * 0.3, n * 0.3, -n * 0.3, -n * 0.3)
                    p.drawLine(inner.topLeft(), inner.bottomRight())
                    p.drawLine(inner.topRight(), inner.bottomLeft())
                elif text := self.text(r, c, fm):
                    padded = self._padded is not None and bool(self._padded[r, c])
                    if padded:  # the hatch ends around the number, so that it can be read
                        w = fm.horizontalAdvance(text) + px(5)
                        p.fillRect(
                            QRectF(rect.center().x() - w / 2, rect.center().y() - px(8), w, px(16)), overlay("padded")
                        )
                    p.setPen(overlay("padding") if padded else inks[bool(dark[r, c])])
                    p.drawText(rect, centre, text)

    def _draw_corners(self, p: QPainter) -> None:
        p.setFont(font("caption"))
        fm = QFontMetricsF(p.font())
        dark = self._display.dark_ink(self._values)
        place = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        for r, c in np.ndindex(*self.shape):
            if text := self.corner(r, c, fm):
                p.setPen(colour(INK_ON_DATA[0 if dark[r, c] else 1]))
                p.drawText(self.cell_rect(r, c).adjusted(0, 0, -px(3), -px(1)), place, text)

    def _draw_frame(self, p: QPainter, rect: QRectF, kind: str) -> None:
        p.setBrush(Qt.BrushStyle.NoBrush)
        ground, line = (
            (overlay("halo"), overlay("selected")) if kind == "selected" else (colour("surface"), colour("accent"))
        )
        for ink, thick in ((ground, 5), (line, 2)):
            pen = QPen(ink, width(thick) if active.scale > 1 else thick)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            p.setPen(pen)
            p.drawRect(rect.adjusted(1, 1, -1, -1))
