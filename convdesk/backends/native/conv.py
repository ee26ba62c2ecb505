# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution by the compiled core: direct, and as an implicit matrix product."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from convdesk.backends.native.axes import three_axes
from convdesk.backends.native.blocking import direct_blocking, igemm_blocking
from convdesk.backends.native.core import core
from convdesk.backends.native.rates import conv_seconds, worth_threads
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import Problem
from convdesk.threads import get_threads, threads_here


@lru_cache(maxsize=512)
def _prepared(problem: Problem, implicit: bool, threads: int) -> Any:
    """The specification of a problem, cut into blocks, as the core holds it."""
    axes, groups, doors = three_axes(problem), problem.groups, core()
    lanes = doors.lanes(problem.itemsize)
    if implicit:
        blocking = igemm_blocking(problem, axes, lanes, doors.channel_block(problem.itemsize), threads)
    else:
        blocking = direct_blocking(problem, axes, lanes)
    x_size = int(np.prod(problem.in_shape))
    sizes = (problem.batch, groups, problem.channels // groups, problem.out_channels // groups, x_size)
    return doors.Conv(problem.itemsize, axes, blocking, *sizes, implicit)


def readable(x: np.ndarray) -> np.ndarray:
    """The same array; a copy if its elements do not lie at whole steps, as the fields of a packed record may."""
    if x.flags.aligned and all(step % x.itemsize == 0 for step in x.strides):
        return x
    return np.ascontiguousarray(x)


class _NativeConv:
    """What both kernels share: everything but the kernel."""

    name: str
    implicit: bool
    precision = "default"
    local = True
    grain = 1

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every convolution in one to three dimensions that has something to sum."""
        if problem.op != "conv" or problem.direction != "fwd":
            return f"computes conv:fwd, got {problem.op}:{problem.direction}"
        if problem.dtype not in ("f32", "f64"):
            return f"computes in f32 or f64, got {problem.dtype}"
        if problem.ndim > 3:
            return f"takes up to 3 spatial axes, got {problem.ndim}"
        if problem.channels == 0 or problem.out_channels == 0:
            return "needs at least one channel"
        return None

    def cost(self, problem: Problem) -> Cost:
        """Operations of the direct sum; seconds from the calibrated rates."""
        scratch = _prepared(problem, self.implicit, get_threads()).scratch_bytes(get_threads())
        seconds = conv_seconds(problem, self.implicit, threads_here())
        return Cost(problem.flops, problem.compulsory_bytes, scratch, seconds)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: np.ndarray | None) -> None:
        """Compute into ``out``."""
        weight = args.weight
        assert weight is not None
        if problem.flip:
            weight = weight[(..., *[slice(None, None, -1)] * problem.ndim)]
        threads = threads_here() if worth_threads(conv_seconds(problem, self.implicit, 1)) else 1
        fill = float(args.fill) if problem.padding_mode == "constant" else 0.0
        _prepared(problem, self.implicit, get_threads()).run(
            readable(args.x), np.ascontiguousarray(weight), args.bias, out, scratch, fill, threads
        )


class DirectConv(_NativeConv):
    """Register blocks of 4 output rows of one channel: image filters, depthwise layers, few output channels."""

    name = "native:direct"
    implicit = False


class ImplicitGemm(_NativeConv):
    """A matrix product of packed weights with samples read where they lie: many output channels."""

    name = "native:igemm"
    implicit = True
