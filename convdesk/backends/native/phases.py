# SPDX-License-Identifier: GPL-3.0-or-later
"""The gradient of a convolution by its input, taken apart into convolutions of stride 1.

Forward, output o reads cell o*s + t*d of the padded axis with tap t; so cell c gets weight[t] * grad[o] wherever
c - t*d = o*s. The taps of a cell are those that agree with it modulo s. The cells of one residue, a *phase*, are the
outputs of a convolution of the gradient, with stride 1 and the phase's taps, last one first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from convdesk.backends.native.axes import fold_cells
from convdesk.geometry import Span, Window

FOLDED = ("replicate", "reflect", "symmetric", "circular")
"""Edge modes whose cells repeat a sample, so that they have a gradient to give back."""


@dataclass(frozen=True, slots=True, eq=False)
class Phase:
    """Every s-th cell of an axis: a window of stride 1 on the gradient, and the taps of the weight that it has."""

    window: Window
    taps: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PhasedAxis:
    """One axis of the gradient by the input.

    Attributes
    ----------
    phases
        Those that have taps; all have the same number of outputs.
    length
        Outputs of a phase.
    start, cell, phase
        Sample i of the axis is the sum of the cells ``start[i] … start[i + 1]``; cell j of them is output ``cell[j]``
        of phase ``phase[j]``.
    """

    phases: tuple[Phase, ...]
    length: int
    start: np.ndarray
    cell: np.ndarray
    phase: np.ndarray

    @property
    def plain(self) -> bool:
        """Whether the only phase's outputs are the samples themselves."""
        samples = np.arange(len(self.start))
        whole = len(self.phases) == 1 and self.length == len(self.cell) == len(samples) - 1
        return whole and np.array_equal(self.start, samples) and np.array_equal(self.cell, samples[:-1])


def phased_axis(window: Window, size: int, mode: str, flip: bool) -> PhasedAxis:
    """The phases of one axis of ``size`` samples, as the forward layer's window and edge mode make them."""
    folded = mode in FOLDED
    cells = Span(0, size + window.pad_lo + window.pad_hi) if folded else Span(window.pad_lo, window.pad_lo + size)
    length = -(-len(cells) // window.stride)
    found: dict[int, Phase] = {}
    for residue in range(min(window.stride, len(cells))):
        at = cells.start + residue
        taps = [tap for tap in range(window.kernel_size) if (at - tap * window.dilation) % window.stride == 0]
        if taps:
            found[residue] = _phase(window, window.out_size(size), at, length, taps, flip)
    samples = fold_cells(cells.shift(-window.pad_lo), size, mode) if folded else np.arange(size, dtype=np.int64)
    ordinal = np.full(window.stride, -1, np.int64)
    ordinal[list(found)] = np.arange(len(found))
    numbers = np.arange(len(samples), dtype=np.int64)
    phase = ordinal[numbers % window.stride]
    used = np.flatnonzero((phase >= 0) & (samples >= 0))
    used = used[np.argsort(samples[used], kind="stable")]
    start = np.searchsorted(samples[used], np.arange(size + 1)).astype(np.int64)
    return PhasedAxis(tuple(found.values()), length, start, numbers[used] // window.stride, phase[used])


def _phase(window: Window, outputs: int, cell: int, length: int, taps: list[int], flip: bool) -> Phase:
    """The phase that begins at ``cell``: taps ``stride / gcd`` apart, which read gradients ``dilation / gcd`` apart."""
    step = window.dilation // gcd(window.stride, window.dilation)
    reach = step * (len(taps) - 1)
    lo = reach - (cell - taps[0] * window.dilation) // window.stride
    order = [window.kernel_size - 1 - tap for tap in taps] if flip else taps
    return Phase(Window(len(taps), 1, step, lo, length + reach - outputs - lo), tuple(reversed(order)))
