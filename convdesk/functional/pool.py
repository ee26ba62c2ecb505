# SPDX-License-Identifier: GPL-3.0-or-later
"""Pooling layers as functions of whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.backends.choice import chosen_backend
from convdesk.backends.protocol import Operands
from convdesk.errors import ParameterError, ShapeError
from convdesk.functional.arrays import (
    as_array,
    as_operand,
    check_out,
    compute_type,
    delivered,
    direct,
    natural_result,
)
from convdesk.functional.frame import Frame, frame
from convdesk.geometry import is_int
from convdesk.network.problem import Problem
from convdesk.planner import execute, plan

INDEX = np.dtype(np.int64)
EXACT = 2**53
"""Largest size of an integer up to which float64 holds them all."""


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
    x = as_array(x, "max_pool", "x")
    call = frame("max_pool", x, kernel_size, stride, padding, dilation, ceil_mode)
    problem = Problem(
        "max_pool", _exact_type(x), call.batch, call.channels, call.spatial, call.windows, indices=bool(return_indices)
    )  # fmt: skip
    dtype = x.dtype.newbyteorder("=")
    shape = call.shape(problem)
    if not return_indices:
        return _run(call, problem, x, dtype, out, backend, implementation)
    if out is not None and not (isinstance(out, (tuple, list)) and len(out) == 2):
        raise ParameterError("max_pool: out: got one object, expected a pair (values, indices) with return_indices")
    values, indices = out if out is not None else (None, None)
    check_out(values, shape, dtype, "max_pool", "out[0]")
    check_out(indices, shape, INDEX, "max_pool", "out[1]")
    chosen = plan(problem, chosen_backend(backend, implementation), implementation)
    operand = as_operand(x if call.batched else x[None], problem.dtype)
    targets = direct(values, operand.dtype, (operand, indices)), direct(indices, INDEX, (operand,))
    if targets[0] is not None and targets[1] is not None:
        into = (targets[0].reshape(problem.out_shape), targets[1].reshape(problem.out_shape))
        execute(chosen, Operands(operand), into)
        return targets
    found = execute(chosen, Operands(operand))
    winners, places = found if call.batched else (found[0][0], found[1][0])
    return delivered(winners, values, dtype), delivered(places, indices, INDEX)


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
    call = frame("avg_pool", x, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override is not None and (not is_int(divisor_override) or divisor_override == 0):
        raise ParameterError(f"avg_pool: divisor_override: got {divisor_override!r}, expected None or an int but 0")
    sizes = tuple(window.kernel_size for window in call.windows)
    if len(sizes) == 3 and any(size < taps for size, taps in zip(call.spatial, sizes, strict=True)):
        # PyTorch's rule in three dimensions alone, whatever the padding; kept, so that the two reject the same
        raise ShapeError(f"avg_pool: the input has sizes {call.spatial}, in 3-D expected at least the window's {sizes}")
    compute = compute_type(x.dtype)
    problem = Problem(
        "avg_pool", compute, call.batch, call.channels, call.spatial, call.windows,
        count_pad=bool(count_include_pad), divisor=int(divisor_override or 0),
    )  # fmt: skip
    return _run(call, problem, x, natural_result(x.dtype, compute), out, backend, implementation)


def _run(
    call: Frame,
    problem: Problem,
    x: np.ndarray,
    dtype: np.dtype[Any],
    out: Any,
    backend: str,
    implementation: str | None,
) -> np.ndarray:
    """A pool with one result."""
    check_out(out, call.shape(problem), dtype, call.where)
    chosen = plan(problem, chosen_backend(backend, implementation), implementation)
    operand = as_operand(x if call.batched else x[None], problem.dtype)
    target = direct(out, operand.dtype, (operand,))
    if target is not None:
        execute(chosen, Operands(operand), target.reshape(problem.out_shape))
        return target
    found = execute(chosen, Operands(operand))
    return delivered(found if call.batched else found[0], out, dtype)


def _exact_type(x: np.ndarray) -> str:
    """A type that holds every value of x exactly, as the winner is one of them.

    Integers of 64 bits go through float64 like the others where that holds them, which every backend has.
    """
    dtype = x.dtype
    if dtype.kind in "iu" and dtype.itemsize == 8 and x.size and (int(x.max()) > EXACT or int(x.min()) < -EXACT):
        return "i64" if dtype.kind == "i" else "u64"
    return compute_type(dtype)
