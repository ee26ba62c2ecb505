# SPDX-License-Identifier: GPL-3.0-or-later
"""``match`` against NumPy's corrcoef of every window, scikit-image and OpenCV; and what must hold for any data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

import convdesk as cd

PROBLEM = "match2d:fwd:f32:n1c1x9x9:k3x3:pearson"
STEPS = ("none", "center", "cosine", "pearson")
NUMPY_MODE = {"replicate": "edge", "reflect": "reflect", "symmetric": "symmetric", "circular": "wrap"}
EPS = {np.dtype(np.float32): 2.0**-23, np.dtype(np.float64): 2.0**-52}

sizes = st.integers(1, 3).flatmap(
    lambda ndim: st.tuples(*[st.tuples(st.integers(1, 4), st.integers(0, {1: 30, 2: 9, 3: 4}[ndim]))] * ndim)
)
seeds, dtypes = st.integers(0, 2**31), st.sampled_from((np.float32, np.float64))


def pair(shape: Any, seed: int, dtype: Any, channels: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """An array and a template that fits into it; with channels, on a last axis."""
    rng = np.random.default_rng(seed)
    last = (channels,) * (channels > 0)
    f = rng.standard_normal((*(taps + more for taps, more in shape), *last)) + rng.integers(-3, 4)
    return f.astype(dtype), rng.standard_normal((*(taps for taps, _ in shape), *last)).astype(dtype)


def windows(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Every window of f as a row of float64."""
    found = sliding_window_view(f.astype(np.float64), g.shape)
    return found.reshape(*found.shape[: f.ndim], -1)


def expected(f: np.ndarray, g: np.ndarray, normalize: str) -> np.ndarray:
    """The family, step by step, in float64 and by the book."""
    rows, template = windows(f, g), g.astype(np.float64).ravel()
    if normalize in ("center", "pearson"):
        rows, template = rows - rows.mean(-1, keepdims=True), template - template.mean()
    found = (rows * template).sum(-1)
    if normalize in ("cosine", "pearson"):
        norms = np.linalg.norm(rows, axis=-1) * np.linalg.norm(template)
        found = np.divide(found, norms, out=np.zeros_like(found), where=norms > 0)
    return found


def flat(f: np.ndarray, g: np.ndarray, slack: float = 1.0) -> np.ndarray:
    """Where the window, or the template, is flat by the stated rule."""
    eps, rows = EPS[f.dtype], windows(f, g)

    def rule(values: np.ndarray) -> np.ndarray:
        centred = np.linalg.norm(values - values.mean(-1, keepdims=True), axis=-1)
        limit = 4 * eps * np.sqrt(values.shape[-1]) * np.abs(values).max(-1)
        return (centred < slack * limit) | (values.min(-1) == values.max(-1))

    return rule(rows) | rule(g.astype(f.dtype).astype(np.float64).ravel())


def conditioned(rows: np.ndarray) -> np.ndarray:
    """How many times larger the largest value is than the standard deviation."""
    return np.abs(rows).max(-1) / np.maximum(np.std(rows, axis=-1), 1e-12)


@given(sizes, seeds, dtypes, st.sampled_from(STEPS))
def test_the_four_steps(backend: str, able: Any, shape: Any, seed: int, dtype: Any, normalize: str) -> None:
    able(backend, PROBLEM)
    f, g = pair(shape, seed, dtype)
    got, wanted = cd.match(f, g, normalize, backend=backend), expected(f, g, normalize)
    assert got.dtype == dtype
    assert got.flags.c_contiguous
    if normalize in ("center", "pearson"):
        wanted = np.where(flat(f, g), 0, wanted)
    scale = 1 if normalize in ("cosine", "pearson") else expected(np.abs(f), np.abs(g), "none") + 1
    condition = 1.0
    if normalize == "pearson":  # digits are lost where the mean is large beside what varies
        condition = conditioned(windows(f, g)) + conditioned(g.astype(np.float64).ravel())
    allowed = (g.size + 8) * EPS[f.dtype] * scale * condition
    assert (np.abs(got - wanted) <= allowed).all()


@given(sizes, seeds)
def test_pearson_is_corrcoef_of_every_window(backend: str, able: Any, shape: Any, seed: int) -> None:
    able(backend, PROBLEM)
    f, g = pair(shape, seed, np.float64)
    got = cd.match(f, g, backend=backend)
    for at in np.ndindex(got.shape):
        row = windows(f, g)[at]
        if g.size > 1:
            assert got[at] == pytest.approx(np.corrcoef(row, g.ravel())[0, 1], abs=1e-9)
        else:
            assert got[at] == 0


