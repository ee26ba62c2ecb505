# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources: description, boxes, display range, notes about precision, fingerprints."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convdesk.errors import DTypeError, ParameterError, ShapeError
from convdesk.media import ArraySource, Note, gigapixel, open_source


def some(shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(1).integers(0, 200, shape).astype(dtype)


@pytest.mark.parametrize(("shape", "kind"), [((2, 9), "signal"), ((3, 4, 5), "image"), ((1, 2, 3, 4), "volume")])
def test_the_number_of_axes_tells_the_kind(shape: tuple[int, ...], kind: str) -> None:
    source = ArraySource(some(shape))
    assert (source.kind, source.channels, source.spatial, source.shape) == (kind, shape[0], shape[1:], shape)
    assert source.dtype == np.float32
    assert np.array_equal(source.array(), some(shape))


@given(st.data(), st.sampled_from(["uint8", "float32", "float64"]))
def test_any_box_equals_the_slice_of_the_whole(data: st.DataObject, dtype: str) -> None:
    size = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    array = some((2, *size), dtype)
    spans = [sorted(data.draw(st.tuples(st.integers(0, n), st.integers(0, n)))) for n in size]
    steps = [data.draw(st.integers(1, 3)) for _ in size]
    slices = tuple(slice(a, b, k) for (a, b), k in zip(spans, steps, strict=True))
    source = ArraySource(array)
    assert np.array_equal(source.read(slices), array[(slice(None), *slices)])
    assert np.array_equal(source.read([tuple(s) for s in spans]), array[(slice(None), *(slice(*s) for s in spans))])


def test_reading_float32_is_a_view_and_nothing_read_can_be_written() -> None:
    array = some((1, 6, 7))
    box = ((1, 4), (2, 5))
    assert np.shares_memory(ArraySource(array).read(box), array)
    for source in (ArraySource(array), ArraySource(array.astype(np.uint8))):
        with pytest.raises(ValueError, match="read-only"):
            source.read(box)[...] = 0
    array[0, 0, 0] = 5  # the owner's own array stays writeable


@pytest.mark.parametrize(
    "box", [((0, 7), (0, 7)), ((-1, 3), (0, 7)), ((4, 3), (0, 7)), ((0, 3),), (slice(0, 3, -1), slice(2))]
)
def test_a_box_outside_the_bounds_is_refused(box: tuple) -> None:
    with pytest.raises(ShapeError, match="source ‘array’"):
        ArraySource(some((1, 6, 7))).read(box)


def test_the_description_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        ArraySource(some((1, 6, 7))).channels = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[3, 9]], np.uint8), (0, 255)),
        (np.array([[3, 9]], np.uint16), (0, 65535)),
        (np.array([[True, False]]), (0, 1)),
        (np.array([[-3, 9]], np.int16), (-3, 9)),
        (np.array([[np.nan, -2.5, np.inf, 7]], np.float32), (-2.5, 7)),
        (np.array([[4.0, 4.0]]), (0, 4)),
        (np.array([[-4.0, -4.0]]), (-4, 0)),
        (np.array([[0.0, 0.0]]), (0, 1)),
        (np.array([[np.nan, np.inf]]), (0, 1)),
    ],
    ids=["uint8", "uint16", "bool", "int16", "non-finite", "constant", "negative-constant", "zeros", "nothing-finite"],
)
def test_display_range(array: np.ndarray, expected: tuple[float, float]) -> None:
    assert ArraySource(array).value_range == expected


@pytest.mark.parametrize(
    ("array", "noted"),
    [
        (np.array([[1 << 24, -(1 << 24), (1 << 40)]], np.int64), False),
        (np.array([[(1 << 24) + 1]], np.int32), True),
        (np.array([[-(1 << 24) - 1]], np.int64), True),
        (np.array([[np.iinfo(np.int64).min]]), False),
        (np.array([[2**64 - 1]], np.uint64), True),
        (np.array([[0.5, np.nan, np.inf]]), False),
        (np.array([[0.1]]), True),
        (np.array([[1e300]]), True),
        (np.array([[0.1]], np.float16), False),
    ],
    ids=["int-fits", "int32", "negative", "int64-min", "uint64-max", "float64-fits", "tenth", "too-large", "float16"],
)
def test_a_note_says_when_float32_is_not_exact(array: np.ndarray, noted: bool) -> None:
    source = ArraySource(array, "signal")
    assert [note.text for note in source.notes] == ([f"{array.dtype} rounded to float32"] if noted else [])
    with np.errstate(over="ignore"):
        assert np.array_equal(source.array(), array.astype(np.float32), equal_nan=True)


