# SPDX-License-Identifier: GPL-3.0-or-later
"""Axis maps that are no windows: transposed convolution, adaptive pooling, and layers that read everything.

They answer the same questions as :class:`~convdesk.geometry.window.Window` (``out_size``, ``reads``, ``reached_by``,
``settled_by``), but do not compose in closed form: a chain that holds one is followed map by map.
"""

from __future__ import annotations

from dataclasses import dataclass

from convdesk.errors import ParameterError
from convdesk.geometry.span import Span
from convdesk.geometry.window import Window


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)


@dataclass(frozen=True, slots=True)
class Transposed:
    """The converse of a window: what the window reads, this writes. The geometry of transposed convolution.

    Input ``i`` adds to the outputs ``i*stride - pad_lo + dilation*t``; ``extra`` more outputs exist at the far end
    (torch's output_padding).
    """

    window: Window
    extra: int = 0

    def out_size(self, size: int) -> int:
        """Number of outputs for ``size`` inputs; 0 when padding crops everything."""
        w = self.window
        return max(0, (size - 1) * w.stride + w.extent - w.pad_lo - w.pad_hi + self.extra) if size else 0

    def reads(self, out: Span) -> Span:
        """Hull of the inputs that add to the outputs ``out``, not clipped."""
        return self.window.reached_by(out)

    def reached_by(self, read: Span) -> Span:
        """Hull of the outputs that the inputs ``read`` add to, not clipped."""
        return self.window.reads(read)

    def settled_by(self, read: Span) -> Span:
        """Outputs that no input outside ``read`` could add to."""
        w = self.window
        start = (read.start - 1) * w.stride + w.extent - w.pad_lo
        return Span(start, max(start, read.stop * w.stride - w.pad_lo))


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Adaptive pooling of ``inputs`` to ``outputs``: output o reads [⌊o·n∕m⌋, ⌈(o + 1)·n∕m⌉), as torch defines it."""

    inputs: int
    outputs: int

    def __post_init__(self) -> None:
        if self.inputs < 1 or self.outputs < 1:
            raise ParameterError(f"adaptive pooling: got {self.inputs} to {self.outputs}, expected at least 1 of both")

    def out_size(self, size: int) -> int:
        """``outputs``, whatever the size."""
        return self.outputs

    def reads(self, out: Span) -> Span:
        """Inputs that the outputs ``out`` read."""
        n, m = self.inputs, self.outputs
        return Span(out.start * n // m, _ceil_div(out.stop * n, m)) if len(out) else Span(0, 0)

    def reached_by(self, read: Span) -> Span:
        """Outputs that read any of the inputs ``read``."""
        n, m = self.inputs, self.outputs
        return Span(read.start * m // n, _ceil_div(read.stop * m, n)) if len(read) else Span(0, 0)

    def settled_by(self, read: Span) -> Span:
        """Outputs that read nothing outside ``read``."""
        n, m = self.inputs, self.outputs
        start = _ceil_div(read.start * m, n)
        return Span(start, max(start, read.stop * m // n))


@dataclass(frozen=True, slots=True)
class Whole:
    """A layer whose every output reads all of the axis: global pooling, a dense layer, softmax."""

    inputs: int
    outputs: int = 1

    def out_size(self, size: int) -> int:
        """``outputs``, whatever the size."""
        return self.outputs

    def reads(self, out: Span) -> Span:
        """Everything, for any output."""
        return Span(0, self.inputs) if len(out) else Span(0, 0)

    def reached_by(self, read: Span) -> Span:
        """Every output, for any input."""
        return Span(0, self.outputs) if len(read) else Span(0, 0)

    def settled_by(self, read: Span) -> Span:
        """Every output once all inputs are there, none before."""
        return Span(0, self.outputs if Span(0, self.inputs) in read else 0)


AxisMap = Window | Transposed | Adaptive | Whole
