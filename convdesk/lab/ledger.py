# SPDX-License-Identifier: GPL-3.0-or-later
"""Every term behind one output: value × weight, where it came from, and whether it was padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from convdesk.engine.pipeline import Pipeline
from convdesk.geometry import OUTSIDE, Box, Span, source_index
from convdesk.media.source import Source
from convdesk.network.layers import AvgPool, Conv, Filter, Layer, MaxPool
from convdesk.network.stack import Stage, unit_box


@dataclass(frozen=True)
class Terms:
    """The arithmetic of one output unit.

    Arrays have the shape ``(channels summed over, *kernel_size)``, taps in the order of the input: under ``flip`` the
    weights stand reversed, as they are used.

    Attributes
    ----------
    kind
        "sum" for Filter and Conv, "max", "mean" for pools, "value" for layers that work element by element.
    unit
        ``(channel, *position)``.
    channels
        Input channels of the first axis.
    taps
        Per axis, the input coordinates of the taps; those outside the input are padding.
    values, weights, products
        float64; the input, the kernel, and their products. Padding under "zeros" has value 0.
    padded
        True where the value is padding; ``origin`` per axis is then the coordinate it repeats, or −1 for none.
    total, bias, result
        Σ as the backend computed it, the bias, and the displayed value: ``result == float32(total + bias)`` for sums.
    winner
        Index into the arrays of a max pool's winner, else None.
    """

    kind: str
    unit: tuple[int, ...]
    channels: tuple[int, ...]
    taps: tuple[tuple[int, ...], ...]
    values: np.ndarray
    weights: np.ndarray
    products: np.ndarray
    padded: np.ndarray
    origin: tuple[tuple[int, ...], ...]
    total: float
    bias: float
    result: float
    winner: tuple[int, ...] | None = None

    @property
    def count(self) -> int:
        """Number of terms."""
        return int(self.values.size)


def terms(source: Source, stages: Sequence[Stage], unit: tuple[int, ...], backend: str = "auto") -> Terms:
    """The terms of ``unit``, ``(channel, *position)``, of the last stage's output."""
    live = [stage for stage in stages if stage.layer.enabled]
    box = unit_box(unit[1:])
    result = _value(source, live, unit, backend)
    if not live or live[-1].layer.problem(1, live[-1].in_channels, live[-1].in_spatial, "f32") is None:
        value = np.full((1,) + (1,) * len(box), _value(source, live[:-1], unit, backend) if live else result)
        at = tuple((i,) for i in unit[1:])
        one, no = np.ones_like(value), np.zeros(value.shape, bool)
        return Terms("value", unit, unit[:1], at, value, one, value, no, at, float(value.item()), 0.0, result)
    stage = live[-1]
    layer = stage.layer
    channels, weights = _weights(stage, unit[0])
    taps = tuple(tuple(window.taps(at)) for window, at in zip(stage.windows, unit[1:], strict=True))
    origin = tuple(
        tuple(source_index(tap, size, layer.mode) for tap in axis)
        for axis, size in zip(taps, stage.in_spatial, strict=True)
    )
    values = _values(source, live[:-1], channels, origin, layer.fill, backend)
    outside = [
        np.array([not 0 <= tap < size for tap in axis]) for axis, size in zip(taps, stage.in_spatial, strict=True)
    ]
    padded = np.zeros((1, *(len(axis) for axis in taps)), bool)
    for axis, mask in enumerate(outside, start=1):
        padded |= mask.reshape([-1 if a == axis else 1 for a in range(padded.ndim)])
    padded = np.broadcast_to(padded, values.shape)
    if isinstance(layer, MaxPool):
        shown = np.where(padded, -np.inf, values)
        winner = tuple(int(i) for i in np.unravel_index(int(np.argmax(shown)), shown.shape))
        one = np.ones_like(values)
        return Terms("max", unit, channels, taps, values, one, values, padded, origin, result, 0.0, result, winner)
    if isinstance(layer, AvgPool):
        counted = padded.size if layer.count_include_pad else int((~padded).sum())
        # what only ceil_mode reads lies beyond the padding and is never counted
        beyond = [
            np.array([tap >= size + window.pad_hi for tap in axis])
            for axis, size, window in zip(taps, stage.in_spatial, stage.windows, strict=True)
        ]
        if layer.count_include_pad:
            counted = int(np.prod([int((~mask).sum()) for mask in beyond]))
        weights = np.full(values.shape, 1 / max(1, counted))
        return Terms(
            "mean", unit, channels, taps, values, weights, values * weights, padded, origin, result, 0.0, result
        )
    bias = _bias(stage, unit[0])
    total = _value(source, [*live[:-1], replace(stage, layer=_without_bias(layer))], unit, backend)
    return Terms("sum", unit, channels, taps, values, weights, values * weights, padded, origin, total, bias, result)


def _value(source: Source, stages: Sequence[Stage], unit: tuple[int, ...], backend: str) -> float:
    return float(Pipeline(source, stages, backend).evaluate(unit_box(unit[1:]), channels=unit[:1]).item())


def _weights(stage: Stage, channel: int) -> tuple[tuple[int, ...], np.ndarray]:
    """Input channels of an output channel, and its weights ``(channels, *kernel_size)`` as they are used."""
    layer = stage.layer
    if isinstance(layer, Conv):
        per_group = layer.in_channels // layer.groups
        first = channel // (layer.out_channels // layer.groups) * per_group
        kernel = layer.weight.as_type("float32")[channel].astype(np.float64)
        channels = tuple(range(first, first + per_group))
    elif isinstance(layer, Filter):
        kernel = layer.kernel.as_type("float32")[None].astype(np.float64)
        channels = (channel,)
    else:
        return (channel,), np.ones((1, *(window.kernel_size for window in stage.windows)))
    return channels, np.flip(kernel, tuple(range(1, kernel.ndim))) if layer.flip else kernel


def _bias(stage: Stage, channel: int) -> float:
    layer = stage.layer
    if isinstance(layer, Conv):
        return float(layer.bias.as_type("float32")[channel]) if layer.bias is not None else 0.0
    return float(np.float32(layer.bias)) if isinstance(layer, Filter) else 0.0


def _without_bias(layer: Layer) -> Layer:
    return replace(layer, bias=0.0 if isinstance(layer, Filter) else False)  # type: ignore[call-arg]


def _values(
    source: Source, stages: Sequence[Stage], channels: tuple[int, ...], origin: tuple[tuple[int, ...], ...],
    fill: float, backend: str,
) -> np.ndarray:  # fmt: skip
    """Input values at the taps ``(channels, *taps)``: ``fill`` where a tap repeats no sample."""
    shape = (len(channels), *(len(axis) for axis in origin))
    values = np.full(shape, fill, np.float64)
    inside = [[(i, at) for i, at in enumerate(axis) if at != OUTSIDE] for axis in origin]
    if not all(inside):
        return values
    box: Box = tuple(Span(min(at for _, at in axis), max(at for _, at in axis) + 1) for axis in inside)
    read = Pipeline(source, stages, backend).evaluate(box, channels=channels)
    into = np.ix_(range(len(channels)), *[[i for i, _ in axis] for axis in inside])
    taken = np.ix_(
        range(len(channels)), *[[at - span.start for _, at in axis] for axis, span in zip(inside, box, strict=True)]
    )
    values[into] = read[taken]
    return values
