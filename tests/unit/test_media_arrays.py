# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy files: how axes are read, lazy boxes, and that nothing is ever unpickled."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from convdesk.errors import FormatError, ParameterError
from convdesk.media import ArraySource, open_bytes, open_source


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(2).integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize(
    ("shape", "kind", "expected", "channels_last"),
    [
        ((9,), "signal", (1, 9), False),
        ((1, 9), "signal", (1, 9), False),
        ((6, 9), "image", (1, 6, 9), False),
        ((6, 9, 3), "image", (3, 6, 9), True),
        ((6, 9, 4), "image", (3, 6, 9), True),
        ((3, 6, 9), "image", (3, 6, 9), False),
        ((1, 6, 9), "image", (1, 6, 9), False),
        ((5, 6, 9), "volume", (1, 5, 6, 9), False),
        ((2, 5, 6, 9), "volume", (2, 5, 6, 9), False),
    ],
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_the_shape_tells_the_kind_and_a_note_says_so(tmp_path: Path, shape, kind, expected, channels_last) -> None:
    array = numbers(*shape)
    np.save(tmp_path / "a.npy", array)
    source = open_source(tmp_path / "a.npy")
    assert (source.kind, source.shape) == (kind, expected)
    whole = np.moveaxis(array, -1, 0)[:3] if channels_last else array
    assert np.array_equal(source.array(), whole.reshape(expected))
    assert len(source.notes) == (array.ndim > 1)
    if source.notes:
        assert source.notes[0].text.startswith(" × ".join(map(str, shape)) + f" read as {kind}")


def test_the_kind_can_be_asked_for(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", numbers(2, 9))
    np.save(tmp_path / "b.npy", numbers(16, 6, 9))
    assert open_source(tmp_path / "a.npy", kind="signal").shape == (2, 9)
    assert open_source(tmp_path / "b.npy", kind="image").shape == (16, 6, 9)
    assert open_source(tmp_path / "b.npy", kind="volume").shape == (1, 16, 6, 9)
    with pytest.raises(FormatError, match=r"its shape \(2, 9\) has 2 axes, expected 3 or 4 for a volume"):
        open_source(tmp_path / "a.npy", kind="volume")
    with pytest.raises(ParameterError, match="'picture'"):
        open_source(tmp_path / "a.npy", kind="picture")


@pytest.mark.parametrize("dtype", ["bool", "uint8", ">u2", "int32", "float16", ">f4", "float64"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_mapped_file_is_read_by_boxes(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.asarray(numbers(31, 47, 3), dtype, order=order)
    np.save(tmp_path / "a.npy", array)
    source = open_source(tmp_path / "a.npy")
    assert isinstance(source, ArraySource)
    assert isinstance(source._array, np.memmap)
    part = source.read(((4, 20), (40, 47)))
    assert part.dtype == np.float32
    assert part.dtype.isnative
    assert np.array_equal(part, np.moveaxis(array[4:20, 40:47].astype(np.float32), -1, 0))


def test_compressed_and_pasted_arrays(tmp_path: Path) -> None:
    array = numbers(6, 9, dtype="uint16")
    stream = io.BytesIO()
    np.save(stream, array)
    (tmp_path / "a.npy.gz").write_bytes(gzip.compress(stream.getvalue()))
    assert np.array_equal(open_source(tmp_path / "a.npy.gz").array()[0], array)
    assert np.array_equal(open_bytes(stream.getvalue()).array()[0], array)


def test_an_archive_opens_at_its_first_array_or_the_one_asked_for(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", height=numbers(4, 5), depth=numbers(7))
    np.savez_compressed(tmp_path / "one.npz", only=numbers(4, 5))
    first, second = open_source(tmp_path / "two.npz"), open_source(tmp_path / "two.npz", page=1)
    assert (first.shape, second.shape, first.pages) == ((1, 4, 5), (1, 7), 2)
    assert first.notes[0].text == "‘height’ of 2 arrays"
    assert first.fingerprint != second.fingerprint
    assert open_source(tmp_path / "one.npz").notes[0].text == "4 × 5 read as image, one channel"
    with pytest.raises(FormatError, match="it holds 2 arrays, number 2 was asked for"):
        open_source(tmp_path / "two.npz", page=2)


class Trap:
    """Unpickling this would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".npy.gz"])
def test_objects_are_never_unpickled(tmp_path: Path, suffix: str) -> None:
    path, proof = tmp_path / f"a{suffix}", tmp_path / "proof"
    array = np.array([Trap(proof)], dtype=object)
    if suffix == ".npz":
        np.savez(path, array)
    else:
        stream = io.BytesIO()
        np.save(stream, array)
        path.write_bytes(gzip.compress(stream.getvalue()) if suffix == ".npy.gz" else stream.getvalue())
    with pytest.raises(FormatError, match="it holds Python objects"):
        open_source(path)
    assert not proof.exists()


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((2, 3), complex), "it holds complex numbers, expected real numbers"),
        (np.zeros(3, [("a", "f4")]), "it holds records"),
        (np.array(["a", "b"]), "it holds <U1 values"),
        (np.zeros((0, 4)), "the array is empty or a single number"),
        (np.float32(3), "the array is empty or a single number"),
        (np.zeros((1, 2, 3, 4, 5)), r"its shape \(1, 2, 3, 4, 5\) has 5 axes, expected 3 or 4 for a volume"),
    ],
    ids=["complex", "records", "text", "empty", "scalar", "five-axes"],
)
def test_arrays_that_cannot_be_convolved_are_refused(tmp_path: Path, array: np.ndarray, reason: str) -> None:
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", array)
    for path in (tmp_path / "a.npy", tmp_path / "a.npz"):
        with pytest.raises(FormatError, match=rf"^‘{path.name}’ could not be opened: {reason}.*\. Try .*\.$"):
            open_source(path)


def test_a_cut_array_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, numbers(60, 70))
    (tmp_path / "a.npy").write_bytes(stream.getvalue()[:900])
    with pytest.raises(FormatError, match=r"‘a.npy’ could not be opened: it ends too early"):
        open_source(tmp_path / "a.npy")
    with pytest.raises(FormatError, match="‘pasted’ could not be opened: it ends too early"):
        open_bytes(stream.getvalue()[:900])
