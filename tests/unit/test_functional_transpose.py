# SPDX-License-Identifier: GPL-3.0-or-later
"""``conv_transpose`` against PyTorch, over random shapes and parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import convdesk as cd
from convdesk.geometry import Transposed
from convdesk.testing.strategies import Case, layers

torch = pytest.importorskip("torch")
functional = torch.nn.functional
TORCHS = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d}
PROBLEM = "conv2d:grad_input:f32:n1c1x9x9:o1k3x3:bias"
UNIT = {np.dtype(np.float32): 2.0**-24, np.dtype(np.float64): 2.0**-53}


@st.composite
def transposed(draw: st.DrawFn) -> tuple[Case, dict[str, Any]]:
    """A transposed convolution; some leave no output, or add too much of it, which PyTorch rejects."""
    case = draw(layers())
    case = replace(case, shape=(max(1, case.shape[0]), *case.shape[1:]))  # PyTorch checks less of an empty batch
    keywords = {
        "stride": tuple(w.stride for w in case.windows),
        "dilation": tuple(w.dilation for w in case.windows),
        "padding": tuple(draw(st.integers(0, w.extent // 2 + 1)) for w in case.windows),
        "output_padding": tuple(draw(st.integers(0, max(w.stride, w.dilation))) for w in case.windows),
        "groups": case.groups,
    }
    return case, keywords


def arrays(case: Case, integers: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """x, weight and bias."""
    made = case.out_channels // case.groups
    weight = case.numbers("weight", (case.shape[1], made, *case.kernel_size), integers)
    bias = case.numbers("bias", (case.out_channels,), integers) if case.bias else None
    return case.numbers("x", case.shape, integers), weight, bias


def torchs(arrays: Any, keywords: dict[str, Any]) -> np.ndarray:
    """PyTorch's answer."""
    tensors = [None if array is None else torch.from_numpy(array) for array in arrays]
    return np.asarray(TORCHS[arrays[0].ndim - 2](*tensors, **keywords).numpy())


@given(transposed())
def test_integers_are_torchs(backend: str, able: Any, drawn: tuple[Case, dict[str, Any]]) -> None:
    able(backend, PROBLEM)
    case, keywords = drawn
    given_arrays = arrays(case)
    try:
        wanted = torchs(given_arrays, keywords)
    except RuntimeError as told:
        if "primitive" in str(told) or "memory descriptor" in str(told):
            assume(False)  # a limit of one of PyTorch's own backends, no rule of the operator
        with pytest.raises(cd.ConvDeskError):
            cd.conv_transpose(*given_arrays, **keywords, backend=backend)
        return
    if 0 in wanted.shape[2:]:  # PyTorch rejects this or not, by which of its own backends it happens to take
        with pytest.raises(cd.ShapeError, match=r"padding: got .*expected less than"):
            cd.conv_transpose(*given_arrays, **keywords, backend=backend)
        return
    got = cd.conv_transpose(*given_arrays, **keywords, backend=backend)
    assert got.dtype == wanted.dtype
    assert got.flags.c_contiguous
    np.testing.assert_array_equal(got, wanted)


