# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what was written, kept in the folder of the results, so that an interrupted job can go on."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import msgspec

from convdesk.batch.job import Item, Job
from convdesk.document import fileformat
from convdesk.document.jsontext import dump
from convdesk.document.state import DocumentState
from convdesk.media.atomic import replacing

NAME = ".convdesk-run.json"


class Stamp(msgspec.Struct, frozen=True):
    """Size and time of a file: enough to see that it is another one."""

    size: int
    mtime_ns: int


class Written(msgspec.Struct, frozen=True):
    """One result: what it was made of, by which recipe."""

    input: str
    recipe: str
    result: Stamp
    source: Stamp | None = None


class Manifest(msgspec.Struct):
    """Results by file name."""

    format: str = "convdesk-run"
    version: int = 1
    files: dict[str, Written] = {}

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """The record in a folder; an empty one when there is none, or none that can be read: then all is done anew."""
        try:
            found = msgspec.json.decode((folder / NAME).read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return cls()
        return found if (found.format, found.version) == ("convdesk-run", 1) else cls()

    def save(self, folder: Path) -> None:
        """Write the record, at once or not at all."""
        with replacing(folder / NAME) as stream:
            stream.write(dump(msgspec.to_builtins(self)).encode("utf-8"))

    def inputs(self) -> dict[str, str]:
        """Key of the input by file name of the result."""
        return {name: written.input for name, written in self.files.items()}

    def has(self, item: Item, recipe: str) -> bool:
        """Whether the result is there, untouched, made from the file as it is now by the same recipe."""
        entry = self.files.get(item.output.name)
        if entry is None or (entry.input, entry.recipe) != (item.key, recipe):
            return False
        return entry.result == stamp(item.output) and entry.source == stamp(item.origin)


def stamp(path: Path | None) -> Stamp | None:
    """What a file looks like now; None when there is none."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns) if found else None


def recipe(job: Job, state: DocumentState, format: str) -> str:
    """SHA-256 of everything but the input that decides what is written."""
    count = len(state.layers) if job.layer is None else (state.index(job.layer) + 1 if job.layer else 0)
    name = job.layer if job.layer is not None else (state.layers[-1].name if state.layers else "")
    own = None if job.inputs else state.source
    relevant = replace(state, layers=state.layers[:count], source=own, chosen="", unit=None, ranges=())
    shown = None
    if format.startswith("png"):
        span = state.range_of(name)
        shown = job.range or ((span.lo, span.hi) if span else None)
    text = dump([fileformat.to_json(relevant, Path("/")), format, shown, job.backend])
    return sha256(text.encode()).hexdigest()
