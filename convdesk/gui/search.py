# SPDX-License-Identifier: GPL-3.0-or-later
"""Search commands: type a few letters, Enter does it. Last-used commands stand first, each shows its shortcut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QKeyEvent, QPainter
from PyQt6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from .parts import column
from .theme import colour, font, logical, px

ROWS = 12


@dataclass(frozen=True)
class Entry:
    """Something that can be done: what it is called, where it belongs, its shortcut."""

    id: str
    title: str
    place: str
    keys: str
    act: Callable[[], object]
    enabled: bool = True


def rank(text: str, entry: Entry, last: Sequence[str]) -> tuple[int, ...] | None:
    """Return a sorting key, smaller for better, or None when the entry does not match.

    Every typed word has to occur; the beginning of the title counts most, then the beginning of one of its words.
    """
    title, whole = entry.title.lower(), f"{entry.place} {entry.title}".lower()
    words = text.lower().split()
    if not all(word in whole for word in words):
        return None
    recent = last.index(entry.id) if entry.id in last else len(last)
    if not words:
        return (recent, 0)
    if title.startswith(words[0]):
        place = 0
    elif any(part.startswith(words[0]) for part in title.split()):
        place = 1
    else:
        place = 2 if words[0] in title else 3
    return (place, recent, len(title))


class _Line(QStyledItemDelegate):
    """One row: place in grey, title, shortcut at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: object) -> QSize:
        """One row of a menu."""
        return QSize(px(300), px(28))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: object) -> None:
        """Draw it."""
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)  # type: ignore[attr-defined]
        if painter is None:
            return
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("soft"))
            painter.drawRoundedRect(option.rect.adjusted(px(2), 0, -px(2), 0), px(4), px(4))
        box = option.rect.adjusted(px(10), 0, -px(10), 0)
        painter.setFont(font("small"))
        painter.setPen(colour("text3" if not entry.enabled else "text2"))
        right = painter.fontMetrics().horizontalAdvance(entry.keys) + px(12) if entry.keys else 0
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.keys)
        place = f"{entry.place}:  " if entry.place else ""
        width = painter.fontMetrics().horizontalAdvance(place)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, place)
        painter.setFont(font("body"))
        painter.setPen(colour("text3" if not entry.enabled else "text"))
        room = QRect(box.left() + width, box.top(), box.width() - width - right, box.height())
        title = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
        painter.restore()


class Search(QFrame):
    """The panel with the field and the list; it closes itself.

    Parameters
    ----------
    window : QWidget
        What it stands over.
    entries : callable
        Returns what can be done now.
    last : callable
        Returns the ids of the last-used commands.
    used : callable
        Is told the id of a command that was chosen.
    """

    def __init__(
        self,
        window: QWidget,
        entries: Callable[[], list[Entry]],
        last: Callable[[], Sequence[str]],
        used: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self.setObjectName("toast")  # the frame of everything that floats
        self.setAccessibleName("Search commands")
        self._entries, self._last, self._used, self._now = entries, last, used, [*entries()]
        self.field = QLineEdit(placeholderText="Search commands")
        self.field.setAccessibleName("Search commands")
        self.list = QListWidget()
        self.list.setAccessibleName("Commands")
        self.list.setItemDelegate(_Line(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayout(column(self.field, (self.list, 1), spacing=6, margins=(8, 8, 8, 8)))
        logical(self, width=460)
        self.field.textChanged.connect(self.filter)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)
        self.hide()

    def open(self, text: str = "", only: str = "", words: str = "Search commands") -> None:
        """Show it with everything that can be done now, or ``only`` with what belongs to one place, and without it."""
        window = self.parentWidget()
        self._now = [
            replace(entry, place="") if only else entry for entry in self._entries() if not only or entry.place == only
        ]
        self.field.setPlaceholderText(words)
        self.field.setText(text)
        self.filter(text)
        self.move(QPoint((window.width() - self.width()) // 2, px(64)))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def filter(self, text: str) -> None:
        """Show what matches, best first."""
        last = list(self._last())
        ranked = [(key, entry) for entry in self._now if (key := rank(text, entry, last)) is not None]
        self.list.clear()
        for _, entry in sorted(ranked, key=lambda pair: pair[0]):
            item = QListWidgetItem(entry.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            spoken = f"{entry.place}: {entry.title} {entry.keys}".removeprefix(": ")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self.list.setCurrentRow(0)
        rows = min(max(self.list.count(), 1), ROWS)
        self.setFixedHeight(min(px(rows * 28 + 58), self.parentWidget().height() - px(80)))

    def _choose(self, item: QListWidgetItem | None) -> None:
        entry: Entry | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if entry is None or not entry.enabled:
            return
        self.hide()
        self.parentWidget().setFocus()
        self._used(entry.id)
        entry.act()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Move in the list with the keys while the field has the focus; leaving it closes."""
        if event is None or watched is not self.field:
            return False
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: ROWS, Qt.Key.Key_PageUp: -ROWS}.get(key)
            if step is not None:
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentItem())
                return True
            if key == Qt.Key.Key_Escape:
                self.hide()
                return True
        return False
