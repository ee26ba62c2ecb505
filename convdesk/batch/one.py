# SPDX-License-Identifier: GPL-3.0-or-later
"""One file of a job: open it, compute, write. Whatever goes wrong becomes the outcome's sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from time import perf_counter

import numpy as np

from convdesk.batch.job import Item, Job
from convdesk.batch.manifest import Stamp, Written, stamp
from convdesk.batch.report import Outcome
from convdesk.desk import Desk
from convdesk.document.state import INPUT
from convdesk.engine.scheduler import TileResult
from convdesk.errors import ConvDeskError, ShapeError
from convdesk.lab.ranges import Ranges
from convdesk.media.open import open_source
from convdesk.media.origin import available_memory
from convdesk.media.sinks import sink_for
from convdesk.media.source import Source
from convdesk.network.stack import Stage, infer


class Memory:
    """Lets as many files compute side by side as memory allows, and refuses one that does not fit alone."""

    def __init__(self, free: int | None = None) -> None:
        self._free = available_memory() if free is None else free
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def room(self, needed: int, stop: threading.Event) -> Iterator[None]:
        """Wait until ``needed`` bytes are free, or until the job stops."""
        if needed > self._free:
            raise ShapeError(f"needs {needed / 1e9:,.1f} GB of memory at once, {self._free / 1e9:,.1f} GB are free")
        with self._changed:
            while self._used + needed > self._free and not stop.is_set():
                self._changed.wait(0.05)
            self._used += needed
        try:
            yield
        finally:
            with self._changed:
                self._used -= needed
                self._changed.notify_all()


@dataclass(frozen=True)
class Computed:
    """A result that waits to be written."""

    item: Item
    array: np.ndarray
    kind: str
    value_range: tuple[float, float]
    started: float
    origin: Stamp | None


def compute(job: Job, desk: Desk, item: Item, memory: Memory, stop: threading.Event) -> Computed | Outcome:
    """Open a file and apply the document's layers; the outcome "failed" when that cannot be done."""
    started = perf_counter()
    try:
        origin = stamp(item.origin)
        source = open_source(item.path) if item.path is not None else desk.source
        assert source is not None
        count = len(desk.state.layers) if job.layer is None else (desk.state.index(job.layer) + 1 if job.layer else 0)
        stages = infer(desk.state.layers[:count], source.channels, source.spatial)
        with memory.room(bytes_needed(stages), stop):
            array = desk.run(source, job.layer)
        name = stages[-1].layer.name if stages else INPUT
        refusal = sink_for(item.format).refuse(array.shape, source.kind)
        if refusal:
            raise ShapeError(refusal)
        span = shown_range(job, desk, name, source, array) if item.format.startswith("png") else source.value_range
        return Computed(item, array, source.kind, span, started, origin)
    except Exception as error:  # one file, whatever is wrong with it, must not end the job
        return failed(item, error, started)


def write(result: Computed, recipe: str) -> Outcome:
    """Write a result; the outcome "done", or "failed" when the file cannot be written."""
    item = result.item
    try:
        sink = sink_for(item.format)
        told = sink.write(item.output, result.array, kind=result.kind, value_range=result.value_range)
        there = stamp(item.output)
        written = Written(item.key, recipe, there, result.origin) if there else None
    except Exception as error:
        return failed(item, error, result.started)
    seconds = perf_counter() - result.started
    return Outcome(item, "done", "", told.note, result.array.shape, seconds, written)


def failed(item: Item, error: Exception, started: float) -> Outcome:
    """The outcome of an error, with a sentence that reads after the file's name and a colon."""
    if isinstance(error, ConvDeskError):
        text = str(error).removeprefix(f"‘{item.name}’ ").removeprefix(f"‘{item.output.name}’: ")
    elif isinstance(error, MemoryError):
        text = "there is not enough memory for it"
    else:
        text = f"something went wrong: {type(error).__name__}: {error}"
    return Outcome(item, "failed", text, seconds=perf_counter() - started)


def bytes_needed(stages: list[Stage]) -> int:
    """Memory that a whole run takes at its peak: what the largest layer reads and writes, in float32."""
    able = [stage for stage in stages if not stage.error]
    return 4 * max(
        (s.in_channels * prod(s.in_spatial) + s.out_channels * prod(s.out_spatial) for s in able), default=0
    )


def shown_range(job: Job, desk: Desk, name: str, source: Source, array: np.ndarray) -> tuple[float, float]:
    """Values that become black and white: the job's, else the document's, else fitted as the desk fits them."""
    if job.range is not None:
        return job.range
    span = desk.state.range_of(name)
    if span is None:
        ranges = Ranges()
        ranges.note(TileResult("", 0, name, (), (), None, array, "", 0.0, "", 1, 1))
        span = ranges.fit(name, source)
    return span.lo, span.hi
