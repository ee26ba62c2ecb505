# SPDX-License-Identifier: GPL-3.0-or-later
"""The problems that every backend is checked on: chosen edges first, then seeded random ones. A name is all there is
to one.

``operands`` makes the arrays of a problem from its name alone, so that a failure is repeated by pasting the name.
"""

from __future__ import annotations

import random
import zlib
from math import prod

import numpy as np

from convdesk.backends.protocol import Operands
from convdesk.geometry import MODES, Window, ceil_overhang
from convdesk.network.problem import DTYPES, OPERATORS, Problem

CHOSEN = (
    # what a desk does: one image, one kernel, every edge mode
    "conv2d:fwd:f32:n1c1x33x47:o1k3x3p1+1x1+1",
    "conv2d:fwd:f32:n3c1x33x47:o1k5x5p2+2x2+2:reflect",
    "conv2d:fwd:f32:n1c1x20x70:o1k4x6p1+2x2+3:replicate:bias",
    "conv2d:fwd:f32:n1c1x20x70:o1k7x7p3+3x3+3:symmetric:flip",
    "conv2d:fwd:f32:n1c1x20x70:o1k3x9p1+1x4+4:circular",
    "conv2d:fwd:f32:n1c1x20x70:o1k3x3p1+1x1+1:constant",
    "conv2d:fwd:f32:n1c1x40x150:o1k11x11p5+5x5+5",
    "conv2d:fwd:f64:n1c1x40x50:o1k5x5p2+2x2+2:flip",
    # layers: few and many channels, groups, depthwise, strides, dilations, 1×1
    "conv2d:fwd:f32:n1c3x24x31:o16k7x7s2x2p3+3x3+3:bias",
    "conv2d:fwd:f32:n2c16x13x14:o33k3x3p1+1x1+1:bias",
    "conv2d:fwd:f32:n1c24x9x11:o20k1x1:bias",
    "conv2d:fwd:f32:n1c12x15x17:o12k3x3p1+1x1+1:g12",
    "conv2d:fwd:f32:n1c8x15x17:o24k3x3s2x1p1+1x1+1:g4:bias",
    "conv2d:fwd:f32:n1c4x30x31:o5k3x3d4x3p4+4x3+3",
    "conv2d:fwd:f64:n2c5x12x13:o7k3x2s3x2d2x1p2+1x0+1:bias",
    "conv2d:fwd:f64:n1c6x9x9:o4k3x3p1+1x1+1:g2:flip",
    # large enough to be cut into blocks and spread over threads
    "conv2d:fwd:f32:n1c8x96x130:o16k3x3p1+1x1+1:bias",
    "conv2d:fwd:f32:n1c1x300x400:o1k7x7p3+3x3+3:reflect",
    "max_pool2d:fwd:f32:n1c3x300x401:k3x3s2x2p1+1x1+1:idx",
    # signals and volumes
    "conv1d:fwd:f32:n1c1x301:o1k31p15+15",
    "conv1d:fwd:f32:n2c8x100:o8k5d2p4+4:g8:reflect:flip:bias",
    "conv1d:fwd:f64:n1c3x64:o4k2s2",
    "conv3d:fwd:f32:n1c2x6x9x11:o3k3x3x3p1+1x1+1x1+1:bias",
    "conv3d:fwd:f32:n1c1x7x8x20:o1k2x3x5s1x2x1p0+1x1+1x2+2:circular",
    "conv3d:fwd:f64:n1c4x5x5x5:o4k3x1x3d1x1x2p1+1x0+0x2+2:g2",
    # sizes at their limits: one sample, kernels larger than the input, only padding, cropping, strides past the end
    "conv2d:fwd:f32:n1c1x1x1:o1k1x1",
    "conv2d:fwd:f32:n1c2x1x1:o3k3x3p1+1x1+1:bias",
    "conv2d:fwd:f32:n1c1x3x2:o1k7x7p6+6x6+6:reflect",
    "conv1d:fwd:f32:n1c1x2:o1k3p9+9:symmetric",
    "conv2d:fwd:f32:n1c1x4x5:o2k2x2p5+5x5+5:bias",
    "conv2d:fwd:f32:n1c2x9x9:o2k3x3p-2+-1x-1+0",
    "conv1d:fwd:f32:n1c1x10:o1k3s20p0+1",
    "conv2d:fwd:f32:n0c2x8x8:o2k3x3",
    "conv1d:fwd:f32:n1c1x0:o2k3p2+2:bias",
    # pools: overlap, padding, overhang, dilation, indices, every divisor
    "max_pool2d:fwd:f32:n2c3x21x34:k2x2s2x2",
    "max_pool2d:fwd:f32:n1c4x17x19:k3x3s2x2p1+1x1+1:idx",
    "max_pool2d:fwd:f64:n1c2x16x18:k3x2s1x2d2x3p1+1x0+1:idx",
    "max_pool1d:fwd:f32:n1c2x50:k4s3p2+2v1:idx",
    "max_pool3d:fwd:f32:n1c2x6x7x8:k2x3x2s2x2x2v0x1x0:idx",
    "max_pool2d:fwd:f32:n1c1x1x1:k1x1:idx",
    "max_pool2d:fwd:f32:n1c1x40x41:k7x7p3+3x3+3",
    "max_pool2d:fwd:i64:n1c2x9x9:k3x3s2x2:idx",
    "avg_pool2d:fwd:f32:n2c3x21x34:k2x2s2x2",
    "avg_pool2d:fwd:f32:n1c2x11x12:k3x3s2x2p1+1x1+1:dataonly",
    "avg_pool2d:fwd:f32:n1c2x10x13:k3x3s2x2p1+1x0+1v1x0",
    "avg_pool2d:fwd:f64:n1c2x10x10:k4x3s3x3:div7",
    "avg_pool1d:fwd:f32:n2c2x31:k5s2p2+2",
    "avg_pool1d:fwd:f32:n2c3x41:k4s4",
    "avg_pool3d:fwd:f64:n1c2x5x6x7:k2x2x3s2x1x2p1+1x0+1x1+0:dataonly",
    # gradients: every edge mode, groups, strides with gaps, padding beyond the input, an empty batch; with a bias the
    # one by the input is the transposed convolution
    "conv2d:grad_input:f32:n1c1x20x31:o1k3x3p1+1x1+1",
    "conv2d:grad_input:f32:n2c3x13x14:o8k3x3p1+1x1+1",
    "conv2d:grad_input:f32:n1c6x12x15:o9k4x3s2x3d1x2p1+2x0+1:g3:bias",
    "conv2d:grad_input:f32:n1c16x9x11:o12k2x2s2x2:bias",
    "conv2d:grad_input:f64:n1c2x9x10:o3k3x3p2+2x2+2:reflect:flip",
    "conv2d:grad_input:f32:n1c2x5x4:o3k3x5p9+1x0+7:symmetric",
    "conv2d:grad_input:f32:n1c2x8x7:o3k5x3s2x1p3+2x1+4:circular",
    "conv2d:grad_input:f32:n1c2x8x7:o2k3x3p2+1x0+3:g2:replicate",
    "conv2d:grad_input:f32:n1c2x8x7:o2k3x3p2+1x0+3:constant",
    "conv1d:grad_input:f64:n2c4x50:o4k5s3d2p4+4:g4",
    "conv1d:grad_input:f32:n1c1x20:o1k2s5p0+-3",
    "conv3d:grad_input:f32:n1c2x5x6x9:o3k3x2x3s1x2x1p1+1x0+1x1+1",
    "conv2d:grad_weight:f32:n1c1x20x31:o1k3x3p1+1x1+1",
    "conv2d:grad_weight:f32:n2c3x13x14:o8k3x3p1+1x1+1",
    "conv2d:grad_weight:f32:n2c6x12x15:o9k4x3s2x3d1x2p1+2x0+1:g3",
    "conv2d:grad_weight:f64:n1c2x9x10:o3k3x3p2+2x2+2:reflect:flip",
    "conv2d:grad_weight:f32:n1c2x8x7:o2k3x3p2+1x0+3:constant",
    "conv2d:grad_weight:f32:n0c2x8x8:o2k3x3",
    "conv1d:grad_weight:f64:n2c4x50:o4k5s3d2p4+4:g4:circular",
    "conv3d:grad_weight:f32:n1c2x5x6x9:o3k3x2x3s1x2x1p1+1x0+1x1+1",
    # untied weights
    "local_conv1d:fwd:f32:n2c3x31:o4k5s2p2+2:bias",
    "local_conv2d:fwd:f32:n1c2x11x13:o3k3x3p1+1x1+1",
    "local_conv2d:fwd:f64:n2c3x9x8:o2k2x3s2x1d1x2p0+1x2+0:bias",
    "local_conv3d:fwd:f32:n1c2x4x5x6:o2k2x2x3p1+0x0+0x1+1",
    # templates: every step, channels, edges
    "match1d:fwd:f32:n1c1x200:k21:pearson",
    "match2d:fwd:f32:n1c1x40x51:k7x8:none",
    "match2d:fwd:f32:n1c1x40x51:k7x8:center",
    "match2d:fwd:f32:n1c1x40x51:k7x8:cosine",
    "match2d:fwd:f32:n1c1x40x51:k7x8:pearson",
    "match2d:fwd:f32:n1c3x22x31:k5x4p2+2x1+2:pearson",
    "match2d:fwd:f64:n1c3x22x31:k5x4p4+4x3+3:reflect:pearson",
    "match2d:fwd:f64:n1c1x12x13:k3x3p1+1x1+1:constant:center",
    "match2d:fwd:f32:n1c1x9x9:k1x1:pearson",
    "match3d:fwd:f32:n1c1x8x9x10:k3x2x4:pearson",
    # the other pools
    "min_pool2d:fwd:f32:n1c4x17x19:k3x3s2x2p1+1x1+1:idx",
    "min_pool1d:fwd:f64:n2c2x50:k4s3p2+2v1",
    "min_pool3d:fwd:i64:n1c2x6x7x8:k2x3x2s2x2x2:idx",
    "lp_pool2d:fwd:f32:n1c2x12x13:k3x2s2x2v1x1:norm2.0",
    "lp_pool1d:fwd:f64:n2c2x30:k4:norm3.0",
    "lp_pool3d:fwd:f32:n1c2x5x6x7:k2x2x2s2x2x2:norm1.0",
    "adaptive_max_pool2d:fwd:f32:n2c3x11x13:a4x5:idx",
    "adaptive_max_pool1d:fwd:f64:n1c2x10:a17",
    "adaptive_max_pool3d:fwd:f32:n1c2x5x6x7:a1x1x1:idx",
    "adaptive_avg_pool2d:fwd:f32:n2c3x11x13:a4x5",
    "adaptive_avg_pool2d:fwd:f64:n1c8x14x14:a1x1",
    "adaptive_avg_pool3d:fwd:f32:n1c2x5x6x7:a3x6x2",
    # the way back through pools
    "max_pool2d:grad_input:f32:n2c3x21x34:k2x2s2x2",
    "max_pool2d:grad_input:f64:n1c2x16x18:k3x2s1x2d2x3p1+1x0+1",
    "max_pool1d:grad_input:f32:n1c2x9:k1p0+40",
    "max_pool2d:unpool:f32:n2c3x21x34:k2x2s2x2",
    "max_pool3d:unpool:i64:n1c2x6x7x8:k2x3x2s2x2x2",
    "avg_pool2d:grad_input:f32:n2c3x21x34:k2x2s2x2",
    "avg_pool2d:grad_input:f32:n1c2x11x12:k3x3s2x2p1+1x1+1:dataonly",
    "avg_pool2d:grad_input:f32:n1c2x10x13:k3x3s2x2p1+1x0+1v1x0",
    "avg_pool2d:grad_input:f64:n1c2x10x10:k4x3s3x3:div7",
    "avg_pool1d:grad_input:f64:n1c2x33:k5s2p2+2",
)