@given(sizes, seeds, st.integers(1, 4), st.sampled_from(STEPS))
def test_channels_are_summed_over(
    backend: str, able: Any, shape: Any, seed: int, channels: int, normalize: str
) -> None:
    able(backend, PROBLEM)
    f, g = pair(shape, seed, np.float64, channels)
    wanted = expected(f, g, normalize)[..., 0]
    if normalize in ("center", "pearson"):
        wanted = np.where(flat(f, g)[..., 0], 0, wanted)
    for axis in (-1, f.ndim - 1):
        got = cd.match(f, g, normalize, channel_axis=axis, backend=backend)
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)
    first = cd.match(np.moveaxis(f, -1, 0), np.moveaxis(g, -1, 0), normalize, channel_axis=0, backend=backend)
    np.testing.assert_allclose(first, wanted, rtol=1e-9, atol=1e-9)


@given(
    st.integers(0, 2**31), st.sampled_from((1e-30, 1e-20, 1.0, 1e15, 1e30)), st.sampled_from((0, 1e-7, 1e-3, 1.0)),
    st.sampled_from((-1e30, -1.0, 0.0, 1.0, 1e15, 1e30)), dtypes, st.sampled_from((1, 2, 3)),
)  # fmt: skip
def test_r_stays_in_its_range_on_any_data(
    backend: str, able: Any, seed: int, scale: float, noise: float, mean: float, dtype: Any, ndim: int
) -> None:
    """Constant, nearly constant, huge and tiny data: a number, never beyond 1, and exactly 0 where it is flat."""
    able(backend, PROBLEM)
    rng = np.random.default_rng(seed)
    f = (mean + scale * noise * rng.standard_normal((9,) * ndim)).astype(dtype)
    f[tuple(slice(0, 4) for _ in range(ndim))] = dtype(mean)
    for template in (f[(slice(2, 5),) * ndim], rng.standard_normal((3,) * ndim), np.full((2,) * ndim, mean)):
        for normalize in ("cosine", "pearson"):
            got = cd.match(f, template, normalize, backend=backend)
            assert (np.abs(got) <= 1).all()
        surely = flat(f, np.asarray(template, dtype), 0.5)
        assert (got[surely] == 0).all()
        assert (cd.match(f, template, "center", backend=backend)[surely] == 0).all()


@pytest.mark.parametrize("scale", [1e-30, 1e-18, 1.0, 1e18, 1e30])
def test_a_patch_is_found_where_it_was_cut(backend: str, able: Any, scale: float) -> None:
    able(backend, PROBLEM)
    f = (np.random.default_rng(3).standard_normal((20, 23)) * scale).astype(np.float32)
    got = cd.match(f, f[7:12, 9:16], backend=backend)
    assert np.unravel_index(got.argmax(), got.shape) == (7, 9)
    assert got.max() == pytest.approx(1, abs=4 * 2.0**-23)
    assert np.sort(got.ravel())[-2] < 0.9


@given(seeds, st.floats(0.1, 50), st.floats(-20, 20))
def test_r_does_not_see_brightness_and_contrast(backend: str, able: Any, seed: int, a: float, b: float) -> None:
    able(backend, PROBLEM)
    f, g = pair(((3, 9), (4, 8)), seed, np.float64)
    np.testing.assert_allclose(
        cd.match(a * f + b, g, backend=backend), cd.match(f, g, backend=backend), rtol=0, atol=1e-10
    )
    np.testing.assert_allclose(
        cd.match(f, a * g + b, backend=backend), cd.match(f, g, backend=backend), rtol=0, atol=1e-10
    )
    np.testing.assert_allclose(cd.match(-f, g, backend=backend), -cd.match(f, g, backend=backend), rtol=0, atol=1e-12)


@pytest.mark.parametrize("normalize", STEPS)
@pytest.mark.parametrize("shape", ["valid", "same", "full"])
@pytest.mark.parametrize("boundary", ["zeros", *NUMPY_MODE, 3.5])
def test_shapes_and_boundaries_are_a_padded_copy(
    backend: str, able: Any, normalize: str, shape: str, boundary: Any
) -> None:
    able(backend, PROBLEM)
    f, g = pair(((4, 9), (3, 8)), 11, np.float64)
    pads = {"valid": ((0, 0), (0, 0)), "same": ((1, 2), (1, 1)), "full": ((3, 3), (2, 2))}[shape]
    how: dict[str, Any] = {"mode": NUMPY_MODE[boundary]} if boundary in NUMPY_MODE else {
        "constant_values": 0 if boundary == "zeros" else boundary
    }  # fmt: skip
    padded = np.pad(f, pads, **how)
    wanted = expected(padded, g, normalize)
    got = cd.match(f, g, normalize, shape=shape, boundary=boundary, backend=backend)
    if shape == "same":
        assert got.shape == f.shape
    np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-10)


