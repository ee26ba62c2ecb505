# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kernel of the compiled core against the NumPy reference. No other library is needed, so this file also runs
with the sanitizers' runtime loaded first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convdesk.backends.native import NativeBackend, blocking
from convdesk.backends.native import conv as native_conv
from convdesk.backends.native.core import load
from convdesk.backends.numpy import NumpyBackend
from convdesk.backends.protocol import Operands
from convdesk.geometry import MODES, Window, ceil_overhang
from convdesk.network.problem import Problem

pytestmark = pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there")
BACKEND = NativeBackend()
CONVS = BACKEND.implementations()[:2]
POOLS = [one for one in BACKEND.implementations() if one.name in ("native:max_pool", "native:avg_pool")]
REFERENCE = NumpyBackend().implementations()[0]
TYPES = {"f32": np.float32, "f64": np.float64}
LAYOUTS = ("plain", "reversed", "transposed", "every other", "broadcast")


def run(implementation: Any, problem: Problem, args: Operands, threads: int = 1) -> Any:
    """Compute with memory that holds NaN before, so that an output nobody writes is seen."""
    assert implementation.refuse(problem) is None
    out: Any = np.full(problem.out_shape, np.nan, TYPES[problem.dtype])
    if problem.indices:
        out = out, np.full(problem.out_shape, -7, np.int64)
    scratch = np.full(implementation.cost(problem).scratch_bytes, 255, np.uint8)
    implementation.run(problem, args, out, scratch)
    return out


def laid_out(values: np.ndarray, layout: str) -> np.ndarray:
    """The same shape in another memory layout; "broadcast" repeats the first column."""
    if layout == "reversed":
        return np.ascontiguousarray(values[..., ::-1])[..., ::-1]
    if layout == "transposed":
        return np.asfortranarray(values)
    if layout == "every other":
        wide = np.zeros((*values.shape[:-1], 2 * values.shape[-1]), values.dtype)
        wide[..., ::2] = values
        return wide[..., ::2]
    return np.broadcast_to(values[..., :1], values.shape) if layout == "broadcast" else values


def windows(draw: st.DrawFn, ndim: int, taps: int, longest: int) -> tuple[tuple[Window, ...], tuple[int, ...]]:
    """Windows that crop or pad either side, and axes on which they fit."""
    found, spatial = [], []
    for _ in range(ndim):
        window = Window(
            draw(st.integers(1, taps)),
            draw(st.sampled_from((1, 1, 1, 2, 3, 5))),
            draw(st.sampled_from((1, 1, 1, 2, 3))),
            draw(st.integers(-2, 6)),
            draw(st.integers(-2, 6)),
        )
        cropped = max(0, -window.pad_lo) + max(0, -window.pad_hi)
        least = max(window.extent - window.pad_lo - window.pad_hi, cropped + 1)
        found.append(window)
        spatial.append(draw(st.integers(least, least + longest)))
    return tuple(found), tuple(spatial)


