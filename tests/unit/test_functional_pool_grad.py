# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpooling and the gradients of pools against PyTorch's autograd, and finite differences."""

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
UNPOOL = {1: functional.max_unpool1d, 2: functional.max_unpool2d, 3: functional.max_unpool3d}
BACK = "max_pool2d:unpool:f32:n1c1x9x9:k3x3"
MAX_GRAD, AVG_GRAD = "max_pool2d:grad_input:f32:n1c1x9x9:k3x3", "avg_pool2d:grad_input:f32:n1c1x9x9:k3x3"


@st.composite
def pools(draw: st.DrawFn, dilated: bool) -> tuple[np.ndarray, dict[str, Any]]:
    """An input with many ties, and the arguments of a pool that has an output."""
    ndim = draw(st.sampled_from((1, 2, 3)))
    taps = tuple(draw(st.integers(1, 4)) for _ in range(ndim))
    found: dict[str, Any] = {"kernel_size": taps, "stride": draw(st.none() | st.tuples(*[st.integers(1, 5)] * ndim))}
    found |= {"ceil_mode": draw(st.booleans()), "padding": tuple(draw(st.integers(0, k // 2)) for k in taps)}
    grown = taps
    if dilated:
        found["dilation"] = tuple(draw(st.sampled_from((1, 1, 2))) for _ in range(ndim))
        grown = tuple(d * (k - 1) + 1 for d, k in zip(found["dilation"], taps, strict=True))
    spatial = [draw(st.integers(k, k + {1: 30, 2: 9, 3: 4}[ndim])) for k in grown]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    x = rng.integers(-3, 4, (draw(st.integers(0, 2)), draw(st.integers(1, 3)), *spatial))
    return x.astype(draw(st.sampled_from((np.float32, np.float64)))), found


def integers(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).integers(-9, 10, shape).astype(dtype)


@given(pools(dilated=True))
def test_the_gradient_of_a_max_pool_is_torchs(backend: str, able: Any, drawn: tuple[np.ndarray, Any]) -> None:
    able(backend, MAX_GRAD)
    x, keywords = drawn
    inner = torch.from_numpy(x).requires_grad_()
    out = MAX[x.ndim - 2](inner, **keywords)
    grad = integers(tuple(out.shape), x.dtype)
    out.backward(torch.from_numpy(grad))
    places = cd.max_pool(x, **keywords, return_indices=True)[1]
    got = cd.max_pool_grad(grad, places, x.shape, backend=backend)
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(got, inner.grad.numpy())


@given(pools(dilated=False), st.booleans(), st.none() | st.sampled_from((1, 3, -2)))
def test_the_gradient_of_an_average_pool_is_torchs(
    backend: str, able: Any, drawn: tuple[np.ndarray, Any], counted: bool, divisor: int | None
) -> None:
    able(backend, AVG_GRAD)
    x, keywords = drawn
    keywords = keywords | {"count_include_pad": counted}
    if x.ndim > 3:
        keywords["divisor_override"] = divisor
    inner = torch.from_numpy(x).requires_grad_()
    out = AVG[x.ndim - 2](inner, **keywords)
    grad = integers(tuple(out.shape), x.dtype)
    out.backward(torch.from_numpy(grad))
    got = cd.avg_pool_grad(grad, x.shape, **keywords, backend=backend)
    assert got.dtype == x.dtype
    np.testing.assert_allclose(got, inner.grad.numpy(), rtol=1e-5, atol=64 * np.finfo(x.dtype).eps)
    forward = cd.avg_pool(x, **keywords).astype(np.float64)  # the adjoint law
    assert (forward * grad).sum() == pytest.approx((got.astype(np.float64) * x).sum(), rel=1e-5, abs=1e-3)


def test_finite_differences(backend: str, able: Any) -> None:
    able(backend, MAX_GRAD), able(backend, AVG_GRAD)
    rng = np.random.default_rng(0)
    x = rng.permutation(2 * 3 * 5 * 6).reshape(2, 3, 5, 6) / 7.0  # no ties: there the gradient is one of several
    window = {"kernel_size": 3, "stride": 2, "padding": 1}
    values, places = cd.max_pool(x, **window, return_indices=True)
    grad = rng.standard_normal(values.shape)
    slopes = (
        (cd.max_pool_grad(grad, places, x.shape, backend=backend), cd.max_pool),
        (cd.avg_pool_grad(grad, x.shape, **window, backend=backend), cd.avg_pool),
    )
    for slope, pool in slopes:
        for flat in rng.choice(x.size, 20, replace=False):
            at = np.unravel_index(flat, x.shape)
            ends = []
            for step in (1e-5, -1e-5):
                moved = x.copy()
                moved[at] += step
                ends.append((pool(moved, **window) * grad).sum())
            assert slope[at] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_of_equal_values_the_first_gets_the_gradient(backend: str, able: Any) -> None:
    """The lecture's ∂z/∂x₁ = 1 when x₁ ≥ x₂."""
    able(backend, MAX_GRAD)
    x = np.array([[[2.0, 2.0, 1.0, 3.0]]])
    _, places = cd.max_pool(x, 2, return_indices=True)
    assert cd.max_pool_grad(np.array([[[5.0, 7.0]]]), places, x.shape, backend=backend).tolist() == [[[5, 0, 0, 7]]]


def test_the_gradient_of_an_adaptive_pool(backend: str, able: Any) -> None:
    able(backend, MAX_GRAD)
    x = np.random.default_rng(0).standard_normal((2, 3, 7, 5))
    inner = torch.from_numpy(x).requires_grad_()
    out = functional.adaptive_max_pool2d(inner, (3, 4))
    grad = integers(tuple(out.shape), np.float64)
    out.backward(torch.from_numpy(grad))
    _, places = cd.adaptive_max_pool(x, (3, 4), return_indices=True)
    np.testing.assert_array_equal(cd.max_pool_grad(grad, places, x.shape, backend=backend), inner.grad.numpy())


@given(pools(dilated=False), st.booleans())
def test_unpooling_is_torchs(backend: str, able: Any, drawn: tuple[np.ndarray, Any], sized: bool) -> None:
    able(backend, BACK)
    x, keywords = drawn
    ndim = x.ndim - 2
    assume(x.shape[0] > 0)
    values, places = MAX[ndim](torch.from_numpy(x), **keywords, return_indices=True)
    keywords = {name: keywords[name] for name in ("kernel_size", "stride", "padding")}
    keywords["output_size"] = x.shape[2:] if sized else None
    try:
        wanted = UNPOOL[ndim](values, places, **keywords)
    except (RuntimeError, ValueError):
        with pytest.raises(cd.ConvDeskError):
            cd.max_unpool(values.numpy(), places.numpy(), **keywords, backend=backend)
        return
    got = cd.max_unpool(values.numpy(), places.numpy(), **keywords, backend=backend)
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(got, wanted.numpy())
    if sized:
        whole = keywords | {"output_size": x.shape}
        np.testing.assert_array_equal(cd.max_unpool(values.numpy(), places.numpy(), **whole, backend=backend), got)


def test_the_last_value_for_a_place_stays(backend: str, able: Any) -> None:
    able(backend, BACK)
    got = cd.max_unpool([[[1.0, 2.0, 3.0]]], [[[2, 2, 0]]], 2, backend=backend)
    assert got.tolist() == [[[3, 0, 2, 0, 0, 0]]]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64])
def test_types(backend: str, able: Any, dtype: Any) -> None:
    able(backend, BACK), able(backend, MAX_GRAD), able(backend, AVG_GRAD)
    values, places = np.ones((1, 1, 2), dtype), np.array([[[1, 1]]])
    back = cd.max_unpool(values, places, 2, backend=backend)
    assert (back.dtype, back.tolist()) == (dtype, [[[0, 1, 0, 0]]])
    wide = np.dtype(dtype).itemsize > (4 if np.dtype(dtype).kind == "f" else 2)
    wanted = np.float16 if dtype == np.float16 else np.float64 if wide else np.float32
    winners = cd.max_pool_grad(values, places, (1, 1, 3), backend=backend)
    shares = cd.avg_pool_grad(values, (1, 1, 4), 2, backend=backend)
    assert winners.dtype == shares.dtype == wanted
    assert (winners.tolist(), shares.tolist()) == ([[[0, 2, 0]]], [[[0.5] * 4]])


def test_wide_integers_are_put_back_exactly() -> None:
    top = np.iinfo(np.int64).max
    assert cd.max_unpool(np.array([[[top]]]), np.array([[[1]]]), 2).tolist() == [[[0, top]]]


def test_without_a_batch(backend: str, able: Any) -> None:
    able(backend, BACK), able(backend, MAX_GRAD), able(backend, AVG_GRAD)
    x = np.random.default_rng(0).integers(0, 9, (2, 3, 6, 8)) * 1.0
    values, places = cd.max_pool(x, 2, return_indices=True)
    for call in (
        lambda v, i: cd.max_unpool(v, i, (2, 2), backend=backend),
        lambda v, i: cd.avg_pool_grad(v, (*v.shape[:-2], 6, 8), (2, 2), backend=backend),
    ):
        whole = call(values, places)
        np.testing.assert_array_equal(call(values[1], places[1]), whole[1])
        assert call(values[:0], places[:0]).shape == (0, 3, 6, 8)
    assert cd.max_pool_grad([[1.0, 2.0]], [[3, 0]], (1, 4), backend=backend).tolist() == [[2, 0, 0, 1]]
    assert cd.max_pool_grad(values[:0], places[:0], (0, 3, 6, 8), backend=backend).shape == (0, 3, 6, 8)


def test_out_is_written(backend: str, able: Any) -> None:
    able(backend, BACK), able(backend, MAX_GRAD), able(backend, AVG_GRAD)
    values, places = np.array([[[5.0, 2.0]]]), np.array([[[1, 2]]])
    for call, wanted in (
        (lambda out: cd.max_unpool(values, places, 2, out=out, backend=backend), [0, 5, 2, 0]),
        (lambda out: cd.max_pool_grad(values, places, (1, 1, 4), out=out, backend=backend), [0, 5, 2, 0]),
        (lambda out: cd.avg_pool_grad(values, (1, 1, 4), 2, out=out, backend=backend), [2.5, 2.5, 1, 1]),
    ):
        for out in (np.empty((1, 1, 4)), np.empty((1, 1, 8))[..., ::2]):
            assert call(out) is out
            assert out.tolist() == [[wanted]]
