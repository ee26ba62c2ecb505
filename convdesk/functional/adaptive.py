# SPDX-License-Identifier: GPL-3.0-or-later
"""Adaptive pooling: the caller says how many outputs, the windows follow; with one output, global pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.errors import ParameterError
from convdesk.functional.arrays import as_array, check_out, compute_type, delivered, natural_result
from convdesk.functional.call import INDEX, answer, operand
from convdesk.functional.frame import split
from convdesk.functional.pool import exact_type, wide
from convdesk.functional.seen import seen
from convdesk.geometry import is_int
from convdesk.network.problem import Problem


@seen("x")
def adaptive_max_pool(
    x: Any,
    output_size: Any,
    return_indices: bool = False,
    *,
    out: Any = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> Any:
    """The largest value of each of ``output_size`` windows: ``torch.nn.functional.adaptive_max_pool1d`` to ``3d``.

    Parameters
    ----------
    x
        ``(N, C, *spatial)`` of any real type, or unbatched ``(C, *spatial)``. Not changed.
    output_size
        An int: every spatial axis of a batched array. A tuple: one per spatial axis, so that ``x`` may be unbatched;
        None there keeps the axis' size. Output o of m reads the samples from ⌊o·n/m⌋ up to ⌈(o + 1)·n/m⌉ of n.
    return_indices
        Also return where each winner lies: flat over the spatial axes of one channel.
    out
        Array of the result's shape and type, or a pair (values, int64 indices); written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray, or (ndarray, ndarray of int64)
        ``(N, C, *output_size)`` in x's own type, unbatched like x. Ties and NaN as for
        :func:`~convdesk.functional.max_pool`.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> adaptive_max_pool([[[1, 5, 2, 0, 3]]], 2)
    array([[[5, 3]]])
    """
    where = "adaptive_max_pool"
    x = as_array(x, where, "x")
    problem, batched = _problem(where, x, output_size, exact_type(x), bool(return_indices))
    dtype = x.dtype.newbyteorder("=")
    if isinstance(problem, tuple):
        nothing = np.empty(problem, dtype)
        if not return_indices:
            return _nothing(where, nothing, out)
        pair = out if out is not None else (None, None)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ParameterError(f"{where}: out: got one object, expected a pair (values, indices) with return_indices")
        return _nothing(where, nothing, pair[0], "out[0]"), _nothing(where, nothing.astype(INDEX), pair[1], "out[1]")
    given = {"x": operand(x, problem.dtype, batched)}
    return answer(where, problem, given, batched, dtype, out, backend, implementation, again=not wide(x))


@seen("x")
def adaptive_avg_pool(
    x: Any,
    output_size: Any,
    *,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """The mean of each of ``output_size`` windows: ``torch.nn.functional.adaptive_avg_pool1d`` to ``3d``.

    Parameters
    ----------
    x, output_size, backend, implementation
        As for :func:`adaptive_max_pool`.
    out
        Array of the result's shape and type; it is written and returned.

    Returns
    -------
    ndarray
        ``(N, C, *output_size)``, in the type that :func:`~convdesk.functional.avg_pool` returns.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> adaptive_avg_pool([[[1.0, 5.0, 3.0, 0.0, 3.0]]], 2)
    array([[[3., 2.]]])
    """
    where = "adaptive_avg_pool"
    x = as_array(x, where, "x")
    compute = compute_type(x.dtype)
    problem, batched = _problem(where, x, output_size, compute, False)
    dtype = natural_result(x.dtype, compute)
    if isinstance(problem, tuple):
        return _nothing(where, np.empty(problem, dtype), out)
    given = {"x": operand(x, compute, batched)}
    return answer(where, problem, given, batched, dtype, out, backend, implementation)


def _problem(
    where: str, x: np.ndarray, output_size: Any, compute: str, indices: bool
) -> tuple[Problem | tuple[int, ...], bool]:
    """The problem, or the shape of a result that holds nothing; and whether x is batched."""
    batched, batch, channels, spatial = split(where, x.shape, output_size, "output_size", empty=True)
    given = (output_size,) * len(spatial) if is_int(output_size) else tuple(output_size)
    sizes = tuple(size if m is None else m for m, size in zip(given, spatial, strict=True))
    if not all(is_int(size) and size >= 0 for size in sizes):
        wanted = f"ints of at least 0, or None, one for each of {len(spatial)} spatial axes"
        raise ParameterError(f"{where}: output_size: got {output_size!r}, expected {wanted}")
    sizes = tuple(int(size) for size in sizes)
    shape = (batch, channels, *sizes)
    if 0 in shape:
        return shape if batched else shape[1:], batched
    op = "adaptive_max_pool" if where == "adaptive_max_pool" else "adaptive_avg_pool"
    return Problem(op, compute, batch, channels, spatial, (), out_sizes=sizes, indices=indices), batched


def _nothing(where: str, empty: np.ndarray, out: Any, what: str = "out") -> np.ndarray:
    """A result without elements."""
    check_out(out, empty.shape, empty.dtype, where, what)
    return delivered(empty, out, empty.dtype)
