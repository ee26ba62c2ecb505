# SPDX-License-Identifier: GPL-3.0-or-later
"""Transposed convolution: the input's gradient of the convolution that would have made its input from its output."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.errors import ParameterError, ShapeError
from convdesk.functional.arrays import as_array, located, natural_result
from convdesk.functional.call import answer, operand, packed
from convdesk.functional.frame import amounts
from convdesk.functional.layer import check_groups, one_type
from convdesk.functional.seen import seen
from convdesk.geometry import Transposed, Window, per_axis
from convdesk.network.problem import Problem


@seen("x", "weight", "bias")
def conv_transpose(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Transposed convolution: ``torch.nn.functional.conv_transpose1d``, ``conv_transpose2d``, ``conv_transpose3d``.

    Parameters
    ----------
    x
        ``(N, C, *spatial)``, or unbatched ``(C, *spatial)``. Not changed.
    weight
        ``(C, C_out / groups, *kernel_size)``: the weight of the convolution whose input gradient this is.
    bias
        ``(C_out,)``, or None. x, weight and bias share one dtype; all-integer operands may differ.
    stride, dilation
        An int, or one per axis, at least 1.
    padding
        An int, one per axis, or ``(lo, hi)`` pairs: outputs that are left away at both ends.
    output_padding
        An int, or one per axis: outputs more at the far end; less than the stride or the dilation.
    groups
        Divisor of C; each group of input channels makes its own group of output channels.
    out
        Array of the result's shape and type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        ``(N, C_out, *out_spatial)`` with ``(size - 1) * stride + extent - padding + output_padding`` samples per axis,
        in the type that :func:`~convdesk.functional.conv` returns.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> conv_transpose([[[1.0, 2.0, 3.0]]], [[[1.0, 1.0]]], stride=2)
    array([[[1., 1., 2., 2., 3., 3.]]])
    """
    where = "conv_transpose"
    x, weight = as_array(x, where, "x"), as_array(weight, where, "weight")
    bias = None if bias is None else as_array(bias, where, "bias")
    compute = one_type(where, {"x": x, "weight": weight, "bias": bias})
    batched = _check_shapes(x.shape, weight.shape)
    groups = check_groups(where, groups, weight.shape[0], "input")
    sizes = x.shape[2 if batched else 1 :]
    axes = located(where, _axes, sizes, weight.shape[2:], stride, padding, dilation, output_padding)
    problem = Problem(
        "conv", compute, x.shape[0] if batched else 1, weight.shape[1] * groups, tuple(size for _, size in axes),
        tuple(window for window, _ in axes), out_channels=weight.shape[0], groups=groups, bias=bias is not None,
        direction="grad_input",
    )  # fmt: skip
    if bias is not None and bias.shape != problem.bias_shape:
        raise ShapeError(f"{where}: bias has shape {bias.shape}, expected {problem.bias_shape}, one per output channel")
    given = operand(x, compute, batched)
    operands = {"grad": given, "weight": packed(weight, compute), "bias": packed(bias, compute)}
    dtype = natural_result(x.dtype, compute)
    return answer(where, problem, operands, batched, dtype, out, backend, implementation)


def _check_shapes(x: tuple[int, ...], weight: tuple[int, ...]) -> bool:
    """Raise unless x and weight fit; returns whether x is batched."""
    if not 3 <= len(weight) <= 5:
        raise ShapeError(f"conv_transpose: weight has shape {weight}, expected (C, C_out/groups, 1 to 3 kernel sizes)")
    if 0 in weight:
        raise ShapeError(f"conv_transpose: weight has shape {weight}, expected no size of 0")
    if len(x) not in (len(weight) - 1, len(weight)):
        axes = f"{len(weight)} axes, or {len(weight) - 1} without a batch"
        raise ShapeError(f"conv_transpose: x has shape {x}, weight of shape {weight} expects {axes}")
    batched = len(x) == len(weight)
    channels, spatial = x[1 if batched else 0], x[2 if batched else 1 :]
    if 0 in spatial:
        raise ShapeError(f"conv_transpose: x has shape {x}, expected no spatial axis of size 0")
    if channels != weight[0]:
        plural = "" if channels == 1 else "s"
        raise ShapeError(f"conv_transpose: {channels} input channel{plural}, weight expects {weight[0]}")
    return batched


def _axes(
    sizes: tuple[int, ...], kernel_size: tuple[int, ...], stride: Any, padding: Any, dilation: Any, extra: Any
) -> list[tuple[Window, int]]:
    """For each axis the window of the convolution that is transposed, and the size of its input, our output."""
    ndim = len(sizes)
    strides = per_axis(stride, ndim, "stride", least=1)
    dilations = per_axis(dilation, ndim, "dilation", least=1)
    bare = [Window(k, s, d) for k, s, d in zip(kernel_size, strides, dilations, strict=True)]
    extras = per_axis(extra, ndim, "output_padding", least=0)
    found = []
    for axis, (w, (lo, hi), more, size) in enumerate(zip(bare, amounts(padding, bare), extras, sizes, strict=True)):
        if more >= max(w.stride, w.dilation):
            least = f"less than its stride {w.stride} or its dilation {w.dilation}"
            raise ParameterError(f"output_padding: got {extra!r}, on spatial axis {axis} expected {least}")
        made = Transposed(w, more).out_size(size)
        if made <= lo + hi:
            raise ShapeError(f"padding: got {padding!r}, expected less than {made} in all on spatial axis {axis}")
        # more than a stride of extra outputs would be a window more for the forward layer: it must not see them
        unseen = more if more >= w.stride else 0
        window = Window(w.kernel_size, w.stride, w.dilation, lo, hi - unseen)
        found.append((window, made - lo - hi))
    return found
