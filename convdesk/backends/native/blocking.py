# SPDX-License-Identifier: GPL-3.0-or-later
"""How a convolution is cut into blocks: sizes that fit the caches, and nothing that an output's bits depend on.

The words are those of ``extensions/csrc/convdesk.h``: items, bands, strips, staged rows, phases.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from convdesk.backends.native.axes import Axis, row_steps
from convdesk.network.problem import Problem

Axes = tuple[Axis, Axis, Axis]
Strip = tuple[int, int, int]

STAGED = 192 * 1024
"""Bytes of staged rows per worker: a part of the second-level cache, beside what is read and written."""
PLANE = 16 * 1024
"""Bytes of a staged channel up to which a direct band grows, so that fewer rows are staged twice: half the first-level
cache."""
SUMS = 96 * 1024
"""Bytes of sums that implicit GEMM keeps per worker until the last input channel."""
GEMM_TERMS = 1024
"""Taps of packed weights that are swept at a time, 64 bytes each: they stay in the second-level cache."""
WIDEST = 2048
"""Columns of a strip: 8 rows of input and 4 of output stay near the processor."""
PARTS = 32
"""Items that a weight's gradient is cut into at most by cutting the reduction."""
PART_POSITIONS = 2048
"""Positions that a part sums over at least: adding the lanes of its sums should cost little beside."""
PARTS_BYTES = 8 << 20
"""Bytes of the sums of all parts of a reduction."""
INNER = 96
"""Columns that must lie among the samples before reading the input itself pays for two more strips."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocking:
    """The numbers of ``cd_conv`` that are a choice, and the arrays that follow from it."""

    rows_apart: int
    row_hop: int
    band: int
    ic_chunk: int
    oc_part: int
    run: int
    strip: np.ndarray
    phase: np.ndarray
    column: np.ndarray


def _round_up(n: int, to: int) -> int:
    return -(-n // to) * to


def _phases(axis: Axis) -> list[int]:
    """Residues, modulo stride, of the cells that some tap reads."""
    return sorted({tap * axis.dilation % axis.stride for tap in range(min(axis.taps, axis.stride))})


def _phase_run(axis: Axis, columns: int, lanes: int) -> int:
    """Elements of one phase of a staged row: the columns in whole vectors, and what the last window reaches further."""
    reach = (axis.taps - 1) * axis.dilation // axis.stride
    return _round_up(_round_up(columns, lanes) + reach + 1, lanes)


def _columns(axis: Axis, phases: list[int], phase_run: int) -> np.ndarray:
    cells = np.arange(axis.taps, dtype=np.int64) * axis.dilation
    return np.searchsorted(phases, cells % axis.stride) * phase_run + cells // axis.stride


def _cut(first: int, last: int, width: int, to: int, staged: int) -> list[Strip]:
    """Strips of almost equal width, multiples of ``to`` except the last."""
    if first >= last:
        return []
    count = -(-(last - first) // width)
    each = _round_up(-(-(last - first) // count), to)
    return [(at, min(at + each, last), staged) for at in range(first, last, each)]


def _inner_columns(axis: Axis, lanes: int) -> tuple[int, int]:
    """Columns, in whole vectors, whose windows read samples only; (0, 0) unless neighbours are next to each other."""
    if axis.stride != 1:
        return 0, 0
    first = _round_up(max(0, axis.inner[0]), lanes)
    last = min(axis.inner[1] - axis.window.extent + 1, axis.outputs)
    return first, first + max(0, last - first) // lanes * lanes


def _assemble(axes: Axes, band: int, ic_chunk: int, oc_part: int, strips: list[Strip], lanes: int) -> Blocking:
    rows_apart, row_hop = row_steps(axes[1])
    phases = _phases(axes[2])
    run = _phase_run(axes[2], max((last - first for first, last, _ in strips), default=0), lanes)
    return Blocking(
        rows_apart, row_hop, band, ic_chunk, oc_part, run * len(phases),
        np.array(strips, np.int64).reshape(-1), np.array(phases, np.int64), _columns(axes[2], phases, run),
    )  # fmt: skip


class _Sizes:
    """Bytes of a staged channel for a band and a strip: the quantity that both blockings bound."""

    def __init__(self, problem: Problem, axes: Axes, lanes: int) -> None:
        self.axes, self.lanes, self.itemsize = axes, lanes, problem.itemsize
        self.apart, self.hop = row_steps(axes[1])
        self.rows = -(-axes[1].outputs // self.apart)

    def channel(self, band: int, columns: int) -> int:
        window_rows = (band - 1) * self.hop + self.axes[1].taps
        run = _phase_run(self.axes[2], columns, self.lanes) * len(_phases(self.axes[2]))
        return self.axes[0].taps * window_rows * run * self.itemsize

    def widest(self, band: int, columns: int, unit: int) -> int:
        """Columns of a strip, halved until one staged channel fits."""
        while columns > unit and self.channel(band, columns) > STAGED:
            columns = max(unit, columns // 2)
        return columns


def direct_blocking(problem: Problem, axes: Axes, lanes: int) -> Blocking:
    """Bands of a few blocks of 4 rows; strips that read the input itself wherever all cells are samples."""
    sizes = _Sizes(problem, axes, lanes)
    ic, oc = problem.channels // problem.groups, problem.out_channels // problem.groups
    band = max(1, min(sizes.rows, 16))
    outputs = axes[2].outputs
    columns = max(1, sizes.widest(band, min(outputs, WIDEST), 6 * lanes))
    while band < sizes.rows and sizes.channel(2 * band, columns) <= PLANE:
        band = min(2 * band, sizes.rows)
    first, last = _inner_columns(axes[2], lanes)
    if last - first < INNER:
        strips = _cut(0, outputs, columns, lanes, 1)
    else:
        edges = _cut(0, first, columns, lanes, 1), _cut(last, outputs, columns, lanes, 1)
        strips = edges[0] + _cut(first, last, columns, lanes, 0) + edges[1]
    chunk = max(1, min(ic, STAGED // sizes.channel(band, columns)))
    return _assemble(axes, band, chunk, max(1, oc), strips, lanes)


def igemm_blocking(problem: Problem, axes: Axes, lanes: int, block: int, threads: int) -> Blocking:
    """Strips and bands whose staged rows and sums stay in the second-level cache, enough of them for all threads."""
    sizes = _Sizes(problem, axes, lanes)
    ic, oc = problem.channels // problem.groups, _round_up(problem.out_channels // problem.groups, block)
    outputs = axes[2].outputs
    columns = max(1, sizes.widest(1, min(outputs, 120), 6))
    strips = _cut(0, outputs, columns, 6, 1)
    chunk = max(1, min(ic, GEMM_TERMS // prod(problem.kernel_size)))
    while chunk > 1 and chunk * sizes.channel(1, columns) > STAGED:
        chunk = (chunk + 1) // 2
    band = max(1, min(sizes.rows, 16))
    while band > 1 and (
        chunk * sizes.channel(band, columns) > STAGED or oc * band * columns * problem.itemsize > 4 * SUMS
    ):
        band -= 1
    part = oc
    while part > block and part * band * columns * problem.itemsize > SUMS:
        part = _round_up(part // 2, block)
    places = problem.batch * problem.groups * axes[0].outputs * sizes.apart * -(-sizes.rows // band) * len(strips)
    while part > block and places * -(-oc // part) < 4 * threads:
        part = _round_up(part // 2, block)
    return _assemble(axes, band, chunk, part, strips, lanes)


def staged_blocking(problem: Problem, axes: Axes, lanes: int) -> Blocking:
    """Bands and strips for kernels that always read staged rows: of local convolution."""
    sizes = _Sizes(problem, axes, lanes)
    band = max(1, min(sizes.rows, 8))
    columns = max(1, sizes.widest(band, min(axes[2].outputs, WIDEST), 4 * lanes))
    chunk = max(1, min(problem.channels, STAGED // sizes.channel(band, columns)))
    strips = _cut(0, axes[2].outputs, columns, lanes, 1)
    return _assemble(axes, band, chunk, max(1, problem.out_channels), strips, lanes)


def match_blocking(problem: Problem, axes: Axes, lanes: int) -> Blocking:
    """The same with all channels staged at once; the rows of a large template make that large."""
    sizes = _Sizes(problem, axes, lanes)
    band = max(1, min(sizes.rows, 16, max(4, axes[1].taps)))
    columns = max(1, min(axes[2].outputs, WIDEST))
    while columns > 6 * lanes and problem.channels * sizes.channel(band, columns) > 2 * STAGED:
        columns = max(6 * lanes, columns // 2)
    strips = _cut(0, axes[2].outputs, columns, lanes, 1)
    return _assemble(axes, band, max(1, problem.channels), 1, strips, lanes)


def grad_weight_blocking(problem: Problem, axes: Axes, lanes: int) -> tuple[Blocking, int]:
    """Blocks of channels whose sums stay in the second-level cache, and the number of parts of the reduction.

    Neither depends on threads: the order in which a weight's products are added follows from strips, bands and parts.
    """
    sizes, taps = _Sizes(problem, axes, lanes), prod(problem.kernel_size)
    ic, oc = max(1, problem.channels // problem.groups), max(1, problem.out_channels // problem.groups)
    room = max(1, SUMS // (taps * lanes * problem.itemsize))
    part = min(oc, 64, max(16, _round_up(128 // taps, 4)))
    while part > 4 and part > room:
        part = _round_up(part // 2, 4)
    columns = max(1, sizes.widest(1, min(axes[2].outputs, 512), 6 * lanes))
    chunk = max(1, min(ic, room // part))
    while chunk > 1 and chunk * sizes.channel(1, columns) > STAGED:
        chunk = (chunk + 1) // 2
    chunk, row = -(-ic // -(-ic // chunk)), _round_up(columns, lanes) * problem.itemsize
    input_row = sizes.channel(1, columns) // (axes[0].taps * axes[1].taps) * sizes.hop
    band, near = 1, max(1, 3 * PLANE // 2 // (4 * row + input_row))
    while band < min(sizes.rows, near) and (
        chunk * sizes.channel(band + 1, columns) + part * (band + 1) * row <= STAGED
    ):
        band += 1
    blocking = _assemble(axes, band, chunk, part, _cut(0, axes[2].outputs, columns, lanes, 1), lanes)
    places = problem.batch * axes[0].outputs * sizes.apart * -(-sizes.rows // band) * (len(blocking.strip) // 3)
    blocks = problem.groups * -(-oc // part) * -(-ic // chunk)
    bound = PARTS_BYTES // max(1, prod(problem.weight_shape) * problem.itemsize)
    positions = problem.batch * prod(problem.out_spatial)
    parts = min(PARTS // blocks, places, positions // PART_POSITIONS, bound)
    return blocking, max(1, parts)
