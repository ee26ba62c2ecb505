# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel grid: every gesture changes the number it says, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from convdesk.gui import theme
from convdesk.gui.canvas.cells import NumberGrid
from convdesk.gui.canvas.cells_editor import line_cells

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
KERNEL = [[0.0, 0.25, 0.0], [0.25, -1.0, 0.25], [0.0, 0.25, 0.0]]


class Log(list):
    """What a grid said."""

    def __init__(self, grid: NumberGrid) -> None:
        super().__init__()
        grid.edited.connect(lambda r, c, v, phase: self.append((r, c, round(v, 6), phase)))
        grid.painted.connect(lambda cells, v, phase: self.append((sorted(cells), v, phase)))


@pytest.fixture
def grid(qtbot) -> Iterator[NumberGrid]:
    """A shown 3 × 3 kernel between two text boxes, with the focus."""
    window = QWidget()
    box = QHBoxLayout(window)
    grid = NumberGrid(KERNEL, name="Kernel", cell=40, editable=True, step=0.1)
    for widget in (QLineEdit(), grid, QLineEdit()):
        box.addWidget(widget)
    qtbot.addWidget(window)
    window.resize(500, 200)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    grid.setFocus()
    qtbot.waitUntil(grid.hasFocus)
    yield grid


def middle(grid: NumberGrid, row: int, col: int) -> QPoint:
    return grid.cell_rect(row, col).center().toPoint()


