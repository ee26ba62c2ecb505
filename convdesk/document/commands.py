# SPDX-License-Identifier: GPL-3.0-or-later
"""Every edit: a frozen value with a name for people and a pure function from state to state.

An impossible edit raises CommandRejected with the sentence that the window shows, and nothing has changed. Commands
whose ``records`` is False move the eye, not the document: they make no entry in the history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from convdesk.document.state import INPUT, DocumentState, Range, SourceRef
from convdesk.errors import CommandRejected, ConvDeskError
from convdesk.network.layers import Conv, Filter, Layer
from convdesk.network.weights import Weights


@dataclass(frozen=True)
class Command:
    """Base of all edits."""

    records: ClassVar[bool] = True

    @property
    def title(self) -> str:
        """What the undo menu calls this edit."""
        return type(self).__name__

    def apply(self, state: DocumentState) -> DocumentState:
        """The state after the edit."""
        raise CommandRejected(f"{self.title} cannot be applied.")


def _replaced(state: DocumentState, name: str, /, **changes: Any) -> DocumentState:
    """The state with one layer rebuilt; a value the layer refuses becomes the sentence of a rejection."""
    at = state.index(name)
    known = vars(state.layers[at])
    for what in changes:
        if what not in known:
            raise CommandRejected(f"{state.layers[at].title} has no {what.replace('_', ' ')}.")
    try:
        layer = replace(state.layers[at], **changes)
    except ConvDeskError as error:
        text = str(error)
        raise CommandRejected(text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")) from error
    return replace(state, layers=(*state.layers[:at], layer, *state.layers[at + 1 :]))


@dataclass(frozen=True)
class SetSource(Command):
    """Open another input. Ranges and the pinned unit belong to the old one and are forgotten."""

    source: SourceRef

    @property
    def title(self) -> str:
        return f"Open {self.source.name or self.source.sample or 'input'}"

    def apply(self, state: DocumentState) -> DocumentState:
        return replace(state, source=self.source, ranges=(), unit=None)


@dataclass(frozen=True)
class AddLayer(Command):
    """Insert a layer, at the end unless ``at`` says where; a layer without a name gets one. The new layer is chosen."""

    layer: Layer
    at: int | None = None

    @property
    def title(self) -> str:
        return f"Add {self.layer.title}"

    def apply(self, state: DocumentState) -> DocumentState:
        at = len(state.layers) if self.at is None else max(0, min(self.at, len(state.layers)))
        name = self.layer.name or state.fresh_name(self.layer.kind.lower())
        if any(layer.name == name for layer in state.layers):
            raise CommandRejected(f"A layer is called {name!r} already.")
        layers = (*state.layers[:at], replace(self.layer, name=name), *state.layers[at:])
        return replace(state, layers=layers, chosen=name, unit=None)


@dataclass(frozen=True)
class RemoveLayer(Command):
    """Take a layer out; the one before it is chosen."""

    name: str

    @property
    def title(self) -> str:
        return f"Remove {self.name}"

    def apply(self, state: DocumentState) -> DocumentState:
        at = state.index(self.name)
        layers = state.layers[:at] + state.layers[at + 1 :]
        chosen = state.chosen
        if chosen == self.name:
            chosen = layers[max(0, at - 1)].name if layers else INPUT
        unit = state.unit if chosen == state.chosen else None
        return replace(state, layers=layers, chosen=chosen, unit=unit).with_range(self.name, None)


@dataclass(frozen=True)
class MoveLayer(Command):
    """Put a layer at another position."""

    name: str
    to: int

    @property
    def title(self) -> str:
        return f"Move {self.name}"

    def apply(self, state: DocumentState) -> DocumentState:
        layers = list(state.layers)
        layer = layers.pop(state.index(self.name))
        layers.insert(max(0, min(self.to, len(layers))), layer)
        return replace(state, layers=tuple(layers), unit=None)


@dataclass(frozen=True)
class RenameLayer(Command):
    """Give a layer another name."""

    name: str
    to: str

    @property
    def title(self) -> str:
        return f"Rename {self.name}"

    def apply(self, state: DocumentState) -> DocumentState:
        to = self.to.strip()
        if not to:
            raise CommandRejected("A layer needs a name.")
        if to != self.name and any(layer.name == to for layer in state.layers):
            raise CommandRejected(f"A layer is called {to!r} already.")
        renamed = _replaced(state, self.name, name=to).with_range(to, state.range_of(self.name))
        renamed = renamed.with_range(self.name, None) if to != self.name else renamed
        return replace(renamed, chosen=to if state.chosen == self.name else state.chosen)


@dataclass(frozen=True)
class SetEnabled(Command):
    """Switch a layer on or off; off, it passes its input on."""

    name: str
    enabled: bool

    @property
    def title(self) -> str:
        return f"Switch {self.name} {'on' if self.enabled else 'off'}"

    def apply(self, state: DocumentState) -> DocumentState:
        return _replaced(state, self.name, enabled=self.enabled)


@dataclass(frozen=True)
class SetOption(Command):
    """Change one argument of a layer: stride, padding, dilation, padding_mode, flip, bias, groups, kernel_size, …"""

    name: str
    option: str
    value: Any

    @property
    def title(self) -> str:
        return f"Set {self.option.replace('_', ' ')} of {self.name}"

    def apply(self, state: DocumentState) -> DocumentState:
        return _replaced(state, self.name, **{self.option: self.value})


@dataclass(frozen=True)
class SetKernel(Command):
    """Replace a layer's kernel: of a Filter, the array; of a Conv, one ``[out, in]`` plane of the weight.

    A Filter may change its size; a Conv keeps it (see :class:`ResizeKernel`).
    """

    name: str
    kernel: Weights
    plane: tuple[int, int] = (0, 0)
    what: str = "Draw kernel"

    @property
    def title(self) -> str:
        return self.what

    def apply(self, state: DocumentState) -> DocumentState:
        layer = state.layer(self.name)
        if not np.isfinite(self.kernel.array).all():
            raise CommandRejected("A kernel needs finite numbers.")
        if isinstance(layer, Filter):
            return _replaced(state, self.name, kernel=self.kernel)
        if not isinstance(layer, Conv):
            raise CommandRejected(f"{layer.title} has no kernel.")
        if self.kernel.shape != layer.kernel_size:
            raise CommandRejected(f"The kernel is {self.kernel.shape}, {layer.name} has {layer.kernel_size}.")
        weight = layer.weight.array.copy()
        weight[self.plane] = self.kernel.array
        return _replaced(state, self.name, weight=Weights(weight))


@dataclass(frozen=True)
class SetTaps(Command):
    """Write values into single taps of a kernel: what a brush or a dragged cell does.

    ``taps`` holds ``(index, value)`` pairs, index one int per axis.
    """

    name: str
    taps: tuple[tuple[tuple[int, ...], float], ...]
    plane: tuple[int, int] = (0, 0)

    @property
    def title(self) -> str:
        return "Draw kernel"

    def apply(self, state: DocumentState) -> DocumentState:
        values = np.array(kernel_of(state.layer(self.name), self.plane))
        for index, value in self.taps:
            if len(index) != values.ndim or not all(0 <= i < n for i, n in zip(index, values.shape, strict=True)):
                raise CommandRejected(f"The kernel has no tap {index}; it is {values.shape}.")
            values[index] = value
        return SetKernel(self.name, Weights(values), self.plane).apply(state)


@dataclass(frozen=True)
class ResizeKernel(Command):
    """Change the kernel's size, keeping values about the centre; new taps are 0."""

    name: str
    size: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Resize kernel of {self.name}"

    def apply(self, state: DocumentState) -> DocumentState:
        layer = state.layer(self.name)
        if not isinstance(layer, Filter | Conv):
            return _replaced(state, self.name, kernel_size=self.size)
        if len(self.size) != len(layer.kernel_size):
            raise CommandRejected(
                f"Kernel size: got {len(self.size)} numbers, this kernel has {len(layer.kernel_size)} axes."
            )
        if min(self.size) < 1 or max(self.size) > 1024:
            raise CommandRejected(
                f"Kernel size: got {' × '.join(map(str, self.size))}, expected 1 to 1024 on every axis."
            )
        if isinstance(layer, Filter):
            return _replaced(state, self.name, kernel=Weights(recentre(layer.kernel.array, self.size)))
        weight = recentre(layer.weight.array, (*layer.weight.shape[:2], *self.size))
        return _replaced(state, self.name, weight=Weights(weight), kernel_size=self.size)


