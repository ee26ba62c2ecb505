# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy files: .npy (mapped, read lazily), .npy.gz and .npz. Pickled objects are never loaded."""

from __future__ import annotations

import zipfile
from typing import IO

import numpy as np

from convdesk.media.origin import Origin, require_memory, require_real
from convdesk.media.source import KINDS, ArraySource, Note, Source

_OTHER = "Open it as an image, a signal or a volume to have the axes read another way."


def read_npy(origin: Origin, kind: str | None = None) -> Source:
    """Open a .npy file; on disk it is mapped, so that only the boxes asked for are read.

    Parameters
    ----------
    kind : how to read the axes; None chooses by the shape (``arrange``) and says so in a note.
    """
    with origin.reading("saving it again with numpy.save"):
        if origin.path is not None and not origin.suffix.endswith(".gz"):
            array = np.load(origin.path, mmap_mode="r", allow_pickle=False)
        else:
            with origin.open_expanded() as stream:
                array = _load(origin, stream)
    return _source(origin, array, kind, (), 1, "")


def read_npz(origin: Origin, page: int | None = None, kind: str | None = None) -> Source:
    """Open an array of a .npz file: the only one, the first with a note, or number ``page``."""
    with (
        origin.reading("saving it again with numpy.savez"),
        origin.open() as stream,
        zipfile.ZipFile(stream) as archive,
    ):
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        if not names or not 0 <= (page or 0) < len(names):
            raise origin.error(f"it holds {len(names)} arrays, number {page or 0} was asked for", "another number")
        with archive.open(names[page or 0]) as member:
            array = _load(origin, member)
    notes: tuple[Note, ...] = ()
    if len(names) > 1:
        detail = "The file holds " + ", ".join(f"‘{name[:-4]}’" for name in names) + "."
        notes = (Note(f"‘{names[page or 0][:-4]}’ of {len(names)} arrays", detail),)
    return _source(origin, array, kind, notes, len(names), f"page={page}" if page else "")


def arrange(array: np.ndarray, kind: str | None = None) -> tuple[np.ndarray, str, str]:
    """View (C, *spatial) of an array, its kind, and the sentence that says how the axes were read.

    Without ``kind``: one axis is a signal; two are an image, a single row a signal; three are an image when the last
    axis has 3 or 4 samples (channels last) or the first has 1, 3 or 4 (channels first), else a volume; four are a
    volume with its channels first.

    Raises
    ------
    ValueError : the shape cannot be read as ``kind``.
    """
    shape, axes = array.shape, array.ndim
    if kind is None:
        image = axes == 3 and (shape[-1] in (3, 4) or shape[0] in (1, 3, 4))
        kind = {1: "signal", 2: "signal" if shape[:1] == (1,) else "image", 3: "image" if image else "volume"}.get(
            axes, "volume"
        )
    spatial = KINDS[kind]
    if axes == spatial:
        return array[None], kind, "one channel"
    if axes != spatial + 1:
        raise ValueError(f"its shape {shape} has {axes} axes, expected {spatial} or {spatial + 1} for a {kind}")
    if kind == "image" and shape[-1] in (3, 4):
        return np.moveaxis(array, -1, 0)[:3], kind, "channels last" + (", alpha ignored" if shape[-1] == 4 else "")
    return array, kind, "channels first"


def _load(origin: Origin, stream: IO[bytes]) -> np.ndarray:
    """Read a .npy stream after its header has been judged: its type, and the room it needs."""
    version = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read_header(stream)
    require_real(origin, dtype)
    require_memory(origin, shape, 1, dtype.itemsize)
    count = int(np.prod(shape, dtype=np.int64))
    data = stream.read(count * dtype.itemsize)
    if len(data) < count * dtype.itemsize:
        raise EOFError
    return np.frombuffer(data, dtype, count).reshape(shape, order="F" if fortran else "C")


def _source(
    origin: Origin, array: np.ndarray, kind: str | None, notes: tuple[Note, ...], pages: int, selection: str
) -> Source:
    require_real(origin, array.dtype)
    if array.ndim == 0 or 0 in array.shape:
        raise origin.error(f"the array is empty or a single number (shape {array.shape})", "saving an array with data")
    try:
        planar, found, reading = arrange(array, kind)
    except ValueError as error:
        raise origin.error(str(error), "opening it as another kind") from error
    if array.ndim > 1:
        sizes = " × ".join(str(size) for size in array.shape)
        notes += (Note(f"{sizes} read as {found}, {reading}", _OTHER),)
    selection += f"kind={kind}" if kind else ""
    return ArraySource(
        planar, found, origin.name, notes=notes, path=origin.path, pages=pages,
        fingerprint=lambda: origin.fingerprint(selection),
    )  # fmt: skip
