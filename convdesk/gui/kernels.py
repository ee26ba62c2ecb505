# SPDX-License-Identifier: GPL-3.0-or-later
"""Small arithmetic on kernels that the buttons offer, and how kernels are written and read as text. Qt-free."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .numbers import exact, parse

Kernel = NDArray[np.float64]
DENOMINATORS = tuple(range(2, 513))


def symmetrised(kernel: Kernel) -> Kernel:
    """The mean of a kernel and its point reflection: then correlation and convolution are the same."""
    return (kernel + np.flip(kernel)) / 2


def zero_mean(kernel: Kernel) -> Kernel:
    """The kernel less its mean, so that flat ground gives 0."""
    return kernel - kernel.mean()


def unit_norm(kernel: Kernel) -> Kernel:
    """The kernel divided by the root of the sum of its squares; all zeros stay."""
    norm = float(np.sqrt((kernel**2).sum()))
    return kernel / norm if norm > 0 else kernel


def rotated(kernel: Kernel) -> Kernel:
    """Turned by 90° counter-clockwise, in the plane of the last two axes; a signal's kernel is reversed."""
    return np.rot90(kernel, axes=(-2, -1)).copy() if kernel.ndim > 1 else kernel[::-1].copy()


def transposed(kernel: Kernel) -> Kernel:
    """Rows become columns, in the plane of the last two axes."""
    return np.swapaxes(kernel, -2, -1).copy() if kernel.ndim > 1 else kernel.copy()


CHANGES: dict[str, tuple[str, Callable[[Kernel], Kernel]]] = {
    "flip": ("Mirror kernel", lambda k: np.flip(k, -1)),
    "flip_rows": ("Mirror kernel", lambda k: np.flip(k, -2) if k.ndim > 1 else np.flip(k)),
    "rotate": ("Turn kernel", rotated),
    "transpose": ("Transpose kernel", transposed),
    "symmetrise": ("Symmetrise kernel", symmetrised),
    "zero_mean": ("Zero mean", zero_mean),
    "unit_norm": ("Unit norm", unit_norm),
    "clear": ("Clear kernel", np.zeros_like),
}
"""What a command does to a kernel, and what the undo menu calls it."""


def common_denominator(kernel: Kernel) -> int:
    """The number that makes all taps whole, where writing them as n-ths reads better than their decimals; else 1."""
    values = kernel[np.isfinite(kernel)]
    if not values.size or np.array_equal(np.round(values, 2), values):
        return 1
    for n in DENOMINATORS:
        scaled = values * n
        if np.abs(scaled - np.round(scaled)).max() < 1e-7 * n:
            return n
    return 1


def to_text(kernel: Kernel) -> str:
    """Write a kernel with every figure: a row per line, tabs between, an empty line between slices."""
    if kernel.ndim == 3:
        return "\n\n".join(to_text(part) for part in kernel)
    return "\n".join("\t".join(exact(float(v)).replace("−", "-") for v in row) for row in np.atleast_2d(kernel))


def from_text(text: str, ndim: int) -> Kernel:
    """Read a kernel: numbers between spaces, tabs, commas or semicolons, a row per line; brackets are ignored.

    Raises
    ------
    ValueError
        With the sentence what is wrong.
    """
    clean = text.replace("],", "]\n").translate(str.maketrans({c: " " for c in "[](){}"})).strip()
    if not clean:
        raise ValueError("There are no numbers in the text.")
    blocks = [block for block in clean.replace("\r", "").split("\n\n") if block.strip()]
    parts = []
    for block in blocks:
        lines = [line for line in block.split("\n") if line.strip(" ,;\t")]
        rows = [_numbers(line) for line in lines]
        if len({len(one) for one in rows}) != 1:
            lengths = ", ".join(str(len(one)) for one in rows[:6])
            raise ValueError(f"The rows are not equally long: {lengths} numbers.")
        parts.append(np.array(rows, float))
    if len({part.shape for part in parts}) != 1:
        raise ValueError("The slices are not equally large.")
    array = np.stack(parts) if len(parts) > 1 else parts[0]
    if ndim == 1:
        if array.ndim != 2 or 1 not in array.shape:
            raise ValueError(f"A signal's kernel is one row of numbers, the text has {array.shape[-2]} rows.")
        return array.ravel()
    if ndim == 3:
        return array if array.ndim == 3 else array[None]
    if array.ndim != 2:
        raise ValueError("The text has several blocks, an image's kernel is one.")
    return array


def _numbers(line: str) -> list[float]:
    parts = line.replace(";", " ").replace("\t", " ")
    if "." in parts or ", " in parts or parts.count(",") > 1 or " " not in parts.strip():
        parts = parts.replace(",", " ")
    return [parse(part) for part in parts.split()]
