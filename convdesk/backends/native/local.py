# SPDX-License-Identifier: GPL-3.0-or-later
"""The locally connected layer by the compiled core."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from convdesk.backends.native.axes import three_axes
from convdesk.backends.native.blocking import staged_blocking
from convdesk.backends.native.core import core
from convdesk.backends.native.rates import CALL, DIRECT_UNSHARED, MEMORY, speed, worth_threads
from convdesk.backends.native.shared import Prepared, readable, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import Problem
from convdesk.threads import get_threads


@lru_cache(maxsize=512)
def _prepared(problem: Problem, threads: int) -> Prepared:
    axes, doors = three_axes(problem), core()
    blocking = staged_blocking(problem, axes, doors.lanes(problem.itemsize))
    sizes = (problem.batch, 1, problem.channels, problem.out_channels, prod(problem.in_shape))
    spec = doors.Conv(problem.itemsize, axes, blocking, *sizes, False, True)
    work = problem.flops / (DIRECT_UNSHARED / 2) / speed(problem)
    alone = CALL + max(work, (problem.compulsory_bytes * max(1, problem.batch)) / MEMORY)
    return Prepared(spec, spec.scratch_bytes(threads), alone, worth_threads(alone))


class LocalConv:
    """Every output position has a weight of its own: vectors of columns, sums as in direct convolution."""

    name = "native:local_conv"
    precision = "default"
    local = True
    grain = 1
    bits = ""

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every locally connected layer in one to three dimensions."""
        return refusal(problem, "local_conv", "fwd")

    def cost(self, problem: Problem) -> Cost:
        """Operations of the direct sum; the weight is read once per image."""
        prepared = _prepared(problem, get_threads())
        return Cost(problem.flops, problem.compulsory_bytes, prepared.scratch_bytes, prepared.seconds_here)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: np.ndarray | None) -> None:
        """Compute into ``out``."""
        prepared = _prepared(problem, get_threads())
        fill = float(args.fill) if problem.padding_mode == "constant" else 0.0
        bias = args.bias if problem.bias else None
        weight = None if args.weight is None else args.weight.reshape(-1)
        prepared.spec.run(readable(args.x), weight, bias, out, scratch, fill, prepared.threads)