def test_large_data_are_sampled_for_their_range_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convdesk.media.source.SCAN_LIMIT", 10_000)
    array = np.linspace(-1, 1, 200 * 300, dtype=np.float32).reshape(1, 200, 300)
    source = ArraySource(array)
    assert source.value_range == pytest.approx((-1, 1), abs=0.1)
    assert [note.text for note in source.notes] == ["display range from a sample"]
    assert ArraySource(array.astype(np.uint8)).notes == ()


def test_the_extremes_are_found_wherever_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convdesk.media.source._CHUNK", 100)
    for place in [(0, 0, 0), (2, 30, 40), (1, 17, 3)]:
        array = np.zeros((3, 31, 41), np.int32)
        array[place] = (1 << 24) + 1
        source = ArraySource(array)
        assert source.value_range == (0, (1 << 24) + 1)
        assert [note.text for note in source.notes] == ["int32 rounded to float32"]


def test_the_fingerprint_follows_values_shape_and_type() -> None:
    array = some((1, 6, 7))
    changed = array.copy()
    changed[0, 3, 3] += 1
    variants = [array, changed, array.reshape(1, 7, 6), array.astype(np.float64)]
    assert len({ArraySource(each).fingerprint for each in variants}) == 4
    assert ArraySource(array).fingerprint == ArraySource(np.asfortranarray(array), name="other").fingerprint


def test_the_fingerprint_of_a_file_is_its_sha256_unless_a_part_was_chosen(tmp_path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, some((4, 5)))
    assert open_source(path).fingerprint == hashlib.sha256(path.read_bytes()).hexdigest()
    assert open_source(path, kind="signal").fingerprint != open_source(path).fingerprint


def test_impossible_arrays_are_refused() -> None:
    with pytest.raises(ShapeError, match="expected"):
        ArraySource(np.zeros((1, 0, 3)))
    with pytest.raises(ShapeError, match="expected"):
        ArraySource(np.zeros((3, 3)), "image")
    with pytest.raises(DTypeError, match="complex64"):
        ArraySource(np.zeros((1, 3), np.complex64))
    with pytest.raises(ParameterError, match="picture"):
        ArraySource(np.zeros((1, 3)), "picture")


def test_notes_given_come_first() -> None:
    source = ArraySource(np.array([[0.1]]), "signal", notes=(Note("pasted"),))
    assert [note.text for note in source.notes] == ["pasted", "float64 rounded to float32"]


@pytest.mark.parametrize("make", ["array", "generated", "lazy"])
def test_scattered_samples_are_those_of_the_whole(make, tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    if make == "array":
        source = ArraySource(rng.normal(size=(2, 40, 50)).astype(np.float32), kind="image")
    elif make == "generated":
        source = gigapixel((300, 400))
    else:
        tifffile = pytest.importorskip("tifffile")
        tifffile.imwrite(tmp_path / "x.tif", rng.integers(0, 99, (200, 150), dtype=np.uint16), tile=(64, 64))
        monkeypatch.setattr("convdesk.media.tiff.LAZY_FROM", 0)
        monkeypatch.setattr("convdesk.media.source.TAKE_BYTES", 20_000)
        source = open_source(tmp_path / "x.tif")
    rows, columns = (rng.integers(0, size, 17) for size in source.spatial)
    np.testing.assert_array_equal(source.take((rows, columns)), source.array()[:, rows][:, :, columns])
    assert source.take((rows, columns[:0])).shape == (source.channels, 17, 0)
