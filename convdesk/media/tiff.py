# SPDX-License-Identifier: GPL-3.0-or-later
"""TIFF and BigTIFF through tifffile: any sample type, pages, planes, strips and tiles; large ones piece by piece."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from convdesk.media.image import ALPHA_NOTE, PALETTE_NOTE, SIXTEEN_BIT_NOTE, image_source, pages_note, read_image
from convdesk.media.origin import Origin, require_memory, require_real
from convdesk.media.segments import SegmentedSource
from convdesk.media.source import ArraySource, Note, Source

TiffPage = Any  # tifffile.TiffPage, whose published types leave every tag open

LAZY_FROM = 256 << 20
"""Pages of at least this many bytes are not decoded when they are opened but piece by piece when they are read."""

_COLOUR_MODELS = ("MINISWHITE", "MINISBLACK", "RGB", "PALETTE", "SEPARATED")


def read_tiff(origin: Origin, page: int | None = None, *, volume: bool = False) -> Source:
    """Open one page of a TIFF as an image, or all its pages as a volume.

    Parameters
    ----------
    origin : the bytes.
    page : from 0; None means the first, with a note when there are more.
    volume : stack all pages of equal size along the depth axis.
    """
    import tifffile

    log = logging.getLogger("tifffile")
    if not log.hasHandlers():
        log.addHandler(logging.NullHandler())  # what it would print on its own, our error says
    with origin.reading(), origin.open() as stream, tifffile.TiffFile(stream) as tiff:
        if not len(tiff.pages):
            raise origin.error("its list of pages is missing; the file is incomplete", "copying it again")
        pages = [each for each in tiff.pages if not each.keyframe.is_reduced] or [tiff.pages[0]]
        count = len(pages)
        if page is not None and not 0 <= page < count:
            raise origin.error(f"it has {count} pages, page {page} was asked for", f"0 … {count - 1}")
        if volume:
            return _volume(origin, [each.aspage() for each in pages])
        notes = (pages_note(page, count),) if count > 1 else ()
        return _image(origin, pages[page or 0].aspage(), notes, count, f"page={page}" if page else "")


def _image(origin: Origin, page: TiffPage, notes: tuple[Note, ...], pages: int, selection: str) -> Source:
    """One page: mapped or read by segments when it is large and needs no conversion, decoded at once otherwise."""
    _check(origin, page)
    upright = page.tags.valueof(274, 1) == 1
    if page.nbytes >= LAZY_FROM and upright and page.photometric.name in ("MINISBLACK", "RGB"):
        keep = _kept_samples(page)
        if keep < page.samplesperpixel:
            notes += (ALPHA_NOTE,)
        if page.dtype == np.uint16:
            notes += (SIXTEEN_BIT_NOTE,)
        if origin.path is None or not page.is_memmappable:
            return SegmentedSource(origin, page, keep, notes, pages, selection)
        dtype = page.dtype.newbyteorder(page.parent.byteorder)
        mapped = np.memmap(origin.path, dtype, "r", page.dataoffsets[0], page.shape)
        planar = _planar(page, mapped)[:keep]
        return ArraySource(
            planar, "image", origin.name, notes=notes, path=origin.path, pages=pages, stored_dtype=page.dtype,
            fingerprint=lambda: origin.fingerprint(selection),
        )  # fmt: skip
    require_memory(origin, page.shape, 1, page.dtype.itemsize)
    try:
        pixels, more = _pixels(page)
    except ValueError as error:
        if "imagecodecs" in str(error) and _pillow_is_exact(page):
            return read_image(origin, page.index if pages > 1 else None)
        raise
    return image_source(origin, pixels, page.tags.valueof(274, 1), None, notes + more, pages, selection)


def _volume(origin: Origin, pages: list[TiffPage]) -> Source:
    first = pages[0]
    _check(origin, first)
    if any(each.shape != first.shape or each.dtype != first.dtype for each in pages):
        raise origin.error("its pages differ in size or type and make no volume", "opening one page as an image")
    require_memory(origin, (len(pages), *first.shape), 1, first.dtype.itemsize)
    slices, notes = zip(*(_pixels(each) for each in pages), strict=True)
    stack = np.stack(slices)
    note = Note(f"{len(pages)} pages as depth", "Each page of the file is one slice; a single page opens as an image.")
    return ArraySource(
        stack[None] if stack.ndim == 3 else np.ascontiguousarray(np.moveaxis(stack, -1, 0)),
        "volume", origin.name, notes=(note, *notes[0]), path=origin.path, pages=len(pages),
        fingerprint=lambda: origin.fingerprint("volume"),
    )  # fmt: skip


def _planar(page: TiffPage, pixels: np.ndarray) -> np.ndarray:
    """View (samples, rows, columns) of what tifffile returns."""
    if page.axes.startswith("S"):
        return pixels
    return np.moveaxis(pixels, -1, 0) if page.axes.endswith("S") else pixels[None]


def _pixels(page: TiffPage) -> tuple[np.ndarray, tuple[Note, ...]]:
    """Decoded page as (rows, columns) or (rows, columns, channels) and what was converted."""
    planar = _planar(page, page.asarray())
    return _colours(page, planar[0] if len(planar) == 1 else np.moveaxis(planar, 0, -1))


def _check(origin: Origin, page: TiffPage) -> None:
    if page.dtype is None:
        raise origin.error(f"{page.bitspersample} bits per sample are not supported", "saving it as 8 or 16 bit")
    require_real(origin, page.dtype)
    if 0 in page.shape:
        raise origin.error(f"it has no pixels (size {page.imagelength} × {page.imagewidth})", "exporting it again")
    if page.imagedepth > 1:
        raise origin.error(f"its pages are {page.imagedepth} slices deep, expected 1", "saving each slice as a page")
    if page.photometric.name not in _COLOUR_MODELS and not _pillow_is_exact(page):
        raise origin.error(f"the colour model {page.photometric.name} is not supported", "saving it as RGB")


def _kept_samples(page: TiffPage) -> int:
    """Samples that are data: without those declared as transparency."""
    alpha = sum(int(extra) in (1, 2) for extra in page.extrasamples)
    return page.samplesperpixel - alpha


def _colours(page: TiffPage, pixels: np.ndarray) -> tuple[np.ndarray, tuple[Note, ...]]:
    """Pixels (rows, columns[, samples]) with transparency dropped, palettes and CMYK as RGB, white-is-zero turned."""
    notes: tuple[Note, ...] = ()
    keep, model = _kept_samples(page), page.photometric.name
    if keep < page.samplesperpixel:
        pixels = pixels[..., 0] if keep == 1 else pixels[..., :keep]
        notes += (ALPHA_NOTE,)
    if model == "PALETTE" and page.colormap is not None:
        table = np.asarray(page.colormap).T  # 16 bits by the standard, 8 in files of some programs
        pixels = (table >> 8 if table.max() > 255 else table).astype(np.uint8)[pixels]
        notes += (PALETTE_NOTE,)
    elif model == "SEPARATED" and pixels.ndim == 3 and pixels.shape[-1] == 4 and pixels.dtype.kind == "u":
        top = np.iinfo(pixels.dtype).max
        ink = pixels.astype(np.float64)
        pixels = np.rint((top - ink[..., :3]) * (top - ink[..., 3:]) / top).astype(pixels.dtype)
        notes += (Note("CMYK shown as RGB", "The file stores CMYK. It is converted without a colour profile."),)
    elif model == "MINISWHITE" and pixels.dtype.kind in "bu":
        pixels = ~pixels
        notes += (Note("white is zero, turned", "The file counts darkness; turned, larger is brighter."),)
    return pixels, notes


def _pillow_is_exact(page: TiffPage) -> bool:
    """Whether Pillow, which brings more decoders, keeps every bit of this page."""
    if page.bitspersample in (1, 8) or page.photometric.name == "PALETTE":
        return True
    return page.samplesperpixel == 1 and page.dtype in (np.uint16, np.float32)
