# SPDX-License-Identifier: GPL-3.0-or-later
"""NIfTI volumes through nibabel, which is loaded only here and only when such a file is opened."""

from __future__ import annotations

import io

import numpy as np

from convdesk.media.origin import Origin, require_memory, require_real
from convdesk.media.source import ArraySource, Note, Source

AXES_NOTE = Note(
    "foot to head, front to back, left to right",
    "Depth, rows and columns in this order: a slice is seen from above, the subject's left is on the left.",
)


def read_nifti(origin: Origin, page: int | None = None) -> Source:
    """Open a NIfTI volume; of a series in time the first one, or number ``page``.

    Raises
    ------
    FormatError : nibabel is not installed, or the file is damaged.
    """
    try:
        import nibabel  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        hint = "pip install 'convdesk[volume]', or saving the volume as NPY or TIFF"
        raise origin.error("NIfTI needs the package nibabel, which is not installed", hint) from error
    with origin.reading("copying it again"), origin.open_expanded() as stream:
        data = stream.read()
        loader = nibabel.Nifti2Image if data[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c") else nibabel.Nifti1Image
        image = loader.from_stream(io.BytesIO(data))
        require_real(origin, image.get_data_dtype())
        require_memory(origin, image.shape, 1, 8)
        scaled = image.dataobj.slope not in (1, None) or image.dataobj.inter not in (0, None)
        values = np.asanyarray(nibabel.as_closest_canonical(image).dataobj)
    notes = [AXES_NOTE]
    pages = values.shape[3] if values.ndim > 3 else 1
    if values.ndim < 3 or 0 in values.shape or values.ndim > 4 or not 0 <= (page or 0) < pages:
        raise origin.error(f"its shape is {values.shape}, expected one volume or a series", "exporting one volume")
    if values.ndim == 4:
        values = values[..., page or 0]
        notes.append(
            Note(f"volume {(page or 0) + 1} of {pages}", "The file is a series; the others can be opened too.")
        )
    if scaled:
        notes.append(Note("slope and intercept applied", "The file says how its stored integers become values."))
    return ArraySource(
        np.ascontiguousarray(to_scan_order(values))[None], "volume", origin.name, notes=notes, path=origin.path,
        pages=pages, fingerprint=lambda: origin.fingerprint(f"page={page}" if page else ""),
    )  # fmt: skip


def to_scan_order(values: np.ndarray) -> np.ndarray:
    """(right, anterior, superior) axes to (depth upwards, rows front to back, columns left to right)."""
    return values.transpose(2, 1, 0)[:, ::-1]
