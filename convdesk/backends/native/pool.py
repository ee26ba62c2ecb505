# SPDX-License-Identifier: GPL-3.0-or-later
"""Maximum and average pooling by the compiled core."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from convdesk.backends.native.axes import Axis, three_axes
from convdesk.backends.native.conv import Prepared, readable
from convdesk.backends.native.core import core
from convdesk.backends.native.rates import pool_seconds, worth_threads
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import Problem
from convdesk.threads import get_threads, threads_here


def counted_cells(axis: Axis, count_pad: bool) -> np.ndarray:
    """Cells of each output's window that an average divides by: the samples, and the padding if it counts.

    The overhang of ceil_mode never counts.
    """
    start, stop = (0, len(axis.table) - axis.window.overhang) if count_pad else axis.inner
    first_taps = np.arange(axis.outputs, dtype=np.int64) * axis.stride
    taps_before = [np.clip(-((first_taps - cell) // axis.dilation), 0, axis.taps) for cell in (start, stop)]
    return taps_before[1] - taps_before[0]


@lru_cache(maxsize=512)
def _prepared(problem: Problem, threads: int) -> Prepared:
    axes = three_axes(problem)
    counts = [counted_cells(axis, problem.count_pad) for axis in axes] if problem.op == "avg_pool" else None
    sizes = [axis.size for axis in axes]
    divisor = float(problem.divisor)
    spec = core().Pool(problem.op, "", problem.itemsize, axes, problem.batch, problem.channels, sizes, counts, divisor, 0.0)
    alone = pool_seconds(problem)
    return Prepared(spec, spec.scratch_bytes(threads), alone, worth_threads(alone))


class _NativePool:
    """What both pools share."""

    name: str
    op: str
    precision = "default"
    local = True
    grain = 1
    bits = ""

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every pool of its kind in one to three dimensions."""
        if problem.op != self.op or problem.direction != "fwd":
            return f"computes {self.op}:fwd, got {problem.op}:{problem.direction}"
        if problem.dtype not in ("f32", "f64"):
            return f"computes in f32 or f64, got {problem.dtype}"
        if problem.ndim > 3:
            return f"takes up to 3 spatial axes, got {problem.ndim}"
        if problem.padding_mode != "zeros":
            return f"skips padding, got edge mode {problem.padding_mode}"
        return None

    def cost(self, problem: Problem) -> Cost:
        """One operation per candidate; seconds from the calibrated rates."""
        prepared = _prepared(problem, get_threads())
        return Cost(problem.flops, problem.compulsory_bytes, prepared.scratch_bytes, prepared.seconds_here)

    def run(self, problem: Problem, args: Operands, out: Any, scratch: np.ndarray | None) -> None:
        """Compute into ``out``, which is a pair when the problem asks for indices."""
        values, indices = out if problem.indices else (out, None)
        prepared = _prepared(problem, get_threads())
        threads = threads_here() if prepared.worth_threads else 1
        prepared.spec.run(readable(args.x), values, indices, scratch, threads)


class MaxPool(_NativePool):
    """The largest sample of each window, and where it is."""

    name = "native:max_pool"
    op = "max_pool"


class AvgPool(_NativePool):
    """The mean of each window: its sum in order, divided once."""

    name = "native:avg_pool"
    op = "avg_pool"
