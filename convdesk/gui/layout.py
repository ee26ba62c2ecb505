# SPDX-License-Identifier: GPL-3.0-or-later
"""Which regions stand where at which size. Qt-free: sizes in, an arrangement out. The stage never gives way."""

from __future__ import annotations

from dataclasses import dataclass

MINIMUM = (800, 560)
RAIL = 64


@dataclass(frozen=True)
class Arrangement:
    """The regions at one effective size (window ÷ scale); lengths are logical pixels.

    Attributes
    ----------
    panes : int
        1, 2 or 3 pictures on the stage.
    rail : bool
        The stack shows thumbnails and names only.
    drawer : bool
        The inspector is a drawer over the stage.
    line : bool
        The bench is one line.
    """

    panes: int
    rail: bool
    stack: int
    drawer: bool
    inspector: int
    line: bool
    bench: int
    cell: int


def arrange(width: float, height: float) -> Arrangement:
    """Return the arrangement for an effective width and height."""
    line = height < 640
    cell = 32
    bench = 268 if height >= 760 else 216
    if height >= 1200:
        cell = 58
        bench = 450
    elif height >= 960:
        cell = 42
        bench = 326
    return Arrangement(
        panes=3 if width >= 1700 else 2 if width >= 720 else 1,
        rail=width < 1280,
        stack=RAIL if width < 1280 else 264 if width >= 2200 else 224,
        drawer=width < 1024,
        inspector=380 if width >= 2200 else 304,
        line=line,
        bench=88 if line else bench,
        cell=cell,
    )
