# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kernel of the compiled core, forced by name, against PyTorch: shapes wide enough for all of its blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import convdesk as cd
from convdesk.backends.native.core import load

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there")
F = torch.nn.functional
CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVG_POOL = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
SPARE = {1: 300, 2: 80, 3: 14}
"""Samples per axis beyond what the window needs."""


def integers(seed: int, shape: tuple[int, ...], dtype: Any, low: int = -4) -> np.ndarray:
    """Small integers of a float type, whose sums are exact in any order."""
    return np.random.default_rng(seed).integers(low, 5, shape).astype(dtype)


@st.composite
def layers(draw: st.DrawFn) -> dict[str, Any]:
    """Shapes and arguments of a convolution, spelled as PyTorch spells them."""
    ndim, groups = draw(st.sampled_from((1, 2, 2, 3))), draw(st.sampled_from((1, 1, 2, 4)))
    depthwise = draw(st.booleans())
    taps = [draw(st.integers(1, 9 if ndim == 1 else 5 if ndim == 2 else 3)) for _ in range(ndim)]
    dilation = [draw(st.sampled_from((1, 1, 2, 3))) for _ in range(ndim)]
    extents = [d * (k - 1) + 1 for k, d in zip(taps, dilation, strict=True)]
    return {
        "x": (
            draw(st.integers(0, 2)),
            groups * (1 if depthwise else draw(st.integers(1, 5))),
            *[draw(st.integers(extent, extent + SPARE[ndim])) for extent in extents],
        ),
        "out": groups * draw(st.sampled_from((1, 2, 5, 16, 19))),
        "taps": tuple(taps),
        "settings": {
            "stride": tuple(draw(st.integers(1, 4)) for _ in taps),
            "padding": tuple(draw(st.integers(0, 6)) for _ in taps),
            "dilation": tuple(dilation),
            "groups": groups,
        },
        "dtype": draw(st.sampled_from((np.float32, np.float64))),
    }


@pytest.mark.parametrize("implementation", ["native:direct", "native:igemm"])
@given(layer=layers(), seed=st.integers(0, 2**31))
def test_convolutions_are_torchs(implementation: str, layer: dict[str, Any], seed: int) -> None:
    x = integers(seed, layer["x"], layer["dtype"])
    weight = integers(
        seed + 1, (layer["out"], layer["x"][1] // layer["settings"]["groups"], *layer["taps"]), layer["dtype"]
    )
    bias = integers(seed + 2, (layer["out"],), layer["dtype"])
    expected = CONV[len(layer["taps"])](*map(torch.from_numpy, (x, weight, bias)), **layer["settings"]).numpy()
    found = cd.conv(x, weight, bias, **layer["settings"], implementation=implementation)
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@st.composite
def pools(draw: st.DrawFn, dilated: bool) -> dict[str, Any]:
    """Shape and arguments of a pool; its window fits into the input, as PyTorch wants it."""
    ndim = draw(st.sampled_from((1, 2, 2, 3)))
    taps = tuple(draw(st.integers(1, 5)) for _ in range(ndim))
    dilation = tuple(draw(st.sampled_from((1, 1, 2))) if dilated else 1 for _ in taps)
    settings: dict[str, Any] = {
        "stride": tuple(draw(st.integers(1, 4)) for _ in taps),
        "padding": tuple(draw(st.integers(0, k // 2)) for k in taps),
        "ceil_mode": draw(st.booleans()),
    }
    sizes = (draw(st.integers(d * k, d * k + SPARE[ndim])) for k, d in zip(taps, dilation, strict=True))
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *sizes)
    settings |= {"dilation": dilation} if dilated else {}
    return {"x": shape, "taps": taps, "settings": settings, "dtype": draw(st.sampled_from((np.float32, np.float64)))}


@given(pool=pools(dilated=True), seed=st.integers(0, 2**31), some_nan=st.booleans())
def test_maxima_and_their_indices_are_torchs(pool: dict[str, Any], seed: int, some_nan: bool) -> None:
    x = integers(seed, pool["x"], pool["dtype"])  # few values, so that many are equal
    if some_nan:
        x[np.random.default_rng(seed).random(x.shape) < 0.05] = np.nan
    torchs = MAX_POOL[len(pool["taps"])]
    expected = torchs(torch.from_numpy(x), pool["taps"], **pool["settings"], return_indices=True)
    name = "native:max_pool"
    values, indices = cd.max_pool(x, pool["taps"], **pool["settings"], return_indices=True, implementation=name)
    assert np.array_equal(values, expected[0].numpy(), equal_nan=True)
    assert np.array_equal(indices, expected[1].numpy())
    only = cd.max_pool(x, pool["taps"], **pool["settings"], implementation=name)
    assert np.array_equal(only, values, equal_nan=True)


@given(pool=pools(dilated=False), seed=st.integers(0, 2**31), counted=st.booleans())
def test_averages_are_torchs(pool: dict[str, Any], seed: int, counted: bool) -> None:
    x = integers(seed, pool["x"], pool["dtype"])
    settings = pool["settings"] | {"count_include_pad": counted}
    expected = AVG_POOL[len(pool["taps"])](torch.from_numpy(x), pool["taps"], **settings).numpy()
    assert np.array_equal(cd.avg_pool(x, pool["taps"], **settings, implementation="native:avg_pool"), expected)
