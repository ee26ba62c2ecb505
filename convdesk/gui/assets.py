# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files that ship with ConvDesk are."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def folder(name: str) -> Traversable:
    """Return a folder of the resources: ``icons``, ``fonts``, ``samples`` …"""
    return files("convdesk_resources").joinpath(name)
