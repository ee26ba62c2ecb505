# SPDX-License-Identifier: GPL-3.0-or-later
"""Where bytes come from (a file, or pasted data), what goes wrong with them, and whether there is room for them."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from convdesk.errors import ConvDeskError, FormatError

_CUT = ("truncated", "mmap length", "unexpected eof", "end of file", "incomplete", "eof:", "end-of-stream")
_BROKEN = ("cannot identify", "decoder object", "missing data", "corrupted", "not a zip file", "failed to read")
_ASSUMED_MEMORY = 4 << 30  # where the system does not say


def cannot_open(name: str, reason: str, hint: str) -> FormatError:
    """The one sentence in which a file that cannot be opened is reported: ‘name’, reason, what to try."""
    return FormatError(f"‘{name}’ could not be opened: {reason.rstrip('.')}. Try {hint.rstrip('.')}.")


@dataclass(frozen=True)
class Origin:
    """Bytes with a name: a file on disk (``path``) or bytes in memory (``data``)."""

    name: str
    path: Path | None = None
    data: bytes | None = None

    def open(self) -> BinaryIO:
        """A new binary stream at the beginning."""
        if self.data is not None:
            return io.BytesIO(self.data)
        assert self.path is not None
        return self.path.open("rb")

    @contextmanager
    def open_expanded(self) -> Iterator[BinaryIO]:
        """The stream, with gzip compression taken off where there is one."""
        with self.open() as stream:
            if self.head[:2] != b"\x1f\x8b":
                yield stream
                return
            with gzip.open(stream) as expanded:
                yield cast(BinaryIO, expanded)

    @property
    def suffix(self) -> str:
        """Suffix in lower case; of compressed files the inner one too (".nii.gz")."""
        suffixes = [suffix.lower() for suffix in Path(self.name).suffixes]
        return "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])

    @cached_property
    def head(self) -> bytes:
        """The first 512 bytes, which say what the content is."""
        with self.open() as stream:
            return stream.read(512)

    def fingerprint(self, selection: str = "") -> str:
        """SHA-256 of the bytes; with a selection (a page, another reading) of that digest and the selection."""
        with self.open() as stream:
            digest = hashlib.sha256()
            while part := stream.read(1 << 20):
                digest.update(part)
        plain = digest.hexdigest()
        return hashlib.sha256(f"{plain} {selection}".encode()).hexdigest() if selection else plain

    @contextmanager
    def reading(self, hint: str = "saving it again in the program it came from") -> Iterator[None]:
        """Around a decoder: whatever it raises about the bytes becomes the one sentence of ``cannot_open``.

        Damaged bytes make decoders raise almost anything. Errors of the system (no permission, a broken disk) and our
        own pass through.
        """
        try:
            yield
        except ConvDeskError:
            raise
        except MemoryError as error:
            raise self.error("it does not fit into the memory", "a smaller file, or a tiled TIFF") from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise self._explained(error, hint) from error

    def _explained(self, error: Exception, hint: str) -> FormatError:
        text = str(error)
        if isinstance(error, EOFError) or any(sign in text.lower() for sign in _CUT):
            return self.error("it ends too early; part of the file is missing", "copying it again")
        if any(sign in text for sign in ("pickle", "Object arrays", "Python objects")):
            return self.error("it holds Python objects, which are never loaded", "saving a plain array of numbers")
        if "imagecodecs" in text:
            what = text.split("requires")[0].strip(" <>").split("COMPRESSION.")[-1].split(":")[0]
            hint = "pip install 'convdesk[io]', which adds decoders, or saving it uncompressed"
            return self.error(f"{what} compression of this kind of data needs another decoder", hint)
        if not text or any(sign in text.lower() for sign in _BROKEN):
            return self.error("it is damaged or incomplete", hint)
        return self.error(f"it is damaged ({text[:160]})", hint)

    def error(self, reason: str, hint: str) -> FormatError:
        """``cannot_open`` for this origin."""
        return cannot_open(self.name, reason, hint)


def available_memory() -> int:
    """Bytes that can be taken without swapping: what the system reports, or less in a container with a limit."""
    free = _ASSUMED_MEMORY
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        free = int(fields.get("MemAvailable", fields["MemFree"]).split()[0]) * 1024
    elif hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    if limit.exists() and used.exists() and limit.read_text().strip().isdigit():
        free = min(free, max(0, int(limit.read_text()) - int(used.read_text())))
    return free


def require_memory(origin: Origin, sizes: tuple[int, ...], channels: int, itemsize: int) -> None:
    """Refuse, before anything is decoded, what does not fit: the stored numbers and their float32 copy."""
    needed = int(np.prod(sizes, dtype=np.float64)) * channels * (itemsize + 4)
    free = available_memory()
    if needed > free:
        size = " × ".join(f"{size:,}" for size in sizes)
        reason = f"{size} with {channels} channels needs {needed / 1e9:,.1f} GB, {free / 1e9:,.1f} GB are free"
        raise origin.error(reason, "a tiled or uncompressed TIFF or an NPY file, which are read piece by piece")


def require_real(origin: Origin, dtype: np.dtype) -> None:
    """Refuse types that have no single real value per sample."""
    if dtype.kind not in "biuf":
        kind = {"c": "complex numbers", "O": "Python objects", "V": "records"}.get(dtype.kind, f"{dtype} values")
        raise origin.error(f"it holds {kind}, expected real numbers", "saving the real part or the magnitude")
