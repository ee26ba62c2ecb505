# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference: plain NumPy, written to be read and to be right. It takes every problem and is the oracle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from convdesk.backends.numpy.conv import conv
from convdesk.backends.numpy.conv_grad import conv_grad_input, conv_grad_weight
from convdesk.backends.numpy.local import local_conv
from convdesk.backends.numpy.match import match
from convdesk.backends.numpy.pool import (
    avg_pool,
    avg_pool_grad_input,
    lp_pool,
    max_pool,
    max_pool_grad_input,
    max_unpool,
    min_pool,
)
from convdesk.backends.protocol import PROTOCOL_VERSION, Availability, Cost, Operands
from convdesk.network.problem import DTYPES, Problem

FLOATS = ("f32", "f64")
ALL = tuple(DTYPES)
ROUTINES: dict[tuple[str, str], tuple[Callable[[Problem, Operands, Any], None], tuple[str, ...]]] = {
    ("conv", "fwd"): (conv, FLOATS),
    ("conv", "grad_input"): (conv_grad_input, FLOATS),
    ("conv", "grad_weight"): (conv_grad_weight, FLOATS),
    ("local_conv", "fwd"): (local_conv, FLOATS),
    ("match", "fwd"): (match, FLOATS),
    ("max_pool", "fwd"): (max_pool, ALL),
    ("max_pool", "grad_input"): (max_pool_grad_input, FLOATS),
    ("max_pool", "unpool"): (max_unpool, ALL),
    ("min_pool", "fwd"): (min_pool, ALL),
    ("avg_pool", "fwd"): (avg_pool, FLOATS),
    ("avg_pool", "grad_input"): (avg_pool_grad_input, FLOATS),
    ("lp_pool", "fwd"): (lp_pool, FLOATS),
    ("adaptive_max_pool", "fwd"): (max_pool, ALL),
    ("adaptive_avg_pool", "fwd"): (avg_pool, FLOATS),
}
"""Who computes what, and the types it takes."""
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
        _, dtypes = ROUTINES[problem.op, problem.direction]
        if problem.dtype not in dtypes:
            return f"{problem.op}:{problem.direction} takes {', '.join(dtypes)}, got {problem.dtype}"
        if problem.op.endswith("_pool") and problem.padding_mode != "zeros":
            return f"pools skip their padding, got edge mode {problem.padding_mode}"
        if problem.op != "conv" and (problem.groups != 1 or problem.flip):
            return f"only a convolution has groups and flip, got {problem.op}"
        return None

    def cost(self, problem: Problem) -> Cost:
        """Measured on one core: some nanoseconds per product, and a call's worth per tap."""
        seconds = CALL_SECONDS * (1 + problem.terms) + TERM_SECONDS * problem.flops
        return Cost(problem.flops, problem.compulsory_bytes + 16 * problem.flops, 0, seconds)

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        """Compute into ``out``."""
        with np.errstate(all="ignore"):  # infinities and NaN are data here
            ROUTINES[problem.op, problem.direction][0](problem, args, out)


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
