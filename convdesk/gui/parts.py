# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that every panel is made of: labels, tools, rows, cards, forms. The larger ones are in ``parts_*.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QAction, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .focus import Ringed
from .icons import icon, pixmap
from .parts_chip import Chip
from .parts_choice import Segmented, Tabs
from .parts_facts import Facts, Steps, Sum
from .parts_fields import Fields
from .parts_label import Elided
from .parts_notice import Bar, Toast
from .theme import GAP, PAD, logical, px

__all__ = [
    "Bar", "Button", "Card", "Chip", "Combo", "Elided", "Facts", "Fields", "Segmented", "Steps", "Sum", "Tabs",
    "Toast", "Tool", "captioned", "column", "combo", "form", "label", "operator", "row", "rule", "set_label", "tool",
]  # fmt: skip

HIT = 28  # the smallest target that is offered to a finger or a tired hand
Item = QWidget | QLayout | int | tuple[QWidget | QLayout, int]


def label(
    text: str = "", role: str = "", *, wrap: bool = False, ink: str = "", weight: int = 0, size: str = ""
) -> QLabel:
    """Make a label.

    Parameters
    ----------
    text : str
        Sentence case; rich text is allowed.
    role : str
        ``title sub cap hint error operator`` or nothing for body text.
    wrap : bool
        Break lines.
    ink : str
        Name of a text token (``text2 accent ok warn err rf pf pad win``), instead of the role's.
    weight : int
        400, 500 or 600, instead of the role's.
    size : str
        Name of a type size (``caption small body title fact step display``), instead of the role's.
    """
    w = QLabel(text)
    w.setWordWrap(wrap)
    for key, value in (("role", role), ("ink", ink), ("weight", str(weight) if weight else ""), ("textSize", size)):
        if value:
            w.setProperty(key, value)
    return w


def set_label(w: QLabel, text: str, ink: str | None = None) -> None:
    """Change a label's text and, when given, its ink (``""`` for the role's own)."""
    w.setText(text)
    if ink is not None and (w.property("ink") or "") != ink:
        w.setProperty("ink", ink)
        style = w.style()
        if style is not None:
            style.unpolish(w)
            style.polish(w)


