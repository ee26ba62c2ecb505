# SPDX-License-Identifier: GPL-3.0-or-later
"""The geometry of one layer on one axis: which inputs an output reads, and which outputs an input reaches."""

from __future__ import annotations

from dataclasses import dataclass

from convdesk.errors import ParameterError
from convdesk.geometry.span import Span


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel that slides along one axis.

    Output ``o`` reads the inputs ``o*stride - pad_lo + dilation*t`` for the taps ``t = 0 … kernel_size - 1``.

    Parameters
    ----------
    kernel_size
        Number of taps, at least 1.
    stride, dilation
        Distance between the windows of neighbouring outputs, and between neighbouring taps; at least 1.
    pad_lo, pad_hi
        Cells of padding before the first and after the last input. Negative values crop, as PyTorch's ``F.pad`` does.
    overhang
        Cells beyond the padding that only ``ceil_mode`` reads; they hold no data and no divisor counts them.

    Raises
    ------
    ParameterError
        If kernel_size, stride or dilation is below 1, or overhang is negative.
    """

    kernel_size: int
    stride: int = 1
    dilation: int = 1
    pad_lo: int = 0
    pad_hi: int = 0
    overhang: int = 0

    def __post_init__(self) -> None:
        for what in ("kernel_size", "stride", "dilation"):
            if getattr(self, what) < 1:
                raise ParameterError(f"{what.replace('_', ' ')} must be at least 1, got {getattr(self, what)}")
        if self.overhang < 0:
            raise ParameterError(f"overhang must not be negative, got {self.overhang}")

    @property
    def extent(self) -> int:
        """Distance from the first to the last tap, both counted."""
        return self.dilation * (self.kernel_size - 1) + 1

    def out_size(self, size: int) -> int:
        """Number of outputs for ``size`` inputs; 0 when the window does not fit."""
        room = size + self.pad_lo + self.pad_hi + self.overhang - self.extent
        return room // self.stride + 1 if room >= 0 else 0

    def reads(self, out: Span) -> Span:
        """Hull of the inputs that the outputs ``out`` read, not clipped: padding has coordinates too."""
        if not len(out):
            return Span(0, 0)
        first = out.start * self.stride - self.pad_lo
        return Span(first, first + (len(out) - 1) * self.stride + self.extent)

    def reached_by(self, read: Span) -> Span:
        """Hull of the outputs whose window overlaps the inputs ``read``, not clipped to the outputs that exist."""
        if not len(read):
            return Span(0, 0)
        start = _ceil_div(read.start + self.pad_lo - self.extent + 1, self.stride)
        return Span(start, max(start, (read.stop - 1 + self.pad_lo) // self.stride + 1))

    def settled_by(self, read: Span) -> Span:
        """Outputs whose whole window lies inside the inputs ``read``, not clipped to the outputs that exist."""
        start = _ceil_div(read.start + self.pad_lo, self.stride)
        return Span(start, max(start, (read.stop - self.extent + self.pad_lo) // self.stride + 1))

    def taps(self, out: int) -> range:
        """Coordinates of the inputs that one output reads, tap by tap."""
        first = out * self.stride - self.pad_lo
        return range(first, first + self.extent, self.dilation)

    def then(self, following: Window) -> Window:
        """The window of this layer followed by another: its hull, without the dilation's gaps.

        With ``Window(1)`` as its unit this is a monoid: stacks of layers may be grouped in any way.
        """
        return Window(
            kernel_size=self.extent + self.stride * (following.extent - 1),
            stride=self.stride * following.stride,
            pad_lo=self.pad_lo + self.stride * following.pad_lo,
            pad_hi=self.pad_hi + self.stride * following.pad_hi,
            overhang=self.overhang + self.stride * following.overhang,
        )

    def every(self, step: int, first: int = 0) -> Window:
        """The same window computing only the outputs ``first, first + step, …``: a larger stride, nothing else."""
        shift = first * self.stride
        return Window(
            self.kernel_size, self.stride * step, self.dilation, self.pad_lo - shift, self.pad_hi, self.overhang
        )
