# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: B905 (exported programs are to be short)
"""What an exported PyTorch program may need. Tensors are (C, *spatial)."""

import numpy as np
import torch
import torch.nn.functional as F


def pad(x, pads, mode="constant", value=0.0):
    """Grow every axis after the first by (lo, hi) samples."""
    room = {"reflect": -1, "circular": 0}.get(mode)
    if mode == "symmetric" or (room is not None and any(max(p) > n + room for p, n in zip(pads, x.shape[1:]))):
        named = {"circular": "wrap"}.get(mode, mode)  # torch has no such padding, NumPy has
        return torch.from_numpy(np.pad(x.numpy(), [(0, 0), *pads], named))
    sides = [side for pair in reversed(pads) for side in pair]
    return F.pad(x, sides, mode, value) if mode == "constant" else F.pad(x, sides, mode)


def avg_pool(pool, x, size, stride, pads, hang, count_padding=True):
    """Take the mean of each window; what hangs over the padding never counts, padding where it is told to."""
    counted = pad(torch.ones(1, *x.shape[1:]), pads, value=float(count_padding))
    x, counted = (pad(a, [(0, h) for h in hang]) for a in (pad(x, pads), counted))
    return pool(x, size, stride) / pool(counted, size, stride)
