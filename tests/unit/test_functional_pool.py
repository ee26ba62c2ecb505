# SPDX-License-Identifier: GPL-3.0-or-later
"""``max_pool`` and ``avg_pool`` against PyTorch, over random shapes and parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import convdesk as cd

torch = pytest.importorskip("torch")
functional = torch.nn.functional
MAX = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
AVG = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}


@st.composite
def pools(draw: st.DrawFn, dilated: bool) -> dict[str, Any]:
    """Shapes and arguments of one pool; some have no output, which PyTorch rejects."""
    ndim = draw(st.sampled_from((1, 2, 3)))
    taps = tuple(draw(st.integers(1, 5)) for _ in range(ndim))
    found: dict[str, Any] = {
        "kernel_size": taps,
        "stride": draw(st.none() | st.tuples(*[st.integers(1, 6)] * ndim)),
        "padding": tuple(draw(st.integers(0, k // 2)) for k in taps),
        "ceil_mode": draw(st.booleans()),
    }
    if dilated:
        found["dilation"] = tuple(draw(st.sampled_from((1, 1, 2, 3))) for _ in range(ndim))
    spatial = tuple(draw(st.integers(1, {1: 40, 2: 14, 3: 7}[ndim])) for _ in range(ndim))
    found["shape"] = (draw(st.integers(0, 2)), draw(st.integers(1, 3)), *spatial)
    found["seed"] = draw(st.integers(0, 2**31))
    found["dtype"] = draw(st.sampled_from((np.float32, np.float32, np.float64)))
    return found


def both(ours: Any, theirs: Any, pool: dict[str, Any], x: np.ndarray, **more: Any) -> tuple[Any, Any]:
    """Our answer and PyTorch's; where PyTorch rejects, so must we."""
    keywords = {name: value for name, value in pool.items() if name not in ("shape", "seed", "dtype", "backend")} | more
    try:
        wanted = theirs[x.ndim - 2](torch.from_numpy(x), **keywords)
    except RuntimeError:
        with pytest.raises(cd.ConvDeskError):
            ours(x, **keywords, backend=pool["backend"])
        assume(False)
    return ours(x, **keywords, backend=pool["backend"]), wanted


def numbers(pool: dict[str, Any], few: bool = False) -> np.ndarray:
    """Small integers; with ``few``, so few that ties are everywhere, and some infinities and NaN."""
    rng = np.random.default_rng(pool["seed"])
    x = rng.integers(-9, 10, pool["shape"]).astype(pool["dtype"])
    if few:
        x = rng.choice([-np.inf, -1.0, 0.0, 0.0, 1.0, np.inf, np.nan], pool["shape"]).astype(pool["dtype"])
    return x


@given(pools(dilated=True), st.booleans(), st.booleans())
def test_max_pool_is_torchs(backend: str, pool: dict[str, Any], few: bool, indices: bool) -> None:
    pool["backend"] = backend
    got, wanted = both(cd.max_pool, MAX, pool, numbers(pool, few), return_indices=indices)
    for ours, theirs in zip(got, wanted, strict=True) if indices else ((got, wanted),):
        np.testing.assert_array_equal(ours, theirs.numpy())
        assert ours.flags.c_contiguous
    if indices:
        assert got[1].dtype == np.int64


@given(pools(dilated=False), st.booleans())
def test_avg_pool_is_torchs(backend: str, pool: dict[str, Any], counted: bool) -> None:
    pool["backend"] = backend
    x = numbers(pool)
    got, wanted = both(cd.avg_pool, AVG, pool, x, count_include_pad=counted)
    assert got.dtype == x.dtype
    np.testing.assert_allclose(got, wanted.numpy(), rtol=4 * np.finfo(x.dtype).eps, atol=0)


@given(pools(dilated=False), st.sampled_from((1, 2, 7, -3)), st.booleans())
def test_a_given_divisor_is_torchs(backend: str, pool: dict[str, Any], divisor: int, counted: bool) -> None:
    assume(len(pool["kernel_size"]) > 1)  # torch's avg_pool1d has no divisor_override
    pool["backend"] = backend
    x = numbers(pool)
    more = {"divisor_override": divisor, "count_include_pad": counted}
    got, wanted = both(cd.avg_pool, AVG, pool, x, **more)
    np.testing.assert_allclose(got, wanted.numpy(), rtol=4 * np.finfo(x.dtype).eps, atol=0)


def test_a_given_divisor_in_one_dimension(backend: str) -> None:
    got = cd.avg_pool(np.arange(6.0).reshape(1, 1, 6), 3, divisor_override=2, backend=backend)
    assert got.tolist() == [[[1.5, 6.0]]]


@given(pools(dilated=False))
def test_averages_are_within_the_stated_bound(backend: str, pool: dict[str, Any]) -> None:
    pool["backend"] = backend
    x = np.random.default_rng(pool["seed"]).standard_normal(pool["shape"]).astype(np.float32)
    got, _ = both(cd.avg_pool, AVG, pool, x)
    keywords = {name: pool[name] for name in ("kernel_size", "stride", "padding", "ceil_mode")}
    exact = AVG[x.ndim - 2](torch.from_numpy(x.astype(np.float64)), **keywords).numpy()
    size = AVG[x.ndim - 2](torch.from_numpy(np.abs(x).astype(np.float64)), **keywords).numpy()
    assert (np.abs(got - exact) <= (np.prod(pool["kernel_size"]) + 2) * 2.0**-24 * size).all()


