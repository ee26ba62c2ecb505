# SPDX-License-Identifier: GPL-3.0-or-later
"""Terms: the patch, times the kernel, are the products, whose sum is the number. The kernel is edited here."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from convdesk.desk import Desk
from convdesk.document.commands import kernel_of
from convdesk.document.state import INPUT
from convdesk.network.layers import Conv, Filter, Layer

from .. import colormaps, numbers
from ..canvas.cells import NumberGrid
from ..eye import Eye
from ..kernels import common_denominator
from ..parts import Button, Elided, Sum, Tool, label, operator, row, set_label
from ..parts_fields import Fields
from ..reading import Reading
from ..theme import active, logical, px
from .preset_button import PresetButton
from .terms_text import equation, patch_caption, products_caption, sum_caption, sum_lines

SMALLEST, LARGEST = 5, 58
LINE = 150
"""Below so many logical pixels the equation is one line."""


class Terms(QWidget):
    """The arithmetic of one number.

    Signals: ``edited(tap, value, phase)`` and ``painted(taps, value, phase)`` with taps as full indices into the
    kernel, ``pointed(index or None)`` into the arrays of the terms.
    """

    edited = pyqtSignal(object, float, str)
    painted = pyqtSignal(list, float, str)
    pointed = pyqtSignal(object)

    def __init__(self, desk: Desk, eye: Eye) -> None:
        super().__init__()
        self.desk, self.eye = desk, eye
        self.reading: Reading | None = None
        self.slice = 0
        self._sliced = ("", 0)
        self.most = LARGEST
        self.patch = NumberGrid(name="Patch", frame="field")
        self.kernel = NumberGrid(name="Kernel", editable=True)
        self.products = NumberGrid(name="Products")
        self.captions = [Elided("", "cap") for _ in range(3)]
        self.feet = [Elided("", "cap") for _ in range(2)]
        self.sum = Sum()
        self.presets = PresetButton()
        self.tools = {
            "kernel.flip": Tool("flip", "", size=18),
            "kernel.zero_mean": Tool("zeromean", "", size=18),
            "kernel.unit_norm": Tool("unit", "", size=18),
        }
        for button in self.tools.values():
            logical(button, width=31)
        self.brush = Fields(1.0, name="Brush", whole=False, step=0.5)
        self.brush_size = Fields(1, name="Brush size", minimum=1, maximum=9)
        self.line = label("", wrap=False)
        self.expand = Button("Edit the kernel", "link")
        self.hint = label("", "hint", wrap=True)
        self._signs: list[QLabel] = []
        self._build()
        self._wire()

    # ------------------------------------------------------------------------------------------------------ building
    def _build(self) -> None:
        self._columns: list[QWidget] = []
        self._brush_row = QWidget()
        logical(self.brush, width=64)
        logical(self.brush_size, width=44)
        self._brush_row.setLayout(
            row(label("Brush", "cap"), self.brush, label("size", "cap"), self.brush_size, 1, spacing=4)
        )
        self._kernel_tools = QWidget()
        self._kernel_tools.setLayout(row(self.presets, *self.tools.values(), 1, spacing=4))
        lines: QGridLayout = logical(QGridLayout(), hspace=4, vspace=4, margins=(0, 0, 0, 0))
        top_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        for i, grid in enumerate((self.patch, self.kernel, self.products)):
            column = QWidget()
            box: QVBoxLayout = logical(QVBoxLayout(column), spacing=4, margins=(0, 0, 0, 0))
            box.addWidget(self.captions[i])
            box.addWidget(grid, 0, top_left)
            self._columns.append(column)
            lines.addWidget(column, 0, 2 * i, Qt.AlignmentFlag.AlignTop)
            sign = operator("×=Σ"[i])
            self._signs.append(sign)
            lines.addWidget(sign, 0, 2 * i + 1, Qt.AlignmentFlag.AlignTop)
        right = QWidget()
        box = logical(QVBoxLayout(right), spacing=0, margins=(0, 18, 0, 0))
        box.addWidget(self.sum)
        box.addStretch(1)
        self._right = right
        lines.addWidget(right, 0, 6)
        lines.addWidget(self.hint, 0, 6, Qt.AlignmentFlag.AlignTop)  # in its place while there is none
        lines.addWidget(self.feet[0], 1, 0, Qt.AlignmentFlag.AlignTop)
        tools = QWidget()  # they may be wider than the kernel, and then stand below the products too
        tools.setLayout(row(self._kernel_tools, self._brush_row, 1, spacing=0))
        self._tools = tools
        lines.addWidget(tools, 1, 2, 1, 3, top_left)
        lines.addWidget(self.feet[1], 1, 6, Qt.AlignmentFlag.AlignTop)
        lines.setColumnStretch(6, 1)
        lines.setRowStretch(2, 1)
        whole = QWidget()
        whole.setLayout(lines)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(whole)
        one_line = QWidget()
        one_line.setLayout(row((self.line, 1), self.expand))
        self._pages.addWidget(one_line)
        self._brush_row.hide()
        logical(self, min_height=31)

    def _wire(self) -> None:
        self.kernel.edited.connect(lambda r, c, v, phase: self.edited.emit(self._tap(r, c), v, phase))
        self.kernel.painted.connect(
            lambda cells, v, phase: self.painted.emit([self._tap(r, c) for r, c in cells], v, phase)
        )
        self.patch.hovered.connect(lambda r, c: self._hovered(r, c, False))
        self.products.hovered.connect(lambda r, c: self._hovered(r, c, False))
        self.kernel.hovered.connect(lambda r, c: self._hovered(r, c, True))
        self.brush.committed.connect(lambda _: self._take_brush())
        self.brush_size.committed.connect(lambda _: self._take_brush())

    def _take_brush(self) -> None:
        self.kernel.set_brush(float(self.brush.values()[0]), int(self.brush_size.values()[0]))

    def _tap(self, r: int, c: int) -> tuple[int, ...]:
        ndim = self._ndim
        return (c,) if ndim == 1 else (r, c) if ndim == 2 else (self.slice, r, c)

    # ------------------------------------------------------------------------------------------------------- showing
    @property
    def layer(self) -> Layer | None:
        """The chosen layer."""
        state = self.desk.state
        return state.layer(state.chosen) if state.chosen != INPUT else None

    @property
    def _ndim(self) -> int:
        return len(self.desk.source.spatial) if self.desk.source is not None else 2

    @property
    def plane(self) -> tuple[int, int]:
        """Which ``[out, in]`` plane of a Conv's weight is shown."""
        layer = self.layer
        if not isinstance(layer, Conv):
            return (0, 0)
        out = self.reading.unit[0] if self.reading is not None else self.eye.index(layer.name, layer.out_channels)
        per = layer.in_channels // layer.groups
        return (min(out, layer.out_channels - 1), min(self.eye.terms_channel, per - 1))

    def whole_kernel(self) -> np.ndarray | None:
        """The kernel that is edited, all slices; None for layers without one."""
        layer = self.layer
        return kernel_of(layer, self.plane) if isinstance(layer, Filter | Conv) else None

    def depth(self) -> int:
        """Number of slices of the kernel."""
        kernel = self.whole_kernel()
        if kernel is not None:
            return kernel.shape[0] if kernel.ndim == 3 else 1
        terms = self.reading.terms if self.reading is not None else None
        return terms.values.shape[1] if terms is not None and terms.values.ndim == 4 else 1

    def _flat(self, array: np.ndarray) -> np.ndarray:
        return np.atleast_2d(array[self.slice] if array.ndim == 3 else array)

    def show_state(self) -> None:
        """Show the kernel of the chosen layer."""
        key = (self.desk.state.chosen, self.depth())
        if key != self._sliced:
            self._sliced, self.slice = key, (self.depth() - 1) // 2
        kernel = self.whole_kernel()
        self._columns[1].setVisible(kernel is not None)
        if kernel is not None:
            flat = self._flat(kernel)
            if not self.kernel.busy:
                factor = common_denominator(kernel)
                self.kernel.set_factor(factor)
                self.kernel.set_step(1 / factor if factor > 1 else 0.1)
                self.kernel.set_values(flat)
            elif flat.shape == self.kernel.shape and not np.array_equal(flat, self.kernel.values()):
                self.kernel.set_values(flat)
            over = f" × 1⁄{round(self.kernel.factor)}" if self.kernel.factor > 1 else ""
            self.kernel.set_corners(self._flat(np.flip(kernel)) if getattr(self.layer, "flip", False) else None)
            set_label(self.captions[1], self._kernel_caption(f"Kernel{over}"))
            self.presets.show_kernel(kernel)
        self.expand.setVisible(kernel is not None)
        self.show_reading(self.reading)

    def show_reading(self, reading: Reading | None) -> None:
        """Show the terms of the questioned number, or an empty equation."""
        self.reading = reading if reading is not None and reading.layer == self.desk.state.chosen else None
        terms = self.reading.terms if self.reading is not None else None
        layer = self.layer
        sliding = terms is not None and terms.kind in ("sum", "mean", "max")
        has_kernel = isinstance(layer, Filter | Conv) and layer.enabled
        self._columns[0].setVisible(sliding or has_kernel)
        self._columns[2].setVisible(has_kernel)
        self._tools.setVisible(isinstance(layer, Filter | Conv))
        self.feet[0].setVisible(sliding or has_kernel)
        for sign, on in zip(
            self._signs, (has_kernel, self._columns[2].isVisibleTo(self), terms is not None), strict=True
        ):
            sign.setVisible(on)
        set_label(self._signs[2], "Σ" if has_kernel else "→")
        self._right.setVisible(terms is not None)
        self.hint.setVisible(terms is None)
        if terms is None:
            text = "Point at an output to see its terms." if layer is not None else self._idle_text()
            if layer is not None and not layer.enabled:
                text = f"{layer.name} is off: it passes its input on."
            set_label(self.hint, text)
            set_label(self.line, text)
            self._show_blank()
        else:
            self._show_terms(self.reading)
        self._fit_cells()

    def _kernel_caption(self, name: str) -> str:
        layer = self.layer
        if layer is not None and not layer.enabled:
            return f"{name}, not used: off"
        return f"{name}; small: as used" if getattr(layer, "flip", False) else f"{name}, drag a cell"

    def _idle_text(self) -> str:
        if self.desk.state.layers:
            return "This is the input. Choose a layer to see its terms."
        return "No layer yet. Add one to see input become output."

    def _show_blank(self) -> None:
        shape = self.kernel.shape
        blank = [[""] * shape[1] for _ in range(shape[0])]
        for grid, caption in ((self.patch, "Patch"), (self.products, "Products")):
            grid.set_values(np.zeros(shape), texts=blank)
            grid.set_scale()  # the middle of the map: nothing, in every theme
            grid.set_hot(None)
            set_label(self.captions[0 if grid is self.patch else 2], caption)
        self.patch.set_frame("")
        for foot in self.feet:
            set_label(foot, "")

    def _show_terms(self, reading: Reading) -> None:
        terms = reading.terms
        plane = min(self.eye.terms_channel, len(terms.channels) - 1)
        at = min(self.slice, terms.values.shape[1] - 1) if terms.values.ndim == 4 else 0

        def flat(array: np.ndarray) -> np.ndarray:
            one = array[plane]
            return np.atleast_2d(one[at] if one.ndim == 3 else one)

        values, products, padded = flat(terms.values), flat(terms.products), flat(terms.padded)
        low, high = self._levels(reading)
        self.patch.set_frame("field")
        self.patch.set_values(values, padded=padded if padded.any() else None)
        self.patch.set_scale(colormaps.grey() if low >= 0 else None, low, high)
        self.products.set_values(products)
        before = self.desk.input_of(reading.layer) or (self.desk.source.kind if self.desk.source else "input")
        set_label(self.captions[0], patch_caption(before, reading, plane))
        set_label(self.captions[2], products_caption(reading))
        finite = values[np.isfinite(values)]
        extremes = (
            (numbers.number(float(finite.min()), 3), numbers.number(float(finite.max()), 3))
            if finite.size
            else ("–", "–")
        )
        set_label(self.feet[0], f"min {extremes[0]}   max {extremes[1]}")
        count = int(terms.padded.sum())
        set_label(self.feet[1], f"{numbers.grouped(terms.count)} terms, {numbers.grouped(count)} pad")
        lines, result = sum_lines(terms, plane, products)
        colour = self.desk.source is not None and self.eye.channel(reading.layer, 3) == "rgb"
        on = self.layer is not None and self.layer.enabled
        self.sum.set_sum(lines, result, caption=sum_caption(reading, colour) if on else "off: the input as it is")
        set_label(self.line, equation(terms))
        won = terms.winner
        hot = None
        if won is not None and won[0] == plane and (len(won) < 4 or won[1] == at):
            hot = (won[-2] if len(won) > 2 else 0, won[-1])
        self.patch.set_hot(hot)

    def _levels(self, reading: Reading) -> tuple[float, float]:
        show = self.desk.display(self.desk.input_of(reading.layer))
        return show.range.lo, show.range.hi

    # -------------------------------------------------------------------------------------------------------- sizes
    def _fit_cells(self) -> None:
        """Give all grids the largest cells there is room for."""
        rows, cols = self.patch.shape if not self._columns[1].isVisibleTo(self) else self.kernel.shape
        shown = [column.isVisibleTo(self) for column in self._columns]
        room = self.width() - px(114) - px(30) * (3 if shown[1] else 1)  # the same with and without a number
        high = self.height() - px(19 + 34)
        tools = px(63 + 3 * 35) if shown[1] else 0
        cell = self.most

        def taken() -> int:
            wide = cols * px(cell) + 2
            return shown[0] * wide + max((shown[1] + shown[2]) * wide, tools - px(30))

        while cell > SMALLEST and (taken() > room or rows * px(cell) + 2 > high):
            cell -= 1
        for grid in (self.patch, self.kernel, self.products):
            grid.set_cell(cell)
            grid.setFixedSize(grid.shape[1] * px(cell) + 2, grid.shape[0] * px(cell) + 2)
        wide = max(px(63), 2 * (cols * px(cell) + 2) + px(30) - px(105))
        logical(self.presets, width=min(wide / active.scale, 140))
        height = rows * px(cell) + 2
        for sign in self._signs:
            sign.setFixedHeight(height)
            sign.setContentsMargins(0, px(18), 0, 0)
            sign.setFixedHeight(height + px(18))
        self._pages.setCurrentIndex(1 if self.height() < px(LINE) else 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._fit_cells()

    def retheme(self) -> None:
        """Take scale and colours."""
        self._fit_cells()

    # ------------------------------------------------------------------------------------------------------ pointing
    def _hovered(self, r: int | None, c: int | None, of_kernel: bool) -> None:
        index: Any = None
        terms = self.reading.terms if self.reading is not None else None
        if r is not None and c is not None and terms is not None:
            shape = terms.values.shape
            turned = of_kernel and bool(getattr(self.layer, "flip", False))
            if turned:
                r, c = self.kernel.shape[0] - 1 - r, self.kernel.shape[1] - 1 - c
            plane = min(self.eye.terms_channel, shape[0] - 1)
            index = (plane, c) if len(shape) == 2 else (plane, r, c) if len(shape) == 3 else (plane, self.slice, r, c)
        if index is not None and not all(0 <= i < n for i, n in zip(index, terms.values.shape, strict=True)):
            index = None  # the kernel has been resized, and its terms are on their way
        self.point_at(index)
        self.pointed.emit(index)

    def point_at(self, index: tuple[int, ...] | None) -> None:
        """Mark one term in all three grids."""
        cell = None
        if index is not None:
            cell = (index[-2] if len(index) > 2 else 0, index[-1])
        turned = cell is not None and bool(getattr(self.layer, "flip", False))
        rows, cols = self.kernel.shape
        self.kernel.set_hot((rows - 1 - cell[0], cols - 1 - cell[1]) if turned and cell else cell)
        if self.reading is None or self.reading.terms.winner is None:
            self.patch.set_hot(cell)
        self.products.set_hot(cell)

    def set_painting(self, on: bool) -> None:
        """Paint with the brush, or drag cells."""
        self.kernel.set_paint_mode(on)
        self._brush_row.setVisible(on)
        self._kernel_tools.setVisible(not on)
        self._take_brush()

    def menu_place(self) -> QPoint:
        """Where a menu about the kernel opens."""
        return self.kernel.mapToGlobal(QPoint(0, self.kernel.height()))
