# SPDX-License-Identifier: GPL-3.0-or-later
"""Lp pooling: the p-norm of each window."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from convdesk.errors import ParameterError
from convdesk.functional.arrays import as_array, compute_type, natural_result
from convdesk.functional.call import answer, operand
from convdesk.functional.frame import frame
from convdesk.functional.pool import check_volume
from convdesk.functional.seen import seen


@seen("x")
def lp_pool(
    x: Any,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
    *,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """The p-norm of each window, (Σ x^p)^(1/p): ``torch.nn.functional.lp_pool1d``, ``lp_pool2d``, ``lp_pool3d``.

    Parameters
    ----------
    x, kernel_size, stride, ceil_mode, out, backend, implementation
        As for :func:`~convdesk.functional.avg_pool`.
    norm_type
        The power p, any number but 0. As in PyTorch signs are kept: an odd power of a negative value is negative, and
        the root of a negative sum is NaN, but for p = 1, which is the sum. Infinity: the largest absolute value; minus
        infinity: the smallest.

    Returns
    -------
    ndarray
        ``(N, C, *out_spatial)``, in the type that :func:`~convdesk.functional.avg_pool` returns. A window that
        ``ceil_mode`` lets hang over is scaled up as if it were whole.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> lp_pool([[[3.0, 4.0, 0.0, 2.0]]], 2, 2)
    array([[[5., 2.]]])
    """
    x = as_array(x, "lp_pool", "x")
    power: Any = norm_type
    is_number = isinstance(power, numbers.Real) and not isinstance(power, bool)
    if not is_number or power == 0 or math.isnan(power):
        raise ParameterError(f"lp_pool: norm_type: got {norm_type!r}, expected a number but 0")
    call = frame("lp_pool", x.shape, kernel_size, stride, 0, 1, ceil_mode)
    compute = compute_type(x.dtype)
    given = operand(x, compute, call.batched)
    if math.isinf(norm_type):
        problem, given = call.problem("max_pool" if norm_type > 0 else "min_pool", compute), given.then(np.abs)
    else:
        check_volume(call)
        problem = call.problem("lp_pool", compute, norm=float(norm_type))
    dtype = natural_result(x.dtype, compute)
    return answer("lp_pool", problem, {"x": given}, call.batched, dtype, out, backend, implementation)
