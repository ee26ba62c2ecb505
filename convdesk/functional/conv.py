# SPDX-License-Identifier: GPL-3.0-or-later
"""The convolution layer as a function of whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.backends.choice import chosen_backend
from convdesk.backends.protocol import Operands
from convdesk.errors import DTypeError, ParameterError, ShapeError
from convdesk.functional.arrays import (
    as_array,
    as_operand,
    check_out,
    compute_type,
    delivered,
    direct,
    edge_mode,
    located,
    natural_result,
)
from convdesk.geometry import Window, is_int, per_axis, resolve_padding
from convdesk.network.problem import Problem
from convdesk.planner import execute, plan


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
    compute = _compute(x, weight, bias)
    batched = _check_shapes(x, weight, bias)
    _check_groups(x.shape[1 if batched else 0], weight, groups)
    mode, fill = edge_mode(padding_mode, "conv", "padding_mode")
    spatial = x.shape[2 if batched else 1 :]
    windows = located("conv", _windows, weight.shape[2:], stride, padding, dilation)
    problem = Problem(
        "conv", compute, x.shape[0] if batched else 1, x.shape[1 if batched else 0], spatial, windows,
        out_channels=weight.shape[0], groups=int(groups), padding_mode=mode, flip=bool(flip), bias=bias is not None,
    )  # fmt: skip
    if 0 in problem.out_spatial:
        padded = tuple(n + w.pad_lo + w.pad_hi for n, w in zip(spatial, windows, strict=True))
        extent = tuple(window.extent for window in windows)
        raise ShapeError(f"conv: the padded input has sizes {padded}, expected at least the kernel's extent {extent}")
    wanted = natural_result(x.dtype, compute)
    check_out(out, problem.out_shape if batched else problem.out_shape[1:], wanted, "conv")
    chosen = plan(problem, chosen_backend(backend, implementation), implementation, precision)
    operands = Operands(
        as_operand(x if batched else x[None], compute),
        np.ascontiguousarray(as_operand(weight, compute)),
        None if bias is None else np.ascontiguousarray(as_operand(bias, compute)),
        fill,
    )
    target = direct(out, operands.x.dtype, (operands.x, operands.weight, operands.bias))
    found = execute(chosen, operands, None if target is None else target.reshape(problem.out_shape))
    return target if target is not None else delivered(found if batched else found[0], out, wanted)


def _compute(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> str:
    """The one compute type of all operands."""
    arrays = {"x": x, "weight": weight} | ({} if bias is None else {"bias": bias})
    dtypes = [array.dtype.newbyteorder("=") for array in arrays.values()]
    if any(dtype != dtypes[0] for dtype in dtypes) and not all(dtype.kind in "biu" for dtype in dtypes):
        got = ", ".join(f"{what} {array.dtype}" for what, array in arrays.items())
        raise DTypeError(f"conv: got {got}, expected one dtype for all, or integers only")
    return compute_type(*dtypes)


def _check_shapes(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> bool:
    """Raise unless the numbers of axes fit; returns whether x is batched."""
    if not 3 <= weight.ndim <= 5:
        raise ShapeError(f"conv: weight has shape {weight.shape}, expected (C_out, C/groups, 1 to 3 kernel sizes)")
    if 0 in weight.shape[2:] or weight.shape[0] == 0:
        raise ShapeError(f"conv: weight has shape {weight.shape}, expected no size of 0 but that of the channels")
    if x.ndim not in (weight.ndim - 1, weight.ndim):
        axes = f"{weight.ndim} axes, or {weight.ndim - 1} without a batch"
        raise ShapeError(f"conv: x has shape {x.shape}, weight of shape {weight.shape} expects {axes}")
    if 0 in x.shape[x.ndim - weight.ndim + 2 :]:
        raise ShapeError(f"conv: x has shape {x.shape}, expected no spatial axis of size 0")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ShapeError(f"conv: bias has shape {bias.shape}, expected {weight.shape[:1]}, one per output channel")
    return x.ndim == weight.ndim


def _check_groups(channels: int, weight: np.ndarray, groups: Any) -> None:
    if not is_int(groups) or groups < 1:
        raise ParameterError(f"conv: groups: got {groups!r}, expected an int of at least 1")
    if weight.shape[0] % groups:
        raise ParameterError(f"conv: groups: got {groups}, expected a divisor of the {weight.shape[0]} output channels")
    expected = weight.shape[1] * int(groups)
    if channels != expected:
        grouped = f" ({weight.shape[1]} for each of {groups} groups)" if groups > 1 else ""
        plural = "" if channels == 1 else "s"
        raise ShapeError(f"conv: {channels} input channel{plural}, weight expects {expected}{grouped}")


def _windows(kernel_size: tuple[int, ...], stride: Any, padding: Any, dilation: Any) -> tuple[Window, ...]:
    strides = per_axis(stride, len(kernel_size), "stride", least=1)
    dilations = per_axis(dilation, len(kernel_size), "dilation", least=1)
    bare = [Window(k, s, d) for k, s, d in zip(kernel_size, strides, dilations, strict=True)]
    pads = resolve_padding(padding, bare)
    return tuple(Window(w.kernel_size, w.stride, w.dilation, lo, hi) for w, (lo, hi) in zip(bare, pads, strict=True))
