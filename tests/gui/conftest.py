# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of the window share: the theme is set, and set back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget

from convdesk.gui import theme


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
