# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing the kernel by hand: the output follows, exactly, and one stroke is one entry of the history."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QApplication

import convdesk as cd
from convdesk.document.commands import kernel_of


def expected(hand, layer: str = "filter1") -> np.ndarray:
    """What the plain function gives for the input on screen and the layer's kernel."""
    x = hand.desk.source.array()[0]
    return cd.correlate(x, kernel_of(hand.desk.state.layer(layer)).astype(np.float32), "same")


def test_new_input_gets_a_layer_that_changes_nothing(hand) -> None:
    layer = hand.desk.state.layer("filter1")
    assert np.array_equal(layer.kernel.array, [[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    assert np.array_equal(hand.picture("output"), hand.picture("input"))


def test_dragging_a_cell_moves_number_and_output_together(hand) -> None:
    hand.drag_cell(0, 1, 48)  # a step of 0.1 per 4 pixels
    assert kernel_of(hand.desk.state.layer("filter1"))[0, 1] == pytest.approx(1.2)
    assert np.array_equal(hand.picture("output"), expected(hand))
    assert hand.picture("output").max() == pytest.approx(1.2 * hand.desk.source.array().max())


def test_a_drag_is_one_entry_and_undo_restores_the_output(hand) -> None:
    before = hand.desk.undo_title
    hand.drag_cell(1, 1, 40)
    assert hand.desk.undo_title == "Draw kernel"
    hand.run("edit.undo")
    assert hand.desk.undo_title == before
    assert np.array_equal(hand.picture("output"), hand.picture("input"))
    hand.run("edit.redo")
    assert kernel_of(hand.desk.state.layer("filter1"))[1, 1] == pytest.approx(2.0)
    assert np.array_equal(hand.picture("output"), expected(hand))


def test_output_follows_before_the_hand_is_lifted(hand) -> None:
    start = hand.cell(0, 0)
    grid = hand.window.terms.kernel
    from PyQt6.QtCore import QEvent

    hand.mouse(grid, QEvent.Type.MouseButtonPress, start)
    hand.mouse(grid, QEvent.Type.MouseMove, start - QPointF(0, 20))
    hand.settle()
    assert kernel_of(hand.desk.state.layer("filter1"))[0, 0] == pytest.approx(0.5)
    assert np.array_equal(hand.picture("output"), expected(hand))
    hand.press(grid, Qt.Key.Key_Escape)
    assert kernel_of(hand.desk.state.layer("filter1"))[0, 0] == 0
    assert np.array_equal(hand.picture("output"), hand.picture("input"))


def test_a_painted_stroke_is_one_undo(hand) -> None:
    hand.run("tool.paint")
    before = hand.desk.undo_title
    hand.drag(hand.window.terms.kernel, [hand.cell(0, 0), hand.cell(0, 2), hand.cell(2, 2)])
    assert np.array_equal(kernel_of(hand.desk.state.layer("filter1")), [[1, 1, 1], [0, 1, 1], [0, 0, 1]])
    assert np.array_equal(hand.picture("output"), expected(hand))
    hand.drag(hand.window.terms.kernel, [hand.cell(0, 0)], Qt.MouseButton.RightButton)
    assert kernel_of(hand.desk.state.layer("filter1"))[0, 0] == 0
    hand.run("edit.undo")
    hand.run("edit.undo")
    assert hand.desk.undo_title == before


def test_typing_goes_from_cell_to_cell(hand) -> None:
    grid = hand.window.terms.kernel
    hand.run("kernel.focus")
    grid.set_focus_cell(0, 0)
    for key in (Qt.Key.Key_Minus, Qt.Key.Key_1, Qt.Key.Key_Return, Qt.Key.Key_2, Qt.Key.Key_Return):
        hand.press(QApplication.focusWidget() or grid, key)
    assert np.array_equal(kernel_of(hand.desk.state.layer("filter1"))[0], [-1, 2, 0])
    assert np.array_equal(hand.picture("output"), expected(hand))


@pytest.mark.parametrize(
    ("command", "kernel"),
    [
        ("kernel.flip", [[3, 2, 1], [6, 5, 4]]),
        ("kernel.flip_rows", [[4, 5, 6], [1, 2, 3]]),
        ("kernel.rotate", [[3, 6], [2, 5], [1, 4]]),
        ("kernel.transpose", [[1, 4], [2, 5], [3, 6]]),
        ("kernel.symmetrise", [[3.5, 3.5, 3.5], [3.5, 3.5, 3.5]]),
        ("kernel.zero_mean", [[-2.5, -1.5, -0.5], [0.5, 1.5, 2.5]]),
        ("kernel.unit_norm", np.arange(1, 7).reshape(2, 3) / np.sqrt(91)),
        ("kernel.clear", [[0, 0, 0], [0, 0, 0]]),
        ("kernel.larger", [[0] * 5, [0, 1, 2, 3, 0], [0, 4, 5, 6, 0], [0] * 5]),
    ],
)
def test_buttons_of_the_kernel(hand, command: str, kernel: object) -> None:
    QApplication.clipboard().setText("1 2 3\n4 5 6")
    hand.run("kernel.paste")
    hand.run(command)
    assert np.allclose(kernel_of(hand.desk.state.layer("filter1")), kernel, rtol=1e-15)
    assert np.array_equal(hand.picture("output"), expected(hand))


def test_a_preset_is_previewed_and_left(hand) -> None:
    button = hand.window.terms.presets
    button.fill(button.menu_of_presets, 2)
    actions = {action.text(): action for action in button.menu_of_presets.actions()}
    sobel = next(action for name, action in actions.items() if "obel" in name)
    before = hand.desk.state
    sobel.hover()
    assert hand.desk.state.layer("filter1").kernel != before.layer("filter1").kernel
    hand.window.editor.cancel()
    assert hand.desk.state.layers == before.layers
    sobel.trigger()
    assert hand.desk.undo_title.startswith("Kernel ")
    assert np.array_equal(hand.picture("output"), expected(hand))


def test_convolution_is_said_and_computed(hand) -> None:
    QApplication.clipboard().setText("1 2 0\n0 0 0\n0 0 5")
    hand.run("kernel.paste")
    assert hand.window.stage.panes["output"].badge.text() == "Correlation"
    hand.run("operator.convolution")
    assert hand.window.stage.panes["output"].badge.text() == "Convolution"
    x = hand.desk.source.array()[0]
    kernel = kernel_of(hand.desk.state.layer("filter1")).astype(np.float32)
    assert np.array_equal(hand.picture("output"), cd.convolve(x, kernel, "same"))


def test_rectangular_and_even_sizes_by_the_inspector(hand) -> None:
    box = hand.window.inspector.kernel_size.boxes()[1]
    box.setFocus()
    box.setText("4")
    hand.press(box, Qt.Key.Key_Return)
    assert hand.desk.state.layer("filter1").kernel_size == (3, 4)
    assert hand.window.terms.kernel.shape == (3, 4)
    assert np.array_equal(hand.picture("output"), expected(hand))


def test_an_impossible_number_is_refused_beside_its_field(hand) -> None:
    before = hand.desk.state
    fields = hand.window.inspector.stride
    box = fields.boxes()[0]
    box.setFocus()
    box.setText("0")
    hand.press(box, Qt.Key.Key_Return)
    assert "at least 1" in fields.problem()
    assert hand.desk.state == before


def test_a_layer_that_cannot_run_says_so_and_comes_back(hand) -> None:
    for text, index in (("valid", 1), ("40", None)):
        if index is not None:
            hand.window.inspector.padding.activated.emit(index)
        else:
            box = hand.window.inspector.kernel_size.boxes()[0]
            box.setFocus()
            box.setText(text)
            hand.press(box, Qt.Key.Key_Return)
    hand.settle()
    rows = hand.window.stack.model.rows
    assert "40 rows" in rows[1].error
    assert "cannot run" in hand.window.stage.panes["output"].chips.texts()["error"]
    assert hand.desk.shape_of("filter1") is None
    hand.run("edit.undo")
    hand.settle()
    assert hand.window.stack.model.rows[1].error == ""
    assert "error" not in hand.window.stage.panes["output"].chips.texts()


def test_patch_becomes_the_kernel(hand) -> None:
    hand.run("tool.patch")
    widget, start = hand.pixel("input", 15, 15)
    _, stop = hand.pixel("input", 17, 18)
    hand.drag(widget, [start, stop])
    hand.settle()
    x = hand.desk.source.array()[0]
    assert np.array_equal(kernel_of(hand.desk.state.layer("filter1")), x[15:18, 15:19])
    assert hand.desk.undo_title == "Patch to kernel"
    assert not hand.window.stage.panes["input"].over.band.isVisible()


def test_kernel_as_text_has_every_figure(hand) -> None:
    QApplication.clipboard().setText("0.1 1/3\n-2e-7 4")
    hand.run("kernel.paste")
    before = kernel_of(hand.desk.state.layer("filter1")).copy()
    hand.run("kernel.copy")
    hand.run("kernel.clear")
    hand.run("kernel.paste")
    assert np.array_equal(kernel_of(hand.desk.state.layer("filter1")), before)


def test_what_takes_long_is_shown_as_stale_and_comes_back(hand, qtbot) -> None:
    pane = hand.window.stage.panes["output"]
    pane.expect()  # as after an edit whose result does not come at once
    qtbot.waitUntil(lambda: pane.chips.texts().get("stale") == "Stale", timeout=5000)
    assert all(tile.stale for tile in pane.canvas.layer)
    assert pane.progress.isVisible() and pane.progress.ring.turning
    assert pane.canvas.value_at(16, 16) is None, "a stale number must not be read"
    hand.drag_cell(0, 0, 20)
    hand.settle()
    assert "stale" not in pane.chips.texts()
    assert not pane.progress.isVisible() and not pane.progress.ring.turning
    assert np.array_equal(hand.picture("output"), expected(hand))


def test_stack_by_mouse_and_keys(hand) -> None:
    for kind in ("ReLU", "MaxPool"):
        assert not hand.window.handlers.add(kind)
    names = lambda: [layer.name for layer in hand.desk.state.layers]  # noqa: E731
    assert names() == ["filter1", "relu1", "pool1"]
    rows = hand.window.stack.list
    rows.setFocus()
    hand.press(rows, Qt.Key.Key_Up)
    assert hand.desk.state.chosen == "relu1"
    hand.run("stack.up")
    assert names() == ["relu1", "filter1", "pool1"]
    hand.run("stack.toggle")
    assert not hand.desk.state.layer("relu1").enabled
    hand.run("stack.duplicate")
    assert names() == ["relu1", "relu2", "filter1", "pool1"]
    hand.run("stack.remove")
    assert names() == ["relu1", "filter1", "pool1"]
    hand.window.stack.model.moved.emit("pool1", 0)
    assert names() == ["pool1", "relu1", "filter1"]
    for _ in range(5):
        hand.run("edit.undo")
    assert names() == ["filter1", "relu1", "pool1"]


def test_renaming_keeps_everything_in_place(hand, monkeypatch) -> None:
    from PyQt6.QtWidgets import QInputDialog

    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_more: ("edges", True))
    hand.run("stack.rename")
    hand.settle()
    assert hand.window.stack.model.rows[1].title == "edges"
    assert hand.window.inspector.title.text() == "edges"
    assert np.array_equal(hand.picture("output"), hand.picture("input"))
