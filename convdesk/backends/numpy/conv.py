# SPDX-License-Identifier: GPL-3.0-or-later
"""Convolution, the definition: an output is the sum over taps and input channels of weight times input, plus bias."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from convdesk.backends.numpy.taps import padded, taps
from convdesk.backends.protocol import Operands
from convdesk.geometry import Span
from convdesk.network.problem import Problem

WIDER = {"f32": np.float64, "f64": np.longdouble}
"""What sums are kept in: rounding happens once, at the end."""
BLOCK = 1 << 17
"""Sums held at a time, so that they stay in the processor's cache."""


def conv(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Compute ``out``, ``(N, C_out, *out_spatial)``, one block of outputs after the other.

    An output's sum always runs over taps in row-major order and over channels inside, wherever its block begins.
    """
    wide = WIDER[problem.dtype]
    weight = np.asarray(args.weight).astype(wide)
    if problem.flip:
        weight = np.flip(weight, axis=tuple(range(2, weight.ndim)))
    x, data = padded(args.x, problem.windows, problem.padding_mode, args.fill)
    ins, outs = problem.channels // problem.groups, problem.out_channels // problem.groups
    for images, rows in blocks(problem, outs):
        cells = [rows, *(Span(0, size) for size in problem.out_spatial[1:])]
        served = list(taps(problem.windows, data, cells))
        for group in range(problem.groups):
            maps = slice(group * outs, (group + 1) * outs)
            planes = x[images, group * ins : (group + 1) * ins]
            total = _sums(planes, weight[maps], served, [len(span) for span in cells])
            if args.bias is not None and problem.bias:
                total += over_cells(np.asarray(args.bias)[maps].astype(wide), problem.ndim)
            out[images, maps, rows.slice] = total


def _sums(planes: np.ndarray, weight: np.ndarray, served: list, cells: list[int]) -> np.ndarray:
    """Σ weight · planes of one group, ``(images, C_out, *cells)``, in the weight's type."""
    total = np.zeros((len(planes), len(weight), *cells), weight.dtype)
    for tap, outs, reads in served:
        for channel in range(planes.shape[1]):
            factor = over_cells(weight[(slice(None), channel, *tap)], len(cells))
            total[(..., *outs)] += factor * planes[(slice(None), slice(channel, channel + 1), *reads)]
    return total


def over_cells(values: np.ndarray, ndim: int) -> np.ndarray:
    """One value per output channel, shaped to be spread over the spatial axes."""
    return values.reshape(-1, *(1,) * ndim)


def blocks(problem: Problem, maps: int) -> Iterator[tuple[slice, Span]]:
    """Images and rows of the first spatial axis whose sums fit a block."""
    row = maps * prod(problem.out_spatial[1:])
    height = problem.out_spatial[0]
    rows = max(1, min(height, BLOCK // max(1, row)))
    images = max(1, BLOCK // max(1, row * height))
    for first in range(0, problem.batch, images):
        for top in range(0, height, rows):
            yield slice(first, first + images), Span(top, top + rows) & Span(0, height)
