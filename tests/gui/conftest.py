# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of the window share: the theme is set, and set back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from convdesk.gui import theme
from convdesk.gui.main_window import MainWindow
from convdesk.gui.settings import Settings
from convdesk.gui.shot import settle

LEFT, NONE, PLAIN = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    """Start every test in the light theme at scale 1, without motion."""
    theme.active.reduced_motion = True
    if (theme.active.wanted, theme.active.scale) != ("light", 1.0) or not qapp.styleSheet():
        theme.set_theme(qapp, "light")
    yield
    if (theme.active.wanted, theme.active.scale) != ("light", 1.0):
        theme.set_theme(qapp, "light")


@pytest.fixture
def wheel(qapp: QApplication) -> Callable[..., None]:
    """Turn the wheel over a place of a widget, in notches."""

    def turn(
        widget: QWidget,
        at: QPoint,
        notches: float,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        event = QWheelEvent(
            QPointF(at),
            QPointF(widget.mapToGlobal(at)),
            QPoint(),
            QPoint(0, round(120 * notches)),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        qapp.sendEvent(widget, event)

    return turn


class Hand:
    """A window, and a hand that uses it: real events, at places of the data."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.desk = window.desk

    def settle(self) -> None:
        """Wait until everything on screen is there."""
        settle(self.window)

    def mouse(
        self,
        widget: QWidget,
        kind: QEvent.Type,
        at: QPointF,
        button: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        """Send one mouse event at a point of a widget, as the window system would."""
        moving, released = kind == QEvent.Type.MouseMove, kind == QEvent.Type.MouseButtonRelease
        held = NONE if released else button
        QApplication.sendEvent(
            widget, QMouseEvent(kind, at, widget.mapToGlobal(at), NONE if moving else button, held, keys)
        )

    def hover(self, widget: QWidget, at: QPointF) -> None:
        """Move the pointer, no button held."""
        self.mouse(widget, QEvent.Type.MouseMove, at, NONE)

    def drag(
        self, widget: QWidget, way: list[QPointF], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN
    ) -> None:
        """Press at the first point, move through the others, release at the last."""
        self.mouse(widget, QEvent.Type.MouseButtonPress, way[0], button, keys)
        for at in way[1:]:
            self.mouse(widget, QEvent.Type.MouseMove, at, button, keys)
        self.mouse(widget, QEvent.Type.MouseButtonRelease, way[-1], button, keys)

    def press(self, widget: QWidget, key: Qt.Key, keys: Qt.KeyboardModifier = PLAIN) -> None:
        """Press and release a key in a widget."""
        QTest.keyClick(widget, key, keys)

    def run(self, command: str) -> None:
        """Trigger a command as its menu entry does."""
        self.window.actions_table[command].trigger()

    def cell(self, row: int, col: int) -> QPointF:
        """The middle of a cell of the kernel."""
        return self.window.terms.kernel.cell_rect(row, col).center()

    def drag_cell(self, row: int, col: int, up: float) -> None:
        """Drag a cell of the kernel up by pixels, in three moves."""
        start = self.cell(row, col)
        self.drag(self.window.terms.kernel, [start, *(start - QPointF(0, up * part / 3) for part in (1, 2, 3))])

    def pixel(self, role: str, row: int, col: int) -> tuple[QWidget, QPointF]:
        """The viewport of a pane, and the middle of one of its pixels in it."""
        canvas = self.window.stage.panes[role].canvas
        return canvas.viewport(), canvas.to_screen(row + 0.5, col + 0.5)

    def hover_pixel(self, role: str, row: int, col: int) -> None:
        """Point at a pixel of a pane."""
        self.hover(*self.pixel(role, row, col))
        self.settle()

    def click_pixel(self, role: str, row: int, col: int) -> None:
        """Click a pixel of a pane."""
        widget, at = self.pixel(role, row, col)
        self.drag(widget, [at])
        self.settle()

    def picture(self, role: str) -> np.ndarray:
        """The exact samples that a pane shows, ``(rows, cols)`` or ``(rows, cols, 3)``; NaN where nothing is shown."""
        self.settle()
        canvas = self.window.stage.panes[role].canvas
        tiles = list(canvas.layer)
        assert tiles, f"the pane {role} shows nothing"
        out = np.full((*canvas.full_shape, *tiles[0].values.shape[2:]), np.nan, np.float32)
        for tile in tiles:
            assert tile.step == (1, 1), "what is shown is sampled: zoom in first"
            assert not tile.stale
            rows, cols = tile.values.shape[:2]
            out[tile.origin[0] : tile.origin[0] + rows, tile.origin[1] : tile.origin[1] + cols] = tile.values
        return out


@pytest.fixture
def make_hand(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Hand]]:
    """Make windows of a size, with a sample or files open; they are closed after the test."""
    made: list[MainWindow] = []

    def make(sample: str = "", files: tuple[Path, ...] = (), size: tuple[int, int] = (1280, 800)) -> Hand:
        window = MainWindow(settings=Settings(tmp_path / "settings.json"))
        made.append(window)
        window.resize(*size)
        window.show()
        window.files.open_paths(files)
        if sample:
            assert window.files.open_sample(sample)
        hand = Hand(window)
        hand.settle()
        return hand

    yield make
    for window in made:
        window.release()
        window.hide()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def hand(make_hand: Callable[..., Hand]) -> Hand:
    """A window with a small picture, at one to one: 33 × 33, an impulse in the middle."""
    return make_hand("impulse")
