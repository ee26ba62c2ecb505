# SPDX-License-Identifier: GPL-3.0-or-later
"""The convolution layer as a function of whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.errors import ShapeError
from convdesk.functional.arrays import as_array, natural_result
from convdesk.functional.call import answer, operand, packed
from convdesk.functional.layer import Layer, one_type
from convdesk.functional.seen import seen


@seen("x", "weight", "bias")
def conv(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    padding_mode: str | float = "zeros",
    flip: bool = False,
    precision: str = "default",
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Convolution layer in 1, 2 or 3 dimensions: ``torch.nn.functional.conv1d``, ``conv2d``, ``conv3d``.

    Parameters
    ----------
    x
        ``(N, C, *spatial)``, or unbatched ``(C, *spatial)``. Not changed.
    weight
        ``(C_out, C / groups, *kernel_size)``; its number of axes says how many are spatial.
    bias
        ``(C_out,)``, or None. x, weight and bias share one dtype; all-integer operands may differ.
    stride, dilation
        An int, or one per axis, at least 1.
    padding
        An int; one int per axis; a tuple of ``(lo, hi)`` pairs, nested even for one axis; or "valid", "same" (extent
        - 1 in all, the smaller half before the first sample, whatever the stride), "full" (extent - 1 on both sides).
    groups
        Divisor of C and C_out; each group of output channels sees its own group of input channels.
    padding_mode
        "zeros", a number, "replicate", "reflect", "symmetric" or "circular".
    flip
        False: cross-correlation, as PyTorch. True: convolution, the weight is reversed on every spatial axis.
    precision
        "default": the error is no worse than that of direct summation. "fast" allows more.
    out
        Array of the result's shape and type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        ``(N, C_out, *out_spatial)``, unbatched like x. float32 or float64 as x; float16 for float16; for integers
        float32 up to 16 bits, else float64.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> conv(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)), padding="valid")
    array([[[[4., 4.],
             [4., 4.]]]])
    """
    x, weight = as_array(x, "conv", "x"), as_array(weight, "conv", "weight")
    bias = None if bias is None else as_array(bias, "conv", "bias")
    compute = one_type("conv", {"x": x, "weight": weight, "bias": bias})
    layer = Layer("conv", weight.shape, "weight", stride, padding, dilation, groups, padding_mode, flip)
    problem, batched = layer.problem(x.shape, "x", compute, bias is not None)
    if bias is not None and bias.shape != problem.bias_shape:
        raise ShapeError(f"conv: bias has shape {bias.shape}, expected {problem.bias_shape}, one per output channel")
    operands = {"x": operand(x, compute, batched), "weight": packed(weight, compute), "bias": packed(bias, compute)}
    dtype = natural_result(x.dtype, compute)
    return answer("conv", problem, operands, batched, dtype, out, backend, implementation, precision, fill=layer.fill)
