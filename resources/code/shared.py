# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: B905 (exported programs are to be short)
"""What exported programs of every library may need."""


def overhang(sizes, size, stride, dilation, pads):
    """Count the samples after the padding that the last window reads when sizes are rounded up."""
    found = []
    for n, k, s, d, (lo, hi) in zip(sizes, size, stride, dilation, pads):
        room = n + lo + hi - d * (k - 1) - 1
        windows = -(-room // s) + 1
        if (windows - 1) * s >= n + lo:  # the last window has to begin inside the input or before it
            windows -= 1
        found.append(max(0, (windows - 1) * s - room))
    return found
