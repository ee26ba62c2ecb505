# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of the engine's pipeline: any box, at any step, of any stack equals the slice of the whole, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convdesk.engine.pipeline import Pipeline
from convdesk.errors import ShapeError
from convdesk.geometry import MODES, Span, whole
from convdesk.media.source import ArraySource
from convdesk.network.layers import AvgPool, Conv, Filter, Layer, MaxPool, ReLU
from convdesk.network.stack import infer

SIZE = st.integers(1, 24)


@st.composite
def layers(draw: st.DrawFn, ndim: int, channels: int) -> Layer:
    """A layer of any kind, with every argument it has."""
    per_axis = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(ndim))  # noqa: E731
    kind = draw(st.sampled_from(["Filter", "Conv", "ReLU", "MaxPool", "AvgPool"]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    if kind == "ReLU":
        return ReLU(enabled=draw(st.booleans()))
    size = per_axis(1, 4)
    if kind in ("MaxPool", "AvgPool"):
        padding = tuple(draw(st.integers(0, k // 2)) for k in size)
        ceil = draw(st.booleans())
        if kind == "AvgPool":
            return AvgPool(size, per_axis(1, 3), padding, ceil, draw(st.booleans()))
        return MaxPool(size, per_axis(1, 3), padding, ceil, draw(st.integers(1, 2)))
    common = {
        "stride": per_axis(1, 3),
        "dilation": per_axis(1, 3),
        "padding": tuple((draw(st.integers(0, 4)), draw(st.integers(0, 4))) for _ in range(ndim)),
        "padding_mode": draw(st.sampled_from([*(m for m in MODES if m != "constant"), 2.5])),
        "flip": draw(st.booleans()),
    }
    if kind == "Filter":
        return Filter(rng.integers(-3, 4, size), bias=draw(st.sampled_from([0.0, 1.5])), **common)
    groups = draw(st.sampled_from([1, channels]))
    weight = rng.normal(size=(2 * groups, channels // groups, *size))
    return Conv(channels, 2 * groups, size, groups=groups, weight=weight, bias=rng.normal(size=2 * groups), **common)


@st.composite
def stacks(draw: st.DrawFn) -> tuple[ArraySource, list[Layer]]:
    """An input of 1 to 3 axes with float values, and up to four layers that fit it."""
    ndim = draw(st.integers(1, 3))
    channels = draw(st.integers(1, 2))
    spatial = tuple(draw(SIZE if ndim < 3 else st.integers(1, 9)) for _ in range(ndim))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    kind = {1: "signal", 2: "image", 3: "volume"}[ndim]
    source = ArraySource(rng.normal(size=(channels, *spatial)).astype(np.float32), kind=kind)
    chain: list[Layer] = []
    for number in range(draw(st.integers(1, 4))):
        layer = replace(draw(layers(ndim, channels)), name=f"layer{number}")
        stages = infer([*chain, layer], source.channels, spatial)
        assume(not stages[-1].error)
        chain.append(layer)
        channels = stages[-1].out_channels
        assume(channels <= 8)
    return source, chain


@given(stacks(), st.data())
def test_any_box_at_any_step_of_any_stack_has_the_bits_of_the_whole(stack, data):
    source, chain = stack
    stages = infer(chain, source.channels, source.spatial)
    shape = stages[-1].out_spatial
    everything = Pipeline(source, stages).evaluate(whole(shape))
    assert everything.shape == (stages[-1].out_channels, *shape)
    box, step = [], []
    for size in shape:
        start = data.draw(st.integers(0, size - 1))
        box.append(Span(start, data.draw(st.integers(start + 1, size))))
        step.append(data.draw(st.sampled_from([1, 1, 2, 3, 7])))
    channels = data.draw(st.sampled_from([None, (stages[-1].out_channels - 1,)]))
    part = Pipeline(source, stages).evaluate(tuple(box), tuple(step), channels)
    index = tuple(slice(span.start, span.stop, by) for span, by in zip(box, step, strict=True))
    expected = everything[(slice(None), *index)]
    np.testing.assert_array_equal(part, expected if channels is None else expected[list(channels)])


class CountingSource(ArraySource):
    """An input that remembers which boxes were read."""

    def read(self, box):
        reads.append([(s.start, s.stop) for s in box])
        return super().read(box)


reads: list[list[tuple[int, int]]] = []


def test_only_what_a_tile_needs_is_read():
    source = CountingSource(np.zeros((1, 1000, 1000), np.float32), kind="image")
    chain = [Filter(np.ones((5, 5)), name="a"), MaxPool(2, name="b"), Filter(np.ones((3, 3)), name="c")]
    stages = infer(chain, 1, source.spatial)
    reads.clear()
    Pipeline(source, stages).evaluate((Span(100, 110), Span(0, 10)))
    # c reads 99…111 of b, that is 198…222 of a, that is 196…224 of the input; on the left the image ends
    assert reads == [[(196, 224), (0, 24)]]


def test_a_circular_tile_reads_the_far_end_and_nothing_between():
    source = CountingSource(np.arange(10000, dtype=np.float32)[None], kind="signal")
    stages = infer([Filter(np.ones(5), padding_mode="circular", name="a")], 1, source.spatial)
    reads.clear()
    out = Pipeline(source, stages).evaluate((Span(0, 10),))
    assert sorted(reads) == [[(0, 12)], [(9998, 10000)]]
    assert out[0, 0] == 9998 + 9999 + 0 + 1 + 2


def test_a_zoomed_out_view_of_a_stack_computes_only_the_fields_of_its_samples():
    rng = np.random.default_rng(1)
    source = ArraySource(rng.normal(size=(1, 600, 700)).astype(np.float32), kind="image")
    chain = [Filter(rng.normal(size=(3, 3)), name=f"f{n}") for n in range(4)]
    stages = infer(chain, 1, source.spatial)
    everything = Pipeline(source, stages).evaluate(whole(source.spatial))
    pipeline = Pipeline(source, stages)
    part = pipeline.evaluate(whole(source.spatial), (64, 64))
    np.testing.assert_array_equal(part, everything[:, ::64, ::64])
    # the last plan is of a batch of 1 × 1 samples, not of an image with gaps
    assert pipeline.plans["f3"].problem.out_spatial == (1, 1)


def test_a_layer_that_does_not_fit_says_so_before_anything_runs():
    stages = infer([MaxPool(9, name="p"), ReLU(name="r")], 1, (6, 6))
    assert stages[0].error == "Max pool needs at least 9 rows of input, this layer has 6"
    assert stages[1].error == "waits for p"
    with pytest.raises(ShapeError, match="needs at least 9 rows"):
        MaxPool(9).check(1, (6, 6))
