# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers of results, one class per format. A file appears whole or not at all."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import BinaryIO, ClassVar, NamedTuple

import numpy as np

from convdesk.errors import ParameterError, ShapeError
from convdesk.media.atomic import replacing
from convdesk.media.png16 import write_png16
from convdesk.media.source import KINDS


class WriteReport(NamedTuple):
    """Where a result was written, and what the reader of the file should know."""

    path: Path
    note: str = ""


class Sink(ABC):
    """One output format: ``name`` as on the command line, ``suffix`` of its files, ``title`` as in a dialog."""

    name: ClassVar[str]
    suffix: ClassVar[str]
    title: ClassVar[str]

    def write(
        self, path: str | os.PathLike[str], array: np.ndarray, *, kind: str, value_range: tuple[float, float]
    ) -> WriteReport:
        """Write an array, replacing the file at ``path`` at once or leaving it untouched.

        Parameters
        ----------
        path : the file; its folder is made when there is none.
        array : (C, *spatial), real numbers.
        kind : "image", "signal" or "volume".
        value_range : the values shown as black and white, used by formats for display only.

        Raises
        ------
        ShapeError : the format cannot hold this shape. ParameterError : an unknown kind or an empty range.
        FormatError : the file cannot be written: no permission, no space, and so on.
        """
        path, array = Path(path), np.asarray(array)
        if kind not in KINDS:
            raise ParameterError(f"kind {kind!r}, expected one of {', '.join(KINDS)}")
        if array.ndim != KINDS[kind] + 1 or 0 in array.shape:
            raise ShapeError(f"{kind} of shape {array.shape}, expected (C, {KINDS[kind]} axes of one or more)")
        refusal = self.refuse(array.shape, kind)
        if refusal:
            raise ShapeError(f"‘{path.name}’: {refusal}")
        with replacing(path) as stream:
            note = self._encode(stream, array, kind, value_range)
        return WriteReport(path, note)

    def refuse(self, shape: tuple[int, ...], kind: str) -> str | None:
        """Why the format cannot hold an array of this shape and kind; None when it can."""
        return None

    @abstractmethod
    def _encode(self, stream: BinaryIO, array: np.ndarray, kind: str, value_range: tuple[float, float]) -> str:
        """Write the file's bytes; returns the note."""


class NpySink(Sink):
    """float32 (C, *spatial) as ``numpy.save`` writes it: exact."""

    name, suffix, title = "npy", ".npy", "NumPy array, exact"

    def _encode(self, stream: BinaryIO, array: np.ndarray, kind: str, value_range: tuple[float, float]) -> str:
        np.save(stream, np.ascontiguousarray(array, dtype=np.float32), allow_pickle=False)
        return ""


class TiffSink(Sink):
    """float32 TIFF, exact: three channels as RGB, others as planes; each slice of a volume is a page."""

    name, suffix, title = "tiff", ".tif", "Float TIFF, exact"

    def refuse(self, shape: tuple[int, ...], kind: str) -> str | None:
        return "TIFF holds images and volumes, not signals; CSV and NPY hold signals" if kind == "signal" else None

    def _encode(self, stream: BinaryIO, array: np.ndarray, kind: str, value_range: tuple[float, float]) -> str:
        import tifffile

        values = np.asarray(array, dtype=np.float32)
        big = values.nbytes > 4_000_000_000
        pages = np.moveaxis(values, 1, 0) if kind == "volume" else values[None]
        with tifffile.TiffWriter(stream, bigtiff=big) as tiff:
            for page in pages:
                if len(page) == 3:
                    tiff.write(np.ascontiguousarray(np.moveaxis(page, 0, -1)), photometric="rgb", metadata=None)
                elif len(page) == 1:
                    tiff.write(page[0], photometric="minisblack", metadata=None)
                else:
                    planes, more = np.ascontiguousarray(page), [0] * (len(page) - 1)
                    tiff.write(
                        planes, photometric="minisblack", planarconfig="separate", extrasamples=more, metadata=None
                    )
        return ""


