# SPDX-License-Identifier: GPL-3.0-or-later
"""Template matching: cross-correlation, covariance, cosine and Pearson's r of every window, one family."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.errors import ParameterError, ShapeError
from convdesk.functional.arrays import (
    as_array,
    as_operand,
    check_out,
    compute_type,
    delivered,
    edge_mode,
    natural_result,
)
from convdesk.functional.call import Given, answer
from convdesk.functional.plain import SHAPES, channel_number, empty_size
from convdesk.functional.seen import seen
from convdesk.geometry import Window, named_padding
from convdesk.network.problem import NORMALIZE, Problem


@seen("f", "g")
def match(
    f: Any,
    g: Any,
    normalize: str = "pearson",
    *,
    shape: str = "valid",
    boundary: str | float = "zeros",
    channel_axis: int | None = None,
    out: np.ndarray | None = None,
    backend: str = "auto",
    implementation: str | None = None,
) -> np.ndarray:
    """Compare every window of an array with a template.

    Parameters
    ----------
    f
        Array of 1 to 3 axes, and ``channel_axis``. Any real type, strides and byte order; it is not changed.
    g
        Template of as many axes as f, converted to f's compute type.
    normalize
        "none": the dot product of window and template. "center": of both without their means, which is the covariance
        times N. "cosine": the dot product over both norms. "pearson": both steps, the correlation coefficient r.
    shape
        "valid": only whole windows. "same": a result for every sample of f. "full": every overlap.
    boundary
        What lies beyond the edge of f, as for :func:`~convdesk.functional.correlate`; it counts like samples of f.
    channel_axis
        An axis of both f and g that is summed over: means, norms and N are those of all channels together.
    out
        Array of the result's shape and type; it is written and returned.
    backend, implementation
        Names, or "auto" and None.

    Returns
    -------
    ndarray
        A result per window: float64 for float64 and integers beyond 16 bits, float16 for float16, else float32.
        "cosine" and "pearson" lie in [-1, 1], and are 0 where a norm is 0. For "center" and "pearson" a flat window or
        template gives exactly 0: one whose values are all equal, or whose centred norm is below 4·eps·√N·max|window|.

    Raises
    ------
    ShapeError, ParameterError, DTypeError
        An argument does not fit; the message says which.
    BackendUnavailable, BackendError
        The backend cannot be used here, refuses, or failed.

    Examples
    --------
    >>> match([5.0, 1.0, 2.0, 3.0, 3.0, 3.0], [10.0, 20.0, 30.0]).round(3)
    array([-0.721,  1.   ,  0.866,  0.   ])
    """
    where = "match"
    f, g = as_array(f, where, "f"), as_array(g, where, "g")
    axis = channel_number(channel_axis, f.ndim, where)
    if not 1 <= f.ndim - (axis is not None) <= 3:
        besides = " besides its channel axis" if axis is not None else ""
        raise ShapeError(f"{where}: f has {f.ndim - (axis is not None)} axes{besides}, expected 1 to 3")
    if g.ndim != f.ndim:
        raise ShapeError(f"{where}: g has {g.ndim} axes, expected {f.ndim} as f")
    planes, template = (a[None, None] if axis is None else np.moveaxis(a, axis, 0)[None] for a in (f, g))
    if planes.shape[1] != template.shape[1]:
        raise ShapeError(f"{where}: g has {template.shape[1]} channels, expected {planes.shape[1]} as f")
    if not isinstance(normalize, str) or normalize not in NORMALIZE:
        raise ParameterError(f"{where}: normalize: got {normalize!r}, expected one of {', '.join(NORMALIZE)}")
    if not isinstance(shape, str) or shape not in SHAPES:
        raise ParameterError(f"{where}: shape: got {shape!r}, expected one of {', '.join(SHAPES)}")
    mode, fill = edge_mode(boundary, where, "boundary")
    compute = compute_type(f.dtype)
    dtype = natural_result(f.dtype, compute)
    spatial, sizes = planes.shape[2:], template.shape[2:]
    if f.size == 0 or g.size == 0:
        found = tuple(empty_size(n, k, 1, 1, shape) for n, k in zip(spatial, sizes, strict=True))
        if 0 not in found and 0 in spatial and mode != "zeros":
            raise ShapeError(f"{where}: f is empty, boundary {boundary!r} expects a sample to continue")
        check_out(out, found, dtype, where)
        return delivered(np.zeros(found, dtype), out, dtype)
    windows = tuple(Window(k, 1, 1, *named_padding(shape, Window(k))) for k in sizes)
    problem = Problem("match", compute, 1, planes.shape[1], spatial, windows, padding_mode=mode, normalize=normalize)

    def planes_of(a: np.ndarray) -> np.ndarray:
        return as_operand(a[None, None] if axis is None else np.moveaxis(a, axis, 0)[None], compute)

    operands = {"x": Given(f, planes_of), "weight": Given(g, lambda a: np.ascontiguousarray(planes_of(a)))}
    return answer(
        where, problem, operands, True, dtype, out, backend, implementation,
        fill=fill, shape=problem.out_spatial, view=lambda found: found[0, 0],
    )  # fmt: skip
