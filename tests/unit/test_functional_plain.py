# SPDX-License-Identifier: GPL-3.0-or-later
"""``correlate`` and ``convolve`` against NumPy, SciPy and MATLAB's rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convdesk as cd

ndimage = pytest.importorskip("scipy.ndimage")
signal = pytest.importorskip("scipy.signal")
NUMPY_MODE = {"replicate": "edge", "reflect": "reflect", "symmetric": "symmetric", "circular": "wrap"}
NDIMAGE_MODE = {"replicate": "nearest", "reflect": "mirror", "symmetric": "reflect", "circular": "wrap"}


@st.composite
def pairs(draw: st.DrawFn, larger: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """f and g of one to three axes, small integers; with ``larger``, f at least as large as g on each axis."""
    ndim = draw(st.sampled_from((1, 2, 3)))
    g = [draw(st.integers(1, 6)) for _ in range(ndim)]
    f = [draw(st.integers(k if larger else 1, {1: 60, 2: 15, 3: 8}[ndim])) for k in g]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    dtype = draw(st.sampled_from((np.float32, np.float64)))
    return rng.integers(-9, 10, f).astype(dtype), rng.integers(-9, 10, g).astype(dtype)


def full(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """SciPy's full convolution, summed directly."""
    return signal.convolve(f, g, "full", method="direct")


@given(pairs())
def test_full_is_scipys(backend: str, pair: tuple[np.ndarray, np.ndarray]) -> None:
    f, g = pair
    np.testing.assert_array_equal(cd.convolve(f, g, backend=backend), full(f, g))
    np.testing.assert_array_equal(cd.correlate(f, g, backend=backend), full(f, np.flip(g)))


