# SPDX-License-Identifier: GPL-3.0-or-later
"""Pooling, the definition. Padding is skipped: it never wins and adds nothing; a mean may count it in its divisor."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from convdesk.backends.numpy.conv import WIDER
from convdesk.backends.numpy.taps import adaptive_taps, axis_taps, taps
from convdesk.backends.protocol import Operands
from convdesk.geometry import Span, Window, whole
from convdesk.network.problem import OPERATORS, Problem


def max_pool(problem: Problem, args: Operands, out: Any) -> None:
    """The largest of each window, and where asked for, where it lies.

    Of equal values the first in row-major order wins; a NaN wins over everything, and of several the last one does. The
    index is flat over the spatial axes of one channel.
    """
    _winners(problem, args, out, np.greater, lowest=True)


def min_pool(problem: Problem, args: Operands, out: Any) -> None:
    """The smallest of each window, by the same rules: the first of equals, the last NaN over everything."""
    _winners(problem, args, out, np.less, lowest=False)


def _winners(problem: Problem, args: Operands, out: Any, beats: np.ufunc, lowest: bool) -> None:
    values, indices = out if problem.indices else (out, None)
    is_float = problem.dtype.startswith("f")
    if is_float:
        values[...] = -np.inf if lowest else np.inf
    else:
        values[...] = np.iinfo(values.dtype).min if lowest else np.iinfo(values.dtype).max
    flat = np.arange(np.prod(problem.spatial, dtype=np.int64)).reshape(problem.spatial)
    if indices is not None:
        indices[...] = _first_cells(problem)
    for _, outs, reads in _served(problem):
        candidate = args.x[(..., *reads)]
        best = values[(..., *outs)]
        wins = beats(candidate, best)
        if is_float:
            wins |= np.isnan(candidate)
        values[(..., *outs)] = np.where(wins, candidate, best)
        if indices is not None:
            indices[(..., *outs)] = np.where(wins, flat[reads], indices[(..., *outs)])


def _served(problem: Problem) -> Any:
    """Every tap of a pool, in row-major order: (its index, the outputs, their inputs)."""
    if OPERATORS[problem.op].adaptive:
        return adaptive_taps(problem.maps, problem.out_spatial)
    return taps(problem.windows, whole(problem.spatial), whole(problem.out_spatial))


def _first_cells(problem: Problem) -> np.ndarray:
    """Flat index of the first cell of each window that is not leading padding: the winner where nothing beats -inf."""
    index = np.zeros((), np.int64)
    for axis, size, count in zip(problem.maps, problem.spatial, problem.out_spatial, strict=True):
        if isinstance(axis, Window):
            first = [next((cell for cell in axis.taps(out) if cell >= 0), 0) for out in range(count)]
        else:
            first = [axis.reads(Span(out, out + 1)).start for out in range(count)]
        index = index[..., None] * size + np.asarray(first, np.int64)
    return index


def avg_pool(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """The sum of each window over its divisor.

    The divisor is the one given; else the number of cells of the window inside the input and, with ``count_pad``, its
    padding. Cells that only ``ceil_mode`` reads never count. A window that holds no data gives 0.
    """
    total = np.zeros(out.shape, WIDER[problem.dtype])
    for _, outs, reads in _served(problem):
        total[(..., *outs)] += args.x[(..., *reads)]
    np.divide(total, _divisor(problem), out=total, where=_counts(problem, padding=False) > 0)
    out[...] = total


def avg_pool_grad_input(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Every output's gradient, over its divisor, added to the cells of its window, taps in row-major order."""
    held = _counts(problem, padding=False) > 0
    share = np.zeros(problem.out_shape, WIDER[problem.dtype])
    np.divide(np.asarray(args.grad), _divisor(problem), out=share, where=held, dtype=share.dtype)
    total = np.zeros(problem.in_shape, share.dtype)
    for _, outs, reads in _served(problem):
        total[(..., *reads)] += share[(..., *outs)]
    out[...] = total


def lp_pool(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """The root of each window's mean power, times the cells of a whole window: PyTorch's ``lp_pool``.

    The sum of powers itself, but for windows that ``ceil_mode`` lets hang over, which are scaled up to a whole one.
    """
    wide = np.dtype(WIDER[problem.dtype]).type
    total = np.zeros(out.shape, wide)
    for _, outs, reads in _served(problem):
        total[(..., *outs)] += np.power(np.asarray(args.x[(..., *reads)], wide), wide(problem.norm))
    whole_window = prod(problem.kernel_size)
    held = _counts(problem, padding=False)
    scale = np.divide(whole_window, held, out=np.zeros(held.shape), where=held > 0)
    out[...] = np.power(np.where(held == whole_window, total, total * scale), 1 / wide(problem.norm))


def max_pool_grad_input(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Every output's gradient added to its winner, outputs in row-major order."""
    total = np.zeros(problem.in_shape, WIDER[problem.dtype])
    planes = (problem.batch * problem.channels, -1)
    flat, plane = total.reshape(planes), np.arange(planes[0])[:, None]
    np.add.at(flat, (plane, np.asarray(args.indices).reshape(planes)), np.asarray(args.grad).reshape(planes))
    out[...] = flat.reshape(problem.in_shape)


def max_unpool(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Every value put where its index says, zeros elsewhere; of several for one place the last in row-major order."""
    out[...] = 0
    indices, grad = np.asarray(args.indices), np.asarray(args.grad)
    for image in range(problem.batch):
        for channel in range(problem.channels):
            index, values = indices[image, channel].ravel(), grad[image, channel].ravel()
            last = len(index) - 1 - np.unique(index[::-1], return_index=True)[1]
            out[image, channel].reshape(-1)[index[last]] = values[last]


def _divisor(problem: Problem) -> np.ndarray:
    return np.asarray(problem.divisor) if problem.divisor else _counts(problem, padding=problem.count_pad)


def _counts(problem: Problem, padding: bool) -> np.ndarray:
    """Cells of each window inside the input, or inside the input and its padding: ``(*out_spatial)``."""
    counts = np.ones((), np.int64)
    for axis, size, outputs in zip(problem.maps, problem.spatial, problem.out_spatial, strict=True):
        if isinstance(axis, Window):
            inside = Span(-axis.pad_lo, size + axis.pad_hi) if padding else Span(0, size)
            here = _axis_counts(axis, inside, outputs)
        else:
            here = np.asarray([len(axis.reads(Span(out, out + 1))) for out in range(outputs)], np.int64)
        counts = counts[..., None] * here
    return counts


def _axis_counts(window: Window, inside: Span, outputs: int) -> np.ndarray:
    counts = np.zeros(outputs, np.int64)
    for outs, _ in axis_taps(window, inside, Span(0, outputs)):
        counts[outs] += 1
    return counts
