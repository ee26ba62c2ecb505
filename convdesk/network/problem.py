# SPDX-License-Identifier: GPL-3.0-or-later
"""The question that a backend answers: one layer applied to one shape, with a name that says all of it.

The name is at once test id, cache key, log line and benchmark line, and it round-trips::

    conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3
    max_pool2d:fwd:f64:n8c16x28x28:k3x3s2x2p1+1x1+1:idx
    conv1d:fwd:f32:n1c8x400:o8k5d2p4+4:g8:reflect:flip:bias

After dtype come batch, channels and sizes; then the window, where s, d, p and v (overhang of ceil_mode) are left out
when they are 1, 1, 0 and 0; then groups, edge mode and flags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

from convdesk.errors import ParameterError
from convdesk.geometry import MODES, Window

OPS = ("conv", "max_pool", "avg_pool")
DIRECTIONS = ("fwd",)
DTYPES = {"f32": "float32", "f64": "float64", "i64": "int64", "u64": "uint64"}
"""Compute types. The integers serve max pooling, whose winners a float of 64 bits cannot always hold."""

_INTS = r"\d+(?:x\d+)*"
_PADS = r"-?\d+\+-?\d+(?:x-?\d+\+-?\d+)*"
_NAME = re.compile(
    r"(?P<op>[a-z_]+?)(?P<ndim>[123])d:(?P<direction>[a-z_]+):(?P<dtype>[a-z0-9]+)"
    rf":n(?P<batch>\d+)c(?P<channels>\d+)x(?P<spatial>{_INTS})"
    rf":(?:o(?P<out>\d+))?k(?P<k>{_INTS})(?:s(?P<s>{_INTS}))?(?:d(?P<d>{_INTS}))?(?:p(?P<p>{_PADS}))?(?:v(?P<v>{_INTS}))?"
    r"(?P<flags>(?::[a-z0-9-]+)*)"
)


@dataclass(frozen=True)
class Problem:
    """One layer, one input shape, one dtype, one direction. Frozen and hashable.

    Attributes
    ----------
    op
        "conv" (cross-correlation unless ``flip``), "max_pool" or "avg_pool".
    dtype
        Compute type, one of DTYPES: "f32" or "f64"; a max pool also "i64" or "u64".
    batch, channels, spatial
        Shape of the input, ``(N, C, *spatial)``.
    windows
        One per spatial axis, with the padding that this call sees.
    out_channels
        Of a convolution; pools keep the channels and have 0 here.
    groups, flip, bias
        Of a convolution. ``flip`` reverses the weight on every spatial axis.
    padding_mode
        One of the six edge modes; "constant" takes its value from the operands, so it is no part of the question.
    indices
        A max pool also returns the winner's flat index over the spatial axes.
    count_pad, divisor
        An average pool counts padding cells in its divisor; or divides by a given number (0: none given).
    """

    op: str
    dtype: str
    batch: int
    channels: int
    spatial: tuple[int, ...]
    windows: tuple[Window, ...]
    out_channels: int = 0
    groups: int = 1
    padding_mode: str = "zeros"
    flip: bool = False
    bias: bool = False
    indices: bool = False
    count_pad: bool = True
    divisor: int = 0
    direction: str = "fwd"

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.op, self.dtype, self.batch, self.channels, self.spatial, self.windows, self.out_channels))

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.spatial)

    @cached_property
    def out_spatial(self) -> tuple[int, ...]:
        """Sizes of the output's spatial axes."""
        return tuple(window.out_size(size) for window, size in zip(self.windows, self.spatial, strict=True))

    @property
    def in_shape(self) -> tuple[int, ...]:
        """(N, C, *spatial) of the input."""
        return (self.batch, self.channels, *self.spatial)

    @property
    def out_shape(self) -> tuple[int, ...]:
        """(N, C_out, *out_spatial) of the output."""
        return (self.batch, self.out_channels if self.op == "conv" else self.channels, *self.out_spatial)

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Taps per axis."""
        return tuple(window.kernel_size for window in self.windows)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """(C_out, C_in / groups, *kernel_size) of a convolution."""
        return (self.out_channels, self.channels // self.groups, *self.kernel_size)

    @property
    def terms(self) -> int:
        """Number of products, or of candidates, behind one output."""
        return prod(self.kernel_size) * (self.channels // self.groups if self.op == "conv" else 1)

    @property
    def flops(self) -> int:
        """Operations of the direct sum, a multiply-add counted as two and padding counted as if it were data."""
        return (2 if self.op == "conv" else 1) * self.terms * prod(self.out_shape)

    @property
    def itemsize(self) -> int:
        """Bytes per value."""
        return 4 if self.dtype == "f32" else 8

    @property
    def compulsory_bytes(self) -> int:
        """Bytes that any algorithm must move: the input and the weight once in, the output once out."""
        weight = prod(self.weight_shape) if self.op == "conv" else 0
        index = 8 * prod(self.out_shape) if self.indices else 0
        return self.itemsize * (prod(self.in_shape) + weight + prod(self.out_shape)) + index

    @cached_property
    def name(self) -> str:
        """The problem in one line; :meth:`parse` reads it back."""
        ws = self.windows
        layer = (f"o{self.out_channels}" if self.op == "conv" else "") + "k" + _by_x(self.kernel_size)
        if any(w.stride != 1 for w in ws):
            layer += "s" + _by_x(w.stride for w in ws)
        if any(w.dilation != 1 for w in ws):
            layer += "d" + _by_x(w.dilation for w in ws)
        if any(w.pad_lo or w.pad_hi for w in ws):
            layer += "p" + _by_x(f"{w.pad_lo}+{w.pad_hi}" for w in ws)
        if any(w.overhang for w in ws):
            layer += "v" + _by_x(w.overhang for w in ws)
        flags = [f"g{self.groups}"] if self.groups != 1 else []
        flags += [self.padding_mode] if self.padding_mode != "zeros" else []
        flags += [word for word, on in (("flip", self.flip), ("bias", self.bias), ("idx", self.indices)) if on]
        flags += ["dataonly"] if not self.count_pad else []
        flags += [f"div{self.divisor}"] if self.divisor else []
        shape = f"n{self.batch}c{self.channels}x{_by_x(self.spatial)}"
        return ":".join([f"{self.op}{self.ndim}d", self.direction, self.dtype, shape, layer, *flags])

    def __str__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, name: str) -> Problem:
        """Read a problem's name.

        Raises
        ------
        ParameterError
            When the text is not the name of a problem; the message shows an example.
        """
        found = _NAME.fullmatch(name.strip())
        if not found or found["op"] not in OPS or found["dtype"] not in DTYPES or found["direction"] not in DIRECTIONS:
            raise ParameterError(
                f"problem: got {name!r}, expected a name like conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3"
                f" (operators {', '.join(OPS)}; types {', '.join(DTYPES)})"
            )
        ndim = int(found["ndim"])
        ones, zeros = "x".join(["1"] * ndim), "x".join(["0"] * ndim)
        pads = [[int(side) for side in pair.split("+")] for pair in (found["p"] or "x".join(["0+0"] * ndim)).split("x")]
        sizes = [_ints(found[key] or default) for key, default in zip("ksdv", ("", ones, ones, zeros), strict=True)]
        spatial = tuple(_ints(found["spatial"]))
        if {len(spatial), len(pads), *map(len, sizes)} != {ndim}:
            raise ParameterError(f"problem {name!r}: every size needs {ndim} numbers, padding {ndim} pairs lo+hi")
        windows = tuple(Window(k, s, d, lo, hi, v) for (lo, hi), k, s, d, v in zip(pads, *sizes, strict=True))
        problem = cls(
            found["op"], found["dtype"], int(found["batch"]), int(found["channels"]), spatial, windows,
            out_channels=int(found["out"] or 0), direction=found["direction"],
        )  # fmt: skip
        problem = replace(problem, **_flags(name, found["flags"]))
        if (problem.op == "conv") != (found["out"] is not None):
            raise ParameterError(f"problem {name!r}: a convolution, and nothing else, names its output channels (o64)")
        if problem.groups < 1 or problem.channels % problem.groups or problem.out_channels % problem.groups:
            channels = f"{problem.channels} input and {problem.out_channels} output channels"
            raise ParameterError(f"problem {name!r}: got {problem.groups} groups, expected a divisor of {channels}")
        return problem


def _by_x(items: object) -> str:
    return "x".join(str(item) for item in items)  # type: ignore[attr-defined]


def _ints(text: str) -> list[int]:
    return [int(part) for part in text.split("x")]


def _flags(name: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for flag in text.split(":")[1:]:
        if flag in ("flip", "bias"):
            found[flag] = True
        elif flag == "idx":
            found["indices"] = True
        elif flag == "dataonly":
            found["count_pad"] = False
        elif flag in MODES:
            found["padding_mode"] = flag
        elif match := re.fullmatch(r"(g|div)(-?\d+)", flag):
            found["groups" if match[1] == "g" else "divisor"] = int(match[2])
        else:
            raise ParameterError(f"problem {name!r}: unknown flag {flag!r}")
    return found
