# SPDX-License-Identifier: GPL-3.0-or-later
"""What every layer above works with: a described array that may still be on disk.

A source is a frozen description (kind, channels, size, display range) plus ``read(box)``. Reading never rescales: 8-bit
data stay 0…255, 16-bit data 0…65535, delivered as float32. The display range is a separate statement about the values.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from convdesk.errors import DTypeError, ParameterError, ShapeError

KINDS = {"signal": 1, "image": 2, "volume": 3}
"""Number of spatial axes of each kind."""

COMPUTE_DTYPE = np.dtype(np.float32)
SCAN_LIMIT = 1 << 27
"""Up to this many values are searched for their extremes when a source is made; of more, a sample."""
TAKE_BYTES = 1 << 26
"""Bytes that are read in one go to take scattered samples."""
_CHUNK = 1 << 24  # elements looked at in one go, so that a scan of a mapped file stays small in memory


class Note(NamedTuple):
    """Something that was done to the data on the way in, shown as a chip: a few words and a sentence."""

    text: str
    detail: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Source(ABC):
    """An image, a signal or a volume: a frozen description, and boxes of values on request.

    Attributes
    ----------
    kind : "image", "signal" or "volume".
    channels : number of channels, at least 1.
    spatial : sizes of the spatial axes: (n,), (rows, columns) or (depth, rows, columns).
    stored_dtype : type of the numbers in the file or array; what is delivered is always ``dtype``, float32.
    value_range : display range: by convention for 8 and 16 bit, else the finite minimum and maximum of the data.
    name : file name, or what the source is called on screen.
    notes : what was converted on the way in.
    path : the file, or None for arrays, pasted data and generated inputs.
    pages : how many pages, frames or arrays the file holds; this source is one of them (or all, as a volume).
    """

    kind: str
    channels: int
    spatial: tuple[int, ...]
    stored_dtype: np.dtype
    value_range: tuple[float, float]
    name: str
    notes: tuple[Note, ...] = ()
    path: Path | None = None
    pages: int = 1

    @property
    def dtype(self) -> np.dtype:
        """The type that ``read`` delivers."""
        return COMPUTE_DTYPE

    @property
    def shape(self) -> tuple[int, ...]:
        """(C, *spatial)."""
        return (self.channels, *self.spatial)

    def read(self, box: Sequence[object]) -> np.ndarray:
        """Values of a box.

        Parameters
        ----------
        box : per spatial axis a (start, stop) pair, a span or a slice (with a positive step), inside the bounds.

        Returns
        -------
        Read-only float32 array (C, *sizes); a view of memory that the source keeps where that is possible.

        Raises
        ------
        ShapeError : wrong number of axes, or a box that leaves the bounds.
        """
        values = self._load(self._slices(box))
        values.flags.writeable = False
        return values

    def take(self, index: Sequence[np.ndarray]) -> np.ndarray:
        """Values at the product of some indices per axis, as a zoomed-out view wants them.

        Parameters
        ----------
        index : per spatial axis, integers inside the bounds, in any order; float32 (C, *lengths) comes back.
        """
        if not all(len(axis) for axis in index):
            return np.empty((self.channels, *(len(axis) for axis in index)), COMPUTE_DTYPE)
        return self._take(tuple(np.asarray(axis) for axis in index))

    def _take(self, index: tuple[np.ndarray, ...]) -> np.ndarray:
        """Read by runs of the first axis, each small enough to be dropped again: files may exceed the memory."""
        rest = tuple((int(axis.min()), int(axis.max()) + 1) for axis in index[1:])
        row_bytes = 4 * self.channels * int(np.prod([stop - start for start, stop in rest], dtype=np.int64))
        out = np.empty((self.channels, *(len(axis) for axis in index)), COMPUTE_DTYPE)
        order = np.argsort(index[0], kind="stable")
        runs = (index[0][order] - index[0].min()) // max(1, TAKE_BYTES // row_bytes)
        for run in np.split(order, np.flatnonzero(np.diff(runs)) + 1):
            first, last = int(index[0][run].min()), int(index[0][run].max())
            block = self.read(((first, last + 1), *rest))
            places = (axis - start for axis, (start, _) in zip(index[1:], rest, strict=True))
            cells: tuple[slice | np.ndarray, ...] = (slice(None), *np.ix_(index[0][run] - first, *places))
            out[:, run] = block[cells]
        return out

    def array(self) -> np.ndarray:
        """Everything: read-only float32 array (C, *spatial)."""
        return self.read(tuple((0, size) for size in self.spatial))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal that tells sources with different values apart; computed when first asked for.

        Of a file opened in the ordinary way it is the SHA-256 of the file's bytes.
        """
        return self._digest()

    @abstractmethod
    def _load(self, slices: tuple[slice, ...]) -> np.ndarray:
        """Float32 (C, *sizes) of slices with explicit start, stop and step; must be safe from several threads."""

    @abstractmethod
    def _digest(self) -> str:
        """The fingerprint, computed."""

    def _slices(self, box: Sequence[object]) -> tuple[slice, ...]:
        if len(box) != len(self.spatial):
            raise ShapeError(f"source ‘{self.name}’: the box has {len(box)} axes, expected {len(self.spatial)}")
        return tuple(self._slice(item, axis) for axis, item in enumerate(box))

    def _slice(self, item: Any, axis: int) -> slice:
        if isinstance(item, slice):
            start, stop, step = item.start, item.stop, item.step
        else:
            start, stop = (item.start, item.stop) if hasattr(item, "start") else item
            step = None
        size = self.spatial[axis]
        start, stop, step = (0 if start is None else start), (size if stop is None else stop), step or 1
        if not (0 <= start <= stop <= size) or step < 1:
            got = f"box [{start}, {stop}) with step {step} on axis {axis}"
            raise ShapeError(f"source ‘{self.name}’: {got}, expected within [0, {size})")
        return slice(start, stop, step)


