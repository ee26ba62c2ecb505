# SPDX-License-Identifier: GPL-3.0-or-later
"""A problem's name says all of it, and is read back."""

from __future__ import annotations

import random

import pytest

from convdesk.errors import ParameterError
from convdesk.geometry import Window
from convdesk.network.problem import Problem
from convdesk.testing import problem_names
from convdesk.testing.problems import random_problem


@pytest.mark.parametrize("name", problem_names(0))
def test_a_name_is_read_back(name: str) -> None:
    assert Problem.parse(name).name == name


def test_a_random_problem_is_read_back_from_its_name() -> None:
    rng = random.Random(5)
    for _ in range(300):
        problem = random_problem(rng)
        again = Problem.parse(problem.name)
        assert again == problem
        assert hash(again) == hash(problem)


def test_the_parts_of_a_name() -> None:
    problem = Problem.parse("conv2d:fwd:f64:n2c6x30x31:o4k3x5s2x1d1x2p1+0x-2+3:g2:reflect:flip:bias")
    assert problem.windows == (Window(3, 2, 1, 1, 0), Window(5, 1, 2, -2, 3))
    assert problem.in_shape == (2, 6, 30, 31)
    assert problem.weight_shape == (4, 3, 3, 5)
    assert problem.out_shape == (2, 4, 15, 24)
    assert (problem.groups, problem.padding_mode, problem.flip, problem.bias) == (2, "reflect", True, True)
    assert (problem.itemsize, problem.terms, problem.flops) == (8, 45, 2 * 45 * 2 * 4 * 15 * 24)


def test_the_flags_of_pools() -> None:
    assert Problem.parse("max_pool1d:fwd:f32:n1c1x9:k2s2:idx").indices
    average = Problem.parse("avg_pool1d:fwd:f32:n1c1x9:k2s2p1+1v1:dataonly:div-3")
    assert (average.count_pad, average.divisor, average.windows[0].overhang) == (False, -3, 1)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "expected a name like"),
        ("conv2d", "expected a name like"),
        ("conv4d:fwd:f32:n1c1x9x9x9x9:o1k3x3x3x3", "expected a name like"),
        ("sharpen2d:fwd:f32:n1c1x9x9:k3x3", "operators conv, local_conv, match, max_pool"),
        ("conv2d:fwd:f16:n1c1x9x9:o1k3x3", "types f32, f64"),
        ("conv2d:sideways:f32:n1c1x9x9:o1k3x3", "expected a name like"),
        ("conv2d:fwd:f32:n1c1x9x9:o1k3", "every size needs 2 numbers"),
        ("conv2d:fwd:f32:n1c1x9x9:o1k3x3s2", "every size needs 2 numbers"),
        ("conv2d:fwd:f32:n1c1x9x9:o1k3x3p1+1", "every size needs 2 numbers"),
        ("conv2d:fwd:f32:n1c1x9xx9:o1k3x3", "expected a name like"),
        ("conv2d:fwd:f32:n1c1x9x9:o1k3x3p1x1", "expected a name like"),
        ("conv2d:fwd:f32:n1c1x9x9:o1k0x3", "kernel size must be at least 1"),
        ("conv2d:fwd:f32:n1c1x9x9:k3x3", "names its output channels"),
        ("max_pool2d:fwd:f32:n1c1x9x9:o1k3x3", "names its output channels"),
        ("conv2d:fwd:f32:n1c4x9x9:o4k3x3:g3", "got 3 groups, expected a divisor"),
        ("conv2d:fwd:f32:n1c4x9x9:o4k3x3:g0", "got 0 groups, expected a divisor"),
        ("conv2d:fwd:f32:n1c1x9x9:o1k3x3:upwards", "unknown flag 'upwards'"),
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused(name: str, told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        Problem.parse(name)
