# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies beyond the edge of an array: the six edge modes, on one axis.

Reflections and the circular mode fold as often as needed, so padding may be wider than the array.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from convdesk.errors import ParameterError
from convdesk.geometry.span import Span

MODES = ("zeros", "constant", "replicate", "reflect", "symmetric", "circular")
OUTSIDE = -1
"""Source index of a cell that repeats no sample: zeros and constant padding."""


def check_mode(mode: str) -> str:
    """Return ``mode``, or raise ParameterError naming the six modes there are."""
    if mode not in MODES:
        raise ParameterError(f"edge mode: got {mode!r}, expected one of {', '.join(MODES)}")
    return mode


def source_index(at: int, size: int, mode: str) -> int:
    """Index of the sample that cell ``at`` of the endless padded axis repeats, or OUTSIDE.

    Examples
    --------
    >>> [source_index(at, 4, "reflect") for at in range(-2, 6)]
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    if 0 <= at < size:
        return at
    if mode in ("zeros", "constant") or size == 0:
        return OUTSIDE
    if mode == "replicate":
        return 0 if at < 0 else size - 1
    if mode == "circular":
        return at % size
    if mode == "symmetric":
        at %= 2 * size
        return at if at < size else 2 * size - 1 - at
    if size == 1:  # a single sample has no neighbour to reflect: it repeats
        return 0
    at %= 2 * (size - 1)
    return at if at < size else 2 * (size - 1) - at


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of cells of the padded axis, and the samples it repeats.

    ``step`` is +1 where samples run forward, -1 where they run backward (a reflection), 0 where one sample repeats.
    ``source`` is the span of samples used, always forward; None where the cells repeat no sample.
    """

    cells: Span
    source: Span | None
    step: int


def fold(span: Span, size: int, mode: str) -> tuple[Piece, ...]:
    """Describe the cells ``span`` of an axis of ``size`` samples as pieces of the source, in order.

    Examples
    --------
    >>> [(p.cells, p.source, p.step) for p in fold(Span(-2, 3), 5, "reflect")]
    [(Span(start=-2, stop=0), Span(start=1, stop=3), -1), (Span(start=0, stop=3), Span(start=0, stop=3), 1)]
    """
    return tuple(_pieces(span, size, check_mode(mode)))


def _pieces(span: Span, size: int, mode: str) -> Iterator[Piece]:
    at = span.start
    while at < span.stop:
        inside = 0 <= at < size
        first = source_index(at, size, mode)
        if inside:
            stop = min(span.stop, size)
        elif first == OUTSIDE or mode == "replicate" or size == 1:
            # one side of the array, whole: nothing there, or one sample again and again
            stop = span.stop if at >= size or size == 0 else min(span.stop, 0)
        else:
            stop = at + _run(at, size, mode)
            stop = min(stop, span.stop, 0 if at < 0 else stop)
        if first == OUTSIDE:
            yield Piece(Span(at, stop), None, 0)
        else:
            last = source_index(stop - 1, size, mode)
            step = 1 if inside else (last > first) - (last < first)
            step = step or (1 if stop - at == 1 and size > 1 and mode != "replicate" else step)
            yield Piece(Span(at, stop), Span(min(first, last), max(first, last) + 1), step)
        at = stop


def _run(at: int, size: int, mode: str) -> int:
    """Cells from ``at`` on, outside the array, until the samples change direction or jump."""
    if mode in ("circular", "symmetric"):
        return size - at % size
    return (size - 1) - at % (size - 1)


def fold_table(span: Span, size: int, mode: str) -> list[int]:
    """Source index of every cell of ``span``, OUTSIDE where there is none: the table that kernels follow."""
    table: list[int] = []
    for piece in fold(span, size, mode):
        if piece.source is None:
            table.extend([OUTSIDE] * len(piece.cells))
        elif piece.step == 0:
            table.extend([piece.source.start] * len(piece.cells))
        else:
            table.extend(piece.source if piece.step > 0 else range(piece.source.stop - 1, piece.source.start - 1, -1))
    return table
