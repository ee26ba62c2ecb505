# SPDX-License-Identifier: GPL-3.0-or-later
"""Template matching by the compiled core: windows summed once, in double precision, and answered one by one.

Sums of samples and of their squares go along columns first and rows then, so they cost a template's height and width,
not its area. Windows whose norm that would lose to cancellation are done again in two passes. An answer depends on
nothing outside its window.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import prod, sqrt
from typing import Any

import numpy as np

from convdesk.backends.native.axes import three_axes
from convdesk.backends.native.blocking import match_blocking
from convdesk.backends.native.conv import prepare_conv
from convdesk.backends.native.core import core
from convdesk.backends.native.rates import match_seconds, worth_threads
from convdesk.backends.native.shared import Prepared, readable, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import DTYPES, Problem
from convdesk.threads import get_threads

CENTERED = ("center", "pearson")
NORMED = ("cosine", "pearson")
FLAT = 4
"""A window is flat when its centred norm is below this many units of rounding, times √N, of its largest value."""
TRUSTED = {"f32": 2.0**-24, "f64": 2.0**-4}
"""Share of the plain sum of squares that the centred one must keep: what is lost is then small against the type's unit,
or, in double precision, within the bound that is stated for windows of such a condition."""


@lru_cache(maxsize=512)
def _prepared(problem: Problem, threads: int) -> Prepared:
    axes, doors = three_axes(problem), core()
    eps, terms = float(np.finfo(DTYPES[problem.dtype]).eps), problem.terms
    # A flat window keeps at most FLAT²·eps²·N of its sum of squares: such windows must never be trusted.
    trusted = max(TRUSTED[problem.dtype], 4 * FLAT**2 * eps**2 * terms)
    spec = doors.Match(
        problem.itemsize, axes, match_blocking(problem, axes, doors.lanes(problem.itemsize)), problem.batch,
        problem.channels, prod(problem.in_shape), problem.normalize in CENTERED, problem.normalize in NORMED,
        FLAT * eps * sqrt(terms), trusted,
    )  # fmt: skip
    alone = match_seconds(problem)
    return Prepared(spec, spec.scratch_bytes(threads), alone, worth_threads(alone))


def template(weight: Any, problem: Problem) -> tuple[np.ndarray, float]:
    """The template in double precision and its norm: centred, 0 if it is flat, and scaled where norms cancel scales."""
    wide = np.asarray(weight)[0].astype(np.longdouble)
    if problem.normalize in CENTERED:
        largest, low, high = np.abs(wide).max(), wide.min(), wide.max()
        wide = wide - wide.sum() / wide.size
        scale = largest if np.isfinite(largest) and largest > 0 else np.longdouble(1)
        norm = np.sqrt(((wide / scale) ** 2).sum()) * scale
        limit = FLAT * np.finfo(DTYPES[problem.dtype]).eps * np.sqrt(np.longdouble(wide.size)) * largest
        if norm < limit or low == high:
            wide = np.where(np.isfinite(wide), 0, wide)
    largest = np.abs(wide).max()
    if problem.normalize in NORMED and np.isfinite(largest) and largest > 0:
        wide = wide / np.ldexp(np.longdouble(1), int(np.frexp(largest)[1]))
    return np.ascontiguousarray(wide, np.float64), float(np.sqrt((wide**2).sum()))


def _as_conv(problem: Problem) -> Problem:
    """The plain dot product is a convolution with one output channel."""
    return replace(problem, op="conv", normalize="", out_channels=1)


class Match:
    """Dot products by direct convolution, window sums along columns and rows, exact where they cancel."""

    name = "native:match"
    precision = "default"
    local = True
    grain = 1
    bits = ""

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every template in one to three dimensions."""
        return refusal(problem, "match", "fwd")

    def _prepared(self, problem: Problem) -> Prepared:
        if problem.normalize == "none":
            return prepare_conv(_as_conv(problem), False, get_threads())
        return _prepared(problem, get_threads())

    def cost(self, problem: Problem) -> Cost:
        """Operations of the dot products; scratch for the rows that a band of windows covers, per thread."""
        prepared = self._prepared(problem)
        return Cost(problem.flops, problem.compulsory_bytes, prepared.scratch_bytes, prepared.seconds_here)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: np.ndarray | None) -> None:
        """Compute into ``out``."""
        prepared, x = self._prepared(problem), readable(args.x)
        fill = float(args.fill) if problem.padding_mode == "constant" else 0.0
        if problem.normalize == "none":
            prepared.spec.run(x, args.weight, None, out, scratch, fill, prepared.threads)
            return
        values, norm = template(args.weight, problem)
        prepared.spec.run(x, values, norm, float(values.sum()), out, scratch, fill, prepared.threads)
