# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that cannot be opened: one clear sentence each, and nothing else."""

from __future__ import annotations

import gzip
import io
import os
import re
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from convdesk.errors import FormatError
from convdesk.media import dialog_filter, open_bytes, open_source, supported_suffixes


def refused(path: Path) -> str:
    """The sentence with which a file is refused; its form is always the same."""
    with pytest.raises(FormatError) as caught:
        open_source(path)
    message = str(caught.value)
    assert re.fullmatch(rf"‘{re.escape(path.name)}’ could not be opened: \S.*\. Try \S.*[^.]\.", message), message
    return message


def photo(format: str, size: tuple[int, int] = (80, 60)) -> bytes:
    stream = io.BytesIO()
    array = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(array).save(stream, format, **({"compression": "tiff_deflate"} if format == "TIFF" else {}))
    return stream.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_truncated_image(tmp_path: Path, format: str, share: float) -> None:
    whole = photo(format)
    path = tmp_path / f"a.{format.lower()}"
    path.write_bytes(whole[: max(20, int(len(whole) * share))])
    refused(path)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("lazy", [False, True], ids=["decoded", "lazy"])
@pytest.mark.parametrize("tile", [None, (32, 32)], ids=["strips", "tiles"])
def test_a_truncated_tiff_of_any_layout(tmp_path, monkeypatch, compression, lazy: bool, tile) -> None:
    monkeypatch.setattr("convdesk.media.tiff.LAZY_FROM", 0 if lazy else 1 << 40)
    path = tmp_path / "a.tif"
    array = np.random.default_rng(0).integers(0, 65536, (200, 200), np.uint16)
    tifffile.imwrite(path, array, compression=compression, tile=tile, rowsperstrip=None if tile else 20)
    path.write_bytes(path.read_bytes()[:30_000])
    with pytest.raises(FormatError, match=r"^‘a.tif’ could not be opened: it (ends too early|is damaged).* Try "):
        open_source(path).array()


def test_decoders_print_nothing_of_their_own(tmp_path, capfd) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((200, 200), np.uint16), compression="zlib", rowsperstrip=20)
    path.write_bytes(path.read_bytes()[:200])
    refused(path)
    assert capfd.readouterr() == ("", "")


def test_damage_in_one_tile_spares_the_others(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("convdesk.media.tiff.LAZY_FROM", 0)
    path, array = tmp_path / "a.tif", np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    tifffile.imwrite(path, array, compression="zlib", tile=(32, 32))
    with tifffile.TiffFile(path) as tiff:
        last = tiff.pages[0].dataoffsets[-1]
    data = bytearray(path.read_bytes())
    data[last : last + 20] = b"\xff" * 20
    path.write_bytes(data)
    source = open_source(path)
    assert np.array_equal(source.read(((0, 32), (0, 64)))[0], array[:32])
    with pytest.raises(FormatError, match="it is damaged"):
        source.read(((40, 41), (40, 41)))


@pytest.mark.parametrize("suffix", supported_suffixes())
def test_an_empty_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.touch()
    assert "it is empty (0 bytes)" in refused(path)


@pytest.mark.parametrize("suffix", supported_suffixes())
def test_bytes_without_meaning(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(bytes(range(256)) * 4)
    refused(path)


def test_a_missing_file_names_the_folder(tmp_path: Path) -> None:
    assert f"there is no such file in ‘{tmp_path}’" in refused(tmp_path / "a.png")


def test_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a.png"
    folder.mkdir()
    assert "it is a folder, not a file" in refused(folder)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    os.mkfifo(path)
    assert "it is a device or a pipe, not a file" in refused(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(photo("PNG"))
    path.chmod(0)
    assert "you may not read it" in refused(path)


def test_a_permission_error_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(photo("PNG"))

    def closed(self: Path, *args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)
    assert "you may not read it" in refused(path)


def test_text_that_calls_itself_an_image(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("this is not a picture\n")
    assert "its content is text, not PNG. Try renaming it to .csv" in refused(path)


def test_a_format_that_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom" + bytes(100))
    assert "its format is not known here. Try PNG, JPEG" in refused(path)


def test_damaged_compression(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"1,2\n" * 9000)[:60])
    assert "it ends too early" in refused(path)


def test_an_image_larger_than_the_memory_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = photo("PNG", (600, 400))
    monkeypatch.setattr("convdesk.media.origin.available_memory", lambda: 1_000_000)
    with pytest.raises(FormatError, match=r"600 × 400 with 3 channels needs 0.0 GB, 0.0 GB are free"):
        open_bytes(data)


def test_a_png_that_claims_to_be_huge_costs_nothing() -> None:
    data = bytearray(photo("PNG"))
    data[16:24] = (200_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(FormatError, match=r"200,000 × 200,000 with 3 channels needs 720.0 GB, .* GB are free. Try "):
        open_bytes(bytes(data))


def test_nifti_without_nibabel_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nibabel", None)
    header = bytearray(400)
    header[344:348] = b"n+1\0"
    with pytest.raises(FormatError, match=r"NIfTI needs the package nibabel.*Try pip install 'convdesk\[volume\]'"):
        open_bytes(bytes(header), "a.nii")


def test_asking_for_a_kind_that_the_file_is_not() -> None:
    with pytest.raises(FormatError, match="it holds an image, a signal was asked for"):
        open_bytes(photo("PNG"), kind="signal")


def test_the_file_dialog_names_every_suffix() -> None:
    line = dialog_filter()
    assert all(f"*{suffix}" in line.split(";;")[0] for suffix in supported_suffixes())
    assert line.endswith("All files (*)")
