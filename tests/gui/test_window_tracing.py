# SPDX-License-Identifier: GPL-3.0-or-later
"""Questioning a number: hover, click, arrows; its field, terms and words in every panel alike."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from convdesk.document.commands import AddLayer, SetOption
from convdesk.document.state import INPUT
from convdesk.network.layers import Filter, MaxPool, ReLU


def deep(hand) -> None:
    """filter1, relu1, a pool, and a dilated filter on top."""
    for layer in (ReLU(), MaxPool((2, 2), name="pool1"), Filter(np.ones((3, 3)), dilation=2, name="top")):
        hand.window.editor.apply(AddLayer(layer))
    hand.settle()


def flat(box) -> tuple[int, int, int, int]:
    return box[0].start, box[1].start, box[0].stop, box[1].stop


def test_hover_lights_up_the_field_that_geometry_says(hand) -> None:
    deep(hand)
    hand.hover_pixel("output", 5, 9)
    trace = hand.desk.trace((0, 5, 9))
    panes = hand.window.stage.panes
    assert panes["input"].over.field.boxes() == [flat(trace.fields[INPUT])]
    assert panes["output"].over.field.boxes() == [(5, 9, 6, 10)]
    rows = {row.name: row.sees for row in hand.window.stack.model.rows}
    assert rows == {"": "12 × 12", "filter1": "10 × 10", "relu1": "10 × 10", "pool1": "5 × 5", "top": "1 unit"}
    assert panes["input"].over.tag.text() == "sees 12 × 12"


def test_leaving_restores_the_pin(hand) -> None:
    hand.click_pixel("output", 10, 11)
    assert hand.desk.state.unit == (0, 10, 11)
    hand.hover_pixel("output", 20, 21)
    assert hand.window.tracer.reading.unit == (0, 20, 21)
    hand.window.stage.panes["output"].canvas._hover(None)
    hand.settle()
    assert hand.window.tracer.reading.unit == (0, 10, 11)
    hand.click_pixel("output", 10, 11)
    assert hand.desk.state.unit is None


def test_escape_releases_the_pin(hand) -> None:
    hand.click_pixel("output", 3, 4)
    hand.window.stage.panes["output"].canvas._hover(None)
    hand.press(hand.window.stage.panes["output"].canvas, Qt.Key.Key_Escape)
    hand.settle()
    assert hand.desk.state.unit is None
    assert hand.window.tracer.reading is None
    assert hand.window.stage.panes["input"].over.field.boxes() == []


def test_arrows_move_the_unit_and_stop_at_the_edge(hand) -> None:
    hand.click_pixel("output", 1, 1)
    canvas = hand.window.stage.panes["output"].canvas
    for key, keys, unit in (
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, (0, 2, 1)),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, (0, 2, 11)),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier, (0, 0, 11)),
    ):
        hand.press(canvas, key, keys)
        assert hand.desk.state.unit == unit


def test_every_panel_shows_the_same_number(hand) -> None:
    hand.window.editor.apply(SetOption("filter1", "bias", -4.5))
    QApplication.clipboard().setText("1 2 3\n4 5 6\n7 8 9")
    hand.run("kernel.paste")
    hand.click_pixel("output", 15, 16)
    reading = hand.window.tracer.reading
    peak = float(hand.desk.source.array().max())
    assert reading.value == pytest.approx(8 * peak - 4.5)
    assert reading.value == hand.desk.value("filter1", (0, 15, 16)) == hand.picture("output")[15, 16]
    text = hand.window.status.unit.text()
    assert text.startswith("filter1 15, 16: ")
    assert hand.window.ledger.model.rowCount() == 9
    assert np.array_equal(hand.window.terms.kernel.values(), np.arange(1, 10).reshape(3, 3))
    assert np.array_equal(hand.window.terms.patch.values(), hand.desk.source.array()[0][14:17, 15:18])
    assert np.array_equal(hand.window.terms.products.values(), reading.terms.products[0])
    assert hand.window.ledger.sum_name.text() == "Sum + bias"


def test_padding_is_marked_wherever_it_is_read(hand) -> None:
    hand.click_pixel("output", 0, 0)
    mask = hand.window.terms.patch._padded
    assert mask is not None and int(mask.sum()) == 5
    assert hand.window.stage.panes["input"].canvas.ring.padding == ((1, 1), (1, 1))
    assert "padding" in hand.window.stage.panes["input"].over.key.items()
    assert "5 from padding" in hand.window.ledger.sub.text()
    hand.run("view.padding")
    assert hand.window.stage.panes["input"].canvas.ring.padding == ((0, 0), (0, 0))


def test_hover_on_the_input_questions_the_unit_above_it(hand) -> None:
    deep(hand)
    hand.hover_pixel("input", 20, 12)
    reading = hand.window.tracer.reading
    field = reading.trace.fields[INPUT]
    middle = [(span.start + span.stop) / 2 for span in field]
    assert abs(middle[0] - 20.5) <= 1 and abs(middle[1] - 12.5) <= 1
    assert hand.window.status.source.text().startswith("Input ")


def test_winners_of_a_pool_are_on_the_input(hand) -> None:
    hand.window.editor.apply(AddLayer(MaxPool((3, 3), name="pool1")))
    hand.settle()
    hand.hover_pixel("output", 5, 5)
    points = hand.window.stage.panes["input"].over.winners._points
    x = hand.picture("input")[15:18, 15:18]
    assert [tuple(p) for p in points] == [tuple(np.add(np.unravel_index(x.argmax(), x.shape), 15).astype(float))]
    assert hand.window.terms.patch._hot == tuple(int(i) for i in np.unravel_index(x.argmax(), x.shape))


def test_the_legend_marks_the_number(hand) -> None:
    hand.hover_pixel("output", 16, 16)
    peak = float(hand.desk.source.array().max())
    assert hand.window.stage.panes["output"].legend._here == peak


def test_panes_share_zoom_and_place_in_their_own_scale(hand) -> None:
    hand.window.editor.apply(AddLayer(MaxPool((2, 2), name="pool1")))
    hand.settle()
    source, output = (hand.window.stage.panes[role].canvas for role in ("input", "output"))
    source.set_view(10.0, 12.0, 20.0)
    assert output.zoom == pytest.approx(40.0)
    assert output.centre == pytest.approx((5.0, 6.0))
    output.set_view(7.0, 3.0, 30.0)
    assert source.zoom == pytest.approx(15.0)
    assert source.centre == pytest.approx((14.0, 6.0))
    hand.run("view.link")
    output.set_view(2.0, 2.0, 30.0)
    assert source.centre == pytest.approx((14.0, 6.0))


def test_double_click_zooms_to_the_field_and_back(hand) -> None:
    hand.hover_pixel("output", 8, 9)
    canvas = hand.window.stage.panes["input"].canvas
    before = canvas.zoom
    hand.run("view.field_zoom")
    assert canvas.zoom > 3 * before
    assert canvas.centre == pytest.approx((8.5, 9.5))
    hand.run("view.field_zoom")
    assert canvas.zoom == pytest.approx(before)


def test_pointing_at_a_term_marks_it_in_the_equation(hand) -> None:
    hand.click_pixel("output", 16, 16)
    ledger = hand.window.ledger
    first = ledger.model.index_of(0)
    ledger.table.pointed.emit(0)
    assert hand.window.terms.products._hot == first[1:]
    hand.hover(hand.window.terms.patch, hand.window.terms.patch.cell_rect(0, 2).center())
    row = ledger.table.selectionModel().selectedRows()[0].row()
    assert ledger.model.index_of(row) == (0, 0, 2)


def test_bars_of_the_ledger_share_one_zero_line(hand) -> None:
    QApplication.clipboard().setText("0.5 -100.25 0\n3 -7 120\n0 0 1")
    hand.run("kernel.paste")
    hand.click_pixel("output", 16, 16)
    table = hand.window.ledger.table
    rect = table.visualRect(hand.window.ledger.model.index(0, 3)).toRectF()
    top = table.bars.top
    (zero, right), (same, left) = table.bars.bar(rect, top), table.bars.bar(rect, -top / 2)
    assert zero == same == right.left() == left.right()
    assert right.width() == pytest.approx(2 * left.width())
    assert table.bars.bar(rect, 0.0) == (zero, table.bars.bar(rect, 0.0)[1]) and table.bars.bar(rect, 0.0)[1].isEmpty()


def test_released_cells_are_blank_again(hand) -> None:
    blank = hand.window.terms.patch.grab().toImage().pixelColor(4, 4)
    hand.click_pixel("output", 16, 16)
    hand.window.stage.panes["output"].canvas._hover(None)
    hand.press(hand.window.stage.panes["output"].canvas, Qt.Key.Key_Escape)
    hand.settle()
    assert hand.window.tracer.reading is None
    now = hand.window.terms.patch.grab().toImage().pixelColor(4, 4)
    assert now == blank and now.lightness() > 200


def test_a_colour_picture_names_the_channel_that_is_questioned(make_hand) -> None:
    hand = make_hand()
    hand.window.files.open_array(np.random.default_rng(1).random((3, 20, 20), np.float32), "colour")
    hand.settle()
    hand.hover_pixel("output", 5, 6)
    w = hand.window
    assert w.terms.captions[0].text().startswith("R of ")
    assert w.ledger.sub.text().startswith("R: ")
    assert w.stage.panes["output"].over.tag.text().startswith("R ")
    assert w.terms.sum.caption == "= the pixel's red value"
    w.eye.set_channel("filter1", 2)
    hand.hover_pixel("output", 5, 7)
    assert w.ledger.sub.text().startswith("B: ")
    assert w.terms.sum.caption == "= the pixel shown"
