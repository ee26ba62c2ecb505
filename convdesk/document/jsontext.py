# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON laid out for people: one line per entry, one line per row of numbers."""

from __future__ import annotations

from typing import Any

import msgspec


def dump(value: Any) -> str:
    """JSON text of plain values, ending with a newline. Numbers keep every digit."""
    return _text(value, 0) + "\n"


def _text(value: Any, depth: int) -> str:
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict) and value:
        lines = [f"{inner}{_flat(key)}: {_text(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{outer}}}"
    if isinstance(value, list | tuple) and any(isinstance(item, dict | list | tuple) for item in value):
        lines = [inner + _text(item, depth + 1) for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{outer}]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flat(item) for item in value) + "]"
    return _flat(value)


def _flat(value: Any) -> str:
    return msgspec.json.encode(value).decode()
