# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back through pooling: unpooling, and the gradients of maximum and average pooling."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from convdesk.errors import DTypeError, ParameterError, ShapeError
from convdesk.functional.arrays import as_array, compute_type, located, natural_result
from convdesk.functional.call import INDEX, Given, answer, operand
from convdesk.functional.conv_grad import check_grad
from convdesk.functional.frame import amounts, bare_windows, split
from convdesk.functional.layer import shape_of
from convdesk.functional.pool import avg_problem, exact_type, wide
from convdesk.functional.seen import seen
from convdesk.geometry import Transposed, Window, is_int
from convdesk.network.problem import Problem


@seen("x", "indices")
def max_unpool(
    x: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
    *,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Put values back where a max pool found them, zeros elsewhere: ``torch.nn.functional.max_unpool1d`` to ``3d``.

    Parameters
    ----------
    x
        ``(N, C, *spatial)`` of any real type, or unbatched ``(C, *spatial)``. Not changed.
    indices
        int64 of x's shape: where each value goes, flat over the spatial axes of one channel of the result. Of several
        values for one place the last in row-major order stays.
    kernel_size, stride, padding
        Of the max pool, as for :func:`~convdesk.functional.max_pool`; they say how large the result is.
    output_size
        The result's spatial sizes, or its whole shape, where the pool rounded: less than a stride from the usual one.
    out
        Array of the result's shape and type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        ``(N, C, *output_size)`` in x's own type, unbatched like x.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit, or an index lies outside the result; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> max_unpool([[[5, 2]]], [[[1, 2]]], 2)
    array([[[0, 5, 2, 0]]])
    """
    where = "max_unpool"
    x, indices = as_array(x, where, "x"), _indices(where, indices)
    batched, batch, channels, spatial = split(where, x.shape, kernel_size, "kernel_size")
    axes = located(where, _axes, spatial, kernel_size, stride, padding, output_size)
    problem = Problem(
        "max_pool", exact_type(x), batch, channels, tuple(size for _, size in axes),
        tuple(window for window, _ in axes), direction="unpool",
    )  # fmt: skip
    _check_indices(where, indices, x.shape, "x")
    operands = _operands(where, x, indices, problem, batched)
    dtype = x.dtype.newbyteorder("=")
    return answer(where, problem, operands, batched, dtype, out, backend, implementation, again=not wide(x))


@seen("grad_out", "indices")
def max_pool_grad(
    grad_out: Any,
    indices: Any,
    input_shape: Any,
    *,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Gradient of :func:`~convdesk.functional.max_pool` by its input: all of it goes to the winners.

    Also of min pooling and adaptive max pooling: the indices say everything.

    Parameters
    ----------
    grad_out
        Gradient of a scalar by the pool's output, ``(N, C, *out_spatial)``, or ``(C, size)``.
    indices
        int64 of the same shape, as the pool returned them.
    input_shape
        ``(N, C, *spatial)`` of the pool's input, or ``(C, size)``. More than two axes are always batched, since nothing
        else would say how many are spatial.
    out
        Array of ``input_shape`` and of the result's type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        ``input_shape``: the sum of the gradients of all windows that a sample has won. float32 or float64 as grad_out,
        float16 for float16, for integers float32 up to 16 bits, else float64.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit, or an index lies outside the input; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> max_pool_grad([[[1.0, 2.0, 4.0]]], [[[1, 1, 3]]], (1, 1, 5))
    array([[[0., 3., 0., 4., 0.]]])
    """
    where = "max_pool_grad"
    grad_out, indices = as_array(grad_out, where, "grad_out"), _indices(where, indices)
    shape = shape_of(where, "input_shape", input_shape)
    if not 2 <= len(shape) <= 5:
        raise ShapeError(f"{where}: input_shape: got {shape}, expected (N, C, 1 to 3 spatial sizes)")
    batched = len(shape) > 2
    outer = 2 if batched else 1
    if 0 in shape[outer - 1 :]:
        raise ShapeError(f"{where}: input_shape: got {shape}, expected no axis of size 0 but the batch")
    if grad_out.ndim != len(shape) or grad_out.shape[:outer] != shape[:outer] or 0 in grad_out.shape[outer:]:
        expected = f"{shape[:outer]} and {len(shape) - outer} spatial sizes, as the pool's output"
        raise ShapeError(f"{where}: grad_out has shape {grad_out.shape}, expected {expected}")
    compute = compute_type(grad_out.dtype)
    # the indices say all about the windows but their number: one cell each, and padding that makes as many
    sizes = zip(shape[outer:], grad_out.shape[outer:], strict=True)
    windows = tuple(Window(1, pad_hi=outputs - size) for size, outputs in sizes)
    problem = Problem(
        "max_pool", compute, shape[0] if batched else 1, shape[outer - 1], shape[outer:], windows,
        direction="grad_input",
    )  # fmt: skip
    _check_indices(where, indices, grad_out.shape, "grad_out")
    operands = _operands(where, grad_out, indices, problem, batched)
    dtype = natural_result(grad_out.dtype, compute)
    return answer(where, problem, operands, batched, dtype, out, backend, implementation)


@seen("grad_out")
def avg_pool_grad(
    grad_out: Any,
    input_shape: Any,
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
    """Gradient of :func:`~convdesk.functional.avg_pool` by its input: every window shares its own out equally.

    Parameters
    ----------
    grad_out
        Gradient of a scalar by the pool's output, ``(N, C, *out_spatial)``, or unbatched.
    input_shape
        ``(N, C, *spatial)`` of the pool's input, or unbatched ``(C, *spatial)``.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        Of the pool, as for :func:`~convdesk.functional.avg_pool`.
    out
        Array of ``input_shape`` and of the result's type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        ``input_shape``, in the type that :func:`max_pool_grad` returns.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> avg_pool_grad([[[2.0, 4.0]]], (1, 1, 4), 2)
    array([[[1., 1., 2., 2.]]])
    """
    where = "avg_pool_grad"
    grad_out = as_array(grad_out, where, "grad_out")
    shape = shape_of(where, "input_shape", input_shape)
    compute = compute_type(grad_out.dtype)
    window = (kernel_size, stride, padding, 1, ceil_mode)
    problem, batched = avg_problem(
        where, "input_shape", shape, compute, window, count_include_pad, divisor_override, "grad_input"
    )
    check_grad(where, grad_out, problem, batched)
    operands = {"grad": operand(grad_out, compute, batched)}
    dtype = natural_result(grad_out.dtype, compute)
    return answer(where, problem, operands, batched, dtype, out, backend, implementation)


def _operands(
    where: str, values: np.ndarray, indices: np.ndarray, problem: Problem, batched: bool
) -> dict[str, Given | None]:
    def places(given: np.ndarray) -> np.ndarray:
        _check_values(where, given, problem)
        return np.ascontiguousarray(given if batched else given[None], INDEX)

    return {"grad": operand(values, problem.dtype, batched), "indices": Given(indices, places)}


def _indices(where: str, indices: Any) -> np.ndarray:
    places = as_array(indices, where, "indices")
    if places.dtype.newbyteorder("=") != INDEX:
        raise DTypeError(f"{where}: indices has dtype {places.dtype}, expected int64")
    return places


def _check_indices(where: str, indices: np.ndarray, shape: tuple[int, ...], what: str) -> None:
    if indices.shape != shape:
        raise ShapeError(f"{where}: indices has shape {indices.shape}, expected {shape} as {what}")


def _check_values(where: str, indices: np.ndarray, problem: Problem) -> None:
    """Raise when an index lies outside; asked about every array, whatever was seen before."""
    most = prod(problem.spatial)
    if most and indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < most:
        wrong = int(indices[(indices < 0) | (indices >= most)][0])
        raise ParameterError(f"{where}: indices: got {wrong}, expected 0 to {most - 1} for sizes {problem.spatial}")


def _axes(
    spatial: tuple[int, ...], kernel_size: Any, stride: Any, padding: Any, output_size: Any
) -> list[tuple[Window, int]]:
    """For each axis the window of the pool that is undone, and the size of its input, our output."""
    bare = bare_windows(len(spatial), kernel_size, stride, 1)
    wanted = _wanted(output_size, len(spatial))
    found = []
    for axis, (w, (lo, hi), count) in enumerate(zip(bare, amounts(padding, bare), spatial, strict=True)):
        usual = Transposed(w).out_size(count) - lo - hi
        size = usual if wanted is None else wanted[axis]
        if wanted is not None and not usual - w.stride < size < usual + w.stride:
            limits = f"more than {usual - w.stride} and less than {usual + w.stride}"
            raise ParameterError(f"output_size: got {output_size!r}, on spatial axis {axis} expected {limits}")
        if size < 0:
            raise ShapeError(f"padding: got {padding!r}, which leaves {size} samples on spatial axis {axis}")
        hang = max(0, usual - size)  # a smaller result had its last window hang over
        found.append((Window(w.kernel_size, w.stride, 1, lo, hi, hang), size))
    return found


def _wanted(output_size: Any, ndim: int) -> tuple[int, ...] | None:
    if output_size is None:
        return None
    sizes = (output_size,) * ndim if is_int(output_size) else output_size
    if not hasattr(sizes, "__len__") or len(sizes) not in (ndim, ndim + 2) or not all(is_int(size) for size in sizes):
        raise ParameterError(f"output_size: got {output_size!r}, expected {ndim} ints, or the whole shape")
    return tuple(int(size) for size in sizes)[-ndim:]
