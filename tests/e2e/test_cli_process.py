# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as a process: started from a shell, on a terminal, interrupted, read by another program."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from convdesk.desk import Desk
from convdesk.document.commands import AddLayer
from convdesk.network.layers import Filter

SAMPLES = Path(__file__).resolve().parents[2] / "resources/samples"
DEMO = SAMPLES / "demo.convdesk"
PROGRAM = (sys.executable, "-W", "error", "-m", "convdesk")


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A document that keeps a core busy for seconds with each of many files."""
    desk = Desk(workers=1)
    desk.apply(AddLayer(Filter(np.ones((51, 51)), name="wide")))
    (tmp_path / "in").mkdir()
    np.save(tmp_path / "in/0.npy", np.ones((1, 8, 8), np.float32))
    for number in range(1, 6):
        np.save(tmp_path / f"in/{number}.npy", np.ones((1, 3000, 3000), np.float32))
    return desk.save(tmp_path / "slow.convdesk")


def start(*words: object, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen([*PROGRAM, *map(str, words)], text=True, **more)  # type: ignore[call-overload,no-any-return]


def test_the_installed_program_is_the_module() -> None:
    program = Path(sys.executable).with_name("convdesk")
    if not program.exists():
        pytest.skip("ConvDesk is not installed in this environment")
    for command in ((str(program),), PROGRAM):
        done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("convdesk ")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=lambda sent: sent.name)
def test_ctrl_c_stops_at_once_and_keeps_what_is_done(sent: signal.Signals, slow: Path, tmp_path: Path) -> None:
    """Files are being computed for seconds when the signal comes; nobody waits for them."""
    out = tmp_path / "out"
    words = ("run", slow, "--input", tmp_path / "in", "--out", out, "--format", "npy", "--jobs", 2)
    process = start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("0.npy → ")
    pressed = perf_counter()
    process.send_signal(sent)
    told, errors = process.communicate(timeout=60)
    took = perf_counter() - pressed
    assert process.returncode == 1
    assert errors == ""
    assert "1 of 6 done" in told
    assert "stopped" in told
    assert "--resume goes on" in told
    assert took < 10  # the job ends at once; a busy machine may take its time to end the interpreter
    assert sorted(path.name for path in out.iterdir()) == [".convdesk-run.json", "0.npy"]
    left = json.loads((out / ".convdesk-run.json").read_text())["files"]
    assert list(left) == ["0.npy"]


def test_a_terminal_shows_one_line_that_moves(tmp_path: Path) -> None:
    for number in range(30):
        np.save(tmp_path / f"{number}.npy", np.ones((1, 300, 300), np.float32))
    (tmp_path / "bad.npy").write_bytes(b"nothing")
    seen, terminal = pty.openpty()
    words = ("run", DEMO, "--input", tmp_path, "--out", tmp_path / "out")
    with start(*words, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        text = b""
        while True:
            try:
                part = os.read(seen, 4096)
            except OSError:  # how Linux says that the other end of a terminal is closed
                break
            if not part:
                break
            text += part
    os.close(seen)
    assert process.returncode == 1
    shown = text.decode()
    assert re.search(r"\r\x1b\[K\d+ of 31 · [\d.]+ files/s · \d+ s left · ", shown)
    assert "bad.npy: could not be opened" in shown
    assert "30 of 31 done" in shown
    assert " → " not in shown  # more files than lines are wanted for


def test_a_pipe_shows_plain_lines(tmp_path: Path) -> None:
    words = ("run", DEMO, "--input", SAMPLES / "camera.png", "--out", tmp_path)
    done = subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "camera.png → camera.tif  1 × 256 × 256"
    assert "\x1b" not in done.stdout


def test_json_is_the_only_thing_on_standard_output(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ("run", DEMO, "--input", SAMPLES / "camera.png", "gone.png", "--out", tmp_path, "--json", "--report")
    done = subprocess.run([*PROGRAM, *map(str, words), report], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert json.loads(report.read_text()) == told
    assert (told["done"], told["failed"], told["skipped"], told["stopped"]) == (1, 1, 0, 0)
    assert told["interrupted"] is False
    assert [file["status"] for file in told["files"]] == ["done", "failed"]
    assert told["files"][0]["shape"] == [1, 256, 256]
    assert told["files"][1]["message"].startswith("could not be opened: there is no such file")
    assert "gone.png: could not be opened" in done.stderr


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    words = ("run", DEMO, "--input", SAMPLES / "camera.png", "--out", tmp_path / "out", "--dry-run")
    done = subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout == "camera.png → out/camera.tif\n"
    assert list(tmp_path.iterdir()) == []


def test_quoted_patterns_are_expanded_by_the_program(tmp_path: Path) -> None:
    for place in ("a.png", "deep/b.png", "deep/er/c.png", "deep/er/d.jpg"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes((SAMPLES / "camera.png").read_bytes())
    words = ("run", DEMO, "--input", "**/*.png", "--out", "out")
    subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, cwd=tmp_path, check=True)
    assert sorted(path.name for path in (tmp_path / "out").glob("*.tif")) == ["a.tif", "b.tif", "c.tif"]


def test_a_second_run_into_the_folder_of_the_inputs_finds_only_inputs(tmp_path: Path) -> None:
    photo = (SAMPLES / "camera.png").read_bytes()
    (tmp_path / "camera.png").write_bytes(photo)
    for format in ("png", "tiff", "png"):
        words = ("run", DEMO, "--input", tmp_path, "--out", tmp_path, "--format", format)
        subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, check=True)
    found = {path.name for path in tmp_path.iterdir()} - {".convdesk-run.json"}
    assert found == {"camera.png", "camera_out.png", "camera.tif"}
    assert (tmp_path / "camera.png").read_bytes() == photo


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    with start("backends", "--verify", "native", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


def test_no_display_is_one_line(tmp_path: Path) -> None:
    away = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in away}
    done = subprocess.run([*PROGRAM, str(DEMO)], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("convdesk: ")


@pytest.mark.gui
def test_shot_is_the_window_in_the_size_that_was_asked_for(tmp_path: Path) -> None:
    from PIL import Image

    hidden = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    options: dict[str, Any] = {"capture_output": True, "text": True, "env": hidden, "timeout": 100}
    colours = {}
    for theme in ("light", "dark"):
        words = ("shot", DEMO, "-o", tmp_path / f"{theme}.png", "--size", "1024x700", "--theme", theme)
        done = subprocess.run([*PROGRAM, *map(str, words)], **options)
        assert done.returncode == 0, done.stderr
        with Image.open(tmp_path / f"{theme}.png") as picture:
            assert picture.size == (1024, 700)
            colours[theme] = np.asarray(picture.convert("L")).mean()
    assert colours["light"] > colours["dark"] + 40
    words = ("shot", tmp_path / "gone.convdesk", "-o", tmp_path / "x.png")
    done = subprocess.run([*PROGRAM, *map(str, words)], **options)
    assert done.returncode == 1
    assert "gone.convdesk" in done.stderr
    assert "Traceback" not in done.stderr
