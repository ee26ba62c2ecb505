# SPDX-License-Identifier: GPL-3.0-or-later
"""How numbers are written."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convdesk.gui import numbers

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 4, "0"),
        (-0.0, 4, "0"),
        (79.098, 4, "79.1"),
        (-0.125, 3, "−0.125"),
        (-0.125, 2, "−0.13"),
        (1e-9, 4, "≈0"),
        (-1e-9, 4, "≈0"),
        (123456.7, 4, "123457"),
        (math.nan, 4, "NaN"),
        (-math.inf, 4, "−∞"),
    ],
)
def test_number(value: float, digits: int, text: str) -> None:
    assert numbers.number(value, digits) == text


@pytest.mark.parametrize(
    ("room", "text"), [(9, "−0.125"), (6, "−0.125"), (5, "−.125"), (4, "−.13"), (3, "−.1"), (2, ""), (0, "")]
)
def test_fitted_drops_figures_then_everything(room: int, text: str) -> None:
    assert numbers.fitted(-0.125, len, room, 3) == text


@pytest.mark.parametrize(("room", "text"), [(2, "≈0"), (1, "")])
def test_fitted_never_prints_a_false_zero(room: int, text: str) -> None:
    assert numbers.fitted(1e-7, len, room) == text
    assert numbers.fitted(0, len, 1) == "0"


@given(finite, st.integers(0, 12), st.integers(1, 6))
def test_fitted_text_fits_and_is_near(value: float, room: int, digits: int) -> None:
    text = numbers.fitted(value, len, room, digits)
    assert len(text) <= room
    if text not in ("", "≈0"):
        assert abs(numbers.parse(text) - value) <= 0.51 * 10.0 ** -(len(text.partition(".")[2]))


@given(finite)
def test_exact_reads_back(value: float) -> None:
    assert numbers.parse(numbers.exact(value)) == value
    assert "-" not in numbers.exact(value)
    assert np.float32(numbers.parse(numbers.exact(np.float32(value)))) == np.float32(value)


def test_fixed_has_no_negative_zero_and_marks_signs() -> None:
    assert numbers.fixed(-0.001, 2) == "0.00"
    assert numbers.fixed(79.1, 2, plus=True) == "+79.10"
    assert numbers.fixed(-79.1, 2, plus=True) == "−79.10"


@pytest.mark.parametrize(
    ("text", "value"), [("−.5", -0.5), ("1/9", 1 / 9), ("1⁄4", 0.25), ("0,25", 0.25), (" 2e-3 ", 0.002), ("-3", -3)]
)
def test_parse_reads_what_people_type(text: str, value: float) -> None:
    assert numbers.parse(text) == value


@pytest.mark.parametrize("text", ["", "abc", "1/0", "1,2,3", "--1"])
def test_parse_refuses_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"‘.*’ .+\.$"):
        numbers.parse(text)


def test_small_formats() -> None:
    assert numbers.grouped(1204) == "1,204"
    assert numbers.compact(8.2e6) == "8.2 M"
    assert numbers.compact(52) == "52"
    assert numbers.seconds(0.0031) == "3.1 ms"
    assert numbers.seconds(0.00002) == "0.02 ms"
    assert numbers.seconds(125) == "2 min 5 s"
    assert numbers.size((512, 5400)) == "512 × 5,400"
    assert numbers.coordinates(-1, 246) == "−1, 246"
    assert numbers.power(1.2e-7) == "1.2·10⁻⁷"
    assert numbers.spoken(-0.125) == "minus 0.125"
    assert numbers.signed(79.098) == "+79.1"


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 255, ["0", "50", "100", "150", "200", "255"]),
        (-100, 100, ["−100", "−50", "0", "+50", "+100"]),
        (-0.188, 0.188, ["−0.188", "−0.1", "0", "+0.1", "+0.188"]),
        (0, 65535, ["0", "20,000", "40,000", "65,535"]),
    ],
)
def test_ticks(low: float, high: float, texts: list[str]) -> None:
    parts = 3.0 if high == 65535 else 4.5
    assert [t for _, t in numbers.ticks(low, high, parts)] == texts


@given(finite, finite)
def test_ticks_are_ordered_and_keep_the_ends(a: float, b: float) -> None:
    low, high = sorted((a, b))
    ticks = numbers.ticks(low, high)
    if ticks:
        values = [v for v, _ in ticks]
        assert values == sorted(values)
        assert (values[0], values[-1]) == (low, high)
        assert len(values) < 20


def test_needs_no_qt() -> None:
    import subprocess

    code = "import sys, convdesk.gui.numbers; sys.exit('PyQt6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