DRAWN = (
    *[("conv", "fwd")] * 6, ("conv", "grad_input"), ("conv", "grad_weight"),
    ("max_pool", "fwd"), ("max_pool", "fwd"), ("max_pool", "grad_input"), ("max_pool", "unpool"),
    ("avg_pool", "fwd"), ("avg_pool", "fwd"), ("avg_pool", "grad_input"),
)  # fmt: skip
"""What random problems are drawn from."""


def problem_names(random_count: int = 40, seed: int = 2026) -> list[str]:
    """Names of the chosen problems and of ``random_count`` random ones, always the same for a seed."""
    rng = random.Random(seed)
    return [*CHOSEN, *(random_problem(rng).name for _ in range(random_count))]


def random_problem(rng: random.Random) -> Problem:
    """A small problem with something in the output."""
    while True:
        problem = _draw(rng)
        if 0 not in problem.out_shape:
            return problem


def _draw(rng: random.Random) -> Problem:
    op, direction = rng.choice(DRAWN)
    ndim = rng.choice((1, 2, 2, 3))
    most = {1: 90, 2: 26, 3: 9}[ndim]
    spatial = tuple(rng.randint(1, most) for _ in range(ndim))
    windows = tuple(_window(rng, op, size) for size in spatial)
    dtype, batch = rng.choice(("f32", "f32", "f64")), rng.choice((1, 1, 2))
    if op != "conv":
        return Problem(
            op, dtype, batch, rng.randint(1, 5), spatial, windows, direction=direction,
            indices=op == "max_pool" and direction == "fwd" and rng.random() < 0.5,
            count_pad=op == "max_pool" or rng.random() < 0.5,
            divisor=3 if op == "avg_pool" and rng.random() < 0.2 else 0,
        )  # fmt: skip
    groups = rng.choice((1, 1, 2, 3))
    return Problem(
        op, dtype, batch, groups * rng.randint(1, 5), spatial, windows, out_channels=groups * rng.randint(1, 9),
        groups=groups, padding_mode=rng.choice(("zeros", *MODES)), flip=rng.random() < 0.3,
        bias=rng.random() < 0.5 and direction != "grad_weight", direction=direction,
    )  # fmt: skip


