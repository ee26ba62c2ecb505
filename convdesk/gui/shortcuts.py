# SPDX-License-Identifier: GPL-3.0-or-later
"""The sheet of shortcuts, made from the table of commands."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QDialog, QGridLayout, QScrollArea, QWidget

from .actions import KERNEL, PANE, STACK, TABLE, WINDOW, Spec
from .parts import column, label
from .theme import logical, px

BY_HAND = (
    ("Arrows", "Move the questioned number; with Shift by ten"),
    ("Space", "Hold to pan"),
    ("Wheel", "Zoom at the pointer"),
    ("Drag a kernel cell", "Change it; Shift finer, Ctrl whole numbers, Esc takes it back"),
    ("Alt+drag in the kernel", "Paint with the brush"),
    ("Esc", "Release the pinned number"),
)


def where(spec: Spec) -> str:
    """Where a shortcut works, in words; empty for everywhere."""
    if WINDOW in spec.where or len(spec.where) > 2:
        return ""
    return " and ".join({PANE: "pictures", KERNEL: "kernel", STACK: "stack"}[one] for one in spec.where)


class ShortcutSheet(QDialog):
    """Two columns of keys and what they do; not modal."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Keyboard shortcuts")
        self.setModal(False)
        grid: QGridLayout = logical(QGridLayout(), hspace=16, vspace=5, margins=(0, 0, 8, 0))
        lines = [(spec.keys[0], spec.title, where(spec)) for spec in TABLE if spec.keys]
        lines += [(keys, text, "") for keys, text in BY_HAND]
        half = (len(lines) + 1) // 2
        for i, (keys, text, place) in enumerate(lines):
            row, side = (i, 0) if i < half else (i - half, 3)
            shown = (
                QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
                if i < len(lines) - len(BY_HAND)
                else keys
            )
            grid.addWidget(label(shown or keys, weight=600), row, side, Qt.AlignmentFlag.AlignTop)
            words = f"{text} <span style='font-size:{px(11)}px'>· {place}</span>" if place else text
            grid.addWidget(label(words, wrap=True), row, side + 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnMinimumWidth(2, px(16))
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)
        inner = QWidget()
        inner.setLayout(column(grid, 1))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayout(
            column(
                label("Keyboard shortcuts", size="step", weight=600), (area, 1), spacing=12, margins=(20, 16, 12, 16)
            )
        )
        self.resize(min(px(760), window.width() - 40), min(px(620), window.height() - 40))
