# SPDX-License-Identifier: GPL-3.0-or-later
"""``local_conv``: tied weights make it a convolution, untied ones a sum of PyTorch's unfolded windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given

import convdesk as cd
from convdesk.testing.strategies import Case, layers

torch = pytest.importorskip("torch")
PROBLEM = "local_conv2d:fwd:f32:n1c1x9x9:o1k3x3:bias"
UNIT = {np.dtype(np.float32): 2.0**-24, np.dtype(np.float64): 2.0**-53}


def bias_of(case: Case, integers: bool = True) -> np.ndarray | None:
    return case.numbers("bias", (case.out_channels,), integers) if case.bias else None


@given(layers(grouped=False))
def test_tied_weights_are_a_convolution(backend: str, able: Any, case: Case) -> None:
    able(backend, PROBLEM)
    x, weight = case.numbers("x", case.shape), case.numbers("weight", case.weight_shape)
    keywords = case.keywords(groups=False) | {"backend": backend}
    tied = np.broadcast_to(
        weight[(..., *[None] * case.ndim)], (*weight.shape, *case.out_shape[2:])
    )  # the same kernel everywhere
    got = cd.local_conv(x, tied, bias_of(case), **keywords)
    assert got.dtype == case.dtype
    assert got.flags.c_contiguous
    np.testing.assert_array_equal(got, cd.conv(x, weight, bias_of(case), **keywords))


def by_windows(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, case: Case) -> np.ndarray:
    """Every output as one product of its window and its kernel, by index arithmetic alone."""
    out = np.zeros(case.out_shape)
    for at in np.ndindex(case.out_shape[2:]):
        axes = [np.asarray(window.taps(o)) for window, o in zip(case.windows, at, strict=True)]
        inside = [(cells >= 0) & (cells < size) for cells, size in zip(axes, x.shape[2:], strict=True)]
        field = x[np.ix_(*map(range, x.shape[:2]), *(a[i] for a, i in zip(axes, inside, strict=True)))]
        kernel = weight[(..., *at)][np.ix_(*map(range, weight.shape[:2]), *(np.flatnonzero(i) for i in inside))]
        out[(..., *at)] = np.tensordot(field, kernel, (range(1, x.ndim), range(1, x.ndim)))
    return out if bias is None else out + bias.reshape(-1, *[1] * case.ndim)


@given(layers(grouped=False))
def test_every_output_has_its_own_kernel(backend: str, able: Any, case: Case) -> None:
    able(backend, PROBLEM)
    x = case.numbers("x", case.shape)
    weight = case.numbers("weight", (*case.weight_shape, *case.out_shape[2:]))
    got = cd.local_conv(x, weight, bias_of(case), **case.keywords(groups=False), backend=backend)
    np.testing.assert_array_equal(got, by_windows(x, weight, bias_of(case), case))


@given(layers(grouped=False))
def test_floats_are_within_the_stated_bound(backend: str, able: Any, case: Case) -> None:
    able(backend, PROBLEM)
    x, bias = case.numbers("x", case.shape, False), bias_of(case, False)
    weight = case.numbers("weight", (*case.weight_shape, *case.out_shape[2:]), False)
    got = cd.local_conv(x, weight, bias, **case.keywords(groups=False), backend=backend)
    wide = [None if array is None else array.astype(np.float64) for array in (x, weight, bias)]
    exact = by_windows(*wide, case)
    size = by_windows(*(None if array is None else np.abs(array) for array in wide), case)
    terms = np.prod(case.weight_shape[1:]) + case.bias
    unit = UNIT[got.dtype] * (2 if got.dtype == np.float64 else 1)  # the judge rounds in float64 too
    assert (np.abs(got - exact) <= (terms + 2) * unit * size).all()


@given(layers(ndims=(2,), grouped=False))
def test_unfolded_windows_of_torch(backend: str, able: Any, case: Case) -> None:
    able(backend, PROBLEM)
    x = case.numbers("x", (max(1, case.shape[0]), *case.shape[1:]))
    weight = case.numbers("weight", (*case.weight_shape, *case.out_shape[2:]))
    padded = np.pad(x, ((0, 0), (0, 0), *case.pads))
    dilation, stride = (tuple(getattr(w, name) for w in case.windows) for name in ("dilation", "stride"))
    fields = torch.nn.functional.unfold(torch.from_numpy(padded), case.kernel_size, dilation, 0, stride).numpy()
    wanted = np.einsum("nkl,okl->nol", fields, weight.reshape(len(weight), -1, fields.shape[-1]))
    got = cd.local_conv(x, weight, **case.keywords(groups=False), backend=backend)
    np.testing.assert_array_equal(got, wanted.reshape(got.shape))


def test_without_a_batch(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    rng = np.random.default_rng(0)
    x, weight = rng.integers(-5, 6, (1, 2, 5, 6)), rng.integers(-5, 6, (3, 2, 2, 3, 4, 4))
    np.testing.assert_array_equal(
        cd.local_conv(x[0], weight, backend=backend), cd.local_conv(x, weight, backend=backend)[0]
    )
    assert cd.local_conv(x[:0], weight, backend=backend).shape == (0, 3, 4, 4)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, bool, np.uint8, np.int16, np.int32, np.int64])
def test_the_result_has_the_type_of_the_table(backend: str, able: Any, dtype: Any) -> None:
    able(backend, PROBLEM)
    got = cd.local_conv(np.ones((1, 1, 3), dtype), np.ones((1, 1, 2, 2), dtype), backend=backend)
    wide = np.dtype(dtype).itemsize > (4 if np.dtype(dtype).kind == "f" else 2)
    assert got.dtype == (np.float16 if dtype == np.float16 else np.float64 if wide else np.float32)
    assert got.tolist() == [[[2, 2]]]


def test_out_is_written(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    for out in (np.empty((1, 1, 2)), np.empty((1, 1, 4))[..., ::2]):
        assert cd.local_conv(np.ones((1, 1, 3)), np.ones((1, 1, 2, 2)), out=out, backend=backend) is out
        assert out.tolist() == [[[2, 2]]]


def test_a_nan_reaches_the_outputs_that_see_it(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    x = np.ones((1, 1, 9))
    x[0, 0, 4] = np.nan
    got = cd.local_conv(x, np.ones((1, 1, 3, 9)), padding=1, backend=backend)
    assert np.flatnonzero(np.isnan(got[0, 0])).tolist() == [3, 4, 5]
