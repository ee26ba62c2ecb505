# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes convolution convolution, on small integers, where every law is an equality."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convdesk as cd
from convdesk.backends.registry import probe


@pytest.fixture(scope="session", params=["numpy", "native"])
def backend(request: pytest.FixtureRequest) -> str:
    """Every backend of this processor in turn."""
    found = probe(request.param)
    if not found.available:
        pytest.skip(f"backend {request.param!r}: {found.reason}")
    return str(request.param)


@st.composite
def arrays(draw: st.DrawFn, count: int) -> list[np.ndarray]:
    """Small arrays of one number of axes."""
    ndim = draw(st.sampled_from((1, 2, 3)))
    shapes = [[draw(st.integers(1, {1: 25, 2: 9, 3: 5}[ndim])) for _ in range(ndim)] for _ in range(count)]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    return [rng.integers(-4, 5, shape).astype(np.float64) for shape in shapes]


@given(arrays(2))
def test_convolution_commutes(backend: str, both: list[np.ndarray]) -> None:
    f, g = both
    np.testing.assert_array_equal(cd.convolve(f, g, backend=backend), cd.convolve(g, f, backend=backend))


@given(arrays(3))
def test_convolution_associates(backend: str, three: list[np.ndarray]) -> None:
    f, g, h = three
    one = cd.convolve(cd.convolve(f, g, backend=backend), h, backend=backend)
    np.testing.assert_array_equal(one, cd.convolve(f, cd.convolve(g, h, backend=backend), backend=backend))


@given(arrays(2), st.integers(-3, 3), st.sampled_from(("zeros", "replicate", "reflect", "symmetric", "circular")))
def test_correlation_is_linear(backend: str, both: list[np.ndarray], factor: int, boundary: str) -> None:
    f, g = both
    other = np.roll(f, 1)

    def at(x: np.ndarray) -> np.ndarray:
        return cd.correlate(x, g, "same", boundary=boundary, backend=backend)

    np.testing.assert_array_equal(at(f + factor * other), at(f) + factor * at(other))


@given(arrays(2), st.integers(-9, 9))
def test_circular_correlation_moves_with_its_input(backend: str, both: list[np.ndarray], by: int) -> None:
    f, g = both
    got = cd.correlate(np.roll(f, by, 0), g, "same", boundary="circular", backend=backend)
    np.testing.assert_array_equal(got, np.roll(cd.correlate(f, g, "same", boundary="circular", backend=backend), by, 0))


@given(arrays(2))
def test_the_sum_of_a_full_convolution_is_the_product_of_sums(backend: str, both: list[np.ndarray]) -> None:
    f, g = both
    assert cd.convolve(f, g, backend=backend).sum() == f.sum() * g.sum()


@given(arrays(2))
def test_correlation_turns_round_when_its_arguments_change_places(backend: str, both: list[np.ndarray]) -> None:
    f, g = both
    np.testing.assert_array_equal(cd.correlate(f, g, backend=backend), np.flip(cd.correlate(g, f, backend=backend)))


@given(arrays(1), st.integers(1, 3), st.integers(1, 3))
def test_pools_of_pools(backend: str, one: list[np.ndarray], first: int, second: int) -> None:
    x = one[0][None]
    sizes = (first,) * one[0].ndim, (second,) * one[0].ndim
    whole = tuple(a * b for a, b in zip(*sizes, strict=True))
    if any(size < taps for size, taps in zip(one[0].shape, whole, strict=True)):
        with pytest.raises(cd.ShapeError):
            cd.max_pool(x, whole, backend=backend)
        return
    step = cd.max_pool(cd.max_pool(x, sizes[0], backend=backend), sizes[1], backend=backend)
    np.testing.assert_array_equal(step, cd.max_pool(x, whole, backend=backend))


@given(arrays(1), st.integers(1, 3))
def test_an_average_is_a_convolution_with_equal_weights(backend: str, one: list[np.ndarray], taps: int) -> None:
    x = one[0][None, None]
    ndim = one[0].ndim
    if min(one[0].shape) < taps:
        return
    ones = np.ones((1, 1, *(taps,) * ndim))
    summed = cd.conv(x, ones, stride=taps, backend=backend)
    np.testing.assert_array_equal(cd.avg_pool(x, taps, divisor_override=1, backend=backend), summed)
    np.testing.assert_array_equal(cd.avg_pool(x, taps, backend=backend), summed / taps**ndim)
