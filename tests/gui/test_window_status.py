# SPDX-License-Identifier: GPL-3.0-or-later
"""What the edges of the window say: zoom, plan, rows of the stack, the name of the document."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QFontMetrics, QFontMetricsF
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from convdesk.document.commands import AddLayer, Choose, SetEnabled
from convdesk.document.state import INPUT
from convdesk.gui import theme
from convdesk.gui.panels.stack_row import detail_lines, wrapped
from convdesk.network.layers import MaxPool


def pooled(hand) -> None:
    """A pool by four below the filter, and shown."""
    hand.window.editor.apply(AddLayer(MaxPool((4, 4), name="pool1")))
    hand.settle()


def said(hand, zoom: float) -> bool:
    return hand.window.status.zoom.text() == f"Zoom {100 * zoom:.0f} %"


def test_zoom_is_of_the_output_in_pixels_of_the_input(hand) -> None:
    pooled(hand)
    canvas = hand.window.stage.panes["output"].canvas
    hand.run("view.link")
    canvas.set_view(4.0, 4.0, 16.0)
    hand.settle()
    assert said(hand, 4.0), hand.window.status.zoom.text()
    assert "Output" in hand.window.status.zoom.toolTip()


def test_zoom_of_other_panes_is_not_told(hand) -> None:
    pooled(hand)
    hand.run("view.link")
    hand.window.stage.panes["output"].canvas.set_view(4.0, 4.0, 16.0)
    hand.settle()
    for role in ("input", "layer_input"):
        hand.window.stage.panes[role].canvas.set_view(2.0, 2.0, 57.0)
        hand.settle()
        assert said(hand, 4.0), hand.window.status.zoom.text()


def test_zoom_of_the_input_where_the_output_cannot_run(hand) -> None:
    hand.window.editor.apply(AddLayer(MaxPool((99, 99), name="pool1")))
    hand.settle()
    assert hand.desk.shape_of("pool1") is None
    hand.window.stage.panes["input"].canvas.set_view(4.0, 4.0, 3.0)
    hand.settle()
    assert said(hand, 3.0)
    assert "Input" in hand.window.status.zoom.toolTip()


def test_the_plan_is_that_of_the_layer_shown(hand) -> None:
    plan = hand.window.status.plan
    assert ":" in plan.text() and "float32" in plan.text()
    before = plan.text().split(" · ")[0]
    pooled(hand)
    assert "float32" in plan.text() and ":" in plan.text()
    hand.window.editor.apply(Choose("filter1"))
    hand.settle()
    assert plan.text().startswith(before)
    hand.window.editor.apply(Choose(INPUT))
    hand.settle()
    assert plan.text() == "" and hand.window.status.time.text() == ""


def test_a_layer_that_is_off_has_no_plan(hand) -> None:
    hand.window.editor.apply(SetEnabled("filter1", False))
    hand.settle()
    assert hand.window.status.plan.text() == "off" and hand.window.status.time.text() == ""
    hand.window.editor.apply(SetEnabled("filter1", True))
    hand.settle()
    assert "float32" in hand.window.status.plan.text() and ":" in hand.window.status.plan.text()


@pytest.mark.parametrize("detail", ["Max pool 2 × 2 · stride 2", "Filter 35 × 7 · stride 999 × 1 · dilation 12 × 3"])
@pytest.mark.parametrize("width", [90, 132, 200])
def test_numbers_of_a_row_are_never_cut(qapp, detail: str, width: int) -> None:
    metrics = QFontMetrics(theme.font("caption"))
    lines = detail_lines(detail, metrics, width)
    assert 1 <= len(lines) <= 2 and "…" not in "".join(lines)
    assert all(metrics.horizontalAdvance(line) <= width for line in lines)
    groups = {part.split(" ", 1)[-1].removeprefix("pool ") for part in detail.split(" · ")}
    assert all(part.split(" ", 1)[-1].removeprefix("pool ") in groups for line in lines for part in line.split(" · "))


def test_a_sentence_in_a_row_is_whole_lines(qapp) -> None:
    metrics = QFontMetrics(theme.font("caption"))
    sentence = "filter needs at least 99 rows of input and as many columns, this layer has 1, and so it cannot run."
    lines = wrapped(sentence, metrics, 120, 3)
    assert len(lines) == 3 and lines[2].endswith("…") and lines[0].startswith("filter needs")
    assert wrapped("Short.", metrics, 120, 3) == ["Short."]


def test_the_name_of_the_document_is_whole(hand, tmp_path) -> None:
    label = hand.window.document_label
    for name in ("demo.convdesk", "a-rather-long-name-of-a-document-about-edges.convdesk"):
        hand.window.files._save(tmp_path / name, embed=False)
        hand.settle()
        hand.drag_cell(0, 0, 20)
        hand.settle()
        assert label.shown_text() == f"{name} · edited"


def test_equals_stands_beside_the_kernel_and_names_are_whole(hand) -> None:
    terms = hand.window.terms
    hand.click_pixel("output", 16, 16)
    kernel = QRect(terms.kernel.mapTo(terms, QPoint()), terms.kernel.size())
    sign = terms._signs[1]
    gap = sign.mapTo(terms, QPoint()).x() - kernel.right()
    assert 0 <= gap <= 12
    text = terms.presets.fontMetrics().horizontalAdvance("LoG 5 × 5, integers")
    assert terms.presets.width() >= min(text, 100) + 29


def test_turned_values_stand_in_the_corners(hand) -> None:
    QApplication.clipboard().setText("1 2 3\n4 5 6\n7 8 9")
    hand.run("kernel.paste")
    hand.click_pixel("output", 16, 16)
    grid = hand.window.terms.kernel
    metrics = QFontMetricsF(theme.font("caption"))
    assert grid.corner(0, 0, metrics) == ""
    hand.run("operator.convolution")
    hand.settle()
    used = [[float(grid.corner(r, c, metrics)) for c in range(3)] for r in range(3)]
    terms = hand.window.terms
    assert np.array_equal(terms.patch.values() * used, terms.products.values())
    assert np.array_equal(grid.values(), np.arange(1, 10).reshape(3, 3)), "what is edited is as it was drawn"
    assert "as used" in terms.captions[1].text()
    hand.run("operator.correlation")
    hand.settle()
    assert grid.corner(0, 0, metrics) == ""


def test_a_layer_that_is_off_says_so(hand) -> None:
    hand.run("stack.toggle")
    hand.settle()
    w = hand.window
    badge = w.stage.panes["output"].badge
    assert badge.text() == "Off" and "passes its input on" in badge.toolTip()
    assert not w.inspector.operator.isEnabled() and not w.inspector.stride.isEnabled()
    assert w.inspector.power.isEnabled()
    assert "off" in w.terms.hint.text() and "off" in w.terms.captions[1].text()
    hand.hover_pixel("output", 16, 16)
    assert w.terms.sum.caption == "off: the input as it is"
    hand.run("stack.toggle")
    hand.settle()
    assert w.stage.panes["output"].badge.text() == "Correlation" and w.inspector.stride.isEnabled()


def test_a_layer_is_added_by_typing(hand) -> None:
    hand.run("stack.add")
    search = hand.window.search
    assert search.isVisible() and search.list.count() == 5
    QTest.keyClicks(search.field, "ma")
    hand.press(search.field, Qt.Key.Key_Return)
    hand.settle()
    assert hand.desk.state.layers[-1].kind == "MaxPool" and hand.desk.state.layers[-1].kernel_size == (2, 2)
    hand.run("help.search")
    assert search.list.count() > 50


def test_menus_have_letters_of_their_own(hand) -> None:
    titles = [action.text() for action in hand.window.menuBar().actions()]
    letters = [title[title.index("&") + 1].lower() for title in titles]
    assert len(set(letters)) == len(titles) >= 8


def test_a_toast_covers_no_panel(hand) -> None:
    w = hand.window
    w.say("Saved something")
    toast = QRect(w.toast.pos(), w.toast.size())
    for panel in (w.ledger, w.status, w.bench):
        assert not toast.intersects(QRect(panel.mapTo(w, QPoint()), panel.size()))
