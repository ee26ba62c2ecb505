# SPDX-License-Identifier: GPL-3.0-or-later
"""How far an answer may be from the reference's, operator by operator: the bounds that the documentation states.

================================  ==============================================================
sums of products, means           (n + 2)·u·Σ|products|, for n terms and unit roundoff u
gradients                         the same, n counted for each result
Lp pooling                        (n + 8)·u·|result|
match, "none"                     (n + 2)·u·Σ|f·g|
match, "center"                   2·(n + 2)·u·Σ(|f| + mean|f|)·(|g| + mean|g|)
match, "cosine"                   2·(n + 4)·u
match, "pearson"                  2·(n + 4)·u·(κ of the window + κ of the template)
maxima, minima, unpooling         0
================================  ==============================================================

κ is the largest absolute value over the standard deviation: what is lost when a mean is taken away. Where all values of
a window or template are equal, "center" and "pearson" are exactly 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convdesk.backends.numpy.taps import padded
from convdesk.backends.protocol import Operands
from convdesk.network.problem import DTYPES, Problem
from convdesk.planner import execute, plan

EXACT = ("max_pool", "min_pool", "adaptive_max_pool")
MEANS = ("avg_pool", "adaptive_avg_pool")


def reference(problem: Problem, args: Operands) -> tuple[np.ndarray, ...]:
    """What the NumPy reference answers."""
    found = execute(plan(problem, "numpy"), args)
    return found if problem.indices else (found,)


def mapped(args: Operands, function: Callable[[np.ndarray], Any]) -> Operands:
    """The same operands, each array of numbers as ``function`` makes it; the indices stay."""
    arrays = {name: getattr(args, name) for name in ("x", "weight", "bias", "grad")}
    made = {name: None if array is None else function(array) for name, array in arrays.items()}
    return Operands(fill=args.fill, indices=args.indices, **made)


def is_exact(problem: Problem) -> bool:
    """Whether the answer is one of the inputs, so that nothing is rounded."""
    return problem.op in EXACT and problem.direction != "grad_input"


def sums_exactly(problem: Problem) -> bool:
    """Whether small whole numbers give an exact answer."""
    if problem.op in MEANS or problem.op == "lp_pool":
        return False
    return problem.op != "match" or problem.normalize == "none"


def allowed(problem: Problem, args: Operands, wanted: np.ndarray) -> np.ndarray:
    """The largest error that each result may have."""
    unit = np.finfo(DTYPES[problem.dtype]).eps / 2
    if problem.op == "lp_pool":
        return (problem.terms + 8) * unit * np.abs(wanted.astype(np.float64))
    if problem.op == "match" and problem.normalize != "none":
        return unit * _match(problem, args)
    sizes = mapped(args, lambda array: np.abs(array).astype(np.float64))
    (magnitude,) = reference(replace(problem, dtype="f64"), replace(sizes, fill=abs(args.fill)))
    return (_terms(problem, args) + 2) * unit * np.abs(magnitude)


def _terms(problem: Problem, args: Operands) -> Any:
    """Number of summands behind each result: what ones sum to, where it is no constant."""
    if problem.direction == "fwd" or problem.op == "avg_pool":
        return problem.terms + problem.bias
    ones = mapped(args, lambda array: np.ones(array.shape))
    (count,) = reference(replace(problem, dtype="f64"), replace(ones, fill=1.0))
    return count


def _match(problem: Problem, args: Operands) -> np.ndarray:
    """The bound of a normalised match, in units of roundoff."""
    rows, template = match_windows(problem, args), np.asarray(args.weight, np.float64).ravel()
    if problem.normalize == "cosine":
        return np.full(problem.out_shape, 2.0 * (problem.terms + 4))
    even = (np.ptp(rows, axis=-1) == 0) | (np.ptp(template) == 0)
    if problem.normalize == "center":
        f, g = np.abs(rows), np.abs(template)
        sums = ((f + f.mean(-1, keepdims=True)) * (g + g.mean())).sum(-1)
        return np.where(even, 0, 2 * (problem.terms + 2) * sums)
    return np.where(even, 0, 2 * (problem.terms + 4) * (_condition(rows) + _condition(template)))


def match_windows(problem: Problem, args: Operands) -> np.ndarray:
    """Every window of a match as a row of float64: ``(N, 1, *out_spatial, terms)``."""
    mode = "constant" if problem.padding_mode == "zeros" else problem.padding_mode
    fill = args.fill if problem.padding_mode == "constant" else 0.0
    cells, _ = padded(np.asarray(args.x, np.float64), problem.windows, mode, fill)
    axes = tuple(range(2, cells.ndim))
    views = sliding_window_view(cells, tuple(window.extent for window in problem.windows), axis=axes)
    steps = tuple(slice(None, None, window.stride) for window in problem.windows)
    taps = tuple(slice(None, None, window.dilation) for window in problem.windows)
    found = np.moveaxis(views[(slice(None), slice(None), *steps, *taps)], 1, 1 + problem.ndim)
    return found.reshape(problem.batch, 1, *problem.out_spatial, -1)


def _condition(rows: np.ndarray) -> np.ndarray:
    return np.abs(rows).max(-1) / np.maximum(rows.std(-1), 1e-300)
