# SPDX-License-Identifier: GPL-3.0-or-later
"""The inspector: the exact numbers of the chosen layer, and what the layer is. Every field asks for one edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PyQt6.QtCore import QPoint, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from convdesk.desk import Desk
from convdesk.document.commands import Command, ResizeKernel, SetEnabled, SetOption
from convdesk.document.state import INPUT
from convdesk.network.layers import AvgPool, Conv, Filter, Layer, MaxPool
from convdesk.network.stack import Stage
from convdesk.network.weights import Weights

from .. import numbers
from ..layer_text import EDGES, padding_text, purpose, sides_of, source_detail
from ..parts import Card, Combo, Fields, Segmented, Tool, column, label, set_label
from ..theme import logical

MODES = tuple(EDGES)
PADDINGS = ("same", "valid", "full", "own")


class Inspector(Card):
    """Signals: ``menuRequested(place)``.

    Parameters
    ----------
    desk : Desk
        What is shown.
    apply : callable
        Makes an edit and returns the sentence why not, or nothing.
    """

    menuRequested = pyqtSignal(QPoint)

    def __init__(self, desk: Desk, apply: Callable[[Command], str], channel: Callable[[], int]) -> None:
        self.power = Tool("show", "Layer on", True, shortcut="Ctrl+/")
        self.more = Tool("more", "More")
        super().__init__("Input", "", self.power, self.more)
        self.desk, self._apply, self._channel = desk, apply, channel
        self.purpose = label("", "sub", wrap=True)
        self.error = label("", "error", wrap=True)
        self.facts = label("", "sub", wrap=True)
        self.operator = Segmented(
            ["Correlation", "Convolution"], 0, name="Operator",
            tips=("The kernel as it is drawn", "The kernel turned by 180°"),
        )  # fmt: skip
        self.kernel_size = Fields(3, 3, name="Kernel size", minimum=1, maximum=1024)
        self.stride = Fields(1, 1, name="Stride", minimum=1)
        self.dilation = Fields(1, 1, name="Dilation", minimum=1)
        self.padding = Combo("Same", "Valid: none", "Full", "Own", name="Padding")
        self.sides = Fields(0, 0, 0, 0, name="Padding", minimum=0)
        self.mode = Combo(*EDGES.values(), name="Edge mode")
        self.constant = Fields(0.0, name="Constant", whole=False, step=1)
        self.bias = Fields(0.0, name="Bias", whole=False, step=0.1)
        self.ceil = QCheckBox("Count a window that is cut off")
        self.count_pad = QCheckBox("Padding counts in the mean")
        self._grid: QGridLayout = logical(QGridLayout(), hspace=8, vspace=4, margins=(0, 0, 0, 0))
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QLabel | None, QWidget]] = {}
        self._build()
        self.add(self.purpose)
        self.add(self.error)
        self.add(self._grid)
        self.add(self.facts)
        self._wire()

    def _build(self) -> None:
        rows: list[tuple[str, str, QWidget]] = [
            ("operator", "", self.operator), ("kernel_size", "Kernel size", self.kernel_size),
            ("stride", "Stride", self.stride), ("dilation", "Dilation", self.dilation),
            ("padding", "Padding", self.padding), ("sides", "lo, hi", self.sides), ("mode", "Edge mode", self.mode),
            ("constant", "Constant", self.constant), ("bias", "Bias", self.bias), ("ceil", "", self.ceil),
            ("count_pad", "", self.count_pad),
        ]  # fmt: skip
        for at, (key, text, widget) in enumerate(rows):
            tag = None
            if text:
                tag = logical(label(text, "sub"), min_width=78)
                tag.setBuddy(widget)
                self._grid.addWidget(tag, at, 0)
                self._grid.addWidget(widget, at, 1)
            else:
                self._grid.addWidget(widget, at, 0, 1, 2)
            if not widget.accessibleName():
                widget.setAccessibleName(text or widget.property("text"))
            self._rows[key] = (tag, widget)
        self.sides.setAccessibleDescription("Padding before and after, per axis")

    def _wire(self) -> None:
        self.operator.changed.connect(lambda i: self._set("flip", bool(i), self.operator))
        self.kernel_size.committed.connect(lambda v: self._ask(ResizeKernel(self._name, tuple(v)), self.kernel_size))
        self.stride.committed.connect(lambda v: self._set("stride", tuple(v), self.stride))
        self.dilation.committed.connect(lambda v: self._set("dilation", tuple(v), self.dilation))
        self.padding.activated.connect(self._padding_chosen)
        self.sides.committed.connect(
            lambda v: self._set("padding", tuple(zip(v[::2], v[1::2], strict=True)), self.sides)
        )
        self.mode.activated.connect(lambda i: self._mode_chosen(MODES[i]))
        self.constant.committed.connect(lambda v: self._set("padding_mode", float(v[0]), self.constant))
        self.bias.committed.connect(lambda v: self._bias_set(float(v[0])))
        self.ceil.clicked.connect(lambda on: self._set("ceil_mode", bool(on), self.ceil))
        self.count_pad.clicked.connect(lambda on: self._set("count_include_pad", bool(on), self.count_pad))
        self.power.clicked.connect(lambda on: self._ask(SetEnabled(self._name, bool(on)), self.power))
        self.more.clicked.connect(lambda: self.menuRequested.emit(self.more.mapToGlobal(QPoint(0, self.more.height()))))

    # ------------------------------------------------------------------------------------------------------- asking
    @property
    def _name(self) -> str:
        return self.desk.state.chosen

    def _set(self, option: str, value: Any, widget: QWidget) -> None:
        self._ask(SetOption(self._name, option, value), widget)

    def _ask(self, command: Command, widget: QWidget) -> None:
        sentence = self._apply(command)
        if isinstance(widget, Fields):
            widget.set_problem(sentence)
        elif sentence:
            set_label(self.error, sentence)
            self.error.show()
            self.show_state()

    def _padding_chosen(self, index: int) -> None:
        if PADDINGS[index] != "own":
            self._set("padding", PADDINGS[index], self.padding)
            return
        layer = self.desk.state.layer(self._name)
        self._set("padding", sides_of(layer, len(self.stride.values())), self.padding)
        self.sides.setFocus()

    def _mode_chosen(self, mode: str) -> None:
        value = float(self.constant.values()[0]) if mode == "constant" else mode
        self._set("padding_mode", value, self.mode)

    def _bias_set(self, value: float) -> None:
        layer = self.desk.state.layer(self._name)
        if isinstance(layer, Conv):
            bias = np.zeros(layer.out_channels, np.float32) if layer.bias is None else layer.bias.array.copy()
            bias[self._out_channel(layer)] = value
            self._set("bias", Weights(bias), self.bias)
        else:
            self._set("bias", value, self.bias)

    def _out_channel(self, layer: Conv) -> int:
        return min(self._channel(), layer.out_channels - 1)

    # ------------------------------------------------------------------------------------------------------ showing
    def show_state(self) -> None:
        """Show the chosen layer, or the input."""
        state = self.desk.state
        layer = state.layer(state.chosen) if state.chosen != INPUT else None
        stage = next((one for one in self.desk.stages if one.layer is layer), None)
        for tool in (self.power, self.more):
            tool.setVisible(layer is not None)
        if layer is None or stage is None:
            self._show_source()
            return
        self.set_title(layer.name, f"layer {state.index(layer.name) + 1}")
        set_label(self.purpose, purpose(layer, stage))
        problem = f"{layer.name} cannot run: {stage.error}." if stage.error else ""
        set_label(self.error, problem)
        self.error.setVisible(bool(problem))
        self.power.setChecked(layer.enabled)
        self.power.set_icon("show" if layer.enabled else "hide")
        self.facts.hide()
        self._show_layer(layer, stage)

    def _show_source(self) -> None:
        source = self.desk.source
        self.error.hide()
        for tag, widget in self._rows.values():
            for one in (tag, widget):
                if one is not None:
                    one.hide()
        self.facts.setVisible(source is not None)
        if source is None:
            self.set_title("Inspector", "")
            set_label(self.purpose, "Open something, and the numbers of the chosen layer stand here.")
            return
        self.set_title("Input", source.kind)
        low, high = source.value_range
        set_label(self.purpose, source_detail(source))
        lines = [
            f"Size: {numbers.size(source.spatial)}", f"Channels: {source.channels}",
            f"Shown from {numbers.number(low)} to {numbers.number(high)}; values are never rescaled.",
        ]  # fmt: skip
        lines += [f"{note.text}: {note.detail}" if note.detail else note.text for note in source.notes]
        set_label(self.facts, "<br>".join(lines))

    def _show_layer(self, layer: Layer, stage: Stage) -> None:
        ndim = len(self.desk.source.spatial) if self.desk.source is not None else 2
        shown = {"operator", "kernel_size", "stride", "dilation", "padding", "mode", "bias"}
        if isinstance(layer, MaxPool):
            shown = {"kernel_size", "stride", "dilation", "padding", "ceil"}
        elif isinstance(layer, AvgPool):
            shown = {"kernel_size", "stride", "padding", "ceil", "count_pad"}
        elif not isinstance(layer, Filter | Conv):
            shown = set()
        if shown:
            ndim = self._show_sliding(layer, ndim)
        if isinstance(layer, Filter | Conv):
            self.operator.set_current(int(layer.flip))
            self.mode.setCurrentIndex(MODES.index(layer.mode))
            self.constant.set_values(layer.fill)
            bias = layer.bias
            if isinstance(layer, Conv):
                bias = 0.0 if bias is None else float(bias.array[self._out_channel(layer)])
            self.bias.set_values(float(bias))
            shown |= {"constant"} if layer.mode == "constant" else set()
        if isinstance(layer, MaxPool | AvgPool):
            self.ceil.setChecked(layer.ceil_mode)
            if isinstance(layer, AvgPool):
                self.count_pad.setChecked(layer.count_include_pad)
        if "padding" in shown and self.padding.currentIndex() == PADDINGS.index("own"):
            shown |= {"sides"}
        for key, (tag, widget) in self._rows.items():
            for one in (tag, widget):
                if one is not None:
                    one.setVisible(key in shown)
                    one.setEnabled(layer.enabled)

    def _show_sliding(self, layer: Any, ndim: int) -> int:
        """Show size, stride, dilation and padding; returns the number of axes."""
        if isinstance(layer.kernel_size, tuple):  # the layer knows, even where the input has other axes
            ndim = len(layer.kernel_size)
        windows = replace(layer, enabled=True).windows((1 << 20,) * ndim)
        for fields, values in (
            (self.kernel_size, [w.kernel_size for w in windows]),
            (self.stride, [w.stride for w in windows]),
            (self.dilation, [w.dilation for w in windows]),
        ):
            if fields.values() != values or fields.problem():
                fields.set_values(*values)
        own = not isinstance(layer.padding, str)
        index = PADDINGS.index("own") if own else PADDINGS.index(layer.padding)
        pairs = sides_of(layer, ndim)
        if own and not any(any(pair) for pair in pairs):
            index = PADDINGS.index("valid")
        self.padding.setCurrentIndex(index)
        for at, name in enumerate(PADDINGS):
            words = padding_text(replace(layer, padding=name), ndim) if name != "own" and not _pool(layer) else ""
            self.padding.setItemText(
                at, words or ("Own" if name == "own" else {"valid": "Valid: none"}.get(name, name))
            )
        if index == PADDINGS.index("own"):
            self.padding.setItemText(index, padding_text(layer, ndim))
        flat = [side for pair in pairs for side in pair]
        if self.sides.values() != flat:
            self.sides.set_values(*flat)
        return ndim

    def fields_column(self) -> QWidget:
        """The whole as one widget, for a dock."""
        holder = QWidget()
        holder.setLayout(column(self))
        return holder


def _pool(layer: Layer) -> bool:
    return isinstance(layer, MaxPool | AvgPool)
