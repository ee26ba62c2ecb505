# SPDX-License-Identifier: GPL-3.0-or-later
"""Adaptive pooling by the compiled core: windows of unequal sizes, from which the output's size follows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from convdesk.backends.native.core import core
from convdesk.backends.native.rates import pool_seconds, worth_threads
from convdesk.backends.native.shared import FLOATS, Prepared, readable, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.geometry import Span
from convdesk.network.problem import DTYPES, Problem


@lru_cache(maxsize=512)
def _prepared(problem: Problem) -> Prepared:
    missing = 3 - problem.ndim
    spans = [[Span(0, 1)]] * missing
    spans += [
        [axis.reads(Span(out, out + 1)) for out in range(outputs)]
        for axis, outputs in zip(problem.maps, problem.out_spatial, strict=True)
    ]
    spec = core().Spans(
        problem.op, "" if problem.dtype in FLOATS else problem.dtype, problem.itemsize, problem.batch,
        problem.channels, (*(1,) * missing, *problem.spatial),
        [np.array([span.start for span in axis], np.int64) for axis in spans],
        [np.array([span.stop for span in axis], np.int64) for axis in spans],
    )  # fmt: skip
    alone = pool_seconds(problem)
    return Prepared(spec, 0, alone, worth_threads(alone))


class _AdaptivePool:
    """What both share."""

    name: str
    op: str
    dtypes: Sequence[str] = FLOATS
    precision = "default"
    local = True
    grain = 1
    bits = ""

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every adaptive pool of its kind in one to three dimensions."""
        return refusal(problem, self.op, "fwd", self.dtypes)

    def cost(self, problem: Problem) -> Cost:
        """One operation per candidate; no scratch."""
        return Cost(problem.flops, problem.compulsory_bytes, 0, _prepared(problem).seconds_here)

    def run(self, problem: Problem, args: Operands, out: Any, scratch: np.ndarray | None) -> None:
        """Compute into ``out``, which is a pair when the problem asks for indices."""
        values, indices = out if problem.indices else (out, None)
        prepared = _prepared(problem)
        prepared.spec.run(readable(args.x), values, indices, prepared.threads)


class AdaptiveMaxPool(_AdaptivePool):
    """The largest sample of each window, and where it is."""

    name = "native:adaptive_max_pool"
    op = "adaptive_max_pool"
    dtypes = tuple(DTYPES)


class AdaptiveAvgPool(_AdaptivePool):
    """The mean of each window: its rows summed by vectors, divided once."""

    name = "native:adaptive_avg_pool"
    op = "adaptive_avg_pool"
