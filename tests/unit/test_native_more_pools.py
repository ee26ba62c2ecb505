# SPDX-License-Identifier: GPL-3.0-or-later
"""The native minimum, Lp and adaptive pools, and pools of whole numbers, against the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_oracle import (
    LONGEST,
    REFERENCE,
    ROUTINES,
    UNIT,
    exactly_the_reference,
    laid_out,
    operands,
    pool_axes,
    run,
    same_bits,
)  # fmt: skip

from convdesk.backends.native.core import load
from convdesk.backends.protocol import Operands
from convdesk.network.problem import Problem

pytestmark = pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there")
all_types = st.sampled_from(("f32", "f64", "i64", "u64"))
floats, seeds = st.sampled_from(("f32", "f64")), st.integers(0, 2**31)


@given(st.sampled_from(("max_pool", "min_pool")), all_types, pool_axes(), st.booleans(), seeds)
def test_winners_and_where_they_are(op: str, dtype: str, axes: Any, indices: bool, seed: int) -> None:
    problem = Problem(op, dtype, 2, 3, axes[1], axes[0], indices=indices)
    assert exactly_the_reference(problem, operands(problem, seed)) == 1


@st.composite
def adaptive(draw: st.DrawFn, op: str, dtype: str) -> Problem:
    """From any sizes to any sizes, larger ones too; wide windows, whose rows go by vectors."""
    ndim = draw(st.sampled_from((1, 2, 2, 3)))
    spatial = tuple(draw(st.integers(1, LONGEST[ndim])) for _ in range(ndim))
    sizes = tuple(draw(st.integers(1, draw(st.sampled_from((3, size + 2))))) for size in spatial)
    indices = op == "adaptive_max_pool" and draw(st.booleans())
    return Problem(op, dtype, 2, 3, spatial, (), out_sizes=sizes, indices=indices)


@given(st.data(), all_types, seeds)
def test_adaptive_winners(data: st.DataObject, dtype: str, seed: int) -> None:
    problem = data.draw(adaptive("adaptive_max_pool", dtype))
    assert exactly_the_reference(problem, operands(problem, seed)) == 1


@given(st.data(), floats, seeds)
def test_adaptive_means(data: st.DataObject, dtype: str, seed: int) -> None:
    problem = data.draw(adaptive("adaptive_avg_pool", dtype))
    args, routine = operands(problem, seed), ROUTINES["native:adaptive_avg_pool"]
    got = run(routine, problem, args)
    np.testing.assert_allclose(got[0], run(REFERENCE, problem, args)[0], rtol=2 * UNIT[dtype], atol=0)
    same_bits(got, run(routine, problem, args, 2))
    contiguous = operands(problem, seed // 4 * 4)  # layout 0
    same_bits(run(routine, problem, Operands(laid_out(contiguous.x, 2))), run(routine, problem, contiguous))


@pytest.mark.parametrize("op", ["max_pool", "min_pool", "adaptive_max_pool"])
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_nan_and_infinities_win_as_in_the_reference(op: str, dtype: str) -> None:
    rng = np.random.default_rng(1)
    name = f"{op}2d:fwd:{dtype}:n2c3x40x60:" + ("a3x2" if op.startswith("ad") else "k3x5s2x1p1+1x2+2") + ":idx"
    problem = Problem.parse(name)
    x = rng.standard_normal(problem.in_shape).astype(operands(problem, 0).x.dtype)
    for bad in (np.nan, np.inf, -np.inf):
        x[rng.random(x.shape) < 0.02] = bad
    assert exactly_the_reference(problem, Operands(x)) == 1
    assert exactly_the_reference(problem, Operands(np.full_like(x, np.nan))) == 1
    assert exactly_the_reference(problem, Operands(np.full_like(x, -np.inf))) == 1


@pytest.mark.parametrize("op", ["max_pool", "min_pool", "adaptive_max_pool"])
def test_whole_numbers_that_no_float_holds(op: str) -> None:
    window = "a2" if op.startswith("ad") else "k3s3"
    signed, unsigned = (Problem.parse(f"{op}1d:fwd:{dtype}:n1c1x6:{window}:idx") for dtype in ("i64", "u64"))
    x = np.array([[[2**62, 2**62 + 1, 2**62 - 1, -(2**63), 2**63 - 1, 2**63 - 2]]], np.int64)
    assert exactly_the_reference(signed, Operands(x)) == 1
    assert exactly_the_reference(unsigned, Operands(x.view(np.uint64))) == 1


@pytest.mark.parametrize("norm", [1.0, 2.0, 3.0, 0.5, 4.0, np.inf, -1.0])
@given(floats, pool_axes(), seeds)
def test_lp_of_any_power(norm: float, dtype: str, axes: Any, seed: int) -> None:
    problem = Problem("lp_pool", dtype, 2, 3, axes[1], axes[0], norm=norm)
    args, routine = operands(problem, seed, whole=False), ROUTINES["native:lp_pool"]
    args = Operands(np.abs(args.x)) if seed % 2 else args  # odd roots of negative sums are NaN, as in torch
    got, (wanted,) = run(routine, problem, args), run(REFERENCE, problem, args)
    np.testing.assert_array_equal(np.isnan(got[0]), np.isnan(wanted))
    tolerance = 100 * UNIT[dtype] * problem.terms
    np.testing.assert_allclose(got[0], wanted, rtol=tolerance, atol=tolerance)
    same_bits(got, run(routine, problem, args, 2))
