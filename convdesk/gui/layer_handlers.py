# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands about layers and kernels do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QInputDialog, QWidget

from convdesk.document.commands import (
    AddLayer,
    Choose,
    Command,
    MoveLayer,
    RemoveLayer,
    RenameLayer,
    ResizeKernel,
    SetEnabled,
    SetKernel,
    SetOption,
)
from convdesk.document.state import INPUT
from convdesk.network.layers import AvgPool, Conv, Filter, Layer, MaxPool, ReLU
from convdesk.network.weights import Weights

from .files import identity
from .kernels import CHANGES, to_text

if TYPE_CHECKING:
    from .main_window import MainWindow

Handler = Callable[[], object]
OFFERED = {
    "Filter": ("Filter", "One kernel on every channel"),
    "Conv": ("Conv", "Sums over the input channels"),
    "ReLU": ("ReLU", "Negative values become 0"),
    "MaxPool": ("Max pool", "The largest value of each window"),
    "AvgPool": ("Average pool", "The mean of each window"),
}
ADD = "Add layer"
"""Where the search lists the kinds of layers."""
STEMS = {"Filter": "filter", "Conv": "conv", "ReLU": "relu", "MaxPool": "pool", "AvgPool": "pool"}


def new_layer(kind: str, ndim: int, channels: int, name: str) -> Layer:
    """A layer as it is added: it runs on data of so many axes and channels, and changes little or nothing."""
    if kind == "Filter":
        return Filter(identity(ndim), name=name)
    if kind == "Conv":
        kernel = np.broadcast_to(identity(ndim) / channels, (1, channels, *(3,) * ndim))
        return Conv(channels, 1, (3,) * ndim, padding="same", bias=False, weight=np.array(kernel), name=name)
    if kind == "ReLU":
        return ReLU(name=name)
    pool = MaxPool if kind == "MaxPool" else AvgPool
    return pool((2,) * ndim, name=name)


class LayerHandlers:
    """The half of the commands that edits the document."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.desk, self.eye, self.editor = window.desk, window.eye, window.editor

    def _kernel(self) -> dict[str, Handler]:
        return {
            "kernel.focus": self.focus_kernel,
            "kernel.larger": lambda: self.resize_kernel(2),
            "kernel.smaller": lambda: self.resize_kernel(-2),
            "kernel.copy": self.copy_kernel,
            "kernel.paste": self.window.files.paste_kernel,
            "operator.correlation": lambda: self.option("flip", False),
            "operator.convolution": lambda: self.option("flip", True),
            **{f"kernel.{name}": (lambda n=name: self.change_kernel(n)) for name in CHANGES},
        }

    def _stack(self) -> dict[str, Handler]:
        return {
            "stack.add": lambda: self.window.search.open(only=ADD, words="Add layer: type its kind"),
            "stack.duplicate": self.duplicate,
            "stack.rename": self.rename,
            "stack.toggle": lambda: self._on_layer(lambda layer: SetEnabled(layer.name, not layer.enabled)),
            "stack.up": lambda: self._on_layer(lambda layer: MoveLayer(layer.name, self._index(layer) - 1)),
            "stack.down": lambda: self._on_layer(lambda layer: MoveLayer(layer.name, self._index(layer) + 1)),
            "stack.remove": lambda: self._on_layer(lambda layer: RemoveLayer(layer.name)),
            "stack.previous": lambda: self._walk(-1),
            "stack.next": lambda: self._walk(1),
        }

    # --------------------------------------------------------------------------------------------------------- layers
    @property
    def layer(self) -> Layer | None:
        """The chosen layer."""
        state = self.desk.state
        return state.layer(state.chosen) if state.chosen != INPUT else None

    def _index(self, layer: Layer) -> int:
        return self.desk.state.index(layer.name)

    def _on_layer(self, command: Callable[[Layer], Command]) -> None:
        layer = self.layer
        if layer is not None:
            self.editor.apply(command(layer))

    def option(self, name: str, value: object) -> None:
        """Change an argument of the chosen layer."""
        self._on_layer(lambda layer: SetOption(layer.name, name, value))

    def _walk(self, by: int) -> None:
        names = [INPUT, *(layer.name for layer in self.desk.state.layers)]
        at = names.index(self.desk.state.chosen) + by
        if 0 <= at < len(names):
            self.editor.apply(Choose(names[at]))

    def duplicate(self) -> None:
        """The chosen layer once more, below it."""
        state = self.desk.state
        self._on_layer(
            lambda layer: AddLayer(
                replace(layer, name=state.fresh_name(layer.name.rstrip("0123456789") or layer.name)),
                self._index(layer) + 1,
            )
        )

    def rename(self) -> None:
        """Ask for another name."""
        layer = self.layer
        if layer is None:
            return
        name, given = QInputDialog.getText(self.window, "Rename", f"Name of {layer.name}", text=layer.name)
        if given:
            self.editor.apply(RenameLayer(layer.name, name))

    def add(self, kind: str) -> str:
        """Add a layer below the chosen one; returns the sentence why not."""
        source = self.desk.source
        if source is None:
            return "There is no input."
        state = self.desk.state
        shape = self.desk.shape_of(state.chosen)
        channels = shape[0] if shape is not None else source.channels
        at = 0 if state.chosen == INPUT else state.index(state.chosen) + 1
        return self.editor.apply(
            AddLayer(new_layer(kind, len(source.spatial), channels, state.fresh_name(STEMS[kind])), at)
        )

    # --------------------------------------------------------------------------------------------------------- kernel
    def change_kernel(self, name: str) -> None:
        """One of the buttons of the kernel."""
        kernel, layer = self.window.terms.whole_kernel(), self.layer
        if kernel is None or layer is None:
            return
        what, change = CHANGES[name]
        changed = np.ascontiguousarray(change(np.asarray(kernel, np.float64)))
        self.editor.begin()
        sentence = ""
        if isinstance(layer, Conv) and changed.shape != kernel.shape:
            sentence = self.editor.apply(ResizeKernel(layer.name, changed.shape))
        if not sentence:
            self.editor.apply(SetKernel(layer.name, Weights(changed), self.window.terms.plane, what))
        self.editor.end()

    def focus_kernel(self) -> None:
        """Go to the cells of the kernel."""
        self.window.expand_bench()
        self.window.terms.kernel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resize_kernel(self, by: int) -> None:
        """Two more or two fewer taps on every axis, one at least."""
        kernel, layer = self.window.terms.whole_kernel(), self.layer
        if kernel is not None and layer is not None:
            size = tuple(n + by if n + by >= 1 else max(1, n - 1) for n in kernel.shape)
            self.editor.apply(ResizeKernel(layer.name, size))

    def copy_kernel(self) -> None:
        """The kernel as text, every figure."""
        kernel = self.window.terms.whole_kernel()
        if kernel is not None:
            QApplication.clipboard().setText(to_text(np.asarray(kernel, np.float64)))
            self.window.say("Copied the kernel")

    def place_of(self, widget: QWidget) -> QPoint:
        """Where a menu under a widget opens."""
        return widget.mapToGlobal(QPoint(0, widget.height()))
