# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments that all pools share: which axes are spatial, and the window on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

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

    def shape(self, problem: Problem) -> tuple[int, ...]:
        """Shape of the result, batched or not as the input."""
        return problem.out_shape if self.batched else problem.out_shape[1:]


def frame(where: str, x: np.ndarray, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> Frame:
    """Check and understand the arguments of the pool that is called ``where``."""
    ndim = x.ndim - 2 if is_int(kernel_size) else len(kernel_size) if hasattr(kernel_size, "__len__") else 0
    if not is_int(kernel_size) and (isinstance(kernel_size, str) or not 1 <= ndim <= 3):
        raise ParameterError(f"{where}: kernel_size: got {kernel_size!r}, expected an int, or 1 to 3 ints")
    if not 1 <= ndim <= 3 or x.ndim not in (ndim + 1, ndim + 2):
        axes = f"{ndim + 2} axes, or {ndim + 1} without a batch"
        axes = "3 to 5 axes, (N, C, *spatial)" if is_int(kernel_size) else axes
        raise ShapeError(f"{where}: x has shape {x.shape}, kernel_size {kernel_size!r} expects {axes}")
    batched = x.ndim == ndim + 2
    batch, channels, spatial = (x.shape[0] if batched else 1), x.shape[x.ndim - ndim - 1], x.shape[x.ndim - ndim :]
    if channels == 0 or 0 in spatial:
        raise ShapeError(f"{where}: x has shape {x.shape}, expected no axis of size 0 but the batch")
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
    ndim = len(spatial)
    sizes = per_axis(kernel_size, ndim, "kernel_size", least=1)
    strides = sizes if stride is None else per_axis(stride, ndim, "stride", least=1)
    dilations = per_axis(dilation, ndim, "dilation", least=1)
    bare = [Window(k, s, d) for k, s, d in zip(sizes, strides, dilations, strict=True)]
    if isinstance(padding, str):
        raise ParameterError(f"padding: got {padding!r}, expected an int, one per axis, or (lo, hi) pairs")
    found = []
    for window, (lo, hi), size in zip(bare, resolve_padding(padding, bare), spatial, strict=True):
        most = window.extent // 2
        if max(lo, hi) > most:
            raise ParameterError(f"padding: got {padding!r}, expected at most {most}, half the window's extent")
        filled = Window(window.kernel_size, window.stride, window.dilation, lo, hi)
        hang = ceil_overhang(filled, size) if ceil else 0
        found.append(Window(window.kernel_size, window.stride, window.dilation, lo, hi, hang))
    return tuple(found)
