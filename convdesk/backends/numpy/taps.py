# SPDX-License-Identifier: GPL-3.0-or-later
"""Which outputs one tap serves, and from where: the loops of the reference, turned inside out.

A kernel's tap is itself a window of one tap. The outputs that it serves from data are those that the data settles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from convdesk.geometry import AxisMap, Span, Window, fold_table

Index = tuple[Any, ...]
Served = tuple[tuple[int, ...], Index, Index]


def axis_taps(window: Window, data: Span, outs: Span) -> list[tuple[slice, slice]]:
    """For every tap of one axis: which of ``outs`` it serves (counted from ``outs.start``), and their inputs.

    ``data`` are the inputs that exist; taps that fall outside it serve nothing. Inputs count from ``data.start``.
    """
    served = []
    for tap in range(window.kernel_size):
        alone = Window(1, window.stride, 1, window.pad_lo - tap * window.dilation)
        fits = alone.settled_by(data) & outs
        read = alone.reads(fits).shift(-data.start)
        served.append((fits.shift(-outs.start).slice, slice(read.start, read.stop, window.stride)))
    return served


def taps(windows: Sequence[Window], data: Sequence[Span], outs: Sequence[Span]) -> Iterator[Served]:
    """Every tap that serves an output, in row-major order: (its index, the outputs, their inputs)."""
    axes = [axis_taps(window, there, out) for window, there, out in zip(windows, data, outs, strict=True)]
    for tap in product(*(range(window.kernel_size) for window in windows)):
        served = [axis[t] for axis, t in zip(axes, tap, strict=True)]
        if all(out.stop > out.start for out, _ in served):
            yield tap, tuple(out for out, _ in served), tuple(read for _, read in served)


def adaptive_taps(maps: Sequence[AxisMap], outs: Sequence[int]) -> Iterator[Served]:
    """Every tap of windows of unequal sizes, in row-major order; a narrow window has no more taps than cells."""
    axes = []
    for axis, count in zip(maps, outs, strict=True):
        spans = [axis.reads(Span(out, out + 1)) for out in range(count)]
        most = max((len(span) for span in spans), default=0)
        wide = [np.asarray([out for out, span in enumerate(spans) if len(span) > t], np.intp) for t in range(most)]
        axes.append([(at, np.asarray([spans[out].start + t for out in at], np.intp)) for t, at in enumerate(wide)])
    for tap in product(*(range(len(axis)) for axis in axes)):
        served = [axis[t] for axis, t in zip(axes, tap, strict=True)]
        yield tap, np.ix_(*(out for out, _ in served)), np.ix_(*(read for _, read in served))


def padded(x: np.ndarray, windows: Sequence[Window], mode: str, fill: float) -> tuple[np.ndarray, list[Span]]:
    """``x`` with the cells of its edge mode written out on the spatial axes, and the coordinates they have.

    Zeros are not written out: their taps are skipped, so that no weight there, not even a NaN, reaches an output.
    """
    sizes = x.shape[2:]
    if mode == "zeros":
        return x, [Span(0, size) for size in sizes]
    data = [Span(-window.pad_lo, size + window.pad_hi) for window, size in zip(windows, sizes, strict=True)]
    for axis, (span, size) in enumerate(zip(data, sizes, strict=True), start=2):
        table = np.asarray(fold_table(span, size, mode), dtype=np.intp)
        missing = table < 0
        if size == 0:
            x = np.zeros((*x.shape[:axis], len(table), *x.shape[axis + 1 :]), x.dtype)
        else:
            x = x.take(np.where(missing, 0, table), axis=axis)
        x[(slice(None),) * axis + (missing,)] = fill
    return x, data
