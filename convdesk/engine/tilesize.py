# SPDX-License-Identifier: GPL-3.0-or-later
"""How large a tile may be, so that it is computed in a moment and cancelling never waits long."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2, prod

from convdesk.geometry import Box, compose
from convdesk.network.stack import Stage, axis_windows

LARGEST, SMALLEST = 512, 32
"""Samples per axis: more would cost too much to hand over, fewer would be all overhead."""
BUDGET = 0.03 * 8e9
"""Operations of a tile: some 30 ms on one modest core."""


def sample_flops(stages: Sequence[Stage], step: Sequence[int]) -> float:
    """Operations behind one sample of the last stage's output, shared work with neighbouring samples counted once.

    A layer computes, per sample, either everything between two samples or the sample's own field there, whichever is
    less.
    """
    total = 0.0
    for at, stage in enumerate(stages):
        problem = stage.layer.problem(1, stage.in_channels, stage.in_spatial, "f32") if stage.layer.enabled else None
        after = [compose(axis_windows(stages[at + 1 :], axis)) for axis in range(len(step))]
        between = prod(window.stride * by for window, by in zip(after, step, strict=True))
        field = prod(window.extent for window in after)
        if problem is not None:
            total += min(between, field) * problem.flops / max(1, prod(problem.out_spatial))
    return total


def tile_sizes(stages: Sequence[Stage], box: Box, step: Sequence[int]) -> tuple[int, ...]:
    """Cells per axis of a tile of a view: a power of two of samples that keeps within the budget, times the step."""
    axes = max(1, sum(len(span) > by for span, by in zip(box, step, strict=True)))
    samples = BUDGET / max(1.0, sample_flops(stages, step))
    side = 2 ** int(log2(max(1.0, samples)) / axes)
    return tuple(min(LARGEST, max(SMALLEST, side)) * by for by in step)
