# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of the window algebra. Each is stated over integers and checked exactly."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convdesk.errors import ParameterError
from convdesk.geometry import (
    MODES,
    OUTSIDE,
    Span,
    Window,
    ceil_overhang,
    clean,
    compose,
    demands,
    fold,
    fold_table,
    merge,
    pull_back,
    push_forward,
    receptive_field,
    resolve_padding,
    sizes_through,
    source_index,
    tiles,
)

windows = st.builds(
    Window, st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 6), st.integers(0, 6)
)
chains = st.lists(windows, min_size=1, max_size=4)
spans = st.tuples(st.integers(-20, 40), st.integers(0, 12)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))


def slide(x: np.ndarray, kernel: np.ndarray, window: Window, lo: int, hi: int) -> np.ndarray:
    """The layer itself, written out: zeros around, then one sum per output."""
    padded = np.concatenate([np.zeros(lo, int), x, np.zeros(hi, int)])
    count = (len(padded) - window.extent) // window.stride + 1
    return np.array(
        [kernel @ padded[o * window.stride :][: window.extent : window.dilation] for o in range(max(0, count))], int
    )


@given(chains, st.integers(1, 40), st.data())
def test_any_tile_of_any_stack_equals_the_slice_of_the_whole(chain, size, data):
    rng = np.random.default_rng(0)
    activations = [rng.integers(-4, 5, size)]
    kernels = [rng.integers(-3, 4, window.kernel_size) for window in chain]
    for window, kernel in zip(chain, kernels, strict=True):
        assume(len(activations[-1]) + window.pad_lo + window.pad_hi >= window.extent)
        activations.append(slide(activations[-1], kernel, window, window.pad_lo, window.pad_hi))
    sizes = sizes_through(chain, size)
    assert sizes == [len(one) for one in activations]
    start = data.draw(st.integers(0, sizes[-1] - 1))
    out = Span(start, data.draw(st.integers(start + 1, sizes[-1])))
    wanted = demands(chain, sizes[:-1], out)
    tile = activations[0][wanted[0].read.slice]
    for window, kernel, met in zip(chain, kernels, wanted, strict=True):
        assert len(tile) == len(met.read)
        tile = slide(tile, kernel, window, met.pad_lo, met.pad_hi)
    np.testing.assert_array_equal(tile, activations[-1][out.slice])


@given(windows, spans)
def test_reads_and_settled_by_are_adjoint(window, out):
    assume(len(out))
    read = window.reads(out)
    assert out in window.settled_by(read)
    assert out in window.reached_by(read)
    assert window.reads(window.settled_by(read)) in read


@given(windows, spans)
def test_what_is_settled_is_reached(window, read):
    assume(len(read))
    settled = window.settled_by(read)
    assert not len(settled) or settled in window.reached_by(read)


@given(windows, windows, windows, spans)
def test_windows_are_a_monoid(a, b, c, out):
    assert a.then(b).then(c) == a.then(b.then(c))
    assume(len(out))
    assert a.then(b).reads(out) == a.reads(b.reads(out))
    assert compose([a, b, c]).reads(out) == pull_back([a, b, c], out)[0]
    assert compose([]) == Window(1)


@given(windows, st.integers(1, 30), st.data())
def test_reached_by_holds_every_output_that_has_a_tap_on_the_input(window, size, data):
    at = data.draw(st.integers(0, size - 1))
    hit = {out for out in range(window.out_size(size)) if at in window.taps(out)}
    reached = window.reached_by(Span(at, at + 1))
    assert all(out in reached for out in hit)
    assert all(window.reads(Span(out, out + 1)).start <= at < window.reads(Span(out, out + 1)).stop for out in reached)


@given(chains, st.integers(1, 40), st.data())
def test_the_projective_field_holds_every_output_that_an_input_touches(chain, size, data):
    sizes = sizes_through(chain, size)
    assume(sizes[-1] > 0)
    at = data.draw(st.integers(0, size - 1))
    touched, forward = {at}, push_forward(chain, sizes, Span(at, at + 1))
    for window, count, field in zip(chain, sizes[1:], forward, strict=True):
        touched = {out for out in range(count) if touched & set(window.taps(out))}
        assert all(out in field for out in touched)
    for out in touched:
        assert at in pull_back(chain, Span(out, out + 1))[0]


@given(chains, st.integers(1, 60))
def test_clean_outputs_read_no_padding_and_are_as_many_as_the_valid_chain_has(chain, size):
    sizes = sizes_through(chain, size)
    assume(sizes[-1] > 0)
    free = clean(chain, sizes)[-1]
    for out in range(sizes[-1]):
        met = demands(chain, sizes[:-1], Span(out, out + 1))
        assert (out in free) == all(one.pad_lo == one.pad_hi == 0 for one in met)
    if all(window.stride == 1 for window in chain):
        # a padding wider than the window makes outputs of padding alone, which a valid chain has not
        assume(all(max(window.pad_lo, window.pad_hi) < window.extent for window in chain))
        valid = sizes_through([Window(w.kernel_size, 1, w.dilation) for w in chain], size)[-1]
        assert len(free) == valid


