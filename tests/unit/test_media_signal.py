# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals: tables as text, and WAV with the integer values it stores."""

from __future__ import annotations

import gzip
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from convdesk.errors import FormatError
from convdesk.media import Source, open_bytes, open_source


def text(content: str, name: str = "a.csv") -> Source:
    return open_bytes(content.encode(), name)


def texts(source: Source) -> list[str]:
    return [note.text for note in source.notes]


@pytest.mark.parametrize(
    "content",
    ["1,2.5\n-3,4e2\n", "1\t2.5\n-3\t4e2", "1 2.5\n  -3   400\n", "1;2,5\r\n-3;400,0\r\n",
     "# units: m\n1,2.5\n\n-3,400  # end\n", "\ufeff1,2.5\n-3,400\n", "1,2.5,\n-3,400,\n"],
    ids=["comma", "tab", "blanks", "decimal-comma", "comments", "byte-order-mark", "trailing-comma"],
)  # fmt: skip
def test_columns_are_channels(content: str) -> None:
    source = text(content)
    assert (source.kind, source.spatial) == ("signal", (2,))
    assert np.array_equal(source.array(), np.array([[1, -3], [2.5, 400]], np.float32))
    assert texts(source) == ["2 columns as channels"]


def test_one_column_is_one_channel_and_one_line_is_read_along() -> None:
    assert np.array_equal(text("1\n2\n4\n").array(), [[1, 2, 4]])
    line = text("1,2,4\n")
    assert np.array_equal(line.array(), [[1, 2, 4]])
    assert texts(line) == ["one line, read along it"]
    assert np.array_equal(text("7\n").array(), [[7]])


def test_a_header_is_noted() -> None:
    source = text("time,volt\n0,1\n1,4\n")
    assert source.notes[0] == ("first line is a header", "time, volt")
    assert np.array_equal(source.array(), [[0, 1], [1, 4]])


def test_missing_values_are_nan_and_counted() -> None:
    source = text("1,2\n,4\n5,n/a\n7\nnan,8\n")
    assert "3 empty cells are NaN" in texts(source)
    expected = [[1, np.nan, 5, 7, np.nan], [2, 4, np.nan, np.nan, 8]]
    assert np.array_equal(source.array(), np.array(expected, np.float32), equal_nan=True)


def test_a_table_can_be_read_as_an_image() -> None:
    source = open_bytes(b"1,2,3\n4,5,6\n", "a.csv", kind="image")
    assert (source.kind, source.shape) == ("image", (1, 2, 3))
    assert np.array_equal(source.array()[0], [[1, 2, 3], [4, 5, 6]])


def test_decimals_become_the_nearest_float32_and_large_integers_are_noted() -> None:
    source = text("0.1\n0.2\n")
    assert np.array_equal(source.array(), np.array([[0.1, 0.2]], np.float32))
    assert source.notes == ()
    assert texts(text("16777216\n16777217\n")) == ["rounded to float32"]


def test_compressed_text_and_other_encodings(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"1,2\n3,4\n"))
    assert np.array_equal(open_source(tmp_path / "a.csv.gz").array(), [[1, 3], [2, 4]])
    assert np.array_equal(open_bytes("1\n2\n".encode("utf-16"), "a.txt").array(), [[1, 2]])
    assert np.array_equal(text("1\n2\n", "recording.log").array(), [[1, 2]])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("some words\nand more words\n", "it holds text, not numbers"),
        ("a\n1\ntwo\n", r"line 3 of the table, column 1, holds ‘two’, expected a number"),
        ("1,2\n3,x\n", r"line 2 of the table, column 2, holds ‘x’, expected a number"),
        ("# only a comment\n\n", "it is empty"),
    ],
    ids=["prose", "word-after-header", "word-in-a-row", "comments-only"],
)
def test_text_that_is_no_table_is_refused_with_the_place(content: str, reason: str) -> None:
    with pytest.raises(FormatError, match=rf"^‘a.csv’ could not be opened: {reason}\. Try .*\.$"):
        text(content)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2])
def test_pcm_keeps_its_integers(tmp_path: Path, bits: int, channels: int) -> None:
    low, high = (0, 255) if bits == 8 else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    samples = np.random.default_rng(4).integers(low, high, (50, channels), endpoint=True)
    samples[0], samples[1] = low, high
    width = bits // 8
    raw = b"".join(int(value).to_bytes(width, "little", signed=bits > 8) for value in samples.ravel())
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((channels, width, 48000, 50, "NONE", ""))
        file.writeframes(raw)
    source = open_source(tmp_path / "a.wav")
    assert source.kind == "signal"
    assert np.array_equal(source.array(), samples.T.astype(np.float32))
    assert source.notes[0].text == "48,000 Hz"
    assert ("int32 rounded to float32" in texts(source)) == (bits == 32)


def wav(code: int, bits: int, data: bytes, extensible: bool = False) -> bytes:
    """A mono WAV written by hand, with an unknown chunk before the data."""
    head = struct.pack("<HHIIHH", 0xFFFE if extensible else code, 1, 8000, 8000 * bits // 8, bits // 8, bits)
    if extensible:
        head += struct.pack("<HHIH", 22, bits, 4, code) + b"\0" * 14
    chunks = [(b"fmt ", head), (b"LIST", b"abc\0"), (b"data", data)]
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(part)) + part for name, part in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("code", "type"), [(3, "<f4"), (3, "<f8"), (1, "<i2")])
def test_float_and_extensible_wav(extensible: bool, code: int, type: str) -> None:
    values = np.array([-1, 0.5, 0.25, 3]).astype(type)
    source = open_bytes(wav(code, values.itemsize * 8, values.tobytes(), extensible), "a.wav")
    assert np.array_equal(source.array()[0], values.astype(np.float32))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (wav(2, 16, b"\0" * 8), "WAV coding 2 with 16 bits and 1 channels is not supported"),
        (wav(1, 16, b""), "it holds no samples"),
        (wav(1, 16, b"\0" * 8)[:30], "it ends too early"),
    ],
    ids=["adpcm", "no-samples", "cut"],
)
def test_wav_that_cannot_be_read_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=rf"^‘a.wav’ could not be opened: {reason}.*\. Try .*\.$"):
        open_bytes(data, "a.wav")


def test_a_cut_recording_keeps_what_is_there() -> None:
    values = np.arange(100, dtype="<i2")
    assert np.array_equal(open_bytes(wav(1, 16, values.tobytes())[:-31], "a.wav").array()[0], values[:84])
