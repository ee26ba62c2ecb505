# SPDX-License-Identifier: GPL-3.0-or-later
"""Layer specifications: what they refuse, what they are equal to, what shapes they make."""

from __future__ import annotations

import numpy as np
import pytest

from convdesk.errors import DTypeError, ParameterError, ShapeError
from convdesk.geometry import Span
from convdesk.network.layers import AvgPool, Conv, Filter, MaxPool, ReLU
from convdesk.network.stack import fields, infer, reach, total_parameters, unit_box
from convdesk.network.weights import Weights


def blobs() -> list:
    return [
        Filter(np.ones((5, 5)), name="edges"),
        ReLU(name="relu1"),
        MaxPool(2, name="pool1"),
        Filter(np.ones((5, 5)), dilation=2, bias=-4, name="blobs"),
    ]


def test_shapes_and_fields_through_a_stack():
    stages = infer(blobs(), 1, (512, 512))
    assert [stage.out_spatial for stage in stages] == [(512, 512), (512, 512), (256, 256), (256, 256)]
    seen = reach(stages, 2)
    assert (seen.size, seen.jump, seen.offset) == ((22, 22), (2, 2), (-10, -10))
    boxes = fields(stages, unit_box((42, 123)))
    assert boxes[0] == (Span(74, 96), Span(236, 258))
    assert boxes[3] == (Span(38, 47), Span(119, 128))
    assert total_parameters(blobs()) == 52
    assert sum(stage.macs for stage in stages) == 512 * 512 * 25 + 256 * 256 * 25


def test_a_disabled_layer_passes_its_input_on():
    layers = [MaxPool(2, name="pool", enabled=False), ReLU(name="relu")]
    assert [stage.out_spatial for stage in infer(layers, 3, (10, 11))] == [(10, 11), (10, 11)]


def test_a_layer_that_cannot_run_names_itself_and_those_behind_it_wait():
    stages = infer([Conv(3, 4, 3, name="conv1"), ReLU(name="relu1")], 1, (8, 8))
    assert stages[0].error == "1 input channel, weight expects 3"
    assert stages[1].error == "waits for conv1"


def test_equal_layers_are_equal_and_hash_alike():
    one, two = Filter(np.eye(3), name="a"), Filter(np.eye(3).tolist(), name="a")
    assert one == two
    assert hash(one) == hash(two)
    assert one != Filter(np.eye(3) + 1e-300 * 0, name="b")


def test_weights_tell_every_bit_apart_and_cannot_be_changed():
    assert Weights([0.0]) != Weights([-0.0])
    assert Weights([np.nan]) == Weights([np.nan])
    with pytest.raises(ValueError, match="read-only"):
        Weights([1.0]).array[0] = 2
    with pytest.raises(DTypeError, match="complex"):
        Weights([1j])


def test_a_conv_without_weights_has_the_same_ones_every_time():
    one, two = Conv(3, 8, 5), Conv(3, 8, 5)
    assert one == two
    assert one.weight.shape == (8, 3, 5, 5)
    assert np.abs(one.weight.array).max() <= 1 / np.sqrt(75)
    assert one.bias.shape == (8,)
    assert Conv(3, 8, (3,), bias=False).bias is None


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Filter(np.zeros((0, 3))), ShapeError, r"kernel: got shape \(0, 3\)"),
        (lambda: Filter(1.0), ShapeError, r"kernel: got shape \(\), expected 1 to 3 axes"),
        (lambda: Filter(np.ones((3, 3)), stride=0), ParameterError, "stride: got 0, expected at least 1"),
        (
            lambda: Filter(np.ones((3, 3)), dilation=(1, 2, 3)),
            ParameterError,
            "dilation: got .*expected an int or 2 ints",
        ),
        (
            lambda: Filter(np.ones((3, 3)), padding_mode="mirror"),
            ParameterError,
            "edge mode: got 'mirror', expected one of",
        ),
        (lambda: Filter(np.ones((3, 3)), padding="most"), ParameterError, "padding: got 'most'"),
        (lambda: Conv(3, 4, 3, groups=2), ParameterError, "groups: got 2, expected a divisor of 3 input and 4 output"),
        (lambda: Conv(0, 4, 3), ParameterError, "in channels: got 0, expected at least 1"),
        (
            lambda: Conv(1, 2, 3, weight=np.ones((2, 1, 3, 4))),
            ShapeError,
            r"weight: got shape .* expected \(2, 1, 3, 3\)",
        ),
        (lambda: Conv(1, 2, (3, 3), bias=np.ones(3)), ShapeError, r"bias: got shape \(3,\), expected \(2,\)"),
        (lambda: MaxPool(3, padding=2), ParameterError, "padding: got 2, expected at most half the window's extent, 1"),
        (lambda: AvgPool((2, 0)), ParameterError, r"kernel size: got \(2, 0\), expected at least 1"),
    ],
)
def test_what_makes_no_layer_is_refused_with_what_was_expected(make, error, message):
    with pytest.raises(error, match=message):
        make()
