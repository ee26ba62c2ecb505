# SPDX-License-Identifier: GPL-3.0-or-later
"""The right end of the status bar: the zoom of one pane, and who computed the layer that is shown."""

from __future__ import annotations

from convdesk.document.commands import AddLayer, Choose, SetEnabled
from convdesk.document.state import INPUT
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
