# SPDX-License-Identifier: GPL-3.0-or-later
"""The command table as Qt actions, and the menu bar made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QWidget, QWidgetAction

from .actions import BY_ID, MENUS, TABLE, WINDOW, Spec
from .icons import icon
from .parts import label
from .theme import logical

Handler = Callable[[], object]


class Actions:
    """Every command as a QAction: ``actions["edit.undo"]``.

    Parameters
    ----------
    window : QWidget
        Where the shortcuts of the context ``window`` work.
    """

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._actions = {spec.id: self._make(spec) for spec in TABLE}
        self._handlers: dict[str, Handler] = {}

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def _make(self, spec: Spec) -> QAction:
        action = QAction(spec.title, self._window)
        action.setObjectName(spec.id)
        action.setCheckable(spec.check)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        action.setToolTip(tip_of(spec))
        action.setStatusTip(spec.tip)
        if spec.icon:
            action.setIcon(icon(spec.icon, size=16))
            action.setIconVisibleInMenu(not spec.check)  # there a tick says whether it is on
        if spec.where == (WINDOW,):
            self._window.addAction(action)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(partial(self.run, spec.id))
        return action

    def handle(self, handlers: dict[str, Handler]) -> None:
        """Say what commands do."""
        unknown = set(handlers) - set(BY_ID)
        if unknown:
            raise KeyError(f"not in the table of commands: {', '.join(sorted(unknown))}")
        self._handlers.update(handlers)

    def unhandled(self) -> list[str]:
        """Commands that nobody has said what they do."""
        return [spec.id for spec in TABLE if spec.id not in self._handlers]

    def run(self, name: str, _checked: bool = False) -> None:
        """Do a command."""
        self._handlers[name]()

    def lend(self, widget: QWidget, context: str) -> None:
        """Let the shortcuts of a context work while this widget has the focus."""
        for spec in TABLE:
            if context in spec.where:
                widget.addAction(self._actions[spec.id])

    def check(self, **states: bool) -> None:
        """Show states: ``check(view__field=True)``; two underscores stand for the point."""
        for name, on in states.items():
            self._actions[name.replace("__", ".")].setChecked(on)

    def enable(self, names: Iterable[str], on: bool) -> None:
        """Offer or withhold commands."""
        for name in names:
            self._actions[name].setEnabled(on)

    def retheme(self) -> None:
        """Draw the icons in the theme's colours."""
        for spec in TABLE:
            if spec.icon:
                self._actions[spec.id].setIcon(icon(spec.icon, size=16))


def heading(menu: QMenu, text: str) -> None:
    """A line that names the entries below it; style sheets hide the text of Qt's own sections."""
    if menu.actions():
        menu.addSeparator()
    words = label(text, "cap", weight=600)
    logical(words, margins=(10, 4, 10, 2))
    line = QWidgetAction(menu)
    line.setDefaultWidget(words)
    line.setText(text)
    line.setEnabled(False)
    menu.addAction(line)


def tip_of(spec: Spec) -> str:
    """The tooltip of a command: title, more, shortcut."""
    text = f"{spec.title}: {spec.tip[:1].lower()}{spec.tip[1:]}" if spec.tip else spec.title
    return f"{text} ({spec.keys[0]})" if spec.keys else text


def fill_menus(bar: QMenuBar, actions: Actions, submenus: dict[str, QMenu]) -> dict[str, QMenu]:
    """Build the menu bar.

    Parameters
    ----------
    bar : QMenuBar
        Where they go.
    actions : Actions
        The commands.
    submenus : dict
        Menus that fill themselves, by the command they stand behind: ``{"file.open": samples}``.

    Returns
    -------
    dict
        Menus by their path in the table.
    """
    menus: dict[str, QMenu] = {}

    def added(parent: QMenuBar | QMenu, title: str) -> QMenu:
        menu = QMenu(f"&{title}", parent)
        menu.setToolTipsVisible(True)
        parent.addMenu(menu)
        return menu

    for name in MENUS:
        menus[name] = added(bar, name)
    for spec in TABLE:
        if not spec.menu:
            continue
        menu = menus.get(spec.menu)
        if menu is None:
            parent, title = spec.menu.split("/")
            menu = menus[spec.menu] = added(menus[parent], title)
        if spec.rule:
            menu.addSeparator()
        menu.addAction(actions[spec.id])
        if spec.id in submenus:
            menu.addMenu(submenus[spec.id])
    return menus
