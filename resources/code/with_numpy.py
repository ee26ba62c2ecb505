# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: B905 (exported programs are to be short)
"""What an exported NumPy program may need.

Arrays are (C, *spatial); sizes, strides and dilations have one int per spatial axis.
"""

import functools

import numpy as np


def pad(x, pads, mode="constant", value=0.0):
    """Grow every axis after the first by (lo, hi) samples."""
    options = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x, [(0, 0), *pads], mode, **options)


def taps(x, size, stride, dilation):
    """Yield the index of every tap with the samples of x that it meets, one for each place of the kernel."""
    counts = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[1:], size, stride, dilation)]
    for tap in np.ndindex(*size):
        places = [slice(t * d, t * d + s * (n - 1) + 1, s) for t, d, s, n in zip(tap, dilation, stride, counts)]
        yield tap, x[(slice(None), *places)]


def correlate(x, kernel, stride, dilation):
    """Slide one kernel over every channel."""
    return sum(kernel[tap] * part for tap, part in taps(x, kernel.shape, stride, dilation))


def conv(x, weight, stride, dilation, groups=1):
    """Slide kernels and sum over channels; weight is (C_out, C_in / groups, *kernel_size)."""
    results = []
    for kernels, channels in zip(np.split(weight, groups), np.split(x, groups)):
        parts = taps(channels, weight.shape[2:], stride, dilation)
        results.append(sum(np.tensordot(kernels[(slice(None), slice(None), *tap)], part, 1) for tap, part in parts))
    return np.concatenate(results)


def max_pool(x, size, stride, dilation, pads):
    """Take the largest value of each window; padding never wins."""
    parts = taps(pad(x, pads, value=-np.inf), size, stride, dilation)
    return functools.reduce(np.maximum, (part for _, part in parts))


def avg_pool(x, size, stride, pads, hang, count_padding=True):
    """Take the mean of each window; what hangs over the padding never counts, padding where it is told to."""
    ones = (1,) * len(size)
    counted = pad(np.ones((1, *x.shape[1:]), x.dtype), pads, value=float(count_padding))
    x, counted = (pad(pad(a, p), [(0, h) for h in hang]) for a, p in ((x, pads), (counted, [(0, 0)] * len(size))))
    total = sum(part for _, part in taps(x, size, stride, ones))
    return total / sum(part for _, part in taps(counted, size, stride, ones))
