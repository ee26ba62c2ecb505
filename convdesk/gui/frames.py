# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a layer's output lies on the input: its own scale of coordinates, made of its reach. Qt-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convdesk.network.stack import Reach


@dataclass(frozen=True)
class Frame:
    """Per axis: source = jump · here + shift, in pixel edges, so that a unit's centre lies on its field's."""

    jump: tuple[float, ...]
    shift: tuple[float, ...]

    @classmethod
    def of(cls, reach: Reach | None, ndim: int) -> Frame:
        """The frame of a layer's output; without a reach, the source's own."""
        if reach is None:
            return cls((1.0,) * ndim, (0.0,) * ndim)
        axes = zip(reach.size, reach.jump, reach.offset, strict=True)
        return cls(tuple(map(float, reach.jump)), tuple(offset + (size - jump) / 2 for size, jump, offset in axes))

    def to_source(self, edge: Sequence[float]) -> tuple[float, ...]:
        """A point here, as a point of the source."""
        return tuple(j * p + s for p, j, s in zip(edge, self.jump, self.shift, strict=True))

    def from_source(self, edge: Sequence[float]) -> tuple[float, ...]:
        """A point of the source, as a point here."""
        return tuple((p - s) / j for p, j, s in zip(edge, self.jump, self.shift, strict=True))

    def seen_from(self, other: Frame) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Scale and offset per axis with which a point of ``other`` becomes a point here."""
        axes = range(len(self.jump))
        return (
            tuple(other.jump[a] / self.jump[a] for a in axes),
            tuple((other.shift[a] - self.shift[a]) / self.jump[a] for a in axes),
        )

    def unit_at(self, source: Sequence[int], spatial: Sequence[int]) -> tuple[int, ...]:
        """The unit here whose field's centre is nearest to a sample of the source, inside the output."""
        at = self.from_source([p + 0.5 for p in source])
        return tuple(min(max(int(p // 1), 0), n - 1) for p, n in zip(at, spatial, strict=True))

    def sample_at(self, unit: Sequence[int], spatial: Sequence[int]) -> tuple[int, ...]:
        """The sample of the source at the centre of a unit's field, inside the source."""
        at = self.to_source([p + 0.5 for p in unit])
        return tuple(min(max(int(p // 1), 0), n - 1) for p, n in zip(at, spatial, strict=True))
