# SPDX-License-Identifier: GPL-3.0-or-later
"""What a max pool's indices say, by the compiled core: values put back, gradients sent to the winners."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from convdesk.backends.native.core import core
from convdesk.backends.native.rates import scatter_seconds, shared_seconds, worth_threads
from convdesk.backends.native.shared import FLOATS, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.errors import BackendError
from convdesk.network.problem import DTYPES, Problem
from convdesk.threads import threads_here


class _Scatter:
    """What both share. A plane is computed in order, by one thread."""

    name: str
    direction: str
    dtypes: Sequence[str]
    adds: bool
    precision = "default"
    local = True
    grain = 1
    bits = ""

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every max pool in one to three dimensions."""
        return refusal(problem, "max_pool", self.direction, self.dtypes)

    def cost(self, problem: Problem) -> Cost:
        """One operation per value; no scratch."""
        planes = problem.batch * problem.channels
        seconds = shared_seconds(scatter_seconds(problem), min(planes, threads_here()))
        return Cost(prod(problem.out_shape), problem.compulsory_bytes, 0, seconds)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: np.ndarray | None) -> None:
        """Compute into ``out``.

        Raises
        ------
        BackendError
            An index lies outside the input.
        """
        planes, cells = problem.batch * problem.channels, prod(problem.spatial)
        shape = planes, prod(problem.out_spatial)
        values = np.ascontiguousarray(args.grad).reshape(shape)
        indices = np.ascontiguousarray(args.indices).reshape(shape)
        outside = np.zeros(planes, np.int64)
        threads = threads_here() if worth_threads(scatter_seconds(problem)) else 1
        core().scatter(values, indices, out.reshape(planes, cells), outside, self.adds, threads)
        if outside.any():
            raise BackendError(f"{self.name}: {outside.sum()} indices outside the input, expected 0 to {cells - 1}")


class MaxUnpool(_Scatter):
    """Every value where its index says, zeros elsewhere; of several for one place the last."""

    name = "native:max_unpool"
    direction = "unpool"
    dtypes = tuple(DTYPES)
    adds = False


class MaxPoolGrad(_Scatter):
    """Every output's gradient added to its winner, outputs in row-major order."""

    name = "native:max_pool_grad"
    direction = "grad_input"
    dtypes = FLOATS
    adds = True
