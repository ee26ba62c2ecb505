# SPDX-License-Identifier: GPL-3.0-or-later
"""A backend written for a protocol that this ConvDesk does not speak."""


class Future:
    """Says so, and has nothing else."""

    name = "future"
    protocol_version = 99
