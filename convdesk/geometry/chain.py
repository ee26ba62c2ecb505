# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains of windows: what a tile demands from every layer, and how far a unit sees.

Composition alone is not enough for tiles. Zero padding at layer 2 pads layer 1's *output*, so a pull-back has to clip
at every layer and hand each one the padding that this very tile meets. A tile is then the same convolution with other
padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from convdesk.geometry.span import Box, Span
from convdesk.geometry.window import Window


@dataclass(frozen=True, slots=True)
class Demand:
    """What a tile needs from one layer's input on one axis.

    ``read`` lies inside the input; ``pad_lo`` and ``pad_hi`` are the padding cells that *this tile* meets on either
    side.
    """

    read: Span
    pad_lo: int
    pad_hi: int


def demand(window: Window, size: int, out: Span) -> Demand:
    """What the outputs ``out`` need from an axis of ``size`` inputs: what exists of it, and the padding around."""
    hull = window.reads(out)
    read = hull & Span(0, size)
    if not len(read):
        # All padding: the side does not matter to zeros, and keeping the sum keeps the tile's output size.
        return Demand(Span(0, 0), len(hull), 0)
    return Demand(read, read.start - hull.start, hull.stop - read.stop)


def demands(windows: Sequence[Window], sizes: Sequence[int], out: Span) -> list[Demand]:
    """Pull ``out`` back through a chain on one axis.

    Parameters
    ----------
    windows
        First layer first.
    sizes
        Size of each layer's *input* on this axis, as many as windows.
    out
        Outputs of the last layer.

    Returns
    -------
    list of Demand
        One per layer, in the order of ``windows``: ``demands(...)[0].read`` is what to read from the source.
    """
    found: list[Demand] = []
    for window, size in zip(reversed(windows), reversed(sizes), strict=True):
        found.append(demand(window, size, out))
        out = found[-1].read
    return found[::-1]


def sizes_through(windows: Iterable[Window], size: int) -> list[int]:
    """Sizes along one axis: the input's, then each layer's output."""
    sizes = [size]
    for window in windows:
        sizes.append(window.out_size(sizes[-1]))
    return sizes


def compose(windows: Iterable[Window]) -> Window:
    """The window of a whole chain on one axis; ``Window(1)`` for an empty one."""
    return reduce(Window.then, windows, Window(1))


def pull_back(windows: Sequence[Window], out: Span) -> list[Span]:
    """Receptive field of ``out`` in front of every layer, unclipped; the first entry is the field in the source."""
    fields: list[Span] = []
    for window in reversed(windows):
        out = window.reads(out)
        fields.append(out)
    return fields[::-1]


def push_forward(windows: Sequence[Window], sizes: Sequence[int], read: Span) -> list[Span]:
    """Projective field of the inputs ``read`` behind every layer, clipped to the outputs that exist.

    ``sizes`` are those of :func:`sizes_through`: one more than there are windows.
    """
    fields: list[Span] = []
    for window, size in zip(windows, sizes[1:], strict=True):
        read = window.reached_by(read) & Span(0, size)
        fields.append(read)
    return fields


def clean(windows: Sequence[Window], sizes: Sequence[int]) -> list[Span]:
    """Outputs of every layer on one axis that no padding touches, directly or through earlier layers."""
    settled = Span(0, sizes[0])
    found: list[Span] = []
    for window, size in zip(windows, sizes[1:], strict=True):
        settled = window.settled_by(settled) & Span(0, size)
        found.append(settled)
    return found


def receptive_field(axes: Sequence[Sequence[Window]], unit: Sequence[int]) -> Box:
    """Unclipped receptive field of one unit in n dimensions: ``axes[a]`` is the chain of windows on axis ``a``."""
    return tuple(compose(chain).reads(Span(at, at + 1)) for chain, at in zip(axes, unit, strict=True))
