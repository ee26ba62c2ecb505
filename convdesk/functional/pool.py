# SPDX-License-Identifier: GPL-3.0-or-later
"""Pooling layers as functions of whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.errors import ParameterError, ShapeError
from convdesk.functional.arrays import as_array, compute_type, natural_result
from convdesk.functional.call import answer, operand
from convdesk.functional.frame import Frame, frame
from convdesk.functional.seen import seen
from convdesk.geometry import is_int
from convdesk.network.problem import Problem

EXACT = 2**53
"""Largest size of an integer up to which float64 holds them all."""


@seen("x")
def max_pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    out: Any = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> Any:
    """The largest value of each window: ``torch.nn.functional.max_pool1d``, ``max_pool2d``, ``max_pool3d``.

    Parameters
    ----------
    x
        ``(N, C, *spatial)`` of any real type, or unbatched ``(C, *spatial)``. Not changed.
    kernel_size
        An int: every spatial axis of a batched array. A tuple: one per spatial axis, so that ``x`` may be unbatched.
    stride
        An int, or one per axis; default: ``kernel_size``.
    padding
        An int, one per axis, or ``(lo, hi)`` pairs; at most half the window's extent. Padding never wins.
    dilation
        Distance between the cells of a window; an int, or one per axis.
    ceil_mode
        Also compute windows that hang over the far edge, if they begin inside it.
    return_indices
        Also return where each winner lies: flat over the spatial axes of one channel.
    out
        Array of the result's shape and type, or a pair (values, int64 indices); written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray, or (ndarray, ndarray of int64)
        ``(N, C, *out_spatial)`` in x's own type, unbatched like x. Of equal values the first in row-major order wins;
        a NaN wins over everything, and of several the last.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> max_pool([[[1, 5, 2, 0]]], 2)
    array([[[5, 2]]])
    """
    where = (out, backend, implementation)
    return _winners("max_pool", x, (kernel_size, stride, padding, dilation, ceil_mode), return_indices, where)


@seen("x")
def min_pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    out: Any = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> Any:
    """The smallest value of each window; PyTorch has no such layer, this is :func:`max_pool` with the order reversed.

    Takes and returns what :func:`max_pool` does: of equal values the first wins, a NaN wins over everything.

    Examples
    --------
    >>> min_pool([[[1, 5, 2, 0]]], 2)
    array([[[1, 0]]])
    """
    where = (out, backend, implementation)
    return _winners("min_pool", x, (kernel_size, stride, padding, dilation, ceil_mode), return_indices, where)


def _winners(name: str, x: Any, window: tuple[Any, ...], return_indices: bool, where: tuple[Any, ...]) -> Any:
    """Maximum and minimum pooling; ``where``: out, backend, implementation."""
    x = as_array(x, name, "x")
    call = frame(name, x.shape, *window)
    problem = call.problem(name, exact_type(x), indices=bool(return_indices))
    given = {"x": operand(x, problem.dtype, call.batched)}
    return answer(name, problem, given, call.batched, x.dtype.newbyteorder("="), *where, again=not wide(x))


@seen("x")
def avg_pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    *,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """The mean of each window: ``torch.nn.functional.avg_pool1d``, ``avg_pool2d``, ``avg_pool3d``.

    Parameters
    ----------
    x, kernel_size, stride, padding, ceil_mode, out, backend, implementation
        As for :func:`max_pool`; padding counts as zeros.
    count_include_pad
        Whether padding cells count in the divisor. Cells that only ``ceil_mode`` reads never do.
    divisor_override
        Divide by this instead, whatever the window holds; not 0.

    Returns
    -------
    ndarray
        ``(N, C, *out_spatial)``, unbatched like x: float32 or float64 as x, float16 for float16, for integers float32
        up to 16 bits, else float64.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> avg_pool([[[1.0, 5.0, 2.0, 0.0]]], 2)
    array([[[3., 1.]]])
    """
    x = as_array(x, "avg_pool", "x")
    problem, batched = avg_problem(
        "avg_pool", "x", x.shape, compute_type(x.dtype), (kernel_size, stride, padding, 1, ceil_mode),
        count_include_pad, divisor_override,
    )  # fmt: skip
    given = {"x": operand(x, problem.dtype, batched)}
    dtype = natural_result(x.dtype, problem.dtype)
    return answer("avg_pool", problem, given, batched, dtype, out, backend, implementation)


def avg_problem(
    where: str,
    name: str,
    shape: tuple[int, ...],
    compute: str,
    window: tuple[Any, ...],
    count_include_pad: bool,
    divisor_override: Any,
    direction: str = "fwd",
) -> tuple[Problem, bool]:
    """The problem of an average pool of an array ``name`` of this shape, and whether that is batched."""
    call = frame(where, shape, *window, name=name)
    if divisor_override is not None and (not is_int(divisor_override) or divisor_override == 0):
        raise ParameterError(f"{where}: divisor_override: got {divisor_override!r}, expected None or an int but 0")
    check_volume(call)
    divisor = int(divisor_override or 0)
    count_pad = bool(count_include_pad)
    problem = call.problem("avg_pool", compute, count_pad=count_pad, divisor=divisor, direction=direction)
    return problem, call.batched


def check_volume(call: Frame) -> None:
    """PyTorch's rule for averages in three dimensions alone, whatever the padding; kept, so that both reject alike."""
    sizes = tuple(window.kernel_size for window in call.windows)
    if len(sizes) == 3 and any(size < taps for size, taps in zip(call.spatial, sizes, strict=True)):
        told = f"the input has sizes {call.spatial}, in 3-D expected at least the window's {sizes}"
        raise ShapeError(f"{call.where}: {told}")


def wide(x: np.ndarray) -> bool:
    """Whether the compute type of x depends on its values, so that a plan says nothing about another array."""
    return x.dtype.kind in "iu" and x.dtype.itemsize == 8


def exact_type(x: np.ndarray) -> str:
    """A type that holds every value of x exactly, as the winner is one of them.

    Integers of 64 bits go through float64 like the others where that holds them, which every backend has.
    """
    dtype = x.dtype
    if wide(x) and x.size and (int(x.max()) > EXACT or int(x.min()) < -EXACT):
        return "i64" if dtype.kind == "i" else "u64"
    return compute_type(dtype)
