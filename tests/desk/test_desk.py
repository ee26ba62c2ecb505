# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: what a pane is shown is what Python computes, after every edit, and nothing is ever lost."""

from __future__ import annotations

import numpy as np
import pytest

import convdesk as cd
from convdesk.desk import Desk
from convdesk.document import commands as do
from convdesk.document.state import INPUT, Range
from convdesk.errors import CommandRejected, FormatError, ParameterError, ShapeError
from convdesk.geometry import Span
from convdesk.network.layers import AvgPool, Conv, Filter, MaxPool, ReLU
from convdesk.network.weights import Weights

LOG = (
    np.array([[-1, -2, -3, -2, -1], [-2, 1, 4, 1, -2], [-3, 4, 12, 4, -3], [-2, 1, 4, 1, -2], [-1, -2, -3, -2, -1]])
    / 16
)


@pytest.fixture
def desk():
    made = Desk(workers=1)
    made.results = []
    made.delivered.connect(made.results.append)
    yield made
    made.close()


@pytest.fixture
def photo(desk):
    """The camera photograph through a small stack."""
    desk.open_sample("camera")
    desk.apply(do.AddLayer(Filter(np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]) / 48, name="edges")))
    desk.apply(do.AddLayer(ReLU(name="relu1")))
    desk.apply(do.AddLayer(MaxPool(2, name="pool1")))
    desk.apply(do.AddLayer(Filter(LOG, dilation=2, bias=-4, name="blobs")))
    return desk


def shown(desk: Desk, pane: str, shape: tuple[int, ...], step: int = 1) -> np.ndarray:
    """What a pane would draw, put together from its tiles."""
    assert desk.wait(60)
    newest = max(result.generation for result in desk.results if result.pane == pane)
    picture = np.full(shape, np.nan, np.float32)
    for result in desk.results:
        if result.pane == pane and result.generation == newest:
            index = tuple(slice(s.start // step, -(-s.stop // step)) for s in result.box)
            picture[(slice(None), *index)] = result.array
    return picture


def test_the_pane_shows_what_the_functions_compute(photo):
    x = photo.source.array()[None]
    k1 = (np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]) / 48).astype(np.float32)[None, None]
    y = cd.max_pool(np.maximum(cd.conv(x, k1, padding="same"), 0), 2)
    y = cd.conv(y, LOG.astype(np.float32)[None, None], np.array([-4], np.float32), padding="same", dilation=2)[0]
    photo.look("output", "blobs", (Span(0, 256), Span(0, 256)), (1, 1))
    np.testing.assert_array_equal(shown(photo, "output", y.shape), y)
    np.testing.assert_array_equal(photo.run(), y)
    photo.look("output", "blobs", (Span(0, 256), Span(0, 256)), (4, 4))
    np.testing.assert_array_equal(shown(photo, "output", (1, 64, 64), 4), y[:, ::4, ::4])


def test_an_edit_is_computed_again_without_being_asked_for(photo):
    photo.look("output", "edges", (Span(0, 512), Span(0, 512)), (1, 1))
    before = shown(photo, "output", (1, 512, 512))
    photo.apply(do.SetTaps("edges", (((2, 2), 1.0),)))
    after = shown(photo, "output", (1, 512, 512))
    kernel = (np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]) / 48).astype(np.float32)
    kernel[2, 2] = 1
    np.testing.assert_array_equal(after[0], cd.correlate(photo.source.array()[0], kernel, "same"))
    photo.undo()
    np.testing.assert_array_equal(shown(photo, "output", (1, 512, 512)), before)
    assert photo.results[-1].plan == "cached"


def test_edits_behind_the_layer_on_screen_keep_the_input_pane_still(photo):
    photo.look("input", INPUT, (Span(0, 512), Span(0, 512)), (1, 1))
    photo.wait()
    count = len(photo.results)
    photo.apply(do.SetOption("edges", "flip", True))
    photo.wait()
    assert len(photo.results) == count


