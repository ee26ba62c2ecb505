# SPDX-License-Identifier: GPL-3.0-or-later
"""Minimum, Lp, adaptive and global pooling against PyTorch, over random shapes and parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import convdesk as cd

torch = pytest.importorskip("torch")
functional = torch.nn.functional
LP = {1: functional.lp_pool1d, 2: functional.lp_pool2d, 3: functional.lp_pool3d}
MAX = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}
ADAPTIVE_MAX = {n: getattr(functional, f"adaptive_max_pool{n}d") for n in (1, 2, 3)}
ADAPTIVE_AVG = {n: getattr(functional, f"adaptive_avg_pool{n}d") for n in (1, 2, 3)}
MIN_POOL, LP_POOL = "min_pool2d:fwd:f32:n1c1x9x9:k3x3:idx", "lp_pool2d:fwd:f32:n1c1x9x9:k3x3:norm2.0"
TO_MAX, TO_AVG = "adaptive_max_pool2d:fwd:f32:n1c1x9x9:a2x2:idx", "adaptive_avg_pool2d:fwd:f32:n1c1x9x9:a2x2"
ODD = [-np.inf, -1.0, 0.0, 0.0, 1.0, np.inf, np.nan]
TYPES = [bool, *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)), *("f2", "f4", "f8")]


@st.composite
def arrays(draw: st.DrawFn, ndim: int | None = None) -> np.ndarray:
    """An input of small integers, so few that ties are everywhere, with NaN and infinities or without."""
    ndim = ndim or draw(st.sampled_from((1, 2, 3)))
    sizes = [draw(st.integers(1, {1: 40, 2: 12, 3: 6}[ndim])) for _ in range(ndim)]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 3)), *sizes)
    found = rng.choice(ODD, shape) if draw(st.booleans()) else rng.integers(-9, 10, shape)
    return found.astype(draw(st.sampled_from((np.float32, np.float64))))


@st.composite
def windows(draw: st.DrawFn, padded: bool = True) -> tuple[np.ndarray, dict[str, Any]]:
    """An input, and the arguments of a window; some leave no output, which PyTorch rejects."""
    x = draw(arrays())
    ndim = x.ndim - 2
    taps = tuple(draw(st.integers(1, 4)) for _ in range(ndim))
    found: dict[str, Any] = {"kernel_size": taps, "stride": draw(st.none() | st.tuples(*[st.integers(1, 5)] * ndim))}
    found["ceil_mode"] = draw(st.booleans())
    if padded:
        found["padding"] = tuple(draw(st.integers(0, k // 2)) for k in taps)
        found["dilation"] = tuple(draw(st.sampled_from((1, 1, 2))) for _ in range(ndim))
    return x, found


@given(windows())
def test_a_min_pool_is_a_max_pool_turned_over(backend: str, able: Any, drawn: tuple[np.ndarray, Any]) -> None:
    able(backend, MIN_POOL)
    x, keywords = drawn
    try:
        values, places = MAX[x.ndim - 2](torch.from_numpy(-x), **keywords, return_indices=True)
    except RuntimeError:
        with pytest.raises(cd.ConvDeskError):
            cd.min_pool(x, **keywords, backend=backend)
        return
    got = cd.min_pool(x, **keywords, return_indices=True, backend=backend)
    np.testing.assert_array_equal(got[0], -values.numpy())
    np.testing.assert_array_equal(got[1], places.numpy())
    np.testing.assert_array_equal(cd.min_pool(x, **keywords, backend=backend), got[0])


def torchs_lp(x: np.ndarray, norm: float, keywords: dict[str, Any]) -> Any:
    """PyTorch's answer in float64; its function for one dimension takes no tuple."""
    taps = keywords["kernel_size"] if x.ndim > 3 else keywords["kernel_size"][0]
    return LP[x.ndim - 2](torch.from_numpy(x.astype(np.float64)), norm, **keywords | {"kernel_size": taps})


