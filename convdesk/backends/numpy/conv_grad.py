# SPDX-License-Identifier: GPL-3.0-or-later
"""The gradients of convolution, the definition: every product of the forward sum, sent back to where it came from.

Cells that an edge mode repeats send their share to the sample they repeat; zeros and constants have no sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from convdesk.backends.numpy.conv import WIDER, over_cells
from convdesk.backends.numpy.taps import padded, taps
from convdesk.backends.protocol import Operands
from convdesk.geometry import OUTSIDE, Span, fold_table, whole
from convdesk.network.problem import Problem

FOLDED = ("replicate", "reflect", "symmetric", "circular")
"""Edge modes whose cells repeat a sample."""
SUM = {1: "ox,ix->oi", 2: "oyx,iyx->oi", 3: "ozyx,izyx->oi"}
"""Products of output and input planes, summed over space, by the number of spatial axes."""


def conv_grad_input(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Compute ``out``, ``(N, C, *spatial)``: Σ weight · grad over the taps in row-major order, output channels inside.

    With a bias of one value per channel added, this is the transposed convolution.
    """
    wide = WIDER[problem.dtype]
    weight = _turned(np.asarray(args.weight).astype(wide), problem)
    ins, outs = problem.channels // problem.groups, problem.out_channels // problem.groups
    data = _cells(problem)
    served = list(taps(problem.windows, data, whole(problem.out_spatial)))
    for image in range(problem.batch):
        cells = np.zeros((problem.channels, *(len(span) for span in data)), wide)
        grad = np.asarray(args.grad)[image].astype(wide)
        for group in range(problem.groups):
            planes = cells[group * ins : (group + 1) * ins]
            for tap, written, read in served:
                for channel in range(group * outs, (group + 1) * outs):
                    factor = over_cells(weight[channel][(slice(None), *tap)], problem.ndim)
                    planes[(..., *read)] += factor * grad[(channel, *written)]
        found = _folded_back(cells, data, problem)
        if args.bias is not None and problem.bias:
            found = found + over_cells(np.asarray(args.bias).astype(wide), problem.ndim)
        out[image] = found


def conv_grad_weight(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Compute ``out``, ``(C_out, C / groups, *kernel_size)``: Σ grad · input over images and outputs, for every tap."""
    wide = WIDER[problem.dtype]
    x, data = padded(args.x, problem.windows, problem.padding_mode, args.fill)
    x, grad = np.array(x, wide, order="C"), np.array(args.grad, wide, order="C")
    ins, outs = problem.channels // problem.groups, problem.out_channels // problem.groups
    total: Any = np.zeros(problem.weight_shape, wide)
    for tap, written, read in taps(problem.windows, data, whole(problem.out_spatial)):
        here = total[(slice(None), slice(None), *tap)]
        for group in range(problem.groups):
            maps, planes = slice(group * outs, (group + 1) * outs), slice(group * ins, (group + 1) * ins)
            above, below = grad[(slice(None), maps, *written)], x[(slice(None), planes, *read)]
            for image in range(problem.batch):
                here[maps] += np.einsum(SUM[problem.ndim], above[image], below[image])
    out[...] = _turned(total, problem)


def _turned(weight: np.ndarray, problem: Problem) -> np.ndarray:
    """The weight as it slides: reversed on the spatial axes where the problem says ``flip``."""
    return np.flip(weight, axis=tuple(range(2, weight.ndim))) if problem.flip else weight


def _cells(problem: Problem) -> list[Span]:
    """The cells that hold samples: those of the input, and of the padding where an edge mode repeats samples there."""
    if problem.padding_mode not in FOLDED:
        return list(whole(problem.spatial))
    sizes = zip(problem.windows, problem.spatial, strict=True)
    return [Span(-window.pad_lo, size + window.pad_hi) for window, size in sizes]


def _folded_back(cells: np.ndarray, data: list[Span], problem: Problem) -> np.ndarray:
    """Every cell's sum added to the sample that the cell repeats, axis after axis, in the order of the cells."""
    if problem.padding_mode not in FOLDED:
        return cells
    for axis, (span, size) in enumerate(zip(data, problem.spatial, strict=True), start=1):
        table = np.asarray(fold_table(span, size, problem.padding_mode), np.intp)
        repeats = table != OUTSIDE
        samples = np.zeros((size, *np.moveaxis(cells, axis, 0).shape[1:]), cells.dtype)
        np.add.at(samples, table[repeats], np.moveaxis(cells, axis, 0)[repeats])
        cells = np.moveaxis(samples, 0, axis)
    return cells