@given(windows, st.integers(1, 50), st.integers(1, 7), st.data())
def test_a_larger_stride_samples_the_same_outputs(window, size, step, data):
    count = window.out_size(size)
    assume(count > 0)
    first = data.draw(st.integers(0, count - 1))
    sampled = window.every(step, first)
    for i, out in enumerate(range(first, count, step)):
        assert sampled.taps(i) == window.taps(out)


@given(st.integers(0, 9), spans, st.sampled_from(MODES))
def test_fold_says_cell_by_cell_what_source_index_says(size, span, mode):
    table = fold_table(span, size, mode)
    assert table == [source_index(at, size, mode) for at in span]
    pieces = fold(span, size, mode)
    assert sum(len(piece.cells) for piece in pieces) == len(span)
    for piece in pieces:
        assert piece.source is None or piece.step == 0 or len(piece.source) == len(piece.cells)


NUMPY_MODES = {
    "zeros": "constant", "replicate": "edge", "reflect": "reflect", "symmetric": "symmetric", "circular": "wrap",
}  # fmt: skip


@pytest.mark.parametrize("mode", NUMPY_MODES)
@given(st.integers(1, 7), st.integers(0, 20), st.integers(0, 20))
def test_edge_modes_agree_with_numpy_pad(mode, size, lo, hi):
    data = np.arange(1, size + 1)
    table = np.array(fold_table(Span(-lo, size + hi), size, mode))
    mine = np.where(table == OUTSIDE, 0, data[np.maximum(table, 0)])
    np.testing.assert_array_equal(mine, np.pad(data, (lo, hi), mode=NUMPY_MODES[mode]))


@given(st.lists(spans, max_size=6))
def test_merge_covers_the_same_integers_without_overlap(some):
    merged = merge(some)
    assert {at for span in merged for at in span} == {at for span in some for at in span}
    assert all(a.stop < b.start for a, b in pairwise(merged))


@given(spans, spans, st.integers(1, 9), st.integers(1, 9))
def test_tiles_cover_a_box_once_and_are_anchored(rows, columns, tall, wide):
    cut = tiles((rows, columns), (tall, wide), (3.0, 4.0))
    cells = [(r, c) for one in cut for r in one[0] for c in one[1]]
    assert sorted(cells) == sorted((r, c) for r in rows for c in columns)
    assert all(one[0].start % tall == 0 or one[0].start == rows.start for one in cut)
    distance = [sum(((s.start + s.stop) / 2 - c) ** 2 for s, c in zip(one, (3.0, 4.0), strict=True)) for one in cut]
    assert distance == sorted(distance)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 3), st.integers(1, 30), st.data())
def test_ceil_mode_agrees_with_torch(kernel, stride, dilation, size, data):
    torch = pytest.importorskip("torch")
    pad = data.draw(st.integers(0, kernel // 2))
    window = Window(kernel, stride, dilation, pad, pad)
    assume(window.out_size(size) > 0)
    hanging = Window(kernel, stride, dilation, pad, pad, ceil_overhang(window, size))
    judge = torch.nn.functional.max_pool1d(torch.zeros(1, 1, size), kernel, stride, pad, dilation, ceil_mode=True)
    assert hanging.out_size(size) == judge.shape[-1]


def test_the_field_of_a_known_network_is_its_published_size():
    vgg = [Window(3, 1, 1, 1, 1), Window(3, 1, 1, 1, 1), Window(2, 2)] * 2
    vgg += ([Window(3, 1, 1, 1, 1)] * 3 + [Window(2, 2)]) * 3
    composed = compose(vgg)
    assert (composed.extent, composed.stride) == (212, 32)
    assert [len(span) for span in receptive_field([vgg, vgg], (3, 4))] == [212, 212]


@pytest.mark.parametrize(
    ("padding", "expected"),
    [(1, ((1, 1), (1, 1))), ((1, 2), ((1, 1), (2, 2))), (((1, 2), (0, 3)), ((1, 2), (0, 3))),
     ("valid", ((0, 0), (0, 0))), ("same", ((1, 2), (2, 2))), ("full", ((3, 3), (4, 4)))],
)  # fmt: skip
def test_every_spelling_of_padding(padding, expected):
    assert resolve_padding(padding, [Window(4), Window(3, 2, 2)]) == expected


@pytest.mark.parametrize(
    "padding", [-1, (), (1, 2, 3), ((1, 2),), ((1, -2), (0, 0)), "reflect", 1.5, None, (1, (2, 3))]
)
def test_padding_that_means_nothing_is_refused_with_what_was_expected(padding):
    with pytest.raises(ParameterError, match=r"padding: got .*expected"):
        resolve_padding(padding, [Window(3), Window(3)])


@pytest.mark.parametrize(("argument", "value"), [("kernel_size", 0), ("stride", 0), ("dilation", -1)])
def test_a_window_needs_at_least_one_of_everything(argument, value):
    with pytest.raises(ParameterError, match=f"{argument.replace('_', ' ')} must be at least 1, got {value}"):
        Window(**{"kernel_size": 3, argument: value})
