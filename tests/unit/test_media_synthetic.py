# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs made by a formula: their values, and that a generated gigapixel is the same whatever box is read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convdesk.errors import ParameterError, ShapeError
from convdesk.media import SYNTHETIC, gigapixel, synthetic

SIZES = [(17,), (16, 23), (8, 9, 10)]


@pytest.mark.parametrize("name", SYNTHETIC)
@pytest.mark.parametrize("size", SIZES, ids=["1d", "2d", "3d"])
def test_every_input_exists_in_one_to_three_dimensions(name: str, size: tuple[int, ...]) -> None:
    source = synthetic(name, size)
    values = source.array()
    assert source.kind == ("signal", "image", "volume")[len(size) - 1]
    assert values.shape == (1, *size)
    assert np.isfinite(values).all()
    assert source.value_range[0] < source.value_range[1]
    assert values.min() >= source.value_range[0]
    assert values.max() <= source.value_range[1]
    assert np.array_equal(synthetic(name, size).array(), values)
    assert synthetic(name, size).fingerprint == source.fingerprint


@pytest.mark.parametrize("size", SIZES, ids=["1d", "2d", "3d"])
def test_an_impulse_is_one_sample(size: tuple[int, ...]) -> None:
    values = synthetic("impulse", size).array()[0]
    assert values.sum() == values[tuple(n // 2 for n in size)] == 1
    placed = synthetic("impulse", size, position=(2,) * len(size), height=7).array()[0]
    assert placed.sum() == placed[(2,) * len(size)] == 7


def test_step_ramp_and_constant() -> None:
    assert synthetic("step", (6,), low=-1, high=2).array().tolist() == [[-1, -1, -1, 2, 2, 2]]
    assert synthetic("step", (2, 2), axis=0).array().tolist() == [[[0, 0], [1, 1]]]
    assert synthetic("ramp", (5,), high=4).array().tolist() == [[0, 1, 2, 3, 4]]
    assert synthetic("ramp", (1,)).array().tolist() == [[0]]
    assert set(synthetic("constant", (3, 4), value=2.5).array().ravel()) == {2.5}


def test_a_checkerboard_alternates_along_every_axis() -> None:
    board = synthetic("checkerboard", (12, 12, 12), cell=3).array()[0]
    for axis in range(3):
        assert np.array_equal(np.roll(board, 3, axis), 1 - board)
    assert board[0, 0, 0] == 0


def test_noise_has_the_moments_asked_for_and_follows_its_seed() -> None:
    values = synthetic("noise", (300, 300), mean=5, deviation=2).array()
    assert values.mean() == pytest.approx(5, abs=0.05)
    assert values.std() == pytest.approx(2, abs=0.05)
    assert not np.array_equal(values, synthetic("noise", (300, 300), mean=5, deviation=2, seed=1).array())


def test_a_sweep_rises_from_one_frequency_to_the_other() -> None:
    values = synthetic("sweep", (4001,), start=0.01, stop=0.1).array()[0]
    turns = np.flatnonzero(np.diff(np.signbit(values)))
    assert 1 / (2 * np.diff(turns)[:3].mean()) == pytest.approx(0.01, rel=0.25)
    assert 1 / (2 * np.diff(turns)[-20:].mean()) == pytest.approx(0.1, rel=0.05)
    plate = synthetic("sweep", (101, 101)).array()[0]
    assert np.array_equal(plate, plate.T)
    assert plate[50, 50] == 1


def test_cells_use_the_whole_range_of_16_bits() -> None:
    values = synthetic("cells", (200, 200)).array()
    assert (values.min(), values.max()) == (0, 65535)
    assert np.array_equal(values, np.rint(values))


def test_unknown_names_parameters_and_sizes_are_refused() -> None:
    with pytest.raises(ParameterError, match="synthetic input 'plasma', expected one of impulse, step"):
        synthetic("plasma", (3,))
    with pytest.raises(ParameterError, match="synthetic 'impulse': parameter 'cell', expected position, height"):
        synthetic("impulse", (3,), cell=4)
    with pytest.raises(ParameterError, match=r"position \(9,\), expected inside \(3,\)"):
        synthetic("impulse", (3,), position=(9,))
    with pytest.raises(ParameterError, match="cell 0, expected at least 1"):
        synthetic("checkerboard", (3,), cell=0)
    for size in [(), (0,), (3, -1), (2, 2, 2, 2)]:
        with pytest.raises(ShapeError, match="expected one to three sizes"):
            synthetic("step", size)


WHOLE = gigapixel((700, 900)).array()


@given(st.data())
def test_any_box_of_the_gigapixel_equals_the_slice(data: st.DataObject) -> None:
    source = gigapixel((700, 900))
    slices = []
    for size in source.spatial:
        start = data.draw(st.integers(0, size))
        stop = data.draw(st.integers(start, min(size, start + 300)))
        slices.append(slice(start, stop, data.draw(st.sampled_from([1, 1, 2, 7, 64]))))
    assert np.array_equal(source.read(slices), WHOLE[:, *slices])


def test_the_gigapixel_does_not_depend_on_its_own_size() -> None:
    box = ((30_000, 30_040), (31_000, 31_050))
    large = gigapixel()
    assert large.spatial == (32768, 32768)
    assert large.channels * np.prod(large.spatial, dtype=np.int64) > 3e9
    assert np.array_equal(large.read(box), gigapixel((40_000, 50_000)).read(box))
    assert large.fingerprint != gigapixel((40_000, 50_000)).fingerprint
    assert not np.array_equal(large.read(box), gigapixel(seed=8).read(box))


def test_the_gigapixel_is_a_picture() -> None:
    overview = gigapixel().read((slice(0, None, 128), slice(0, None, 128)))
    assert overview.shape == (3, 256, 256)
    assert overview.std() > 30
    assert np.array_equal(overview, np.rint(overview))
    assert 0 <= overview.min() <= overview.max() <= 255