class ArraySource(Source):
    """A source over an array in memory, or over a mapped file that behaves like one.

    Parameters
    ----------
    array : (C, *spatial), real numbers. It is not copied and must not be changed afterwards.
    kind : "signal", "image" or "volume"; by default told from the number of axes.
    value_range : display range, by default ``display_range(array)``.
    fingerprint : how to compute the fingerprint; by default from shape, type and values.
    """

    def __init__(
        self,
        array: np.ndarray,
        kind: str | None = None,
        name: str = "array",
        value_range: tuple[float, float] | None = None,
        notes: Sequence[Note] = (),
        *,
        path: Path | None = None,
        pages: int = 1,
        stored_dtype: np.dtype | None = None,
        fingerprint: Callable[[], str] | None = None,
    ) -> None:
        array = np.asanyarray(array)
        kind = kind or {axes: kind for kind, axes in KINDS.items()}.get(array.ndim - 1)
        if kind not in KINDS:
            raise ParameterError(f"source ‘{name}’: kind {kind!r} with {array.ndim} axes, expected one of {[*KINDS]}")
        if array.ndim != KINDS[kind] + 1 or 0 in array.shape:
            raise ShapeError(f"source ‘{name}’: shape {array.shape}, expected (C, {KINDS[kind]} axes of one or more)")
        if array.dtype.kind not in "biuf":
            raise DTypeError(f"source ‘{name}’: got {array.dtype} numbers, expected real ones")
        scanned = _sample(array)
        notes = (*notes, *inexact_note(scanned))
        value_range = value_range or display_range(scanned)
        if scanned.size < array.size and conventional_range(array.dtype) is None:
            notes += (Note("display range from a sample", "The data are too large to be searched for their extremes."),)
        super().__init__(
            kind=kind,
            channels=int(array.shape[0]),
            spatial=tuple(int(size) for size in array.shape[1:]),
            stored_dtype=np.dtype(stored_dtype or array.dtype).newbyteorder("="),
            value_range=value_range,
            name=name,
            notes=notes,
            path=path,
            pages=pages,
        )
        self._array = array
        self._fingerprint = fingerprint

    def _take(self, index: tuple[np.ndarray, ...]) -> np.ndarray:
        cells: tuple[slice | np.ndarray, ...] = (slice(None), *np.ix_(*index))
        return np.asarray(self._array[cells], dtype=COMPUTE_DTYPE)

    def _load(self, slices: tuple[slice, ...]) -> np.ndarray:
        part = np.asarray(self._array[(slice(None), *slices)])
        if part.dtype == COMPUTE_DTYPE:
            return part.view()
        return planar_float32(part)

    def _digest(self) -> str:
        return self._fingerprint() if self._fingerprint else array_sha256(self._array)