@given(pools(dilated=False), st.booleans())
def test_without_a_batch(backend: str, pool: dict[str, Any], average: bool) -> None:
    pool |= {"backend": backend, "shape": (1, *pool["shape"][1:])}
    ours, theirs = (cd.avg_pool, AVG) if average else (cd.max_pool, MAX)
    x = numbers(pool)
    whole, _ = both(ours, theirs, pool, x)
    keywords = {name: pool[name] for name in ("kernel_size", "stride", "padding", "ceil_mode")}
    np.testing.assert_array_equal(ours(x[0], **keywords, backend=backend), whole[0])


def test_indices_without_a_batch(backend: str) -> None:
    values, places = cd.max_pool(np.array([[1.0, 5, 5, 2]]), (2,), 1, return_indices=True, backend=backend)
    assert (values.tolist(), places.tolist()) == ([[5, 5, 5]], [[1, 1, 2]])


@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2))
def test_padding_of_two_sides(backend: str, seed: int, taps: int, stride: int, lo: int, hi: int) -> None:
    lo, hi = min(lo, taps // 2), min(hi, taps // 2)
    x = np.random.default_rng(seed).integers(-9, 0, (1, 2, 9)).astype(np.float32)
    keywords = {"stride": stride, "padding": ((lo, hi),), "backend": backend}
    low = np.pad(x, ((0, 0), (0, 0), (lo, hi)), constant_values=-np.inf)
    np.testing.assert_array_equal(
        cd.max_pool(x, (taps,), **keywords), functional.max_pool1d(torch.from_numpy(low), taps, stride).numpy()
    )
    zero = np.pad(x, ((0, 0), (0, 0), (lo, hi)))
    counted = functional.avg_pool1d(torch.from_numpy(zero), taps, stride).numpy()
    np.testing.assert_allclose(cd.avg_pool(x, (taps,), **keywords), counted, rtol=1e-6)


def test_half_of_a_dilated_window_may_be_padding(backend: str) -> None:
    got = cd.max_pool(-np.arange(1.0, 8).reshape(1, 1, 7), 3, 1, padding=2, dilation=2, backend=backend)
    assert got.tolist() == [[[-1, -2, -1, -2, -3, -4, -5]]]


def test_of_several_nan_the_last_one_wins(backend: str) -> None:
    x = np.array([[[1.0, np.nan, 2.0, np.nan, 3.0]]])
    values, places = cd.max_pool(x, 5, return_indices=True, backend=backend)
    assert np.isnan(values.item())
    assert places.item() == 3


@pytest.mark.parametrize(
    "dtype",
    [bool, *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)), np.float16, np.float32, np.float64],
    ids=lambda dtype: np.dtype(dtype).name,
)
def test_a_max_pool_keeps_the_type(backend: str, dtype: Any) -> None:
    x = np.array([[[1, 0, 0, 1, 1, 0]]]).astype(dtype)
    got = cd.max_pool(x, 3, 1, padding=1, backend=backend)
    assert got.dtype == np.dtype(dtype)
    assert got.tolist() == [[[1, 1, 1, 1, 1, 1]]]
    values, _ = cd.max_pool(x.astype(x.dtype.newbyteorder()), 3, return_indices=True, backend=backend)
    assert values.dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_integers_that_no_float_holds(dtype: Any) -> None:
    top = np.iinfo(dtype).max
    x = np.array([[[top - 2, top, top - 1, top]]], dtype)
    values, places = cd.max_pool(x, 2, 1, return_indices=True)
    assert values.tolist() == [[[top, top, top]]]
    assert places.tolist() == [[[1, 1, 3]]]
    assert cd.max_pool(x[..., :1], 1, backend="numpy").item() == top - 2


def test_smallest_integers(backend: str) -> None:
    x = np.full((1, 1, 4), np.iinfo(np.int32).min, np.int32)
    assert (cd.max_pool(x, 2, padding=1, backend=backend) == np.iinfo(np.int32).min).all()


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.int32, np.int64])
def test_an_average_of_integers_is_a_float(backend: str, dtype: Any) -> None:
    got = cd.avg_pool(np.array([[[1, 0, 1, 1]]]).astype(dtype), 2, backend=backend)
    assert got.dtype == (np.float64 if np.dtype(dtype).itemsize > 2 else np.float32)
    assert got.tolist() == [[[0.5, 1.0]]]


def test_out_of_a_pool(backend: str) -> None:
    x = np.arange(12.0, dtype=np.float32).reshape(1, 1, 12)
    out = np.empty((1, 1, 6), np.float32)
    assert cd.avg_pool(x, 2, out=out, backend=backend) is out
    assert out.tolist() == [[[0.5, 2.5, 4.5, 6.5, 8.5, 10.5]]]
    values, places = np.empty((1, 1, 6), np.float32), np.empty((1, 1, 12), np.int64)[..., ::2]
    got = cd.max_pool(x, 2, return_indices=True, out=(values, places), backend=backend)
    assert got[0] is values and got[1] is places
    assert places.tolist() == [[[1, 3, 5, 7, 9, 11]]]
    both = np.empty((1, 1, 6), np.float32), np.empty((1, 1, 6), np.int64)
    got = cd.max_pool(x, 2, return_indices=True, out=both, backend=backend)
    assert got[0] is both[0] and got[1] is both[1]
    assert both[0].tolist() == [[[1, 3, 5, 7, 9, 11]]]


def test_out_may_be_the_input_itself(backend: str) -> None:
    x = np.array([[[3.0, 1.0, 4.0, 1.0, 5.0]]])
    assert cd.max_pool(x, 3, 1, padding=1, out=x, backend=backend) is x
    assert x.tolist() == [[[3, 4, 4, 5, 5]]]
