# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that one picture of the stage can show over its data, made once, moved and hidden together."""

from __future__ import annotations

from collections.abc import Sequence

from .canvas.overlays import Key, Outline, Pin, RubberBand, Tag, Winners
from .canvas.view import Canvas

BoxF = tuple[float, float, float, float]


class Overlays:
    """Field, taps, unit, words, winners, pin, rubber band and key of a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.field = Outline(canvas, "field", fill=True)
        self.taps = Outline(canvas, "field", line=1.0, z=18)
        self.tag = Tag(canvas, "field")
        self.winners = Winners(canvas)
        self.pin = Pin(canvas)
        self.band = RubberBand(canvas)
        self.key = Key(canvas)

    def show_field(
        self, box: BoxF | None, words: str, taps: Sequence[BoxF] = (), winners: Sequence[Sequence[float]] = ()
    ) -> None:
        """Show what is read: a box, its single taps, the winners in it, and say something at it; None hides all."""
        self.field.set_box(box)
        self.taps.set_boxes(taps if box is not None else ())
        self.tag.place(words if box is not None else "", box or (0, 0, 0, 0))
        points = winners if box is not None else ()
        self.winners.set_points([p[0] for p in points], [p[1] for p in points])
        focus = None if box is None else (int(box[0]), int(box[1]), int(box[2]), int(box[3]))
        self.canvas.set_ring_focus(focus)

    def show_key(self, roles: Sequence[str]) -> None:
        """List what is on screen."""
        if list(roles) != self.key.items():
            self.key.set_items(roles)

    def clear(self) -> None:
        """Show nothing."""
        self.show_field(None, "")
        self.pin.set_unit(None)
        self.show_key(())
