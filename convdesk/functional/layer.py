# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments that convolution shares with its gradients: checked once, and turned into a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convdesk.errors import DTypeError, ParameterError, ShapeError
from convdesk.functional.arrays import compute_type, edge_mode, located
from convdesk.geometry import Window, is_int, per_axis, resolve_padding
from convdesk.network.problem import Problem


def one_type(where: str, arrays: Mapping[str, np.ndarray | None]) -> str:
    """The one compute type of all operands, which share a dtype or are all integers."""
    there = {what: array for what, array in arrays.items() if array is not None}
    dtypes = [array.dtype.newbyteorder("=") for array in there.values()]
    if any(dtype != dtypes[0] for dtype in dtypes) and not all(dtype.kind in "biu" for dtype in dtypes):
        got = ", ".join(f"{what} {array.dtype}" for what, array in there.items())
        raise DTypeError(f"{where}: got {got}, expected one dtype for all, or integers only")
    return compute_type(*dtypes)


def shape_of(where: str, what: str, value: Any) -> tuple[int, ...]:
    """A shape that a caller gives in numbers."""
    if not hasattr(value, "__len__") or isinstance(value, str) or not all(is_int(size) and size >= 0 for size in value):
        raise ParameterError(f"{where}: {what}: got {value!r}, expected a tuple of sizes")
    return tuple(int(size) for size in value)


def check_groups(where: str, groups: Any, channels: int, kind: str) -> int:
    """``groups`` as an int that divides the channels of this kind."""
    if not is_int(groups) or groups < 1:
        raise ParameterError(f"{where}: groups: got {groups!r}, expected an int of at least 1")
    if channels % groups:
        raise ParameterError(f"{where}: groups: got {groups}, expected a divisor of the {channels} {kind} channels")
    return int(groups)


def check_kernel(where: str, weight: tuple[int, ...], name: str = "weight") -> None:
    """Raise unless these are the sizes of a weight, (C_out, C/groups, *kernel_size)."""
    told = f"{name} has shape" if name == "weight" else f"{name}: got"
    if not 3 <= len(weight) <= 5:
        raise ShapeError(f"{where}: {told} {weight}, expected (C_out, C/groups, 1 to 3 kernel sizes)")
    if 0 in weight[2:] or weight[0] == 0:
        raise ShapeError(f"{where}: {told} {weight}, expected no size of 0 but that of the channels")


@dataclass(frozen=True)
class Layer:
    """A convolution layer in the words of its caller; ``name`` is what the caller calls the weight or its shape."""

    where: str
    weight: tuple[int, ...]
    name: str
    stride: Any
    padding: Any
    dilation: Any
    groups: Any
    padding_mode: Any
    flip: bool
    mode: str = field(init=False)
    fill: float = field(init=False)

    def __post_init__(self) -> None:
        check_kernel(self.where, self.weight, self.name)
        check_groups(self.where, self.groups, self.weight[0], "output")
        mode, fill = edge_mode(self.padding_mode, self.where, "padding_mode")
        object.__setattr__(self, "mode", mode)
        object.__setattr__(self, "fill", fill)

    def problem(
        self, x: tuple[int, ...], name: str, dtype: str, bias: bool = False, direction: str = "fwd"
    ) -> tuple[Problem, bool]:
        """The problem of this layer on an input of shape ``x``, called ``name``, and whether that is batched."""
        where, weight = self.where, self.weight
        told = f"{name} has shape" if name == "x" else f"{name}: got"
        if len(x) not in (len(weight) - 1, len(weight)):
            axes = f"{len(weight)} axes, or {len(weight) - 1} without a batch"
            raise ShapeError(f"{where}: {told} {x}, weight of shape {weight} expects {axes}")
        batched = len(x) == len(weight)
        spatial, channels = x[2 if batched else 1 :], x[1 if batched else 0]
        if 0 in spatial:
            raise ShapeError(f"{where}: {told} {x}, expected no spatial axis of size 0")
        expected = weight[1] * int(self.groups)
        if channels != expected:
            grouped = f" ({weight[1]} for each of {self.groups} groups)" if self.groups > 1 else ""
            plural = "" if channels == 1 else "s"
            raise ShapeError(f"{where}: {channels} input channel{plural}, weight expects {expected}{grouped}")
        windows = located(where, layer_windows, weight[2:], self.stride, self.padding, self.dilation)
        problem = Problem(
            "conv", dtype, x[0] if batched else 1, channels, spatial, windows, out_channels=weight[0],
            groups=int(self.groups), padding_mode=self.mode, flip=bool(self.flip), bias=bias, direction=direction,
        )  # fmt: skip
        check_fits(where, problem)
        return problem, batched


def check_fits(where: str, problem: Problem) -> None:
    """Raise when the kernel is larger than the padded input."""
    if 0 in problem.out_spatial:
        sizes = zip(problem.spatial, problem.windows, strict=True)
        padded = tuple(n + w.pad_lo + w.pad_hi for n, w in sizes)
        extent = tuple(window.extent for window in problem.windows)
        raise ShapeError(
            f"{where}: the padded input has sizes {padded}, expected at least the kernel's extent {extent}"
        )


def layer_windows(kernel_size: tuple[int, ...], stride: Any, padding: Any, dilation: Any) -> tuple[Window, ...]:
    """One window per axis, padding named or counted."""
    strides = per_axis(stride, len(kernel_size), "stride", least=1)
    dilations = per_axis(dilation, len(kernel_size), "dilation", least=1)
    bare = [Window(k, s, d) for k, s, d in zip(kernel_size, strides, dilations, strict=True)]
    pads = resolve_padding(padding, bare)
    return tuple(Window(w.kernel_size, w.stride, w.dilation, lo, hi) for w, (lo, hi) in zip(bare, pads, strict=True))
