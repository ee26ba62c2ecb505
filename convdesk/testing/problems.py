# SPDX-License-Identifier: GPL-3.0-or-later
"""The problems that every backend is checked on: chosen edges first, then seeded random ones. A name is all there is
to one.

``operands`` makes the arrays of a problem from its name alone, so that a failure is repeated by pasting the name.
"""

from __future__ import annotations

import random
import zlib

import numpy as np

from convdesk.backends.protocol import Operands
from convdesk.geometry import MODES, Window, ceil_overhang
from convdesk.network.problem import DTYPES, Problem

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
)


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
    op = rng.choice(("conv", "conv", "conv", "max_pool", "avg_pool"))
    ndim = rng.choice((1, 2, 2, 3))
    most = {1: 90, 2: 26, 3: 9}[ndim]
    spatial = tuple(rng.randint(1, most) for _ in range(ndim))
    windows = tuple(_window(rng, op, size) for size in spatial)
    dtype, batch = rng.choice(("f32", "f32", "f64")), rng.choice((1, 1, 2))
    if op != "conv":
        return Problem(
            op, dtype, batch, rng.randint(1, 5), spatial, windows,
            indices=op == "max_pool" and rng.random() < 0.5,
            count_pad=op == "max_pool" or rng.random() < 0.5,
            divisor=3 if op == "avg_pool" and rng.random() < 0.2 else 0,
        )  # fmt: skip
    groups = rng.choice((1, 1, 2, 3))
    return Problem(
        op, dtype, batch, groups * rng.randint(1, 5), spatial, windows, out_channels=groups * rng.randint(1, 9),
        groups=groups, padding_mode=rng.choice(("zeros", *MODES)), flip=rng.random() < 0.3, bias=rng.random() < 0.5,
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

    x = draw(problem.in_shape)
    if problem.op != "conv":
        return Operands(x)
    bias = draw((problem.out_channels,)) if problem.bias else None
    return Operands(x, draw(problem.weight_shape), bias, 3.0 if problem.padding_mode == "constant" else 0.0)
