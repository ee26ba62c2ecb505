# SPDX-License-Identifier: GPL-3.0-or-later
"""Pooling with windows of one size by the compiled core: maximum, minimum, average, Lp; and the average backwards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from convdesk.backends.native.axes import Axis, three_axes
from convdesk.backends.native.core import core
from convdesk.backends.native.rates import pool_seconds, worth_threads
from convdesk.backends.native.shared import FLOATS, Prepared, readable, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import DTYPES, Problem
from convdesk.threads import get_threads


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
    axes, counts = three_axes(problem), None
    if problem.op in ("avg_pool", "lp_pool"):
        counts = [counted_cells(axis, problem.op == "avg_pool" and problem.count_pad) for axis in axes]
    kind = problem.op if problem.direction == "fwd" else "avg_grad"
    spec = core().Pool(
        kind, "" if problem.dtype in FLOATS else problem.dtype, problem.itemsize, axes, problem.batch,
        problem.channels, [axis.size for axis in axes], counts, float(problem.divisor), float(problem.norm),
    )  # fmt: skip
    alone = pool_seconds(problem)
    return Prepared(spec, spec.scratch_bytes(threads), alone, worth_threads(alone))


class _NativePool:
    """What all of them share."""

    name: str
    op: str
    direction = "fwd"
    dtypes: Sequence[str] = FLOATS
    precision = "default"
    local = True
    grain = 1
    bits = ""

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every pool of its kind in one to three dimensions."""
        return refusal(problem, self.op, self.direction, self.dtypes)

    def cost(self, problem: Problem) -> Cost:
        """One operation per candidate; seconds from the calibrated rates."""
        prepared = _prepared(problem, get_threads())
        return Cost(problem.flops, problem.compulsory_bytes, prepared.scratch_bytes, prepared.seconds_here)

    def run(self, problem: Problem, args: Operands, out: Any, scratch: np.ndarray | None) -> None:
        """Compute into ``out``, which is a pair when the problem asks for indices."""
        values, indices = out if problem.indices else (out, None)
        prepared = _prepared(problem, get_threads())
        given = args.x if self.direction == "fwd" else args.grad
        prepared.spec.run(readable(given), values, indices, scratch, prepared.threads)


class MaxPool(_NativePool):
    """The largest sample of each window, and where it is."""

    name = "native:max_pool"
    op = "max_pool"
    dtypes = tuple(DTYPES)


class MinPool(_NativePool):
    """The smallest sample of each window, and where it is."""

    name = "native:min_pool"
    op = "min_pool"
    dtypes = tuple(DTYPES)


class AvgPool(_NativePool):
    """The mean of each window: its sum in order, divided once."""

    name = "native:avg_pool"
    op = "avg_pool"


class AvgPoolGrad(_NativePool):
    """Every output's gradient, divided, added to the samples of its window."""

    name = "native:avg_pool_grad"
    op = "avg_pool"
    direction = "grad_input"


class LpPool(_NativePool):
    """The root of each window's sum of powers, summed in double precision."""

    name = "native:lp_pool"
    op = "lp_pool"
