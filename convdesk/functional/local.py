# SPDX-License-Identifier: GPL-3.0-or-later
"""The locally connected layer: a convolution without weight sharing."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.errors import ShapeError
from convdesk.functional.arrays import as_array, located, natural_result
from convdesk.functional.call import answer, operand, packed
from convdesk.functional.frame import amounts, bare_windows
from convdesk.functional.layer import check_fits, one_type
from convdesk.functional.seen import seen
from convdesk.geometry import Window
from convdesk.network.problem import Problem


@seen("x", "weight", "bias")
def local_conv(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Locally connected layer: :func:`~convdesk.functional.conv` with a kernel of its own for every output position.

    Parameters
    ----------
    x
        ``(N, C, *spatial)``, or unbatched ``(C, *spatial)``. Not changed.
    weight
        ``(C_out, C, *kernel_size, *out_spatial)``: the kernel of every output. Where all kernels of an output channel
        are the same, the layer is a convolution.
    bias
        ``(C_out,)``, or None. x, weight and bias share one dtype; all-integer operands may differ.
    stride, dilation
        An int, or one per axis, at least 1.
    padding
        An int, one per axis, or ``(lo, hi)`` pairs of zeros.
    out
        Array of the result's shape and type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        ``(N, C_out, *out_spatial)``, in the type that :func:`~convdesk.functional.conv` returns.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> local_conv([[[1.0, 2.0, 3.0]]], [[[[1.0, 10.0], [1.0, 10.0]]]])
    array([[[ 3., 50.]]])
    """
    where = "local_conv"
    x, weight = as_array(x, where, "x"), as_array(weight, where, "weight")
    bias = None if bias is None else as_array(bias, where, "bias")
    compute = one_type(where, {"x": x, "weight": weight, "bias": bias})
    ndim = (weight.ndim - 2) // 2
    if weight.ndim not in (4, 6, 8) or 0 in weight.shape[: ndim + 2]:
        expected = "(C_out, C, *kernel_size, *out_spatial) with 1 to 3 of each, none 0"
        raise ShapeError(f"{where}: weight has shape {weight.shape}, expected {expected}")
    if x.ndim not in (ndim + 1, ndim + 2):
        axes = f"{ndim + 2} axes, or {ndim + 1} without a batch"
        raise ShapeError(f"{where}: x has shape {x.shape}, weight of shape {weight.shape} expects {axes}")
    batched = x.ndim == ndim + 2
    channels, spatial = x.shape[x.ndim - ndim - 1], x.shape[x.ndim - ndim :]
    if 0 in spatial:
        raise ShapeError(f"{where}: x has shape {x.shape}, expected no spatial axis of size 0")
    if channels != weight.shape[1]:
        plural = "" if channels == 1 else "s"
        raise ShapeError(f"{where}: {channels} input channel{plural}, weight expects {weight.shape[1]}")
    windows = located(where, _windows, weight.shape[2 : ndim + 2], stride, padding, dilation)
    problem = Problem(
        "local_conv", compute, x.shape[0] if batched else 1, channels, spatial, windows,
        out_channels=weight.shape[0], bias=bias is not None,
    )  # fmt: skip
    check_fits(where, problem)
    if weight.shape != problem.weight_shape:
        told = f"expected {problem.weight_shape}, whose last sizes are the output's"
        raise ShapeError(f"{where}: weight has shape {weight.shape}, {told}")
    if bias is not None and bias.shape != problem.bias_shape:
        raise ShapeError(f"{where}: bias has shape {bias.shape}, expected {problem.bias_shape}, one per output channel")
    operands = {"x": operand(x, compute, batched), "weight": packed(weight, compute), "bias": packed(bias, compute)}
    dtype = natural_result(x.dtype, compute)
    return answer(where, problem, operands, batched, dtype, out, backend, implementation)


def _windows(kernel_size: tuple[int, ...], stride: Any, padding: Any, dilation: Any) -> tuple[Window, ...]:
    bare = bare_windows(len(kernel_size), kernel_size, stride if stride is not None else 1, dilation)
    pads = zip(bare, amounts(padding, bare), strict=True)
    return tuple(Window(w.kernel_size, w.stride, w.dilation, lo, hi) for w, (lo, hi) in pads)
