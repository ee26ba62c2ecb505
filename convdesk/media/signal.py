# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals: tables of numbers as text (CSV, TSV, columns) and WAV."""

from __future__ import annotations

import csv
import struct

import numpy as np

from convdesk.media.origin import Origin
from convdesk.media.source import ArraySource, Note, Source

_MISSING = ("", "nan", "na", "n/a", "-", "null", "none")
_TEXT_LIMIT = 256 << 20


def read_text(origin: Origin, kind: str | None = None) -> Source:
    """Open a table of numbers as text, gzip-compressed or not.

    Columns are channels and lines are samples; a single line is read along the line. Separators are comma, semicolon
    (then a decimal comma is understood), tab or blanks; ``#`` begins a comment; a first line of words is a header.

    Parameters
    ----------
    kind : "image" reads the table as a matrix of one channel.
    """
    lines = [
        line for line in (raw.split("#", 1)[0].strip("\r\n") for raw in _text(origin).splitlines()) if line.strip()
    ]
    if not lines:
        raise origin.error("it is empty", "a file with one number per line or columns of numbers")
    delimiter = next((mark for mark in "\t;," if mark in lines[0]), None)
    rows = list(csv.reader(lines, delimiter=delimiter)) if delimiter else [line.split() for line in lines]
    if delimiter == ";":
        rows = [[cell.replace(",", ".") for cell in row] for row in rows]
    notes: tuple[Note, ...] = ()
    header = [cell.strip() for cell in rows[0]]
    if any(_number(cell) is None for cell in header):
        if len(rows) == 1 or all(_number(cell) is None for cell in rows[1]):
            raise origin.error("it holds text, not numbers", "a table of numbers, with at most one line of titles")
        notes += (Note("first line is a header", ", ".join(header)),)
        rows = rows[1:]
    table, missing = _table(origin, rows, len(lines) - len(rows))
    if missing:
        notes += (Note(f"{missing:,} empty cells are NaN", "A missing value is not a number, never 0."),)
    if kind == "image":
        return _source(origin, table[None], "image", notes, "image")
    columns = table.T if len(table) > 1 or table.shape[1] == 1 else table
    if len(table) == 1 and table.shape[1] > 1:
        notes += (Note("one line, read along it", "Several lines would be samples and their columns channels."),)
    elif len(columns) > 1:
        notes += (Note(f"{len(columns)} columns as channels", "Opened as an image, the table is a matrix."),)
    return _source(origin, columns, "signal", notes, "")


def _source(origin: Origin, values: np.ndarray, kind: str, notes: tuple[Note, ...], selection: str) -> Source:
    """Decimal text has no binary type: each number becomes the float32 nearest to it."""
    with np.errstate(over="ignore"):
        single = np.ascontiguousarray(values, dtype=np.float32)
    whole = np.isfinite(values) & (values == np.rint(values)) & (np.abs(values) < 2.0**63)
    if (single[whole].astype(np.float64) != values[whole]).any():
        notes += (Note("rounded to float32", "Some whole numbers have more than 24 significant bits."),)
    return ArraySource(
        single, kind, origin.name, notes=notes, path=origin.path, fingerprint=lambda: origin.fingerprint(selection)
    )


def _text(origin: Origin) -> str:
    with origin.reading("copying it again"), origin.open_expanded() as stream:
        data = stream.read(_TEXT_LIMIT + 1)
    if len(data) > _TEXT_LIMIT:
        raise origin.error(f"as text it is larger than {_TEXT_LIMIT >> 20} MB", "saving it as NPY")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:4096]:
        raise origin.error("it is neither text nor a format that is known here", "PNG, JPEG, TIFF, NPY, CSV or WAV")
    return data.decode("utf-8-sig", errors="replace")


def _number(cell: str) -> float | None:
    """Value of a cell; NaN when it is empty or says so, None when it is a word."""
    try:
        return float(cell)
    except ValueError:
        return float("nan") if cell.strip().lower() in _MISSING else None


def _table(origin: Origin, rows: list[list[str]], skipped: int) -> tuple[np.ndarray, int]:
    """Numbers (rows, columns) and how many cells are missing; a trailing separator on every line is no column."""
    width = max(len(row) for row in rows)
    if width > 1 and all(len(row) < width or not row[-1].strip() for row in rows):
        rows, width = [row[: width - 1] for row in rows], width - 1
    try:
        return np.array(rows, dtype=np.float64), 0
    except ValueError:  # a missing cell, a short line or a word: look at each cell
        table = np.full((len(rows), width), np.nan)
    missing = 0
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            value = _number(cell)
            if value is None:
                reason = f"line {index + 1 + skipped} of the table, column {column + 1}, holds ‘{cell.strip()[:40]}’"
                raise origin.error(f"{reason}, expected a number", "removing or emptying that cell")
            table[index, column] = value
            missing += cell.strip().lower() in _MISSING and cell.strip().lower() != "nan"
        missing += width - len(row)
    return table, missing


def read_wav(origin: Origin) -> Source:
    """Open uncompressed WAV: PCM of 8, 16, 24 or 32 bits with its integer values, or floating point."""
    with origin.open() as stream:
        data = stream.read()
    chunks = _riff_chunks(data)
    if "fmt " not in chunks or "data" not in chunks or len(chunks["fmt "]) < 16:
        raise origin.error("it ends too early; part of the file is missing", "copying it again")
    code, channels, rate, _, frame, bits = struct.unpack("<HHIIHH", chunks["fmt "][:16])
    if code == 0xFFFE and len(chunks["fmt "]) >= 26:  # extensible: the code proper begins the sub-format
        code = struct.unpack("<H", chunks["fmt "][24:26])[0]
    types = {(1, 8): "u1", (1, 16): "<i2", (1, 24): "u1", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}
    if (code, bits) not in types or not channels or frame != channels * bits // 8:
        reason = f"WAV coding {code} with {bits} bits and {channels} channels is not supported"
        raise origin.error(reason, "saving it as 16-bit PCM")
    body = chunks["data"][: len(chunks["data"]) // frame * frame]
    if not body:
        raise origin.error("it holds no samples", "recording it again")
    samples = np.frombuffer(body, types[code, bits])
    if bits == 24:
        wide = np.zeros((samples.size // 3, 4), np.uint8)
        wide[:, 1:] = samples.reshape(-1, 3)
        samples = wide.view("<i4")[:, 0] >> 8
    values = np.ascontiguousarray(samples.reshape(-1, channels).T)
    seconds = values.shape[1] / rate if rate else 0.0
    coding = f"{bits}-bit {'float' if code == 3 else 'PCM'}"
    note = Note(f"{rate:,} Hz", f"{seconds:.3f} s, {channels} channels, {coding}; values and positions as stored.")
    return ArraySource(values, "signal", origin.name, notes=(note,), path=origin.path, fingerprint=origin.fingerprint)


def _riff_chunks(data: bytes) -> dict[str, bytes]:
    """Chunks of a RIFF file by name; a cut or unfinished last one keeps what is there."""
    chunks: dict[str, bytes] = {}
    position = 12
    while position + 8 <= len(data):
        name, size = data[position : position + 4].decode("latin-1"), struct.unpack_from("<I", data, position + 4)[0]
        chunks.setdefault(name, data[position + 8 : position + 8 + size])
        position += 8 + size + size % 2
    return chunks
