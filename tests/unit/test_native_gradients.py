# SPDX-License-Identifier: GPL-3.0-or-later
"""The native gradients of convolution and of pools against the reference and torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_oracle import (
    REFERENCE,
    ROUTINES,
    UNIT,
    conv_axes,
    exactly_the_reference,
    operands,
    pool_axes,
    run,
    same_bits,
)  # fmt: skip

import convdesk as cd
from convdesk.backends.native.core import load
from convdesk.backends.native.phases import phased_axis
from convdesk.geometry import MODES, Window
from convdesk.network.problem import Problem

pytestmark = pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there")
types, seeds = st.sampled_from(("f32", "f64")), st.integers(0, 2**31)
NAMES = (
    "conv2d:grad_input:f32:n2c16x23x31:o33k3x3p1+1x1+1:bias",
    "conv2d:grad_input:f32:n2c6x23x31:o8k4x3s2x3p1+1x1+0:g2:reflect",
    "conv2d:grad_input:f64:n1c3x40x41:o5k5x5s2x2d3x1p4+4x2+2:flip",
    "conv3d:grad_input:f32:n1c4x7x9x12:o6k3x3x3s2x1x2p1+1x1+1x1+1:circular:bias",
    "conv2d:grad_weight:f32:n2c16x23x31:o33k3x3p1+1x1+1",
    "conv2d:grad_weight:f32:n1c1x300x401:o1k5x5p2+2x2+2:symmetric",
    "conv2d:grad_weight:f64:n3c6x20x21:o6k3x3s2x2p1+1x1+1:g6:flip",
    "conv1d:grad_weight:f32:n2c3x2000:o4k9d2p8+8",
)


@st.composite
def gradients(draw: st.DrawFn, direction: str) -> Problem:
    """A convolution backwards, with every option there is."""
    found, spatial = draw(conv_axes())
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    return Problem(
        "conv", draw(types), draw(st.integers(1, 3)), groups * draw(st.integers(1, 5)), spatial, found,
        out_channels=groups * draw(st.sampled_from((1, 2, 3, 4, 7, 17))), groups=groups,
        padding_mode=draw(st.sampled_from(MODES)), flip=draw(st.booleans()),
        bias=direction == "grad_input" and draw(st.booleans()), direction=direction,
    )  # fmt: skip


@given(gradients("grad_input"), seeds)
def test_the_gradient_by_the_input_is_exact_on_integers(problem: Problem, seed: int) -> None:
    assert exactly_the_reference(problem, operands(problem, seed)) == 2


@given(gradients("grad_weight"), seeds)
def test_the_gradient_by_the_weight_is_exact_on_integers(problem: Problem, seed: int) -> None:
    assert exactly_the_reference(problem, operands(problem, seed)) == 1


@pytest.mark.parametrize("name", NAMES)
def test_floats_stay_within_the_bound_and_the_bits_within_the_problem(name: str) -> None:
    problem = Problem.parse(name)
    args = operands(problem, 3, whole=False)
    (wanted,) = run(REFERENCE, problem, args)
    sizes = operands(problem, 3, whole=False)
    for array in (sizes.x, sizes.weight, sizes.grad):
        if array is not None:
            np.abs(array, out=array)
    (magnitude,) = run(REFERENCE, problem, sizes)
    positions = problem.batch * int(np.prod(problem.out_spatial))
    reach = int(np.prod(problem.kernel_size)) * problem.out_channels * 8
    terms = positions if problem.direction == "grad_weight" else reach
    found = []
    for routine in ROUTINES.values():
        if routine.refuse(problem) is None:
            got = run(routine, problem, args)
            found.append(got[0].tobytes())
            same_bits(got, run(routine, problem, args, 2))
            allowed = (terms + 2) * UNIT[problem.dtype] * (np.abs(magnitude) + np.abs(wanted))
            assert (np.abs(got[0] - wanted) <= allowed).all()
    assert len(set(found)) == 1  # routines of one direction share their bits


def test_many_images_are_computed_in_turns_through_bounded_scratch() -> None:
    problem = Problem.parse("conv2d:grad_input:f32:n9c8x256x256:o4k3x3s2x2p1+1x1+1")
    routine = ROUTINES["native:grad_input_direct"]
    assert routine.cost(problem).scratch_bytes < 9 * 8 * 256 * 256 * 4
    args = operands(problem, 0)
    (got,) = run(routine, problem, args, 2)
    one = Problem.parse("conv2d:grad_input:f32:n1c8x256x256:o4k3x3s2x2p1+1x1+1")
    for image in (0, 4, 8):
        alone = type(args)(args.x[image : image + 1], args.weight, None, 0.0, args.grad[image : image + 1])
        np.testing.assert_array_equal(got[image : image + 1], run(REFERENCE, one, alone)[0])


@pytest.mark.parametrize("window", [Window(3, 2), Window(2, 5), Window(4, 6, 4, 3, 3), Window(5, 3, 3, 1, 0)], ids=str)
def test_every_tap_and_every_cell_is_in_one_phase(window: Window) -> None:
    axis = phased_axis(window, 40, "zeros", False)
    taps = [tap for phase in axis.phases for tap in phase.taps]
    reached = {cell for out in range(window.out_size(40)) for cell in window.taps(out)}
    held = [i for i in range(40) if axis.start[i + 1] > axis.start[i]]
    assert len(set(taps)) == len(taps)
    assert set(held) >= reached & set(range(40))
    assert (np.diff(axis.start) <= 1).all()


@given(st.sampled_from(("grad_input", "unpool")), st.sampled_from(("f32", "f64", "i64", "u64")), pool_axes(), seeds)
def test_what_indices_say_is_exact(direction: str, dtype: str, axes: Any, seed: int) -> None:
    dtype = dtype if direction == "unpool" else dtype.replace("i", "f").replace("u", "f")
    problem = Problem("max_pool", dtype, 2, 3, axes[1], axes[0], direction=direction)
    assert exactly_the_reference(problem, operands(problem, seed)) == 1


@pytest.mark.parametrize("outside", [-1, 36, 2**40])
@pytest.mark.parametrize("direction", ["grad_input", "unpool"])
def test_an_index_outside_the_input_is_an_error(direction: str, outside: int) -> None:
    problem = Problem.parse(f"max_pool2d:{direction}:f32:n2c3x6x6:k2x2s2x2")
    args = operands(problem, 0)
    args.indices[1, 2, 0, 1] = outside
    (routine,) = (item for item in ROUTINES.values() if item.refuse(problem) is None)
    with pytest.raises(cd.BackendError, match="1 indices outside the input, expected 0 to 35"):
        run(routine, problem, args)


@given(types, pool_axes(), st.booleans(), st.sampled_from((0, 1, 4)), seeds)
def test_the_gradient_of_an_average(dtype: str, axes: Any, count_pad: bool, divisor: int, seed: int) -> None:
    problem = Problem(
        "avg_pool", dtype, 2, 3, axes[1], axes[0], count_pad=count_pad, divisor=divisor, direction="grad_input"
    )
    if divisor:  # a power of two: no quotient is rounded
        assert exactly_the_reference(problem, operands(problem, seed)) == 1
        return
    args, routine = operands(problem, seed, whole=False), ROUTINES["native:avg_pool_grad"]
    got = run(routine, problem, args)
    terms = int(np.prod(problem.kernel_size))
    error = np.abs(got[0] - run(REFERENCE, problem, args)[0])
    assert (error <= (terms + 2) * terms * UNIT[dtype] * np.abs(args.grad).max()).all()
    same_bits(got, run(routine, problem, args, 2))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_torch_agrees(stride: int, dilation: int, groups: int) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(stride)
    x, weight = rng.integers(-3, 4, (2, 4, 13, 14)).astype(np.float32), rng.integers(-3, 4, (6, 4 // groups, 3, 2))
    weight = weight.astype(np.float32)
    settings = {"stride": stride, "padding": (1, 0), "dilation": dilation, "groups": groups}
    x_, weight_ = torch.tensor(x, requires_grad=True), torch.tensor(weight, requires_grad=True)
    out = torch.nn.functional.conv2d(x_, weight_, **settings)
    grad = rng.integers(-3, 4, tuple(out.shape)).astype(np.float32)
    out.backward(torch.tensor(grad))
    by_input = cd.conv_grad_input(grad, weight, x.shape, **settings, backend="native")
    by_weight = cd.conv_grad_weight(grad, x, weight.shape, **settings, backend="native")
    np.testing.assert_array_equal(by_input, x_.grad.numpy())
    np.testing.assert_array_equal(by_weight, weight_.grad.numpy())
