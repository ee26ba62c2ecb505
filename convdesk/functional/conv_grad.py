# SPDX-License-Identifier: GPL-3.0-or-later
"""The gradients of the convolution layer, by its input and by its weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.errors import ShapeError
from convdesk.functional.arrays import as_array, natural_result
from convdesk.functional.call import answer, operand, packed
from convdesk.functional.layer import Layer, one_type, shape_of
from convdesk.functional.seen import seen
from convdesk.network.problem import Problem


@seen("grad_out", "weight")
def conv_grad_input(
    grad_out: Any,
    weight: Any,
    input_shape: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    padding_mode: str | float = "zeros",
    flip: bool = False,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Gradient of :func:`~convdesk.functional.conv` by its input: ``torch.nn.grad.conv2d_input`` in 1 to 3 dimensions.

    Parameters
    ----------
    grad_out
        Gradient of a scalar by the layer's output, ``(N, C_out, *out_spatial)``, or unbatched.
    weight
        ``(C_out, C / groups, *kernel_size)``, of the same dtype as grad_out.
    input_shape
        ``(N, C, *spatial)`` of the layer's input, or unbatched ``(C, *spatial)``.
    stride, padding, dilation, groups, padding_mode, flip
        Of the layer, as in :func:`~convdesk.functional.conv`. Where an edge mode repeats a sample, that sample gets the
        gradient of every cell that repeats it.
    out
        Array of ``input_shape`` and of the result's type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        ``input_shape``, in the type that :func:`~convdesk.functional.conv` returns.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> conv_grad_input([[[1.0, 10.0]]], [[[1.0, 2.0, 3.0]]], (1, 1, 4))
    array([[[ 1., 12., 23., 30.]]])
    """
    where = "conv_grad_input"
    grad_out, weight = as_array(grad_out, where, "grad_out"), as_array(weight, where, "weight")
    compute = one_type(where, {"grad_out": grad_out, "weight": weight})
    layer = Layer(where, weight.shape, "weight", stride, padding, dilation, groups, padding_mode, flip)
    shape = shape_of(where, "input_shape", input_shape)
    problem, batched = layer.problem(shape, "input_shape", compute, direction="grad_input")
    check_grad(where, grad_out, problem, batched)
    operands = {"grad": operand(grad_out, compute, batched), "weight": packed(weight, compute)}
    dtype = natural_result(grad_out.dtype, compute)
    return answer(where, problem, operands, batched, dtype, out, backend, implementation, fill=layer.fill)


@seen("grad_out", "x")
def conv_grad_weight(
    grad_out: Any,
    x: Any,
    weight_shape: Any,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    padding_mode: str | float = "zeros",
    flip: bool = False,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Gradient of :func:`~convdesk.functional.conv` by its weight: ``torch.nn.grad.conv2d_weight``.

    Parameters
    ----------
    grad_out
        Gradient of a scalar by the layer's output, ``(N, C_out, *out_spatial)``, or unbatched.
    x
        The layer's input, ``(N, C, *spatial)``, or unbatched, of the same dtype as grad_out.
    weight_shape
        ``(C_out, C / groups, *kernel_size)``.
    stride, padding, dilation, groups, padding_mode, flip, backend, implementation
        As in :func:`conv_grad_input`.
    out
        Array of ``weight_shape`` and of the result's type; it is written and returned.

    Returns
    -------
    ndarray
        ``weight_shape``, summed over the batch.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> conv_grad_weight([[[1.0, 10.0]]], [[[1.0, 2.0, 3.0, 4.0]]], (1, 1, 3))
    array([[[21., 32., 43.]]])
    """
    where = "conv_grad_weight"
    grad_out, x = as_array(grad_out, where, "grad_out"), as_array(x, where, "x")
    compute = one_type(where, {"grad_out": grad_out, "x": x})
    weight = shape_of(where, "weight_shape", weight_shape)
    layer = Layer(where, weight, "weight_shape", stride, padding, dilation, groups, padding_mode, flip)
    problem, batched = layer.problem(x.shape, "x", compute, direction="grad_weight")
    check_grad(where, grad_out, problem, batched)
    given, grad = operand(x, compute, batched), operand(grad_out, compute, batched)
    operands = {"grad": grad, "x": given}
    dtype = natural_result(grad_out.dtype, compute)
    return answer(where, problem, operands, True, dtype, out, backend, implementation, fill=layer.fill)


def check_grad(where: str, grad_out: np.ndarray, problem: Problem, batched: bool) -> None:
    """Raise unless the gradient has the shape of the layer's output."""
    expected = problem.out_shape if batched else problem.out_shape[1:]
    if grad_out.shape != expected:
        raise ShapeError(f"{where}: grad_out has shape {grad_out.shape}, expected {expected}, the layer's output")
