# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch tells while it runs, and when it has ended: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convdesk.batch.job import Item
from convdesk.batch.manifest import Written

STATUSES = ("done", "failed", "skipped", "stopped")
"""Written; could not be done; was there already; not begun, or given up when the job was stopped."""


@dataclass(frozen=True)
class Outcome:
    """How it went for one file.

    Attributes
    ----------
    status
        One of STATUSES.
    message
        Why it failed, as a sentence that reads after the file's name and a colon.
    note
        What was done on the way to the file's format: the display range, clipped values.
    shape
        Of the result, ``(C, *spatial)``.
    seconds
        From opening to written.
    written
        What the record of the run keeps.
    """

    item: Item
    status: str
    message: str = ""
    note: str = ""
    shape: tuple[int, ...] = ()
    seconds: float = 0.0
    written: Written | None = None


@dataclass(frozen=True)
class Report:
    """How it went for all files, in their order.

    ``problem`` says why the record that a resumed job reads could not be written; "" when it was.
    """

    outcomes: tuple[Outcome, ...]
    out: Path
    seconds: float
    stopped: bool = False
    problem: str = ""

    def of(self, status: str) -> list[Outcome]:
        """The files with this status."""
        return [outcome for outcome in self.outcomes if outcome.status == status]

    @property
    def complete(self) -> bool:
        """Whether every file has its result."""
        return all(outcome.status in ("done", "skipped") for outcome in self.outcomes)

    def sentence(self) -> str:
        """The whole in a line: "1,201 of 1,204 done in 8.2 s, 3 failed"."""
        done, skipped, failed = (len(self.of(status)) for status in ("done", "skipped", "failed"))
        parts = [f"{done:,} of {len(self.outcomes):,} done in {self.seconds:.1f} s"]
        parts += [f"{skipped:,} there already"] if skipped else []
        parts += [f"{failed:,} failed"] if failed else []
        parts += ["stopped"] if self.stopped else []
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The whole as plain values."""
        files = [
            {
                "input": outcome.item.key or outcome.item.name,
                "output": str(outcome.item.output),
                "status": outcome.status,
                "message": outcome.message,
                "note": outcome.note,
                "shape": list(outcome.shape),
                "seconds": round(outcome.seconds, 6),
            }
            for outcome in self.outcomes
        ]
        counts = {status: len(self.of(status)) for status in STATUSES}
        whole = {"out": str(self.out), "seconds": round(self.seconds, 6)}
        whole |= {"interrupted": self.stopped, "problem": self.problem}
        return {**whole, **counts, "files": files}


@dataclass(frozen=True)
class JobStarted:
    """The job begins: files in all, those to do, and how many at once."""

    total: int
    todo: int
    at_once: int


@dataclass(frozen=True)
class FileStarted:
    """A file is being opened."""

    item: Item


@dataclass(frozen=True)
class FileFinished:
    """A file has ended: ``done`` of ``todo`` have, in ``elapsed`` seconds since the job began."""

    outcome: Outcome
    done: int
    todo: int
    elapsed: float

    @property
    def rate(self) -> float:
        """Files per second so far."""
        return self.done / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Predicted from the rate so far."""
        return (self.todo - self.done) / self.rate if self.rate > 0 else 0.0


@dataclass(frozen=True)
class JobFinished:
    """Nothing more will come."""

    report: Report


Event = JobStarted | FileStarted | FileFinished | JobFinished