@given(windows(padded=False), st.sampled_from((1, 2, 3, 2.5, -1, -2, np.inf, -np.inf)))
def test_an_lp_pool_is_torchs(backend: str, able: Any, drawn: tuple[np.ndarray, Any], norm: float) -> None:
    able(backend, LP_POOL)
    x, keywords = drawn
    try:
        wanted = torchs_lp(x, norm, keywords)
    except RuntimeError:
        with pytest.raises(cd.ConvDeskError):
            cd.lp_pool(x, norm, **keywords, backend=backend)
        return
    got = cd.lp_pool(x, norm, **keywords, backend=backend)
    assert got.dtype == x.dtype
    defined = np.isfinite(wanted.numpy())  # where infinities meet, which of NaN and infinity comes out is open
    assert not np.isfinite(got[~defined]).any()
    np.testing.assert_allclose(got[defined], wanted.numpy()[defined], rtol=16 * np.finfo(x.dtype).eps, atol=0)


@given(windows(padded=False), st.integers(0, 2**31))
def test_the_error_of_an_lp_pool(backend: str, able: Any, drawn: tuple[np.ndarray, Any], seed: int) -> None:
    able(backend, LP_POOL)
    x = np.random.default_rng(seed).standard_normal(drawn[0].shape).astype(np.float32)
    try:
        exact = torchs_lp(x, 2.0, drawn[1]).numpy()
    except RuntimeError:
        assume(False)
    got = cd.lp_pool(x, 2.0, **drawn[1], backend=backend)
    assert (np.abs(got - exact) <= (np.prod(drawn[1]["kernel_size"]) + 8) * 2.0**-24 * exact).all()


@given(arrays(), st.data())
def test_adaptive_pools_are_torchs(backend: str, able: Any, x: np.ndarray, data: Any) -> None:
    able(backend, TO_MAX), able(backend, TO_AVG)
    ndim = x.ndim - 2
    one = st.integers(0, 9) if ndim == 1 else st.none() | st.integers(0, 9)
    size = data.draw(st.integers(0, 7) | st.tuples(*[one] * ndim))
    tensor = torch.from_numpy(x)
    values, places = ADAPTIVE_MAX[ndim](tensor, size, return_indices=True)
    got = cd.adaptive_max_pool(x, size, return_indices=True, backend=backend)
    np.testing.assert_array_equal(got[0], values.numpy())
    np.testing.assert_array_equal(got[1], places.numpy())
    np.testing.assert_array_equal(cd.adaptive_max_pool(x, size, backend=backend), values.numpy())
    wanted, mean = ADAPTIVE_AVG[ndim](tensor, size).numpy(), cd.adaptive_avg_pool(x, size, backend=backend)
    assert mean.dtype == x.dtype
    defined = np.isfinite(wanted)
    assert not np.isfinite(mean[~defined]).any()
    np.testing.assert_allclose(mean[defined], wanted[defined], rtol=1e-5, atol=1e-6)


@given(arrays())
def test_one_output_is_global_pooling(backend: str, able: Any, x: np.ndarray) -> None:
    able(backend, TO_MAX), able(backend, TO_AVG)
    spatial = tuple(range(2, x.ndim))
    with np.errstate(invalid="ignore"):
        best, mean = x.max(spatial, keepdims=True), x.mean(spatial, keepdims=True, dtype=np.float64)
    np.testing.assert_array_equal(cd.adaptive_max_pool(x, 1, backend=backend), best)
    np.testing.assert_allclose(cd.adaptive_avg_pool(x, 1, backend=backend), mean, rtol=1e-6, atol=1e-7)


@given(arrays())
def test_as_many_outputs_as_inputs_change_nothing(backend: str, able: Any, x: np.ndarray) -> None:
    able(backend, TO_MAX), able(backend, TO_AVG)
    keep = (None,) * (x.ndim - 2)
    np.testing.assert_array_equal(cd.adaptive_max_pool(x, keep, backend=backend), x)
    np.testing.assert_array_equal(cd.adaptive_avg_pool(x, keep, backend=backend), x)


