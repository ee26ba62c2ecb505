# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that are made once and run many times, and calls that were seen before: the same bits as the first one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import convdesk as cd
from convdesk.functional import __all__ as functions
from convdesk.functional.seen import CALLS, Calls, frozen
from convdesk.threads import get_threads

DATA = np.random.default_rng(5)


def real(*shape: int, dtype: Any = np.float32) -> np.ndarray:
    return DATA.standard_normal(shape).astype(dtype)


X, W, B = real(2, 3, 9, 8), real(4, 3, 3, 2), real(4)
F, G = real(11, 7), real(3, 2)
BEST, PLACES = cd.max_pool(X, 2, return_indices=True)

CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "adaptive_avg_pool": (cd.adaptive_avg_pool, (X, (3, 5)), {}),
    "adaptive_max_pool": (cd.adaptive_max_pool, (X, 3, True), {}),
    "avg_pool": (cd.avg_pool, (X, 3), {"padding": 1}),
    "avg_pool_grad": (cd.avg_pool_grad, (BEST, X.shape, 2), {}),
    "conv": (cd.conv, (X, W, B), {"padding": ((1, 0), (0, 1)), "stride": (2, 1), "padding_mode": 0.5, "flip": True}),
    "conv_grad_input": (cd.conv_grad_input, (cd.conv(X, W), W, X.shape), {}),
    "conv_grad_weight": (cd.conv_grad_weight, (cd.conv(X, W), X, W.shape), {}),
    "conv_transpose": (cd.conv_transpose, (X, real(3, 2, 3, 3), real(2)), {"stride": 2}),
    "convolve": (cd.convolve, (F, G, "same"), {"boundary": "reflect"}),
    "correlate": (
        cd.correlate,
        (DATA.integers(0, 256, (6, 9, 3), np.uint8), G),
        {"channel_axis": 2, "dtype": np.uint8},
    ),
    "local_conv": (cd.local_conv, (X, real(2, 3, 3, 3, 7, 6)), {"bias": real(2)}),
    "lp_pool": (cd.lp_pool, (X, float("inf"), 2), {}),
    "match": (cd.match, (F, G), {"shape": "same"}),
    "max_pool": (cd.max_pool, (X, 2), {"return_indices": True}),
    "max_pool_grad": (cd.max_pool_grad, (BEST, PLACES, X.shape), {}),
    "max_unpool": (cd.max_unpool, (BEST, PLACES, 2), {}),
    "min_pool": (cd.min_pool, (DATA.integers(-9, 9, (3, 6, 6)), (2, 2)), {}),
}


def pair(found: Any) -> tuple[np.ndarray, ...]:
    return found if isinstance(found, tuple) else (found,)


