# SPDX-License-Identifier: GPL-3.0-or-later
"""Receptive-field geometry: pure integers, any number of axes. Every size, region and halo comes from here."""

from convdesk.geometry.boundary import MODES, OUTSIDE, Piece, check_mode, fold, fold_table, source_index
from convdesk.geometry.chain import (
    Demand,
    clean,
    compose,
    demand,
    demands,
    pull_back,
    push_forward,
    receptive_field,
    sizes_through,
)
from convdesk.geometry.maps import Adaptive, AxisMap, Transposed, Whole
from convdesk.geometry.padding import ceil_overhang, is_int, named_padding, per_axis, resolve_padding
from convdesk.geometry.span import Box, Span, box_shape, merge, whole
from convdesk.geometry.tiling import tiles
from convdesk.geometry.window import Window

__all__ = [
    "MODES",
    "OUTSIDE",
    "Adaptive",
    "AxisMap",
    "Box",
    "Demand",
    "Piece",
    "Span",
    "Transposed",
    "Whole",
    "Window",
    "box_shape",
    "ceil_overhang",
    "check_mode",
    "clean",
    "compose",
    "demand",
    "demands",
    "fold",
    "fold_table",
    "is_int",
    "merge",
    "named_padding",
    "per_axis",
    "pull_back",
    "push_forward",
    "receptive_field",
    "resolve_padding",
    "sizes_through",
    "source_index",
    "tiles",
    "whole",
]
