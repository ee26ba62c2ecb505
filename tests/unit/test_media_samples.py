# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample data: each file is listed with its licence, opens, and is what the menu says."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from convdesk.errors import ParameterError
from convdesk.media import digits, open_sample, open_source, samples
from convdesk.media.samples import samples_folder

NO_DATA = {".md", ".py", ".convdesk"}
FILES = sorted(path for path in samples_folder().iterdir() if path.is_file() and path.suffix not in NO_DATA)
SOURCES = (samples_folder() / "SOURCES.md").read_text(encoding="utf-8")
ROWS = {
    row[0]: row for row in (line.strip("| ").split(" | ") for line in SOURCES.splitlines() if line.startswith("| "))
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_listed_with_its_licence_and_opens(path) -> None:
    row = ROWS[path.name]
    assert len(row) == 6
    assert all(cell.strip() for cell in row)
    assert re.search(r"CC0|CC BY 4\.0|public domain|permissive, with notice|GPL-3\.0-or-later", row[5])
    source = open_source(path)
    assert np.isfinite(source.array()).all()
    size = (*source.spatial, source.channels) if path.name == "digits.csv.gz" else source.spatial
    assert row[2] == " × ".join(map(str, size))


def test_nothing_else_is_listed_and_all_is_small() -> None:
    assert set(ROWS) - {"file"} == {path.name for path in FILES}
    assert sum(path.stat().st_size for path in FILES) < 8_000_000


def test_the_notices_are_complete() -> None:
    for words in ("Louis Collins, McConnell Brain Imaging Centre", "provided that the above copyright notice appear",
                  "injury to subjects or patients", "Copyright (c) 2011 Jeffrey Whitaker", "The nilearn developers",
                  "https://doi.org/10.24432/C50P49"):  # fmt: skip
        assert words in re.sub(r"\s*\n>?\s*", " ", SOURCES)


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_every_sample_opens_as_what_the_menu_says(sample) -> None:
    source = open_sample(sample.name)
    assert source.kind == sample.kind
    assert source.read(tuple((0, min(n, 16)) for n in source.spatial)).dtype == np.float32
    assert (sample.path is None) != (sample.generator is None)


def test_the_samples_cover_what_one_wants_to_try() -> None:
    by_name = {sample.name: open_sample(sample.name) for sample in samples()}
    assert len(by_name) == len(samples())
    assert np.prod(by_name["blue_marble"].spatial) > 10_000_000
    assert {source.channels for source in by_name.values()} == {1, 3}
    assert {source.kind for source in by_name.values()} == {"image", "signal", "volume"}
    cells = by_name["cells16"].array()
    assert (cells.min(), cells.max(), by_name["cells16"].stored_dtype) == (0, 65535, np.uint16)


def test_photographs_have_the_values_opencv_reads() -> None:
    for name in ("camera", "chelsea", "coffee", "brick"):
        judge = np.atleast_3d(cv2.imread(str(samples_folder() / f"{name}.png"), cv2.IMREAD_UNCHANGED))
        assert np.array_equal(open_sample(name).array(), np.moveaxis(judge, -1, 0)[::-1])


def test_the_brain_is_the_right_way_up() -> None:
    brain = open_sample("mni152").array()[0]
    filled = (brain > 0).mean(axis=(1, 2))
    assert filled[0] < 0.1 < filled[80]
    assert np.corrcoef(brain[80].ravel(), brain[80, :, ::-1].ravel())[0, 1] > 0.98  # a symmetric template, left-right


def test_digits_are_images_with_labels() -> None:
    images, labels = digits()
    assert images.shape == (1797, 8, 8)
    assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(labels).min() > 170
    sheet = open_sample("digits").array()[0]
    assert np.array_equal(sheet[8:16, 16:24], images[52])


def test_an_unknown_sample_is_refused_with_the_list() -> None:
    with pytest.raises(ParameterError, match="sample 'lena', expected one of camera, chelsea"):
        open_sample("lena")
