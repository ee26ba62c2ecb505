# SPDX-License-Identifier: GPL-3.0-or-later
"""Computing what is on screen, off the caller's thread: newest wins, centre first.

Each pane has at most one view being computed and one waiting. A newer view replaces the waiting one at once; it
replaces the one being computed when that has had its GRACE, so that a hand that never rests still sees whole
pictures, each of them exact.
"""

from __future__ import annotations

import heapq
import itertools
import os
import sys
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from threading import Condition, Thread
from time import perf_counter
from typing import Any

import numpy as np

from convdesk.engine.cache import Cache
from convdesk.engine.pipeline import Pipeline
from convdesk.engine.tilesize import tile_sizes
from convdesk.errors import ConvDeskError
from convdesk.geometry import Box, tiles
from convdesk.media.source import Source
from convdesk.network.stack import Stage
from convdesk.threads import engine_worker

GRACE = 0.05
"""Seconds that a view being computed is given to finish once a newer one waits."""


@dataclass(frozen=True)
class View:
    """What one pane shows: every ``step``-th unit of ``box`` of the last stage's output.

    ``box`` starts at a multiple of ``step``, so that a view that moved finds its samples again. ``token`` stands for
    the source's content in the cache; views of a source that has changed carry another one.
    """

    pane: str
    layer: str
    source: Source
    stages: tuple[Stage, ...]
    box: Box
    step: tuple[int, ...]
    channels: tuple[int, ...] | None
    backend: str = "auto"
    priority: int = 0
    token: Hashable = 0


@dataclass(frozen=True)
class TileResult:
    """One exact tile, or the sentence why there is none.

    ``array`` is read-only float32 ``(channels, *samples)``: sample ``[c, i, j]`` is the value at
    ``(box[0].start + i*step[0], box[1].start + j*step[1])``. ``done`` of ``total`` tiles of the view are there.
    """

    pane: str
    generation: int
    layer: str
    box: Box
    step: tuple[int, ...]
    channels: tuple[int, ...] | None
    array: np.ndarray | None
    error: str
    seconds: float
    plan: str
    done: int
    total: int
    token: Hashable = 0


@dataclass
class _Run:
    """A view in work."""

    view: View
    generation: int
    total: int
    started: float
    done: int = 0
    seconds: float = 0.0
    cancelled: bool = False


@dataclass
class _Pane:
    running: _Run | None = None
    waiting: tuple[View, int] | None = None


@dataclass(order=True)
class _Task:
    rank: tuple[int, int]
    run: _Run = field(compare=False)
    box: Box = field(compare=False)


