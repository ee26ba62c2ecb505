# SPDX-License-Identifier: GPL-3.0-or-later
"""TIFF: sample types, planes, tiles, pages, colour models, lazy reading, and what needs more decoders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from convdesk.errors import FormatError
from convdesk.media import Source, open_bytes, open_source


def pixels(*shape: int, dtype: str = "uint8") -> np.ndarray:
    random = np.random.default_rng(5)
    if np.dtype(dtype).kind == "f":
        return random.normal(size=shape).astype(dtype)
    bounds = np.iinfo(dtype)
    return random.integers(bounds.min, bounds.max, shape, dtype, endpoint=True)


def texts(source: Source) -> list[str]:
    return [note.text for note in source.notes]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float16", "float32", "float64", "uint32"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_every_sample_type_keeps_its_values(tmp_path: Path, dtype: str, byteorder: str) -> None:
    path, array = tmp_path / "a.tif", pixels(13, 17, dtype=dtype)
    tifffile.imwrite(path, array, byteorder=byteorder)
    source = open_source(path)
    assert source.stored_dtype == np.dtype(dtype)
    assert np.array_equal(source.array()[0], array.astype(np.float32))
    assert any("rounded" in text for text in texts(source)) == (dtype in ("float64", "uint32"))


LAYOUTS = {
    "strips": {"rowsperstrip": 4},
    "tiles": {"tile": (16, 32)},
    "deflate": {"compression": "zlib", "predictor": True, "rowsperstrip": 5},
    "deflated-tiles": {"compression": "zlib", "tile": (32, 16)},
    "bigtiff": {"bigtiff": True, "tile": (16, 16)},
}
KINDS = {
    "grey": ((41, 53), {"photometric": "minisblack"}),
    "rgb": ((41, 53, 3), {"photometric": "rgb"}),
    "planar": ((3, 41, 53), {"photometric": "rgb", "planarconfig": "separate"}),
    "five-planes": ((5, 41, 53), {"photometric": "minisblack", "planarconfig": "separate"}),
}


@pytest.mark.parametrize("lazy", [False, True], ids=["decoded", "lazy"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_any_box_of_any_layout_equals_the_slice(tmp_path, monkeypatch, kind: str, layout: str, lazy: bool) -> None:
    shape, options = KINDS[kind]
    path, array = tmp_path / "a.tif", pixels(*shape, dtype="uint16")
    tifffile.imwrite(path, array, metadata=None, **options, **LAYOUTS[layout])
    monkeypatch.setattr("convdesk.media.tiff.LAZY_FROM", 0 if lazy else 1 << 40)
    monkeypatch.setattr("convdesk.media.segments._CACHE_BYTES", 5000)
    whole = array[None] if array.ndim == 2 else np.moveaxis(array, -1, 0) if kind == "rgb" else array
    source = open_source(path)
    assert source.fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.shape == whole.shape
    assert np.array_equal(source.array(), whole)
    for rows, columns in [((3, 4), (50, 53)), ((0, 41), (15, 17)), ((15, 33), (0, 53)), ((7, 7), (2, 9))]:
        assert np.array_equal(source.read((rows, columns)), whole[:, slice(*rows), slice(*columns)])
    assert np.array_equal(source.read((slice(2, 40, 5), slice(1, 53, 7))), whole[:, 2:40:5, 1:53:7])
    assert source.value_range == (0, 65535)
    assert texts(source) == ["16 bit, shown 0–65,535"]


def test_pasted_tiffs_are_read_like_files(tmp_path, monkeypatch) -> None:
    path, array = tmp_path / "a.tif", pixels(30, 20, dtype="float32")
    tifffile.imwrite(path, array)
    for limit in (0, 1 << 40):
        monkeypatch.setattr("convdesk.media.tiff.LAZY_FROM", limit)
        assert np.array_equal(open_bytes(path.read_bytes(), "a.tif").array()[0], array)


@pytest.mark.parametrize("lazy", [False, True], ids=["decoded", "lazy"])
def test_alpha_is_dropped_and_other_extra_samples_stay(tmp_path, monkeypatch, lazy: bool) -> None:
    monkeypatch.setattr("convdesk.media.tiff.LAZY_FROM", 0 if lazy else 1 << 40)
    array = pixels(9, 8, 4)
    tifffile.imwrite(tmp_path / "alpha.tif", array, photometric="rgb", extrasamples=["unassalpha"], tile=(16, 16))
    tifffile.imwrite(tmp_path / "infrared.tif", array, photometric="rgb", extrasamples=["unspecified"])
    alpha, infrared = open_source(tmp_path / "alpha.tif"), open_source(tmp_path / "infrared.tif")
    assert np.array_equal(alpha.array(), np.moveaxis(array[..., :3], -1, 0))
    assert texts(alpha) == ["alpha ignored"]
    assert np.array_equal(infrared.array(), np.moveaxis(array, -1, 0))


def test_grey_with_alpha_is_one_channel(tmp_path: Path) -> None:
    array = pixels(9, 8, 2)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="minisblack", planarconfig="contig", extrasamples=[2])
    assert np.array_equal(open_source(tmp_path / "a.tif").array(), array[None, ..., 0])


def test_white_is_zero_is_turned(tmp_path: Path) -> None:
    array = pixels(9, 8)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="miniswhite")
    source = open_source(tmp_path / "a.tif")
    assert np.array_equal(source.array()[0], 255.0 - array)
    assert texts(source) == ["white is zero, turned"]


def test_palette_and_cmyk_become_rgb(tmp_path: Path) -> None:
    image = Image.fromarray(pixels(12, 12, 3)).quantize(9)
    image.save(tmp_path / "palette.tif")
    source = open_source(tmp_path / "palette.tif")
    assert np.array_equal(source.array(), np.moveaxis(np.asarray(image.convert("RGB")), -1, 0))
    assert texts(source) == ["palette shown as RGB"]
    with tifffile.TiffWriter(tmp_path / "old.tif") as tiff:  # some programs store the colours in 8 bits
        table = np.asarray(image.getpalette("RGB") + [0] * (768 - len(image.getpalette("RGB"))), np.uint16)
        tiff.write(np.asarray(image), photometric="palette", colormap=table.reshape(256, 3).T)
    assert np.array_equal(
        open_source(tmp_path / "old.tif").array(), np.moveaxis(np.asarray(image.convert("RGB")), -1, 0)
    )
    ink = Image.fromarray(pixels(12, 12, 4), "CMYK")
    ink.save(tmp_path / "ink.tif")
    source = open_source(tmp_path / "ink.tif")
    assert np.abs(source.array() - np.moveaxis(np.asarray(ink.convert("RGB")), -1, 0)).max() <= 1
    assert texts(source) == ["CMYK shown as RGB"]


def test_bilevel_is_0_and_1(tmp_path: Path) -> None:
    array = pixels(9, 21) > 127
    Image.fromarray(array).save(tmp_path / "a.tif")
    source = open_source(tmp_path / "a.tif")
    assert source.value_range == (0, 1)
    assert np.array_equal(source.array()[0], array)


@pytest.mark.parametrize("orientation", [2, 3, 6, 8])
def test_the_orientation_tag_is_applied(tmp_path: Path, orientation: int) -> None:
    array = pixels(9, 21)
    tifffile.imwrite(tmp_path / "a.tif", array, extratags=[(274, "H", 1, orientation, True)])
    expected = {2: array[:, ::-1], 3: array[::-1, ::-1], 6: np.rot90(array, -1), 8: np.rot90(array)}[orientation]
    source = open_source(tmp_path / "a.tif")
    assert np.array_equal(source.array()[0], expected)
    assert texts(source) == ["rotated by EXIF"]


def test_pages_open_one_by_one_or_as_a_volume(tmp_path: Path) -> None:
    path, stack = tmp_path / "stack.tif", pixels(40, 7, 9, dtype="uint16")
    tifffile.imwrite(path, stack, photometric="minisblack")
    first, last, volume = open_source(path), open_source(path, page=39), open_source(path, kind="volume")
    assert texts(first)[0] == "first of 40 pages"
    assert texts(last)[0] == "page 40 of 40"
    assert texts(volume)[0] == "40 pages as depth"
    assert first.pages == volume.pages == 40
    assert np.array_equal(first.array()[0], stack[0])
    assert np.array_equal(last.array()[0], stack[39])
    assert volume.kind == "volume"
    assert np.array_equal(volume.array()[0], stack)
    assert len({first.fingerprint, last.fingerprint, volume.fingerprint}) == 3
    with pytest.raises(FormatError, match="it has 40 pages, page 40 was asked for"):
        open_source(path, page=40)


def test_a_pyramid_counts_as_one_page(tmp_path: Path) -> None:
    array = pixels(64, 64)
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(array, tile=(16, 16))
        tiff.write(array[::2, ::2], tile=(16, 16), subfiletype=1)
    source = open_source(tmp_path / "a.tif")
    assert (source.pages, source.notes) == (1, ())


def test_unequal_pages_make_no_volume(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(pixels(5, 6))
        tiff.write(pixels(6, 6))
    with pytest.raises(FormatError, match=r"‘a.tif’ could not be opened: its pages differ in size or type"):
        open_source(tmp_path / "a.tif", kind="volume")


@pytest.mark.parametrize(("shape", "dtype"), [((20, 30), "uint8"), ((20, 30, 3), "uint8"), ((20, 30), "uint16")])
def test_lzw_opens_where_pillow_keeps_every_bit(tmp_path: Path, shape: tuple[int, ...], dtype: str) -> None:
    path, array = tmp_path / "a.tif", pixels(*shape, dtype=dtype)
    assert cv2.imwrite(str(path), array, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    judge = np.atleast_3d(array)[..., ::-1]
    assert np.array_equal(open_source(path).array(), np.moveaxis(judge, -1, 0))


def test_lzw_with_16_bit_colours_opens_or_names_the_extra(tmp_path: Path) -> None:
    path, array = tmp_path / "a.tif", pixels(20, 30, 3, dtype="uint16")
    assert cv2.imwrite(str(path), array, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    try:
        import imagecodecs  # noqa: F401
    except ImportError:
        with pytest.raises(FormatError, match=r"^‘a.tif’ could not be opened: .*LZW.*pip install 'convdesk\[io\]'"):
            open_source(path)
    else:
        assert np.array_equal(open_source(path).array(), np.moveaxis(array[..., ::-1], -1, 0))


def test_pages_with_a_depth_of_their_own_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", pixels(8, 16, 16), tile=(8, 16, 16), volumetric=True, photometric="minisblack")
    with pytest.raises(FormatError, match=r"its pages are 8 slices deep, expected 1\. Try saving each slice as a page"):
        open_source(tmp_path / "a.tif")


def test_other_colour_models_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", pixels(9, 9, 3, dtype="uint16"), photometric="cielab", planarconfig="contig")
    with pytest.raises(FormatError, match="the colour model CIELAB is not supported"):
        open_source(tmp_path / "a.tif")


def test_complex_samples_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.complex64))
    with pytest.raises(FormatError, match="it holds complex numbers, expected real numbers"):
        open_source(tmp_path / "a.tif")
