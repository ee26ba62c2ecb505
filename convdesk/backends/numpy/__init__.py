# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference: plain NumPy, written to be read and to be right. It takes every problem and is the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convdesk.backends.numpy.conv import conv
from convdesk.backends.numpy.pool import avg_pool, max_pool
from convdesk.backends.protocol import PROTOCOL_VERSION, Availability, Cost, Operands
from convdesk.network.problem import DTYPES, Problem

ROUTINES = {"conv": conv, "max_pool": max_pool, "avg_pool": avg_pool}
FLOATS = ("f32", "f64")
TAKES = {"conv": FLOATS, "avg_pool": FLOATS, "max_pool": tuple(DTYPES)}
CALL_SECONDS = 5e-5
TERM_SECONDS = 4e-9


class Reference:
    """Tap by tap over whole arrays, summed in a type twice as precise and rounded once."""

    name = "numpy:reference"
    precision = "default"
    local = True
    grain = 1

    def refuse(self, problem: Problem) -> str | None:
        """Only what no backend is meant to compute."""
        if problem.op not in ROUTINES or problem.direction != "fwd":
            return f"computes {', '.join(ROUTINES)} forward, got {problem.op}:{problem.direction}"
        if problem.dtype not in TAKES[problem.op]:
            return f"{problem.op} takes {', '.join(TAKES[problem.op])}, got {problem.dtype}"
        if problem.op != "conv" and problem.padding_mode != "zeros":
            return f"pools skip their padding, got edge mode {problem.padding_mode}"
        return None

    def cost(self, problem: Problem) -> Cost:
        """Measured on one core: some nanoseconds per product, and a call's worth per tap."""
        seconds = CALL_SECONDS * (1 + problem.terms) + TERM_SECONDS * problem.flops
        return Cost(problem.flops, problem.compulsory_bytes + 16 * problem.flops, 0, seconds)

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        """Compute into ``out``."""
        with np.errstate(all="ignore"):  # infinities and NaN are data here
            ROUTINES[problem.op](problem, args, out)


class NumpyBackend:
    """The reference backend: always available."""

    name = "numpy"
    memory = "host"
    protocol_version = PROTOCOL_VERSION

    def __init__(self) -> None:
        self._implementations = (Reference(),)

    def probe(self) -> Availability:
        """Always there."""
        return Availability(True, device="processor, one thread", version=np.__version__)

    def implementations(self) -> Sequence[Reference]:
        """The one reference."""
        return self._implementations

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        """A new array."""
        return np.empty(shape, dtype)

    def upload(self, array: np.ndarray) -> np.ndarray:
        """The same array."""
        return array

    def download(self, buffer: np.ndarray) -> np.ndarray:
        """The same array."""
        return buffer
