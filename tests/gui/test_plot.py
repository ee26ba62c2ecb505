# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals: stems while they can be told apart, else the true range of every column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from convdesk.gui import theme
from convdesk.gui.canvas.plot import SignalPlot
from convdesk.gui.canvas.trace import envelope


@pytest.fixture
def plot(qtbot) -> Iterator[SignalPlot]:
    """Thirty-two samples and their output."""
    plot = SignalPlot()
    qtbot.addWidget(plot)
    plot.resize(700, 300)
    plot.show()
    qtbot.waitExposed(plot)
    x = np.zeros(32)
    x[14], x[16] = 9, -3
    plot.set_padding(2, 2, (np.zeros(2), np.zeros(2)))
    plot.set_signals(x, np.convolve(x, [3, 1, 0, -1, -2], "same"))
    plot.viewport().grab()
    yield plot


def place(plot: SignalPlot, which: str, index: int) -> QPoint:
    """Where a sample of a signal is on the screen."""
    box, trace = plot._plots[which].getViewBox(), plot._traces[which]
    scene = box.mapViewToScene(QPointF(trace.offset + index * trace.jump, 0.0))
    return plot.mapFromScene(scene)


@given(st.integers(1, 3000), st.integers(1, 50), st.data())
def test_envelope_covers_every_sample(n: int, columns: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, n - 1))
    stop = data.draw(st.integers(start + 1, n))
    values = np.random.default_rng(n).normal(size=n)
    edges, low, high = envelope(values, start, stop, columns)
    assert len(edges) <= columns and edges[0] == start
    assert low.min() == values[start:stop].min() and high.max() == values[start:stop].max()
    part = np.searchsorted(edges, np.arange(start, stop), side="right") - 1
    assert np.all(low[part] <= values[start:stop]) and np.all(values[start:stop] <= high[part])


def test_says_how_it_is_drawn(plot: SignalPlot) -> None:
    assert plot.drawn_as() == "32 samples"
    long = np.random.default_rng(0).normal(size=48_000)
    plot.set_signals(long, long)
    assert plot.drawn_as() == "envelope of 48,000 samples"
    plot.set_view(100, 300)
    assert plot.drawn_as() == "48,000 samples"
    plot.viewport().grab()


def test_both_signals_share_one_axis(plot: SignalPlot) -> None:
    plot.set_view(3, 11)
    ranges = [plot._plots[w].getViewBox().viewRange()[0] for w in ("input", "output")]
    assert ranges[0] == pytest.approx([3, 11]) and ranges[1] == pytest.approx([3, 11])
    plot.set_signals(np.zeros(32), np.zeros(16), jump=2.0, offset=0.5, refit=True)
    plot.viewport().grab()
    assert place(plot, "output", 5).x() == pytest.approx(
        (place(plot, "input", 10).x() + place(plot, "input", 11).x()) / 2, abs=1
    )


def test_hover_and_click_name_signal_and_sample(plot: SignalPlot, qtbot) -> None:
    said = []
    plot.hovered.connect(lambda which, i: said.append((which, i)))
    for which, i in (("input", 4), ("output", 12)):
        at = QPointF(place(plot, which, i))
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, QPointF(plot.viewport().mapToGlobal(at.toPoint())), Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(plot.viewport(), event)
    QApplication.sendEvent(plot.viewport(), QEvent(QEvent.Type.Leave))
    assert said == [("input", 4), ("output", 12), ("output", None)]
    with qtbot.waitSignal(plot.clicked, timeout=1000) as clicked:
        QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place(plot, "output", 7))
    assert clicked.args == ["output", 7]


def test_wheel_zooms_the_axis_at_the_pointer(plot: SignalPlot, wheel) -> None:
    at = place(plot, "input", 14)
    low, high = plot.view()
    wheel(plot.viewport(), at, 4)
    assert plot.view()[1] - plot.view()[0] == pytest.approx((high - low) / 2)
    assert abs(place(plot, "input", 14).x() - at.x()) <= 2
    before = plot.view()
    wheel(plot.viewport(), at, -1, Qt.KeyboardModifier.ShiftModifier)
    assert plot.view()[0] > before[0]
    assert plot.view()[1] - plot.view()[0] == pytest.approx(before[1] - before[0])


def test_arrows_step_the_unit(plot: SignalPlot, qtbot) -> None:
    with qtbot.waitSignals([plot.stepped] * 2, timeout=1000):
        QTest.keyClick(plot, Qt.Key.Key_Left)
        QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)


@pytest.mark.parametrize("name", theme.THEMES)
def test_field_and_unit_are_drawn_in_amber(plot: SignalPlot, qapp, name: str) -> None:
    theme.set_theme(qapp, name)
    ink = theme.colour("rf")

    def inked() -> int:
        image = plot.viewport().grab().toImage()
        return sum(image.pixelColor(x, y) == ink for x in range(0, 700, 1) for y in range(0, 300, 3))

    assert inked() == 0
    plot.set_field((10, 15))
    plot.set_unit(12)
    assert inked() > 20
    plot.set_field(None)
    plot.set_unit(None)
    assert inked() == 0


@pytest.mark.parametrize(
    "values",
    [np.zeros(0), np.zeros(1), np.full(5, np.nan), np.array([1.0, np.inf, np.nan]), np.arange(9, dtype=np.uint8)],
    ids=["empty", "one", "nan", "mixed", "bytes"],
)
def test_odd_signals_are_drawn(plot: SignalPlot, values: np.ndarray) -> None:
    plot.set_signals(values, values)
    assert not plot.viewport().grab().isNull()
