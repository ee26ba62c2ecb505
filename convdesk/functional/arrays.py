# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays at the door: which types are taken, what they are computed in, and how a result leaves."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from convdesk.errors import ConvDeskError, DTypeError, ParameterError, ShapeError
from convdesk.geometry import MODES, check_mode
from convdesk.network.problem import DTYPES

FLOAT16, FLOAT32, FLOAT64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)
COMPUTE = {name: np.dtype(kind) for name, kind in DTYPES.items()}
BLOCK = 32768
"""Values that are rounded together."""
FEW = 16
"""Channels, at most, that are copied one by one."""
TAKEN = "bool, integers and floats of at most 64 bits"


def located(where: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call, and put the name of the public function in front of what it complains about."""
    try:
        return function(*args, **kwargs)
    except ConvDeskError as error:
        raise type(error)(f"{where}: {error}") from None


def as_array(value: Any, where: str, what: str) -> np.ndarray:
    """An argument as a host array of a type that can be computed; never a copy of an array."""
    if type(value) is not np.ndarray:
        if hasattr(value, "__cuda_array_interface__"):
            raise DTypeError(f"{where}: {what} lives in GPU memory, expected an array of the host")
        try:
            value = np.asarray(value)
        except ValueError as error:
            raise ShapeError(f"{where}: {what} is not an array: {error}") from None
    if not taken(value.dtype):
        raise DTypeError(f"{where}: {what} has dtype {value.dtype}, expected {TAKEN}")
    return value


def taken(dtype: np.dtype[Any]) -> bool:
    """Whether values of this type can be computed with."""
    return dtype.kind in "biuf" and dtype.itemsize <= 8


def compute_type(*dtypes: np.dtype[Any]) -> str:
    """Compute type of operands, a key of DTYPES: "f64" for float64 and integers beyond 16 bits, else "f32"."""
    return "f64" if any(dtype.itemsize > (4 if dtype.kind == "f" else 2) for dtype in dtypes) else "f32"


def natural_result(dtype: np.dtype[Any], compute: str) -> np.dtype[Any]:
    """Type of a result when none is asked for: the compute type, but float16 stays float16."""
    return FLOAT16 if dtype == FLOAT16 else np.dtype(DTYPES[compute])


def as_operand(array: np.ndarray, compute: str) -> np.ndarray:
    """The array in its compute type, native byte order and whole-element strides; a copy only where that needs one."""
    dtype = COMPUTE[compute]
    if array.dtype != dtype:
        with np.errstate(all="ignore"):  # a float64 beyond float32 is an infinity there
            return array.astype(dtype)
    if array.flags.carray:  # the usual case, said first because small calls cost no more than such questions
        return array
    if not array.flags.aligned or any(step % dtype.itemsize for step in array.strides):
        return array.copy()
    return array


def apart(planes: np.ndarray, compute: str) -> np.ndarray:
    """:func:`as_operand` of planes, channels first; interleaved ones are taken apart, which costs less than to read so.

    Only up to FEW channels, beyond which the copy is as slow as the reading that it saves.
    """
    if not 1 < len(planes) <= FEW or abs(planes.strides[-1]) == planes.itemsize:
        return as_operand(planes, compute)
    found = np.empty(planes.shape, COMPUTE[compute])
    with np.errstate(all="ignore"):
        for channel, plane in enumerate(planes):
            np.copyto(found[channel], plane, casting="unsafe")
    return found


def edge_mode(value: Any, where: str, what: str) -> tuple[str, float]:
    """(mode, fill) of a boundary: the name of a mode, or the number that a constant one repeats."""
    if not isinstance(value, (bool, np.bool_)) and isinstance(value, numbers.Real):
        return "constant", float(value)
    if isinstance(value, str) and value in MODES and value != "constant":
        return check_mode(value), 0.0
    named = ", ".join(mode for mode in MODES if mode != "constant")
    raise ParameterError(f"{where}: {what}: got {value!r}, expected one of {named}, or the number of a constant edge")


def result_dtype(dtype: Any, where: str) -> np.dtype[Any]:
    """The type that a caller asks the result to have."""
    try:
        wanted = np.dtype(dtype).newbyteorder("=")
    except TypeError:
        raise DTypeError(f"{where}: dtype: got {dtype!r}, expected {TAKEN}") from None
    if not taken(wanted):
        raise DTypeError(f"{where}: dtype: got {wanted}, expected {TAKEN}")
    return wanted


def converted(values: np.ndarray, dtype: np.dtype[Any], out: np.ndarray | None = None) -> np.ndarray:
    """C-contiguous values of the wanted type: integers rounded to nearest (ties to even) and saturated, a NaN as 0.

    They are written into ``out`` if there is one, however it lies; it must not share memory with ``values``.
    """
    if values.dtype == dtype and out is None and values.flags.c_contiguous:
        return values
    found = np.empty(values.shape, dtype) if out is None else out
    with np.errstate(all="ignore"):
        if values.ndim and values.shape[-1] <= FEW and not values.flags.c_contiguous:
            for channel in range(values.shape[-1]):  # NumPy would loop over the few innermost ones
                _convert(values[..., channel], found[..., channel])
        else:
            _convert(values, found)
    return found


def _convert(values: np.ndarray, found: np.ndarray) -> None:
    kind = found.dtype.kind
    if kind == "f" or values.dtype.kind in "iu" or values.dtype == found.dtype:
        np.copyto(found, values, casting="unsafe")
    elif found.dtype.itemsize > 2 or values.dtype.itemsize < 4 or not values.size or not values.ndim:
        found[...] = _rounded(values, found.dtype)
    else:  # a float holds every such integer; what lies between the roundings stays in the processor's cache
        low, high = (0, 1) if kind == "b" else (np.iinfo(found.dtype).min, np.iinfo(found.dtype).max)
        rows = max(1, BLOCK // max(1, values[0].size))
        for first in range(0, len(values), rows):
            part = np.rint(values[first : first + rows], order="C")
            if low:
                part[np.isnan(part)] = 0
            np.fmax(part, low, out=part)  # a NaN is the other one
            np.fmin(part, high, out=part)
            np.copyto(found[first : first + rows], part, casting="unsafe")


def _rounded(values: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    """Floats as integers of any width."""
    rounded = np.nan_to_num(np.rint(values), nan=0.0, posinf=np.inf, neginf=-np.inf)
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    # the largest integer of 32 or 64 bits may have no float: compare first, then convert only what fits
    above, below = rounded >= float(high), rounded <= float(low)
    found = np.where(above | below, 0, rounded).astype(dtype, order="C")
    found[above], found[below] = high, low
    return found


def check_out(out: Any, shape: Sequence[int], dtype: np.dtype[Any], where: str, what: str = "out") -> None:
    """Raise when a caller's array cannot take the result as it is."""
    if out is None:
        return
    if not isinstance(out, np.ndarray):
        raise ParameterError(f"{where}: {what}: got {type(out).__name__}, expected a NumPy array")
    if out.shape != shape and out.shape != tuple(shape):
        raise ShapeError(f"{where}: {what} has shape {out.shape}, expected {tuple(shape)}")
    if out.dtype != dtype:
        raise DTypeError(f"{where}: {what} has dtype {out.dtype}, expected {dtype}")
    if not out.flags.writeable:
        raise ParameterError(f"{where}: {what} is read-only, expected an array that can be written")


def direct(out: np.ndarray | None, dtype: np.dtype[Any], operands: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """``out`` if a backend can write it itself: contiguous, of the compute type, no memory shared with an operand."""
    if out is None or out.dtype != dtype or not out.flags.carray:
        return None
    for array in operands:
        if array is not None and np.may_share_memory(out, array):
            return None
    return out


def delivered(values: np.ndarray, out: np.ndarray | None, dtype: np.dtype[Any]) -> np.ndarray:
    """Values in the type of the result: in the caller's array, or as a new one."""
    return converted(values, dtype, out)
