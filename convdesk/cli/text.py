# SPDX-License-Identifier: GPL-3.0-or-later
"""How the commands print: tables, sizes, counts, one JSON value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any


def say_json(value: Any) -> None:
    """Print one JSON value."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> str:
    """Rows as text under a head, columns two spaces apart, those in ``right`` aligned right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    to_right = set(right)
    lines = []
    for row in (head, *cells):
        padded = [
            cell.rjust(width) if at in to_right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def by(sizes: Iterable[int]) -> str:
    """Sizes of axes: "1 × 256 × 256"."""
    return " × ".join(str(size).replace("-", "−") for size in sizes)


def count(number: float) -> str:
    """A count for people: 26, 8,192, 8.2 M."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if abs(number) >= limit:
            return f"{number / limit:.3g} {unit}"
    return f"{number:,.0f}"


def size(count: float) -> str:
    """Bytes for people."""
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}"
    return f"{count:.0f} bytes"