class Scheduler:
    """Worker threads that compute views and hand over tiles.

    Parameters
    ----------
    deliver
        Called on a worker thread with every TileResult. It must be quick; what it raises goes to threading.excepthook.
    workers
        Threads; default one less than there are cores, at least 1, so that the window stays quick.
    """

    def __init__(
        self, deliver: Callable[[TileResult], Any], workers: int | None = None, cache: Cache | None = None
    ) -> None:
        self._deliver = deliver
        self.cache = cache if cache is not None else Cache()
        self._panes: dict[str, _Pane] = {}
        self._heap: list[_Task] = []
        self._order = itertools.count()
        self._generation = itertools.count(1)
        self._wake = Condition()
        self._closed = False
        self._active = 0
        count = workers or max(1, len(os.sched_getaffinity(0)) - 1)
        self._threads = [Thread(target=self._work, name=f"convdesk-engine-{n}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def request(self, view: View) -> int:
        """Show this view in its pane; returns its generation. Older views of the pane give way."""
        generation = next(self._generation)
        with self._wake:
            pane = self._panes.setdefault(view.pane, _Pane())
            if pane.running is None or perf_counter() - pane.running.started > GRACE:
                self._start(pane, view, generation)
            else:
                pane.waiting = (view, generation)
            self._wake.notify_all()
        return generation

    def cancel(self, pane: str) -> None:
        """Stop computing for a pane; tiles not begun are dropped."""
        with self._wake:
            entry = self._panes.pop(pane, None)
            if entry is not None and entry.running is not None:
                entry.running.cancelled = True
            self._wake.notify_all()

    def wait_idle(self, timeout: float = 60.0) -> bool:
        """Block until nothing is waiting or being computed; False when the time ran out."""
        with self._wake:
            return self._wake.wait_for(self._idle, timeout)

    def close(self) -> None:
        """Stop all workers; returns when they have ended."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()

    def _idle(self) -> bool:
        busy = any(pane.waiting or pane.running for pane in self._panes.values())
        return self._closed or (self._active == 0 and not busy)

    def _start(self, pane: _Pane, view: View, generation: int) -> None:
        if pane.running is not None:
            pane.running.cancelled = True
        sizes = tile_sizes(view.stages, view.box, view.step)
        centre = [(span.start + span.stop) / 2 for span in view.box]
        boxes = tiles(view.box, sizes, centre)
        pane.waiting = None
        pane.running = _Run(view, generation, len(boxes), perf_counter()) if boxes else None
        for box in boxes:
            assert pane.running is not None
            heapq.heappush(self._heap, _Task((view.priority, next(self._order)), pane.running, box))

    def _next(self) -> _Task | None:
        """The most urgent task that is still wanted; None when the scheduler closes. Called with the lock held."""
        while not self._closed:
            for entry in self._panes.values():
                run = entry.running
                if entry.waiting and (run is None or perf_counter() - run.started > GRACE):
                    self._start(entry, *entry.waiting)
            while self._heap:
                task = heapq.heappop(self._heap)
                if not task.run.cancelled:
                    return task
            self._wake.wait()
        return None

    def _work(self) -> None:
        with engine_worker():
            while True:
                with self._wake:
                    task = self._next()
                    if task is None:
                        return
                    self._active += 1
                result = self._compute(task)
                with self._wake:
                    run = task.run
                    run.done += 1
                    run.seconds += result.seconds
                    pane = self._panes.get(run.view.pane)
                    wanted = not run.cancelled
                    if pane is not None and pane.running is run and run.done == run.total:
                        pane.running = None
                        if pane.waiting:
                            self._start(pane, *pane.waiting)
                    done = run.done
                if wanted:
                    self._hand_over(replace(result, done=done, total=run.total, seconds=run.seconds))
                with self._wake:
                    self._active -= 1
                    self._wake.notify_all()

    def _hand_over(self, result: TileResult) -> None:
        """Deliver; a listener that fails is reported, and the worker goes on for the others."""
        try:
            self._deliver(result)
        except Exception:
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))

    def _compute(self, task: _Task) -> TileResult:
        view, started = task.run.view, perf_counter()
        layers = tuple(stage.layer for stage in view.stages)
        key = (view.token, layers, view.backend, task.box, view.step, view.channels)
        array, error, plan = self.cache.get(key), "", "cached"
        if array is None:
            pipeline = Pipeline(view.source, view.stages, view.backend, resident=self.cache, token=view.token)
            try:
                array = pipeline.evaluate(task.box, view.step, view.channels)
                array.flags.writeable = False
                if layers:  # the input is there already
                    self.cache.put(key, array)
            except ConvDeskError as failure:
                error = str(failure)
            except MemoryError:
                error = "There is not enough memory for this view."
            except Exception as failure:  # a bug must reach the window as a sentence, not end the worker
                error = f"Something went wrong while computing {view.layer or 'the input'}: {failure!r}"
            plan = next((planned.chosen for planned in reversed(pipeline.plans.values())), "")
        seconds = perf_counter() - started
        return TileResult(
            view.pane,
            task.run.generation,
            view.layer,
            task.box,
            view.step,
            view.channels,
            array,
            error,
            seconds,
            plan,
            0,
            0,
            view.token,
        )
