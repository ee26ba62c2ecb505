# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour pictures, signals and volumes in the same window."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication

import convdesk as cd
from convdesk.document.commands import SetKernel, kernel_of
from convdesk.network.layers import Conv
from convdesk.network.weights import Weights


def test_colour_is_shown_as_colour_and_channel_by_channel(make_hand) -> None:
    hand = make_hand("chelsea")
    hand.window.stage.panes["input"].canvas.set_view(150, 200, 1.0)
    hand.settle()
    x = hand.desk.source.array()
    shown = hand.picture("input")
    known = np.isfinite(shown[..., 0])
    assert known.any()
    assert np.array_equal(shown[known], np.moveaxis(x, 0, 2)[known])
    strip = hand.window.stage.panes["output"].strip
    assert strip.choice.options() == ["RGB", "R", "G", "B"]
    canvas = hand.window.stage.panes["output"].canvas
    canvas.setFocus()
    hand.run("view.next_channel")
    hand.run("view.next_channel")
    assert strip.choice.current_text() == "G"
    green = hand.picture("output")
    known = np.isfinite(green)
    assert np.array_equal(green[known], x[1][known])
    hand.hover_pixel("output", 150, 200)
    assert hand.window.tracer.reading.unit == (1, 150, 200)
    assert hand.window.tracer.reading.value == x[1, 150, 200]


def test_conv_sums_over_channels_and_says_so(make_hand) -> None:
    hand = make_hand("chelsea")
    assert hand.window.inspector.purpose.text() == "Filter: this kernel on every channel"
    assert not hand.window.handlers.add("Conv")
    hand.settle()
    assert "sums over 3 input channels" in hand.window.inspector.purpose.text()
    layer = hand.desk.state.layer("conv1")
    assert isinstance(layer, Conv)
    hand.window.stage.panes["output"].canvas.set_view(100, 100, 1.0)
    hand.hover_pixel("output", 100, 100)
    mean = hand.desk.source.array()[:, 100, 100].mean()
    assert hand.window.tracer.reading.value == pytest.approx(mean, rel=1e-6)
    assert hand.window.bench.channels.choice.options() == ["0", "1", "2"]
    assert hand.window.ledger.model.rowCount() == 27


def test_a_signal_is_filtered_and_traced(make_hand) -> None:
    hand = make_hand("step_1d")
    stage = hand.window.signal_stage
    assert hand.window.centre.currentWidget() is stage
    assert hand.window.terms.kernel.shape == (1, 3)
    hand.window.editor.apply(SetKernel("filter1", Weights(np.array([-1.0, 0, 1]))))
    hand.settle()
    x = hand.desk.source.array()[0]
    y = cd.correlate(x, np.array([-1, 0, 1], np.float32), "same")
    assert np.array_equal(stage._values["input"], x)
    assert np.array_equal(stage._values["output"], y)
    at = int(np.abs(y[2:-2]).argmax()) + 2
    stage.hovered.emit("output", (at,))
    hand.settle()
    reading = hand.window.tracer.reading
    assert reading.value == y[at]
    assert stage.plot._bands["input"].span == (at - 1.5, at + 1.5)
    assert np.array_equal(hand.window.terms.patch.values()[0], x[at - 1 : at + 2])
    assert hand.window.ledger.model.rowCount() == 3


def test_a_volume_is_seen_slice_by_slice(make_hand) -> None:
    hand = make_hand("checkerboard_3d")
    window = hand.window
    x = hand.desk.source.array()[0]
    kernel = np.zeros((3, 3, 3))
    kernel[0, 1, 1], kernel[2, 1, 1] = 1, -2
    window.editor.apply(SetKernel("filter1", Weights(kernel)))
    y = cd.correlate(x, kernel.astype(np.float32), "same")
    for plane, at in ((0, 20), (1, 31), (2, 40)):
        window.eye.set("plane", plane)
        window.eye.set("slice", at)
        hand.settle()
        assert np.array_equal(hand.picture("input"), np.take(x, at, plane))
        assert np.array_equal(hand.picture("output"), np.take(y, at, plane))
    window.eye.set("plane", 0)
    hand.run("view.next_slice")
    hand.settle()
    here = window.eye.slice
    hand.hover_pixel("output", 12, 13)
    assert window.tracer.reading.unit == (0, here, 12, 13)
    assert window.tracer.reading.value == y[here, 12, 13]
    assert window.stage.panes["input"].over.field.boxes() == [(11, 12, 14, 15)]


