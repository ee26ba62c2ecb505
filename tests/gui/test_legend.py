# SPDX-License-Identifier: GPL-3.0-or-later
"""The legend agrees with the picture, says what lies beyond, and changes the range by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from convdesk.gui import theme
from convdesk.gui.canvas.legend import Legend, sampled

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def legend(qtbot) -> Legend:
    legend = Legend("Output")
    qtbot.addWidget(legend)
    legend.resize(320, 42)
    legend.set_scale(theme.diverging(), -100, 100)
    legend.show()
    return legend


def drag(legend: Legend, start: QPointF, dx: float) -> None:
    for kind, at, held in (
        (QEvent.Type.MouseButtonPress, start, LEFT),
        (QEvent.Type.MouseMove, start + QPointF(dx, 0), LEFT),
        (QEvent.Type.MouseButtonRelease, start + QPointF(dx, 0), Qt.MouseButton.NoButton),
    ):
        QApplication.sendEvent(
            legend, QMouseEvent(kind, at, QPointF(legend.mapToGlobal(at.toPoint())), LEFT, held, NONE)
        )


def test_bar_is_the_colour_table(legend: Legend) -> None:
    image, bar = legend.grab().toImage(), legend.bar()
    table = theme.diverging()
    for share in (0.02, 0.25, 0.5, 0.75, 0.98):
        seen = image.pixelColor(int(bar.left() + share * bar.width()), int(bar.center().y())).getRgb()[:3]
        near = table[max(0, int(share * 256) - 3) : int(share * 256) + 4].astype(int)
        assert np.abs(near - np.array(seen)).max(axis=1).min() <= 3


def test_ends_say_what_lies_beyond(legend: Legend) -> None:
    legend.set_values(np.linspace(-100, 100, 1000))
    assert [t for _, t in legend.tick_texts()][:: len(legend.tick_texts()) - 1] == ["−100", "+100"]
    assert not legend.offers_fit
    legend.set_values(np.r_[np.zeros(900), np.full(100, 500.0)])
    assert legend.beyond == (0, 0.1)
    texts = [t for _, t in legend.tick_texts()]
    assert (texts[0], texts[-1]) == ("−100", "≥ +100")
    assert legend.offers_fit
    legend.set_values(np.r_[np.zeros(995), np.full(5, 500.0)])
    assert not legend.offers_fit, "half a percent is no news"


def test_not_a_number_is_not_counted(legend: Legend) -> None:
    legend.set_values(np.array([np.nan, np.inf, 0.0, 1.0]))
    assert legend.beyond == (0, 0)
    legend.set_values(np.full(4, np.nan))
    legend.grab()


def test_ticks_never_touch(legend: Legend) -> None:
    for width in (90, 140, 320, 900):
        legend.resize(width, 42)
        for low, high in ((-100, 100), (0, 65535), (-12.54321, 12.54321), (0, 3.2e-5), (99.98, 100.02)):
            legend.set_scale(theme.diverging(), low, high)
            legend.grab()
            fm = legend.fontMetrics()
            ends = -np.inf
            for value, text in legend.tick_texts():
                left, right = legend._tick_span(fm, value, text)
                assert left >= ends, (width, low, high)
                ends = right


def test_the_dot_offers_to_fit(legend: Legend, qtbot) -> None:
    legend.set_values(np.full(100, 500.0))
    with qtbot.waitSignal(legend.fitRequested, timeout=1000):
        QTest.mouseClick(legend, LEFT, NONE, legend.dot().center().toPoint())


def test_dragging_an_end_moves_it_alone(legend: Legend) -> None:
    said = []
    legend.rangeChanged.connect(lambda lo, hi, phase: said.append((lo, hi, phase)))
    bar = legend.bar()
    drag(legend, QPointF(bar.right() - 1, bar.center().y()), -bar.width() / 4)
    assert [phase for *_, phase in said] == ["start", "move", "end"]
    assert said[-1][0] == -100 and said[-1][1] == pytest.approx(50, abs=1)
    drag(legend, QPointF(bar.left() + 1, bar.center().y()), 10 * bar.width())
    low, high = legend.range
    assert low < high, "the ends never cross"


def test_double_click_and_home_reset(legend: Legend, qtbot) -> None:
    with qtbot.waitSignal(legend.resetRequested, timeout=1000):
        QTest.mouseDClick(legend, LEFT, NONE, legend.bar().center().toPoint())
    with qtbot.waitSignal(legend.resetRequested, timeout=1000):
        QTest.keyClick(legend, Qt.Key.Key_Home)


def test_keys_do_what_the_hand_does(legend: Legend, qtbot) -> None:
    QTest.keyClick(legend, Qt.Key.Key_Left)
    assert legend.range == (-100, 96)
    QTest.keyClick(legend, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert legend.range[0] == pytest.approx(-96.08)
    with qtbot.waitSignal(legend.fitRequested, timeout=1000):
        QTest.keyClick(legend, Qt.Key.Key_Return)
    assert "minus 96" in legend.accessibleName()


def test_mark_stands_at_its_value(legend: Legend) -> None:
    before = legend.grab().toImage()
    legend.set_here(50.0)
    after = legend.grab().toImage()
    changed = [x for x in range(320) if any(before.pixel(x, y) != after.pixel(x, y) for y in range(42))]
    middle = legend.bar().left() + 0.75 * legend.bar().width()
    assert min(changed) <= middle <= max(changed)
    assert (min(changed) + max(changed)) / 2 == pytest.approx(middle, abs=1.5)
    legend.set_here(np.nan)
    assert legend.grab().toImage() == before


@pytest.mark.parametrize(
    "shape", [(2700, 5400), (4096, 4096, 3), (10_000_000,), (3, 4_000_000), (3, 5), (0, 5)], ids=str
)
def test_sampling_is_bounded_and_even(shape: tuple[int, ...]) -> None:
    values = np.broadcast_to(np.int32(1), shape)
    some = sampled(values)
    assert some.size <= 65_536
    assert some.size == values.size or some.size > 10_000
    checker = np.indices((1000, 1000)).sum(axis=0) % 2
    assert sampled(checker).mean() == pytest.approx(0.5, abs=0.01), "a regular pattern is seen whole"
