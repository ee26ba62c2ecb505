# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole backend in one file, as an author would write a first one: averages of neighbours, refusing the rest.

It derives from nothing and leaves out every attribute that has a default.
"""

from __future__ import annotations

import numpy as np

from convdesk.backends.protocol import Availability, Cost, Operands
from convdesk.network.problem import Problem


class RowMeans:
    """Averages windows that follow each other without gap on the last axis, by reshaping."""

    name = "good:row_means"
    local = True

    def refuse(self, problem: Problem) -> str | None:
        if problem.op != "avg_pool" or problem.direction != "fwd" or problem.divisor:
            return f"computes plain avg_pool forward, got {problem.op}:{problem.direction}"
        *outer, last = problem.windows
        if any(window.kernel_size != 1 or window.stride != 1 for window in outer):
            return "needs windows of one cell on all axes but the last"
        if last.stride != last.kernel_size or last.pad_lo or last.pad_hi or last.overhang:
            return f"needs windows side by side and no padding, got {last}"
        return None

    def cost(self, problem: Problem) -> Cost:
        return Cost(problem.flops, problem.compulsory_bytes)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: None) -> None:
        taps, count = problem.kernel_size[-1], problem.out_spatial[-1]
        rows = args.x[..., : taps * count].reshape(*args.x.shape[:-1], count, taps)
        total = rows[..., 0].copy()
        for tap in range(1, taps):
            total += rows[..., tap]
        np.divide(total, taps, out=out)


class Good:
    """One implementation in host memory."""

    name = "good"

    def probe(self) -> Availability:
        return Availability(True, device="test bench")

    def implementations(self) -> list[RowMeans]:
        return [RowMeans()]

    def empty(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        return np.empty(shape, dtype)

    def upload(self, array: np.ndarray) -> np.ndarray:
        return array

    def download(self, buffer: np.ndarray) -> np.ndarray:
        return buffer
