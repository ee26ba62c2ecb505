# SPDX-License-Identifier: GPL-3.0-or-later
"""Native template matching against the reference: sums that cancel, flat windows, huge and tiny data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_oracle import REFERENCE, ROUTINES, conv_axes, exactly_the_reference, operands, run, same_bits

from convdesk.backends.native.core import load
from convdesk.backends.protocol import Operands
from convdesk.geometry import MODES
from convdesk.network.problem import NORMALIZE, Problem

pytestmark = pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there")
MATCH = ROUTINES.get("native:match")
WITHIN = {"f32": 2e-6, "f64": 1e-10}
TYPES = {"f32": np.float32, "f64": np.float64}


@st.composite
def templates(draw: st.DrawFn) -> Problem:
    """Templates of several channels in one to three dimensions, under every edge mode."""
    found, spatial = draw(conv_axes())
    return Problem(
        "match", draw(st.sampled_from(("f32", "f64"))), draw(st.integers(1, 2)), draw(st.integers(1, 3)), spatial,
        found, padding_mode=draw(st.sampled_from(MODES)), normalize=draw(st.sampled_from(NORMALIZE)),
    )  # fmt: skip


@given(templates(), st.integers(0, 2**31), st.booleans())
def test_every_step_agrees_with_the_reference(problem: Problem, seed: int, whole: bool) -> None:
    args = operands(problem, seed, whole)
    if problem.normalize == "none" and whole:
        assert exactly_the_reference(problem, args) == 1
        return
    got, (wanted,) = run(MATCH, problem, args), run(REFERENCE, problem, args)
    within = WITHIN[problem.dtype] * max(1.0, float(np.abs(wanted).max(initial=0)))
    assert (np.abs(got[0] - wanted) <= within).all()
    same_bits(got, run(MATCH, problem, args, 3))


@pytest.mark.parametrize("normalize", ["center", "cosine", "pearson"])
@pytest.mark.parametrize("dtype", ["f32", "f64"])
@given(
    st.integers(0, 2**31),
    st.sampled_from((0.0, 1.0, -3.0, 1e4, 1e7, 1e30, 1e-30)),
    st.sampled_from((0.0, 1e-12, 1e-7, 1e-4, 1.0, 1e4)),
    st.sampled_from((1.0, 1e-30, 1e30, 1e-250, 1e250)),
)
def test_hard_data(normalize: str, dtype: str, seed: int, mean: float, noise: float, scale: float) -> None:
    """Constant, nearly constant, huge, tiny, and all of them in one image."""
    if dtype == "f32" and not 1e-40 < scale * max(mean, noise) < 1e36:
        scale = 1.0
    rng = np.random.default_rng(seed)
    problem = Problem.parse(f"match2d:fwd:{dtype}:n1c2x17x25:k3x4:{normalize}")
    with np.errstate(over="ignore", under="ignore"):
        x = (scale * (mean + noise * rng.standard_normal(problem.in_shape))).astype(TYPES[dtype])
    x[..., :8, :9] = x[0, 0, 0, 0]
    x[..., 9:, 15:] = rng.standard_normal((1, 2, 8, 10))
    weight = rng.standard_normal(problem.weight_shape).astype(TYPES[dtype])
    (got,), (wanted,) = run(MATCH, problem, Operands(x, weight)), run(REFERENCE, problem, Operands(x, weight))
    finite = np.isfinite(wanted)
    assert finite.all() and (normalize == "center" or (np.abs(got) <= 1).all())
    largest = np.abs(wanted).max() if normalize == "center" else 1.0
    # beside the limit below which a window is flat, one of the two may call it so: then both are next to nothing in
    # units of the window's largest value, or the window's digits are all rounding
    wrong = np.abs(got - wanted) > 50 * WITHIN[dtype] * largest
    assert not (wrong & (got != 0) & (wanted != 0)).any()
    assert (got[..., :6, :6] == 0).all() or normalize == "cosine"
    assert wrong.mean() < 0.05


@pytest.mark.parametrize("normalize", ["center", "cosine", "pearson"])
def test_one_bad_sample_reaches_its_windows_alone(normalize: str) -> None:
    rng = np.random.default_rng(0)
    problem = Problem.parse(f"match2d:fwd:f32:n1c1x30x60:k5x7:{normalize}")
    x, weight = (rng.standard_normal(shape).astype(np.float32) for shape in (problem.in_shape, problem.weight_shape))
    clean = run(MATCH, problem, Operands(x, weight))[0]
    for bad in (np.nan, np.inf, -np.inf):
        x[0, 0, 10, 20] = bad
        got = run(MATCH, problem, Operands(x, weight))[0]
        holds = np.zeros(got.shape, bool)
        holds[..., 6:11, 14:21] = True
        assert np.isnan(got[holds]).all()
        assert got[~holds].tobytes() == clean[~holds].tobytes()


def test_a_tile_has_the_bits_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    whole = Problem.parse("match2d:fwd:f32:n1c2x60x90:k7x5:pearson")
    part = Problem.parse("match2d:fwd:f32:n1c2x31x44:k7x5:pearson")
    x, weight = (rng.standard_normal(shape).astype(np.float32) for shape in (whole.in_shape, whole.weight_shape))
    got = run(MATCH, part, Operands(x[..., 11:42, 23:67], weight))[0]
    assert got.tobytes() == np.ascontiguousarray(run(MATCH, whole, Operands(x, weight))[0][..., 11:36, 23:63]).tobytes()


@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_a_flat_template_matches_nothing(dtype: str) -> None:
    problem = Problem.parse(f"match2d:fwd:{dtype}:n1c1x20x20:k3x3:pearson")
    x = np.random.default_rng(0).standard_normal(problem.in_shape).astype(TYPES[dtype])
    for value in (0.0, 1.0, 1e30):
        weight = np.full(problem.weight_shape, value, TYPES[dtype])
        assert (run(MATCH, problem, Operands(x, weight))[0] == 0).all()
