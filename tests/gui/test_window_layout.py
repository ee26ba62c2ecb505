# SPDX-License-Identifier: GPL-3.0-or-later
"""Every size class: nothing overlaps, nothing is smaller than it can be, no number is cut, everything has a name."""

from __future__ import annotations

import threading

import pytest
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollBar,
    QWidget,
)

from convdesk.document.commands import AddLayer
from convdesk.gui import theme
from convdesk.gui.actions import TABLE, Spec, conflicts
from convdesk.gui.layout import arrange
from convdesk.network.layers import MaxPool, ReLU

SIZES = [(800, 560), (900, 640), (1024, 700), (1280, 800), (1500, 900), (1800, 1000), (2560, 1440)]


def regions(hand) -> list[QWidget]:
    """What stands beside each other in the window: the cards, the bars."""
    window = hand.window
    cards = [
        frame for frame in window.findChildren(QFrame, "card") if frame.isVisible() and frame is not window.first_start
    ]
    return [*cards, window.menuBar(), window.tools_bar, window.statusBar()]


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def check(hand) -> None:
    """Nothing overlaps, leaves the window, or is smaller than its minimum."""
    window = hand.window
    found = [(widget, place(widget, window)) for widget in regions(hand)]
    over = window.drawer
    for i, (a, at) in enumerate(found):
        assert window.rect().contains(at), f"{a.accessibleName() or a.objectName()} leaves the window: {at}"
        for b, bt in found[i + 1 :]:
            drawn_over = over.isVisible() and (over.isAncestorOf(a) != over.isAncestorOf(b))
            assert drawn_over or not at.intersects(bt), f"{a.accessibleName()} {at} overlaps {b.accessibleName()} {bt}"
    for widget in window.findChildren(QWidget):
        control = isinstance(widget, (QAbstractButton, QComboBox, QLineEdit)) or widget.objectName() == "card"
        if widget.isVisible() and control and not isinstance(widget.parent(), QScrollBar):
            least = widget.minimumSizeHint()
            big = widget.width() >= least.width() and widget.height() >= least.height()
            assert big, f"{type(widget).__name__} {widget.accessibleName()} is {widget.size()}, needs {least}"


def numbers_whole(hand) -> None:
    """No label with a number in it is cut."""
    for label in hand.window.findChildren(QLabel):
        text = label.text()
        if label.isVisible() and not label.wordWrap() and any(c.isdigit() for c in text) and "<" not in text:
            if label.sizePolicy().horizontalPolicy().name == "Ignored":
                continue
            wide = QFontMetrics(label.font()).horizontalAdvance(text)
            assert label.width() >= wide - 1, f"‘{text}’ needs {wide}, has {label.width()}"


