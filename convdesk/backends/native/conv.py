# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution by the compiled core: direct, and as an implicit matrix product."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from convdesk.backends.native.axes import three_axes
from convdesk.backends.native.blocking import direct_blocking, igemm_blocking
from convdesk.backends.native.core import core
from convdesk.backends.native.rates import conv_seconds, worth_threads
from convdesk.backends.native.shared import Prepared, readable, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import Problem
from convdesk.threads import get_threads


@lru_cache(maxsize=512)
def prepare_conv(problem: Problem, implicit: bool, threads: int) -> Prepared:
    """A forward convolution, cut into blocks for one of the two kernels."""
    axes, groups, doors = three_axes(problem), problem.groups, core()
    lanes = doors.lanes(problem.itemsize)
    if implicit:
        blocking = igemm_blocking(problem, axes, lanes, doors.channel_block(problem.itemsize), threads)
    else:
        blocking = direct_blocking(problem, axes, lanes)
    sizes = (problem.batch, groups, problem.channels // groups, problem.out_channels // groups, prod(problem.in_shape))
    spec = doors.Conv(problem.itemsize, axes, blocking, *sizes, implicit)
    alone = conv_seconds(problem, implicit)
    return Prepared(spec, spec.scratch_bytes(threads), alone, worth_threads(alone))


class _NativeConv:
    """What both kernels share: everything but the kernel."""

    name: str
    implicit: bool
    precision = "default"
    local = True
    grain = 1
    bits = "native:conv"  # both kernels sum tap by tap in the same order

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every convolution in one to three dimensions that has something to sum."""
        return refusal(problem, "conv", "fwd")

    def cost(self, problem: Problem) -> Cost:
        """Operations of the direct sum; seconds from the calibrated rates."""
        prepared = prepare_conv(problem, self.implicit, get_threads())
        return Cost(problem.flops, problem.compulsory_bytes, prepared.scratch_bytes, prepared.seconds_here)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: np.ndarray | None) -> None:
        """Compute into ``out``."""
        prepared, weight = prepare_conv(problem, self.implicit, get_threads()), args.weight
        if problem.flip and weight is not None:
            weight = np.ascontiguousarray(weight[(..., *[slice(None, None, -1)] * problem.ndim)])
        fill = float(args.fill) if problem.padding_mode == "constant" else 0.0
        prepared.spec.run(readable(args.x), weight, args.bias, out, scratch, fill, prepared.threads)


class DirectConv(_NativeConv):
    """Register blocks of 4 output rows of one channel: image filters, depthwise layers, few output channels."""

    name = "native:direct"
    implicit = False


class ImplicitGemm(_NativeConv):
    """A matrix product of packed weights with samples read where they lie: many output channels."""

    name = "native:igemm"
    implicit = True
