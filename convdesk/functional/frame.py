# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments that all pools share: which axes are spatial, and the window on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from convdesk.errors import ParameterError, ShapeError
from convdesk.functional.arrays import located
from convdesk.geometry import Window, ceil_overhang, is_int, per_axis, resolve_padding
from convdesk.network.problem import Problem


@dataclass(frozen=True, slots=True)
class Frame:
    """What the arguments that all pools share come to."""

    where: str
    batched: bool
    batch: int
    channels: int
    spatial: tuple[int, ...]
    windows: tuple[Window, ...]

    def problem(self, op: str, dtype: str, **more: Any) -> Problem:
        """The problem of a pool with these windows."""
        return Problem(op, dtype, self.batch, self.channels, self.spatial, self.windows, **more)


def split(
    where: str, shape: tuple[int, ...], sizes: Any, what: str, name: str = "x", empty: bool = False
) -> tuple[bool, int, int, tuple[int, ...]]:
    """(batched, batch, channels, spatial) of an array, by the argument ``sizes``, called ``what``, that counts axes.

    An int means every spatial axis of an (N, C, *spatial) array; a tuple says by its length how many are spatial.
    """
    ndim = len(shape) - 2 if is_int(sizes) else len(sizes) if hasattr(sizes, "__len__") else 0
    if not is_int(sizes) and (isinstance(sizes, str) or not 1 <= ndim <= 3):
        raise ParameterError(f"{where}: {what}: got {sizes!r}, expected an int, or 1 to 3 ints")
    if not 1 <= ndim <= 3 or len(shape) not in (ndim + 1, ndim + 2):
        axes = f"{ndim + 2} axes, or {ndim + 1} without a batch"
        axes = "3 to 5 axes, (N, C, *spatial)" if is_int(sizes) else axes
        raise ShapeError(f"{where}: {name} has shape {shape}, {what} {sizes!r} expects {axes}")
    batched = len(shape) == ndim + 2
    channels, spatial = shape[-ndim - 1], shape[-ndim:]
    if (channels == 0 and not empty) or 0 in spatial:
        raise ShapeError(f"{where}: {name} has shape {shape}, expected no axis of size 0 but the batch")
    return batched, shape[0] if batched else 1, channels, spatial


def frame(
    where: str,
    shape: tuple[int, ...],
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil: bool,
    *,
    name: str = "x",
) -> Frame:
    """Check and understand the arguments of the pool that is called ``where``; its input is called ``name``."""
    batched, batch, channels, spatial = split(where, shape, kernel_size, "kernel_size", name)
    windows = located(where, _windows, spatial, kernel_size, stride, padding, dilation, ceil)
    for axis, (window, size) in enumerate(zip(windows, spatial, strict=True)):
        if window.out_size(size) < 1:
            have = size + window.pad_lo + window.pad_hi
            need = f"expected at least {window.extent}, the window's extent"
            raise ShapeError(f"{where}: spatial axis {axis} has {have} samples with its padding, {need}")
    return Frame(where, batched, batch, channels, spatial, windows)


def _windows(
    spatial: tuple[int, ...], kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil: bool
) -> tuple[Window, ...]:
    bare = bare_windows(len(spatial), kernel_size, stride, dilation)
    found = []
    for window, (lo, hi), size in zip(bare, amounts(padding, bare), spatial, strict=True):
        most = window.extent // 2
        if max(lo, hi) > most:
            raise ParameterError(f"padding: got {padding!r}, expected at most {most}, half the window's extent")
        filled = Window(window.kernel_size, window.stride, window.dilation, lo, hi)
        hang = ceil_overhang(filled, size) if ceil else 0
        found.append(Window(window.kernel_size, window.stride, window.dilation, lo, hi, hang))
    return tuple(found)


def bare_windows(ndim: int, kernel_size: Any, stride: Any, dilation: Any) -> list[Window]:
    """Windows without their padding; no stride means ``kernel_size``."""
    sizes = per_axis(kernel_size, ndim, "kernel_size", least=1)
    strides = sizes if stride is None else per_axis(stride, ndim, "stride", least=1)
    dilations = per_axis(dilation, ndim, "dilation", least=1)
    return [Window(k, s, d) for k, s, d in zip(sizes, strides, dilations, strict=True)]


def amounts(padding: Any, bare: list[Window]) -> tuple[tuple[int, int], ...]:
    """(lo, hi) per axis where padding has no names."""
    if isinstance(padding, str):
        raise ParameterError(f"padding: got {padding!r}, expected an int, one per axis, or (lo, hi) pairs")
    return resolve_padding(padding, bare)