@given(transposed())
def test_floats_are_within_the_stated_bound(backend: str, able: Any, drawn: tuple[Case, dict[str, Any]]) -> None:
    able(backend, PROBLEM)
    case, keywords = drawn
    given_arrays = arrays(case, integers=False)
    wide = [None if array is None else array.astype(np.float64) for array in given_arrays]
    try:
        exact = torchs(wide, keywords)
    except RuntimeError:
        assume(False)
    assume(0 not in exact.shape[2:])
    size = torchs([None if array is None else np.abs(array) for array in wide], keywords)
    got = cd.conv_transpose(*given_arrays, **keywords, backend=backend)
    terms = np.prod(case.kernel_size) * (case.shape[1] // case.groups) + case.bias
    unit = UNIT[got.dtype] * (2 if got.dtype == np.float64 else 1)  # the judge rounds in float64 too
    assert (np.abs(got - exact) <= (terms + 2) * unit * size).all()


@given(layers())
def test_it_is_the_gradient_of_the_convolution(backend: str, able: Any, case: Case) -> None:
    able(backend, PROBLEM)
    grad, weight = case.numbers("grad", case.out_shape), case.numbers("weight", case.weight_shape)
    keywords = case.keywords()
    assume(all(Transposed(w).out_size(size) for w, size in zip(case.windows, case.out_shape[2:], strict=True)))
    seen = cd.conv_grad_input(grad, weight, case.shape, **keywords, backend=backend)
    made = cd.conv_transpose(grad, weight, **keywords, backend=backend)
    smaller = tuple(slice(0, min(a, b)) for a, b in zip(seen.shape, made.shape, strict=True))
    np.testing.assert_array_equal(made[smaller], seen[smaller])


@given(layers(), st.integers(0, 2), st.integers(0, 2))
def test_padding_of_two_sides_leaves_outputs_away(backend: str, able: Any, case: Case, lo: int, hi: int) -> None:
    able(backend, PROBLEM)
    x, weight, bias = arrays(case)
    keywords = case.keywords() | {"padding": 0}
    whole = cd.conv_transpose(x, weight, bias, **keywords, backend=backend)
    assume(min(whole.shape[2:]) > lo + hi)
    got = cd.conv_transpose(x, weight, bias, **keywords | {"padding": ((lo, hi),) * case.ndim}, backend=backend)
    inner = tuple(slice(lo, size - hi) for size in whole.shape[2:])
    np.testing.assert_array_equal(got, whole[(..., *inner)])


@given(transposed())
def test_without_a_batch(backend: str, able: Any, drawn: tuple[Case, dict[str, Any]]) -> None:
    able(backend, PROBLEM)
    x, weight, bias = arrays(drawn[0])
    try:
        whole = cd.conv_transpose(x, weight, bias, **drawn[1], backend=backend)
    except cd.ConvDeskError:
        assume(False)
    for image, one in zip(x, whole, strict=True):
        np.testing.assert_array_equal(cd.conv_transpose(image, weight, bias, **drawn[1], backend=backend), one)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, bool, np.uint8, np.int16, np.int32, np.int64])
def test_the_result_has_the_type_of_the_table(backend: str, able: Any, dtype: Any) -> None:
    able(backend, PROBLEM)
    got = cd.conv_transpose(np.ones((1, 1, 3), dtype), np.ones((1, 1, 2), dtype), np.ones(1, dtype), backend=backend)
    wide = np.dtype(dtype).itemsize > (4 if np.dtype(dtype).kind == "f" else 2)
    assert got.dtype == (np.float16 if dtype == np.float16 else np.float64 if wide else np.float32)
    assert got.tolist() == [[[2, 3, 3, 2]]]


def test_out_is_written(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    x, weight = np.ones((1, 1, 3), np.float32), np.ones((1, 1, 2), np.float32)
    for out in (np.empty((1, 1, 4), np.float32), np.empty((1, 1, 8), np.float32)[..., ::2]):
        assert cd.conv_transpose(x, weight, out=out, backend=backend) is out
        assert out.tolist() == [[[1, 2, 2, 1]]]


def test_an_empty_batch(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    got = cd.conv_transpose(np.ones((0, 2, 3)), np.ones((2, 3, 2)), np.ones(3), stride=2, backend=backend)
    assert got.shape == (0, 3, 6)


def test_more_extra_outputs_than_the_stride(backend: str, able: Any) -> None:
    able(backend, PROBLEM)
    got = cd.conv_transpose(np.ones((1, 1, 2)), np.ones((1, 1, 2)), dilation=3, output_padding=2, backend=backend)
    assert got.tolist() == [[[1, 1, 0, 1, 1, 0, 0]]]
