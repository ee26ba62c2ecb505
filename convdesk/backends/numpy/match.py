# SPDX-License-Identifier: GPL-3.0-or-later
"""Template matching, the definition: from the dot product over the covariance to Pearson's r, window by window.

Two passes over each window: its mean first, then products of what is left, so that a large mean costs no digits.
"""

from __future__ import annotations

import numpy as np

from convdesk.backends.numpy.conv import WIDER, blocks
from convdesk.backends.numpy.taps import padded, taps
from convdesk.backends.protocol import Operands
from convdesk.geometry import Span
from convdesk.network.problem import DTYPES, Problem

CENTERED = ("center", "pearson")
NORMED = ("cosine", "pearson")
FLAT = 4
"""A window is flat when its centred norm is below this many units of rounding, times √N, of its largest value."""


def match(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Compute ``out``, ``(N, 1, *out_spatial)``: how alike the template and each window are, over all channels.

    Zeros and constants beyond the edge are samples like any other here: they count in means and norms.
    """
    wide = WIDER[problem.dtype]
    mode = "constant" if problem.padding_mode == "zeros" else problem.padding_mode
    x, data = padded(args.x, problem.windows, mode, args.fill if problem.padding_mode == "constant" else 0.0)
    template = np.asarray(args.weight)[0].astype(wide)
    if problem.normalize in CENTERED:
        template = template - _mean(template)
        if _flat(np.sqrt((template**2).sum()), np.asarray(args.weight), problem):
            template = np.where(np.isfinite(template), 0, template)
    for images, rows in blocks(problem, 1):
        cells = [rows, *(Span(0, size) for size in problem.out_spatial[1:])]
        served = [(tap, read) for tap, _, read in taps(problem.windows, data, cells)]
        shape = (len(x[images]), *(len(span) for span in cells))
        out[images, 0, rows.slice] = _alike(x[images], template, served, shape, problem)


def _alike(x: np.ndarray, template: np.ndarray, served: list, shape: tuple[int, ...], problem: Problem) -> np.ndarray:
    """The answer of one block of windows, in the template's type."""
    wide, count = template.dtype, template.size
    mean: np.ndarray | float = 0.0
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    if problem.normalize in CENTERED:
        total = np.zeros(shape, wide)
        for _, read in served:
            for channel in range(x.shape[1]):
                sample = x[(slice(None), channel, *read)]
                total += sample
                np.minimum(low, sample, out=low)
                np.maximum(high, sample, out=high)
        mean = total / max(count, 1)
    products, squares = np.zeros(shape, wide), np.zeros(shape, wide)
    for tap, read in served:
        for channel in range(x.shape[1]):
            left = x[(slice(None), channel, *read)].astype(wide) - mean
            products += left * template[(channel, *tap)]
            if problem.normalize != "none":
                squares += left * left
    norm = np.sqrt(squares)
    found = products
    if problem.normalize in NORMED:
        both = norm * np.sqrt((template**2).sum())
        found = np.clip(np.divide(products, both, out=np.zeros(shape, wide), where=both != 0), -1, 1)
    if problem.normalize in CENTERED:
        limit = FLAT * np.finfo(DTYPES[problem.dtype]).eps * np.sqrt(wide.type(count))
        largest = np.maximum(np.abs(low), np.abs(high))
        flat = (low == high) | (norm < limit * largest)
        found = np.where(flat & np.isfinite(largest), 0, found)
    return found


def _mean(values: np.ndarray) -> np.ndarray:
    return values.sum() / max(values.size, 1)


def _flat(norm: np.ndarray, values: np.ndarray, problem: Problem) -> bool:
    """Whether a template is flat, by the rule for windows."""
    largest = np.abs(values).max(initial=0).astype(norm.dtype)
    limit = FLAT * np.finfo(DTYPES[problem.dtype]).eps * np.sqrt(norm.dtype.type(values.size)) * largest
    return bool(norm < limit or (values.size and values.min() == values.max()))
