# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of the public functions: a call like one that was seen before needs no checking and no planning.

A call is remembered by all that decides how it runs: the function, shapes and dtypes of its arrays, all other
arguments with their types, the backend in force, the threads, and what is registered. Arrays are never remembered: a
weight may be changed in place. Arguments that are neither None, numbers, text, dtypes nor tuples of them are
understood anew each time, as are arrays that are not NumPy's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from types import NoneType
from typing import Any, ParamSpec, TypeVar

import numpy as np

from convdesk.backends import registry
from convdesk.backends.choice import chosen_backend
from convdesk.functional.call import Asked, Call
from convdesk.threads import get_threads, threads_here

P = ParamSpec("P")
R = TypeVar("R")

KEPT = 1024
"""Calls that are remembered; the oldest goes first."""
SIMPLE = frozenset((int, str, bool, NoneType))
"""Types that compare as they are; 1, True and 1.0 are equal, so that the type is part of the key."""


class Calls:
    """Calls by their keys, a bounded number, all made under the same settings."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._known: dict[Any, Call] = {}
        self._settings: Any = None
        self._lock = threading.Lock()
        self.get = self._known.get  # the dictionary stays the same object

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, key: Any, call: Call, settings: Any) -> None:
        """Add a call; forget all others if the settings have changed, else the oldest if there are too many."""
        with self._lock:
            if settings != self._settings:
                self._known.clear()
                self._settings = settings
            while len(self._known) >= self._kept:
                del self._known[next(iter(self._known))]
            self._known[key] = call


CALLS = Calls()


def seen(*operands: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a public function of one whose body returns what :func:`~convdesk.functional.call.answer` does.

    ``operands`` are its arguments that are arrays, the first ones, in order.
    """

    def door(body: Callable[P, R]) -> Callable[P, R]:
        @wraps(body)
        def function(*args: Any, **kwargs: Any) -> Any:
            if kwargs and len(args) < len(operands):
                args = _by_place(operands, args, kwargs)
            key = _key(body, len(operands), args, kwargs)
            if key is not None and (call := CALLS.get(key)) is not None:
                return call.run(args[: len(operands)], kwargs.get("out"))
            asked: Any = body(*args, **kwargs)
            if type(asked) is not Asked:  # there was nothing to compute
                return asked
            if key is not None and asked.call.again:
                CALLS.remember(key, asked.call, (registry.REGISTRY, registry.REGISTRY.generation, get_threads()))
            return asked.run()

        function.operands = operands  # type: ignore[attr-defined]
        function.body = body  # type: ignore[attr-defined]
        return function

    return door


def _by_place(operands: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Arrays that were given by name, moved behind those given by place."""
    for name in operands[len(args) :]:
        if name not in kwargs:
            break
        args = (*args, kwargs.pop(name))
    return args


def _key(body: Any, operands: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """What decides how a call runs, or None where that cannot be compared."""
    named = (kwargs.get("backend", "auto"), kwargs.get("implementation")) if kwargs else ()
    here = registry.REGISTRY
    parts: list[Any] = [body, chosen_backend(*named), here, here.generation, get_threads(), threads_here()]
    for value in args[:operands]:
        if type(value) is np.ndarray:
            parts += value.shape, value.dtype
        elif value is None:
            parts.append(None)
        else:
            return None
    try:
        for value in args[operands:]:
            kind = type(value)
            parts += (kind, value) if kind in SIMPLE else frozen(value)
        for name, value in kwargs.items():
            if name != "out":
                kind = type(value)
                parts += (name, kind, value) if kind in SIMPLE else (name, *frozen(value))
    except TypeError:
        return None
    return tuple(parts)


def frozen(value: Any) -> tuple[Any, Any]:
    """A type and something that compares and hashes as the value does; TypeError where there is nothing."""
    kind = type(value)
    if kind in SIMPLE or isinstance(value, (np.dtype, type)):
        return kind, value
    if kind is tuple:
        return kind, tuple(map(frozen, value))
    if kind is float:
        return kind, value.hex()  # 0.0 is not -0.0, and a NaN is itself
    raise TypeError(f"{kind.__name__} has no key")
