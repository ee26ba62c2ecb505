# SPDX-License-Identifier: GPL-3.0-or-later
"""The question that a backend answers: one layer applied to one shape, in one direction.

A problem has a name that says all of it and is at once test id, cache key, log line and benchmark line; see
:mod:`convdesk.network.problem_name`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

from convdesk.geometry import Adaptive, AxisMap, Span, Window

DTYPES = {"f32": "float32", "f64": "float64", "i64": "int64", "u64": "uint64"}
"""Compute types. The integers serve max pooling, whose winners a float of 64 bits cannot always hold."""


@dataclass(frozen=True, slots=True)
class Operator:
    """What is fixed about an operator: the directions it has, and whether it has a weight.

    Directions: "fwd"; "grad_input" and "grad_weight" take the gradient of a scalar with respect to the output and
    give that with respect to the input or the weight; "unpool" puts values where a max pool's indices say.
    """

    directions: tuple[str, ...] = ("fwd",)
    weighted: bool = False
    adaptive: bool = False


OPERATORS = {
    "conv": Operator(("fwd", "grad_input", "grad_weight"), weighted=True),
    "local_conv": Operator(weighted=True),
    "match": Operator(weighted=True),
    "max_pool": Operator(("fwd", "grad_input", "unpool")),
    "min_pool": Operator(),
    "avg_pool": Operator(("fwd", "grad_input")),
    "lp_pool": Operator(),
    "adaptive_max_pool": Operator(adaptive=True),
    "adaptive_avg_pool": Operator(adaptive=True),
}
NORMALIZE = ("none", "center", "cosine", "pearson")
"""Steps from the dot product to Pearson's r, for ``match``."""


@dataclass(frozen=True)
class Problem:
    """One layer, one input shape, one dtype, one direction. Frozen and hashable.

    The fields always describe the forward layer, whatever the direction: a gradient is asked about the layer it
    belongs to.

    Attributes
    ----------
    op
        A key of OPERATORS. "conv" is cross-correlation unless ``flip``; "local_conv" has a weight of its own for every
        output position; "match" compares every window with one template and sums over the channels.
    dtype
        Compute type, one of DTYPES: "f32" or "f64"; a max pool also "i64" or "u64".
    batch, channels, spatial
        Shape of the input, ``(N, C, *spatial)``.
    windows
        One per spatial axis, with the padding that this call sees; none for adaptive pools.
    out_sizes
        Of an adaptive pool: its output sizes; empty for the others.
    out_channels
        Of a convolution; pools keep the channels and have 0 here, as has ``match``.
    groups, flip, bias
        Of a convolution. ``flip`` reverses the weight on every spatial axis. A ``bias`` is added to the result: a value
        per output channel, or, in the direction "grad_input", which is a transposed convolution, per input channel.
    padding_mode
        One of the six edge modes; "constant" takes its value from the operands, so it is no part of the question.
    indices
        A max pool also returns the winner's flat index over the spatial axes.
    count_pad, divisor
        An average pool counts padding cells in its divisor; or divides by a given number (0: none given).
    norm
        The power of an Lp pool.
    normalize
        Of ``match``: one of NORMALIZE.
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
    norm: float = 0.0
    normalize: str = ""
    out_sizes: tuple[int, ...] = ()
    direction: str = "fwd"

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        shape = (self.batch, self.channels, self.spatial, self.windows, self.out_channels, self.out_sizes)
        return hash((self.op, self.direction, self.dtype, *shape))

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.spatial)

    @cached_property
    def out_spatial(self) -> tuple[int, ...]:
        """Sizes of the output's spatial axes."""
        return tuple(axis.out_size(size) for axis, size in zip(self.maps, self.spatial, strict=True))

    @cached_property
    def maps(self) -> tuple[AxisMap, ...]:
        """The geometry of each axis: its window, or its adaptive map."""
        if self.out_sizes:
            return tuple(Adaptive(n, m) for n, m in zip(self.spatial, self.out_sizes, strict=True))
        return self.windows

    @property
    def in_shape(self) -> tuple[int, ...]:
        """(N, C, *spatial) of the input."""
        return (self.batch, self.channels, *self.spatial)

    @property
    def out_shape(self) -> tuple[int, ...]:
        """(N, C_out, *out_spatial) of the layer's output."""
        channels = {"conv": self.out_channels, "local_conv": self.out_channels, "match": 1}.get(self.op, self.channels)
        return (self.batch, channels, *self.out_spatial)

    @property
    def result_shape(self) -> tuple[int, ...]:
        """Shape of what a run computes: the output, or in the other directions the input or the weight."""
        if self.direction == "fwd":
            return self.out_shape
        return self.weight_shape if self.direction == "grad_weight" else self.in_shape

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Taps per axis; for an adaptive pool, of the widest of its windows."""
        return tuple(_taps(axis) for axis in self.maps)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """(C_out, C_in / groups, *kernel_size); local_conv: *out_spatial behind it; match: (1, C, *size)."""
        if not OPERATORS[self.op].weighted:
            return ()
        first = (1 if self.op == "match" else self.out_channels, self.channels // self.groups, *self.kernel_size)
        return (*first, *self.out_spatial) if self.op == "local_conv" else first

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """(channels of the result,)."""
        return (self.channels if self.direction == "grad_input" else self.out_channels,)

    @property
    def terms(self) -> int:
        """Number of products, or of candidates, behind one output."""
        weighted = OPERATORS[self.op].weighted
        return prod(self.kernel_size) * (self.channels // self.groups if weighted else 1)

    @property
    def flops(self) -> int:
        """Operations of the direct sum, a multiply-add counted as two and padding counted as if it were data."""
        return (2 if OPERATORS[self.op].weighted else 1) * self.terms * prod(self.out_shape)

    @property
    def itemsize(self) -> int:
        """Bytes per value."""
        return 4 if self.dtype == "f32" else 8

    @property
    def compulsory_bytes(self) -> int:
        """Bytes that any algorithm must move: input, weight and output once each, and the indices."""
        weight = prod(self.weight_shape) if OPERATORS[self.op].weighted else 0
        index = 8 * prod(self.out_shape) if self.indices or self.direction == "unpool" else 0
        return self.itemsize * (prod(self.in_shape) + weight + prod(self.out_shape)) + index

    @cached_property
    def name(self) -> str:
        """The problem in one line; :meth:`parse` reads it back."""
        from convdesk.network.problem_name import spell

        return spell(self)

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
        from convdesk.network.problem_name import parse

        return parse(name)


def _taps(axis: AxisMap) -> int:
    if isinstance(axis, Window):
        return axis.kernel_size
    spans = (axis.reads(Span(o, o + 1)) for o in range(axis.out_size(0)))
    return max((len(span) for span in spans), default=0)
