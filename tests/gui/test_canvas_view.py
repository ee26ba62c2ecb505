# SPDX-License-Identifier: GPL-3.0-or-later
"""The canvas shows exactly the samples it was given, where they belong, and follows the hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QWidget

from convdesk.gui import colormaps, theme
from convdesk.gui.canvas.gestures import Stroke
from convdesk.gui.canvas.view import Canvas

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier


def shown(qtbot, *panes: Canvas, size: tuple[int, int] = (400, 300)) -> QWidget:
    window = QWidget()
    box = QHBoxLayout(window)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    for pane in panes:
        box.addWidget(pane)
    qtbot.addWidget(window)
    window.resize(size[0] * len(panes), size[1])
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return window


@pytest.fixture
def pane(qtbot) -> Iterator[Canvas]:
    """A 400 × 300 pane with a ramp of 100 × 200 pixels."""
    pane = Canvas("Input")
    window = shown(qtbot, pane)
    pane.set_full_shape((100, 200))
    pane.set_image(ramp(), levels=(0, 255))
    pane.setFocus()
    yield pane
    window.close()


def ramp() -> np.ndarray:
    return (np.arange(100)[:, None] + np.arange(200)[None] / 2).astype(np.float32)


def colour_at(pane: Canvas, row: float, col: float) -> tuple[int, ...]:
    at = pane.to_screen(row, col)
    return pane.viewport().grab().toImage().pixelColor(int(at.x()), int(at.y())).getRgb()[:3]


def send(
    pane: Canvas,
    kind: QEvent.Type,
    at: QPointF,
    button=Qt.MouseButton.NoButton,
    held=Qt.MouseButton.NoButton,
    keys=NONE,
):
    port = pane.viewport()
    where = QPointF(port.mapToGlobal(at.toPoint()))
    QApplication.sendEvent(port, QMouseEvent(kind, at, where, button, held, keys))


def at(pane: Canvas, row: float, col: float) -> QPoint:
    return pane.to_screen(row, col).toPoint()


# ------------------------------------------------------------------------------------------------------------- drawing
@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.3, 7.0, 30.0])
def test_every_pixel_has_the_colour_of_its_value(pane: Canvas, zoom: float) -> None:
    pane.set_values_shown(False)
    pane.set_view(41.3, 77.7, zoom)
    inside = pane.visible_box()
    for row, col in ((inside[0] + 2, inside[1] + 2), (41, 77), (inside[2] - 3, inside[3] - 3)):
        grey = round(float(ramp()[row, col]))
        seen = colour_at(pane, row + 0.5, col + 0.5)
        assert max(abs(c - grey) for c in seen) <= (1 if zoom >= 1 else 3), (row, col)


def test_zoomed_pixels_are_hard_blocks(pane: Canvas) -> None:
    pane.set_full_shape((2, 2))
    pane.set_values_shown(False)
    pane.set_image(np.array([[0, 255], [255, 0]], np.float32))
    pane.fit()
    image = pane.viewport().grab().toImage()
    box = pane.screen_box((0, 0, 2, 2)).toRect().adjusted(1, 1, -1, -1)
    seen = {
        image.pixelColor(x, y).red()
        for x in range(box.left(), box.right(), 3)
        for y in range(box.top(), box.bottom(), 3)
    }
    assert seen == {0, 255}


def test_view_box_and_own_mapping_agree(pane: Canvas) -> None:
    pane.set_view(20, 30, 3.7)
    pane.viewport().grab()
    ours = pane.to_screen(13, 41)
    theirs = pane.box.mapFromView(QPointF(41, 13))
    assert (ours - theirs).manhattanLength() < 1e-3
    row, col = pane.to_data(ours)
    assert (row, col) == pytest.approx((13, 41))


def test_strided_samples_are_blocks_at_their_own_place(pane: Canvas) -> None:
    values = np.array([[10, 20], [30, 40]], np.uint8)
    pane.layer.clear()
    pane.layer.add("t", values, origin=(8, 16), step=(4, 8))
    pane.set_display((0, 255))
    pane.fit()
    assert colour_at(pane, 11.5, 23.5) == (10, 10, 10)
    assert colour_at(pane, 12.5, 23.5) == (30, 30, 30)
    assert colour_at(pane, 12.5, 24.5) == (40, 40, 40)
    assert colour_at(pane, 17, 40) == theme.colour("canvas").getRgb()[:3], "where nothing is known there is no picture"
    assert pane.value_at(12, 24) == 40
    assert pane.value_at(13, 24) is None, "between samples no value is known"


def test_signed_data_uses_the_map_and_its_ends(pane: Canvas) -> None:
    pane.set_full_shape((1, 3))
    pane.set_values_shown(False)
    pane.set_image(np.array([[-9.0, 0.0, 9.0]]), levels=(-3, 3), lut=theme.diverging())
    pane.fit()
    seen = [colour_at(pane, 0.5, c + 0.5) for c in range(3)]
    assert seen == [tuple(int(v) for v in theme.diverging()[i]) for i in (0, 128, 255)]


def test_colour_pictures_share_the_levels(pane: Canvas) -> None:
    pane.set_full_shape((1, 2))
    pane.set_values_shown(False)
    pane.set_image(np.array([[[0, 500, 1000], [1000, 0, 250]]], np.float32), levels=(0, 1000))
    pane.fit()
    assert colour_at(pane, 0.5, 0.5) == (0, 128, 255)
    assert colour_at(pane, 0.5, 1.5) == (255, 0, 64)
    assert pane.value_at(0, 0).tolist() == [0, 500, 1000]


def test_what_is_not_a_number_is_crossed_out(pane: Canvas) -> None:
    pane.set_full_shape((3, 3))
    values = np.zeros((3, 3))
    values[1, 1] = np.nan
    values[0, 0], values[2, 2] = np.inf, -np.inf
    pane.set_image(values, levels=(-1, 1))
    pane.fit()
    assert colour_at(pane, 1.1, 1.5) == theme.colour("canvas").getRgb()[:3]
    assert colour_at(pane, 1.5, 1.5) == pytest.approx(theme.colour("text3").getRgb()[:3], abs=4)
    assert colour_at(pane, 0.05, 0.05)[0] >= 250 and colour_at(pane, 2.9, 2.9)[0] <= 5


def test_numbers_appear_in_large_cells_only(pane: Canvas) -> None:
    pane.set_full_shape((4, 4))
    pane.set_image(np.full((4, 4), 200.0), levels=(0, 255))

    def inks() -> int:
        area = pane.screen_box((1.1, 1.1, 1.9, 1.9)).toRect()
        image = pane.viewport().grab().toImage()
        return len(
            {
                image.pixelColor(x, y).name()
                for x in range(area.left(), area.right())
                for y in range(area.top(), area.bottom())
            }
        )

    pane.set_view(2, 2, 21)
    assert inks() == 1
    pane.set_view(2, 2, 40)
    assert inks() > 1
    pane.set_values_shown(False)
    assert inks() == 1


def test_stale_tiles_are_faint_and_have_no_value(pane: Canvas) -> None:
    pane.layer.add(None, np.zeros((100, 200), np.uint8), (0, 0))
    assert pane.value_at(5, 5) == 0
    pane.layer.mark_stale()
    assert pane.value_at(5, 5) is None
    ground, faint = theme.colour("canvas").red(), colour_at(pane, 50, 100)[0]
    assert faint == pytest.approx(0.4 * ground, abs=3)
    pane.layer.add("new", np.full((10, 10), 255, np.uint8), (0, 0))
    pane.layer.drop_stale()
    assert pane.layer.keys() == ["new"]
    assert pane.value_at(5, 5) == 255


def test_newer_tiles_lie_on_top(pane: Canvas) -> None:
    pane.layer.add("a", np.full((100, 200), 100, np.uint8), (0, 0))
    pane.layer.add("b", np.full((100, 200), 200, np.uint8), (0, 0))
    assert colour_at(pane, 50, 100) == (200, 200, 200)
    pane.layer.add("a", np.full((100, 200), 100, np.uint8), (0, 0))
    assert colour_at(pane, 50, 100) == (100, 100, 100)
    assert pane.value_at(50, 100) == 100


def test_hidden_results_are_question_marks(pane: Canvas) -> None:
    pane.set_hidden(True)
    assert colour_at(pane, 50, 100) == theme.colour("canvas").getRgb()[:3]
    pane.set_hidden(False)
    assert colour_at(pane, 50, 100) == (100, 100, 100)


def test_levels_change_every_tile(pane: Canvas) -> None:
    pane.set_display((0, 100))
    assert colour_at(pane, 50.5, 0.5) == (128, 128, 128)


def test_theme_changes_the_ground(pane: Canvas, qapp) -> None:
    pane.layer.clear()
    theme.set_theme(qapp, "dark")
    assert QColor(*colour_at(pane, 50, 100)).name().upper() == theme.THEMES["dark"]["canvas"]


# ------------------------------------------------------------------------------------------------------------ the view
def test_fit_shows_everything_and_stays(pane: Canvas, qtbot) -> None:
    assert pane.fitted and pane.zoom == 2.0 and pane.visible_box() == (0, 0, 100, 200)
    pane.window().resize(200, 300)
    qtbot.waitUntil(lambda: pane.zoom == 1.0)
    pane.zoom_by(4)
    assert not pane.fitted
    pane.window().resize(500, 300)
    qtbot.waitUntil(lambda: pane.width() == 500)
    assert pane.zoom == 2.0, "a pane that was zoomed keeps its zoom"


def test_wheel_zooms_at_the_pointer_by_a_quarter_octave(pane: Canvas, wheel) -> None:
    place = QPoint(90, 60)
    before = pane.to_data(QPointF(place))
    wheel(pane.viewport(), place, 1)
    assert pane.zoom == pytest.approx(2.0 * 2**0.25)
    assert pane.to_data(QPointF(place)) == pytest.approx(before)
    for _ in range(80):
        wheel(pane.viewport(), place, 1)
    assert pane.zoom == 256
    for _ in range(160):
        wheel(pane.viewport(), place, -1)
    assert pane.zoom == 0.25


def test_view_changes_are_said_once_per_frame(pane: Canvas, qtbot) -> None:
    qtbot.waitUntil(lambda: not pane._timer.isActive())
    said = []
    pane.viewChanged.connect(lambda box, size: said.append((box, size)))
    for i in range(50):
        pane.set_view(50 + i / 10, 100, 4)
    qtbot.waitUntil(lambda: len(said) > 0)
    assert len(said) == 1
    assert said == [(pane.visible_box(), 0.25)]


def test_visible_box_is_whole_pixels_inside_the_data(pane: Canvas) -> None:
    pane.set_view(0, 0, 10)
    assert pane.visible_box() == (0, 0, 15, 20)
    pane.set_view(50.25, 100.25, 10)
    assert pane.visible_box() == (35, 80, 66, 121)


@pytest.mark.parametrize("how", ["middle", "space", "tool"])
def test_panning_keeps_the_data_under_the_hand(pane: Canvas, qtbot, how: str) -> None:
    pane.zoom_by(8)
    start, end = QPointF(200, 150), QPointF(140, 171)
    held = pane.to_data(start)
    taps = []
    pane.spaceTapped.connect(lambda: taps.append(1))
    if how == "space":
        QTest.keyPress(pane, Qt.Key.Key_Space)
    if how == "tool":
        pane.set_tool("pan")
    button = MIDDLE if how == "middle" else LEFT
    strokes = []
    pane.dragged.connect(strokes.append)
    send(pane, QEvent.Type.MouseButtonPress, start, button, button)
    send(pane, QEvent.Type.MouseMove, end, held=button)
    send(pane, QEvent.Type.MouseButtonRelease, end, button)
    if how == "space":
        QTest.keyRelease(pane, Qt.Key.Key_Space)
    assert pane.to_data(end) == pytest.approx(held)
    assert strokes == [] and taps == []


def test_a_tapped_space_is_said(pane: Canvas, qtbot) -> None:
    with qtbot.waitSignal(pane.spaceTapped, timeout=1000):
        QTest.keyClick(pane, Qt.Key.Key_Space)


@pytest.mark.parametrize(
    ("scale", "offset"),
    [((1.0, 1.0), (0.0, 0.0)), ((2.0, 2.0), (0.0, 0.0)), ((4.0, 4.0), (-1.5, 3.0))],
    ids=["same", "pooled", "offset"],
)
def test_linked_panes_share_one_field_of_view(qtbot, scale, offset) -> None:
    here, there = Canvas("Input"), Canvas("Output")
    window = shown(qtbot, here, there)
    here.set_full_shape((200, 200))
    there.set_full_shape((200, 200))
    here.link(there, scale, offset)

    def agree() -> bool:
        point = QPointF(123, 77)
        r, c = there.to_data(point)
        return here.to_data(point) == pytest.approx((scale[0] * r + offset[0], scale[1] * c + offset[1]))

    assert agree()
    here.set_view(90, 80, 6)
    assert agree() and there.zoom == pytest.approx(6 * scale[0])
    there.zoom_by(-3, QPointF(10, 20))
    assert agree()
    here.unlink(there)
    before = there.centre
    here.pan_by(50, 0)
    assert there.centre == before
    window.close()


def test_links_pass_on_and_do_not_run_in_circles(qtbot) -> None:
    a, b, c = Canvas("a"), Canvas("b"), Canvas("c")
    window = shown(qtbot, a, b, c)
    for pane in (a, b, c):
        pane.set_full_shape((100, 100))
    a.link(b)
    b.link(c)
    c.link(a)
    b.set_view(40, 30, 5)
    assert a.centre == b.centre == c.centre == (40, 30)
    window.close()


# --------------------------------------------------------------------------------------------------------------- hands
def test_hover_names_each_pixel_once_and_leaving(pane: Canvas) -> None:
    said = []
    pane.hovered.connect(lambda r, c: said.append((r, c)))
    for row, col in ((10.2, 20.2), (10.7, 20.7), (11.2, 20.2)):
        send(pane, QEvent.Type.MouseMove, pane.to_screen(row, col))
    send(pane, QEvent.Type.MouseMove, pane.to_screen(-5, 20))
    send(pane, QEvent.Type.MouseMove, pane.to_screen(50, 50.2))
    QApplication.sendEvent(pane.viewport(), QEvent(QEvent.Type.Leave))
    assert said == [(10, 20), (11, 20), (None, None), (50, 50), (None, None)]


def test_click_and_stroke(pane: Canvas, qtbot) -> None:
    strokes: list[Stroke] = []
    clicks = []
    pane.dragged.connect(strokes.append)
    pane.clicked.connect(lambda r, c, keys: clicks.append((r, c, keys)))
    QTest.mouseClick(pane.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, at(pane, 30.5, 40.5))
    assert clicks == [(30, 40, Qt.KeyboardModifier.ControlModifier)]
    assert [s.phase for s in strokes] == ["press", "release"]
    strokes.clear()
    send(pane, QEvent.Type.MouseButtonPress, pane.to_screen(10.5, 10.5), LEFT, LEFT)
    send(pane, QEvent.Type.MouseMove, pane.to_screen(20.5, 30.5), held=LEFT, keys=Qt.KeyboardModifier.ShiftModifier)
    send(pane, QEvent.Type.MouseButtonRelease, pane.to_screen(20.5, 31.5), LEFT)
    assert [(s.phase, s.cell) for s in strokes] == [("press", (10, 10)), ("move", (20, 30)), ("release", (20, 31))]
    assert strokes[1].modifiers == Qt.KeyboardModifier.ShiftModifier
    assert len(clicks) == 1, "a stroke is no click"


def test_escape_cancels_the_stroke_only(pane: Canvas) -> None:
    strokes: list[Stroke] = []
    pane.dragged.connect(strokes.append)
    send(pane, QEvent.Type.MouseButtonPress, QPointF(50, 50), LEFT, LEFT)
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    send(pane, QEvent.Type.MouseButtonRelease, QPointF(60, 60), LEFT)
    assert [s.phase for s in strokes] == ["press", "cancel"]


def test_right_button_paints_only_with_the_brush(pane: Canvas) -> None:
    strokes: list[Stroke] = []
    pane.dragged.connect(strokes.append)
    QTest.mouseClick(pane.viewport(), RIGHT, NONE, QPoint(50, 50))
    assert strokes == []
    pane.set_tool("paint")
    QTest.mouseClick(pane.viewport(), RIGHT, NONE, QPoint(50, 50))
    assert [(s.phase, s.button) for s in strokes] == [("press", RIGHT), ("release", RIGHT)]


def test_double_click_is_said(pane: Canvas, qtbot) -> None:
    with qtbot.waitSignal(pane.doubleClicked, timeout=1000) as said:
        QTest.mouseDClick(pane.viewport(), LEFT, NONE, at(pane, 30.5, 40.5))
    assert said.args == [30, 40]


def test_arrows_step_and_other_keys_pass(pane: Canvas) -> None:
    steps, passed = [], []
    pane.stepped.connect(lambda r, c: steps.append((r, c)))
    pane.window().keyPressEvent = lambda event: passed.append(event.key())  # type: ignore[method-assign]
    QTest.keyClick(pane, Qt.Key.Key_Down)
    QTest.keyClick(pane, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(pane, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(pane, Qt.Key.Key_Escape)
    assert steps == [(1, 0), (0, -10)]
    held = (Qt.Key.Key_Shift, Qt.Key.Key_Alt)
    assert [key for key in passed if key not in held] == [Qt.Key.Key_Up, Qt.Key.Key_Escape]


def test_unknown_tools_and_shapes_are_refused(pane: Canvas) -> None:
    with pytest.raises(KeyError, match="inspect, pan, paint, patch"):
        pane.set_tool("lasso")
    with pytest.raises(ValueError, match=r"got \(2, 2, 4\)"):
        pane.layer.add("t", np.zeros((2, 2, 4)), (0, 0))


def test_keyboard_focus_is_shown_inside_the_border(pane: Canvas, qtbot) -> None:
    accent = theme.colour("accent").getRgb()[:3]

    def framed() -> bool:
        image = pane.viewport().grab().toImage()
        return image.pixelColor(2, 150).getRgb()[:3] == accent

    assert not framed()
    pane.clearFocus()
    pane.setFocus(Qt.FocusReason.TabFocusReason)
    assert framed()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "float64", "bool"])
def test_any_dtype_is_shown(dtype: str) -> None:
    from convdesk.gui.canvas.display import Display

    values = np.array([[0, 1]]).astype(dtype)
    codes = Display(0, 1, colormaps.grey()).codes(values)
    assert codes.tolist() == [[0, 255]]


def test_empty_range_and_huge_values_are_no_trouble() -> None:
    from convdesk.gui.canvas.display import Display

    assert Display(5, 5).codes(np.array([4.0, 5.0, 6.0])).tolist() == [0, 128, 255]
    assert Display(-1, 1).codes(np.array([-1e300, 1e300])).tolist() == [0, 255]
