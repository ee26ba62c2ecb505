# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of layers on an input shape: what comes in and out of each, or why it cannot run, before anything does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from convdesk.errors import ConvDeskError
from convdesk.geometry import Box, Span, Window, compose, pull_back
from convdesk.network.layers import Layer


@dataclass(frozen=True)
class Stage:
    """One layer in its place.

    ``error`` is the sentence why it cannot run; the layers after it have ``error`` too and shapes of ``()``.
    """

    layer: Layer
    in_channels: int
    in_spatial: tuple[int, ...]
    out_channels: int
    out_spatial: tuple[int, ...]
    windows: tuple[Window, ...]
    error: str = ""

    @property
    def macs(self) -> int:
        """Multiply-adds of the layer on the whole input, padding counted as if it were data."""
        if self.error or not self.layer.enabled:
            return 0
        problem = self.layer.problem(1, self.in_channels, self.in_spatial, "f32")
        return problem.flops // 2 if problem is not None and problem.op == "conv" else 0


def infer(layers: Sequence[Layer], channels: int, spatial: tuple[int, ...]) -> list[Stage]:
    """Shapes through a stack; never raises for a layer that does not fit, but says so in its stage.

    A disabled layer passes its input on unchanged.
    """
    stages: list[Stage] = []
    broken = ""
    for layer in layers:
        if broken:
            stages.append(Stage(layer, 0, (), 0, (), (), f"waits for {broken}"))
            continue
        identity = (Window(1),) * len(spatial)
        if not layer.enabled:
            stages.append(Stage(layer, channels, spatial, channels, spatial, identity))
            continue
        try:
            layer.check(channels, spatial)
            windows = layer.windows(spatial)
        except ConvDeskError as error:
            stages.append(Stage(layer, channels, spatial, 0, (), identity, str(error)))
            broken = layer.name or layer.title
            continue
        out = tuple(window.out_size(size) for window, size in zip(windows, spatial, strict=True))
        stages.append(Stage(layer, channels, spatial, layer.channels_out(channels), out, windows))
        channels, spatial = stages[-1].out_channels, out
    return stages


@dataclass(frozen=True)
class Reach:
    """How far a unit of a layer sees, per axis: size of its field, distance between neighbours' fields, first start."""

    size: tuple[int, ...]
    jump: tuple[int, ...]
    offset: tuple[int, ...]


def axis_windows(stages: Sequence[Stage], axis: int) -> list[Window]:
    """The chain of windows on one axis."""
    return [stage.windows[axis] for stage in stages]


def reach(stages: Sequence[Stage], ndim: int) -> Reach:
    """Receptive field of the last stage's units in the source."""
    composed = [compose(axis_windows(stages, axis)) for axis in range(ndim)]
    return Reach(
        tuple(window.extent for window in composed),
        tuple(window.stride for window in composed),
        tuple(-window.pad_lo for window in composed),
    )


def fields(stages: Sequence[Stage], box: Box) -> list[Box]:
    """Unclipped receptive fields of ``box`` of the last stage's output: in front of every stage, the source first."""
    per_axis = [pull_back(axis_windows(stages, axis), span) for axis, span in enumerate(box)]
    return [tuple(axis[level] for axis in per_axis) for level in range(len(stages))]


def total_parameters(layers: Sequence[Layer]) -> int:
    """Weights and biases of all enabled layers."""
    return sum(layer.parameters for layer in layers if layer.enabled)


def units(stage: Stage) -> int:
    """Number of outputs of a stage."""
    return stage.out_channels * prod(stage.out_spatial)


def unit_box(unit: Sequence[int]) -> Box:
    """The box of one unit."""
    return tuple(Span(at, at + 1) for at in unit)
