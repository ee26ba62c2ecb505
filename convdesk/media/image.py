# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG, JPEG, WebP, GIF and BMP through Pillow, with the values as they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convdesk.media.origin import Origin, require_memory
from convdesk.media.source import ArraySource, Note, Source, display_range, planar_float32

if TYPE_CHECKING:
    from PIL.Image import Image

FLOAT_COPY_LIMIT = 1 << 30
"""Decoded images up to this many bytes are kept as planar float32, so that reading is a view; larger ones as stored."""

ALPHA_NOTE = Note("alpha ignored", "The file has a transparency channel; only its colours are used, as stored.")
PALETTE_NOTE = Note("palette shown as RGB", "The file stores an index into a table of colours; the colours are used.")
SIXTEEN_BIT_NOTE = Note("16 bit, shown 0–65,535", "Values are used as stored; only the display range is larger.")
_EXIF_ORIENTATION = 0x0112
_COLOUR_TYPE = {0: 1, 2: 3, 4: 2, 6: 4}  # PNG colour type -> samples per pixel; palettes are left to Pillow


def read_image(origin: Origin, page: int | None = None) -> Source:
    """Open an image that Pillow decodes.

    Parameters
    ----------
    origin : the bytes.
    page : frame of an animation, from 0; None means the first, with a note when there are more.

    Raises
    ------
    FormatError : damaged, truncated, too large for the memory, or no such page.
    """
    import PIL.Image

    PIL.Image.MAX_IMAGE_PIXELS = None  # our own check compares with the memory there is, and says so
    with origin.reading(), origin.open() as stream, PIL.Image.open(stream) as image:
        pages = getattr(image, "n_frames", 1)
        if page is not None and not 0 <= page < pages:
            raise origin.error(f"it has {pages} pages, page {page} was asked for", f"0 … {pages - 1}")
        if page:
            image.seek(page)
        require_memory(origin, (image.height, image.width), len(image.getbands()), 2)
        pixels, value_range, notes = _decode(origin, image)
        orientation, unreadable = _orientation(image)
        notes += unreadable
    if pages > 1:
        notes += (pages_note(page, pages),)
    return image_source(origin, pixels, orientation, value_range, notes, pages, f"page={page}" if page else "")


def _decode(origin: Origin, image: Image) -> tuple[np.ndarray, tuple[float, float] | None, tuple[Note, ...]]:
    """Pixels (rows, columns[, samples]) as stored, their display range (None: by convention) and what was converted."""
    notes: tuple[Note, ...] = ()
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        notes += (ALPHA_NOTE,)
    depth, samples = _png_header(origin) or (8, 0)
    if depth == 16 and samples > 1:
        return _sixteen_bit(origin, samples), None, notes
    image.info.pop("transparency", None)  # Pillow would otherwise warn about what the note says
    if image.mode in ("P", "PA"):
        notes += (PALETTE_NOTE,)
        return np.asarray(image.convert("RGB")), None, notes
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV", "RGBX"):
        if image.mode != "RGBX":
            detail = f"The file stores {image.mode}. It is converted without a colour profile."
            notes += (Note(f"{image.mode} shown as RGB", detail),)
        return np.asarray(image.convert("RGB")), None, notes
    pixels = np.asarray(image)
    if depth in (2, 4) and image.mode == "L":
        top = (1 << depth) - 1  # Pillow widens to 0…255 by a whole factor, which is taken back
        return pixels // (255 // top), (0.0, float(top)), (*notes, Note(f"{depth} bit, shown 0–{top}"))
    keep = {"RGBA": 3, "RGBa": 3, "LA": 1, "La": 1}.get(image.mode)
    return (pixels[..., :keep] if keep else pixels), None, notes


def _orientation(image: Image) -> tuple[int, tuple[Note, ...]]:
    """EXIF orientation, 1…8; damage there costs the orientation, with a note, and never the picture."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1)), ()
    except Exception as error:
        return 1, (Note("EXIF unreadable", f"How the camera was held is not known ({error}); shown as stored."),)


def _sixteen_bit(origin: Origin, samples: int) -> np.ndarray:
    """16-bit PNG with several samples: Pillow keeps one byte of each, so its decoder runs once for either byte.

    Its unpackers for big-endian and little-endian data take the first and the second byte of a sample. Grey with alpha
    has four bytes a pixel, exactly as 8-bit RGBA, and needs one run.
    """
    if samples == 2:
        quads = _decode_as(origin, "RGBA", "RGBA")
        return (quads[..., 0].astype(np.uint16) << 8) | quads[..., 1]
    mode = "RGB" if samples == 3 else "RGBA"
    high = _decode_as(origin, mode, f"{mode};16B")[..., :3].astype(np.uint16)
    return (high << 8) | _decode_as(origin, mode, f"{mode};16L")[..., :3]


def _decode_as(origin: Origin, mode: str, rawmode: str) -> np.ndarray:
    """Let Pillow's decoder fill ``mode`` from other bytes of each pixel; a flag for interlacing stays."""
    import PIL.Image

    with origin.open() as stream, PIL.Image.open(stream) as image:
        tiles: list[Any] = image.tile
        codec, extents, offset, args = tiles[0]
        tiles[:] = [(codec, extents, offset, (rawmode, *args[1:]) if isinstance(args, tuple) else rawmode)]
        image._mode = mode
        return np.asarray(image)


def image_source(
    origin: Origin,
    pixels: np.ndarray,
    orientation: int = 1,
    value_range: tuple[float, float] | None = None,
    notes: tuple[Note, ...] = (),
    pages: int = 1,
    selection: str = "",
) -> ArraySource:
    """Source of decoded pixels (rows, columns) or (rows, columns, channels), turned upright, planar."""
    if orientation in range(2, 9):
        pixels = _upright(pixels, orientation)
        notes = (*notes, Note("rotated by EXIF", "The camera noted how it was held; the picture is shown upright."))
    planar = pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)
    if planar.dtype == np.uint16:
        notes = (*notes, SIXTEEN_BIT_NOTE)
    stored = planar.dtype
    value_range = value_range or display_range(planar)
    if (stored.itemsize <= 2 or stored == np.float32) and planar.size * 4 <= FLOAT_COPY_LIMIT:
        planar = planar_float32(planar)
    return ArraySource(
        planar, "image", origin.name, value_range, notes,
        path=origin.path, pages=pages, stored_dtype=stored, fingerprint=lambda: origin.fingerprint(selection),
    )  # fmt: skip


def pages_note(page: int | None, pages: int) -> Note:
    """The chip of a file with several pages."""
    detail = "The file holds several pages of its own; another one, or all as a volume, can be opened."
    return Note(f"first of {pages} pages" if not page else f"page {page + 1} of {pages}", detail)


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation (2…8): 5…8 swap the axes, then rows and columns are reversed."""
    if orientation >= 5:
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels[:, ::-1] if orientation in (2, 3, 6, 7) else pixels


def _png_header(origin: Origin) -> tuple[int, int] | None:
    """(bit depth, samples per pixel) of a PNG, from its first chunk; None for other files and for palettes."""
    head = origin.head
    if head[:8] != b"\x89PNG\r\n\x1a\n" or len(head) < 26:
        return None
    return (head[24], _COLOUR_TYPE[head[25]]) if head[25] in _COLOUR_TYPE else None
