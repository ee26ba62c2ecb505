# SPDX-License-Identifier: GPL-3.0-or-later
"""A display range depends on what is shown, never on which tile happened to arrive first."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from convdesk.document.state import Range
from convdesk.engine.scheduler import TileResult
from convdesk.geometry import Span
from convdesk.lab.ranges import Ranges


def tile(pane: str, rows: Span, values: list[float], done: int, total: int) -> TileResult:
    """A tile of the layer ``f``."""
    array = np.array([[values]], np.float32)
    return TileResult(pane, 0, "f", (rows, Span(0, len(values))), (1, 1), None, array, "", 0.0, "", done, total)


def shown(ranges: Ranges) -> Range:
    """The range in force."""
    return ranges.display("f", None, None, 1).range


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_tiles_and_thumbnail_may_come_in_any_order(order: tuple[int, ...]) -> None:
    views = {0: (Span(0, 1), [0.0, 3.0]), 1: (Span(1, 2), [0.0, 9.0]), 2: None}
    ranges, done = Ranges(), 0
    for which in order:
        if which == 2:
            ranges.note(tile("thumb:f", Span(0, 2), [0.0, 700.0], 1, 1), glance=True)
        else:
            done += 1
            ranges.note(tile("output", *views[which], done, 2))
        shown(ranges)  # as the window does with every tile
    assert shown(ranges) == Range(0.0, 10.0)


def test_a_layer_that_nobody_looks_at_has_its_thumbnail() -> None:
    ranges = Ranges()
    ranges.note(tile("thumb:f", Span(0, 2), [0.0, 700.0], 1, 1), glance=True)
    assert shown(ranges) == Range(0.0, 800.0)


def test_a_settled_range_stays() -> None:
    ranges = Ranges()
    ranges.note(tile("output", Span(0, 1), [0.0, 9.0], 1, 1))
    assert shown(ranges) == Range(0.0, 10.0)
    ranges.note(tile("output", Span(0, 1), [0.0, 9.0, 10.0, 11.0, 9.0, 8.0, 7.0, 6.0], 1, 1))
    assert shown(ranges) == Range(0.0, 10.0)