@given(pairs())
def test_same_starts_at_half_of_g(backend: str, pair: tuple[np.ndarray, np.ndarray]) -> None:
    f, g = pair
    middle = tuple(slice(k // 2, k // 2 + n) for n, k in zip(f.shape, g.shape, strict=True))
    np.testing.assert_array_equal(cd.convolve(f, g, "same", backend=backend), full(f, g)[middle])
    np.testing.assert_array_equal(cd.correlate(f, g, "same", backend=backend), full(f, np.flip(g))[middle])


@given(pairs())
def test_valid_keeps_whole_overlaps(backend: str, pair: tuple[np.ndarray, np.ndarray]) -> None:
    f, g = pair
    sizes = tuple(max(n - k + 1, 0) for n, k in zip(f.shape, g.shape, strict=True))
    got = cd.convolve(f, g, "valid", backend=backend)
    assert got.shape == sizes
    inner = tuple(slice(k - 1, k - 1 + size) for k, size in zip(g.shape, sizes, strict=True))
    np.testing.assert_array_equal(got, full(f, g)[inner])


@given(pairs(larger=True))
def test_one_dimension_is_numpys(backend: str, pair: tuple[np.ndarray, np.ndarray]) -> None:
    f, g = (array.ravel() for array in pair)
    for shape in ("full", "valid"):
        np.testing.assert_array_equal(cd.convolve(f, g, shape, backend=backend), np.convolve(f, g, shape))
        np.testing.assert_array_equal(cd.correlate(f, g, shape, backend=backend), np.correlate(f, g, shape))


@pytest.mark.parametrize(
    ("m", "n", "shape", "length"),
    [
        (5, 3, "full", 7), (5, 3, "same", 5), (5, 3, "valid", 3), (5, 5, "valid", 1), (1, 1, "full", 1),
        (3, 5, "full", 7), (3, 5, "same", 3), (3, 5, "valid", 0),
        (5, 0, "full", 5), (5, 0, "same", 5), (5, 0, "valid", 5),
        (0, 3, "full", 3), (0, 3, "same", 0), (0, 3, "valid", 0), (0, 0, "full", 0), (0, 0, "valid", 0),
    ],
)  # fmt: skip
def test_lengths_are_matlabs(backend: str, m: int, n: int, shape: str, length: int) -> None:
    got = cd.convolve(np.ones(m), np.ones(n), shape, backend=backend)
    assert got.shape == (length,)
    if 0 in (m, n):
        assert not got.any()


def test_an_empty_kernel_of_two_axes() -> None:
    assert cd.correlate(np.ones((4, 5)), np.ones((0, 2)), "valid").shape == (4, 4)
    assert cd.correlate(np.ones((4, 5)), np.ones((0, 2)), "valid", stride=(3, 2)).shape == (2, 2)
    out = np.ones((4, 4))
    assert cd.correlate(np.ones((4, 5)), np.ones((0, 2)), "valid", out=out) is out
    assert not out.any()


@given(pairs(), st.sampled_from((*NUMPY_MODE, 2.0, "zeros")), st.sampled_from(("full", "same", "valid")))
def test_boundaries_are_numpys_pad(backend: str, pair: tuple[np.ndarray, np.ndarray], mode: Any, shape: str) -> None:
    f, g = pair
    spare = [k - 1 for k in g.shape]
    widths = {
        "full": [(n, n) for n in spare],
        "same": [(n // 2, n - n // 2) for n in spare],
        "valid": [(0, 0) for _ in spare],
    }[shape]
    how: dict[str, Any] = {"mode": NUMPY_MODE[mode]} if mode in NUMPY_MODE else {"constant_values": mode}
    padded = np.pad(f, widths, **({} if mode == "zeros" else how))
    wanted = cd.correlate(padded, g, "valid", backend="numpy")
    np.testing.assert_array_equal(cd.correlate(f, g, shape, boundary=mode, backend=backend), wanted)
    turned = cd.correlate(padded, np.flip(g), "valid", backend="numpy")
    np.testing.assert_array_equal(cd.convolve(f, g, shape, boundary=mode, backend=backend), turned)


@given(pairs(larger=True), st.sampled_from(sorted(NDIMAGE_MODE)))
def test_boundaries_are_those_of_ndimage(backend: str, pair: tuple[np.ndarray, np.ndarray], mode: str) -> None:
    f, g = pair
    odd = tuple(slice(0, k - (k + 1) % 2) for k in g.shape)  # ndimage centres even kernels the other way
    g = g[odd]
    wanted = ndimage.correlate(f, g, mode=NDIMAGE_MODE[mode])
    np.testing.assert_array_equal(cd.correlate(f, g, "same", boundary=mode, backend=backend), wanted)


@given(pairs(), st.sampled_from(("full", "same", "valid")), st.integers(1, 4), st.sampled_from(("zeros", "reflect")))
def test_stride_keeps_every_sth_sample(
    backend: str, pair: tuple[np.ndarray, np.ndarray], shape: str, stride: int, mode: str
) -> None:
    f, g = pair
    dense = cd.correlate(f, g, shape, boundary=mode, backend=backend)
    kept = dense[(slice(None, None, stride),) * f.ndim]
    np.testing.assert_array_equal(cd.correlate(f, g, shape, boundary=mode, stride=stride, backend=backend), kept)


@given(pairs(), st.sampled_from(("full", "same", "valid")), st.integers(1, 3))
def test_dilation_is_a_kernel_with_holes(
    backend: str, pair: tuple[np.ndarray, np.ndarray], shape: str, dilation: int
) -> None:
    f, g = pair
    holes = np.zeros([dilation * (k - 1) + 1 for k in g.shape], g.dtype)
    holes[(slice(None, None, dilation),) * g.ndim] = g
    got = cd.convolve(f, g, shape, dilation=dilation, backend=backend)
    np.testing.assert_array_equal(got, cd.convolve(f, holes, shape, backend=backend))


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_channels_are_carried_along(backend: str, axis: int) -> None:
    f = np.random.default_rng(1).integers(0, 256, (7, 9, 3)).astype(np.uint8)
    f = np.moveaxis(f, -1, axis)
    g = np.array([[1, 2], [3, 4], [5, 6]])
    got = cd.correlate(f, g, "same", channel_axis=axis, boundary="reflect", backend=backend)
    assert got.shape == f.shape and got.flags.c_contiguous and got.dtype == np.float32
    for channel in range(3):
        alone = cd.correlate(f.take(channel, axis), g, "same", boundary="reflect", backend=backend)
        np.testing.assert_array_equal(got.take(channel, axis), alone)
    out = np.empty_like(got)
    assert cd.correlate(f, g, "same", channel_axis=axis, boundary="reflect", out=out, backend=backend) is out
    np.testing.assert_array_equal(out, got)


TYPES = [
    (bool, np.float32), (np.int8, np.float32), (np.uint8, np.float32), (np.int16, np.float32), (np.uint16, np.float32),
    (np.int32, np.float64), (np.uint32, np.float64), (np.int64, np.float64), (np.uint64, np.float64),
    (np.float16, np.float16), (np.float32, np.float32), (np.float64, np.float64),
]  # fmt: skip


@pytest.mark.parametrize(("given_type", "result"), TYPES, ids=lambda dtype: np.dtype(dtype).name)
def test_the_result_has_the_type_of_the_table(backend: str, given_type: Any, result: Any) -> None:
    for g in (np.ones(2, given_type), np.ones(2), np.ones(2, np.int64)):  # g is converted to f's compute type
        got = cd.correlate(np.ones(3, given_type), g, backend=backend)
        assert got.dtype == result
        assert got.tolist() == [1, 2, 2, 1]


@pytest.mark.parametrize(("given_type", "_"), TYPES, ids=lambda dtype: np.dtype(dtype).name)
def test_swapped_bytes_are_read(backend: str, given_type: Any, _: Any) -> None:
    f = np.array([0, 1, 1, 0, 1]).astype(np.dtype(given_type).newbyteorder())
    assert cd.correlate(f, [1, 1], "valid", backend=backend).tolist() == [1, 2, 1, 1]


def test_integers_are_rounded_to_even_and_saturated(backend: str) -> None:
    f = np.array([0, 1, 3, 5, 255, 200], np.uint8)
    got = cd.correlate(f, [0.5], "valid", dtype=np.uint8, backend=backend)
    assert (got.dtype, got.tolist()) == (np.uint8, [0, 0, 2, 2, 128, 100])
    assert cd.correlate(f, [3.0], "valid", dtype=f.dtype, backend=backend).tolist() == [0, 3, 9, 15, 255, 255]
    assert cd.correlate(f, [-1.0], "valid", dtype=np.uint8, backend=backend).tolist() == [0] * 6
    assert cd.correlate(f, [-1.0], "valid", dtype=np.int8, backend=backend).tolist() == [0, -1, -3, -5, -128, -128]
    assert cd.correlate(f, [0.3], "valid", dtype=bool, backend=backend).tolist() == [False, False, *[True] * 4]


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint64])
def test_the_largest_integers_saturate(backend: str, dtype: Any) -> None:
    limits = np.iinfo(dtype)
    got = cd.correlate(
        np.array([1e30, -1e30, np.inf, -np.inf, np.nan, 5.0]), [1.0], "valid", dtype=dtype, backend=backend
    )
    assert got.tolist() == [limits.max, limits.min, limits.max, limits.min, 0, 5]


def test_sums_of_16_bit_samples_with_an_integer_result_are_exact(backend: str) -> None:
    rng = np.random.default_rng(7)
    f, g = rng.integers(0, 65536, 400).astype(np.uint16), rng.integers(-1000, 1000, 31)
    wanted = np.correlate(f.astype(np.int64), g, "valid")
    assert (np.abs(wanted) > 2**24).any()
    np.testing.assert_array_equal(cd.correlate(f, g, "valid", dtype=np.int64, backend=backend), wanted)
    scaled = cd.correlate(f, g / 2**12, "valid", dtype=np.int16, backend=backend)
    np.testing.assert_array_equal(scaled, np.rint(np.clip(wanted / 2**12, -32768, 32767)))


def test_a_wide_result_of_narrow_samples_is_exact(backend: str) -> None:
    f, g = np.full(300, 255, np.uint8), np.full(300, 255)
    for dtype in (np.int32, np.float64):
        assert cd.correlate(f, g, "valid", dtype=dtype, backend=backend).item() == 300 * 255**2


def test_float_results_may_be_narrower(backend: str) -> None:
    got = cd.correlate(np.array([1.0, 1e10]), [1.0], "valid", dtype=np.float16, backend=backend)
    assert (got.dtype, got.tolist()) == (np.float16, [1.0, np.inf])


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_views_of_any_strides(backend: str, ndim: int) -> None:
    memory = np.random.default_rng(ndim).integers(-9, 10, (12,) * ndim).astype(np.float32)
    g = memory[(slice(0, 3),) * ndim][(slice(None, None, -1),) * ndim]
    for index in (slice(None, None, -1), slice(1, None, 2), slice(None, None, -3)):
        f = memory[(index,) * ndim].T
        before = memory.copy()
        got = cd.convolve(f, g, boundary="symmetric", backend=backend)
        copied = cd.convolve(f.copy(), g.copy(), boundary="symmetric", backend="numpy")
        np.testing.assert_array_equal(got, copied)
        np.testing.assert_array_equal(memory, before)


@pytest.mark.parametrize("how", ["fits", "strided", "is f", "overlaps f", "overlaps g", "swapped"])
def test_out_is_written_and_returned(backend: str, how: str) -> None:
    memory = np.random.default_rng(2).integers(-9, 10, 60).astype(np.float64)
    f, g = memory[10:30], memory[40:45]
    wanted = np.convolve(f, g)[2:22]
    out = {
        "fits": np.empty(20),
        "strided": np.empty(60)[::3],
        "is f": f,
        "overlaps f": memory[15:35],
        "overlaps g": memory[25:45],
        "swapped": np.empty(20, np.float64),
    }[how]
    if how == "swapped":
        with pytest.raises(cd.DTypeError, match="out has dtype >f8, expected float64"):
            cd.convolve(f, g, "same", out=out.view(">f8"), backend=backend)
        return
    assert cd.convolve(f, g, "same", out=out, backend=backend) is out
    np.testing.assert_array_equal(out, wanted)


def test_out_of_an_integer_type(backend: str) -> None:
    f = np.array([10, 200, 30], np.uint8)
    out = np.empty(3, np.uint8)
    assert cd.correlate(f, [1, 1], "same", dtype=np.uint8, out=out, backend=backend) is out
    assert out.tolist() == [210, 230, 30]


def test_lists_and_scalars_are_arrays(backend: str) -> None:
    got = cd.correlate([[1, 2], [3, 4]], [[1, 1]], "valid", backend=backend)
    assert (got.dtype, got.tolist()) == (np.float64, [[3], [7]])


def test_convolution_is_correlation_turned_round(backend: str) -> None:
    f, g = np.arange(12.0).reshape(3, 4), np.array([[1.0, 2], [0, -1]])
    for boundary in ("zeros", "reflect", "circular", 5):
        got = cd.convolve(f, g, "full", boundary=boundary, backend=backend)
        np.testing.assert_array_equal(got, cd.correlate(f, g[::-1, ::-1], "full", boundary=boundary, backend=backend))


def test_an_impulse_shows_the_kernel(backend: str) -> None:
    impulse = np.zeros((5, 5))
    impulse[2, 2] = 1
    g = np.arange(9.0).reshape(3, 3)
    np.testing.assert_array_equal(cd.convolve(impulse, g, "same", backend=backend)[1:4, 1:4], g)
    np.testing.assert_array_equal(cd.correlate(impulse, g, "same", backend=backend)[1:4, 1:4], g[::-1, ::-1])


def test_uint8_is_within_half_a_step_of_the_exact_sum(backend: str) -> None:
    rng = np.random.default_rng(4)
    f = rng.integers(0, 256, (40, 50)).astype(np.uint8)
    g = rng.random((11, 11))
    g /= g.sum()
    exact = signal.correlate(f.astype(np.float64), g, "valid", method="direct")
    got = cd.correlate(f, g, "valid", dtype=np.uint8, backend=backend)
    assert np.abs(got - exact).max() <= 0.5 + 2.0**-9
