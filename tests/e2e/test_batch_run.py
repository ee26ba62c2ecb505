# SPDX-License-Identifier: GPL-3.0-or-later
"""``convdesk run``: the pixels of the desk for every file, and what happens when something is wrong with one."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from convdesk.batch import FileFinished, FileStarted, Job, JobFinished, JobStarted, run_job
from convdesk.cli.main import main
from convdesk.desk import Desk
from convdesk.document.commands import AddLayer, SetRange
from convdesk.document.state import Range
from convdesk.geometry import Span
from convdesk.media.open import open_source
from convdesk.network.layers import AvgPool, Conv, Filter, MaxPool, ReLU

SAMPLES = Path(__file__).resolve().parents[2] / "resources/samples"
DEMO = SAMPLES / "demo.convdesk"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write small arrays as .npy files of the folder ``in``."""

    def make(name: str, shape: tuple[int, ...] = (1, 20, 24), seed: int = 1) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            np.save(stream, np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32))
        return path

    return make


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A document of three layers with no input of its own."""
    desk = Desk(workers=1)
    desk.apply(AddLayer(Filter([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], name="rows", padding_mode="reflect")))
    desk.apply(AddLayer(ReLU(name="plus")))
    desk.apply(AddLayer(MaxPool(2, name="half")))
    return desk.save(tmp_path / "rows.convdesk")


def run(*words: object) -> int:
    return main(["run", *map(str, words)])


def shown(desk: Desk, layer: str) -> np.ndarray:
    """What the output pane of a window would hold at full size, put together from its tiles."""
    channels, spatial = desk.shape_of(layer) or (0, ())
    picture = np.full((channels, *spatial), np.nan, np.float32)
    heard = threading.Lock()

    def draw(tile: object) -> None:
        with heard:
            at = tuple(slice(span.start, span.stop) for span in tile.box)  # type: ignore[attr-defined]
            picture[(slice(None), *at)] = tile.array  # type: ignore[attr-defined]

    stop = desk.delivered.connect(draw)
    desk.look("output", layer, tuple(Span(0, size) for size in spatial), (1,) * len(spatial))
    assert desk.wait(60)
    stop()
    assert not np.isnan(picture).any()
    return picture


@pytest.mark.parametrize("file", ["camera.png", "chelsea.png", "cells16.tif", "brick.png", "coffee.png"])
def test_the_files_hold_the_pixels_of_the_desk(file: str, tmp_path: Path) -> None:
    assert run(DEMO, "--input", SAMPLES / file, "--out", tmp_path, "--format", "npy") == 0
    desk = Desk.open(DEMO, workers=2)
    desk.open_source(SAMPLES / file)
    written = np.load(tmp_path / f"{Path(file).stem}.npy")
    np.testing.assert_array_equal(written, shown(desk, "blobs"))
    desk.close()


def test_a_stack_with_strides_and_every_kind_of_layer(tmp_path: Path) -> None:
    desk = Desk(workers=2)
    desk.open_sample("chelsea")
    rng = np.random.default_rng(3)
    desk.apply(AddLayer(Conv(3, 5, 5, stride=2, padding=2, weight=rng.standard_normal((5, 3, 5, 5)), name="c")))
    desk.apply(AddLayer(Filter(rng.standard_normal((2, 3)), padding_mode="circular", flip=True, dilation=3, name="f")))
    desk.apply(AddLayer(AvgPool(3, stride=2, padding=1, ceil_mode=True, name="a")))
    document = desk.save(tmp_path / "all.convdesk")
    for jobs in (1, 2):
        assert run(document, "--out", tmp_path / str(jobs), "--format", "npy", "--jobs", jobs) == 0
        np.testing.assert_array_equal(np.load(tmp_path / str(jobs) / "chelsea.npy"), shown(desk, "a"))
    for layer in ("c", "f"):
        assert run(document, "--out", tmp_path / layer, "--layer", layer) == 0
        np.testing.assert_array_equal(open_source(tmp_path / layer / "chelsea.tif").array()[:3], shown(desk, layer)[:3])
    desk.close()


def test_files_side_by_side_get_the_bits_of_files_one_by_one(document: Path, write: Write, tmp_path: Path) -> None:
    inputs = [write(f"{n}.npy", (1, 700, 300 + n), n) for n in range(6)]
    for jobs in (1, 3):
        assert run(document, "--input", *inputs, "--out", tmp_path / str(jobs), "--format", "npy", "--jobs", jobs) == 0
    for path in inputs:
        np.testing.assert_array_equal(np.load(tmp_path / "1" / path.name), np.load(tmp_path / "3" / path.name))


def test_damaged_files_are_named_and_the_rest_is_done(
    document: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(4):
        write(f"scan_{n:03}.npy")
    folder = tmp_path / "in"
    (folder / "scan_017.png").write_bytes((SAMPLES / "camera.png").read_bytes()[:5000])
    (folder / "scan_018.tif").write_bytes(b"")
    (folder / "scan_019.tif").write_bytes(b"no picture at all \0\1\2")
    write("scan_020.npy", (40,))
    code = run(document, "--input", folder, folder / "gone.png", "--out", tmp_path / "out", "--jobs", 1)
    told = capsys.readouterr()
    assert code == 1
    lines = told.err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "scan_017.png", "scan_018.tif", "scan_019.tif", "scan_020.npy", "gone.png"
    ]  # fmt: skip
    assert "could not be opened: it ends too early" in lines[0]
    assert "empty" in lines[1]
    assert "rows cannot run: a kernel of 2 axes cannot filter data of 1" in lines[3]
    assert "no such file" in lines[4]
    assert "4 of 9 done" in told.out
    assert "5 failed" in told.out
    assert sorted(path.name for path in (tmp_path / "out").glob("*.tif")) == [f"scan_{n:03}.tif" for n in range(4)]


def test_channels_that_do_not_fit_are_said(tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(workers=1)
    desk.apply(AddLayer(Conv(3, 2, 3, name="conv1")))
    document = desk.save(tmp_path / "d.convdesk")
    inputs = write("grey.npy", (1, 9, 9)), write("colour.npy", (3, 9, 9))
    assert run(document, "--input", *inputs, "--out", tmp_path / "out") == 1
    assert "grey.npy: conv1 cannot run: 1 input channel, weight expects 3" in capsys.readouterr().err
    assert (tmp_path / "out/colour.tif").exists()


def test_stop_ends_at_the_first_failure(document: Path, write: Write, tmp_path: Path) -> None:
    inputs = [tmp_path / "gone.npy", *(write(f"{n}.npy") for n in range(5))]
    given, out = tuple(map(str, inputs)), str(tmp_path / "out")
    job = Job(document=str(document), inputs=given, out=out, jobs=1, keep_going=False)
    report = run_job(job)
    assert [outcome.status for outcome in report.outcomes] == ["failed", *["stopped"] * 5]
    assert not report.stopped


class TestResume:
    """A job goes on where it was: what is there is left alone as long as nothing it is made of has changed."""

    @pytest.fixture
    def job(self, document: Path, write: Write, tmp_path: Path) -> Job:
        inputs = tuple(str(write(f"{n}.npy", seed=n)) for n in range(3))
        return Job(document=str(document), inputs=inputs, out=str(tmp_path / "out"), format="npy", resume=True)

    def statuses(self, job: Job) -> list[str]:
        return [outcome.status for outcome in run_job(job).outcomes]

    def test_nothing_is_done_twice(self, job: Job) -> None:
        assert self.statuses(job) == ["done"] * 3
        assert self.statuses(job) == ["skipped"] * 3
        assert run_job(job).complete

    def test_a_changed_input_is_done_again(self, job: Job, write: Write) -> None:
        run_job(job)
        write("1.npy", seed=9)
        assert self.statuses(job) == ["skipped", "done", "skipped"]

    def test_a_result_that_is_gone_or_was_changed_is_done_again(self, job: Job, tmp_path: Path) -> None:
        run_job(job)
        (tmp_path / "out/0.npy").unlink()
        (tmp_path / "out/2.npy").write_bytes(b"edited")
        assert self.statuses(job) == ["done", "skipped", "done"]

    def test_a_changed_document_does_everything_again(self, job: Job) -> None:
        run_job(job)
        desk = Desk(workers=1)
        desk.apply(AddLayer(ReLU()))
        desk.save(job.document)
        assert self.statuses(job) == ["done"] * 3

    def test_another_view_of_the_document_changes_nothing(self, job: Job) -> None:
        run_job(job)
        text = json.loads(Path(job.document).read_text())
        text["view"] = {"chosen": "plus", "ranges": {"rows": [-5, 5]}}
        Path(job.document).write_text(json.dumps(text))
        assert self.statuses(job) == ["skipped"] * 3

    def test_another_format_is_written_beside(self, job: Job, tmp_path: Path) -> None:
        run_job(job)
        with_tiff = Job(**{**{name: getattr(job, name) for name in job.__struct_fields__}, "format": "tiff"})
        assert self.statuses(with_tiff) == ["done"] * 3
        assert self.statuses(job) == ["skipped"] * 3
        assert len(list((tmp_path / "out").glob("*.*"))) == 6 + 1

    def test_a_damaged_record_means_doing_it_again(self, job: Job, tmp_path: Path) -> None:
        run_job(job)
        (tmp_path / "out/.convdesk-run.json").write_text('{"format": "convdesk-run", "files": 7')
        assert self.statuses(job) == ["done"] * 3

    def test_a_stopped_job_goes_on(self, job: Job) -> None:
        finished: list[str] = []

        def hear(event: object) -> None:
            if isinstance(event, FileFinished):
                finished.append(event.outcome.item.name)

        one_by_one = Job(**{**{name: getattr(job, name) for name in job.__struct_fields__}, "jobs": 1})
        report = run_job(one_by_one, hear, lambda: len(finished) >= 1)
        assert report.stopped
        done = len(report.of("done"))
        assert 1 <= done < 3
        assert self.statuses(job) == ["skipped"] * done + ["done"] * (3 - done)


def test_stopping_waits_for_nobody_and_leaves_nothing_half_done(
    document: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    compute = Desk.run

    def slow(self: Desk, *given: object) -> np.ndarray:
        begun.set()
        assert go_on.wait(60)
        return compute(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "run", slow)
    inputs = tuple(str(write(f"{n}.npy")) for n in range(8))
    job = Job(document=str(document), inputs=inputs, out=str(tmp_path / "out"), jobs=2)
    before = set(threading.enumerate())
    report = run_job(job, cancelled=begun.is_set)  # comes back although every file waits for `go_on`
    assert report.stopped
    assert {outcome.status for outcome in report.outcomes} == {"stopped"}
    assert not go_on.is_set()
    go_on.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_events_come_in_order_on_the_calling_thread(document: Path, write: Write, tmp_path: Path) -> None:
    inputs = [write("a.npy"), tmp_path / "gone.npy", write("b.npy")]
    job = Job(document=str(document), inputs=tuple(map(str, inputs)), out=str(tmp_path / "out"))
    heard: list[object] = []
    threads: set[int] = set()

    def hear(event: object) -> None:
        heard.append(event)
        threads.add(threading.get_ident())

    report = run_job(job, hear)
    assert threads == {threading.get_ident()}
    assert isinstance(heard[0], JobStarted)
    assert (heard[0].total, heard[0].todo) == (3, 3)
    assert heard[-1] == JobFinished(report)
    ended = [event for event in heard if isinstance(event, FileFinished)]
    assert [event.done for event in ended] == [1, 2, 3]
    assert ended[-1].seconds_left == 0
    for event in ended:
        begun = next(e for e in heard if isinstance(e, FileStarted) and e.item == event.outcome.item)
        assert heard.index(begun) < heard.index(event)


def test_a_job_that_cannot_begin_does_nothing(
    document: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image, out = write("a.npy"), tmp_path / "out"
    for words, code, text in (
        ([document, "--input", image, "--layer", "blobs"], 2, "No layer is called 'blobs'"),
        ([document], 2, "has no input of its own"),
        ([document, "--input", str(tmp_path / "*.jpg")], 2, "no file matches"),
        ([document, "--input", image, "--jobs", "0"], 2, "expected at least 1"),
        ([document, "--input", image, "--range", "3", "3"], 2, "expected low, then high"),
        ([document, "--input", image, "--backend", "abacus"], 3, "no backend named 'abacus'"),
        ([tmp_path / "gone.convdesk"], 1, "gone.convdesk"),
        ([image], 1, "is not a ConvDesk document"),
    ):
        assert run(*words, "--out", out) == code, words
        assert text in capsys.readouterr().err
    assert not out.exists()
    assert run(document, "--input", image, "--out", image) == 2
    assert "is a file, expected a folder" in capsys.readouterr().err


def test_a_document_whose_own_input_is_gone_runs_on_other_files(tmp_path: Path, write: Write) -> None:
    photo = tmp_path / "photo.png"
    shutil.copy(SAMPLES / "camera.png", photo)
    desk = Desk(workers=1)
    desk.open_source(photo)
    desk.apply(AddLayer(ReLU()))
    document = desk.save(tmp_path / "d.convdesk")
    photo.unlink()
    assert run(document, "--out", tmp_path / "out") == 1
    assert run(document, "--input", write("a.npy"), "--out", tmp_path / "out") == 0


def test_display_ranges_of_png(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(workers=1)
    desk.open_sample("camera")
    desk.apply(AddLayer(Filter([[-1.0, 1.0]], name="d")))
    document = desk.save(tmp_path / "d.convdesk")
    exact = desk.run()

    def pixels(low: float, high: float) -> np.ndarray:
        return np.rint((np.clip(exact.astype(np.float64), low, high) - low) * (255 / (high - low)))

    assert run(document, "--out", tmp_path, "--format", "png", "--range", "-40", "60") == 0
    assert "−40 … 60 shown as 0 … 255" in capsys.readouterr().out
    np.testing.assert_array_equal(open_source(tmp_path / "camera.png").array(), pixels(-40, 60))
    desk.apply(SetRange("d", Range(-10, 10)))
    desk.save(document)
    assert run(document, "--out", tmp_path, "--format", "png") == 0
    assert "−10 … 10 shown as 0 … 255" in capsys.readouterr().out
    np.testing.assert_array_equal(open_source(tmp_path / "camera.png").array(), pixels(-10, 10))
    desk.apply(SetRange("d", None))
    desk.save(document)
    assert run(document, "--out", tmp_path, "--format", "png16") == 0
    told = capsys.readouterr().out
    assert "shown as 0 … 65,535" in told
    assert "−" in told.split("(")[1][:1]  # fitted, symmetric about zero


def test_a_signal_becomes_csv(tmp_path: Path) -> None:
    desk = Desk(workers=1)
    desk.open_sample("sst_nino3")
    desk.apply(AddLayer(Filter([1.0, -1.0])))
    document = desk.save(tmp_path / "d.convdesk")
    assert run(document, "--out", tmp_path / "own") == 0
    assert run(document, "--input", SAMPLES / "sst_nino3.csv", "--out", tmp_path / "given") == 0
    for folder in ("own", "given"):
        np.testing.assert_array_equal(open_source(tmp_path / folder / "sst_nino3.csv").array(), desk.run())
    assert run(document, "--out", tmp_path / "tiff", "--format", "tiff") == 1


def test_what_does_not_fit_into_memory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(workers=1)
    desk.open_sample("gigapixel")
    desk.apply(AddLayer(Conv(3, 64, 1, name="wide")))
    document = desk.save(tmp_path / "d.convdesk")
    assert run(document, "--out", tmp_path / "out") == 1
    assert "GB of memory at once" in capsys.readouterr().err


def test_a_record_that_cannot_be_written_is_told_and_costs_no_result(
    document: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out/.convdesk-run.json").mkdir(parents=True)  # nothing can take the place of a folder
    assert run(document, "--input", write("a.npy"), "--out", tmp_path / "out") == 1
    told = capsys.readouterr()
    assert "1 of 1 done" in told.out
    assert "--resume will not find what was done" in told.err
    assert (tmp_path / "out/a.tif").exists()


def test_a_folder_that_cannot_be_written_is_told_for_every_file(
    document: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    inputs = write("a.npy"), write("b.npy")
    assert run(document, "--input", *inputs, "--out", tmp_path / "file/out") == 1
    told = capsys.readouterr()
    assert "0 of 2 done" in told.out
    assert told.err.count("could not be written: not a directory") == 2
