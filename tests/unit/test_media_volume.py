# SPDX-License-Identifier: GPL-3.0-or-later
"""NIfTI volumes, where nibabel is installed: axes, scaling, series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convdesk.errors import FormatError
from convdesk.media import open_source

nibabel = pytest.importorskip("nibabel", reason="needs nibabel (pip install 'convdesk[volume]')")


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("image", ["Nifti1Image", "Nifti2Image"])
def test_axes_are_depth_upwards_rows_from_the_front_columns_from_the_left(
    tmp_path: Path, suffix: str, image: str
) -> None:
    array = np.random.default_rng(0).integers(0, 255, (5, 6, 7), np.uint8)  # right, anterior, superior
    nibabel.save(getattr(nibabel, image)(array, np.eye(4)), tmp_path / f"a{suffix}")
    source = open_source(tmp_path / f"a{suffix}")
    assert (source.kind, source.spatial, source.stored_dtype, source.value_range) == (
        "volume",
        (7, 6, 5),
        np.uint8,
        (0, 255),
    )
    assert np.array_equal(source.array()[0], array.transpose(2, 1, 0)[:, ::-1])


def test_a_flipped_file_shows_the_same(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 255, (5, 6, 7), np.uint8)
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / "a.nii")
    flipped = np.ascontiguousarray(array[::-1].transpose(1, 0, 2))
    affine = np.array([[0, -1, 0, 4], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], float)
    nibabel.save(nibabel.Nifti1Image(flipped, affine), tmp_path / "b.nii")
    assert np.array_equal(open_source(tmp_path / "a.nii").array(), open_source(tmp_path / "b.nii").array())


def test_scaling_is_applied_and_noted(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4), np.eye(4))
    image.header.set_slope_inter(0.5, -3)
    nibabel.save(image, tmp_path / "a.nii")
    source = open_source(tmp_path / "a.nii")
    assert "slope and intercept applied" in [note.text for note in source.notes]
    assert source.value_range == (-3, 8.5)
    assert np.allclose(np.sort(source.array().ravel()), np.sort(nibabel.load(tmp_path / "a.nii").get_fdata().ravel()))


def test_a_series_opens_one_volume(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 255, (4, 4, 4, 3), np.uint8)
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / "a.nii.gz")
    source = open_source(tmp_path / "a.nii.gz", page=2)
    assert (source.pages, source.spatial) == (3, (4, 4, 4))
    assert np.array_equal(source.array()[0], array[..., 2].transpose(2, 1, 0)[:, ::-1])
    with pytest.raises(FormatError, match="‘a"):
        open_source(tmp_path / "a.nii.gz", page=3)


def test_a_cut_volume_is_refused(tmp_path: Path) -> None:
    nibabel.save(nibabel.Nifti1Image(np.zeros((9, 9, 9), np.uint8), np.eye(4)), tmp_path / "a.nii")
    (tmp_path / "b.nii").write_bytes((tmp_path / "a.nii").read_bytes()[:600])
    with pytest.raises(FormatError, match=r"‘b.nii’ could not be opened: it (ends too early|is damaged)"):
        open_source(tmp_path / "b.nii")
