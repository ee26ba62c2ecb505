# SPDX-License-Identifier: GPL-3.0-or-later
"""How each library says what a layer does: one line of code, or two."""

from __future__ import annotations

from math import isfinite
from typing import Any, ClassVar

from convdesk.errors import ParameterError
from convdesk.network.layers import AvgPool, Conv, Filter, Layer, MaxPool, ReLU
from convdesk.network.stack import Stage

Pads = list[tuple[int, int]]
NUMPY_MODES = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}
"""Edge modes that NumPy calls otherwise."""
NDIMAGE_MODES = {
    "zeros": "constant", "constant": "constant", "replicate": "nearest", "reflect": "mirror", "symmetric": "reflect",
    "circular": "wrap",
}  # fmt: skip
OPENCV_BORDERS = {
    "zeros": "cv2.BORDER_CONSTANT", "replicate": "cv2.BORDER_REPLICATE", "symmetric": "cv2.BORDER_REFLECT",
    "reflect": "cv2.BORDER_REFLECT_101",
}  # fmt: skip


class Dialect:
    """NumPy's way, and what the others change about it.

    ``first`` and ``last`` are the first and last line of the function.
    """

    title: ClassVar[str] = "NumPy"
    first: ClassVar[str] = "x = np.asarray(x, np.float32)"
    last: ClassVar[str] = "return x"

    def __init__(self, ndim: int) -> None:
        self.ndim = ndim

    def constant(self, array: str) -> str:
        """How an array of numbers becomes a constant of the library."""
        return array

    def lines(self, stage: Stage, name: str) -> list[str]:
        """What a stage does to ``x``; its weights are in the constants ``name`` and ``name_BIAS``."""
        layer = stage.layer
        if isinstance(layer, ReLU):
            return [self.relu()]
        if isinstance(layer, Filter):
            return [f"x = {self.filter(layer, stage, name)}{_plus(layer.bias)}"]
        if isinstance(layer, Conv):
            return [f"x = {self.conv(layer, stage, name)}"]
        if isinstance(layer, MaxPool):
            return self.max_pool(layer, stage)
        if isinstance(layer, AvgPool):
            return self.avg_pool(layer, stage)
        raise ParameterError(f"{layer.name}: {layer.title} layers cannot be exported")

    def relu(self) -> str:
        """Negative values become 0."""
        return "x = np.maximum(x, 0)"

    def filter(self, layer: Filter, stage: Stage, name: str) -> str:
        """One kernel on every channel."""
        kernel = f"np.flip({name})" if layer.flip else name
        return f"correlate({self.padded(layer, stage)}, {kernel}, {_steps(stage)})"

    def conv(self, layer: Conv, stage: Stage, name: str) -> str:
        """Kernels that sum over channels."""
        weight = f"np.flip({name}, {tuple(range(2, 2 + self.ndim))})" if layer.flip else name
        groups = f", groups={layer.groups}" if layer.groups > 1 else ""
        bias = ""
        if layer.bias is not None:
            bias = f" + {name}_BIAS[:{', None' * self.ndim}]"
        return f"conv({self.padded(layer, stage)}, {weight}, {_steps(stage)}{groups}){bias}"

    def max_pool(self, layer: MaxPool, stage: Stage) -> list[str]:
        """The largest value of each window."""
        hang, pads = self._hang(layer, stage), str(_pads(stage))
        if hang:
            pads = f"[(lo, hi + h) for (lo, hi), h in zip({pads}, hang)]"
        return [*hang, f"x = max_pool(x, {_sizes(stage)}, {_steps(stage)}, pads={pads})"]

    def avg_pool(self, layer: AvgPool, stage: Stage) -> list[str]:
        """The mean of each window."""
        hang = self._hang(layer, stage)
        stride = f"stride={tuple(window.stride for window in stage.windows)}"
        rest = f"pads={_pads(stage)}, hang={'hang' if hang else [0] * self.ndim}"
        counting = "" if layer.count_include_pad else ", count_padding=False"
        return [*hang, f"x = avg_pool(x, {_sizes(stage)}, {stride}, {rest}{counting})"]

    def padded(self, layer: Layer, stage: Stage) -> str:
        """``x``, grown as the layer's edge mode says."""
        pads = _pads(stage)
        if not any(lo or hi for lo, hi in pads):
            return "x"
        mode = self.mode(layer.mode)
        told = f', "{mode}"' if mode != "constant" else ""
        value = f", value={literal(layer.fill)}" if layer.mode == "constant" else ""
        return f"pad(x, {pads}{told}{value})"

    def mode(self, mode: str) -> str:
        """The library's name for an edge mode."""
        return NUMPY_MODES.get(mode, mode)

    def _hang(self, layer: Any, stage: Stage) -> list[str]:
        if not layer.ceil_mode:
            return []
        args = f"x.shape[1:], {_sizes(stage)}, {_steps(stage)}, pads={_pads(stage)}"
        return [f"hang = overhang({args})"]


class SciPy(Dialect):
    """scipy.ndimage where it pads by itself, scipy.signal elsewhere."""

    title = "SciPy"

    def filter(self, layer: Filter, stage: Stage, name: str) -> str:
        if not _centred(stage):
            return super().filter(layer, stage, name)
        kernel = f"np.flip({name})" if layer.flip else name
        value = f", value={literal(layer.fill)}" if layer.mode == "constant" else ""
        return f'correlate_same(x, {kernel}, {_steps(stage)}, mode="{NDIMAGE_MODES[layer.mode]}"{value})'