def planar_float32(array: np.ndarray) -> np.ndarray:
    """C-ordered float32 copy of (C, *spatial), channel by channel: of interleaved data several times faster."""
    out = np.empty(array.shape, COMPUTE_DTYPE)
    with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinity, which a note announces
        for target, channel in zip(out, array, strict=True):
            target[...] = channel
    return out


def conventional_range(dtype: np.dtype) -> tuple[float, float] | None:
    """Display range that the type alone decides: 0–1, 0–255 or 0–65535; None for the others."""
    return {"bool": (0.0, 1.0), "uint8": (0.0, 255.0), "uint16": (0.0, 65535.0)}.get(dtype.name)


def display_range(array: np.ndarray) -> tuple[float, float]:
    """Display range of an array: 0–1 for bool, 0–255, 0–65535, otherwise the finite minimum and maximum.

    Constant data get a range of width above zero that contains 0, so that nobody divides by it; data without a finite
    number get 0–1.
    """
    conventional = conventional_range(array.dtype)
    if conventional:
        return conventional
    low, high = np.inf, -np.inf
    for block in _blocks(array):
        finite = block[np.isfinite(block)] if block.dtype.kind == "f" else block
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if low < high:
        return low, high
    return (min(low, 0.0), max(high, 0.0)) if np.isfinite(low) and low != 0 else (0.0, 1.0)


def inexact_note(array: np.ndarray) -> tuple[Note, ...]:
    """A note when some value of the array is not a float32."""
    if array.dtype.itemsize <= 2 or array.dtype == np.float32:
        return ()
    if all(_exact_in_float32(block) for block in _blocks(array)):
        return ()
    detail = f"The file holds {array.dtype.name}; some values are rounded to the nearest float32 (24 significant bits)."
    return (Note(f"{array.dtype.name} rounded to float32", detail),)


def _exact_in_float32(block: np.ndarray) -> bool:
    if block.dtype.kind == "f":
        with np.errstate(over="ignore", under="ignore"):
            return bool(np.array_equal(block.astype(np.float32).astype(block.dtype), block, equal_nan=True))
    magnitude = np.where(block < 0, 0 - block.astype(np.uint64), block.astype(np.uint64))
    lowest_bit = np.maximum(magnitude & (~magnitude + np.uint64(1)), np.uint64(1))
    return bool((magnitude // lowest_bit <= 1 << 24).all())


def _sample(array: np.ndarray) -> np.ndarray:
    """The array itself, or of a very large one every k-th value along each long axis."""
    if array.size <= SCAN_LIMIT:
        return array
    long_axes = sum(size > 64 for size in array.shape)
    step = int(np.ceil((array.size / SCAN_LIMIT * 8) ** (1 / max(1, long_axes))))
    return array[tuple(slice(None, None, step if size > 64 else 1) for size in array.shape)]


def _blocks(array: np.ndarray) -> Iterator[np.ndarray]:
    """Pieces of bounded size that cover an array, along its longest axes first."""
    if array.size <= _CHUNK:
        yield np.asarray(array)
        return
    axis = int(np.argmax(array.shape))
    step = max(1, array.shape[axis] * _CHUNK // array.size)
    for start in range(0, array.shape[axis], step):
        yield from _blocks(array[(slice(None),) * axis + (slice(start, start + step),)])


def array_sha256(array: np.ndarray) -> str:
    """SHA-256 of shape, type and values of an array."""
    digest = hashlib.sha256(f"{array.shape} {array.dtype.newbyteorder('=').name}".encode())
    for row in array:
        digest.update(np.ascontiguousarray(row, dtype=array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
