# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: B905 (exported programs are to be short)
"""What an exported SciPy program may need.

Arrays are (C, *spatial); sizes, strides and dilations have one int per spatial axis.
"""

import numpy as np
from scipy import ndimage, signal


def pad(x, pads, mode="constant", value=0.0):
    """Grow every axis after the first by (lo, hi) samples."""
    options = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x, [(0, 0), *pads], mode, **options)


def spread(kernel, dilation):
    """Put dilation - 1 zeros between the taps of a kernel."""
    wide = np.zeros([d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation)], kernel.dtype)
    wide[tuple(slice(None, None, d) for d in dilation)] = kernel
    return wide


def every(x, stride):
    """Keep every stride-th sample of every axis after the first."""
    return x[(slice(None), *(slice(None, None, s) for s in stride))]


def correlate_same(x, kernel, stride, dilation, mode, value=0.0):
    """Slide one kernel of odd extent over every channel, keeping the size; SciPy pads."""
    return every(ndimage.correlate(x, spread(kernel, dilation)[None], mode=mode, cval=value), stride)


def correlate(x, kernel, stride, dilation):
    """Slide one kernel over every channel, where it fits."""
    wide = spread(kernel, dilation)
    return every(np.stack([signal.correlate(channel, wide, "valid", "direct") for channel in x]), stride)


def conv(x, weight, stride, dilation, groups=1):
    """Slide kernels and sum over channels; weight is (C_out, C_in / groups, *kernel_size)."""
    results = []
    for kernels, channels in zip(np.split(weight, groups), np.split(x, groups)):
        wide = [spread(kernel, (1, *dilation)) for kernel in kernels]
        results += [signal.correlate(channels, kernel, "valid", "direct") for kernel in wide]
    return every(np.concatenate(results), stride)


def max_pool(x, size, stride, dilation, pads):
    """Take the largest value of each window; padding never wins."""
    footprint = spread(np.ones(size, bool), dilation)
    x = pad(x, pads, value=-np.inf)
    found = ndimage.maximum_filter(x, footprint=footprint[None])  # every result stands at its window's middle
    middles = [slice(e // 2, e // 2 + n - e + 1, s) for n, e, s in zip(x.shape[1:], footprint.shape, stride)]
    return found[(slice(None), *middles)]


def avg_pool(x, size, stride, pads, hang, count_padding=True):
    """Take the mean of each window; what hangs over the padding never counts, padding where it is told to."""
    ones, dense = np.ones(size, x.dtype), (1,) * len(size)
    counted = pad(np.ones((1, *x.shape[1:]), x.dtype), pads, value=float(count_padding))
    x, counted = (pad(a, [(0, h) for h in hang]) for a in (pad(x, pads), counted))
    return correlate(x, ones, stride, dense) / correlate(counted, ones, stride, dense)