def assert_same(found: Any, expected: Any) -> None:
    for one, other in zip(pair(found), pair(expected), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_every_function_has_a_case() -> None:
    assert set(CASES) == set(functions)


@pytest.mark.parametrize("name", CASES)
def test_prepared_is_plain_is_seen_before(name: str) -> None:
    fn, args, same = CASES[name]
    op = cd.prepare(fn, *args, **same)
    fresh = np.ascontiguousarray(args[0][..., ::-1])
    for x in (args[0], fresh, args[0][::-1], args[0][..., ::-1]):
        CALLS.remember("nothing", CALLS, None)  # other settings: all is forgotten
        first = fn(x, *args[1:], **same)
        assert_same(fn(x, *args[1:], **same), first)
        assert_same(op(x), first)
        out = tuple(np.empty_like(one) for one in pair(first))
        given = out if isinstance(first, tuple) else out[0]
        for found in (op(x, out=given), fn(x, *args[1:], **same, out=given)):
            assert all(one is other for one, other in zip(pair(found), out, strict=True))
            assert_same(found, first)


@pytest.mark.parametrize("name", [name for name, (fn, _, _) in CASES.items() if len(fn.operands) > 1])
def test_other_arrays_keep_the_values_they_had_when_prepared(name: str) -> None:
    fn, args, same = CASES[name]
    count = len(fn.operands)
    mine = [np.array(a) if place < count and isinstance(a, np.ndarray) else a for place, a in enumerate(args)]
    op = cd.prepare(fn, *mine, **same)
    expected = fn(*mine, **same)
    for array in mine[1:count]:
        array += 1
    assert_same(op(mine[0]), expected)


def test_a_weight_that_changed_counts_in_a_plain_call() -> None:
    weight = W.copy()
    before = cd.conv(X, weight)
    weight *= 2
    np.testing.assert_array_equal(cd.conv(X, weight), 2 * before)


def test_out_may_be_the_input() -> None:
    x, g = real(9, 9), real(3, 3)
    expected = cd.correlate(x, g, "same")
    op, mine, again = cd.prepare(cd.correlate, x, g, "same"), x.copy(), x.copy()
    assert op(mine, out=mine) is mine
    cd.correlate(again, g, "same", out=again)
    np.testing.assert_array_equal(mine, expected)
    np.testing.assert_array_equal(again, expected)


def test_out_may_lie_anyhow() -> None:
    op, expected = cd.prepare(cd.conv, X, W), cd.conv(X, W)
    out = np.empty(expected.shape[::-1], expected.dtype).T
    assert op(X, out=out) is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize(
    ("x", "out", "error", "message"),
    [
        (X[:1], None, cd.ShapeError, r"conv: x has shape \(1, 3, 9, 8\), prepared for \(2, 3, 9, 8\)"),
        (X.astype(np.float64), None, cd.DTypeError, "conv: x has dtype float64, prepared for float32"),
        ("text", None, cd.DTypeError, "conv: x has dtype <U4"),
        (X, np.empty((2, 4, 7, 6), np.float32), cd.ShapeError, "conv: out has shape"),
        (X, np.empty((2, 4, 7, 7)), cd.DTypeError, "conv: out has dtype float64, expected float32"),
        (X, [], cd.ParameterError, "conv: out: got list"),
    ],
    ids=["shape", "dtype", "text", "out's shape", "out's dtype", "out's kind"],
)
def test_what_does_not_fit_is_said(x: Any, out: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cd.prepare(cd.conv, X, W)(x, out=out)


def test_prepare_takes_functions_of_arrays_and_no_out() -> None:
    with pytest.raises(cd.ParameterError, match="expected a function of convdesk"):
        cd.prepare(np.convolve, F, G)
    with pytest.raises(cd.ParameterError, match="out"):
        cd.prepare(cd.conv, X, W, out=None)
    with pytest.raises(cd.ShapeError, match="weight expects"):
        cd.prepare(cd.conv, X, W[:, :2])


def test_indices_are_checked_however_often_they_were_seen() -> None:
    wrong = PLACES.copy()
    wrong[0, 0, 0, 0] = 99
    cd.max_unpool(BEST, PLACES, 2)
    with pytest.raises(cd.ParameterError, match="got 99"):
        cd.max_unpool(BEST, wrong, 2)


def test_wide_integers_stay_exact_after_small_ones() -> None:
    op = cd.prepare(cd.max_pool, np.zeros((1, 1, 4), np.int64), 2)
    large = np.array([[[2**60 + 1, 0, 2**60 + 3, 2**60 + 2]]])
    assert cd.max_pool(np.zeros((1, 1, 4), np.int64), 2).sum() == 0
    for found in (op(large), cd.max_pool(large, 2)):
        np.testing.assert_array_equal(found, [[[2**60 + 1, 2**60 + 3]]])


def test_a_wrong_argument_is_wrong_after_an_equal_one() -> None:
    cd.conv(X, W, stride=(1, 1), groups=1)
    for wrong in ({"stride": (1.0, 1)}, {"groups": 1.0}, {"stride": True}):
        with pytest.raises(cd.ParameterError):
            cd.conv(X, W, **wrong)


def test_arrays_by_name_and_by_place_are_one_call() -> None:
    expected = cd.conv(X, W, B)
    np.testing.assert_array_equal(cd.conv(bias=B, weight=W, x=X), expected)
    np.testing.assert_array_equal(cd.prepare(cd.conv, X, weight=W, bias=B)(X), expected)


def test_the_backend_in_force_decides_and_stays_when_prepared() -> None:
    with cd.using_backend("numpy"):
        op = cd.prepare(cd.conv, X, W)
        expected = cd.conv(X, W)
    cd.conv(X, W)
    assert op.plan is not None and op.plan.backend.name == "numpy"
    np.testing.assert_array_equal(op(X), expected)
    assert cd.prepare(cd.conv, X, W, implementation="native:direct").plan.chosen == "native:direct"


def test_other_settings_forget_what_was_seen() -> None:
    threads = get_threads()
    expected = cd.conv(X, W)
    op = cd.prepare(cd.conv, X, W)
    try:
        for count in (1, 3):
            cd.set_threads(count)
            np.testing.assert_array_equal(cd.conv(X, W), expected)
            np.testing.assert_array_equal(op(X), expected)
            assert len(CALLS) == 1
    finally:
        cd.set_threads(threads)


def test_what_is_remembered_is_bounded() -> None:
    calls: Any = Calls(kept=3)
    for number in range(5):
        calls.remember(number, str(number), "same")
    assert len(calls) == 3
    assert [calls.get(number) for number in range(5)] == [None, None, "2", "3", "4"]


def test_keys_tell_equal_values_of_other_types_apart() -> None:
    assert len({frozen(value) for value in (1, 1.0, True, (1,), (1.0,), (True,), 0.0, -0.0, "1", None)}) == 10
    with pytest.raises(TypeError):
        frozen([1])


def test_threads_share_a_prepared_call() -> None:
    op = cd.prepare(cd.conv, X, W, B)
    inputs = [real(*X.shape) for _ in range(40)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(op, inputs))
    for x, one in zip(inputs, found, strict=True):
        np.testing.assert_array_equal(one, cd.conv(x, W, B))
