# SPDX-License-Identifier: GPL-3.0-or-later
"""The compiled core, loaded once, with its instruction set chosen."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from convdesk.errors import BackendUnavailable, ConvDeskError

VARIABLE = "CONVDESK_ISA"
MISSING = "the compiled core is missing: run pip install -e . (needs gcc)"
TITLES = {"avx2": "AVX2+FMA", "baseline": "baseline instructions"}


@cache
def load() -> tuple[ModuleType | None, str]:
    """The module of doors, or None and the reason why it cannot be used."""
    try:
        _core = import_module("convdesk.backends.native._core")
    except ImportError as error:
        return None, MISSING if "_core" in str(error) else f"the compiled core cannot be loaded: {error}"
    try:
        _core.select(os.environ.get(VARIABLE, "").strip())
    except ConvDeskError as error:
        return None, str(error)
    return _core, ""


def core() -> Any:
    """The module of doors.

    Raises
    ------
    BackendUnavailable
        With the reason, when it cannot be used.
    """
    module, reason = load()
    if module is None:
        raise BackendUnavailable(f"native backend: {reason}")
    return module


def isa() -> str:
    """Name of the instruction set in use: "avx2" or "baseline"."""
    return core().isa()
