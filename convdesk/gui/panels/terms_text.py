# SPDX-License-Identifier: GPL-3.0-or-later
"""The words and sums around the equation. Qt-free."""

from __future__ import annotations

import numpy as np

from convdesk.lab.ledger import Terms

from .. import numbers
from ..reading import Reading


def patch_caption(before: str, reading: Reading, plane: int) -> str:
    """``pool1 around 42, 123, step 2``."""
    taps = reading.trace.taps
    middle = [axis[(len(axis) - 1) // 2] for axis in taps]
    channels = reading.terms.channels
    near = " around" if len(channels) == 1 else ""
    words = f"{before}{near} {numbers.coordinates(*middle)}"
    if reading.channel and len(channels) == 1:
        words = f"{reading.channel} of {words}"
    steps = {axis[1] - axis[0] for axis in taps if len(axis) > 1}
    if steps and steps != {1}:
        words += f", step {max(steps)}"
    return f"{words}, channel {channels[plane]}" if len(channels) > 1 else words


def products_caption(reading: Reading) -> str:
    """``Products``, and of which output channel when there are several."""
    words = "Products" if reading.terms.kind == "sum" else "Shares"
    return f"{words} of {reading.channel}" if reading.channel and len(reading.terms.channels) > 1 else words


def sum_caption(reading: Reading, colour: bool) -> str:
    """What the result is: the pixel shown, or one of the three values that make its colour."""
    word = {"R": "red", "G": "green", "B": "blue"}.get(reading.channel)
    return f"= the pixel's {word} value" if colour and word else "= the pixel shown"


def sum_lines(terms: Terms, plane: int, products: np.ndarray) -> tuple[list[tuple[str, str]], str]:
    """The lines above the result, and the result, all with the decimals that the size of the numbers asks for."""
    if terms.kind == "max":
        return [("Largest of", numbers.grouped(terms.count))], numbers.number(terms.result, 5)
    if terms.kind == "mean":
        counted = round(1 / float(terms.weights.max()))
        total = numbers.number(float(terms.values.sum()), 5)
        return [("Sum", total), ("Divided by", numbers.grouped(counted))], numbers.number(terms.result, 5)
    if terms.kind == "value":
        return [("Input", numbers.number(float(terms.values.item()), 5))], numbers.number(terms.result, 5)
    several = len(terms.channels) > 1
    here = float(np.sum(terms.products[plane])) if several else 0.0
    places = decimals(terms.total, terms.bias, terms.result, here)
    lines = [("Sum", numbers.fixed(terms.total, places)), ("Bias", numbers.fixed(terms.bias, places))]
    if several:
        lines.insert(0, (f"Channel {terms.channels[plane]}", numbers.fixed(here, places)))
    return lines, numbers.fixed(terms.result, places)


def decimals(*values: float) -> int:
    """As many decimals as four figures of the largest allow, and no more than are there."""
    finite = [abs(v) for v in values if np.isfinite(v)]
    top = max(finite, default=0.0)
    most = max(0, 4 - len(f"{top:.0f}"))
    near = 1e-6 * max(top, 1.0)  # the noise of float32 does not earn a decimal
    return next((d for d in range(most) if all(abs(round(v, d) - v) <= near for v in finite)), most)


def equation(terms: Terms) -> str:
    """The whole in one line: ``Σ 83.10 + bias −4.00 = 79.10``."""
    places = decimals(terms.total, terms.bias, terms.result)
    result = numbers.fixed(terms.result, places)
    if terms.kind == "sum":
        bias = f" + bias {numbers.fixed(terms.bias, places)}" if terms.bias else ""
        return f"Σ of {numbers.grouped(terms.count)} terms {numbers.fixed(terms.total, places)}{bias} = {result}"
    word = {"max": "Largest", "mean": "Mean"}.get(terms.kind)
    return f"{word} of {numbers.grouped(terms.count)} values = {result}" if word else f"Value {result}"