def test_a_trace_is_the_geometry_and_the_winners_are_maxima(photo):
    trace = photo.trace((0, 42, 123))
    assert trace.fields[""] == (Span(74, 96), Span(236, 258))
    assert trace.fields["pool1"] == (Span(38, 47), Span(119, 128))
    assert trace.taps == ((38, 40, 42, 44, 46), (119, 121, 123, 125, 127))
    assert len(trace.winners) == 25
    relu = photo.stages_to("relu1")
    from convdesk.engine.pipeline import Pipeline

    values = Pipeline(photo.source, relu).evaluate((Span(0, 512), Span(0, 512)))[0]
    for (row, column), (pr, pc) in zip(
        trace.winners, [(r, c) for r in trace.taps[0] for c in trace.taps[1]], strict=True
    ):
        at = int(row), int(column)
        assert (at[0] // 2, at[1] // 2) == (pr, pc)
        assert values[at] == values[2 * pr : 2 * pr + 2, 2 * pc : 2 * pc + 2].max()


def test_a_trace_at_the_corner_meets_padding(photo):
    trace = photo.trace((0, 0, 0))
    assert trace.fields[""][0].start < 0
    assert trace.clipped[""][0].start == 0


@pytest.mark.parametrize("unit", [(0, 42, 123), (0, 0, 0), (0, 255, 255), (0, 0, 100)])
def test_terms_add_up_to_the_value_that_is_shown(photo, unit):
    terms = photo.terms(unit)
    assert terms.result == photo.run()[unit] == photo.value("blobs", unit)
    assert np.float32(np.float32(terms.total) + np.float32(terms.bias)) == np.float32(terms.result)
    np.testing.assert_allclose(terms.products.sum(), terms.total, rtol=0, atol=1e-4)
    assert terms.count == 25
    inside = ~terms.padded
    assert (terms.values[~inside] == 0).all()
    rows, columns = np.meshgrid(*terms.taps, indexing="ij")
    exist = (rows >= 0) & (rows < 256) & (columns >= 0) & (columns < 256)
    np.testing.assert_array_equal(inside[0], exist)


@pytest.mark.parametrize(
    "layer",
    [
        Filter(LOG, padding_mode="reflect", flip=True, name="x"),
        Filter(LOG, padding_mode=7.5, stride=3, name="x"),
        Filter(LOG[:, :4], padding="full", padding_mode="circular", name="x"),
        Conv(3, 6, 3, groups=3, padding=2, name="x"),
        Conv(3, 2, (2, 3), flip=True, padding_mode="symmetric", padding=1, name="x"),
        MaxPool(3, 2, 1, True, name="x"),
        AvgPool(3, 2, 1, True, name="x"),
        AvgPool(3, 2, 1, True, False, name="x"),
        ReLU(name="x"),
    ],
    ids=lambda layer: f"{layer.kind}-{layer.mode}",
)
def test_terms_of_every_layer_at_the_corners_and_inside(desk, layer):
    desk.open_array(np.random.default_rng(0).integers(-9, 10, (3, 14, 17)).astype(np.float32), "image")
    desk.apply(do.AddLayer(layer))
    y = desk.run()
    channels, rows, columns = y.shape
    for unit in [(0, 0, 0), (channels - 1, rows - 1, columns - 1), (1, rows // 2, 0), (0, rows // 2, columns // 2)]:
        terms = desk.terms(unit)
        assert terms.result == y[unit]
        if terms.kind == "max":
            assert terms.values[terms.winner] == terms.result
            assert not terms.padded[terms.winner]
        else:
            expected = terms.products.sum() + terms.bias
            np.testing.assert_allclose(expected, terms.result, rtol=1e-5, atol=1e-4)


def test_what_is_open_survives_a_file_that_is_not(desk, tmp_path):
    desk.open_sample("coffee")
    desk.apply(do.AddLayer(Filter(np.eye(3), name="f")))
    state, source = desk.state, desk.source
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (tmp_path / "bad.convdesk").write_text("{}")
    with pytest.raises(FormatError, match=r"bad\.png"):
        desk.open_source(tmp_path / "bad.png")
    with pytest.raises(FormatError, match=r"bad\.convdesk"):
        desk.load(tmp_path / "bad.convdesk")
    assert desk.state is state
    assert desk.source is source


def test_a_document_is_saved_opened_and_run(photo, tmp_path):
    assert photo.modified
    path = photo.save(tmp_path / "camera-blobs.convdesk")
    assert not photo.modified
    assert photo.title == "camera-blobs.convdesk"
    other = Desk.open(path)
    np.testing.assert_array_equal(other.run(), photo.run())
    other.close()


def test_a_document_that_stands_alone_needs_no_file(desk, tmp_path):
    (tmp_path / "a").mkdir()
    np.save(tmp_path / "a" / "x.npy", np.arange(20.0, dtype=np.float32).reshape(4, 5))
    desk.open_source(tmp_path / "a" / "x.npy")
    desk.apply(do.AddLayer(Filter(np.ones((2, 2)), name="f")))
    expected = desk.run()
    desk.save(tmp_path / "whole.convdesk", embed=True)
    (tmp_path / "a" / "x.npy").unlink()
    other = Desk.open(tmp_path / "whole.convdesk")
    np.testing.assert_array_equal(other.run(), expected)
    other.close()


def test_a_file_that_changed_since_is_opened_with_a_note(desk, tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((4, 5), np.float32))
    desk.open_source(tmp_path / "x.npy")
    path = desk.save(tmp_path / "d.convdesk")
    np.save(tmp_path / "x.npy", np.ones((4, 5), np.float32))
    other = Desk.open(path)
    assert "file has changed" in [note.text for note in other.source.notes]
    other.close()


def test_a_layer_that_cannot_run_is_named_and_the_desk_goes_on(desk):
    desk.open_array(np.ones((1, 6, 6), np.float32), "image")
    desk.apply(do.AddLayer(MaxPool(2, name="small")))
    desk.apply(do.AddLayer(MaxPool(9, name="big")))
    assert desk.shape_of("big") is None
    assert desk.stages[1].error == "Max pool needs at least 9 rows of input, this layer has 3"
    with pytest.raises(ShapeError, match="big cannot run: Max pool needs at least 9 rows"):
        desk.run()
    with pytest.raises(CommandRejected, match="big cannot run"):
        desk.trace((0, 0, 0))
    desk.look("output", "big", (Span(0, 1), Span(0, 1)), (1, 1))
    assert desk.wait(10)
    desk.apply(do.SetOption("big", "kernel_size", 3))
    assert desk.wait(10)
    assert desk.results[-1].array.shape == (1, 1, 1)


def test_opening_another_input_is_undone_like_everything_else(desk):
    desk.open_sample("camera")
    desk.open_sample("coffee")
    assert desk.source.channels == 3
    desk.undo()
    assert desk.source.channels == 1
    desk.redo()
    assert desk.source.channels == 3


def test_a_kernel_larger_than_the_image_and_a_single_pixel_are_fine(desk):
    desk.open_array(np.full((1, 1, 1), 3, np.float32), "image")
    desk.apply(do.AddLayer(Filter(np.ones((31, 31)), name="f")))
    assert desk.run().tolist() == [[[3.0]]]
    desk.apply(do.SetOption("f", "padding_mode", "reflect"))
    assert desk.run().tolist() == [[[3.0 * 961]]]


def test_questions_without_an_input_are_sentences(desk):
    with pytest.raises(ParameterError, match="the document has no input"):
        desk.run()
    with pytest.raises(CommandRejected, match="There is no input"):
        desk.reach()
    with pytest.raises(ParameterError, match="no file yet"):
        desk.save()


def test_display_ranges_are_fitted_once_and_stay(desk):
    desk.open_sample("camera")
    desk.apply(do.AddLayer(Filter([[0, 0, 0], [0, 1, 0], [0, 0, 0]], name="f")))
    everything = (Span(0, 512), Span(0, 512))
    desk.look("output", "f", everything, (1, 1))
    desk.wait()
    assert desk.display("f").range == Range(0, 255)
    assert desk.display("f").map == "grey"
    desk.apply(do.SetTaps("f", (((1, 1), 4.0), ((0, 0), -1.0))))
    desk.wait()
    desk.look("output", "f", (Span(0, 9), Span(0, 9)), (1, 1))
    desk.wait()
    assert desk.display("f").range == Range(0, 255)
    desk.look("output", "f", everything, (1, 1))
    desk.wait()
    assert desk.display("f").beyond > 0.2
    desk.apply(do.SetKernel("f", Weights([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])))
    desk.wait()
    signed = desk.display("f")
    assert signed.map == "tide"
    assert signed.range.lo == -signed.range.hi < 0
    desk.apply(do.SetRange("f", Range(-10, 10)))
    assert desk.display("f").range == Range(-10, 10)
    assert desk.display("f").beyond > 0.3
    assert desk.fit_range("f") == signed.range
    desk.apply(do.SetRange("f", None))
    assert desk.display("f").range == signed.range


def test_an_identity_shows_its_input_in_the_same_colours(desk):
    desk.open_array(np.random.default_rng(0).normal(size=(1, 60, 70)).astype(np.float32), "image")
    desk.apply(do.AddLayer(Filter([[0, 0, 0], [0, 1, 0], [0, 0, 0]], name="f")))
    desk.look("output", "f", (Span(0, 60), Span(0, 70)), (1, 1))
    desk.wait()
    assert desk.display("f").range == desk.display(INPUT).range
    assert desk.display(INPUT).range.lo == -desk.display(INPUT).range.hi


def test_opening_with_a_first_layer_is_one_entry_and_old_tiles_are_not_current(desk):
    desk.open_sample("camera", gesture="open")
    desk.apply(do.AddLayer(Filter([[1.0]], name="f")), "open")
    desk.end_gesture()
    desk.look("output", "f", (Span(0, 9), Span(0, 9)), (1, 1))
    desk.wait()
    assert desk.is_current(desk.results[-1])
    desk.open_sample("brick")
    assert not desk.is_current(desk.results[-1])
    desk.undo()
    desk.undo()
    assert desk.source is None
    assert desk.undo_title is None


@pytest.mark.parametrize(("name", "ndim"), [("sst_nino3", 1), ("mni152", 3)])
def test_signals_and_volumes_go_the_same_way(desk, name, ndim):
    desk.open_sample(name)
    kernel = np.ones((3,) * ndim) / 3**ndim
    desk.apply(do.AddLayer(Filter(kernel, name="mean")))
    desk.apply(do.AddLayer(MaxPool(2, name="pool")))
    box = tuple(Span(0, size) for size in desk.shape_of("pool")[1])
    y = desk.run()
    desk.look("output", "pool", box, (1,) * ndim)
    np.testing.assert_array_equal(shown(desk, "output", y.shape), y)
    judge = cd.max_pool(cd.conv(desk.source.array()[:, None], kernel.astype(np.float32)[None, None], padding="same"), 2)
    np.testing.assert_array_equal(y, judge[:, 0])


def test_a_sharpened_photograph_keeps_its_range(desk):
    desk.open_sample("coffee")
    desk.apply(do.AddLayer(Filter([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], name="sharp")))
    desk.look("output", "sharp", (Span(0, 400), Span(0, 600)), (1, 1))
    desk.wait()
    assert desk.display("sharp").range == Range(0, 255)
    assert 0 < desk.display("sharp").beyond < 0.2
    assert desk.display("sharp").colour
