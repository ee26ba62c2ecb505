# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backend a public call means when it says "auto": read once per call, never below the public interface."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from convdesk.backends.registry import get_backend
from convdesk.errors import BackendUnavailable, ParameterError

VARIABLE = "CONVDESK_BACKEND"
_process = ""
_context: ContextVar[str] = ContextVar("convdesk_backend", default="")


def set_backend(name: str) -> None:
    """Set the backend that calls with ``backend="auto"`` use, in the whole process; "auto" lets the planner choose
    again.

    Raises
    ------
    BackendUnavailable
        When there is no such backend, or it cannot be used here.
    """
    global _process
    _process = _usable(name)


@contextmanager
def using_backend(name: str) -> Iterator[None]:
    """Use a backend inside a ``with`` block, in this thread or task only; it wins over :func:`set_backend`.

    Raises
    ------
    BackendUnavailable
        When there is no such backend, or it cannot be used here.
    """
    token = _context.set(_usable(name))
    try:
        yield
    finally:
        _context.reset(token)


def chosen_backend(asked: str = "auto", implementation: str | None = None) -> str:
    """The name that a call means: its own; else the context's, the process's or CONVDESK_BACKEND's; else "auto".

    A call that names an implementation has named its backend.
    """
    if not isinstance(asked, str):
        raise ParameterError(f'backend: got {asked!r}, expected "auto" or the name of a backend')
    if asked != "auto" or implementation is not None:
        return asked
    if ambient := _context.get() or _process:
        return ambient
    if not (named := os.environ.get(VARIABLE, "")):
        return "auto"
    try:
        return _usable(named)
    except BackendUnavailable as error:
        raise BackendUnavailable(f"{VARIABLE}={named}: {error}") from error


def _usable(name: str) -> str:
    if not isinstance(name, str):
        raise ParameterError(f'backend: got {name!r}, expected "auto" or the name of a backend')
    if name != "auto":
        get_backend(name)
    return name
