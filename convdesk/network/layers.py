# SPDX-License-Identifier: GPL-3.0-or-later
"""Layer specifications: frozen values that say what a layer is, never how it is computed.

A layer knows its windows, its output channels, and the :class:`Problem` it poses for a given input shape. Constructor
arguments are those of ``torch.nn``, plus ``name`` and ``enabled``; weights are given as arrays.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from convdesk.errors import ParameterError, ShapeError
from convdesk.geometry import Window, ceil_overhang, check_mode, is_int, per_axis, resolve_padding
from convdesk.network.problem import Problem
from convdesk.network.weights import Weights

Windows = tuple[Window, ...]
AXES = {1: ("samples",), 2: ("rows", "columns"), 3: ("slices", "rows", "columns")}
"""What the spatial axes of a signal, an image and a volume are called."""


@dataclass(frozen=True)
class Layer:
    """Base of all layers: one input, one output, element by element unless a subclass has windows."""

    _: KW_ONLY
    name: str = ""
    enabled: bool = True

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        """The window on each axis of an input of these sizes."""
        return (Window(1),) * len(spatial)

    def channels_out(self, channels: int) -> int:
        """Channels of the output for an input of ``channels``."""
        return channels

    def check(self, channels: int, spatial: tuple[int, ...]) -> None:
        """Raise ShapeError with a sentence for people when the layer cannot take an input of this shape."""
        for axis, (window, size) in enumerate(zip(self.windows(spatial), spatial, strict=True)):
            if window.out_size(size) < 1:
                what = AXES[len(spatial)][axis]
                need = window.extent - window.pad_lo - window.pad_hi
                raise ShapeError(f"{self.title} needs at least {need} {what} of input, this layer has {size}")

    def problem(self, batch: int, channels: int, spatial: tuple[int, ...], dtype: str) -> Problem | None:
        """What a backend is asked; None for a layer that works element by element."""
        return None

    @property
    def fill(self) -> float:
        """Value of padding cells under the edge mode "constant"."""
        return 0.0

    @property
    def mode(self) -> str:
        """Edge mode; "zeros" where a layer has none (pools skip their padding)."""
        return "zeros"

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return 0


def _slides(ndim: int, kernel_size: Any, stride: Any, dilation: Any, padding: Any) -> Windows:
    """Windows from torch's arguments, in torch's spelling or ours."""
    sizes = per_axis(kernel_size, ndim, "kernel size", least=1)
    strides = per_axis(stride, ndim, "stride", least=1)
    dilations = per_axis(dilation, ndim, "dilation", least=1)
    bare = tuple(Window(k, s, d) for k, s, d in zip(sizes, strides, dilations, strict=True))
    pads = resolve_padding(padding, bare)
    return tuple(Window(w.kernel_size, w.stride, w.dilation, lo, hi) for w, (lo, hi) in zip(bare, pads, strict=True))


def freeze(value: Any) -> Any:
    """Lists to tuples, NumPy integers to ints, so that a layer is hashable and writes as JSON."""
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return int(value)
    return value


@dataclass(frozen=True)
class _Sliding(Layer):
    """What Filter and Conv share: a kernel that slides, with an edge mode and a direction."""

    def _freeze(self) -> None:
        for what in ("stride", "padding", "dilation"):
            object.__setattr__(self, what, freeze(getattr(self, what)))
        mode: Any = self.padding_mode  # type: ignore[attr-defined]
        object.__setattr__(self, "padding_mode", check_mode(mode) if isinstance(mode, str) else float(mode))

    @property
    def mode(self) -> str:
        mode: Any = self.padding_mode  # type: ignore[attr-defined]
        return mode if isinstance(mode, str) else "constant"

    @property
    def fill(self) -> float:
        mode: Any = self.padding_mode  # type: ignore[attr-defined]
        return 0.0 if isinstance(mode, str) else float(mode)


@dataclass(frozen=True)
class Filter(_Sliding):
    """One kernel applied to every channel alike: what a person draws.

    Parameters
    ----------
    kernel
        Array of as many axes as the data has spatial axes.
    stride, padding, dilation
        As for :class:`Conv`; the default padding keeps the size.
    padding_mode
        One of the six edge modes, or a number for a constant.
    flip
        False: cross-correlation. True: convolution.
    bias
        One number, added to every output.
    """

    kernel: Any
    stride: Any = 1
    padding: Any = "same"
    dilation: Any = 1
    padding_mode: str | float = "zeros"
    flip: bool = False
    bias: float = 0.0

    kind: ClassVar[str] = "Filter"
    title: ClassVar[str] = "Filter"

    def __post_init__(self) -> None:
        if not isinstance(self.kernel, Weights):
            object.__setattr__(self, "kernel", Weights(self.kernel))
        shape = self.kernel.shape
        if not 1 <= len(shape) <= 3 or 0 in shape:
            raise ShapeError(f"kernel: got shape {shape}, expected 1 to 3 axes and no empty one")
        object.__setattr__(self, "bias", float(self.bias))
        self._freeze()
        _slides(len(shape), shape, self.stride, self.dilation, self.padding)

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Taps per axis."""
        return self.kernel.shape  # type: ignore[no-any-return]

    @property
    def parameters(self) -> int:
        return int(self.kernel.array.size) + 1

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        if len(spatial) != len(self.kernel_size):
            raise ShapeError(f"a kernel of {len(self.kernel_size)} axes cannot filter data of {len(spatial)}")
        return _slides(len(spatial), self.kernel_size, self.stride, self.dilation, self.padding)

    def problem(self, batch: int, channels: int, spatial: tuple[int, ...], dtype: str) -> Problem:
        # every channel is an image of its own: channels go into the batch, so that the kernel is not repeated
        return Problem(
            "conv", dtype, batch * channels, 1, spatial, self.windows(spatial), out_channels=1,
            padding_mode=self.mode, flip=self.flip, bias=bool(self.bias),
        )  # fmt: skip