class Tool(Ringed, QToolButton):
    """A button with an icon: ``Tool("fit", "Fit", shortcut="F")``; accent while it is checked."""

    def __init__(
        self,
        name: str,
        tip: str,
        checked: bool | None = None,
        *,
        size: int = 18,
        text: str = "",
        shortcut: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self.icon_name, self.icon_size = name, size
        self.setText(text)
        if text:
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        if checked is not None:
            self.setCheckable(True)
            self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.describe(tip, shortcut)
        logical(self, min_width=HIT, min_height=HIT)
        self.retheme()
        if action is not None:
            self.clicked.connect(lambda: action())

    def describe(self, tip: str, shortcut: str = "") -> None:
        """Set what it does and its shortcut."""
        self.setAccessibleName(tip)
        self.setAccessibleDescription(shortcut)
        self.setToolTip(f"{tip} ({shortcut})" if shortcut else tip)

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self.icon_name = name
        self.retheme()

    def retheme(self) -> None:
        """Draw the icon in the theme's colours."""
        self.setIcon(icon(self.icon_name, size=self.icon_size))
        self.setIconSize(QSize(px(self.icon_size), px(self.icon_size)))

    def follow(self, action: QAction) -> Tool:
        """Stand for an action: trigger it, and take its state, name and shortcut. Returns itself."""

        def take() -> None:
            self.setEnabled(action.isEnabled())
            if action.isCheckable():
                self.setCheckable(True)
                self.setChecked(action.isChecked())
            self.describe(action.text().replace("&", ""), action.shortcut().toString())

        action.changed.connect(take)
        self.clicked.connect(lambda: (action.trigger(), take()))
        take()
        return self


def tool(name: str, tip: str, checked: bool | None = None, **options: object) -> Tool:
    """Make a :class:`Tool`."""
    return Tool(name, tip, checked, **options)  # type: ignore[arg-type]


class Button(Ringed, QPushButton):
    """A button with a verb on it; ``kind`` is ``""``, ``primary`` or ``link``."""

    def __init__(
        self, text: str, kind: str = "", icon_name: str = "", action: Callable[[], object] | None = None
    ) -> None:
        super().__init__(f"  {text}" if icon_name else text)
        self.icon_name = icon_name
        self.setProperty("kind", kind)
        self.setAccessibleName(text)
        logical(self, min_height=HIT)
        self.retheme()
        if action is not None:
            self.clicked.connect(lambda: action())

    def retheme(self) -> None:
        """Draw the icon in the theme's colours."""
        if self.icon_name:
            self.setIcon(icon(self.icon_name, "accent" if self.property("kind") == "link" else "text2", 16))
            self.setIconSize(QSize(px(16), px(16)))


class Combo(Ringed, QComboBox):
    """A choice from a list. The wheel changes it only while it has the focus."""

    def __init__(self, *items: str, name: str = "") -> None:
        super().__init__()
        self.addItems(items)
        self.setAccessibleName(name)
        if (choices := self.view()) is not None:
            choices.setAccessibleName("Choices")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        logical(self, min_height=HIT)
        self.currentTextChanged.connect(self.setToolTip)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Step with the wheel when focused; let the page scroll otherwise."""
        if event is not None:
            super().wheelEvent(event) if self.hasFocus() else event.ignore()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the box and its arrow (style sheets cannot tint one)."""
        super().paintEvent(event)
        size = px(12)
        at = QRect(self.width() - size - px(7), (self.height() - size) // 2, size, size)
        QPainter(self).drawPixmap(at, pixmap("down", "text2" if self.isEnabled() else "text3", 12))


def combo(*items: str, name: str = "") -> Combo:
    """Make a :class:`Combo`."""
    return Combo(*items, name=name)


def rule(vertical: bool = False) -> QFrame:
    """Make a thin line."""
    f = QFrame()
    f.setObjectName("rule")
    if vertical:
        f.setFixedWidth(1)
        logical(f, height=20)
    else:
        f.setFixedHeight(1)
    return f


def _fill(box: QBoxLayout, items: Sequence[Item]) -> None:
    for item in items:
        thing, stretch = item if isinstance(item, tuple) else (item, 0)
        if isinstance(thing, int):
            box.addStretch(thing)
        elif isinstance(thing, QWidget):
            box.addWidget(thing, stretch)
        else:
            box.addLayout(thing, stretch)


def row(*items: Item, spacing: int = 6, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """Put things side by side; a number is a stretch, a ``(thing, stretch)`` pair stretches."""
    box: QHBoxLayout = logical(QHBoxLayout(), spacing=spacing, margins=margins)
    _fill(box, items)
    return box


def column(*items: Item, spacing: int = GAP, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """Put things below each other; a number is a stretch, a ``(thing, stretch)`` pair stretches."""
    box: QVBoxLayout = logical(QVBoxLayout(), spacing=spacing, margins=margins)
    _fill(box, items)
    return box


def captioned(
    caption: str | QLabel, widget: QWidget, below: QWidget | QLayout | None = None, ink: str = ""
) -> QVBoxLayout:
    """Put a small caption above a widget and, when given, something below it."""
    head = label(caption, "cap", ink=ink) if isinstance(caption, str) else caption
    items: list[Item] = [head, widget]
    if below is not None:
        items.append(below)
    return column(*items, 1, spacing=4)


def operator(sign: str) -> QLabel:
    """Make a sign of the equation: × = Σ."""
    w = label(sign, "operator")
    w.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return logical(w, width=22)  # type: ignore[no-any-return]


def form(pairs: Sequence[tuple[str, QWidget]]) -> QGridLayout:
    """Lay out labelled controls in two columns; without a label the control takes both."""
    grid: QGridLayout = logical(QGridLayout(), hspace=8, vspace=4, margins=(0, 0, 0, 0))
    grid.setColumnStretch(1, 1)
    for i, (text, widget) in enumerate(pairs):
        if text:
            tag = label(text, "sub")
            tag.setBuddy(widget)
            logical(tag, min_width=78)
            if not widget.accessibleName():
                widget.setAccessibleName(text)
            grid.addWidget(tag, i, 0)
            grid.addWidget(widget, i, 1)
        else:
            grid.addWidget(widget, i, 0, 1, 2)
    return grid


class Card(QFrame):
    """A titled panel: what it shows on the left, what can be done to it on the right.

    Attributes
    ----------
    title, sub : QLabel
        Name, and what is shown, in grey.
    tabs : Tabs or None
        The tabs that stand instead of the title.
    box : QVBoxLayout
        Where :meth:`add` puts things.
    """

    def __init__(self, title: str, sub: str = "", *actions: QWidget, tabs: Tabs | None = None) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName(title)
        self.box: QVBoxLayout = logical(QVBoxLayout(self), spacing=6, margins=(PAD, 4, PAD, PAD))
        self.title, self.sub, self.tabs = Elided(title, "title"), Elided(sub, "sub"), tabs
        self.head = logical(QWidget(), height=34)
        self._bar = row((tabs, 1) if tabs else self.title, (self.sub, 1), spacing=6)
        self.head.setLayout(self._bar)
        if tabs:
            self.title.hide()
            self.title.setParent(self)
        self.sub.setVisible(bool(sub) or not tabs)
        for action in actions:
            self.add_action(action)
        self.box.addWidget(self.head)

    def set_title(self, title: str, sub: str | None = None) -> None:
        """Rename the card and, when given, say what it shows."""
        self.title.setText(title)
        self.setAccessibleName(title)
        if sub is not None:
            self.sub.setText(sub)

    def add_action(self, widget: QWidget) -> QWidget:
        """Put an action at the right end of the head."""
        self._bar.addWidget(widget)
        return widget

    def add(self, item: QWidget | QLayout, stretch: int = 0) -> QWidget | QLayout:
        """Put something below what is there."""
        self.box.addWidget(item, stretch) if isinstance(item, QWidget) else self.box.addLayout(item, stretch)
        return item

    def set_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Change the padding, in logical pixels."""
        logical(self.box, margins=(left, top, right, bottom))