def drag(grid: NumberGrid, cell: tuple[int, int], up: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press on a cell and move up by pixels; does not let go."""
    start = middle(grid, *cell)
    QTest.mousePress(grid, LEFT, NONE, start)
    for y in (up // 2, up):
        at = start - QPoint(0, y)
        move(grid, at, modifiers)


def move(widget: QWidget, at: QPoint, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
    from PyQt6.QtCore import QEvent, QPointF
    from PyQt6.QtGui import QMouseEvent

    place = QPointF(widget.mapToGlobal(at))
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), place, Qt.MouseButton.NoButton, button, modifiers)
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize(
    ("modifiers", "expected"),
    [
        (NONE, 0.25 + 5 * 0.1),
        (Qt.KeyboardModifier.ShiftModifier, 0.25 + 5 * 0.01),
        (Qt.KeyboardModifier.ControlModifier, 5.0),
    ],
    ids=["plain", "shift", "ctrl"],
)
def test_dragging_adds_a_step_per_four_pixels(grid: NumberGrid, modifiers: Any, expected: float) -> None:
    log = Log(grid)
    drag(grid, (0, 1), 20, modifiers)
    QTest.mouseRelease(grid, LEFT, modifiers, middle(grid, 0, 1))
    assert log[0] == (0, 1, 0.25, "start")
    assert log[-1] == (0, 1, round(expected, 6), "end")
    assert {phase for *_, phase in log[1:-1]} == {"move"}
    assert grid.values()[0, 1] == pytest.approx(expected)


def test_dragging_down_subtracts(grid: NumberGrid) -> None:
    drag(grid, (1, 1), -8)
    QTest.mouseRelease(grid, LEFT, NONE, middle(grid, 1, 1))
    assert grid.values()[1, 1] == pytest.approx(-1.2)


def test_escape_during_a_drag_restores(grid: NumberGrid) -> None:
    log = Log(grid)
    drag(grid, (1, 1), 40)
    assert grid.busy
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert log[-1] == (1, 1, -1.0, "cancel")
    assert not grid.busy
    assert np.array_equal(grid.values(), KERNEL)
    QTest.mouseRelease(grid, LEFT, NONE, middle(grid, 1, 1))
    assert log[-1][-1] == "cancel", "letting go after Esc says nothing more"


def test_values_from_outside_during_a_drag_do_not_end_it(grid: NumberGrid) -> None:
    log = Log(grid)
    drag(grid, (1, 1), 20)
    grid.set_values(grid.values())
    move(grid, middle(grid, 1, 1) - QPoint(0, 40))
    QTest.mouseRelease(grid, LEFT, NONE, middle(grid, 1, 1))
    assert log[-1] == (1, 1, 0.0, "end")


def test_a_press_that_does_not_move_is_a_click(grid: NumberGrid, qtbot) -> None:
    log = Log(grid)
    with qtbot.waitSignal(grid.clicked) as clicked:
        QTest.mouseClick(grid, LEFT, NONE, middle(grid, 2, 0))
    assert clicked.args == [2, 0]
    assert grid.focus_cell == (2, 0)
    assert log == []


def test_wheel_steps_the_cell_under_it_only_with_focus(grid: NumberGrid, wheel) -> None:
    log = Log(grid)
    wheel(grid, middle(grid, 0, 0), 1)
    assert log == [(0, 0, 0.0, "start"), (0, 0, 0.1, "end")]
    grid.clearFocus()
    wheel(grid, middle(grid, 0, 0), 1)
    assert len(log) == 2


def test_typing_replaces_and_goes_on(grid: NumberGrid, qtbot) -> None:
    log = Log(grid)
    QTest.keyClicks(grid, "-")
    editor = grid.findChild(QLineEdit, "cellEditor")
    assert editor.isVisible()
    QTest.keyClicks(editor, "1/8")
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert log == [(0, 0, 0.0, "start"), (0, 0, -0.125, "end")]
    assert (grid.focus_cell, editor.isVisible(), grid.hasFocus()) == ((0, 1), False, True)
    QTest.keyClick(grid, Qt.Key.Key_Tab)
    assert grid.focus_cell == (0, 2), "Tab goes on while numbers are typed"
    QTest.keyClicks(grid, "7")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert grid.values()[0].tolist() == [-0.125, 0.25, 7.0]
    assert grid.focus_cell == (1, 0)


def test_typed_nonsense_stays_in_the_box(grid: NumberGrid) -> None:
    log = Log(grid)
    QTest.keyClicks(grid, "1")
    editor = grid.findChild(QLineEdit, "cellEditor")
    QTest.keyClicks(editor, "x")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.isVisible() and "‘1x’ is not a number." in editor.toolTip()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    assert log == [] and np.array_equal(grid.values(), KERNEL)


def test_tab_leaves_a_grid_that_is_only_looked_at(grid: NumberGrid, qtbot) -> None:
    QTest.keyClick(grid, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: not grid.hasFocus())
    assert isinstance(QApplication.focusWidget(), QLineEdit)


def test_arrows_move_and_delete_clears(grid: NumberGrid) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Delete):
        QTest.keyClick(grid, key)
    assert grid.focus_cell == (1, 1)
    assert grid.values()[1, 1] == 0
    for _ in range(5):
        QTest.keyClick(grid, Qt.Key.Key_Left)
    assert grid.focus_cell == (1, 0), "the edge holds"


def test_letters_belong_to_the_window(grid: NumberGrid) -> None:
    heard = []
    window = grid.window()
    window.keyPressEvent = lambda event: heard.append(event.text())  # type: ignore[method-assign]
    QTest.keyClicks(grid, "rz")
    assert heard == ["r", "z"]


def test_painting_a_stroke_visits_every_cell_once(grid: NumberGrid) -> None:
    log = Log(grid)
    grid.set_brush(2.0)
    grid.set_paint_mode(True)
    QTest.mousePress(grid, LEFT, NONE, middle(grid, 0, 0))
    move(grid, middle(grid, 2, 2))
    move(grid, middle(grid, 1, 1))
    QTest.mouseRelease(grid, LEFT, NONE, middle(grid, 1, 1))
    assert log == [([(0, 0)], 2.0, "start"), ([(1, 1), (2, 2)], 2.0, "move"), ([], 2.0, "end")]
    assert np.diag(grid.values()).tolist() == [2, 2, 2]


def test_right_button_erases_and_escape_takes_the_stroke_back(grid: NumberGrid) -> None:
    log = Log(grid)
    grid.set_paint_mode(True)
    QTest.mousePress(grid, RIGHT, NONE, middle(grid, 1, 1))
    assert grid.values()[1, 1] == 0
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert np.array_equal(grid.values(), KERNEL)
    assert [phase for *_, phase in log] == ["start", "cancel"]


def test_alt_paints_without_the_tool_and_size_widens(grid: NumberGrid) -> None:
    grid.set_brush(1.0, 2)
    QTest.mouseClick(grid, LEFT, Qt.KeyboardModifier.AltModifier, middle(grid, 1, 1))
    assert grid.values()[1:, 1:].tolist() == [[1, 1], [1, 1]]


def test_a_grid_to_be_read_cannot_be_changed(grid: NumberGrid, wheel) -> None:
    log = Log(grid)
    grid.set_editable(False)
    drag(grid, (0, 1), 20)
    QTest.mouseRelease(grid, LEFT, NONE, middle(grid, 0, 1))
    wheel(grid, middle(grid, 0, 0), 1)
    QTest.keyClicks(grid, "5")
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert log == [] and np.array_equal(grid.values(), KERNEL)


def test_factor_is_for_eyes_and_typing(grid: NumberGrid) -> None:
    grid.set_factor(16)
    assert grid.text(0, 1, QFontMetricsF(theme.font(11))) == "4"
    QTest.keyClicks(grid, "8")
    QTest.keyClick(grid.findChild(QLineEdit, "cellEditor"), Qt.Key.Key_Return)
    assert grid.values()[0, 0] == 0.5


def test_screen_readers_hear_the_cell(grid: NumberGrid) -> None:
    grid.set_values(np.full((3, 4), -0.125), padded=np.eye(3, 4, dtype=bool))
    grid.set_focus_cell(2, 2)
    assert grid.accessibleName() == "Kernel, 3 by 4"
    assert grid.accessibleDescription() == "row 2, column 2, minus 0.125, from padding"
    assert grid.tip(0, 1) == "row 0, column 1: −0.125"


def test_hidden_numbers_do_not_leak(grid: NumberGrid) -> None:
    grid.set_values(KERNEL, unknown=True)
    assert "hidden" in grid.tip(1, 1) and "1" not in grid.tip(1, 1).partition(":")[2]
    assert "hidden" in grid.spoken_cell(1, 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (2, 7), (4, 4), (31, 31)], ids=str)
def test_any_size_fits_its_room(qtbot, shape: tuple[int, int]) -> None:
    grid = NumberGrid(np.ones(shape), cell=58)
    qtbot.addWidget(grid)
    grid.resize(200, 180)
    n = grid.cell_size()
    assert shape[1] * n + 2 <= 200 and shape[0] * n + 2 <= 180
    last = grid.cell_rect(shape[0] - 1, shape[1] - 1).center()
    assert grid.cell_at(last) == (shape[0] - 1, shape[1] - 1)
    fm = QFontMetricsF(theme.font(11))
    assert (grid.text(0, 0, fm) == "") == (n < 12), "numbers disappear when cells get small"
    grid.grab()


def test_colours_are_those_of_the_map(qtbot) -> None:
    grid = NumberGrid([[-1.0, 0.0, 1.0]], cell=40)
    qtbot.addWidget(grid)
    grid.resize(grid.sizeHint())
    image = grid.grab().toImage()
    seen = [image.pixelColor(1 + c * 40 + 6, 8).getRgb()[:3] for c in range(3)]
    table = theme.diverging()
    assert seen == [tuple(int(v) for v in table[i]) for i in (0, 128, 255)]


def test_strokes_have_no_gaps() -> None:
    cells = line_cells((0, 0), (3, 9))
    assert cells[0] == (0, 0) and cells[-1] == (3, 9)
    steps = np.abs(np.diff(np.array(cells), axis=0))
    assert steps.max() == 1
