# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers: what they write comes back, the display mapping is stated, and a file is whole or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from convdesk.errors import FormatError, ParameterError, ShapeError
from convdesk.media import FORMATS, open_source, sink_for

ANY = (0.0, 255.0)
SPECIAL = np.array([0.0, -0.0, 1e-45, 3.4e38, -1 / 3, np.inf, -np.inf, np.nan], np.float32)


def values(*shape: int) -> np.ndarray:
    array = np.random.default_rng(6).normal(100, 60, shape).astype(np.float32)
    array.reshape(-1)[: SPECIAL.size] = SPECIAL
    return array


@pytest.mark.parametrize(
    ("format", "kind", "shape"),
    [
        ("npy", "signal", (2, 90)),
        ("npy", "image", (5, 11, 12)),
        ("npy", "volume", (1, 5, 6, 7)),
        *(("tiff", "image", (channels, 11, 12)) for channels in (1, 2, 3, 4, 7)),
        *(("tiff", "volume", (channels, 5, 6, 7)) for channels in (1, 2, 3)),
        *(("csv", "signal", (channels, 90)) for channels in (1, 3)),
    ],
)  # fmt: skip
def test_exact_formats_give_back_every_bit(tmp_path: Path, format: str, kind: str, shape: tuple[int, ...]) -> None:
    sink, array = sink_for(format), values(*shape)
    report = sink.write(tmp_path / f"a{sink.suffix}", array, kind=kind, value_range=ANY)
    assert report == (tmp_path / f"a{sink.suffix}", "")
    back = open_source(report.path, kind=kind)
    assert back.stored_dtype == np.float32
    np.testing.assert_array_equal(back.array().view(np.uint32), array.view(np.uint32))


def test_npy_and_tiff_agree_with_outside_judges(tmp_path: Path) -> None:
    array = values(3, 20, 30)
    sink_for("npy").write(tmp_path / "a.npy", array, kind="image", value_range=ANY)
    sink_for("tiff").write(tmp_path / "a.tif", array, kind="image", value_range=ANY)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), array)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), np.moveaxis(array, 0, -1))
    judge = cv2.imread(str(tmp_path / "a.tif"), cv2.IMREAD_UNCHANGED)[..., ::-1]
    np.testing.assert_array_equal(judge, np.moveaxis(array, 0, -1))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("format", "dtype"), [("png", np.uint8), ("png16", np.uint16)])
def test_png_of_whole_values_is_the_identity(tmp_path: Path, channels: int, format: str, dtype: type) -> None:
    top = np.iinfo(dtype).max
    array = np.random.default_rng(1).integers(0, top, (channels, 23, 31), endpoint=True).astype(np.float32)
    report = sink_for(format).write(tmp_path / "a.png", array, kind="image", value_range=(0, top))
    judge = np.atleast_3d(cv2.imread(str(report.path), cv2.IMREAD_UNCHANGED))
    assert judge.dtype == dtype
    assert np.array_equal(np.moveaxis(judge, -1, 0)[::-1], array)
    assert np.array_equal(open_source(report.path).array(), array)
    assert report.note == ""


def test_png_states_how_signed_values_are_shown(tmp_path: Path) -> None:
    array = np.array([[[-1.0, -0.5, 0.0, 0.25, 1.0]]])
    report = sink_for("png").write(tmp_path / "a.png", array, kind="image", value_range=(-1, 1))
    assert report.note == "−1 … 1 shown as 0 … 255"
    assert np.asarray(Image.open(report.path)).tolist() == [[0, 64, 128, 159, 255]]


def test_png_counts_what_it_clips_and_what_is_no_number(tmp_path: Path) -> None:
    array = np.array([[[-3, 0, 255, 256, np.inf, -np.inf, np.nan, 7]]])
    report = sink_for("png").write(tmp_path / "a.png", array, kind="image", value_range=(0, 255))
    assert np.asarray(Image.open(report.path)).tolist() == [[0, 0, 255, 255, 255, 0, 0, 7]]
    assert report.note == "2 values below and 2 above the display range were clipped; 1 NaN written as 0"


@pytest.mark.parametrize(
    ("format", "kind", "shape", "reason"),
    [
        ("png", "image", (16, 4, 4), "PNG holds 1 or 3 channels, the result has 16"),
        ("png", "volume", (1, 4, 4, 4), "PNG holds images, not volumes"),
        ("png16", "signal", (1, 4), "PNG holds images, not signals"),
        ("tiff", "signal", (1, 4), "TIFF holds images and volumes"),
        ("csv", "image", (1, 4, 4), "CSV holds signals, not images"),
    ],
)
def test_a_format_refuses_what_it_cannot_hold(tmp_path: Path, format, kind, shape, reason) -> None:
    assert reason in FORMATS[format].refuse(shape, kind)
    with pytest.raises(ShapeError, match=f"‘result’: {reason}"):
        sink_for(format).write(tmp_path / "result", np.zeros(shape), kind=kind, value_range=ANY)
    assert list(tmp_path.iterdir()) == []


def test_wrong_arguments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="output format 'gif', expected one of tiff, png"):
        sink_for("gif")
    with pytest.raises(ParameterError, match="display range 3…3"):
        sink_for("png").write(tmp_path / "a.png", np.zeros((1, 2, 2)), kind="image", value_range=(3, 3))
    with pytest.raises(ParameterError, match="kind 'picture'"):
        sink_for("png").write(tmp_path / "a.png", np.zeros((1, 2, 2)), kind="picture", value_range=ANY)
    with pytest.raises(ShapeError, match=r"image of shape \(2, 2\)"):
        sink_for("png").write(tmp_path / "a.png", np.zeros((2, 2)), kind="image", value_range=ANY)


def test_a_format_is_found_by_its_suffix_too() -> None:
    assert {sink_for(name).name for name in ("tif", ".TIF", "tiff")} == {"tiff"}
    assert [sink_for(sink.name) for sink in FORMATS.values()] == [*FORMATS.values()]


def test_folders_are_made_and_files_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.npy"
    for number in (1, 2):
        sink_for("npy").write(path, np.full((1, 3), number), kind="signal", value_range=ANY)
        assert np.array_equal(np.load(path), [[number] * 3])
    assert [each.name for each in path.parent.iterdir()] == ["a.npy"]


@pytest.mark.parametrize("format", FORMATS)
def test_when_the_disk_is_full_the_old_file_stays(tmp_path, monkeypatch, format: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    kind, shape = ("signal", (1, 9)) if format == "csv" else ("image", (1, 3, 3))
    with pytest.raises(FormatError, match=rf"‘{path}’ could not be written: no space left on device\. Try "):
        sink_for(format).write(path, np.zeros(shape), kind=kind, value_range=ANY)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "a.npy", tmp_path):
        with pytest.raises(FormatError, match=r"could not be written: .*\. Try another folder"):
            sink_for("npy").write(path, np.zeros((1, 3)), kind="signal", value_range=ANY)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