def _window(rng: random.Random, op: str, size: int) -> Window:
    taps, stride, dilation = rng.randint(1, 5), rng.choice((1, 1, 2, 3)), rng.choice((1, 1, 1, 2))
    if op == "conv":
        most = dilation * (taps - 1) + 1
        return Window(taps, stride, dilation, rng.randint(0, most), rng.randint(0, most))
    dilation = dilation if op == "max_pool" else 1
    most = (dilation * (taps - 1) + 1) // 2
    window = Window(taps, stride, dilation, rng.randint(0, most), rng.randint(0, most))
    hang = ceil_overhang(window, size) if rng.random() < 0.4 else 0
    return Window(taps, stride, dilation, window.pad_lo, window.pad_hi, hang)


def generator(problem: Problem, purpose: str) -> np.random.Generator:
    """Random numbers that follow from a problem's name and what they are for."""
    return np.random.default_rng(zlib.crc32(f"{problem.name} {purpose}".encode()))


def operands(problem: Problem, kind: str) -> Operands:
    """Arrays of a problem.

    Parameters
    ----------
    problem
        Any.
    kind
        "integers": whole numbers so small that every sum is exact. "floats": normal ones, of mixed magnitude.
    """
    rng = generator(problem, kind)
    dtype = np.dtype(DTYPES[problem.dtype])

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        if kind == "integers" or dtype.kind != "f":
            return rng.integers(-4, 5, shape).astype(dtype)
        return (rng.standard_normal(shape) * 10.0 ** rng.integers(-2, 3, shape)).astype(dtype)

    weighted = OPERATORS[problem.op].weighted and problem.direction != "grad_weight"
    x = None if problem.direction in ("grad_input", "unpool") else draw(problem.in_shape)
    if problem.op == "match" and x is not None:
        x[..., : problem.spatial[-1] // 2] = 3  # flat windows
    if problem.op == "lp_pool" and x is not None:
        x = np.abs(x)  # the root of a negative sum is NaN
    bias = draw(problem.bias_shape) if problem.bias else None
    weight = draw(problem.weight_shape) if weighted else None
    grad = draw(problem.out_shape) if problem.direction != "fwd" else None
    indices = None
    if grad is not None and problem.op == "max_pool":  # any place may win, and more than once
        indices = rng.integers(0, max(1, prod(problem.spatial)), problem.out_shape)
    return Operands(x, weight, bias, 3.0 if problem.padding_mode == "constant" else 0.0, grad, indices)
