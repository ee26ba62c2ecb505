# SPDX-License-Identifier: GPL-3.0-or-later
"""The toolbar: modes and overlays; every other command is in a menu and in the search."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QMenu, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from .actions import BY_ID
from .icons import pixmap
from .menus import Actions, tip_of
from .parts import Tool, row, rule
from .theme import colour, logical, px

GROUPS = (
    ("edit.undo", "edit.redo"),
    ("tool.inspect", "tool.pan", "tool.paint", "tool.patch"),
    ("view.field", "view.padding", "view.values"),
)


class SearchButton(QPushButton):
    """Looks like a search field and opens the search."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__("  Search commands")
        self.setProperty("kind", "search")
        self.setAccessibleName("Search commands")
        self.setAccessibleDescription("Ctrl+Shift+P")
        self.setToolTip("Search commands (Ctrl+Shift+P)")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        logical(self, max_width=190, min_width=36, height=28)
        self.clicked.connect(lambda: act())
        self.retheme()

    def retheme(self) -> None:
        """Draw in the theme's colours."""
        self.setIcon(QIcon(pixmap("search", "text3", 16)))
        ink, line, ground = (colour(token).name() for token in ("text3", "line", "field"))
        self.setStyleSheet(
            f"QPushButton {{ text-align: left; color: {ink}; border: 1px solid {line}; background: {ground};"
            f" font-weight: 400; padding: 0 {px(8)}px; }}"
        )


def tool_of(actions: Actions, name: str, text: str = "") -> Tool:
    """A button that stands for a command."""
    spec = BY_ID[name]
    button = Tool(spec.icon, spec.title, False if spec.check else None, text=text)
    action = actions[name]

    def take() -> None:
        button.setEnabled(action.isEnabled())
        if action.isCheckable():
            button.setChecked(action.isChecked())
        button.setToolTip(action.toolTip() or tip_of(spec))

    button.setAccessibleName(spec.title)
    button.setAccessibleDescription(spec.keys[0] if spec.keys else "")
    button.setToolTip(tip_of(spec))
    action.changed.connect(take)
    button.clicked.connect(lambda: (action.trigger(), take()))
    take()
    return button


def fill_toolbar(
    bar: QToolBar, actions: Actions, samples: QMenu, search: Callable[[], object]
) -> Callable[[bool], None]:
    """Build it; returns what makes it compact: icons alone, and no search field."""
    open_tool = tool_of(actions, "file.open", "Open")
    samples_tool = Tool("sample", "Samples", text="Samples")
    samples_tool.setMenu(samples)
    samples_tool.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    field = SearchButton(search)
    items: list[QWidget | int] = [open_tool, samples_tool]
    for group in GROUPS:
        items.append(rule(True))
        items += [tool_of(actions, name) for name in group]
    items += [1, field, tool_of(actions, "theme.cycle"), tool_of(actions, "theme.projector")]
    whole = QWidget()
    whole.setLayout(row(*items, spacing=3, margins=(0, 0, 0, 0)))
    whole.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(whole)
    logical(bar, height=40)
    logical(bar.layout(), margins=(0, 0, 0, 0))
    logical(whole, height=40)

    def compact(on: bool) -> None:
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if on else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for tool in (open_tool, samples_tool):
            tool.setToolButtonStyle(style)
        field.setVisible(not on)

    return compact


__all__ = ["SearchButton", "fill_toolbar", "tool_of"]
