# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG, JPEG, WebP, GIF and BMP: the stored values, judged by OpenCV and Pillow, and the notes."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from convdesk.media import open_bytes, open_source


def pixels(*shape: int, top: int = 256) -> np.ndarray:
    return np.random.default_rng(3).integers(0, top, shape)


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def texts(source) -> list[str]:
    return [note.text for note in source.notes]


def png(depth: int, colour: int, samples: np.ndarray, passes: list[tuple[slice, slice]] | None = None) -> bytes:
    """A PNG written by hand, unfiltered: any bit depth and colour type, Adam7 when ``passes`` are given."""
    rows, columns = samples.shape[:2]

    def lines(part: np.ndarray) -> bytes:
        bits = part.reshape(*part.shape[:1], -1, 1) >> np.arange(depth - 1, -1, -1) & 1
        return b"".join(b"\0" + np.packbits(line.astype(np.uint8).ravel()).tobytes() for line in bits)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    body = b"".join(lines(samples[each]) for each in passes or [(slice(None), slice(None))] if samples[each].size)
    header = struct.pack(">IIBBBBB", columns, rows, depth, colour, 0, 0, bool(passes))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


ADAM7 = [
    (slice(y, None, dy), slice(x, None, dx))
    for y, x, dy, dx in [
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    ]
]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_values_are_those_opencv_reads(tmp_path: Path, dtype: type, channels: int) -> None:
    array = pixels(9, 14, channels, top=np.iinfo(dtype).max + 1).astype(dtype)
    array[0, 0], array[0, 1] = 0, np.iinfo(dtype).max
    path = tmp_path / "a.png"
    assert cv2.imwrite(str(path), array)
    judge = np.atleast_3d(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))[
        ..., [2, 1, 0][:channels] if channels > 1 else [0]
    ]
    source = open_source(path)
    assert source.stored_dtype == dtype
    assert source.value_range == (0, np.iinfo(dtype).max)
    assert np.array_equal(source.array(), np.moveaxis(judge, -1, 0))
    assert ("alpha ignored" in texts(source)) == (channels == 4)
    assert ("16 bit, shown 0–65,535" in texts(source)) == (dtype == np.uint16)


@pytest.mark.parametrize(("colour", "samples", "kept"), [(0, 1, 1), (4, 2, 1), (2, 3, 3), (6, 4, 3)])
@pytest.mark.parametrize("passes", [None, ADAM7], ids=["straight", "interlaced"])
def test_16_bit_png_of_every_colour_type_keeps_both_bytes(colour, samples, kept, passes) -> None:
    array = pixels(11, 13, samples, top=65536)
    source = open_bytes(png(16, colour, array, passes), "a.png")
    assert np.array_equal(source.array(), np.moveaxis(array[..., :kept], -1, 0))
    assert ("alpha ignored" in texts(source)) == (colour in (4, 6))


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_small_bit_depths_are_not_widened(depth: int) -> None:
    array = pixels(5, 9, 1, top=1 << depth)
    source = open_bytes(png(depth, 0, array))
    assert np.array_equal(source.array()[0], array[..., 0])
    assert source.value_range == (0, (1 << depth) - 1)


def test_bilevel_images_are_0_and_1() -> None:
    array = pixels(6, 10, top=2).astype(bool)
    source = open_bytes(encoded(Image.fromarray(array)))
    assert source.stored_dtype == np.bool_
    assert np.array_equal(source.array()[0], array)


def test_palettes_become_rgb() -> None:
    image = Image.fromarray(pixels(8, 8, 3).astype(np.uint8)).quantize(12)
    source = open_bytes(encoded(image))
    assert np.array_equal(source.array(), np.moveaxis(np.asarray(image.convert("RGB")), -1, 0))
    assert texts(source) == ["palette shown as RGB"]
    for transparency in (3, bytes([0, 128] + [255] * 10)):
        source = open_bytes(encoded(image, transparency=transparency))
        assert texts(source) == ["alpha ignored", "palette shown as RGB"]
        assert np.array_equal(source.array(), np.moveaxis(np.asarray(image.convert("RGB")), -1, 0))


