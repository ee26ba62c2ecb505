# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing a job: files side by side, each result whole or absent, and nothing that goes wrong with one harms another."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from queue import Empty, Queue
from time import perf_counter, sleep

from convdesk.backends.registry import get_backend
from convdesk.batch.job import Item, Job, items
from convdesk.batch.manifest import Manifest, recipe
from convdesk.batch.one import Memory, compute, write
from convdesk.batch.report import Event, FileFinished, FileStarted, JobFinished, JobStarted, Outcome, Report
from convdesk.desk import Desk
from convdesk.document import fileformat
from convdesk.document.commands import AddLayer, SetRange
from convdesk.errors import FormatError, ParameterError
from convdesk.threads import engine_worker, get_threads

POLL = 0.03
"""Seconds between two looks at whether the job is to stop."""
RECORD_EVERY = 1.0
"""Seconds between two writings of the record: what a crash makes a resumed job do again."""


def run_job(
    job: Job,
    progress: Callable[[Event], None] = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Apply a document to many files.

    Parameters
    ----------
    job
        What to do.
    progress
        Hears every event, on the calling thread.
    cancelled
        Asked all the time; once it says True no file is begun, files being computed are given up, files being written
        are finished, and the report comes back.

    Returns
    -------
    Report
        Files that could not be done are in it, with the sentence why.

    Raises
    ------
    FormatError, ParameterError, CommandRejected
        The document cannot be opened, the format or the layer does not exist: nothing was done.
    BackendUnavailable
        The backend that the job names cannot be used: nothing was done.
    """
    desk, todo = prepare(job)
    return _Run(job, desk, todo, progress, cancelled).report()


def prepare(job: Job) -> tuple[Desk, list[Item]]:
    """The desk that computes, and the files with their places; nothing is computed or written yet."""
    desk = open_desk(job)
    if job.layer:
        desk.state.index(job.layer)
    if job.range is not None and not job.range[0] < job.range[1]:
        raise ParameterError(f"display range: got {job.range[0]:g} to {job.range[1]:g}, expected low, then high")
    out = Path(job.out)
    if out.exists() and not out.is_dir():
        raise ParameterError(f"‘{out}’ is a file, expected a folder for the results")
    own = desk.source if not job.inputs else None
    protected = [Path(job.document)]
    if desk.state.source is not None and desk.state.source.path:
        protected.append(Path(desk.state.source.path))
    return desk, items(job, own, Manifest.load(out).inputs(), protected)


def open_desk(job: Job) -> Desk:
    """A desk with the job's document. Where the job brings its own files, the document's input need not exist."""
    if not job.inputs:
        desk = Desk.open(job.document, workers=1)
        if desk.source is None:
            raise ParameterError(f"‘{Path(job.document).name}’ has no input of its own, name one with --input")
    else:
        state = fileformat.load(Path(job.document).absolute())
        desk = Desk(workers=1)
        for layer in state.layers:
            desk.apply(AddLayer(layer))
        for name, span in state.ranges:
            desk.apply(SetRange(name, span))
    if job.backend != "auto":
        get_backend(job.backend)
    desk.set_backend(job.backend)
    return desk


class _Run:
    """One run of a job. Workers take items and hand back outcomes; the calling thread talks and keeps the record."""

    def __init__(
        self, job: Job, desk: Desk, todo: list[Item], progress: Callable[[Event], None], cancelled: Callable[[], bool]
    ) -> None:
        self.job, self.desk, self.items, self.progress, self.cancelled = job, desk, todo, progress, cancelled
        self.stop = threading.Event()
        self.manifest = Manifest.load(Path(job.out))
        self.recipes = {format: recipe(job, desk.state, format) for format in {item.format for item in todo}}
        self.queue: deque[Item] = deque()
        self.messages: Queue[Item | Outcome | None] = Queue()
        self.memory = Memory()
        self.lock = threading.Lock()
        self.given_up = False
        self.problem = ""
        self.writers = 0
        self.outcomes: dict[Item, Outcome] = {}

    def report(self) -> Report:
        """Do all of it."""
        started = perf_counter()
        for item in self.items:
            if self.job.resume and self.manifest.has(item, self.recipes[item.format]):
                self.outcomes[item] = Outcome(item, "skipped")
            else:
                self.queue.append(item)
        todo = len(self.queue)
        at_once = max(1, min(self.job.jobs or get_threads(), todo))
        self.progress(JobStarted(len(self.items), todo, at_once))
        threads = [threading.Thread(target=self._work, args=(at_once > 1,), daemon=True) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        try:
            self._listen(at_once, todo, started)
        finally:
            self.stop.set()
            self._record()
        for item in self.items:
            self.outcomes.setdefault(item, Outcome(item, "stopped"))
        in_order = tuple(self.outcomes[item] for item in self.items)
        report = Report(in_order, Path(self.job.out), perf_counter() - started, self.given_up, self.problem)
        self.progress(JobFinished(report))
        return report

    def _listen(self, running: int, todo: int, started: float) -> None:
        """Pass on what the workers say until they have ended or the job is given up."""
        recorded = perf_counter()
        while running:
            if self.cancelled():
                self.stop.set()
                with self.lock:
                    self.given_up = True
                while self._anyone_writing():
                    sleep(POLL / 10)
                while not self.messages.empty():
                    self._hear(self.messages.get(), todo, started)
                return
            try:
                message = self.messages.get(timeout=POLL)
            except Empty:
                continue
            if message is None:
                running -= 1
                continue
            self._hear(message, todo, started)
            if perf_counter() - recorded > RECORD_EVERY:
                self._record()
                recorded = perf_counter()

    def _hear(self, message: Item | Outcome | None, todo: int, started: float) -> None:
        if isinstance(message, Item):
            self.progress(FileStarted(message))
        elif message is not None:
            self.outcomes[message.item] = message
            done = sum(outcome.status in ("done", "failed") for outcome in self.outcomes.values())
            self.progress(FileFinished(message, done, todo, perf_counter() - started))

    def _anyone_writing(self) -> bool:
        with self.lock:
            return self.writers > 0

    def _work(self, beside_others: bool) -> None:
        with engine_worker() if beside_others else nullcontext():
            while not self.stop.is_set():
                try:
                    item = self.queue.popleft()
                except IndexError:
                    break
                self.messages.put(item)
                result = compute(self.job, self.desk, item, self.memory, self.stop)
                if isinstance(result, Outcome):
                    self._hand_in(result)
                    continue
                with self.lock:  # once the job is given up, nobody begins to write
                    if self.given_up:
                        break
                    self.writers += 1
                self._hand_in(write(result, self.recipes[item.format]))
                with self.lock:
                    self.writers -= 1
        self.messages.put(None)

    def _hand_in(self, outcome: Outcome) -> None:
        if outcome.status == "failed" and not self.job.keep_going:
            self.stop.set()
        self.messages.put(outcome)

    def _record(self) -> None:
        """Write down what has been written, so that ``resume`` finds it."""
        new = {one.item.output.name: one.written for one in self.outcomes.values() if one.written is not None}
        if new:
            self.manifest.files.update(new)
            try:
                self.manifest.save(Path(self.job.out))
            except FormatError as error:  # the results are there all the same, and more may follow
                self.problem = f"--resume will not find what was done: {error}"
