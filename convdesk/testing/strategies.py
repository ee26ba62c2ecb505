# SPDX-License-Identifier: GPL-3.0-or-later
"""Random layers for property tests, drawn by hypothesis: the only file of the kit that needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from convdesk.geometry import Window

MOST = {1: 40, 2: 12, 3: 5}
"""Samples on an axis beyond the fewest that fit, by the number of axes: small enough for thousands of cases."""


@dataclass(frozen=True)
class Case:
    """Shapes and arguments of a layer, and the seed of its numbers."""

    shape: tuple[int, ...]
    windows: tuple[Window, ...]
    out_channels: int
    groups: int
    bias: bool
    dtype: Any
    seed: int

    @property
    def ndim(self) -> int:
        """Spatial axes."""
        return len(self.windows)

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Taps per axis."""
        return tuple(window.kernel_size for window in self.windows)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """(C_out, C / groups, *kernel_size)."""
        return (self.out_channels, self.shape[1] // self.groups, *self.kernel_size)

    @property
    def out_shape(self) -> tuple[int, ...]:
        """(N, C_out, *out_spatial)."""
        sizes = zip(self.windows, self.shape[2:], strict=True)
        return (self.shape[0], self.out_channels, *(window.out_size(size) for window, size in sizes))

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """(lo, hi) per axis."""
        return tuple((window.pad_lo, window.pad_hi) for window in self.windows)

    def keywords(self, groups: bool = True) -> dict[str, Any]:
        """The layer's keywords."""
        found: dict[str, Any] = {
            "stride": tuple(window.stride for window in self.windows),
            "dilation": tuple(window.dilation for window in self.windows),
            "padding": self.pads,
        }
        return found | ({"groups": self.groups} if groups else {})

    def numbers(self, purpose: str, shape: tuple[int, ...], integers: bool = True) -> np.ndarray:
        """Small whole numbers, whose sums are exact, or normal ones; others for every purpose."""
        rng = np.random.default_rng([self.seed, *purpose.encode()])
        values = rng.integers(-5, 6, shape) if integers else rng.standard_normal(shape)
        return values.astype(self.dtype)


@st.composite
def layers(draw: st.DrawFn, ndims: tuple[int, ...] = (1, 2, 3), grouped: bool = True) -> Case:
    """A convolution of any kind that has an output."""
    ndim = draw(st.sampled_from(ndims))
    groups = draw(st.sampled_from((1, 1, 2, 3))) if grouped else 1
    windows, spatial = [], []
    for _ in range(ndim):
        taps, dilation = draw(st.integers(1, 4)), draw(st.sampled_from((1, 1, 2, 3)))
        lo, hi = draw(st.integers(0, 4)), draw(st.integers(0, 4))
        window = Window(taps, draw(st.integers(1, 3)), dilation, lo, hi)
        fewest = max(1, window.extent - lo - hi)
        spatial.append(draw(st.integers(fewest, fewest + MOST[ndim])))
        windows.append(window)
    return Case(
        (draw(st.integers(0, 2)), groups * draw(st.integers(1, 3)), *spatial), tuple(windows),
        groups * draw(st.integers(1, 4)), groups, draw(st.booleans()),
        draw(st.sampled_from((np.float32, np.float32, np.float64))), draw(st.integers(0, 2**31)),
    )  # fmt: skip
