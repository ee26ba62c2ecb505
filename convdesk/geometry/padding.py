# SPDX-License-Identifier: GPL-3.0-or-later
"""What the words and numbers that people write for padding mean, as ``(lo, hi)`` per axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convdesk.errors import ParameterError
from convdesk.geometry.window import Window

Pairs = tuple[tuple[int, int], ...]
NAMES = ("valid", "same", "full")


def is_int(value: object) -> bool:
    """True for Python and NumPy integers, not for bools."""
    return hasattr(value, "__index__") and not isinstance(value, bool)


def per_axis(value: Any, ndim: int, what: str, least: int | None = None) -> tuple[int, ...]:
    """An int, or one int per axis, as a tuple of ``ndim`` ints no smaller than ``least``."""
    if type(value) is int and (least is None or value >= least):
        return (value,) * ndim  # what nearly every call gives
    items = (value,) * ndim if is_int(value) else value
    if isinstance(items, str) or not hasattr(items, "__len__") or len(items) == 0:
        raise ParameterError(f"{what}: got {value!r}, expected an int or {ndim} ints, one per axis")
    if len(items) == 1 and ndim > 1:
        items = tuple(items) * ndim
    if len(items) != ndim or not all(is_int(item) for item in items):
        raise ParameterError(f"{what}: got {value!r}, expected an int or {ndim} ints, one per axis")
    numbers = tuple(int(item) for item in items)
    if least is not None and min(numbers) < least:
        raise ParameterError(f"{what}: got {value!r}, expected at least {least}")
    return numbers


def named_padding(name: str, window: Window) -> tuple[int, int]:
    """(lo, hi) of "valid", "same" or "full" for one window, whose own padding is ignored.

    "same" pads extent − 1 in all, ⌊(extent − 1)/2⌋ of it before the first sample, whatever the stride: with stride s it
    is every s-th sample of the stride-1 result, so computing with a stride equals computing all and dropping.
    """
    spare = window.extent - 1
    if name == "valid":
        return 0, 0
    if name == "full":
        return spare, spare
    if name == "same":
        return spare // 2, spare - spare // 2
    raise ParameterError(f"padding: got {name!r}, expected ints, (lo, hi) pairs, or one of {', '.join(NAMES)}")


def resolve_padding(padding: Any, windows: Sequence[Window]) -> Pairs:
    """(lo, hi) per axis for any spelling of padding.

    Parameters
    ----------
    padding
        An int; one int per axis; a tuple of ``(lo, hi)`` pairs, nested even for one axis; or "valid", "same", "full".
    windows
        One per axis; kernel_size and dilation are used by the names.

    Raises
    ------
    ParameterError
        For a spelling that is none of these, or a negative amount.
    """
    ndim = len(windows)
    if isinstance(padding, str):
        return tuple(named_padding(padding, window) for window in windows)
    nested = hasattr(padding, "__len__") and len(padding) and all(hasattr(item, "__len__") for item in padding)
    if not nested:
        return tuple((amount, amount) for amount in per_axis(padding, ndim, "padding", least=0))
    wanted = f"{ndim} (lo, hi) pair{'s' if ndim > 1 else ''}, one per axis"
    if len(padding) != ndim or not all(len(pair) == 2 and all(is_int(side) for side in pair) for pair in padding):
        raise ParameterError(f"padding: got {padding!r}, expected {wanted}")
    pairs = tuple((int(lo), int(hi)) for lo, hi in padding)
    if min(min(pair) for pair in pairs) < 0:
        raise ParameterError(f"padding: got {padding!r}, expected no negative amount")
    return pairs


def ceil_overhang(window: Window, size: int) -> int:
    """Cells beyond the padding that ``ceil_mode`` reads on one axis.

    The last window may hang over, but must start inside the input or its leading padding, as PyTorch defines it.
    """
    room = size + window.pad_lo + window.pad_hi - window.extent
    outputs = -(-room // window.stride) + 1  # an input smaller than the window may still give one output
    if (outputs - 1) * window.stride >= size + window.pad_lo:
        outputs -= 1
    return max(0, (outputs - 1) * window.stride - room) if outputs > 0 else 0
