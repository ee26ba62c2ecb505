# SPDX-License-Identifier: GPL-3.0-or-later
"""Any box of any layer, reading only what is needed, with the bits that the whole would have.

Two facts carry this file. A tile is not a new concept: it is the same layer with other padding. A zoomed-out view is
not one either: it is the same layer with a larger stride, and the layers before it compute just those samples' fields.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from math import prod

import numpy as np

from convdesk.backends.protocol import Operands
from convdesk.engine.assemble import gather
from convdesk.engine.cache import Cache
from convdesk.engine.resident import Compact, compact
from convdesk.geometry import Box, Span, Window, box_shape, clean, compose, demand, whole
from convdesk.media.source import Source
from convdesk.network.layers import Conv, Filter
from convdesk.network.problem import Problem
from convdesk.network.stack import Stage, axis_windows
from convdesk.planner import execute, plan
from convdesk.planner.plan import Plan

FOLDED = ("replicate", "reflect", "symmetric", "circular")
BATCH_BYTES = 16 << 20
"""Fields of separate samples computed in one go; more are cut into runs, to spare cache and memory."""


@dataclass
class Pipeline:
    """A source, the stages that follow it, and who computes them.

    ``plans`` collects the plan of every layer that ran, by layer name. ``resident`` keeps the source's samples that a
    zoomed-out view reads, under ``token``, which stands for the source's content. One pipeline serves one thread.
    """

    source: Source
    stages: Sequence[Stage]
    backend: str = "auto"
    precision: str = "default"
    plans: dict[str, Plan] = field(default_factory=dict)
    resident: Cache | None = None
    token: Hashable = None

    def evaluate(
        self, box: Box, step: Sequence[int] | None = None, channels: Sequence[int] | None = None
    ) -> np.ndarray:
        """Samples of the last stage's output.

        Parameters
        ----------
        box
            In the last stage's output, inside its bounds.
        step
            Every how many units per axis, from ``box``'s start; default 1.
        channels
            Which output channels; default all.

        Returns
        -------
        float32 array ``(channels, *⌈size / step⌉)``, or a read-only view of the source where no stage changes it.
        """
        steps = tuple(step) if step is not None else (1,) * len(box)
        level = len(self.stages)
        while level and not self.stages[level - 1].layer.enabled:
            level -= 1
        if prod(steps) > 1 and self._sparse(level, steps):
            return self._sampled(level, box, steps, channels)
        return self._box(level, box, steps, channels)

    def _box(self, level: int, box: Box, step: tuple[int, ...], channels: Sequence[int] | None) -> np.ndarray:
        """The activation behind ``level`` stages on a box, every step-th sample."""
        if not all(len(span) for span in box):  # a tile of padding alone asks for nothing
            total = self.stages[level - 1].out_channels if level else self.source.channels
            return np.empty((total if channels is None else len(channels), *_samples(box, step)), np.float32)
        if level == 0:
            index = tuple(slice(span.start, span.stop, by) for span, by in zip(box, step, strict=True))
            read = self.source.read(index)
            return read if channels is None else read[list(channels)]
        stage = self.stages[level - 1]
        if not stage.layer.enabled:
            return self._box(level - 1, box, step, channels)
        if not self._slides(stage):
            return stage.layer.apply(self._box(level - 1, box, step, channels))  # type: ignore[attr-defined,no-any-return]
        counts = _samples(box, step)
        windows = tuple(w.every(by, span.start) for w, by, span in zip(stage.windows, step, box, strict=True))
        needed = channels if not isinstance(stage.layer, Conv) else None
        repeats = stage.layer.mode in FOLDED
        if not any(one.layer.enabled for one in self.stages[: level - 1]):
            close = compact(windows, counts, stage.in_spatial, stage.layer.mode, repeats)
            if close is not None:
                mode = "zeros" if repeats else stage.layer.mode
                return self._run(stage, self._taken(close, needed), close.windows, mode, channels)
        if repeats:
            hulls = tuple(w.reads(Span(0, n)) for w, n in zip(windows, counts, strict=True))
            inside = all(hull in Span(0, size) for hull, size in zip(hulls, stage.in_spatial, strict=True))
            if not inside and hulls == tuple(
                w.reads(Span(0, n)) for w, n in zip(stage.windows, stage.out_spatial, strict=True)
            ):
                # the whole layer: the kernel folds for itself, nothing needs assembling
                x = self._box(level - 1, whole(stage.in_spatial), (1,) * len(box), needed)
                return self._run(stage, x, windows, stage.layer.mode, channels)
            x = gather(
                lambda part: self._box(level - 1, part, (1,) * len(box), needed),
                hulls,
                stage.in_spatial,
                stage.layer.mode,
            )
            return self._run(stage, x, tuple(_padded(w, 0, 0) for w in windows), "zeros", channels)
        demands = [demand(w, size, Span(0, n)) for w, size, n in zip(windows, stage.in_spatial, counts, strict=True)]
        x = self._box(level - 1, tuple(d.read for d in demands), (1,) * len(box), needed)
        tile = tuple(_tile_window(w, d, size) for w, d, size in zip(windows, demands, stage.in_spatial, strict=True))
        return self._run(stage, x, tile, stage.layer.mode, channels)

    def _taken(self, close: Compact, channels: Sequence[int] | None) -> np.ndarray:
        """The source's samples at ``close.index``, kept for the next edit."""
        key = (self.token, close.key, tuple(channels) if channels is not None else None)
        x = self.resident.get(key) if self.resident is not None else None
        if x is None:
            x = self.source.take(close.index)
            x = x if channels is None else x[list(channels)]
            if self.resident is not None:
                self.resident.put(key, x)
        return x

    @staticmethod
    def _slides(stage: Stage) -> bool:
        """Whether the stage has windows and is computed by a backend; otherwise it works element by element."""
        enabled = stage.layer.enabled
        return enabled and stage.layer.problem(1, stage.in_channels, stage.in_spatial, "f32") is not None

    def _run(
        self, stage: Stage, x: np.ndarray, windows: tuple[Window, ...], mode: str, channels: Sequence[int] | None
    ) -> np.ndarray:
        """One layer on ``(C, *spatial)`` or a batch ``(N, C, *spatial)``, with the windows that this tile sees."""
        layer = stage.layer
        single = x.ndim == len(windows) + 1
        batch = x[None] if single else x
        count, in_channels, *spatial = batch.shape
        problem = layer.problem(count, in_channels, stage.in_spatial, "f32")
        assert problem is not None
        problem = replace(problem, spatial=tuple(spatial), windows=windows, padding_mode=mode)
        weight = bias = None
        if isinstance(layer, Filter):
            batch = batch.reshape(count * in_channels, 1, *spatial)
            weight = layer.kernel.as_type("float32")[None, None]
            bias = np.array([layer.bias], np.float32) if layer.bias else None
        elif isinstance(layer, Conv):
            weight = layer.weight.as_type("float32")
            bias = layer.bias.as_type("float32") if layer.bias is not None else None
            problem, weight, bias = _select(problem, weight, bias, channels)
        chosen = plan(problem, backend=self.backend, precision=self.precision, local=True)
        self.plans[layer.name] = chosen
        out = execute(chosen, Operands(batch, weight, bias, layer.fill))
        if isinstance(layer, Filter):
            out = out.reshape(count, in_channels, *problem.out_spatial)
        if isinstance(layer, Conv) and channels is not None and layer.groups > 1:
            out = out[:, list(channels)]
        return out[0] if single else out

    def _sparse(self, level: int, step: tuple[int, ...]) -> bool:
        """Whether samples ``step`` apart are cheaper one by one than as a hull, whose gaps cost earlier layers too."""
        while level and not self._slides(self.stages[level - 1]):
            level -= 1  # a step passes through what works element by element
        if not any(stage.layer.enabled for stage in self.stages[: max(0, level - 1)]):
            return False  # the source is read with a stride, nothing is computed between the samples
        last = self.stages[level - 1].windows
        fields = [w.extent for w in last]
        gaps = [w.stride * by for w, by in zip(last, step, strict=True)]
        return prod(min(f, g) for f, g in zip(fields, gaps, strict=True)) * 2 < prod(gaps)

    def _sampled(self, level: int, box: Box, step: tuple[int, ...], channels: Sequence[int] | None) -> np.ndarray:
        """Samples far apart: those that meet no padding as a batch of small boxes, the frame around them as strips."""
        ndim = len(box)
        stages = self.stages[:level]
        counts = _samples(box, step)
        inner: list[Span] = []
        for axis in range(ndim):
            sizes = [self.source.spatial[axis], *(stage.out_spatial[axis] for stage in stages)]
            free = clean(axis_windows(stages, axis), sizes)[-1]
            first = -(-max(0, free.start - box[axis].start) // step[axis])
            stop = -(-max(0, free.stop - box[axis].start) // step[axis])
            first = min(first, counts[axis])
            inner.append(Span(first, max(first, min(stop, counts[axis]))))
        total = len(channels) if channels is not None else stages[-1].out_channels
        out = np.empty((total, *counts), np.float32)
        rest = [Span(0, n) for n in counts]
        for axis in range(ndim):  # strips: what lies before and behind the inner part on one axis, then the next
            for edge in (Span(0, inner[axis].start), Span(inner[axis].stop, counts[axis])):
                strip = tuple(edge if a == axis else rest[a] for a in range(ndim))
                if all(len(span) for span in strip):
                    part = tuple(
                        Span(b.start + s.start * by, b.start + (s.stop - 1) * by + 1)
                        for b, s, by in zip(box, strip, step, strict=True)
                    )
                    out[(slice(None), *(s.slice for s in strip))] = self._box(level, part, step, channels)
            rest[axis] = inner[axis]
        if all(len(span) for span in inner):
            corner = tuple(b.start + s.start * by for b, s, by in zip(box, inner, step, strict=True))
            target = out[(slice(None), *(s.slice for s in inner))]
            self._batches(stages, corner, step, box_shape(tuple(inner)), channels, target)
        return out

    def _batches(
        self, stages: Sequence[Stage], first: tuple[int, ...], step: tuple[int, ...], counts: tuple[int, ...],
        channels: Sequence[int] | None, out: np.ndarray,
    ) -> None:  # fmt: skip
        """Fill ``out`` with samples whose fields lie inside every layer: each one a small image of its own."""
        ndim = len(first)
        windows = [compose(axis_windows(stages, axis)) for axis in range(ndim)]
        hull = tuple(
            w.every(by, at).reads(Span(0, n)) for w, by, at, n in zip(windows, step, first, counts, strict=True)
        )
        field_size = tuple(w.extent for w in windows)
        jumps = tuple(w.stride * by for w, by in zip(windows, step, strict=True))
        rows = max(1, BATCH_BYTES // (4 * prod(field_size) * prod(counts[1:]) * max(s.in_channels for s in stages)))
        for start in range(0, counts[0], rows):
            run = min(rows, counts[0] - start)
            grid = (run, *counts[1:])
            origin = (hull[0].start + start * jumps[0], *(span.start for span in hull[1:]))
            index = (
                ((np.arange(n) * jump + at)[:, None] + np.arange(size)).reshape(-1)
                for n, jump, at, size in zip(grid, jumps, origin, field_size, strict=True)
            )
            fields = self.source.take(tuple(index)).reshape(
                -1, *chain.from_iterable(zip(grid, field_size, strict=True))
            )
            # (C, n0, f0, n1, f1, …) to (n0, n1, …, C, f0, f1, …): each sample's field a small image of its own
            order = (*range(1, 2 * ndim, 2), 0, *range(2, 2 * ndim + 1, 2))
            x = fields.transpose(order).reshape(prod(grid), -1, *field_size)
            for at, stage in enumerate(stages):
                if not stage.layer.enabled:
                    continue
                if not self._slides(stage):
                    x = stage.layer.apply(x)  # type: ignore[attr-defined]
                    continue
                wanted = channels if at == len(stages) - 1 else None
                x = self._run(stage, x, tuple(_padded(w, 0, 0) for w in stage.windows), "zeros", wanted)
            if channels is not None and x.shape[1] != len(channels):
                x = x[:, list(channels)]
            out[:, start : start + run] = np.moveaxis(x.reshape(*grid, x.shape[1]), ndim, 0)


def _samples(box: Box, step: Sequence[int]) -> tuple[int, ...]:
    """How many samples a box holds per axis."""
    return tuple(-(-len(span) // by) for span, by in zip(box, step, strict=True))


def _padded(window: Window, lo: int, hi: int, overhang: int = 0) -> Window:
    return Window(window.kernel_size, window.stride, window.dilation, lo, hi, overhang)


def _tile_window(window: Window, met: object, size: int) -> Window:
    """The window with the padding that this tile meets; what only ceil_mode reads stays overhang, counted by nobody."""
    lo, hi, read = met.pad_lo, met.pad_hi, met.read  # type: ignore[attr-defined]
    over = max(0, min(hi, read.stop + hi - (size + max(0, window.pad_hi)))) if window.overhang else 0
    return _padded(window, lo, hi - over, over)


def _select(
    problem: Problem, weight: np.ndarray, bias: np.ndarray | None, channels: Sequence[int] | None
) -> tuple[Problem, np.ndarray, np.ndarray | None]:
    """Only the output channels that are asked for, where groups do not tie them to their neighbours."""
    if channels is None or problem.groups > 1:
        return problem, weight, bias
    chosen = list(channels)
    return (
        replace(problem, out_channels=len(chosen)),
        np.ascontiguousarray(weight[chosen]),
        bias[chosen] if bias is not None else None,
    )