class PngSink(Sink):
    """8-bit PNG of what the screen shows: ``value_range`` becomes 0…255."""

    name, suffix, title = "png", ".png", "PNG, as displayed, 8 bit"
    top: ClassVar[int] = 255

    def refuse(self, shape: tuple[int, ...], kind: str) -> str | None:
        if kind != "image":
            return f"PNG holds images, not {kind}s; TIFF and NPY hold volumes, CSV and NPY signals"
        if shape[0] not in (1, 3):
            return f"PNG holds 1 or 3 channels, the result has {shape[0]}; TIFF and NPY hold any number"
        return None

    def _encode(self, stream: BinaryIO, array: np.ndarray, kind: str, value_range: tuple[float, float]) -> str:
        levels, note = to_levels(array, value_range, self.top)
        self._save(stream, levels[0] if len(levels) == 1 else np.ascontiguousarray(np.moveaxis(levels, 0, -1)))
        return note

    def _save(self, stream: BinaryIO, pixels: np.ndarray) -> None:
        import PIL.Image

        PIL.Image.fromarray(pixels).save(stream, format="PNG")


class Png16Sink(PngSink):
    """16-bit PNG: ``value_range`` becomes 0…65,535."""

    name, suffix, title = "png16", ".png", "PNG, as displayed, 16 bit"
    top: ClassVar[int] = 65535

    def _save(self, stream: BinaryIO, pixels: np.ndarray) -> None:
        write_png16(stream, pixels)


class CsvSink(Sink):
    """Text with a column per channel and a line per sample; nine digits, which give back the same float32."""

    name, suffix, title = "csv", ".csv", "CSV, columns of numbers"

    def refuse(self, shape: tuple[int, ...], kind: str) -> str | None:
        return None if kind == "signal" else f"CSV holds signals, not {kind}s; TIFF and NPY hold them exactly"

    def _encode(self, stream: BinaryIO, array: np.ndarray, kind: str, value_range: tuple[float, float]) -> str:
        header = ",".join(f"channel_{index}" for index in range(len(array)))
        np.savetxt(stream, array.T.astype(np.float32), "%.9g", ",", header=header, comments="", encoding="ascii")
        return ""


FORMATS: dict[str, Sink] = {sink.name: sink for sink in (TiffSink(), PngSink(), Png16Sink(), NpySink(), CsvSink())}
"""Every output format by its name."""


def sink_for(format: str) -> Sink:
    """The sink of a format name, or of a file suffix ("png", "tif", ".npy").

    Raises
    ------
    ParameterError : unknown format; the message lists the known ones.
    """
    key = format.lower().lstrip(".")
    found = FORMATS.get({"tif": "tiff"}.get(key, key))
    if found is None:
        raise ParameterError(f"output format {format!r}, expected one of {', '.join(FORMATS)}")
    return found


def to_levels(array: np.ndarray, value_range: tuple[float, float], top: int) -> tuple[np.ndarray, str]:
    """Display levels 0…top of values, and the sentence that says what was mapped, clipped or not a number.

    ``value_range`` is mapped linearly and rounded to nearest; values outside are clipped, a NaN becomes 0.
    """
    low, high = (float(bound) for bound in value_range)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ParameterError(f"display range {low:g}…{high:g}, expected two finite numbers, the smaller one first")
    values = np.asarray(array, dtype=np.float64)
    missing = np.isnan(values)
    below, above = int((values < low).sum()), int((values > high).sum())
    levels = np.rint((np.where(missing, low, np.clip(values, low, high)) - low) * (top / (high - low)))
    levels[missing] = 0
    parts = []
    if (low, high) != (0.0, float(top)):
        parts.append(f"{_short(low)} … {_short(high)} shown as 0 … {top:,}")
    if below or above:
        parts.append(f"{below:,} values below and {above:,} above the display range were clipped")
    if missing.any():
        parts.append(f"{int(missing.sum()):,} NaN written as 0")
    return levels.astype(np.uint8 if top == 255 else np.uint16), "; ".join(parts)


def _short(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")
