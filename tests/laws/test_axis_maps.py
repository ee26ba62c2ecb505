# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of the axis maps: each of their answers against sets written out by definition."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convdesk.errors import ParameterError
from convdesk.geometry import Adaptive, Span, Transposed, Whole, Window

spans = st.tuples(st.integers(-9, 30), st.integers(1, 12)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
windows = st.builds(
    Window, st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 4), st.integers(0, 4)
)


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_adaptive_pooling_reads_what_torch_defines(inputs, outputs, data):
    adaptive = Adaptive(inputs, outputs)
    reads = [set(range(o * inputs // outputs, -(-(o + 1) * inputs // outputs))) for o in range(outputs)]
    assert [set(adaptive.reads(Span(o, o + 1))) for o in range(outputs)] == reads
    start = data.draw(st.integers(0, inputs - 1))
    part = Span(start, data.draw(st.integers(start + 1, inputs)))
    assert list(adaptive.reached_by(part)) == [o for o in range(outputs) if reads[o] & set(part)]
    assert list(adaptive.settled_by(part)) == [o for o in range(outputs) if reads[o] <= set(part)]


@given(windows, spans)
def test_transposed_is_the_converse_of_its_window(window, part):
    transposed = Transposed(window)
    writes = {i: set(range(window.taps(i)[0], window.taps(i)[-1] + 1)) for i in range(-60, 100)}
    reached = set().union(*(writes[i] for i in part))
    assert set(transposed.reached_by(part)) >= reached
    assert {transposed.reached_by(part).start, transposed.reached_by(part).stop - 1} <= reached
    by_output = {o: {i for i, cells in writes.items() if o in cells} for o in range(-20, 60)}
    for out, inputs in by_output.items():
        assert set(transposed.reads(Span(out, out + 1))) == inputs
        assert (out in transposed.settled_by(part)) == (inputs <= set(part)) or not inputs


@given(windows, st.integers(1, 20), st.integers(0, 3))
def test_transposed_sizes_agree_with_torch(window, size, extra):
    torch = pytest.importorskip("torch")
    if window.pad_lo != window.pad_hi or extra >= max(window.stride, window.dilation):
        return
    expected = (size - 1) * window.stride - 2 * window.pad_lo + window.extent + extra
    assert Transposed(window, extra).out_size(size) == max(0, expected)
    if expected > 0:
        weight = torch.zeros(1, 1, window.kernel_size)
        judge = torch.nn.functional.conv_transpose1d(
            torch.zeros(1, 1, size), weight, None, window.stride, window.pad_lo, extra, 1, window.dilation
        )
        assert judge.shape[-1] == expected


@given(windows, st.integers(1, 40))
def test_transposed_gives_back_a_size_from_which_the_window_came(window, size):
    out = window.out_size(size)
    least = Transposed(window).out_size(out)
    assume(out and least)
    left_over = size - least
    assert 0 <= left_over < window.stride
    assert Transposed(window, left_over).out_size(out) == size


def test_a_layer_that_reads_everything_is_settled_by_everything_only():
    layer = Whole(10, 3)
    assert layer.out_size(10) == 3
    assert layer.reads(Span(1, 2)) == Span(0, 10)
    assert layer.reached_by(Span(4, 5)) == Span(0, 3)
    assert len(layer.settled_by(Span(0, 9))) == 0
    assert layer.settled_by(Span(-2, 12)) == Span(0, 3)


def test_adaptive_pooling_to_nothing_is_refused():
    with pytest.raises(ParameterError, match="adaptive pooling: got 5 to 0, expected at least 1"):
        Adaptive(5, 0)
