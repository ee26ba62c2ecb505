# SPDX-License-Identifier: GPL-3.0-or-later
"""A writer for 16-bit PNG, grey or RGB: Pillow writes 16 bits for grey only."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

import numpy as np

_SUB = 1  # every row stores differences to the pixel on its left, byte by byte


def write_png16(stream: BinaryIO, pixels: np.ndarray) -> None:
    """Write uint16 pixels (rows, columns) or (rows, columns, 3) as PNG (ISO/IEC 15948)."""
    rows, columns = pixels.shape[:2]
    samples = pixels.shape[2] if pixels.ndim == 3 else 1
    data = np.ascontiguousarray(pixels, dtype=">u2").view(np.uint8).reshape(rows, -1)
    filtered = np.empty((rows, 1 + data.shape[1]), np.uint8)
    filtered[:, 0] = _SUB
    left = 2 * samples
    filtered[:, 1 : 1 + left] = data[:, :left]
    np.subtract(data[:, left:], data[:, :-left], out=filtered[:, 1 + left :])
    stream.write(b"\x89PNG\r\n\x1a\n")
    _chunk(stream, b"IHDR", struct.pack(">IIBBBBB", columns, rows, 16, 2 if samples == 3 else 0, 0, 0, 0))
    _chunk(stream, b"IDAT", zlib.compress(filtered.data, 6))
    _chunk(stream, b"IEND", b"")


def _chunk(stream: BinaryIO, name: bytes, data: bytes) -> None:
    stream.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
