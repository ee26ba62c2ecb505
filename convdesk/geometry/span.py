# SPDX-License-Identifier: GPL-3.0-or-later
"""Half-open integer intervals, and boxes made of one per axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open integer interval ``[start, stop)`` in one array axis' own coordinates.

    A span with ``stop <= start`` is empty. Coordinates may be negative: padding lies there.
    """

    start: int
    stop: int

    def __len__(self) -> int:
        return max(0, self.stop - self.start)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.stop))

    def __and__(self, other: Span) -> Span:
        """Intersection; empty spans start where they would have begun."""
        start = max(self.start, other.start)
        return Span(start, max(start, min(self.stop, other.stop)))

    def __or__(self, other: Span) -> Span:
        """Hull: the smallest span that holds both. An empty span adds nothing."""
        if not len(self):
            return other
        if not len(other):
            return self
        return Span(min(self.start, other.start), max(self.stop, other.stop))

    def __contains__(self, other: object) -> bool:
        if isinstance(other, Span):
            return len(other) == 0 or (self.start <= other.start and other.stop <= self.stop)
        return isinstance(other, int) and self.start <= other < self.stop

    def shift(self, by: int) -> Span:
        """The same span, moved."""
        return Span(self.start + by, self.stop + by)

    @property
    def slice(self) -> slice:
        """The span as an index of an array that begins at 0."""
        return slice(self.start, max(self.start, self.stop))


Box = tuple[Span, ...]


def box_shape(box: Box) -> tuple[int, ...]:
    """Sizes of a box along its axes."""
    return tuple(len(span) for span in box)


def whole(shape: Iterable[int]) -> Box:
    """The box that covers an array of this shape."""
    return tuple(Span(0, size) for size in shape)


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Fewest disjoint spans, in order, that cover exactly the same integers. Touching spans are joined."""
    merged: list[Span] = []
    for span in sorted(span for span in spans if len(span)):
        if merged and span.start <= merged[-1].stop:
            merged[-1] = merged[-1] | span
        else:
            merged.append(span)
    return tuple(merged)
