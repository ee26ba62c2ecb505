# SPDX-License-Identifier: GPL-3.0-or-later
"""The native locally connected layer against the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_oracle import REFERENCE, ROUTINES, UNIT, conv_axes, exactly_the_reference, operands, run, same_bits

import convdesk as cd
from convdesk.backends.native.core import load
from convdesk.geometry import MODES
from convdesk.network.problem import Problem

pytestmark = pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there")


@st.composite
def layers(draw: st.DrawFn) -> Problem:
    """A locally connected layer with every option the reference has."""
    found, spatial = draw(conv_axes())
    return Problem(
        "local_conv", draw(st.sampled_from(("f32", "f64"))), draw(st.integers(1, 3)), draw(st.integers(1, 5)), spatial,
        found, out_channels=draw(st.integers(1, 5)), padding_mode=draw(st.sampled_from(MODES)),
        bias=draw(st.booleans()),
    )  # fmt: skip


@given(layers(), st.integers(0, 2**31))
def test_it_is_exact_on_integers(problem: Problem, seed: int) -> None:
    assert exactly_the_reference(problem, operands(problem, seed)) == 1


@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_floats_stay_within_the_bound(dtype: str) -> None:
    problem = Problem.parse(f"local_conv2d:fwd:{dtype}:n2c40x30x70:o5k3x3p1+1x1+1:bias")
    args, routine = operands(problem, 4, whole=False), ROUTINES["native:local_conv"]
    got, (wanted,) = run(routine, problem, args), run(REFERENCE, problem, args)
    assert (np.abs(got[0] - wanted) <= (problem.terms + 3) * UNIT[dtype] * 9 * problem.terms).all()
    assert (np.abs(got[0] - wanted) <= 1e3 * UNIT[dtype] * np.abs(wanted).max()).all()
    same_bits(got, run(routine, problem, args, 2))


def test_equal_weights_everywhere_make_it_a_convolution() -> None:
    rng = np.random.default_rng(0)
    x, kernel = rng.integers(-4, 5, (1, 3, 20, 33)).astype(np.float32), rng.integers(-4, 5, (4, 3, 3, 3))
    everywhere = np.broadcast_to(kernel.astype(np.float32)[..., None, None], (4, 3, 3, 3, 18, 31))
    tied = cd.conv(x, kernel.astype(np.float32), backend="native")
    np.testing.assert_array_equal(cd.local_conv(x, everywhere, backend="native"), tied)