@dataclass(frozen=True)
class Choose(Command):
    """Show another layer."""

    name: str
    records: ClassVar[bool] = False

    def apply(self, state: DocumentState) -> DocumentState:
        if self.name != INPUT:
            state.index(self.name)
        return state if self.name == state.chosen else replace(state, chosen=self.name, unit=None)


@dataclass(frozen=True)
class Pin(Command):
    """Pin an output unit ``(channel, *position)`` of the chosen layer, or release it with None."""

    unit: tuple[int, ...] | None
    records: ClassVar[bool] = False

    def apply(self, state: DocumentState) -> DocumentState:
        return replace(state, unit=self.unit)


@dataclass(frozen=True)
class SetRange(Command):
    """Set the display range of a pane; None fits it again."""

    name: str
    span: Range | None
    records: ClassVar[bool] = False

    def apply(self, state: DocumentState) -> DocumentState:
        if self.span is not None and not (
            np.isfinite([self.span.lo, self.span.hi]).all() and self.span.lo < self.span.hi
        ):
            raise CommandRejected(
                f"Display range: got {self.span.lo} to {self.span.hi}, expected two numbers, low then high."
            )
        return state.with_range(self.name, self.span)


def kernel_of(layer: Layer, plane: tuple[int, int] = (0, 0)) -> np.ndarray:
    """The kernel of a Filter, or one ``[out, in]`` plane of a Conv's weight; CommandRejected for other layers."""
    if isinstance(layer, Filter):
        return layer.kernel.array  # type: ignore[no-any-return]
    if isinstance(layer, Conv):
        return layer.weight.array[plane]  # type: ignore[no-any-return]
    raise CommandRejected(f"{layer.title} has no kernel.")


def recentre(values: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """``values`` cropped or filled with zeros to ``size``; the tap at ⌊(n − 1)/2⌋ of every axis stays in that place."""
    out = np.zeros(size, values.dtype)
    into: list[slice] = []
    taken: list[slice] = []
    for old, new in zip(values.shape, size, strict=True):
        shift = (new - 1) // 2 - (old - 1) // 2
        start, stop = max(0, shift), min(new, old + shift)
        into.append(slice(start, stop))
        taken.append(slice(start - shift, stop - shift))
    out[tuple(into)] = values[tuple(taken)]
    return out
