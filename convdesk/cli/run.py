# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk run``: the same document on many files, with the pixels that the desk shows."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convdesk.batch import Event, FileFinished, FileStarted, Job, JobStarted, Report, expand, run_job
from convdesk.batch.manifest import Manifest
from convdesk.batch.run import prepare
from convdesk.cli.main import DONE, FAILED
from convdesk.cli.text import by, say_json
from convdesk.media.atomic import replacing
from convdesk.media.sinks import FORMATS

EXAMPLE = """
convdesk run edges.convdesk --input 'photos/**/*.jpg' --out results
convdesk run edges.convdesk --input photos --out shown --format png --range -100 100
"""
FEW = 20
"""With up to so many files a terminal shows a line for each."""


def arguments(parser: ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("document", metavar="DOC", help="a .convdesk document")
    parser.add_argument(
        "--input", nargs="+", action="extend", default=[], metavar="FILE|DIR|GLOB",
        help="files, folders or quoted patterns (** too); default: the document's own input",
    )  # fmt: skip
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--format", choices=FORMATS, default="", help="default: tiff (exact), csv for signals")
    parser.add_argument("--layer", metavar="NAME", help="write this layer's output; default: the last one's")
    parser.add_argument(
        "--range", nargs=2, type=float, metavar=("LO", "HI"),
        help="values that PNG shows as black and white; default: the document's, else fitted to each file",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, metavar="N", help="files at once; default: one per core")
    parser.add_argument("--backend", default="auto", metavar="NAME", help="who computes; default: auto")
    stop = parser.add_mutually_exclusive_group()
    stop.add_argument("--keep-going", action="store_true", help="go on after a file that failed (the default)")
    stop.add_argument("--stop", action="store_true", help="stop at the first file that fails")
    parser.add_argument("--resume", action="store_true", help="skip files whose results are there and up to date")
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    parser.add_argument("--report", metavar="FILE", help="write the report as JSON into a file")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON value")


def run(args: Namespace) -> int:
    """Do the job; 1 when a file failed or the job was stopped."""
    job = job_of(args)
    if args.dry_run:
        return dry_run(job, args.json)
    teller = Teller(quiet=args.json)
    with interrupt() as pressed:
        report = run_job(job, teller.hear, pressed.is_set)
    teller.end(report)
    if args.report:
        with replacing(Path(args.report).absolute()) as stream:
            stream.write(json.dumps(report.to_json(), indent=2, ensure_ascii=False).encode() + b"\n")
    if args.json:
        say_json(report.to_json())
    if report.problem:
        print(f"convdesk run: {report.problem}", file=sys.stderr)
    return DONE if report.complete and not report.problem else FAILED


def job_of(args: Namespace) -> Job:
    """The job that the arguments describe."""
    from convdesk.cli.failure import Usage

    if args.jobs is not None and args.jobs < 1:
        raise Usage(f"--jobs: got {args.jobs}, expected at least 1")
    out = Path(args.out).expanduser().absolute()
    written = [out / name for name in Manifest.load(out).files]
    return Job(
        document=str(Path(args.document).expanduser().absolute()),
        inputs=tuple(map(str, expand(args.input, written))),
        out=str(out),
        format=args.format,
        layer=args.layer,
        range=tuple(args.range) if args.range else None,
        jobs=args.jobs,
        keep_going=not args.stop,
        resume=args.resume,
        backend=args.backend,
    )


def dry_run(job: Job, as_json: bool) -> int:
    """Say where every file would go."""
    _, items = prepare(job)
    if as_json:
        say_json([{"input": item.key or item.name, "output": str(item.output)} for item in items])
    else:
        for item in items:
            print(f"{item.name} → {shown(item.output)}")
    return DONE


@contextmanager
def interrupt() -> Iterator[threading.Event]:
    """An event that Ctrl+C sets, or a request to terminate; a second one ends the program at once."""
    pressed = threading.Event()

    def stop(number: int, frame: object) -> None:
        pressed.set()
        restore()

    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    try:
        yield pressed
    finally:
        restore()


class Teller:
    """Tells how it goes: a line that changes on a terminal, plain lines elsewhere; failures always."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.alive = sys.stderr.isatty() and not quiet
        self.few = True
        self.now = ""

    def hear(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, JobStarted):
            self.few = event.total <= FEW or not self.alive
        elif isinstance(event, FileStarted):
            self.now = event.item.name
        elif isinstance(event, FileFinished):
            self._file(event)

    def _file(self, event: FileFinished) -> None:
        outcome = event.outcome
        if outcome.status == "failed":
            self._line(f"{outcome.item.name}: {outcome.message}", sys.stderr)
        elif self.few and not self.quiet:
            note = f" ({outcome.note})" if outcome.note else ""
            self._line(f"{outcome.item.name} → {shown(outcome.item.output)}  {by(outcome.shape)}{note}", sys.stdout)
        if self.alive and event.done < event.todo:
            left = f"{event.rate:.1f} files/s · {duration(event.seconds_left)} left"
            text = f"{event.done:,} of {event.todo:,} · {left} · {self.now}"
            print(f"\r\x1b[K{text[: width()]}", end="", file=sys.stderr, flush=True)

    def end(self, report: Report) -> None:
        """Sum up."""
        if not self.quiet:
            more = "; --resume goes on" if report.stopped else ""
            self._line(f"{report.sentence()}; results in {shown(report.out)}{more}", sys.stdout)

    def _line(self, text: str, stream: object) -> None:
        if self.alive:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        print(text, file=stream, flush=True)  # type: ignore[call-overload]


def shown(path: Path) -> str:
    """A path as a person would write it from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, roughly."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def width() -> int:
    """Signs that fit in a line of the terminal; some terminals do not know and say 0."""
    return max(20, (os.get_terminal_size(sys.stderr.fileno()).columns or 80) - 1)
