# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain observer list: what Qt's signals are to widgets, for everything that must not know Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Signal:
    """Calls every connected function, in order of connection, on the thread that emits.

    One listener that raises does not keep the others from hearing; the first error is raised after all were called.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[..., Any]] = []

    def connect(self, listener: Callable[..., Any]) -> Callable[[], None]:
        """Add a listener; returns the function that removes it again."""
        self._listeners.append(listener)

        def disconnect() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return disconnect

    def emit(self, *values: Any) -> None:
        """Call all listeners with ``values``."""
        errors: list[Exception] = []
        for listener in tuple(self._listeners):
            try:
                listener(*values)
            except Exception as error:  # collected so that every listener hears, then raised below
                errors.append(error)
        if errors:
            raise errors[0]
