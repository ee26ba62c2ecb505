# SPDX-License-Identifier: GPL-3.0-or-later
"""How many threads a call may use. One number for the whole program; nothing starts here.

A call uses the shared pool of the compiled core unless its thread is one of the engine's workers: those compute tiles
side by side, one thread each, and splitting a tile again would only oversubscribe the processor.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from convdesk.errors import ParameterError

VARIABLE = "CONVDESK_THREADS"

_chosen: int | None = None
_here = threading.local()


def set_threads(n: int) -> None:
    """Bound the number of threads of one call, from now on.

    Parameters
    ----------
    n
        At least 1. More threads than processors are allowed, and of no use.

    Raises
    ------
    ParameterError
        If ``n`` is not an integer of at least 1.
    """
    global _chosen
    _chosen = _checked(n, "threads")


def get_threads() -> int:
    """Threads that one call may use.

    The number given to :func:`set_threads`; else the environment variable CONVDESK_THREADS; else the number of
    processors that this process may run on.

    Raises
    ------
    ParameterError
        If CONVDESK_THREADS is set to something that is no integer of at least 1.
    """
    global _chosen
    if _chosen is None:
        text = os.environ.get(VARIABLE, "").strip()
        _chosen = _checked(int(text) if text.isdecimal() else text, VARIABLE) if text else available_processors()
    return _chosen


def available_processors() -> int:
    """Processors that this process may run on; fewer than the machine has where they are limited."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _checked(n: object, what: str) -> int:
    if not hasattr(n, "__index__") or isinstance(n, bool) or int(n) < 1:
        raise ParameterError(f"{what}: got {n!r}, expected an integer of at least 1")
    return int(n)


@contextmanager
def engine_worker() -> Iterator[None]:
    """Mark the calling thread as one of several that compute side by side: its calls use no other threads."""
    before = getattr(_here, "alone", False)
    _here.alone = True
    try:
        yield
    finally:
        _here.alone = before


def threads_here() -> int:
    """Threads that a call from the calling thread may use: 1 on an engine worker, else :func:`get_threads`."""
    return 1 if getattr(_here, "alone", False) else get_threads()
