# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays that can stand in a frozen layer: read-only, compared and hashed by content."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from convdesk.errors import DTypeError


class Weights:
    """A read-only float64 or float32 array with value semantics.

    Two are equal when shape, dtype and every bit are equal, so that NaN equals itself and −0 differs from 0: layers
    that compare equal compute the same bits.
    """

    __slots__ = ("__dict__", "array")

    def __init__(self, values: Any) -> None:
        array = np.array(values)  # a copy: nobody else can change it
        if array.dtype.kind in "biu":
            array = array.astype(np.float64)
        if array.dtype.kind != "f":
            raise DTypeError(f"weights: got {array.dtype}, expected real numbers")
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
        array.setflags(write=False)
        self.array = array

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.array.shape

    @cached_property
    def digest(self) -> str:
        """SHA-256 of shape, dtype and content."""
        head = f"{self.array.dtype.str}{self.array.shape}".encode()
        return sha256(head + np.ascontiguousarray(self.array).tobytes()).hexdigest()

    def as_type(self, dtype: str) -> np.ndarray:
        """The array in a compute type, converted once."""
        cache = self.__dict__.setdefault("_types", {})
        if dtype not in cache:
            converted = np.ascontiguousarray(self.array, dtype=dtype)
            converted.setflags(write=False)
            cache[dtype] = converted
        return cache[dtype]  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Weights) and (self is other or self.digest == other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        if self.array.size <= 16:
            return f"Weights({self.array.tolist()})"
        return f"Weights(<{'×'.join(map(str, self.shape))} {self.array.dtype}>)"
