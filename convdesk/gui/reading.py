# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known about the one number that is questioned: made once, shown by every panel alike. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass

from convdesk.desk import Desk
from convdesk.document.state import INPUT
from convdesk.geometry import Box, Span
from convdesk.lab.ledger import Terms
from convdesk.lab.trace import Trace

from .frames import Frame


@dataclass(frozen=True)
class Reading:
    """One output unit, explained.

    Attributes
    ----------
    layer, unit
        The layer and ``(channel, *position)``.
    trace, terms
        What it reads everywhere, and its arithmetic.
    signed
        Whether the layer is shown on a map that has a sign, so that numbers carry theirs.
    channel
        What the unit's channel is called, ``R`` or ``channel 3``; nothing where the layer has only one.
    sample, sample_value
        The position of the source in the middle of its field, and the value there.
    """

    layer: str
    unit: tuple[int, ...]
    trace: Trace
    terms: Terms
    sample: tuple[int, ...]
    sample_value: float
    signed: bool = False
    channel: str = ""

    @property
    def value(self) -> float:
        """The number itself."""
        return self.terms.result

    @property
    def dilated(self) -> bool:
        """Whether its taps have gaps between them."""
        return any(len(axis) > 1 and axis[1] - axis[0] > 1 for axis in self.trace.taps)

    def box_of(self, unit: tuple[int, ...]) -> Box:
        """The box of another unit of the same layer."""
        return tuple(Span(at, at + 1) for at in unit[1:])


def read(desk: Desk, unit: tuple[int, ...]) -> Reading | None:
    """Question a unit ``(channel, *position)`` of the chosen layer; None when there is nothing to be asked."""
    layer = desk.state.chosen
    shape = desk.shape_of(layer)
    if shape is None or layer == INPUT or desk.source is None or len(unit) != len(shape[1]) + 1:
        return None
    if not all(0 <= at < size for at, size in zip(unit, (shape[0], *shape[1]), strict=True)):
        return None
    spatial = desk.source.spatial
    sample = Frame.of(desk.reach(layer), len(spatial)).sample_at(unit[1:], spatial)
    channel = min(unit[0], desk.source.channels - 1)
    value = float(desk.source.read([(at, at + 1) for at in sample])[channel].item())
    signed = desk.display(layer).map == "tide"
    words = ""
    if shape[0] > 1:
        coloured = shape[0] == 3 and desk.source.kind == "image" and desk.source.channels == 3
        words = "RGB"[unit[0]] if coloured else f"channel {unit[0]}"
    return Reading(layer, unit, desk.trace(unit), desk.terms(unit), sample, value, signed, words)
