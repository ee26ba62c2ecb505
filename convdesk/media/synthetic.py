# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs made by a formula: for experiments whose answer is known, and one that is larger than memory."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Sequence

import numpy as np

from convdesk.errors import ParameterError, ShapeError
from convdesk.media.source import KINDS, ArraySource, Note, Source

Coordinates = Sequence[np.ndarray]  # one index array per axis, shaped so that they broadcast against each other


def impulse(
    index: Coordinates, size: tuple[int, ...], *, position: Sequence[int] | None = None, height: float = 1.0
) -> np.ndarray:
    """One sample of ``height`` at ``position`` (by default n // 2 on each axis), zero elsewhere."""
    where = tuple(n // 2 for n in size) if position is None else tuple(position)
    if len(where) != len(size) or not all(0 <= p < n for p, n in zip(where, size, strict=True)):
        raise ParameterError(f"synthetic 'impulse': position {where}, expected inside {size}")
    hit = np.logical_and.reduce(np.broadcast_arrays(*(i == p for i, p in zip(index, where, strict=True))))
    return np.where(hit, height, 0.0)


def step(
    index: Coordinates, size: tuple[int, ...], *, axis: int = -1, low: float = 0.0, high: float = 1.0
) -> np.ndarray:
    """``low`` before the middle of ``axis``, ``high`` from there on."""
    return np.where(index[axis] >= size[axis] // 2, high, low)


def checkerboard(
    index: Coordinates, size: tuple[int, ...], *, cell: int = 8, low: float = 0.0, high: float = 1.0
) -> np.ndarray:
    """Cells of ``cell`` samples that alternate along every axis, ``low`` at the origin."""
    if cell < 1:
        raise ParameterError(f"synthetic 'checkerboard': cell {cell}, expected at least 1")
    return np.where(sum(i // cell for i in index) % 2, high, low)


def noise(
    index: Coordinates, size: tuple[int, ...], *, seed: int = 0, mean: float = 0.0, deviation: float = 1.0
) -> np.ndarray:
    """Independent normal values, the same for the same seed and size."""
    return np.random.default_rng(seed).normal(mean, deviation, size)


def sweep(index: Coordinates, size: tuple[int, ...], *, start: float = 0.0, stop: float = 0.5) -> np.ndarray:
    """Sinusoid whose frequency rises from ``start`` to ``stop`` cycles per sample.

    In one dimension along the signal; in more from the centre outwards to the nearest edge (a zone plate), and on.
    """
    if len(size) == 1:
        distance, length = index[0].astype(np.float64), max(1.0, size[0] - 1.0)
    else:
        distance = np.sqrt(sum((i - (n - 1) / 2) ** 2 for i, n in zip(index, size, strict=True)))
        length = max(1.0, (min(size) - 1) / 2)
    return np.cos(2 * np.pi * (start * distance + (stop - start) * distance**2 / (2 * length)))


def constant(index: Coordinates, size: tuple[int, ...], *, value: float = 1.0) -> np.ndarray:
    """The same value everywhere: what it does not stay after a convolution is the edge."""
    return np.full(size, float(value))


def ramp(
    index: Coordinates, size: tuple[int, ...], *, axis: int = -1, low: float = 0.0, high: float = 1.0
) -> np.ndarray:
    """Evenly from ``low`` at the first to ``high`` at the last sample of ``axis``."""
    return low + (high - low) * index[axis] / max(1, size[axis] - 1)


def cells(
    index: Coordinates, size: tuple[int, ...], *, seed: int = 0, count: int = 90, gain: float = 96.0
) -> np.ndarray:
    """Round cells as a 16-bit camera sees them: photons counted (Poisson), ``gain`` levels each, 0 to saturation."""
    random = np.random.default_rng(seed)
    photons = np.full(size, 0.4)
    for _ in range(count):
        centre = random.uniform(0, size)
        radius, brightness = random.uniform(0.012, 0.05) * max(size), random.gamma(2.0, 110.0)
        squared = sum((i - c) ** 2 for i, c in zip(index, centre, strict=True)) / radius**2
        photons += brightness / (1 + np.exp(np.minimum(12 * (squared - 1), 60)))
    return np.minimum(random.poisson(photons) * gain, 65535.0)


SYNTHETIC: dict[str, Callable[..., np.ndarray]] = {
    make.__name__: make for make in (impulse, step, checkerboard, noise, sweep, constant, ramp, cells)
}
"""Generators by name; each takes index arrays, the size, and parameters by keyword."""

_RANGES = {"sweep": (-1.0, 1.0), "cells": (0.0, 65535.0)}


def synthetic(name: str, spatial: Sequence[int], **parameters: object) -> Source:
    """An input made by a formula.

    Parameters
    ----------
    name : a key of ``SYNTHETIC``.
    spatial : sizes of one, two or three axes.
    **parameters : those of the generator.

    Returns
    -------
    Source with one channel of exactly these values in float32; kind by the number of axes.

    Raises
    ------
    ParameterError : unknown name or parameter. ShapeError : not one to three positive sizes.
    """
    if name not in SYNTHETIC:
        raise ParameterError(f"synthetic input {name!r}, expected one of {', '.join(SYNTHETIC)}")
    size = tuple(int(n) for n in spatial)
    if len(size) not in KINDS.values() or min(size) < 1:
        raise ShapeError(f"synthetic {name!r}: size {size}, expected one to three sizes of at least 1")
    make = SYNTHETIC[name]
    allowed = [p.name for p in inspect.signature(make).parameters.values() if p.kind is p.KEYWORD_ONLY]
    unknown = sorted(set(parameters) - set(allowed))
    if unknown:
        raise ParameterError(f"synthetic {name!r}: parameter {unknown[0]!r}, expected {', '.join(allowed)}")
    values = make(np.ogrid[tuple(slice(n) for n in size)], size, **parameters)
    array = np.ascontiguousarray(np.broadcast_to(values, size), dtype=np.float32)[None]
    return ArraySource(array, name=name, value_range=_RANGES.get(name))


class GeneratedSource(Source):
    """A source whose boxes are computed when they are read, and hold nothing in memory.

    ``compute(rows, columns)`` takes the indices of both axes and returns (C, rows, columns); each value may depend on
    its own indices only, in arithmetic that does not depend on the neighbours, so that any box equals the slice.
    """

    def __init__(
        self,
        name: str,
        spatial: tuple[int, int],
        channels: int,
        value_range: tuple[float, float],
        compute: Callable[[np.ndarray, np.ndarray], np.ndarray],
        recipe: str,
    ) -> None:
        detail = "It is computed where it is looked at; no file holds it."
        super().__init__(
            kind="image", channels=channels, spatial=spatial, stored_dtype=np.dtype(np.uint8),
            value_range=value_range, name=name, notes=(Note("made by a formula", detail),),
        )  # fmt: skip
        self._compute = compute
        self._recipe = recipe

    def _load(self, slices: tuple[slice, ...]) -> np.ndarray:
        rows, columns = (np.arange(s.start, s.stop, s.step) for s in slices)
        return np.ascontiguousarray(self._compute(rows, columns), dtype=np.float32)

    def _take(self, index: tuple[np.ndarray, ...]) -> np.ndarray:
        return np.ascontiguousarray(self._compute(*index), dtype=np.float32)

    def _digest(self) -> str:
        return hashlib.sha256(self._recipe.encode()).hexdigest()


def gigapixel(size: tuple[int, int] = (32768, 32768), *, seed: int = 7) -> Source:
    """A landscape of any size (by default 1.07 gigapixels), RGB 0…255, computed box by box.

    Heights are a sum of six lattices of random values, each twice to eight times finer than the one before and
    interpolated, in integers throughout: every box holds exactly the values of the whole.
    """
    size = (int(size[0]), int(size[1]))
    if min(size) < 1:
        raise ShapeError(f"gigapixel: size {size}, expected at least 1 × 1")

    def compute(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        height = np.zeros((rows.size, columns.size), np.int32)
        for shift, weight in _OCTAVES:
            height += weight * (_lattice(rows, columns, shift, seed + shift) >> 8)
        return _LAND[:, np.clip(height >> 8, 0, 255)]

    return GeneratedSource("gigapixel", size, 3, (0.0, 255.0), compute, f"gigapixel 1 {size} {seed}")


_OCTAVES = ((11, 128), (9, 64), (7, 34), (5, 17), (3, 9), (1, 4))  # cell size 2**shift, weight; weights sum to 256


def _hash(rows: np.ndarray, columns: np.ndarray, seed: int) -> np.ndarray:
    """Random 16-bit integers that depend on the two indices and the seed only (a multiply-xor-shift mixer)."""
    mixed = rows.astype(np.uint32)[:, None] * np.uint32(0x9E3779B1) ^ columns.astype(np.uint32) * np.uint32(0x85EBCA77)
    mixed = mixed + np.uint32(seed * 0x27D4EB2F & 0xFFFFFFFF)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    return (mixed >> np.uint32(16)).astype(np.int32)


def _lattice(rows: np.ndarray, columns: np.ndarray, shift: int, seed: int) -> np.ndarray:
    """Values 0…65535 of a lattice with cells of 2**shift, interpolated along columns, then along rows, in integers."""
    if not rows.size or not columns.size:
        return np.zeros((rows.size, columns.size), np.int32)
    cell_rows, cell_columns = rows >> shift, columns >> shift
    corner_rows, corner_columns = (np.union1d(cells, cells + 1) for cells in (cell_rows, cell_columns))
    corners = _hash(corner_rows, corner_columns, seed)
    at = np.searchsorted(corner_columns, cell_columns)
    lines = _between(corners[:, at], corners[:, at + 1], _ease(columns, shift))
    at = np.searchsorted(corner_rows, cell_rows)
    return _between(lines[at], lines[at + 1], _ease(rows, shift)[:, None])


def _ease(index: np.ndarray, shift: int) -> np.ndarray:
    """Place within a cell, 0…4096, eased (3t² − 2t³) so that cells join without a crease."""
    t = (index & ((1 << shift) - 1)) * 4096 >> shift
    return ((3 * 4096 - 2 * t) * t * t >> 24).astype(np.int32)


def _between(first: np.ndarray, second: np.ndarray, place: np.ndarray) -> np.ndarray:
    return first + ((second - first) * place >> 12)


def _colours() -> np.ndarray:
    """RGB of heights 0…255: deep and shallow water, sand, grass, forest, rock, snow."""
    heights = [0, 90, 112, 116, 122, 150, 178, 200, 255]
    stops = [(8, 30, 74), (24, 84, 140), (96, 168, 190), (222, 206, 152), (126, 164, 84), (58, 112, 56), (112, 102, 88),
             (190, 186, 182), (255, 255, 255)]  # fmt: skip
    table = [np.interp(np.arange(256), heights, channel) for channel in zip(*stops, strict=True)]
    return np.rint(table).astype(np.uint8)


_LAND = _colours()
