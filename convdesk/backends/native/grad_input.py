# SPDX-License-Identifier: GPL-3.0-or-later
"""The gradient of a convolution by its input, and so the transposed convolution, by the compiled core.

With stride 1 it is one convolution of the gradient with the weight turned round. Otherwise, and where an edge mode
repeats samples, it is one convolution per phase (see :mod:`convdesk.backends.native.phases`) into scratch, from which
the samples are put together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import numpy as np

from convdesk.backends.native.conv import prepare_conv
from convdesk.backends.native.core import core
from convdesk.backends.native.phases import PhasedAxis, phased_axis
from convdesk.backends.native.rates import CALL, MEMORY, shared_seconds, worth_threads
from convdesk.backends.native.shared import Prepared, readable, refusal
from convdesk.backends.protocol import Cost, Operands
from convdesk.network.problem import DTYPES, Problem
from convdesk.threads import get_threads, threads_here

KEPT = 16 << 20
"""Bytes of phases of several images that may lie in scratch at once; of one image they always do."""
ALIGN = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One phase of all axes: a forward problem of some images, and the flat taps of the weight that it has."""

    problem: Problem
    taps: np.ndarray
    prepared: Prepared


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """``images`` images: their phases, and how those are put together (None: the one phase is the answer)."""

    images: int
    parts: tuple[_Part, ...]
    fold: Any
    cells: int
    weight_bytes: int
    scratch_bytes: int
    seconds: float


def _round_up(n: int) -> int:
    return -(-n // ALIGN) * ALIGN


def _fold(problem: Problem, axes: list[PhasedAxis], images: int) -> tuple[Any, int]:
    """The door that puts phases together, and the elements of all of them: (phases, images, channels, *lengths)."""
    missing = 3 - problem.ndim
    lengths = [axis.length for axis in axes]
    plane = prod(lengths)
    phase_step = images * problem.channels * plane
    one, zero = np.array([0, 1], np.int64), np.zeros(1, np.int64)
    starts, cells = [one] * missing, [zero] * missing
    for number, axis in enumerate(axes):
        of_phase = phase_step * prod(len(other.phases) for other in axes[number + 1 :])
        starts.append(axis.start)
        cells.append(axis.phase * of_phase + axis.cell * prod(lengths[number + 1 :]))
    sizes = (*(1,) * missing, *problem.spatial)
    fold = core().Fold(problem.itemsize, images, problem.channels, sizes, starts, cells, plane)
    return fold, phase_step * prod(len(axis.phases) for axis in axes)


@lru_cache(maxsize=256)
def _planned(problem: Problem, implicit: bool, threads: int) -> _Plan:
    pairs = zip(problem.windows, problem.spatial, strict=True)
    axes = [phased_axis(window, size, problem.padding_mode, problem.flip) for window, size in pairs]
    plain = all(axis.plain for axis in axes)
    fold, cells = (None, 0) if plain else _fold(problem, axes, problem.batch)
    if cells * problem.itemsize > KEPT and problem.batch > 1:
        images = max(1, problem.batch * KEPT // (cells * problem.itemsize))
        return _planned(replace(problem, batch=images), implicit, threads)
    forward = Problem(
        "conv", problem.dtype, problem.batch, problem.out_channels, problem.out_spatial, (),
        out_channels=problem.channels, groups=problem.groups, bias=plain and problem.bias,
    )  # fmt: skip
    parts = []
    for phases in product(*(axis.phases for axis in axes)):
        each = replace(forward, windows=tuple(phase.window for phase in phases))
        grid = np.ix_(*(np.array(phase.taps) for phase in phases))
        taps = np.arange(prod(problem.kernel_size), dtype=np.int64).reshape(problem.kernel_size)[grid]
        parts.append(_Part(each, taps.reshape(-1), prepare_conv(each, implicit, threads)))
    weight = _round_up(max((len(part.taps) for part in parts), default=0) * _per_tap(problem))
    scratch = max((part.prepared.scratch_bytes for part in parts), default=0)
    moved = 2 * cells * problem.itemsize + 2 * prod(problem.weight_shape) * problem.itemsize
    return _Plan(
        problem.batch, tuple(parts), fold, cells, weight,
        weight + _round_up(cells * problem.itemsize) + scratch + ALIGN,
        CALL + sum(part.prepared.seconds for part in parts) + moved / MEMORY,
    )  # fmt: skip


def _per_tap(problem: Problem) -> int:
    """Bytes of one tap of the weight, of all channels."""
    return problem.out_channels * (problem.channels // problem.groups) * problem.itemsize


class _GradInput:
    """What both kernels share."""

    name: str
    implicit: bool
    precision = "default"
    local = True
    grain = 1
    bits = "native:grad_input"  # the two kernels sum in the same order, forwards and here

    def refuse(self, problem: Problem) -> str | None:
        """Accepts every convolution in one to three dimensions that has something to sum."""
        return refusal(problem, "conv", "grad_input")

    def cost(self, problem: Problem) -> Cost:
        """Operations of the direct sum; scratch for the turned weight and for the phases of a few images."""
        plan = _planned(problem, self.implicit, get_threads())
        seconds = shared_seconds(plan.seconds * -(-problem.batch // max(1, plan.images)), threads_here())
        return Cost(problem.flops, problem.compulsory_bytes, plan.scratch_bytes, seconds)

    def run(self, problem: Problem, args: Operands, out: np.ndarray, scratch: np.ndarray | None) -> None:
        """Compute into ``out``, some images at a time."""
        grad, images = readable(args.grad), _planned(problem, self.implicit, get_threads()).images
        for first in range(0, problem.batch, max(1, images)):
            some = slice(first, min(first + images, problem.batch))
            part = replace(problem, batch=some.stop - some.start)
            self._images(part, grad[some], args, out[some], scratch)

    def _images(self, problem: Problem, grad: np.ndarray, args: Operands, out: np.ndarray, scratch: Any) -> None:
        plan, bias = _planned(problem, self.implicit, get_threads()), args.bias if problem.bias else None
        dtype = np.dtype(DTYPES[problem.dtype])
        padded = scratch[plan.weight_bytes : plan.weight_bytes + plan.cells * dtype.itemsize].view(dtype)
        rest = scratch[plan.weight_bytes + _round_up(plan.cells * dtype.itemsize) :]
        threads = threads_here() if worth_threads(plan.seconds) else 1
        groups, each = problem.groups, len(padded) // max(1, len(plan.parts))
        for number, part in enumerate(plan.parts):
            weight = scratch[: len(part.taps) * _per_tap(problem)].view(dtype)
            channels = (groups, problem.out_channels // groups, problem.channels // groups)
            core().turn(args.weight, weight, *channels, part.taps, threads)
            target = out if plan.fold is None else padded[number * each : (number + 1) * each]
            given = bias if plan.fold is None else None
            part.prepared.spec.run(grad, weight, given, target, rest, 0.0, threads)
        if plan.fold is not None:
            plan.fold.run(padded, bias, out, threads)


class GradInputDirect(_GradInput):
    """By direct convolutions: few input channels."""

    name = "native:grad_input_direct"
    implicit = False


class GradInputGemm(_GradInput):
    """By implicit matrix products: many input channels."""

    name = "native:grad_input_igemm"
    implicit = True
