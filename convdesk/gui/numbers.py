# SPDX-License-Identifier: GPL-3.0-or-later
"""How numbers are written: true minus, no cut figures, ``≈0`` rather than a false 0. Qt-free.

``number`` for cells and labels, ``fixed`` for columns, ``exact`` for tooltips and fields, ``spoken`` for speech.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import floor, inf, isfinite, isnan, log10, nan

MINUS = "−"
TIMES = "×"
NEARLY_ZERO = "≈0"
_FRACTION = re.compile(r"([^/]+)/([^/]+)")
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def minus(text: str) -> str:
    """Replace the hyphen by a true minus sign."""
    return text.replace("-", MINUS)


def _special(value: float) -> str | None:
    if isnan(value):
        return "NaN"
    if not isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return None


def _away(value: float) -> float:
    """Nudge a number so that a tie rounds away from zero, as people expect: 0.125 is 0.13."""
    return value * (1 + 2**-50) if abs(value) < 1e12 else value


def number(value: float, digits: int = 4) -> str:
    """Write a number with at most ``digits`` figures (all figures of its whole part are kept).

    Returns
    -------
    str
        Trailing zeros dropped; ``≈0`` where a value that is not zero would read as 0.
    """
    value = float(value)
    if (special := _special(value)) is not None:
        return special
    if value == 0:
        return "0"
    decimals = max(0, digits - len(f"{abs(value):.0f}")) if abs(value) >= 1 else digits
    text = f"{_away(value):.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return NEARLY_ZERO if text.strip("-") == "0" else minus(text)


def fixed(value: float, decimals: int = 2, plus: bool = False) -> str:
    """Write a number with a fixed number of decimals, for columns; ``plus`` also marks positive ones."""
    value = float(value)
    if (special := _special(value)) is not None:
        return special
    text = f"{_away(value):.{decimals}f}"
    if float(text) == 0:
        return text.lstrip("-")  # no "−0.00"
    return ("+" if plus and value > 0 else "") + minus(text)


def signed(value: float, digits: int = 4) -> str:
    """Write like :func:`number`, with a plus sign in front of positive numbers."""
    text = number(value, digits)
    return f"+{text}" if float(value) > 0 and text != NEARLY_ZERO else text


def exact(value: float) -> str:
    """Write the shortest text that reads back as the same number (float32 numbers as float32)."""
    if (special := _special(float(value))) is not None:
        return special
    text = str(value) if type(value).__name__ == "float32" else repr(float(value))
    if "e" in text:
        mantissa, power = text.split("e")
        text = f"{mantissa.removesuffix('.0')}e{int(power)}"
    return minus(text.removesuffix(".0"))


def fitted(value: float, measure: Callable[[str], float], width: float, digits: int = 4) -> str:
    """Write the most figures that fit ``width``, and nothing rather than a cut number.

    Parameters
    ----------
    value : float
        The number.
    measure : callable
        Width of a text, for instance ``QFontMetrics.horizontalAdvance``.
    width : float
        Room, in the units of ``measure``.
    digits : int
        The most figures wanted.

    Returns
    -------
    str
        ``−0.125``, then ``−.13``, ``−.1``, then ``≈0`` if even one figure would read as 0, then nothing.
    """
    value = float(value)
    for d in range(digits, 0, -1):
        text = number(value, d)
        if text == NEARLY_ZERO:
            break
        for candidate in (text, text.replace("0.", ".", 1) if abs(value) < 1 else text):
            if measure(candidate) <= width:
                return candidate
    nearly = isfinite(value) and value != 0 and number(value, 1) == NEARLY_ZERO
    return NEARLY_ZERO if nearly and measure(NEARLY_ZERO) <= width else ""


def grouped(count: int) -> str:
    """Write a whole number in groups of three: ``1,204``."""
    return minus(f"{int(count):,}")


def compact(count: float) -> str:
    """Write a large count short: ``8.2 M``, ``52``, ``1,204``."""
    if abs(count) < 10_000:
        return grouped(round(count))
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(count) >= size * 0.9995:
            scaled = count / size
            return minus(f"{scaled:.0f}" if abs(scaled) >= 99.95 else f"{scaled:.1f}") + f" {unit}"
    return grouped(round(count))


def seconds(duration: float) -> str:
    """Write a duration: ``3.1 ms``, ``0.02 ms``, ``1.4 s``, ``2 min 5 s``."""
    if duration < 0.9995:
        ms = duration * 1e3
        return f"{ms:.2f} ms" if ms < 0.1 else f"{ms:.1f} ms" if ms < 99.95 else f"{ms:.0f} ms"
    if duration < 60:
        return f"{duration:.1f} s"
    return f"{int(duration // 60)} min {int(duration % 60)} s"


def size(shape: Sequence[int]) -> str:
    """Write a size: ``512 × 512``."""
    return f" {TIMES} ".join(grouped(n) for n in shape)


def coordinates(*index: int) -> str:
    """Write a position: ``84, 246`` (row, column from 0)."""
    return ", ".join(minus(str(int(i))) for i in index)


def power(value: float, digits: int = 2) -> str:
    """Write a number with a power of ten: ``1.2·10⁻⁷``."""
    if value == 0 or not isfinite(value):
        return number(value)
    exponent = floor(log10(abs(value)))
    return f"{number(value / 10**exponent, digits)}·10{str(exponent).translate(_SUPERSCRIPT)}"


def spoken(value: float, digits: int = 4) -> str:
    """Write a number as it is said: ``minus 0.125``, ``plus 79.1``."""
    text = number(value, digits)
    if text == NEARLY_ZERO:
        return "nearly 0"
    if text.startswith(MINUS):
        return f"minus {text[1:]}"
    return text.replace("∞", "infinity")


def parse(text: str) -> float:
    """Read a number as people type it: ``−.5``, ``1/9``, ``0,25``, ``2e-3``, ``∞``.

    Raises
    ------
    ValueError
        A sentence for the person who typed it.
    """
    plain = text.strip().replace(MINUS, "-").replace("–", "-").replace("⁄", "/").replace(" ", "")
    if plain.lower() in ("nan", "?"):
        return nan
    if plain.lstrip("+-") == "∞":
        return -inf if plain.startswith("-") else inf
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        if match := _FRACTION.fullmatch(plain):
            return float(match[1]) / float(match[2])
        return float(plain)
    except ZeroDivisionError:
        raise ValueError(f"‘{text.strip()}’ divides by zero.") from None
    except ValueError:
        raise ValueError(f"‘{text.strip()}’ is not a number.") from None


def nice_step(span: float, parts: float = 4.5) -> float:
    """Return the 1-2-5 step that divides ``span`` into about ``parts``."""
    raw = span / parts
    decade = 10.0 ** floor(log10(raw))
    return min((m * decade for m in (1, 2, 5, 10)), key=lambda step: abs(step - raw))


def ticks(low: float, high: float, parts: float = 4.5, plus: bool | None = None) -> list[tuple[float, str]]:
    """Return 1-2-5 ticks of a scale with both ends, each with its text.

    Parameters
    ----------
    low, high : float
        Ends of the scale, ``low < high``.
    parts : float
        About how many parts are wanted.
    plus : bool, optional
        Mark positive numbers with ``+``; left out: where the scale starts below 0.
    """
    if not (isfinite(low) and isfinite(high) and low < high):
        return []
    plus = low < 0 if plus is None else plus
    step, top = nice_step(high - low, parts), max(abs(low), abs(high))
    marks = [k * step for k in range(-floor(-low / step), floor(high / step + 1e-9) + 1)]
    inner = [m for m in marks if m - low > step * 0.45 and high - m > step * 0.45]
    middle = [(v, tick_text(v, step, top, plus)) for v in inner]
    first, last = (tick_text(v, step / 10, top, plus) for v in (low, high))  # the ends are rarely round
    return [(low, first), *middle, (high, last)]


def tick_text(value: float, step: float, top: float, plus: bool = False) -> str:
    """Write a tick of a scale that reaches ``top``, with as many figures as its step needs."""
    if value != 0 and (top < 1e-3 or top >= 1e6):
        text = power(value, 3)
    elif abs(value) >= 10_000:
        text = grouped(round(value))
    else:
        decimals = max(0, 1 - floor(log10(step) + 1e-9))
        text = fixed(value, decimals)
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"+{text}" if plus and value > 0 else text
