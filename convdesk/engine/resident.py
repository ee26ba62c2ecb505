# SPDX-License-Identifier: GPL-3.0-or-later
"""The samples of the source that a zoomed-out view reads, without the gaps between them.

They are worth keeping: an edit of the kernel reads the very same ones again.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from convdesk.geometry import OUTSIDE, Span, Window, fold_table


@dataclass(frozen=True)
class Compact:
    """The same outputs from an array without gaps.

    Attributes
    ----------
    index
        Per axis, the source samples to take, in order.
    windows
        What slides over the taken samples; stride is the extent where there were gaps.
    key
        Equal for equal indices: what was taken can be found again.
    """

    index: tuple[np.ndarray, ...]
    windows: tuple[Window, ...]
    key: Hashable


def compact(
    windows: Sequence[Window], counts: Sequence[int], sizes: Sequence[int], mode: str, repeats: bool
) -> Compact | None:
    """Close the gaps of windows that stand further apart than they are wide; None when there are none to close.

    Parameters
    ----------
    windows, counts
        Per axis, the window of output 0 onwards, and how many outputs.
    sizes
        Of the source's axes.
    mode, repeats
        The edge mode, and whether it repeats samples; otherwise cells beyond the edge stay padding.
    """
    if not any(window.stride > window.extent for window in windows):
        return None
    axes = [_axis(w, n, size, mode, repeats) for w, n, size in zip(windows, counts, sizes, strict=True)]
    key = (mode if repeats else "", tuple(zip(windows, counts, strict=True)))
    return Compact(tuple(index for index, _ in axes), tuple(window for _, window in axes), key)


def _axis(window: Window, count: int, size: int, mode: str, repeats: bool) -> tuple[np.ndarray, Window]:
    hull = window.reads(Span(0, count))
    cells, stride = np.arange(hull.start, hull.stop), window.stride
    if window.stride > window.extent:
        starts = np.arange(count) * window.stride + hull.start
        cells, stride = (starts[:, None] + np.arange(window.extent)).reshape(-1), window.extent
    lo = hi = over = 0
    if repeats:
        table = np.array(fold_table(hull, size, mode))
        taken = table[cells - hull.start]
    else:
        inside = (cells >= 0) & (cells < size)
        taken = cells[inside]
        lo = int((cells < 0).sum()) if taken.size else len(cells)
        hi = len(cells) - lo - len(taken)
        # what only ceil_mode reads stays overhang: no divisor counts it
        over = min(hi, int((cells >= size + max(0, window.pad_hi)).sum())) if window.overhang else 0
    assert not repeats or OUTSIDE not in taken
    return taken, Window(window.kernel_size, stride, window.dilation, lo, hi - over, over)