@st.composite
def convolutions(draw: st.DrawFn) -> Problem:
    """One to three axes, long enough for the vector bodies, with every option there is."""
    ndim = draw(st.sampled_from((1, 2, 2, 3)))
    found, spatial = windows(draw, ndim, {1: 12, 2: 7, 3: 3}[ndim], {1: 250, 2: 60, 3: 8}[ndim])
    if ndim == 2 and draw(st.booleans()):  # wide enough to read the input itself
        spatial = (spatial[0] % 20 + found[0].extent + 4, spatial[1] + 130)
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    return Problem(
        "conv", draw(st.sampled_from(("f32", "f64"))), draw(st.integers(1, 2)), groups * draw(st.integers(1, 4)),
        spatial, found, out_channels=groups * draw(st.sampled_from((1, 2, 3, 7, 17))), groups=groups,
        padding_mode=draw(st.sampled_from(MODES)), flip=draw(st.booleans()), bias=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def pools(draw: st.DrawFn) -> Problem:
    """Pools of both kinds as the public functions make them, with the overhang of ceil_mode."""
    ndim = draw(st.sampled_from((1, 2, 2, 3)))
    op = draw(st.sampled_from(("max_pool", "avg_pool")))
    found, spatial = [], []
    for _ in range(ndim):
        taps, dilation = draw(st.integers(1, 6)), draw(st.sampled_from((1, 1, 2, 3)))
        pad = draw(st.integers(0, (dilation * (taps - 1) + 1) // 2))
        window = Window(taps, draw(st.integers(1, 4)), dilation, pad, pad)
        least = max(1, window.extent - 2 * pad)  # windows that hold no sample at all included
        size = draw(st.integers(least, least + {1: 200, 2: 60, 3: 9}[ndim]))
        overhang = ceil_overhang(window, size) if draw(st.booleans()) else 0
        found.append(Window(taps, window.stride, dilation, pad, pad, overhang))
        spatial.append(size)
    return Problem(
        op, draw(st.sampled_from(("f32", "f64"))), draw(st.integers(1, 2)), draw(st.integers(1, 3)), tuple(spatial),
        tuple(found), indices=op == "max_pool" and draw(st.booleans()), count_pad=draw(st.booleans()),
        divisor=draw(st.sampled_from((0, 0, 3))) if op == "avg_pool" else 0,
    )  # fmt: skip


def integers(problem: Problem, seed: int, layout: str = "plain") -> Operands:
    """Small integers: every sum is exact, in any order."""
    rng, dtype = np.random.default_rng(seed), TYPES[problem.dtype]
    x = laid_out(rng.integers(-4, 5, problem.in_shape).astype(dtype), layout)
    if problem.op != "conv":
        return Operands(x)
    weight = rng.integers(-3, 4, problem.weight_shape).astype(dtype)
    bias = rng.integers(-3, 4, problem.out_channels).astype(dtype) if problem.bias else None
    return Operands(x, weight, bias, 2.0)


def reference(problem: Problem, args: Operands) -> Any:
    """What the NumPy reference says."""
    out: Any = np.empty(problem.out_shape, TYPES[problem.dtype])
    if problem.indices:
        out = out, np.empty(problem.out_shape, np.int64)
    REFERENCE.run(problem, args, out, None)
    return out


@pytest.mark.parametrize("implementation", CONVS, ids=lambda one: one.name)
@given(problem=convolutions(), seed=st.integers(0, 2**31), layout=st.sampled_from(LAYOUTS))
def test_convolutions_are_exact_on_integers(implementation: Any, problem: Problem, seed: int, layout: str) -> None:
    args = integers(problem, seed, layout)
    assert np.array_equal(run(implementation, problem, args), reference(problem, args)), problem.name


@pytest.fixture
def tiny_caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Blocks so small that every loop over blocks is taken: channel chunks, strips, bands, parts."""
    native_conv.prepare_conv.cache_clear()
    for limit, small in (("STAGED", 2048), ("SUMS", 1024), ("GEMM_TERMS", 12), ("WIDEST", 40), ("INNER", 8)):
        monkeypatch.setattr(blocking, limit, small)
    yield
    native_conv.prepare_conv.cache_clear()


@pytest.mark.parametrize("implementation", CONVS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "name",
    [
        "conv2d:fwd:f32:n2c9x30x70:o37k3x3p1+1x1+1:bias",
        "conv2d:fwd:f64:n1c12x21x90:o6k5x4s2x3p2+1x0+3:g3:reflect:bias",
        "conv2d:fwd:f32:n1c5x17x150:o2k4x5d2x1p3+3x2+2:circular:flip:bias",
        "conv3d:fwd:f32:n1c7x5x9x40:o18k3x3x3p1+1x1+1x1+1:bias",
        "conv1d:fwd:f64:n2c6x400:o20k9p4+4:symmetric:bias",
        "conv2d:fwd:f32:n1c64x9x50:o3k1x1s1x2",
        "conv2d:fwd:f32:n1c2x5x9:o3k2x2d400x3p200+200x2+2:circular",
    ],
)
def test_small_blocks_change_nothing(tiny_caches: None, implementation: Any, name: str) -> None:
    problem = Problem.parse(name)
    args = integers(problem, 5)
    assert np.array_equal(run(implementation, problem, args), reference(problem, args))


@given(problem=pools(), seed=st.integers(0, 2**31), layout=st.sampled_from(LAYOUTS))
def test_pools_are_the_reference(problem: Problem, seed: int, layout: str) -> None:
    (implementation,) = (one for one in POOLS if one.refuse(problem) is None)
    args = integers(problem, seed, layout)
    found, expected = run(implementation, problem, args), reference(problem, args)
    if problem.op == "avg_pool":  # an exact sum, divided once
        assert np.array_equal(found, expected), problem.name
        return
    for ours, theirs in zip(*((found, expected) if problem.indices else ((found,), (expected,))), strict=True):
        assert np.array_equal(ours, theirs), problem.name


@given(problem=pools(), seed=st.integers(0, 2**31))
def test_nan_and_infinities_in_a_maximum(problem: Problem, seed: int) -> None:
    if problem.op != "max_pool":
        return
    rng = np.random.default_rng(seed)
    x = np.array(integers(problem, seed).x)
    x[rng.random(x.shape) < 0.1] = np.nan
    x[rng.random(x.shape) < 0.2] = -np.inf
    found, expected = run(POOLS[0], problem, Operands(x)), reference(problem, Operands(x))
    for ours, theirs in zip(*((found, expected) if problem.indices else ((found,), (expected,))), strict=True):
        assert np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"), problem.name


@pytest.mark.parametrize("implementation", CONVS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "name",
    [
        "conv2d:fwd:f32:n0c3x8x8:o4k3x3p1+1x1+1",
        "conv2d:fwd:f32:n2c3x0x5:o4k3x3p2+2x1+1:bias",
        "conv1d:fwd:f64:n1c2x0:o3k2p3+3:constant:bias",
        "conv2d:fwd:f32:n1c1x4x4:o1k7x7",
        "conv3d:fwd:f32:n1c1x4x1x4:o1k1x3x1",
        "conv1d:fwd:f32:n1c1x1:o1k1",
    ],
)
def test_nothing_to_read_or_write(implementation: Any, name: str) -> None:
    problem = Problem.parse(name)
    args = integers(problem, 1)
    assert np.array_equal(run(implementation, problem, args), reference(problem, args))


@pytest.mark.parametrize("implementation", CONVS, ids=lambda one: one.name)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_reaches_exactly_its_field(implementation: Any, bad: float) -> None:
    problem = Problem.parse("conv2d:fwd:f32:n1c2x20x150:o3k3x5d2x1p2+2x2+2")
    args = integers(problem, 3)
    args.x[0, 1, 9, 70] = bad
    found = run(implementation, problem, args)
    touched = np.zeros(problem.out_spatial, bool)
    touched[7:12:2, 68:73] = True
    assert np.isfinite(found[:, :, ~touched]).all()
    nonzero = args.weight[:, 1, ::-1, ::-1] != 0  # type: ignore[index]
    assert not np.isfinite(found[0, :, 7:12:2, 68:73][nonzero]).any()


def test_convolutions_refuse_what_they_cannot_do() -> None:
    empty = Problem("conv", "f32", 1, 0, (4,), (Window(1),), out_channels=2)
    for implementation in CONVS:
        assert implementation.refuse(Problem.parse("max_pool2d:fwd:f32:n1c1x4x4:k2x2")) is not None
        assert implementation.refuse(empty) == "needs at least one channel"
    for implementation in POOLS:
        assert implementation.refuse(Problem.parse("conv1d:fwd:f32:n1c1x4:o1k2")) is not None


def test_an_array_of_the_wrong_size_is_an_error_not_a_crash() -> None:
    from convdesk.errors import BackendError

    problem = Problem.parse("conv2d:fwd:f32:n1c1x8x8:o1k3x3")
    args = integers(problem, 0)
    for wrong in (
        Operands(args.x[..., :4], args.weight),
        Operands(args.x, args.weight[..., :2].copy()),  # type: ignore[index]
        Operands(args.x.astype(np.float64), args.weight),
    ):
        with pytest.raises(BackendError, match="expected"):
            run(CONVS[0], problem, wrong)
    with pytest.raises(BackendError, match=r"scratch: 10 bytes, expected \d+"):
        CONVS[0].run(problem, args, np.empty(problem.out_shape, np.float32), np.empty(10, np.uint8))
