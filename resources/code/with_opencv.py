# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: B905 (exported programs are to be short)
"""What an exported OpenCV program may need. Arrays are (C, H, W); sums are formed in float64."""

import cv2
import numpy as np


def pad(x, pads, mode="constant", value=0.0):
    """Grow rows and columns by (lo, hi) samples."""
    options = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x, [(0, 0), *pads], mode, **options)


def spread(kernel, dilation):
    """Put dilation - 1 zeros between the taps of a kernel."""
    wide = np.zeros([d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation)], kernel.dtype)
    wide[:: dilation[0], :: dilation[1]] = kernel
    return wide


def correlate_same(x, kernel, stride, dilation, border):
    """Slide one kernel of odd extent over every channel, keeping the size; OpenCV pads."""
    wide = spread(kernel, dilation).astype(np.float64)
    planes = [cv2.filter2D(plane.astype(np.float64), cv2.CV_64F, wide, borderType=border) for plane in x]
    return np.stack(planes)[:, :: stride[0], :: stride[1]].astype(np.float32)


def correlate(x, kernel, stride, dilation):
    """Slide one kernel over every channel, where it fits."""
    wide = spread(kernel, dilation).astype(np.float64)
    rows, columns = (n - e + 1 for n, e in zip(x.shape[1:], wide.shape))
    planes = [cv2.filter2D(plane.astype(np.float64), cv2.CV_64F, wide, anchor=(0, 0)) for plane in x]
    return np.stack(planes)[:, : rows : stride[0], : columns : stride[1]].astype(np.float32)


def conv(x, weight, stride, dilation, groups=1):
    """Slide kernels and sum over channels; weight is (C_out, C_in / groups, *kernel_size)."""
    results = []
    for kernels, channels in zip(np.split(weight, groups), np.split(x.astype(np.float64), groups)):
        for kernel in kernels:
            results.append(sum(correlate(c[None], k, stride, dilation) for c, k in zip(channels, kernel)))
    return np.concatenate(results)


def max_pool(x, size, stride, dilation, pads):
    """Take the largest value of each window; padding never wins."""
    footprint = spread(np.ones(size, np.uint8), dilation)
    x = pad(x, pads, value=-np.inf)
    rows, columns = (n - e + 1 for n, e in zip(x.shape[1:], footprint.shape))
    planes = [cv2.dilate(np.ascontiguousarray(plane), footprint, anchor=(0, 0)) for plane in x]
    return np.stack(planes)[:, : rows : stride[0], : columns : stride[1]]


def avg_pool(x, size, stride, pads, hang, count_padding=True):
    """Take the mean of each window; what hangs over the padding never counts, padding where it is told to."""
    ones, dense = np.ones(size), (1, 1)
    counted = pad(np.ones((1, *x.shape[1:]), x.dtype), pads, value=float(count_padding))
    x, counted = (pad(a, [(0, h) for h in hang]) for a in (pad(x, pads), counted))
    return correlate(x, ones, stride, dense) / correlate(counted, ones, stride, dense)
