# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files a job means, and where their results go."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import msgspec
import pytest

from convdesk.batch import Job, expand, items
from convdesk.batch.one import Memory
from convdesk.errors import ParameterError, ShapeError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    names = ["scan_10.tif", "scan_2.TIF", "scan_1.png", "notes.pdf", ".hidden.png", "deep/er/a.png", "deep/b.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def placed(inputs: list[str], written: dict[str, str] | None = None, out: str = "/out", **more: object) -> list[str]:
    job = Job(document="/d.convdesk", inputs=tuple(inputs), out=out, **more)  # type: ignore[arg-type]
    return [str(item.output.relative_to(out)) for item in items(job, None, written or {})]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.tif", ["scan_10.tif"]),
        ("scan_*", ["scan_1.png", "scan_2.TIF", "scan_10.tif"]),
        (".", ["scan_1.png", "scan_2.TIF", "scan_10.tif"]),
        ("**/*.png", ["b.png", "a.png", "scan_1.png"]),
        ("deep/**/?.png", ["b.png", "a.png"]),
        ("notes.pdf", ["notes.pdf"]),
        ("not-there.png", ["not-there.png"]),
    ],
)
def test_what_a_pattern_means(folder: Path, pattern: str, expected: list[str]) -> None:
    found = expand([pattern])
    assert names(found) == expected
    assert all(path.is_absolute() for path in found)


def test_a_name_with_brackets_is_a_file_when_there_is_one(folder: Path) -> None:
    (folder / "photo[1].png").write_bytes(b"x")
    assert names(expand(["photo[1].png"])) == ["photo[1].png"]


def test_files_named_twice_are_done_once(folder: Path) -> None:
    os.symlink("scan_1.png", folder / "link.png")
    found = expand(["scan_1.png", "./scan_1.png", str(folder / "scan_1.png"), "scan_*", "link.png"])
    assert names(found) == ["scan_1.png", "scan_2.TIF", "scan_10.tif"]


def test_results_of_an_earlier_run_are_no_inputs(folder: Path) -> None:
    assert names(expand(["."], [folder / "scan_10.tif"])) == ["scan_1.png", "scan_2.TIF"]
    assert names(expand(["scan_10.tif"], [folder / "scan_10.tif"])) == ["scan_10.tif"]  # who names it means it


@pytest.mark.parametrize("pattern", ["*.jpg", "deep/er/**/*.tif"])
def test_a_pattern_without_files_is_an_error(folder: Path, pattern: str) -> None:
    with pytest.raises(ParameterError, match="no file matches"):
        expand([pattern])
    (folder / "empty").mkdir()
    with pytest.raises(ParameterError, match="no file in the folder ‘empty’"):
        expand(["empty"])


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (["/a/x.png"], ["x.tif"]),
        (["/a/x.v2.png", "/a/brain.nii.gz"], ["x.v2.tif", "brain.tif"]),
        (["/a/x.png", "/a/x.jpg"], ["x_png.tif", "x_jpg.tif"]),
        (["/a/x.png", "/b/x.png"], ["a_x_png.tif", "b_x_png.tif"]),
        (["/1/a/x.png", "/2/a/x.png"], ["a_x_png.tif", "a_x_png_out.tif"]),
        (["/a/X.png", "/a/x.jpg", "/a/y.png"], ["X.tif", "x_out.tif", "y.tif"]),
        (["/a/t.csv", "/a/t.png"], ["t_csv.csv", "t_png.tif"]),
        (["/a/no-suffix"], ["no-suffix.tif"]),
        (["/a/sp ace:colon.png"], ["sp ace_colon.tif"]),
        (["/a/.png"], [".png.tif"]),
    ],
    ids=str,
)
def test_names_of_results(inputs: list[str], expected: list[str]) -> None:
    assert placed(inputs) == expected


def test_no_result_takes_the_place_of_an_input(tmp_path: Path) -> None:
    inputs = [str(tmp_path / name) for name in ("scan.tif", "scan_out.tif", "other.png")]
    for name in inputs:
        Path(name).write_bytes(b"x")
    assert placed(inputs, out=str(tmp_path)) == ["scan_2.tif", "scan_out_out.tif", "other.tif"]


def test_a_protected_file_is_left_alone(tmp_path: Path) -> None:
    job = Job(document="d", inputs=("/a/photo.png",), out=str(tmp_path), format="png")
    (item,) = items(job, None, {}, [tmp_path / "photo.png"])
    assert item.output.name == "photo_out.png"


def test_a_result_keeps_its_name_when_inputs_join(tmp_path: Path) -> None:
    assert placed(["/a/x.png"]) == ["x.tif"]
    assert placed(["/b/x.png", "/a/x.png"], {"x.tif": "/a/x.png"}) == ["b_x_png.tif", "x.tif"]


@pytest.mark.parametrize("seed", range(20))
def test_results_never_collide(seed: int) -> None:
    rng = random.Random(seed)
    choices = ("/a/", "/b/"), "xXy", ("", "_png", "_out"), (".png", ".tif")
    inputs = list({"".join(map(rng.choice, choices)) for _ in range(12)})
    found = placed(inputs, out=rng.choice(["/a", "/out"]))
    assert len({name.casefold() for name in found}) == len(inputs)


def test_a_job_survives_json() -> None:
    job = Job(document="d", inputs=("a", "b"), out="o", range=(-1.5, 2.0), layer="", resume=True)
    assert msgspec.json.decode(msgspec.json.encode(job), type=Job) == job
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"document": "d", "out": 3}', type=Job)


def test_memory_is_shared_and_given_back() -> None:
    memory, stop, inside = Memory(free=100), threading.Event(), list[int]()
    most, lock = 0, threading.Lock()

    def work(size: int) -> None:
        nonlocal most
        with memory.room(size, stop):
            with lock:
                inside.append(size)
                most = max(most, sum(inside))
            with lock:
                inside.remove(size)

    threads = [threading.Thread(target=work, args=(size,)) for size in (60, 50, 40, 100, 30) * 10]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert 0 < most <= 100
    with pytest.raises(ShapeError, match="of memory at once"), memory.room(101, stop):
        pass