@pytest.mark.parametrize(("width", "height"), SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
def test_every_size_class(make_hand, width: int, height: int) -> None:
    hand = make_hand("camera", size=(width, height))
    for layer in (ReLU(), MaxPool((2, 2), name="pool1")):
        hand.window.editor.apply(AddLayer(layer))
    hand.settle()
    hand.window.tracer.pin((0, 30, 40))
    hand.settle()
    assert (hand.window.width(), hand.window.height()) == (width, height)
    check(hand)
    numbers_whole(hand)
    wanted = arrange(width, height)
    assert len(hand.window.stage.roles()) == wanted.panes
    assert hand.window.stack.rail is wanted.rail
    assert hand.window.docks["inspector"].isVisible() is not wanted.drawer


def test_one_window_through_all_sizes_and_back(make_hand) -> None:
    hand = make_hand("camera")
    for width, height in (*SIZES, *reversed(SIZES)):
        hand.window.resize(width, height)
        hand.settle()
        check(hand)
    hand.window.resize(1280, 800)
    hand.settle()
    assert hand.window.right.isVisible() and hand.window.docks["inspector"].isVisible()


@pytest.mark.parametrize("scale", [0.85, 1.5, 2.0])
def test_every_scale_fits(make_hand, qapp: QApplication, scale: float) -> None:
    hand = make_hand("camera", size=(1280, 800))
    theme.set_theme(qapp, "light", scale)
    hand.settle()
    check(hand)
    numbers_whole(hand)


def test_the_drawer_opens_over_the_stage_and_closes(make_hand) -> None:
    hand = make_hand("camera", size=(900, 640))
    stage = place(hand.window.stage, hand.window)
    assert not hand.window.right.isVisible()
    hand.run("view.inspector")
    hand.settle()
    assert hand.window.right.isVisible()
    assert place(hand.window.stage, hand.window) == stage
    hand.press(hand.window, Qt.Key.Key_Escape)
    assert not hand.window.right.isVisible()


def test_regions_are_hidden_and_reset(hand) -> None:
    hand.run("view.stack")
    hand.run("view.bench")
    assert not hand.window.docks["stack"].isVisible() and not hand.window.docks["bench"].isVisible()
    hand.run("view.reset_layout")
    assert hand.window.docks["stack"].isVisible() and hand.window.docks["bench"].isVisible()


@pytest.mark.parametrize("name", list(theme.THEMES))
def test_every_theme_is_drawn_with_its_own_ground(hand, qapp: QApplication, name: str) -> None:
    hand.run(f"theme.{name}")
    hand.settle()
    picture = hand.window.grab().toImage()
    ratio = picture.devicePixelRatio()
    ground = picture.pixelColor(int(4 * ratio), int(hand.window.height() * ratio / 2))
    assert ground.name().upper() == theme.THEMES[name]["bg"].upper()
    if name == "projector":
        assert theme.active.scale == 1.5
        hand.run("theme.projector")
        assert theme.active.scale == 1.0


def test_theme_is_remembered(hand) -> None:
    hand.run("theme.dark")
    assert hand.window.settings.get("theme", "") == "dark"
    hand.run("theme.cycle")
    assert theme.active.wanted == "system"


def test_every_control_says_what_it_is(hand) -> None:
    hand.window.tracer.pin((0, 3, 3))
    hand.settle()
    nameless = []
    for widget in hand.window.findChildren(QWidget):
        inside = isinstance(widget.parent(), (QComboBox, QMenu)) or isinstance(widget, QScrollBar)
        reached = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible() and not inside
        if (
            reached
            and isinstance(widget, (QAbstractButton, QComboBox, QLineEdit, QAbstractSlider))
            and not widget.accessibleName()
        ):
            nameless.append(f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}")
    assert nameless == []


def test_no_two_commands_share_a_shortcut() -> None:
    assert conflicts(TABLE) == []
    twice = [Spec("a.b", "A", "File", ("Ctrl+X",)), Spec("c.d", "C", "File", ("ctrl+x",), where=("pane",))]
    assert conflicts(twice) == ["Ctrl+X: a.b and c.d"]


def test_every_command_does_something(hand) -> None:
    assert hand.window.actions_table.unhandled() == []


def test_search_finds_and_does(hand) -> None:
    search = hand.window.search
    hand.run("help.search")
    assert search.isVisible()
    search.field.setText("max po")
    assert search.list.item(0).text() == "Max pool"
    hand.press(search.field, Qt.Key.Key_Return)
    assert [layer.kind for layer in hand.desk.state.layers] == ["Filter", "MaxPool"]
    assert not search.isVisible()
    hand.run("help.search")
    assert search.list.item(0).text() == "Max pool"
    hand.press(search.field, Qt.Key.Key_Escape)
    assert not search.isVisible()


def test_shortcuts_of_letters_work_where_they_belong(hand) -> None:
    hand.window.activateWindow()
    canvas = hand.window.stage.panes["output"].canvas
    hand.window.stage.panes["input"].canvas.set_view(5, 5, 40)
    canvas.setFocus()
    hand.press(canvas, Qt.Key.Key_F)
    assert hand.window.stage.panes["input"].canvas.fitted
    kernel = hand.window.terms.kernel
    kernel.setFocus()
    before = hand.desk.undo_title
    hand.press(kernel, Qt.Key.Key_N)
    assert hand.desk.undo_title == before != "Zero mean"  # an impulse has unit norm already
    hand.press(kernel, Qt.Key.Key_Z)
    assert hand.desk.undo_title == "Zero mean"


def test_the_shortcut_sheet_lists_the_table(hand) -> None:
    hand.run("help.shortcuts")
    sheet = hand.window.handlers._sheet
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"Ctrl+Z", "Undo"} <= texts
    assert not sheet.isModal()
    sheet.close()


def test_closing_leaves_no_thread(make_hand) -> None:
    hand = make_hand("camera")
    assert any(thread.name.startswith("convdesk-engine") for thread in threading.enumerate())
    hand.window.close()
    assert not any(thread.name.startswith("convdesk-engine") for thread in threading.enumerate())


def test_an_error_in_a_slot_is_reported_and_the_window_goes_on(hand) -> None:
    hand.window.report_crash(ValueError("inside"), "Traceback: ValueError: inside")
    assert "Your document is safe" in hand.window.toast.text()
    hand.window.toast.buttons()[0].click()
    assert "ValueError: inside" in QApplication.clipboard().text()
    hand.drag_cell(1, 1, 20)
    assert hand.desk.undo_title == "Draw kernel"
