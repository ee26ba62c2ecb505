# SPDX-License-Identifier: GPL-3.0-or-later
"""The padding around a picture: how wide, and what its cells hold. Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from convdesk.desk import Desk
from convdesk.geometry import OUTSIDE, source_index
from convdesk.network.layers import AvgPool, MaxPool

from .pane import Subject

Sides = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Ring:
    """Widths ``((top, bottom), (left, right))`` and what a padded cell holds (None where that is not one number)."""

    padding: Sides
    value: Callable[[int, int], float | None] | float | None
    key: object


def ring_around(desk: Desk, chosen: str, subject: Subject, value_at: Callable[[int, int], Any]) -> Ring | None:
    """The padding that the chosen layer's outputs read beyond a picture; None when there is none."""
    shape = desk.shape_of(chosen)
    if shape is None:
        return None
    first = desk.trace((0, *(0 for _ in shape[1])), chosen).fields.get(subject.layer)
    last = desk.trace((0, *(n - 1 for n in shape[1])), chosen).fields.get(subject.layer)
    if first is None or last is None:
        return None
    sides = tuple(
        (max(0, -first[axis].start), max(0, last[axis].stop - subject.spatial[axis])) for axis in subject.axes
    )
    if not any(any(pair) for pair in sides):
        return None
    layer = desk.state.layer(chosen)
    if subject.layer != desk.input_of(chosen):
        return Ring(sides, None, "deep")  # type: ignore[arg-type]
    if isinstance(layer, MaxPool | AvgPool):
        return Ring(sides, None, layer.kind)  # type: ignore[arg-type]
    if layer.mode in ("zeros", "constant"):
        return Ring(sides, layer.fill, (layer.mode, layer.fill))  # type: ignore[arg-type]

    def repeated(row: int, col: int) -> float | None:
        at = [source_index(p, n, layer.mode) for p, n in zip((row, col), subject.shape, strict=True)]
        value = value_at(at[0], at[1]) if OUTSIDE not in at else layer.fill
        return None if value is None or getattr(value, "ndim", 0) else float(value)

    return Ring(sides, repeated, layer.mode)  # type: ignore[arg-type]
