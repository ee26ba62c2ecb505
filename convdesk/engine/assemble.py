# SPDX-License-Identifier: GPL-3.0-or-later
"""Padded cells filled from the samples they repeat, for tiles at the edge under reflect, circular and the like."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from convdesk.geometry import Box, Span, fold, fold_table, merge


def gather(read: Callable[[Box], np.ndarray], box: Box, sizes: tuple[int, ...], mode: str) -> np.ndarray:
    """The cells ``box`` of an array that goes on beyond its edges.

    Parameters
    ----------
    read
        Gives ``(C, *box)`` for a box inside the array.
    box
        Cells wanted; may leave the array on any side.
    sizes
        Of the array's spatial axes.
    mode
        An edge mode that repeats samples: not "zeros", not "constant".

    Notes
    -----
    Only samples that some cell repeats are read: a few runs on each axis, and the boxes that they make.
    """
    if all(span in Span(0, size) for span, size in zip(box, sizes, strict=True)):
        return read(box)
    tables, runs = [], []
    for span, size in zip(box, sizes, strict=True):
        needed = merge(piece.source for piece in fold(span, size, mode) if piece.source is not None)
        runs.append(needed)
        starts = np.array([run.start for run in needed])
        offset = np.concatenate([[0], np.cumsum([len(run) for run in needed])[:-1]]) - starts
        table = np.array(fold_table(span, size, mode))
        tables.append(table + offset[np.searchsorted(starts, table, side="right") - 1])
    compact: np.ndarray | None = None
    edges = [np.cumsum([0, *(len(run) for run in needed)]) for needed in runs]
    for index in product(*(range(len(needed)) for needed in runs)):
        part = read(tuple(needed[i] for needed, i in zip(runs, index, strict=True)))
        if compact is None:
            compact = np.empty((part.shape[0], *(int(edge[-1]) for edge in edges)), part.dtype)
        place = tuple(slice(int(edge[i]), int(edge[i + 1])) for edge, i in zip(edges, index, strict=True))
        compact[(slice(None), *place)] = part
    assert compact is not None
    for axis, table in enumerate(tables, start=1):
        compact = np.take(compact, table, axis=axis)
    return compact