def test_grey_with_alpha_is_grey() -> None:
    array = pixels(5, 6, 2).astype(np.uint8)
    source = open_bytes(encoded(Image.fromarray(array, "LA")))
    assert np.array_equal(source.array(), array[None, ..., 0])
    assert texts(source) == ["alpha ignored"]


def test_colours_under_full_transparency_are_kept() -> None:
    array = pixels(5, 6, 4).astype(np.uint8)
    array[..., 3] = 0
    assert np.array_equal(open_bytes(encoded(Image.fromarray(array))).array(), np.moveaxis(array[..., :3], -1, 0))


def test_cmyk_becomes_rgb_with_a_note() -> None:
    image = Image.fromarray(pixels(16, 16, 4).astype(np.uint8), "CMYK")
    source = open_bytes(encoded(image, "JPEG"))
    assert source.channels == 3
    assert texts(source) == ["CMYK shown as RGB"]


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "BMP"])
def test_other_formats_agree_with_pillow(format: str) -> None:
    data = encoded(Image.fromarray(pixels(21, 34, 3).astype(np.uint8)), format)
    judge = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    source = open_bytes(data, f"a.{format.lower()}")
    assert np.array_equal(source.array(), np.moveaxis(judge, -1, 0))
    assert source.notes == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    image = Image.fromarray(pixels(20, 33, 3).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(image, "JPEG", exif=exif)
    judge = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    source = open_bytes(data)
    assert np.array_equal(source.array(), np.moveaxis(judge, -1, 0))
    assert texts(source) == (["rotated by EXIF"] if orientation > 1 else [])


def test_damaged_exif_costs_the_orientation_but_not_the_picture() -> None:
    image = Image.fromarray(pixels(20, 33, 3).astype(np.uint8))
    entry = struct.pack(">HHI4s", 0x0112, 2, 4, b"top\0")  # the orientation as a word, expected a number
    data = encoded(image, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + bytes(4))
    source = open_bytes(data)
    assert np.array_equal(source.array(), np.moveaxis(np.asarray(Image.open(io.BytesIO(data))), -1, 0))
    assert texts(source) == ["EXIF unreadable"]


def test_an_animation_opens_at_the_first_frame_or_the_one_asked_for(tmp_path: Path) -> None:
    frames = [Image.new("L", (7, 5), level) for level in (10, 20, 30)]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    first, third = open_source(path), open_source(path, page=2)
    assert texts(first)[-1] == "first of 3 pages"
    assert texts(third)[-1] == "page 3 of 3"
    assert (first.pages, first.array()[0, 0, 0], third.array()[0, 0, 0]) == (3, 10, 30)
    assert first.fingerprint != third.fingerprint


def test_one_pixel_is_an_image() -> None:
    source = open_bytes(encoded(Image.new("RGB", (1, 1), (1, 2, 255))))
    assert np.array_equal(source.array(), np.array([1, 2, 255]).reshape(3, 1, 1))


def test_content_counts_more_than_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (4, 3), (9, 9, 9)).save(path, "JPEG")
    assert open_source(path).shape == (3, 3, 4)


def test_pasted_bytes_equal_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(pixels(4, 4, 3).astype(np.uint8)).save(path)
    file, pasted = open_source(path), open_bytes(path.read_bytes())
    assert np.array_equal(file.array(), pasted.array())
    assert file.fingerprint == pasted.fingerprint
    assert (file.path, pasted.path, file.name, pasted.name) == (path, None, "a.png", "pasted")


def test_images_too_large_for_a_float_copy_keep_their_type(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(Image.fromarray(pixels(30, 40, 3).astype(np.uint8)))
    whole = open_bytes(data).array()
    monkeypatch.setattr("convdesk.media.image.FLOAT_COPY_LIMIT", 1000)
    source = open_bytes(data)
    assert np.array_equal(source.read(((5, 20), (7, 31))), whole[:, 5:20, 7:31])
    assert source.read(((5, 20), (7, 31))).flags.c_contiguous
