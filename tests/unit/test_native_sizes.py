# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays of more than 2³¹ elements: addresses and flat indices do not overflow. The memory is reserved, not allocated:
only the pages of its four corners are ever written, and few are read."""

from __future__ import annotations

import mmap
import sys
from typing import Any

import numpy as np
import pytest
from native_oracle import ROUTINES, run

from convdesk.backends.native.core import load
from convdesk.backends.protocol import Operands
from convdesk.network.problem import Problem

pytestmark = [
    pytest.mark.skipif(load()[0] is None, reason=load()[1] or "there"),
    pytest.mark.skipif(sys.platform != "linux", reason="reserves memory as Linux does"),
]
SIDE = 1 << 16
NORESERVE = 0x4000
CORNERS = np.array([[1.0, 3.0], [5.0, 7.0]], np.float32)


@pytest.fixture(scope="module")
def image() -> Any:
    """``(1, 1, 65537, 65536)``, zeros but for its corners: 2³² + 2¹⁶ elements."""
    try:
        block = mmap.mmap(-1, (SIDE + 1) * SIDE * 4, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NORESERVE)
    except OSError as error:
        pytest.skip(f"16 GiB of addresses: {error}")
    block.madvise(getattr(mmap, "MADV_NOHUGEPAGE", 15))
    whole = np.frombuffer(block, np.float32).reshape(1, 1, SIDE + 1, SIDE)
    whole[0, 0, ::SIDE, :: SIDE - 1] = CORNERS
    return whole


def problem(op: str, direction: str, window: str) -> Problem:
    """A layer of the whole image."""
    return Problem.parse(f"{op}2d:{direction}:f32:n1c1x{SIDE + 1}x{SIDE}:{window}")


def test_pools_step_from_corner_to_corner(image: Any) -> None:
    for op in ("max_pool", "min_pool"):
        question = problem(op, "fwd", f"k1x1s{SIDE}x{SIDE - 1}:idx")
        values, indices = run(ROUTINES[f"native:{op}"], question, Operands(image))
        np.testing.assert_array_equal(values[0, 0], CORNERS)
        np.testing.assert_array_equal(indices[0, 0], [[0, SIDE - 1], [SIDE**2, SIDE**2 + SIDE - 1]])
    for op, end in (("avg_pool", ""), ("lp_pool", ":norm1.0")):
        (values,) = run(ROUTINES[f"native:{op}"], problem(op, "fwd", f"k1x1s{SIDE}x{SIDE - 1}{end}"), Operands(image))
        np.testing.assert_array_equal(values[0, 0], CORNERS)


@pytest.mark.parametrize("name", ["native:direct", "native:igemm", "native:local_conv", "native:match"])
def test_a_kernel_reaches_from_corner_to_corner(image: Any, name: str) -> None:
    window = f"k2x2d{SIDE}x{SIDE - 1}"
    op = {"native:local_conv": "local_conv", "native:match": "match"}.get(name, "conv")
    question = problem(op, "fwd", f"{window}:none" if op == "match" else f"o1{window}")
    weight = np.array([1.0, 2.0, 4.0, 8.0], np.float32).reshape(question.weight_shape)
    (found,) = run(ROUTINES[name], question, Operands(image, weight))
    assert found.item() == 1 + 6 + 20 + 56


def test_the_gradient_by_the_weight_reads_the_corners(image: Any) -> None:
    question = problem("conv", "grad_weight", f"o1k2x2d{SIDE}x{SIDE - 1}")
    grad = np.full(question.out_shape, 2.0, np.float32)
    (found,) = run(ROUTINES["native:grad_weight"], question, Operands(image, grad=grad))
    np.testing.assert_array_equal(found[0, 0], 2 * CORNERS)


def test_planes_that_repeat_lie_at_any_address(image: Any) -> None:
    """Steps of 0 and of a whole image, in batch and channels."""
    two = np.broadcast_to(image[:, :, ::SIDE, :: SIDE - 1], (3, 2, 2, 2))
    question = Problem.parse("adaptive_max_pool2d:fwd:f32:n3c2x2x2:a1x1:idx")
    values, indices = run(ROUTINES["native:adaptive_max_pool"], question, Operands(two))
    assert (values == 7).all() and (indices == 3).all()
    mean = Problem.parse("adaptive_avg_pool2d:fwd:f32:n3c2x2x2:a1x1")
    assert (run(ROUTINES["native:adaptive_avg_pool"], mean, Operands(two))[0] == 4).all()
