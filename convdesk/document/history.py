# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo as a list of whole states: total by construction, since nothing has to be inverted."""

from __future__ import annotations

from dataclasses import dataclass

from convdesk.document.state import DocumentState

LIMIT = 500
"""Entries kept. States share their layers and weights, so an entry costs about what it changed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A state, the edit that led to it, and the gesture it was part of."""

    state: DocumentState
    title: str
    gesture: str | None = None


class History:
    """The states of one document, in order, and which of them is present."""

    def __init__(self, state: DocumentState) -> None:
        self._entries = [Entry(state, "")]
        self._at = 0

    @property
    def state(self) -> DocumentState:
        """The present state."""
        return self._entries[self._at].state

    def record(self, state: DocumentState, title: str, gesture: str | None = None) -> None:
        """Add an edit, or let it join the last entry of the same gesture. What was undone is dropped."""
        del self._entries[self._at + 1 :]
        last = self._entries[-1]
        if gesture is not None and last.gesture == gesture:
            self._entries[-1] = Entry(state, last.title, gesture)
            return
        self._entries.append(Entry(state, title, gesture))
        del self._entries[: max(0, len(self._entries) - LIMIT)]
        self._at = len(self._entries) - 1

    def amend(self, state: DocumentState) -> None:
        """Replace the present state without an entry: the eye moved, the document did not."""
        here = self._entries[self._at]
        self._entries[self._at] = Entry(state, here.title, here.gesture)

    def end_gesture(self) -> None:
        """Whatever comes next is a new entry, even under the same gesture name."""
        here = self._entries[self._at]
        self._entries[self._at] = Entry(here.state, here.title)

    def cancel(self, gesture: str) -> bool:
        """Drop the last entry if it is this gesture's; True when something was dropped."""
        if self._at > 0 and self._at == len(self._entries) - 1 and self._entries[-1].gesture == gesture:
            self._entries.pop()
            self._at -= 1
            return True
        return False

    @property
    def undo_title(self) -> str | None:
        """What undo would take back, or None."""
        return self._entries[self._at].title if self._at > 0 else None

    @property
    def redo_title(self) -> str | None:
        """What redo would do again, or None."""
        return self._entries[self._at + 1].title if self._at + 1 < len(self._entries) else None

    def undo(self) -> DocumentState:
        """Go one state back; stays at the first."""
        self._at = max(0, self._at - 1)
        return self.state

    def redo(self) -> DocumentState:
        """Go one state forward; stays at the last."""
        self._at = min(len(self._entries) - 1, self._at + 1)
        return self.state
