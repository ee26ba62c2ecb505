# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of a result as a problem of its own: the same layer with other padding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convdesk.backends.protocol import Operands
from convdesk.geometry import Span, Window, fold_table
from convdesk.network.problem import OPERATORS, Problem

Part = tuple[Problem, Operands]


def tile(problem: Problem, args: Operands, spans: tuple[Span, ...]) -> Part | None:
    """The part ``spans`` of a problem's result; None where no problem says it.

    Gradients by the weight sum over everything. Indices count over the whole input. Adaptive windows follow from all
    sizes, and so does the divisor of an average whose padding does not count.
    """
    if OPERATORS[problem.op].adaptive:
        return None
    if problem.direction == "fwd":
        return _forward(problem, args, spans)
    hangs_over = any(window.overhang for window in problem.windows)
    counts_all = problem.op == "avg_pool" and (problem.count_pad or problem.divisor) and not hangs_over
    unfolded = problem.op == "conv" and problem.padding_mode in ("zeros", "constant")
    if problem.direction == "grad_input" and (counts_all or unfolded):
        return _backward(problem, args, spans)
    return None


def _forward(problem: Problem, args: Operands, spans: tuple[Span, ...]) -> Part:
    """The input that the outputs ``spans`` read, and the padding that they meet."""
    x, windows = args.x, []
    folded = problem.padding_mode != "zeros"
    for axis, (window, size, out) in enumerate(zip(problem.windows, problem.spatial, spans, strict=True), start=2):
        hull = window.reads(out)
        inside = Span(-window.pad_lo, size + window.pad_hi) if folded else Span(0, size)
        read = hull & inside
        if folded:
            table = np.asarray(fold_table(read, size, problem.padding_mode), np.intp)
            cells = np.zeros((*x.shape[:axis], len(table), *x.shape[axis + 1 :]), x.dtype)
            if size:
                cells = x.take(np.maximum(table, 0), axis=axis)
            cells[(slice(None),) * axis + (table < 0,)] = args.fill
            x = cells
        else:
            x = x[(slice(None),) * axis + (read.slice,)]
        over = max(0, hull.stop - (size + window.pad_hi)) if window.overhang else 0
        lo = read.start - hull.start if len(read) else len(hull) - over
        hi = hull.stop - read.stop - over if len(read) else 0
        windows.append(Window(window.kernel_size, window.stride, window.dilation, lo, hi, over))
    part = replace(problem, spatial=x.shape[2:], windows=tuple(windows), padding_mode="zeros")
    weight: Any = args.weight
    if problem.op == "local_conv":
        weight = np.ascontiguousarray(weight[(..., *(span.slice for span in spans))])
    return part, replace(args, x=x, weight=weight, fill=0.0)


def _backward(problem: Problem, args: Operands, spans: tuple[Span, ...]) -> Part | None:
    """The gradients that reach the inputs ``spans``."""
    windows, reached = [], []
    for window, size, span in zip(problem.windows, problem.out_spatial, spans, strict=True):
        outs = window.reached_by(span) & Span(0, size)
        if not len(outs):
            return None
        lo = window.pad_lo + span.start - outs.start * window.stride
        hi = (len(outs) - 1) * window.stride + window.extent - lo - len(span)
        windows.append(Window(window.kernel_size, window.stride, window.dilation, lo, hi))
        reached.append(outs.slice)
    part = replace(problem, spatial=tuple(map(len, spans)), windows=tuple(windows))
    grad: Any = args.grad
    return part, replace(args, grad=grad[(..., *reached)])
