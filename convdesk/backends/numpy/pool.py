# SPDX-License-Identifier: GPL-3.0-or-later
"""Pooling, the definition. Padding is skipped: it never wins and adds nothing; a mean may count it in its divisor."""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.backends.numpy.conv import WIDER
from convdesk.backends.numpy.taps import axis_taps, taps
from convdesk.backends.protocol import Operands
from convdesk.geometry import Span, Window, whole
from convdesk.network.problem import Problem


def max_pool(problem: Problem, args: Operands, out: Any) -> None:
    """The largest of each window, and where asked for, where it lies.

    Of equal values the first in row-major order wins; a NaN wins over everything, and of several the last one does. The
    index is flat over the spatial axes of one channel.
    """
    values, indices = out if problem.indices else (out, None)
    is_float = problem.dtype.startswith("f")
    values[...] = -np.inf if is_float else np.iinfo(values.dtype).min
    flat = np.arange(np.prod(problem.spatial, dtype=np.int64)).reshape(problem.spatial)
    if indices is not None:
        indices[...] = _first_cells(problem)
    for _, outs, reads in taps(problem.windows, whole(problem.spatial), whole(problem.out_spatial)):
        candidate = args.x[(..., *reads)]
        best = values[(..., *outs)]
        wins = candidate > best
        if is_float:
            wins |= np.isnan(candidate)
        np.copyto(best, candidate, where=wins)
        if indices is not None:
            np.copyto(indices[(..., *outs)], np.broadcast_to(flat[reads], wins.shape), where=wins)


def _first_cells(problem: Problem) -> np.ndarray:
    """Flat index of the first cell of each window that is not leading padding: the winner where nothing beats -inf."""
    index = np.zeros((), np.int64)
    for window, size, count in zip(problem.windows, problem.spatial, problem.out_spatial, strict=True):
        first = [next((cell for cell in window.taps(out) if cell >= 0), 0) for out in range(count)]
        index = index[..., None] * size + np.asarray(first, np.int64)
    return index


def avg_pool(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """The sum of each window over its divisor.

    The divisor is the one given; else the number of cells of the window inside the input and, with ``count_pad``, its
    padding. Cells that only ``ceil_mode`` reads never count. A window that holds no data gives 0.
    """
    total = np.zeros(out.shape, WIDER[problem.dtype])
    for _, outs, reads in taps(problem.windows, whole(problem.spatial), whole(problem.out_spatial)):
        total[(..., *outs)] += args.x[(..., *reads)]
    held = _counts(problem, padding=False)
    divisor = np.asarray(problem.divisor) if problem.divisor else _counts(problem, padding=problem.count_pad)
    np.divide(total, divisor, out=total, where=held > 0)
    out[...] = total


def _counts(problem: Problem, padding: bool) -> np.ndarray:
    """Cells of each window inside the input, or inside the input and its padding: ``(*out_spatial)``."""
    counts = np.ones((), np.int64)
    for window, size, outputs in zip(problem.windows, problem.spatial, problem.out_spatial, strict=True):
        inside = Span(-window.pad_lo, size + window.pad_hi) if padding else Span(0, size)
        counts = counts[..., None] * _axis_counts(window, inside, outputs)
    return counts


def _axis_counts(window: Window, inside: Span, outputs: int) -> np.ndarray:
    counts = np.zeros(outputs, np.int64)
    for outs, _ in axis_taps(window, inside, Span(0, outputs)):
        counts[outs] += 1
    return counts
