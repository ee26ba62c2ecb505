# SPDX-License-Identifier: GPL-3.0-or-later
"""Open any file as a source: the content decides which reader takes it, the suffix only where content cannot."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from convdesk.errors import ParameterError
from convdesk.media.arrays import read_npy, read_npz
from convdesk.media.image import read_image
from convdesk.media.origin import Origin, cannot_open
from convdesk.media.signal import read_text, read_wav
from convdesk.media.source import KINDS, Source
from convdesk.media.tiff import read_tiff
from convdesk.media.volume import read_nifti

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif", ".bmp")
ARRAY_SUFFIXES = (".npy", ".npz", ".npy.gz")
SIGNAL_SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".wav", ".csv.gz", ".tsv.gz", ".txt.gz")
VOLUME_SUFFIXES = (".nii", ".nii.gz")
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".csv.gz", ".tsv.gz", ".txt.gz", ".asc")
_KNOWN = "PNG, JPEG, TIFF, WebP, GIF, BMP, NPY, CSV, WAV or NIfTI"

Reader = Callable[[Origin, int | None, str | None], Source]

_READERS: dict[str, Reader] = {
    "image": lambda origin, page, kind: read_image(origin, page),
    "tiff": lambda origin, page, kind: read_tiff(origin, page, volume=kind == "volume"),
    "npy": lambda origin, page, kind: read_npy(origin, kind),
    "npz": read_npz,
    "wav": lambda origin, page, kind: read_wav(origin),
    "nifti": lambda origin, page, kind: read_nifti(origin, page),
    "text": lambda origin, page, kind: read_text(origin, kind),
}
_MAGIC: tuple[tuple[str, int, bytes], ...] = (
    ("image", 0, b"\x89PNG\r\n\x1a\n"),
    ("image", 0, b"\xff\xd8\xff"),
    ("image", 0, b"GIF8"),
    ("image", 8, b"WEBP"),
    ("wav", 8, b"WAVE"),
    ("tiff", 0, b"II*\0"),
    ("tiff", 0, b"MM\0*"),
    ("tiff", 0, b"II+\0"),
    ("tiff", 0, b"MM\0+"),
    ("npy", 0, b"\x93NUMPY"),
    ("npz", 0, b"PK\x03\x04"),
    ("npz", 0, b"PK\x05\x06"),
    ("nifti", 344, b"n+1\0"),
    ("nifti", 4, b"n+2\0"),
)


def open_source(path: str | os.PathLike[str], *, page: int | None = None, kind: str | None = None) -> Source:
    """Open an image, a signal or a volume.

    Parameters
    ----------
    path : the file.
    page : page of a TIFF, frame of an animation, array of an .npz or volume of a series, from 0. None: the first, and
        a note says so when there are more.
    kind : "image", "signal" or "volume", where a file can be read in more than one way: the pages of a TIFF as the
        slices of a volume, a table as an image, the axes of an array.

    Returns
    -------
    A source; its values are never rescaled. Compressed files are decoded now, .npy and large TIFF files when read.

    Raises
    ------
    FormatError : missing, empty, damaged, too large for the memory or of an unknown kind; the sentence says which.
    ParameterError : an unknown kind.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise cannot_open(path.name, "it is a folder, not a file", "opening a file in it")
        if path.exists() and not path.is_file():
            raise cannot_open(path.name, "it is a device or a pipe, not a file", "saving what it delivers to a file")
        if not path.exists():
            raise cannot_open(
                path.name, f"there is no such file in ‘{path.absolute().parent}’", "looking for it elsewhere"
            )
        return _open(Origin(path.name, path), page, kind)
    except PermissionError as error:
        raise cannot_open(path.name, "you may not read it", "asking its owner for permission") from error
    except OSError as error:
        raise cannot_open(path.name, f"the system says ‘{error.strerror or error}’", "copying it elsewhere") from error


def open_bytes(data: bytes, name: str = "pasted", *, page: int | None = None, kind: str | None = None) -> Source:
    """Open the bytes of a file that was pasted or dropped; as ``open_source``, with ``path`` None."""
    return _open(Origin(name, data=bytes(data)), page, kind)


def supported_suffixes() -> tuple[str, ...]:
    """Suffixes that ``open_source`` expects, in lower case, the common ones first."""
    return IMAGE_SUFFIXES + ARRAY_SUFFIXES + SIGNAL_SUFFIXES + VOLUME_SUFFIXES


def dialog_filter() -> str:
    """The line of name filters for a file dialog."""
    groups = {
        "Everything that can be convolved": supported_suffixes(),
        "Images": IMAGE_SUFFIXES,
        "Signals": SIGNAL_SUFFIXES,
        "Volumes": (*VOLUME_SUFFIXES, ".tif", ".tiff"),
        "NumPy arrays": ARRAY_SUFFIXES,
    }
    lines = [f"{title} ({' '.join('*' + suffix for suffix in suffixes)})" for title, suffixes in groups.items()]
    return ";;".join([*lines, "All files (*)"])


def _open(origin: Origin, page: int | None, kind: str | None) -> Source:
    if kind is not None and kind not in KINDS:
        raise ParameterError(f"kind {kind!r}, expected one of {', '.join(KINDS)}")
    if not origin.head:
        raise origin.error("it is empty (0 bytes)", "copying or downloading it again")
    source = _READERS[_format_of(origin)](origin, page, kind)
    if kind is not None and source.kind != kind:
        raise origin.error(
            f"it holds {_article(source.kind)}, {_article(kind)} was asked for", "opening it without a kind"
        )
    return source


def _format_of(origin: Origin) -> str:
    """Name of the reader for the content."""
    with origin.reading("copying it again"), origin.open_expanded() as stream:
        head = stream.read(512)
    for reader, offset, magic in _MAGIC:
        if head[offset : offset + len(magic)] == magic and (offset != 8 or head[:4] == b"RIFF"):
            return reader
    if head[:2] == b"BM" and origin.suffix == ".bmp":
        return "image"
    text = b"\0" not in head or head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if origin.suffix in _TEXT_SUFFIXES or (text and origin.suffix not in supported_suffixes()):
        return "text"
    if origin.suffix in supported_suffixes():
        expected = origin.suffix.lstrip(".").upper()
        hint = "renaming it to .csv if it holds numbers" if text else "saving it again in the program it came from"
        raise origin.error(f"its content is {'text' if text else 'something else'}, not {expected}", hint)
    raise origin.error("its format is not known here", _KNOWN)


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "image" else f"a {kind}"