class OpenCV(Dialect):
    """cv2.filter2D and cv2.dilate; images only."""

    title = "OpenCV"

    def __init__(self, ndim: int) -> None:
        if ndim != 2:
            raise ParameterError(f"OpenCV filters images, this stack takes data of {ndim} axes; the others do that")
        super().__init__(ndim)

    def filter(self, layer: Filter, stage: Stage, name: str) -> str:
        if not _centred(stage) or layer.mode not in OPENCV_BORDERS:
            return super().filter(layer, stage, name)
        kernel = f"np.flip({name})" if layer.flip else name
        return f"correlate_same(x, {kernel}, {_steps(stage)}, border={OPENCV_BORDERS[layer.mode]})"


class Torch(Dialect):
    """torch.nn.functional, with padding by itself where both sides are alike."""

    title = "PyTorch"
    first = "x = torch.from_numpy(np.array(x, np.float32))"
    last = "return x.numpy()"

    def constant(self, array: str) -> str:
        return f"torch.from_numpy({array})"

    def relu(self) -> str:
        return "x = F.relu(x)"

    def mode(self, mode: str) -> str:
        return {"zeros": "constant"}.get(mode, mode)

    def filter(self, layer: Filter, stage: Stage, name: str) -> str:
        kernel = f"{name}.flip({_axes(0, self.ndim)})" if layer.flip else name
        x, options = self._input(layer, stage)
        # channels become the batch, so that every one of them meets the same kernel
        return f"F.conv{self.ndim}d({x}[:, None], {kernel}[None, None]{options})[:, 0]"

    def conv(self, layer: Conv, stage: Stage, name: str) -> str:
        weight = f"{name}.flip({_axes(2, 2 + self.ndim)})" if layer.flip else name
        x, options = self._input(layer, stage)
        bias = f", bias={name}_BIAS" if layer.bias is not None else ""
        groups = f", groups={layer.groups}" if layer.groups > 1 else ""
        return f"F.conv{self.ndim}d({x}[None], {weight}{bias}{options}{groups})[0]"

    def max_pool(self, layer: MaxPool, stage: Stage) -> list[str]:
        call = f"F.max_pool{self.ndim}d"
        dilation = tuple(window.dilation for window in stage.windows)
        rest = f"{_sizes(stage)}, {tuple(window.stride for window in stage.windows)}"
        even = _even(_pads(stage))
        if even is not None:
            ceil = ", ceil_mode=True" if layer.ceil_mode else ""
            return [f"x = {call}(x[None], {rest}, padding={even}, dilation={dilation}{ceil})[0]"]
        hang, pads = self._hang(layer, stage), str(_pads(stage))
        if hang:
            pads = f"[(lo, hi + h) for (lo, hi), h in zip({pads}, hang)]"
        grown = f'pad(x, {pads}, value=float("-inf"))'
        return [*hang, f"x = {call}({grown}[None], {rest}, dilation={dilation})[0]"]

    def avg_pool(self, layer: AvgPool, stage: Stage) -> list[str]:
        call = f"F.avg_pool{self.ndim}d"
        even = _even(_pads(stage))
        if even is None:
            (*hang, line) = super().avg_pool(layer, stage)
            return [*hang, line.replace("avg_pool(x,", f"avg_pool({call}, x,")]
        rest = f"{_sizes(stage)}, {tuple(window.stride for window in stage.windows)}, padding={even}"
        ceil = ", ceil_mode=True" if layer.ceil_mode else ""
        counting = "" if layer.count_include_pad else ", count_include_pad=False"
        return [f"x = {call}(x[None], {rest}{ceil}{counting})[0]"]

    def _input(self, layer: Filter | Conv, stage: Stage) -> tuple[str, str]:
        """``x``, padded where torch cannot do it on the way, and the options of the call."""
        pads, options = _pads(stage), f", {_steps(stage)}"
        even = _even(pads)
        if layer.mode == "zeros" and even is not None:
            return "x", f"{options}, padding={even}" if any(even) else options
        return self.padded(layer, stage), options


DIALECTS: dict[str, type[Dialect]] = {"numpy": Dialect, "scipy": SciPy, "opencv": OpenCV, "torch": Torch}
"""Libraries by name."""


def _pads(stage: Stage) -> Pads:
    return [(window.pad_lo, window.pad_hi) for window in stage.windows]


def _sizes(stage: Stage) -> tuple[int, ...]:
    return tuple(window.kernel_size for window in stage.windows)


def _steps(stage: Stage) -> str:
    stride = tuple(window.stride for window in stage.windows)
    dilation = tuple(window.dilation for window in stage.windows)
    return f"stride={stride}, dilation={dilation}"


def _even(pads: Pads) -> tuple[int, ...] | None:
    """One number per axis where both sides are alike."""
    return tuple(lo for lo, _ in pads) if all(lo == hi for lo, hi in pads) else None


def _centred(stage: Stage) -> bool:
    """Whether the layer keeps the size with its middle tap over each sample: what filters of image libraries do."""
    return all(w.extent % 2 == 1 and w.pad_lo == w.pad_hi == w.extent // 2 for w in stage.windows)


def _axes(start: int, stop: int) -> str:
    return ", ".join(map(str, range(start, stop)))


def _plus(bias: float) -> str:
    return f" {'-' if bias < 0 else '+'} {literal(abs(bias))}" if bias else ""


def literal(value: float) -> str:
    """A number as Python writes it, also those for which it has no sign."""
    return repr(value) if isfinite(value) else f'float("{value}")'
