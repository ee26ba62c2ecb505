# SPDX-License-Identifier: GPL-3.0-or-later
"""The locally connected layer, the definition: a convolution whose every output position has a weight of its own."""

from __future__ import annotations

import numpy as np

from convdesk.backends.numpy.conv import WIDER, over_cells
from convdesk.backends.numpy.taps import padded, taps
from convdesk.backends.protocol import Operands
from convdesk.geometry import whole
from convdesk.network.problem import Problem


def local_conv(problem: Problem, args: Operands, out: np.ndarray) -> None:
    """Compute ``out``, ``(N, C_out, *out_spatial)``, from a weight ``(C_out, C, *kernel_size, *out_spatial)``.

    Summed over taps in row-major order and over channels inside, as a convolution is.
    """
    wide = WIDER[problem.dtype]
    weight = np.asarray(args.weight)
    x, data = padded(args.x, problem.windows, problem.padding_mode, args.fill)
    served = list(taps(problem.windows, data, whole(problem.out_spatial)))
    for image in range(problem.batch):
        total = np.zeros(problem.out_shape[1:], wide)
        for tap, written, read in served:
            for channel in range(problem.channels):
                factor = weight[(slice(None), channel, *tap, *written)].astype(wide)
                total[(..., *written)] += factor * x[(image, channel, *read)]
        if args.bias is not None and problem.bias:
            total += over_cells(np.asarray(args.bias).astype(wide), problem.ndim)
        out[image] = total