def test_scikit_image_agrees(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    feature = pytest.importorskip("skimage.feature")
    for shape in (((5, 20), (4, 30)), ((3, 6), (2, 5), (4, 7))):
        f, g = pair(shape, 2, np.float64)
        np.testing.assert_allclose(
            cd.match(f, g, backend=backend), feature.match_template(f, g), rtol=0, atol=1e-10
        )  # fmt: skip


@pytest.mark.parametrize(("normalize", "method"), [
    ("none", "TM_CCORR"), ("cosine", "TM_CCORR_NORMED"), ("center", "TM_CCOEFF"), ("pearson", "TM_CCOEFF_NORMED"),
])  # fmt: skip
def test_opencv_agrees(backend: str, able: Any, normalize: str, method: str) -> None:
    able(backend, PROBLEM)
    cv2 = pytest.importorskip("cv2")
    f, g = pair(((5, 20), (4, 30)), 2, np.float32)
    wanted = cv2.matchTemplate(f, g, getattr(cv2, method))
    np.testing.assert_allclose(cd.match(f, g, normalize, backend=backend), wanted, rtol=0, atol=2e-4)


def test_scipy_agrees_on_the_dot_product(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    signal = pytest.importorskip("scipy.signal")
    f, g = np.random.default_rng(0).integers(-9, 10, (12, 13)) * 1.0, np.random.default_rng(1).integers(-9, 10, (3, 4))
    for shape in ("valid", "full"):
        wanted = signal.correlate(f, g.astype(float), shape, method="direct")
        np.testing.assert_array_equal(cd.match(f, g, "none", shape=shape, backend=backend), wanted)


def test_a_template_of_one_sample_is_flat(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    assert cd.match([1.0, 2.0], [3.0], backend=backend).tolist() == [0, 0]
    assert cd.match([1.0, -2.0, 0.0], [3.0], "cosine", backend=backend).tolist() == [1, -1, 0]


def test_a_nan_and_an_infinity_reach_the_windows_that_hold_them(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    for bad in (np.nan, np.inf, -np.inf):
        f = np.random.default_rng(0).standard_normal(12)
        clean = cd.match(f, [1.0, 2.0, 4.0], backend=backend)
        f[5] = bad
        for normalize in STEPS:
            got = cd.match(f, [1.0, 2.0, 4.0], normalize, backend=backend)
            assert np.flatnonzero(~np.isfinite(got)).tolist() == [3, 4, 5]
        keep = np.r_[0:3, 6:10]
        np.testing.assert_array_equal(got[keep], clean[keep])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, bool, np.uint8, np.int16, np.int32, np.int64])
def test_the_result_has_the_type_of_the_table(backend: str, able: Any, dtype: Any) -> None:
    able(backend, PROBLEM)
    f = np.array([0, 1, 1, 0, 1]).astype(dtype)
    wide = np.dtype(dtype).itemsize > (4 if np.dtype(dtype).kind == "f" else 2)
    got = cd.match(f, [0, 1], backend=backend)
    assert got.dtype == (np.float16 if dtype == np.float16 else np.float64 if wide else np.float32)
    np.testing.assert_allclose(got, [1, 0, -1, 1], atol=1e-3)


@pytest.mark.parametrize("shape", ["valid", "same", "full"])
def test_sizes_of_empty_and_larger_templates(backend: str, able: Any, shape: str) -> None:
    able(backend, PROBLEM)
    f = np.ones(5)
    sizes = {"valid": (5, 0), "same": (5, 5), "full": (5, 12)}[shape]
    assert cd.match(f, np.ones(0), shape=shape, backend=backend).tolist() == [0] * sizes[0]
    assert cd.match(f, np.ones(8), shape=shape, backend=backend).shape == (sizes[1],)
    assert cd.match(np.ones(0), np.ones(2), shape="valid", backend=backend).shape == (0,)


def test_out_is_written(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    f, g = np.array([1.0, 2.0, 4.0, 1.0]), np.array([1.0, 3.0])
    wanted = cd.match(f, g, backend=backend).tolist()
    for out in (np.empty(3), np.empty(6)[::2]):
        assert cd.match(f, g, out=out, backend=backend) is out
        assert out.tolist() == wanted == pytest.approx([1, 1, -1])