def test_the_kernel_of_a_volume_is_edited_slice_by_slice(make_hand) -> None:
    hand = make_hand("impulse_3d")
    assert hand.window.terms.slice == 1
    hand.window.bench.slices.changed.emit(2)
    hand.drag_cell(0, 2, 20)
    assert kernel_of(hand.desk.state.layer("filter1"))[2, 0, 2] == pytest.approx(0.5)


def test_from_a_picture_to_a_signal_and_back(make_hand) -> None:
    hand = make_hand("impulse")
    hand.drag_cell(0, 0, 40)
    hand.drag_cell(0, 0, -40)
    hand.run("kernel.larger")
    hand.window.files.open_sample("sst_nino3")
    hand.settle()
    assert hand.window.centre.currentWidget() is hand.window.signal_stage
    assert "cannot" in hand.window.stack.model.rows[1].error
    hand.run("edit.undo")
    hand.settle()
    assert hand.window.centre.currentWidget() is hand.window.stage
    assert np.array_equal(hand.picture("output"), hand.picture("input"))


def test_an_untouched_kernel_takes_the_axes_of_the_next_input(make_hand) -> None:
    hand = make_hand("impulse")
    hand.window.files.open_sample("sst_nino3")
    hand.settle()
    assert hand.desk.state.layer("filter1").kernel.array.tolist() == [0, 1, 0]
    assert hand.window.stack.model.rows[1].error == ""


def test_values_that_are_no_numbers_are_counted(make_hand) -> None:
    hand = make_hand("impulse")
    array = np.zeros((1, 20, 20), np.float32)
    array[0, 3, 4], array[0, 5, 6] = np.nan, np.inf
    hand.window.files.open_array(array, "odd")
    hand.settle()
    pane = hand.window.stage.panes["input"]
    pane._count()
    assert pane.chips.texts()["bad"] == "1 NaN, 1 ∞"


def test_zoomed_out_samples_are_exact_and_said(make_hand) -> None:
    hand = make_hand("camera")
    pane = hand.window.stage.panes["output"]
    pane.canvas.set_view(256, 256, 0.25)
    hand.settle()
    assert pane.chips.texts()["sampled"] == "every 4th pixel, exact"
    tile = next(iter(pane.canvas.layer))
    x = hand.desk.source.array()[0]
    rows, cols = tile.values.shape
    assert tile.step == (4, 4)
    assert np.array_equal(tile.values, x[tile.origin[0] :: 4, tile.origin[1] :: 4][:rows, :cols])


def test_copying_the_terms(make_hand) -> None:
    hand = make_hand("impulse")
    hand.click_pixel("output", 16, 16)
    hand.window.ledger.copy()
    lines = QApplication.clipboard().text().split("\n")
    assert lines[0].split("\t") == ["row, col", "value", "weight", "product"]
    assert len(lines) == 11


def test_layers_of_other_axes_are_an_error_row_not_a_crash(make_hand) -> None:
    hand = make_hand("impulse")
    for kind in ("MaxPool", "AvgPool", "Conv"):
        assert not hand.window.handlers.add(kind)
    hand.run("stack.toggle")
    hand.drag_cell(0, 0, 40)
    for sample in ("sst_nino3", "impulse_3d", "impulse"):
        assert hand.window.files.open_sample(sample)
        for name in ("", "filter1", "pool1", "pool2", "conv1"):
            hand.window.stack.chosen.emit(name)
            hand.settle()
    assert all(row.error == "" for row in hand.window.stack.model.rows)


def test_an_empty_pane_takes_the_pointer_quietly(make_hand) -> None:
    hand = make_hand("impulse")
    hand.window.inspector.padding.activated.emit(1)
    for _ in range(17):
        hand.run("kernel.larger")
    assert hand.desk.shape_of("filter1") is None
    hand.settle()
    for row, col in ((0, 0), (5, 5)):
        hand.hover_pixel("output", row, col)
        hand.click_pixel("output", row, col)
    pane = hand.window.stage.panes["output"]
    pane.legend.fitRequested.emit()
    assert pane.subject is None and hand.window.tracer.reading is None


def test_thumbnails_of_long_signals_are_envelopes(make_hand) -> None:
    t = np.arange(48000)
    hand = make_hand()
    hand.window.files.open_array((np.sin(t / 7) * t / 48000).astype(np.float32)[None], "tone")
    hand.settle()
    image = hand.window.thumbs.picture("", 52).toImage()
    ground = image.pixelColor(image.width() // 2, 2)
    inked = [sum(image.pixelColor(x, y) != ground for y in range(2, image.height() - 2)) for x in (5, 26, 46)]
    assert inked[0] < inked[1] < inked[2] < image.height() - 4, "as high as the signal is there, with air around"