def test_without_a_batch(backend: str, able: Any) -> None:
    able(backend, TO_MAX), able(backend, TO_AVG), able(backend, MIN_POOL), able(backend, LP_POOL)
    x = np.random.default_rng(0).integers(0, 9, (2, 3, 7, 8)) * 1.0
    for call in (
        lambda x: cd.adaptive_max_pool(x, (3, None), backend=backend),
        lambda x: cd.adaptive_max_pool(x, (3, 2), True, backend=backend)[1],
        lambda x: cd.adaptive_avg_pool(x, (3, 9), backend=backend),
        lambda x: cd.min_pool(x, (3, 2), backend=backend),
        lambda x: cd.min_pool(x, (3, 2), return_indices=True, backend=backend)[1],
        lambda x: cd.lp_pool(x, 2, (3, 2), backend=backend),
    ):
        whole = call(x)
        np.testing.assert_array_equal(call(x[1]), whole[1])
        assert call(x[:0]).shape == (0, *whole.shape[1:])


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_winners_keep_their_type(backend: str, able: Any, dtype: Any) -> None:
    able(backend, TO_MAX), able(backend, MIN_POOL)
    x = np.array([[[1, 0, 0, 1, 1, 0]]]).astype(dtype)
    for got in (cd.min_pool(x, 2, 2, backend=backend), cd.adaptive_max_pool(x, 3, backend=backend)):
        assert got.dtype == x.dtype
    assert cd.min_pool(x, 2, backend=backend).tolist() == [[[0, 0, 0]]]
    assert cd.adaptive_max_pool(x, 3, backend=backend).tolist() == [[[1, 1, 1]]]


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_means_and_norms_are_floats(backend: str, able: Any, dtype: Any) -> None:
    able(backend, TO_AVG), able(backend, LP_POOL)
    x = np.array([[[1, 0, 0, 1]]]).astype(dtype)
    wide = np.dtype(dtype).itemsize > (4 if np.dtype(dtype).kind == "f" else 2)
    wanted = np.float16 if dtype == "f2" else np.float64 if wide else np.float32
    mean, norm = cd.adaptive_avg_pool(x, 2, backend=backend), cd.lp_pool(x, 1, 2, backend=backend)
    largest = cd.lp_pool(x, np.inf, 2)
    assert mean.dtype == norm.dtype == largest.dtype == wanted
    assert (mean.tolist(), norm.tolist(), largest.tolist()) == ([[[0.5, 0.5]]], [[[1, 1]]], [[[1, 1]]])


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_integers_that_no_float_holds(dtype: Any) -> None:
    top = np.iinfo(dtype).max
    x = np.array([[[top - 2, top, top - 1, top]]], dtype)
    assert cd.min_pool(x, 2).tolist() == [[[top - 2, top - 1]]]
    values, places = cd.adaptive_max_pool(x, 1, return_indices=True)
    assert (values.item(), places.item()) == (top, 1)


def test_out_is_written(backend: str, able: Any) -> None:
    able(backend, TO_MAX), able(backend, TO_AVG), able(backend, MIN_POOL), able(backend, LP_POOL)
    x = np.array([[[3.0, 4.0, 0.0, 2.0]]])
    for call, wanted in (
        (lambda out: cd.min_pool(x, 2, out=out, backend=backend), [3, 0]),
        (lambda out: cd.lp_pool(x, 2, 2, out=out, backend=backend), [5, 2]),
        (lambda out: cd.adaptive_max_pool(x, 2, out=out, backend=backend), [4, 2]),
        (lambda out: cd.adaptive_avg_pool(x, 2, out=out, backend=backend), [3.5, 1]),
    ):
        for out in (np.empty((1, 1, 2)), np.empty((1, 1, 4))[..., ::2]):
            assert call(out) is out
            assert out.tolist() == [[wanted]]
    both = np.empty((1, 1, 2)), np.empty((1, 1, 2), np.int64)
    got = cd.adaptive_max_pool(x, 2, True, out=both, backend=backend)
    assert got[0] is both[0] and got[1] is both[1]
    assert both[1].tolist() == [[[1, 3]]]
    nothing = np.empty((1, 1, 0)), np.empty((1, 1, 0), np.int64)
    got = cd.adaptive_max_pool(x, 0, True, out=nothing, backend=backend)
    assert got[0] is nothing[0] and got[1] is nothing[1]
