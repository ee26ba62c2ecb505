# SPDX-License-Identifier: GPL-3.0-or-later
"""The axes of a problem as the core wants them: always three, each with the table that its padding follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np

from convdesk.geometry import OUTSIDE, Span, Window, fold
from convdesk.network.problem import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One spatial axis: its window, and the sample behind each cell of the padded axis.

    Attributes
    ----------
    size, outputs
        Samples and outputs on the axis.
    origin
        Cell of sample 0, negative where padding crops.
    inner
        Cells ``[inner[0], inner[1])`` are the samples themselves: ``table[c] == c - origin`` there.
    table
        int64, one entry per cell: index of the sample, or -1 where there is none.
    """

    window: Window
    size: int
    outputs: int
    origin: int
    inner: tuple[int, int]
    table: np.ndarray

    @property
    def taps(self) -> int:
        """Taps of the window."""
        return self.window.kernel_size

    @property
    def stride(self) -> int:
        """Cells between the windows of neighbouring outputs."""
        return self.window.stride

    @property
    def dilation(self) -> int:
        """Cells between neighbouring taps."""
        return self.window.dilation


@lru_cache(maxsize=512)
def fold_cells(cells: Span, size: int, mode: str) -> np.ndarray:
    """Sample behind each of ``cells``: :func:`convdesk.geometry.fold_table`, piece by piece for long axes."""
    runs = [np.empty(0, np.int64)]
    for piece in fold(cells, size, mode):
        if piece.source is None or piece.step == 0:
            value = OUTSIDE if piece.source is None else piece.source.start
            runs.append(np.full(len(piece.cells), value, np.int64))
        else:
            runs.append(np.arange(piece.source.start, piece.source.stop, dtype=np.int64)[:: piece.step])
    table = np.concatenate(runs)
    table.flags.writeable = False
    return table


def make_axis(window: Window, size: int, mode: str) -> Axis:
    """One axis. Its outputs read no cell beyond the table."""
    cells = Span(-window.pad_lo, size + window.pad_hi + window.overhang)
    samples = (cells & Span(0, size)).shift(window.pad_lo)
    inner = (samples.start, samples.stop) if len(samples) else (0, 0)
    return Axis(window, size, window.out_size(size), window.pad_lo, inner, fold_cells(cells, size, mode))


def three_axes(problem: Problem) -> tuple[Axis, Axis, Axis]:
    """Depth, rows and columns; an axis that the problem does not have is one tap on one sample."""
    missing = 3 - problem.ndim
    axes = [make_axis(Window(1), 1, "zeros")] * missing
    pairs = zip(problem.windows, problem.spatial, strict=True)
    axes += [make_axis(window, size, problem.padding_mode) for window, size in pairs]
    return axes[0], axes[1], axes[2]


def row_steps(axis: Axis) -> tuple[int, int]:
    """(rows_apart, row_hop) of a band: output rows so far apart have windows so many *window rows* apart.

    Rows ``dilation / gcd`` apart read the same rows of a dilated window, shifted by ``stride / gcd`` taps, so that what
    one of them loads serves the next. With fewer rows than that, every band is a single row.
    """
    common = gcd(axis.stride, axis.dilation)
    return max(1, min(axis.dilation // common, axis.outputs)), axis.stride // common
