# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is predicted to take."""

from __future__ import annotations

from convdesk.backends.protocol import Cost

FLOPS_PER_SECOND = 5e9
BYTES_PER_SECOND = 5e9


def predicted_seconds(cost: Cost) -> float:
    """The seconds an implementation states; without them, those of a modest machine that overlaps nothing."""
    return cost.seconds or cost.flops / FLOPS_PER_SECOND + cost.bytes / BYTES_PER_SECOND
