# SPDX-License-Identifier: GPL-3.0-or-later
"""What layers are called and said to be, in lists, panels and for screen readers. Qt-free."""

from __future__ import annotations

from convdesk.geometry import resolve_padding
from convdesk.media.source import Source
from convdesk.network.layers import AvgPool, Conv, Filter, Layer, MaxPool, ReLU
from convdesk.network.stack import Stage

from . import numbers

ICONS = {"Filter": "conv", "Conv": "conv", "ReLU": "relu", "MaxPool": "pool", "AvgPool": "pool"}
EDGES = {
    "zeros": "Zeros",
    "constant": "Constant",
    "replicate": "Replicate",
    "reflect": "Reflect",
    "symmetric": "Symmetric",
    "circular": "Circular",
}
PADDINGS = {"valid": "Valid: none", "same": "Same", "full": "Full"}


def icon_of(layer: Layer) -> str:
    """The icon of a layer's kind."""
    return ICONS.get(layer.kind, "conv")


def uniform(values: tuple[int, ...]) -> str:
    """Write one number where all are equal, else all of them."""
    return str(values[0]) if len(set(values)) == 1 else numbers.size(values)


def detail(layer: Layer, stage: Stage) -> str:
    """One short line: ``Filter 3 × 3 · zeros``, ``Max pool 2 × 2 · stride 2``."""
    windows = stage.windows
    if isinstance(layer, ReLU) or not windows:
        return layer.title
    sizes = layer.kernel_size if isinstance(layer, Filter | Conv) else tuple(w.kernel_size for w in windows)
    words = [f"{layer.title} {numbers.size(sizes)}"]
    stride = tuple(w.stride for w in windows)
    dilation = tuple(w.dilation for w in windows)
    if layer.enabled and any(s != 1 for s in stride):
        words.append(f"stride {uniform(stride)}")
    if layer.enabled and any(d != 1 for d in dilation):
        words.append(f"dilation {uniform(dilation)}")
    if len(words) == 1 and isinstance(layer, Filter | Conv):
        words.append(EDGES[layer.mode].lower())
    return " · ".join(words)


def source_detail(source: Source) -> str:
    """``camera.png · grey, 8 bit``."""
    colours = {1: "grey" if source.kind == "image" else "", 3: "colour" if source.kind == "image" else "3 channels"}
    channels = colours.get(source.channels, f"{source.channels} channels")
    dtype = source.stored_dtype
    bits = f"{dtype.itemsize * 8} bit" + (" float" if dtype.kind == "f" else "")
    return f"{source.name} · {', '.join(word for word in (channels, bits) if word)}"


def purpose(layer: Layer, stage: Stage) -> str:
    """What the layer is, in one line."""
    if isinstance(layer, Filter):
        plural = "every channel" if stage.in_channels != 1 else "the one channel"
        return f"Filter: this kernel on {plural}"
    if isinstance(layer, Conv):
        per = layer.in_channels // layer.groups
        many = f"{layer.out_channels} outputs, each " if layer.out_channels > 1 else ""
        return f"Conv: {many}sums over {per} input channel{'s' if per > 1 else ''}"
    if isinstance(layer, MaxPool):
        return "Max pool: the largest value of each window"
    if isinstance(layer, AvgPool):
        return "Average pool: the mean of each window"
    return "ReLU: negative values become 0"


def padding_text(layer: Layer, ndim: int) -> str:
    """How a padding is called in the list: ``Same: 1 on every side``."""
    padding = getattr(layer, "padding", 0)
    if isinstance(padding, str) and padding != "same":
        return PADDINGS[padding]
    sides = sides_of(layer, ndim)
    flat = {side for pair in sides for side in pair}
    if flat == {0}:
        return PADDINGS["valid"]
    if len(flat) == 1:
        said = f"{flat.pop()} on every side"
    elif ndim == 1:
        said = f"{sides[0][0]} left, {sides[0][1]} right"
    else:
        said = numbers.minus(", ".join(f"{lo}+{hi}" for lo, hi in sides))
    return f"{'Same' if padding == 'same' else 'Own'}: {said}"


def sides_of(layer: Layer, ndim: int) -> tuple[tuple[int, int], ...]:
    """Padding as (lo, hi) per axis, whatever its spelling."""
    windows = layer.windows((1 << 20,) * ndim)
    return resolve_padding(getattr(layer, "padding", 0), windows)
