# SPDX-License-Identifier: GPL-3.0-or-later
"""What the native routines share: the refusals, and what they give the planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convdesk.backends.native.rates import shared_seconds
from convdesk.network.problem import Problem
from convdesk.threads import threads_here

FLOATS = ("f32", "f64")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A problem cut into blocks, as the core holds it, and what the planner asks about it.

    ``seconds`` are those of one thread.
    """

    spec: Any
    scratch_bytes: int
    seconds: float
    worth_threads: bool

    @property
    def seconds_here(self) -> float:
        """Predicted seconds of a call from this thread."""
        return shared_seconds(self.seconds, threads_here())

    @property
    def threads(self) -> int:
        """Threads that a call from this thread should use."""
        return threads_here() if self.worth_threads else 1


def refusal(problem: Problem, op: str, direction: str, dtypes: Sequence[str] = FLOATS) -> str | None:
    """Why a routine for one operator, direction and some types does not take a problem, or None."""
    if problem.op != op or problem.direction != direction:
        return f"computes {op}:{direction}, got {problem.op}:{problem.direction}"
    if problem.dtype not in dtypes:
        return f"computes in {' or '.join(dtypes)}, got {problem.dtype}"
    if problem.ndim > 3:
        return f"takes up to 3 spatial axes, got {problem.ndim}"
    if op.endswith("_pool") and problem.padding_mode != "zeros":
        return f"skips padding, got edge mode {problem.padding_mode}"
    if problem.channels == 0 or (op in ("conv", "local_conv") and problem.out_channels == 0):
        return "needs at least one channel"
    return None


def readable(x: Any) -> np.ndarray:
    """The same array; a copy if its elements do not lie at whole steps, as the fields of a packed record may."""
    x = np.asarray(x)
    flags = x.flags
    if flags.carray or (flags.aligned and all(step % x.itemsize == 0 for step in x.strides)):
        return x
    return np.ascontiguousarray(x)
