# SPDX-License-Identifier: GPL-3.0-or-later
"""The lecture's f ⋆ g and f * g on plain arrays: no batch, no weight layout, at most one channel axis carried along."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.backends.choice import chosen_backend
from convdesk.errors import ParameterError, ShapeError
from convdesk.functional.arrays import (
    apart,
    as_array,
    as_operand,
    check_out,
    compute_type,
    delivered,
    edge_mode,
    located,
    natural_result,
    result_dtype,
)
from convdesk.functional.call import Given, answer
from convdesk.functional.seen import seen
from convdesk.geometry import Window, is_int, named_padding, per_axis
from convdesk.network.problem import DTYPES, Problem

SHAPES = ("full", "same", "valid")


@seen("f", "g")
def correlate(
    f: Any,
    g: Any,
    shape: str = "full",
    *,
    boundary: str | float = "zeros",
    stride: Any = 1,
    dilation: Any = 1,
    channel_axis: int | None = None,
    dtype: Any = None,
    out: np.ndarray | None = None,
    backend: str = "auto",
) -> np.ndarray:
    """Cross-correlate an array with a kernel, f ⋆ g: slide g over f and sum the products.

    Parameters
    ----------
    f
        Array of 1 to 3 axes, and ``channel_axis``. Any real type, strides and byte order; it is not changed.
    g
        Kernel of as many axes as f has besides ``channel_axis``; converted to f's compute type.
    shape
        "full": every overlap, m + n - 1 samples per axis. "same": as many as f has, from sample ⌊n/2⌋ of the full
        result. "valid": only whole overlaps, max(m - n + 1, 0). An empty g gives zeros, with "valid" as many as f has.
    boundary
        What lies beyond the edge of f: "zeros", a number, "replicate", "reflect" (edge not repeated), "symmetric" (edge
        repeated) or "circular". Reflections fold as often as needed.
    stride
        Keep samples 0, s, 2s, … of the result; one int, or one per axis.
    dilation
        Distance between taps of g in f; one int, or one per axis.
    channel_axis
        An axis of f that is carried along: each channel is correlated with the same g.
    dtype
        Type of the result. Integers are rounded to nearest (ties to even) and saturated; what float32 cannot hold
        is computed in float64. Default: the compute type, which is float32 for float32, float16 (returned as float16),
        bool and integers up to 16 bits, float64 for the rest.
    out
        Array of the result's shape and type; it is written and returned.
    backend
        Name of a backend, or "auto".

    Returns
    -------
    ndarray
        A new C-contiguous array, or ``out``.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> correlate([1, 2, 3, 4], [1, 0, -1], "valid")
    array([-2., -2.])
    """
    return _slide("correlate", f, g, shape, boundary, stride, dilation, channel_axis, dtype, out, backend)


@seen("f", "g")
def convolve(
    f: Any,
    g: Any,
    shape: str = "full",
    *,
    boundary: str | float = "zeros",
    stride: Any = 1,
    dilation: Any = 1,
    channel_axis: int | None = None,
    dtype: Any = None,
    out: np.ndarray | None = None,
    backend: str = "auto",
) -> np.ndarray:
    """Convolve an array with a kernel, f * g: :func:`correlate` with g reversed on every axis.

    Takes and returns what :func:`correlate` does. ``convolve(f, g)`` is MATLAB's ``conv(f, g)`` and ``conv2(f, g)``.

    Examples
    --------
    >>> convolve([1, 2, 3], [1, 1])
    array([1., 3., 5., 3.])
    """
    return _slide("convolve", f, g, shape, boundary, stride, dilation, channel_axis, dtype, out, backend)


def _slide(
    where: str,
    f: Any,
    g: Any,
    shape: str,
    boundary: Any,
    stride: Any,
    dilation: Any,
    channel_axis: Any,
    dtype: Any,
    out: np.ndarray | None,
    backend: str,
) -> np.ndarray:
    """Both functions; ``where`` is the name of the one that was called."""
    f, g = as_array(f, where, "f"), as_array(g, where, "g")
    axis = channel_number(channel_axis, f.ndim, where)
    planes = f[None, None] if axis is None else np.moveaxis(f, axis, 0)[:, None]
    spatial = planes.shape[2:]
    if not 1 <= len(spatial) <= 3:
        besides = " besides its channel axis" if axis is not None else ""
        raise ShapeError(f"{where}: f has {len(spatial)} axes{besides}, expected 1 to 3")
    if g.ndim != len(spatial):
        raise ShapeError(f"{where}: g has {g.ndim} axes, expected {len(spatial)} as f")
    if not isinstance(shape, str) or shape not in SHAPES:
        raise ParameterError(f"{where}: shape: got {shape!r}, expected one of {', '.join(SHAPES)}")
    mode, fill = edge_mode(boundary, where, "boundary")
    strides = located(where, per_axis, stride, g.ndim, "stride", least=1)
    dilations = located(where, per_axis, dilation, g.ndim, "dilation", least=1)
    wanted = None if dtype is None else result_dtype(dtype, where)
    compute = _compute(f.dtype, wanted)
    wanted = natural_result(f.dtype, compute) if wanted is None else wanted
    chosen = chosen_backend(backend)
    if 0 in g.shape or 0 in spatial:
        sizes = [empty_size(*one, shape) for one in zip(spatial, g.shape, strides, dilations, strict=True)]
        if 0 not in sizes and 0 in spatial and mode != "zeros":
            raise ShapeError(f"{where}: f is empty, boundary {boundary!r} expects a sample to continue")
        zeros = _unmoved(np.zeros((len(planes), *sizes), np.dtype(DTYPES[compute])), axis)
        check_out(out, zeros.shape, wanted, where)
        return delivered(zeros, out, wanted)
    windows = []
    for k, s, d in zip(g.shape, strides, dilations, strict=True):
        lo, hi = named_padding(shape, Window(k, s, d))
        windows.append(Window(k, s, d, lo, hi))
    flip = where == "convolve"
    problem = Problem(
        "conv", compute, len(planes), 1, spatial, tuple(windows), out_channels=1, padding_mode=mode, flip=flip
    )  # fmt: skip
    kept = problem.out_spatial

    def planes_of(a: np.ndarray) -> np.ndarray:
        return as_operand(a[None, None], compute) if axis is None else apart(np.moveaxis(a, axis, 0)[:, None], compute)

    def kernel_of(a: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(as_operand(a, compute))[None, None]

    return answer(
        where, problem, {"x": Given(f, planes_of), "weight": Given(g, kernel_of)}, True, wanted, out, chosen, None,
        fill=fill, shape=kept if axis is None else (*kept[:axis], len(planes), *kept[axis:]),
        view=lambda found: _unmoved(found[:, 0], axis), straight=not axis,
    )  # fmt: skip


def _unmoved(planes: np.ndarray, axis: int | None) -> np.ndarray:
    """Channels, which come first, back on their axis; without one there is a single plane."""
    return planes[0] if axis is None else np.moveaxis(planes, 0, axis)


def channel_number(axis: Any, ndim: int, where: str) -> int | None:
    if axis is None:
        return None
    if not is_int(axis) or not -ndim <= int(axis) < ndim:
        raise ParameterError(f"{where}: channel_axis: got {axis!r}, expected None or an axis of f, which has {ndim}")
    return int(axis) % ndim


def _compute(f: np.dtype[Any], wanted: np.dtype[Any] | None) -> str:
    """Compute type of f; float64 where the result could not be right otherwise.

    Sums of 16-bit samples, and integers wider than 16 bits, are more than float32 holds exactly.
    """
    if wanted is not None:
        if wanted.kind in "iu" and (wanted.itemsize > 2 or (f.kind in "iu" and f.itemsize == 2)):
            return "f64"
        if wanted == np.float64:
            return "f64"
    return compute_type(f)


def empty_size(size: int, taps: int, stride: int, dilation: int, shape: str) -> int:
    """Outputs on one axis when f or g is empty: MATLAB's lengths, of which every ``stride``-th is kept."""
    extent = Window(taps, dilation=dilation).extent if taps else 0
    sizes = {"full": max(size + extent - 1, size, extent), "same": size, "valid": max(size - max(extent - 1, 0), 0)}
    return Window(1, stride).out_size(sizes[shape])
