# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch is asked to do: a document, the files to apply it to, and where each result goes."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from convdesk.errors import ParameterError
from convdesk.media.open import SIGNAL_SUFFIXES, supported_suffixes
from convdesk.media.sinks import sink_for
from convdesk.media.source import Source


class Job(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A batch, as a value that reads from and writes to JSON.

    Attributes
    ----------
    document
        Path of the .convdesk file.
    inputs
        Paths of the files, in order; none means the document's own input.
    out
        The folder for the results; made when there is none.
    format
        Name of an output format, "" for float TIFF, and CSV where the input is a signal.
    layer
        Whose output is written; None means the last layer, "" the input itself.
    range
        Values shown as black and white, for formats that show; None means the document's, or a fitted one.
    jobs
        Files in work at once; None means one per core.
    keep_going
        Go on after a file that failed.
    resume
        Leave alone what an earlier run of the same document has written from the same file.
    backend
        Who computes; "auto" leaves it to the planner.
    """

    document: str
    inputs: tuple[str, ...] = ()
    out: str
    format: str = ""
    layer: str | None = None
    range: tuple[float, float] | None = None
    jobs: int | None = None
    keep_going: bool = True
    resume: bool = False
    backend: str = "auto"


@dataclass(frozen=True)
class Item:
    """One file of a job: what is read (``path``, None for the document's own input), and what is written.

    ``origin`` is the file whose change makes the result out of date; None where the input is no file.
    """

    name: str
    path: Path | None
    output: Path
    format: str
    origin: Path | None = None

    @property
    def key(self) -> str:
        """What the item is called in the record of a run."""
        return str(self.path) if self.path else ""


def expand(patterns: Iterable[str], leave_out: Iterable[Path] = ()) -> list[Path]:
    """Files that are meant by file names, folders and patterns.

    Parameters
    ----------
    patterns
        A file; a folder, for all files in it that can be opened; or a pattern with ``*``, ``?``, ``[…]`` and ``**``.
    leave_out
        Files that folders and patterns do not mean, such as results of an earlier run.

    Returns
    -------
    Absolute paths in the order given, those of a folder or pattern sorted by name with numbers by value, each once.

    Raises
    ------
    ParameterError
        When a folder or pattern means no file. A file that does not exist is reported when it is opened.
    """
    unwanted = {os.path.realpath(path) for path in leave_out}
    found: dict[str, Path] = {}
    for pattern in patterns:
        path = Path(pattern).expanduser()
        if path.is_dir():
            inside = [file for file in path.iterdir() if file.name.lower().endswith(supported_suffixes())]
            inside = [file for file in inside if file.is_file() and not file.name.startswith(".")]
            missing = f"no file in the folder ‘{pattern}’ can be opened"
        elif path.exists() or not glob.has_magic(pattern):
            found.setdefault(os.path.realpath(path), path.absolute())
            continue
        else:
            inside = [Path(name) for name in glob.glob(str(path), recursive=True) if Path(name).is_file()]
            missing = f"no file matches ‘{pattern}’"
        inside = [file for file in inside if os.path.realpath(file) not in unwanted]
        if not inside:
            raise ParameterError(missing)
        for file in sorted(inside, key=_by_number):
            found.setdefault(os.path.realpath(file), file.absolute())
    return list(found.values())


def items(job: Job, own: Source | None, written: Mapping[str, str], protected: Iterable[Path] = ()) -> list[Item]:
    """Every file of a job with the place of its result.

    A result is named like its input. Inputs that share a name without suffix get theirs added, then their folder's
    name, then a number. A name that an earlier run gave stays (``written``: key of the input by file name of the
    result). No result takes the place of an input, or of a file in ``protected``.
    """
    paths: list[Path | None] = [Path(name) for name in job.inputs] or [None]
    names = [path.name if path else (own.name if own else "input") for path in paths]
    formats = [job.format or _usual_format(path, own) for path in paths]
    suffixes = [sink_for(format).suffix for format in formats]
    kept = {os.path.realpath(path) for path in (*protected, *filter(None, paths))}
    folder, taken, made = Path(job.out), set[str](), list[Item]()
    stems = _stems(paths, names)
    for path, name, format, suffix, stem in zip(paths, names, formats, suffixes, stems, strict=True):
        key = str(path) if path else ""
        candidates = [result for result, source in written.items() if source == key and result.endswith(suffix)]
        candidates += [f"{stem}{suffix}", f"{stem}_out{suffix}"]
        candidates += [f"{stem}_{number}{suffix}" for number in range(2, len(paths) + 3)]
        free = next(
            file for file in candidates if file.casefold() not in taken and os.path.realpath(folder / file) not in kept
        )
        taken.add(free.casefold())
        made.append(Item(name, path, folder / free, format, path or (own.path if own else None)))
    return made


def _stems(paths: Sequence[Path | None], names: Sequence[str]) -> list[str]:
    """A name without suffix for every input, different wherever suffix and folder make a difference."""
    levels = []
    for path, name in zip(paths, names, strict=True):
        safe = re.sub(r"[^\w.,+=@%()\[\] -]", "_", name).strip() or "input"
        stem, suffix = _split(safe)
        full = f"{stem}_{suffix}" if suffix else stem
        levels.append((stem, full, f"{path.parent.name}_{full}" if path else full))
    chosen = [level[0] for level in levels]
    for better in (1, 2):
        twice = {stem for stem in chosen if chosen.count(stem) > 1}
        chosen = [level[better] if stem in twice else stem for level, stem in zip(levels, chosen, strict=True)]
    return chosen


def _split(name: str) -> tuple[str, str]:
    """Stem, and suffix without its dot; ".nii.gz" is one suffix."""
    known = next((suffix for suffix in sorted(supported_suffixes(), key=len, reverse=True)
                  if name.lower().endswith(suffix) and len(name) > len(suffix)), "")  # fmt: skip
    stem = name[: -len(known)] if known else Path(name).stem
    return stem, name[len(stem) + 1 :].replace(".", "_")


def _usual_format(path: Path | None, own: Source | None) -> str:
    signal = own is not None and own.kind == "signal" if path is None else path.name.lower().endswith(SIGNAL_SUFFIXES)
    return "csv" if signal else "tiff"


def _by_number(path: Path) -> list[object]:
    """Sort scan_2 before scan_10."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return [(int(part), part) if at % 2 else part for at, part in enumerate(parts)]
