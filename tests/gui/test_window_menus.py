# SPDX-License-Identifier: GPL-3.0-or-later
"""Menus that fill themselves, dialogs for files, the drawer of small windows, and the input as the chosen one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QMenu

from convdesk.document.commands import Choose
from convdesk.document.state import INPUT


def entries(menu: QMenu) -> dict[str, object]:
    """The enabled entries of a menu by their text, as if it were opened."""
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.isEnabled() and action.text()}


def test_samples_are_listed_by_kind_and_open(hand) -> None:
    found = entries(hand.window.samples_menu)
    assert {"Cameraman, grey", "Brain, average of 152", "Sea temperature, monthly from 1950"} <= set(found)
    found["Brick wall, grey"].trigger()
    assert hand.desk.source.name == "brick.png"


def test_recent_files(hand, tmp_path: Path) -> None:
    path = tmp_path / "kernel.convdesk"
    hand.window.files._save(path, embed=False)
    found = entries(hand.window.recent_menu)
    assert "kernel.convdesk" in found
    hand.run("kernel.clear")
    hand.window.settings.forget_files()
    assert "kernel.convdesk" not in entries(hand.window.recent_menu)


def test_backends_are_offered_and_named(hand) -> None:
    found = entries(hand.window.backend_menu)
    assert {"Automatic", "native", "numpy"} <= set(found)
    found["numpy"].trigger()
    hand.drag_cell(0, 0, 20)
    hand.settle()
    assert "numpy" in hand.window.status.plan.text()
    assert [text for text, action in entries(hand.window.backend_menu).items() if action.isChecked()] == ["numpy"]


def test_edge_modes_by_menu(hand) -> None:
    found = entries(hand.window.edge_menu)
    assert set(found) == {"Zeros", "Constant", "Replicate", "Reflect", "Symmetric", "Circular"}
    found["Circular"].trigger()
    assert hand.desk.state.layer("filter1").padding_mode == "circular"
    assert hand.window.inspector.mode.currentText() == "Circular"
    hand.click_pixel("output", 0, 0)
    x = hand.desk.source.array()[0]
    assert np.array_equal(hand.window.terms.patch.values(), np.roll(x, (1, 1), (0, 1))[:3, :3])


def test_constant_padding_asks_for_its_value(hand) -> None:
    inspector = hand.window.inspector
    assert not inspector.constant.isVisible()
    inspector.mode.activated.emit(1)
    assert inspector.constant.isVisible()
    box = inspector.constant.boxes()[0]
    box.setFocus()
    box.setText("−7.5")
    hand.press(box, Qt.Key.Key_Return)
    assert hand.desk.state.layer("filter1").padding_mode == -7.5
    hand.click_pixel("output", 0, 0)
    assert hand.window.terms.patch.values()[0, 0] == -7.5


def test_padding_per_side(hand) -> None:
    inspector = hand.window.inspector
    inspector.padding.activated.emit(3)
    assert inspector.sides.isVisible()
    assert inspector.sides.values() == [1, 1, 1, 1]
    box = inspector.sides.boxes()[1]
    box.setFocus()
    box.setText("4")
    hand.press(box, Qt.Key.Key_Return)
    assert hand.desk.state.layer("filter1").padding == ((1, 4), (1, 1))
    assert hand.desk.shape_of("filter1") == (1, (36, 33))
    assert hand.window.stage.panes["input"].canvas.ring.padding == ((1, 4), (1, 1))


@pytest.mark.parametrize("kind", ["MaxPool", "AvgPool"])
def test_pools_show_their_own_arguments(hand, kind: str) -> None:
    hand.window.handlers.add(kind)
    hand.settle()
    inspector = hand.window.inspector
    assert not inspector.operator.isVisible() and not inspector.bias.isVisible()
    assert inspector.kernel_size.values() == [2, 2]
    assert inspector.count_pad.isVisible() is (kind == "AvgPool")
    assert inspector.dilation.isVisible() is (kind == "MaxPool")
    assert hand.desk.shape_of("pool1") == (1, (16, 16))
    inspector.ceil.click()
    assert hand.desk.shape_of("pool1") == (1, (17, 17))
    hand.click_pixel("output", 2, 3)
    x = hand.desk.source.array()[0][4:6, 6:8]
    wanted = x.max() if kind == "MaxPool" else x.mean()
    assert hand.window.tracer.reading.value == pytest.approx(wanted)
    assert np.array_equal(hand.window.terms.patch.values(), x)


def test_the_input_can_be_the_chosen_one(hand) -> None:
    hand.window.editor.apply(Choose(INPUT))
    hand.settle()
    assert hand.window.stage.roles() == ["input"]
    assert hand.window.inspector.title.text() == "Input"
    hand.hover_pixel("input", 16, 16)
    value = float(hand.desk.source.array()[0, 16, 16])
    assert hand.window.status.source.text() == f"Input 16, 16: {value:.0f}"
    hand.run("stack.next")
    hand.settle()
    assert hand.window.stage.roles() == ["input", "output"]
    assert np.array_equal(hand.picture("output"), hand.picture("input"))


def test_open_and_save_dialogs(hand, tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "mine"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(target), ""))
    hand.drag_cell(0, 0, 20)
    hand.run("file.save_as")
    assert (tmp_path / "mine.convdesk").exists()
    hand.drag_cell(0, 0, 20)
    hand.run("file.save")
    assert not hand.window.isWindowModified()
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_a, **_k: ([str(tmp_path / "mine.convdesk")], ""))
    hand.run("file.open")
    assert hand.desk.title == "mine.convdesk"
    assert hand.desk.state.layer("filter1").kernel.array[0, 0] == pytest.approx(1.0)


def test_a_self_contained_document_needs_no_file(hand, tmp_path: Path, make_hand) -> None:
    array = np.arange(48, dtype=np.float32).reshape(1, 6, 8)
    hand.window.files.open_array(array, "numbers")
    path = tmp_path / "whole.convdesk"
    assert hand.window.files._save(path, embed=True)
    other = make_hand(files=(path,))
    assert np.array_equal(other.desk.source.array(), array)


def test_the_kernel_is_a_click_away_where_the_bench_is_one_line(make_hand) -> None:
    hand = make_hand("camera", size=(900, 600))
    assert hand.window.terms._pages.currentIndex() == 1
    hand.window.terms.expand.click()
    hand.settle()
    assert hand.window.terms._pages.currentIndex() == 0
    assert hand.window.terms.kernel.isVisible()


def test_full_screen_and_back(hand) -> None:
    hand.run("view.full_screen")
    assert hand.window.isFullScreen()
    hand.press(hand.window, Qt.Key.Key_Escape)
    assert not hand.window.isFullScreen()


def test_regions_are_reached_by_f6(hand) -> None:
    hand.window.activateWindow()
    hand.window.stack.list.setFocus()
    seen = []
    for _ in range(4):
        hand.run("view.next_region")
        seen.append(type(hand.window.focusWidget()).__name__)
    assert seen == ["Canvas", "NumberGrid", "NumberBox", "StackList"]
