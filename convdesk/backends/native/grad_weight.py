# SPDX-License-Identifier: GPL-3.0-or-later
"""The gradient of a convolution by its weight, by the compiled core."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from convdesk.backends.native.axes import three_axes
from convdesk.backends.native.blocking import grad_weight_blocking
from convdesk.backends.native.core import core
from convdesk.backends.native.rates import grad_weight_seconds, worth_threads
from convdesk.backends.native.shared import Prepared, readable, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import Problem
from convdesk.threads import get_threads


@lru_cache(maxsize=512)
def _prepared(problem: Problem, threads: int) -> Prepared:
    axes, groups, doors = three_axes(problem), problem.groups, core()
    blocking, parts = grad_weight_blocking(problem, axes, doors.lanes(problem.itemsize))
    taps = np.arange(prod(problem.kernel_size), dtype=np.int64)
    sizes = (problem.batch, groups, problem.channels // groups, problem.out_channels // groups, prod(problem.in_shape))
    turned = np.ascontiguousarray(taps[::-1]) if problem.flip else taps
    spec = doors.GradWeight(problem.itemsize, axes, blocking, *sizes, parts, turned)
    alone = grad_weight_seconds(problem)
    return Prepared(spec, spec.scratch_bytes(threads), alone, worth_threads(alone))


class GradWeight:
    """Register blocks of 4 output channels and 3 terms; every sum a vector that is added up at the end.

    The reduction is cut into parts that depend on the problem alone, so its bits do not depend on the threads.
    """

    name = "native:grad_weight"
    precision = "default"
    local = True
    grain = 1
    bits = ""

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every convolution in one to three dimensions that has something to sum."""
        return refusal(problem, "conv", "grad_weight")

    def cost(self, problem: Problem) -> Cost:
        """Operations of the direct sum; scratch for the sums of all parts, and staged rows per thread."""
        prepared = _prepared(problem, get_threads())
        return Cost(problem.flops, problem.compulsory_bytes, prepared.scratch_bytes, prepared.seconds_here)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: np.ndarray | None) -> None:
        """Compute into ``out``."""
        prepared = _prepared(problem, get_threads())
        fill = float(args.fill) if problem.padding_mode == "constant" else 0.0
        prepared.spec.run(readable(args.x), readable(args.grad), out, scratch, fill, prepared.threads)
