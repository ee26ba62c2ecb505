# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels that come with the program: resources/kernels/presets.json."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import msgspec
import numpy as np

from convdesk.network.weights import Weights


@dataclass(frozen=True)
class Preset:
    """A named kernel. ``formula`` says in a line what it is; ``group`` is its heading in the menu."""

    name: str
    title: str
    group: str
    formula: str
    kernel: Weights


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    title: str
    group: str
    formula: str
    values: list[Any]
    divisor: float = 1.0


@cache
def _all() -> tuple[Preset, ...]:
    text = (resources.files("convdesk_resources") / "kernels" / "presets.json").read_bytes()
    entries = msgspec.json.decode(text, type=list[_Entry])
    return tuple(
        Preset(
            entry.name, entry.title, entry.group, entry.formula, Weights(np.array(entry.values, float) / entry.divisor)
        )
        for entry in entries
    )


def presets(ndim: int) -> list[Preset]:
    """The presets for kernels of 1, 2 or 3 axes, in menu order."""
    return [preset for preset in _all() if preset.kernel.array.ndim == ndim]
