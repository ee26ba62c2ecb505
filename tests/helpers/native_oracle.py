# SPDX-License-Identifier: GPL-3.0-or-later
"""Random problems for the native routines, and the NumPy reference to judge them by.

NumPy and hypothesis alone, so that the tests that use it also run with the sanitizers' runtime loaded first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from convdesk import threads
from convdesk.backends.native import NativeBackend
from convdesk.backends.numpy import NumpyBackend
from convdesk.backends.protocol import Operands
from convdesk.geometry import Window, ceil_overhang
from convdesk.network.problem import DTYPES, Problem

ROUTINES = {item.name: item for item in NativeBackend().implementations()}
REFERENCE = NumpyBackend().implementations()[0]
UNIT = {"f32": 2.0**-24, "f64": 2.0**-53}
LONGEST = {1: 120, 2: 30, 3: 9}
TAPS = {1: 9, 2: 5, 3: 3}


def run(routine: Any, problem: Problem, args: Operands, count: int = 1) -> tuple[np.ndarray, ...]:
    """Results on ``count`` threads, from outputs and scratch that held rubbish before."""
    assert routine.refuse(problem) is None
    dtype = np.dtype(DTYPES[problem.dtype])
    outs = [np.full(problem.result_shape, np.nan if dtype.kind == "f" else 77, dtype)]
    outs += [np.full(problem.result_shape, -7, np.int64)] if problem.indices else []
    before = threads.get_threads()
    threads.set_threads(count)
    try:
        scratch = np.full(routine.cost(problem).scratch_bytes, 255, np.uint8)
        routine.run(problem, args, tuple(outs) if problem.indices else outs[0], scratch)
    finally:
        threads.set_threads(before)
    return tuple(outs)


def exactly_the_reference(problem: Problem, args: Operands) -> int:
    """Compare every native routine that takes the problem with the reference by ``==``, and 1 thread with 3."""
    wanted, ran = run(REFERENCE, problem, args), 0
    for routine in ROUTINES.values():
        if routine.refuse(problem) is not None:
            continue
        ran += 1
        got = run(routine, problem, args)
        for one, other in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=f"{routine.name} {problem.name}")
        same_bits(got, run(routine, problem, args, 3))
    return ran


def same_bits(got: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> None:
    """Two results are the same to the last bit."""
    assert [one.tobytes() for one in got] == [one.tobytes() for one in other]


@st.composite
def conv_axes(draw: st.DrawFn) -> tuple[tuple[Window, ...], tuple[int, ...]]:
    """Windows that pad or crop either side, with strides and dilations, and axes on which they fit."""
    found, spatial = [], []
    ndim = draw(st.sampled_from((1, 2, 2, 3)))
    for _ in range(ndim):
        window = Window(
            draw(st.integers(1, TAPS[ndim])), draw(st.sampled_from((1, 1, 1, 2, 3, 5))),
            draw(st.sampled_from((1, 1, 1, 2, 3))), draw(st.integers(-2, 6)), draw(st.integers(-2, 6)),
        )  # fmt: skip
        cropped = max(0, -window.pad_lo) + max(0, -window.pad_hi)
        least = max(window.extent - window.pad_lo - window.pad_hi, cropped + 1)
        found.append(window)
        spatial.append(draw(st.integers(least, least + LONGEST[ndim])))
    return tuple(found), tuple(spatial)


@st.composite
def pool_axes(draw: st.DrawFn) -> tuple[tuple[Window, ...], tuple[int, ...]]:
    """Windows as the public pools make them: symmetric padding of up to half, and the overhang of ceil_mode."""
    found, spatial = [], []
    ndim = draw(st.sampled_from((1, 2, 2, 3)))
    for _ in range(ndim):
        taps, stride = draw(st.integers(1, TAPS[ndim])), draw(st.integers(1, 4))
        dilation = draw(st.sampled_from((1, 1, 2)))
        pad = draw(st.integers(0, (dilation * (taps - 1) + 1) // 2))
        window = Window(taps, stride, dilation, pad, pad)
        least = max(1, window.extent - 2 * pad)
        size = draw(st.integers(least, least + LONGEST[ndim]))
        overhang = ceil_overhang(window, size) if draw(st.booleans()) else 0
        found.append(Window(taps, stride, dilation, pad, pad, overhang))
        spatial.append(size)
    return tuple(found), tuple(spatial)


def operands(problem: Problem, seed: int, whole: bool = True) -> Operands:
    """Small integers, whose sums are exact in any order, or floats; in one memory layout or another."""
    rng, dtype = np.random.default_rng(seed), np.dtype(DTYPES[problem.dtype])

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        values = rng.integers(0 if dtype.kind == "u" else -4, 5, shape) if whole else rng.standard_normal(shape)
        return laid_out(values.astype(dtype), seed)

    weight = np.ascontiguousarray(draw(problem.weight_shape)) if problem.weight_shape else None
    bias = np.ascontiguousarray(draw(problem.bias_shape)) if problem.bias else None
    indices = None
    if problem.op == "max_pool" and problem.direction != "fwd":
        indices = rng.integers(0, int(np.prod(problem.spatial)), problem.out_shape)
    return Operands(draw(problem.in_shape), weight, bias, 2.0, draw(problem.out_shape), indices)


def laid_out(values: np.ndarray, seed: int) -> np.ndarray:
    """The same values, contiguous, reversed, transposed or apart in memory."""
    if seed % 4 == 1:
        return np.ascontiguousarray(values[..., ::-1])[..., ::-1]
    if seed % 4 == 2:
        return np.asfortranarray(values)
    if seed % 4 == 3:
        wide = np.zeros((*values.shape[:-1], 2 * values.shape[-1]), values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    return values