@dataclass(frozen=True)
class Conv(_Sliding):
    """A layer of units that sum over input channels: ``torch.nn.Conv1d/2d/3d``.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups
        As in torch; an int ``kernel_size`` needs ``weight`` to say how many axes there are. Padding also takes (lo, hi)
        pairs, "valid", "same" and "full".
    bias
        True, False, or an array ``(C_out,)``.
    padding_mode
        One of the six edge modes, or a number for a constant.
    flip
        False: cross-correlation, as torch. True: convolution.
    weight
        ``(C_out, C_in / groups, *kernel_size)``. Without it the values are uniform in ±1/√fan_in, torch's default
        initialisation, from a seed made of the shape, so that the same layer always has the same weights.
    """

    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: int = 1
    bias: Any = True
    padding_mode: str | float = "zeros"
    flip: bool = False
    weight: Any = None

    kind: ClassVar[str] = "Conv"
    title: ClassVar[str] = "Conv"

    def __post_init__(self) -> None:
        for what in ("in_channels", "out_channels", "groups"):
            value = getattr(self, what)
            if not is_int(value) or value < 1:
                raise ParameterError(f"{what.replace('_', ' ')}: got {value!r}, expected at least 1")
        if self.in_channels % self.groups or self.out_channels % self.groups:
            channels = f"{self.in_channels} input and {self.out_channels} output channels"
            raise ParameterError(f"groups: got {self.groups}, expected a divisor of {channels}")
        ndim = np.ndim(getattr(self.weight, "array", self.weight)) - 2 if self.weight is not None else None
        ndim = ndim or (len(self.kernel_size) if hasattr(self.kernel_size, "__len__") else 2)
        size = per_axis(self.kernel_size, ndim, "kernel size", least=1)
        object.__setattr__(self, "kernel_size", size)
        shape = (self.out_channels, self.in_channels // self.groups, *size)
        rng = np.random.default_rng(shape)
        spread = 1 / np.sqrt(np.prod(shape[1:]))
        weight = rng.uniform(-spread, spread, shape).astype(np.float32) if self.weight is None else self.weight
        bias = self.bias
        if isinstance(bias, bool) or bias is None:
            bias = rng.uniform(-spread, spread, shape[:1]).astype(np.float32) if bias else None
        for what, value, wanted in (("weight", weight, shape), ("bias", bias, shape[:1])):
            frozen = value if isinstance(value, Weights) or value is None else Weights(value)
            if frozen is not None and frozen.shape != wanted:
                raise ShapeError(f"{what}: got shape {frozen.shape}, expected {wanted}")
            object.__setattr__(self, what, frozen)
        self._freeze()
        _slides(ndim, size, self.stride, self.dilation, self.padding)

    @property
    def parameters(self) -> int:
        return int(self.weight.array.size) + (self.bias.array.size if self.bias is not None else 0)

    def channels_out(self, channels: int) -> int:
        return self.out_channels

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        if len(spatial) != len(self.kernel_size):
            raise ShapeError(f"a kernel of {len(self.kernel_size)} axes cannot work on data of {len(spatial)}")
        return _slides(len(spatial), self.kernel_size, self.stride, self.dilation, self.padding)

    def check(self, channels: int, spatial: tuple[int, ...]) -> None:
        if channels != self.in_channels:
            plural = "s" if channels != 1 else ""
            raise ShapeError(f"{channels} input channel{plural}, weight expects {self.in_channels}")
        super().check(channels, spatial)

    def problem(self, batch: int, channels: int, spatial: tuple[int, ...], dtype: str) -> Problem:
        return Problem(
            "conv", dtype, batch, channels, spatial, self.windows(spatial), out_channels=self.out_channels,
            groups=self.groups, padding_mode=self.mode, flip=self.flip, bias=self.bias is not None,
        )  # fmt: skip


@dataclass(frozen=True)
class ReLU(Layer):
    """Negative values become 0; a NaN stays one."""

    kind: ClassVar[str] = "ReLU"
    title: ClassVar[str] = "ReLU"

    def apply(self, x: np.ndarray) -> np.ndarray:
        """The function itself, on any shape."""
        result: np.ndarray = np.maximum(x, x.dtype.type(0))
        return result


@dataclass(frozen=True)
class _Pool(Layer):
    """What the pools share."""

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    ceil_mode: bool = False

    op: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for what in ("kernel_size", "stride", "padding"):
            object.__setattr__(self, what, freeze(getattr(self, what)))
        given = (self.kernel_size, self.stride, self.padding, getattr(self, "dilation", 1))
        ndim = max((len(value) for value in given if isinstance(value, tuple)), default=1)
        for window in self._bare(ndim):
            most = window.extent // 2
            if max(window.pad_lo, window.pad_hi) > most:
                got = max(window.pad_lo, window.pad_hi)
                raise ParameterError(f"padding: got {got}, expected at most half the window's extent, {most}")

    def _bare(self, ndim: int) -> Windows:
        stride = self.kernel_size if self.stride is None else self.stride
        return _slides(ndim, self.kernel_size, stride, getattr(self, "dilation", 1), self.padding)

    def windows(self, spatial: tuple[int, ...]) -> Windows:
        bare = self._bare(len(spatial))
        if not self.ceil_mode:
            return bare
        return tuple(
            Window(w.kernel_size, w.stride, w.dilation, w.pad_lo, w.pad_hi, ceil_overhang(w, size))
            for w, size in zip(bare, spatial, strict=True)
        )

    def problem(self, batch: int, channels: int, spatial: tuple[int, ...], dtype: str) -> Problem:
        return Problem(self.op, dtype, batch, channels, spatial, self.windows(spatial))


@dataclass(frozen=True)
class MaxPool(_Pool):
    """The largest value of each window: ``torch.nn.MaxPool1d/2d/3d``. Stride defaults to the kernel size."""

    dilation: Any = 1

    kind: ClassVar[str] = "MaxPool"
    title: ClassVar[str] = "Max pool"
    op: ClassVar[str] = "max_pool"

    def __post_init__(self) -> None:
        object.__setattr__(self, "dilation", freeze(self.dilation))
        super().__post_init__()


@dataclass(frozen=True)
class AvgPool(_Pool):
    """The mean of each window: ``torch.nn.AvgPool1d/2d/3d``. Padding counts as zeros if ``count_include_pad``."""

    count_include_pad: bool = True

    kind: ClassVar[str] = "AvgPool"
    title: ClassVar[str] = "Average pool"
    op: ClassVar[str] = "avg_pool"

    def problem(self, batch: int, channels: int, spatial: tuple[int, ...], dtype: str) -> Problem:
        windows = self.windows(spatial)
        return Problem(self.op, dtype, batch, channels, spatial, windows, count_pad=self.count_include_pad)


KINDS: dict[str, type[Layer]] = {layer.kind: layer for layer in (Filter, Conv, ReLU, MaxPool, AvgPool)}
"""Layers by the name they have in documents."""
