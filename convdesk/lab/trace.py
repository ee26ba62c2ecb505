# SPDX-License-Identifier: GPL-3.0-or-later
"""What made this number: the field of one unit in every earlier layer, and the winners of the pools between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from convdesk.engine.pipeline import Pipeline
from convdesk.geometry import Box, Span, Window, compose
from convdesk.media.source import Source
from convdesk.network.layers import Conv, MaxPool
from convdesk.network.stack import Stage, axis_windows, fields, unit_box

Position = tuple[int, ...]
MANY = 4096
"""Units followed through pools; a field with more of them shows no winners."""


@dataclass(frozen=True)
class Trace:
    """Everything that one output unit reads.

    Attributes
    ----------
    unit
        ``(channel, *position)`` in the traced layer's output.
    fields
        Box read in the input (named "") and in every layer's output up to the traced one, whose own box is the unit.
        Not clipped: padding has coordinates too.
    clipped
        The same, clipped to what exists.
    taps
        Per axis, the coordinates that the unit reads in its layer's input; more than one apart under dilation.
    winners
        Positions in the source, as ``(row, column)`` or however many axes there are, behind the maximum of each pool
        window in the field: the middle of what that maximum reads. Empty without a max pool.
    """

    unit: Position
    fields: dict[str, Box]
    clipped: dict[str, Box]
    taps: tuple[tuple[int, ...], ...]
    winners: list[tuple[float, ...]] = field(default_factory=list)


def trace(source: Source, stages: Sequence[Stage], unit: Position) -> Trace:
    """Trace ``unit`` of the last stage.

    Parameters
    ----------
    unit
        ``(channel, *position)``, inside the output.
    """
    names = ["", *(stage.layer.name for stage in stages)]
    sizes = [source.spatial, *(stage.out_spatial for stage in stages)]
    box = unit_box(unit[1:])
    boxes = [*fields(stages, box), box]
    clipped = {
        name: tuple(span & Span(0, size) for span, size in zip(one, shape, strict=True))
        for name, one, shape in zip(names, boxes, sizes, strict=True)
    }
    last = next((stage for stage in reversed(stages) if stage.layer.enabled), None)
    windows = last.windows if last is not None else (Window(1),) * len(box)
    taps = tuple(tuple(window.taps(at)) for window, at in zip(windows, unit[1:], strict=True))
    found = winners(source, stages, unit)
    return Trace(unit, dict(zip(names, boxes, strict=True)), clipped, taps, found)


def winners(source: Source, stages: Sequence[Stage], unit: Position) -> list[tuple[float, ...]]:
    """Where, in the source, the maxima lie that the unit reads through the last max pool before it (or its own)."""
    pool = max(
        (at for at, stage in enumerate(stages) if stage.layer.enabled and isinstance(stage.layer, MaxPool)), default=-1
    )
    between = stages[pool + 1 :]
    if pool < 0 or any(isinstance(stage.layer, Conv) and stage.in_channels > 1 for stage in between):
        return []
    channel = 0 if any(isinstance(stage.layer, Conv) for stage in between) else unit[0]
    reached = [_reached(axis_windows(between, axis), at) for axis, at in enumerate(unit[1:])]
    stage = stages[pool]
    exist = [[at for at in axis if 0 <= at < size] for axis, size in zip(reached, stage.out_spatial, strict=True)]
    if not all(exist) or np.prod([len(axis) for axis in exist]) > MANY:
        return []
    read = tuple(
        window.reads(Span(axis[0], axis[-1] + 1)) & Span(0, size)
        for window, axis, size in zip(stage.windows, exist, stage.in_spatial, strict=True)
    )
    values = Pipeline(source, stages[:pool]).evaluate(read, channels=(channel,))[0]
    before = [compose(axis_windows(stages[:pool], axis)) for axis in range(len(read))]
    found: list[tuple[float, ...]] = []
    for position in np.ndindex(*(len(axis) for axis in exist)):
        at = _winner(values, stage.windows, read, [axis[i] for axis, i in zip(exist, position, strict=True)])
        if at is not None:
            spans = [window.reads(Span(i, i + 1)) for window, i in zip(before, at, strict=True)]
            found.append(tuple((span.start + span.stop) / 2 for span in spans))
    return found


def _reached(windows: Sequence[Window], at: int) -> list[int]:
    """Every coordinate that unit ``at`` reads in front of a chain, tap by tap, sorted."""
    found = {at}
    for window in reversed(windows):
        found = {tap for one in found for tap in window.taps(one)}
    return sorted(found)


def _winner(values: np.ndarray, windows: Sequence[Window], read: Box, unit: Sequence[int]) -> list[int] | None:
    """Position of the first maximum of one pool window, in the pool's input; None for a window of padding alone."""
    taps = [
        [tap for tap in window.taps(at) if tap in span] for window, at, span in zip(windows, unit, read, strict=True)
    ]
    if not all(taps):
        return None
    part = values[np.ix_(*[[tap - span.start for tap in axis] for axis, span in zip(taps, read, strict=True)])]
    best = np.unravel_index(int(np.argmax(part)), part.shape)
    return [axis[int(i)] for axis, i in zip(taps, best, strict=True)]
