# SPDX-License-Identifier: GPL-3.0-or-later
"""Cutting a box into tiles, nearest to a point first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from convdesk.errors import ParameterError
from convdesk.geometry.span import Box, Span


def tiles(box: Box, tile: Sequence[int], centre: Sequence[float] | None = None) -> list[Box]:
    """Tiles of at most ``tile`` cells per axis that cover ``box`` without overlap, anchored at multiples of the tile
    size.

    Anchoring at multiples makes the same tile the same box whatever the viewport, so that a cache can find it again.
    With ``centre`` given, tiles come nearest first (distance between centres), which is the order a person looks.
    """
    if len(tile) != len(box) or min(tile, default=1) < 1:
        raise ParameterError(f"tile: got {tuple(tile)}, expected {len(box)} sizes of at least 1")
    axes: list[list[Span]] = []
    for span, size in zip(box, tile, strict=True):
        starts = range(span.start // size * size, span.stop, size) if len(span) else range(0)
        axes.append([Span(start, start + size) & span for start in starts])
    cut = list(product(*axes))
    if centre is not None:
        cut.sort(key=lambda one: sum(((s.start + s.stop) / 2 - c) ** 2 for s, c in zip(one, centre, strict=True)))
    return cut
