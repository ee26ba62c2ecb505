# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as such: help, codes, sentences, and that a failure never shows a traceback."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
from pathlib import Path

import pytest

import convdesk
from convdesk.cli.failure import Lacking, Usage, report, sentence
from convdesk.cli.main import COMMANDS, main, parser
from convdesk.cli.text import by, count, size, table
from convdesk.errors import BackendUnavailable, FormatError, ParameterError, ShapeError

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources/samples/demo.convdesk"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"convdesk {convdesk.__version__}\n"


def test_version_loads_nothing() -> None:
    program = "import sys; from convdesk.cli.main import main; main(['--version']); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_command_and_every_code(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([flag]) == 0
    told = capsys.readouterr().out
    for name, what in COMMANDS.items():
        assert f"  {name} " in told
        assert what in told
    assert "exit codes: 0 done" in told


def test_every_file_of_a_command_is_listed() -> None:
    names = {path.stem for path in (ROOT / "convdesk/cli").glob("*.py")}
    commands = {name for name in names if hasattr(importlib.import_module(f"convdesk.cli.{name}"), "EXAMPLE")}
    assert commands == {*COMMANDS, "open"}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_has_an_example_that_parses(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"example:\n  convdesk {name}" in told
    module = importlib.import_module(f"convdesk.cli.{name}")
    for line in module.EXAMPLE.strip().splitlines():
        words = line.replace("'", "").split()
        if words[0] == "convdesk":
            assert parser(name, module).parse_args(words[2:]) is not None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["run"], "the following arguments are required: DOC, --out"),
        (["run", "d", "--out", "o", "--format", "gif"], "invalid choice: 'gif'"),
        (["run", "d", "--out", "o", "--stop", "--keep-going"], "not allowed with argument"),
        (["summary", "--fast", "d"], "unrecognized arguments: --fast"),
        (["export", "d"], "--to"),
        (["shot", "d", "-o", "x.png", "--size", "1280"], "expected width and height"),
        (["shot", "d", "-o", "x.png", "--scale", "9"], "expected a number from 0.85 to 2"),
        (["summary", str(DEMO), "--shape", "3x0x4"], "expected channels and 1 to 3 sizes"),
        (["explain", "conv2d:sideways"], "expected a name like conv2d:fwd:f32"),
        (["bench", "--seconds", "0"], "expected more than 0"),
        (["bench", "--threads", "0"], "threads: got 0"),
        (["backends", "--verify", "nativ"], "there is no backend named 'nativ'; there are native"),
        (["export", str(DEMO), "--to", "numpy", "--layer", "blob"], "No layer is called 'blob'"),
        (["smmary"], "did you mean ‘convdesk summary’?"),
        (["photo-that-is-not-there.jpg"], "there is no file and no command called ‘photo-that-is-not-there.jpg’"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else None,
)
def test_usage_errors(words: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = capsys.readouterr()
    assert text in told.err
    assert told.out == ""
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "command", [["summary"], ["explain"], ["export", "--to", "numpy"], ["run", "--out", "never"]], ids=" ".join
)
@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "could not be opened: it is empty (0 bytes)"),
        (b"{}", "is not a ConvDesk document, or it is damaged"),
        (b'{"format": "convdesk", "version": 99}', "was written by a newer ConvDesk: document version 99"),
        (b'{"format": "convdesk", "version": 1, "layers": [{"kind": "Warp", "name": "w"}]}', "unknown kind 'Warp'"),
        (None, "could not be opened: no such file"),
    ],
    ids=["empty", "json", "newer", "unknown layer", "missing"],
)
def test_documents_that_cannot_be_read(
    command: list[str], content: bytes | None, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.convdesk"
    if content is not None:
        path.write_bytes(content)
    assert main([command[0], str(path), *command[1:]]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert told.err.startswith(f"convdesk {command[0]}: ‘bad.convdesk’")
    assert text in told.err
    assert not Path("never").exists()


def test_debug_shows_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["summary", str(tmp_path / "gone.convdesk")]
    main(words)
    assert "Traceback" not in capsys.readouterr().err
    assert main([*words, "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (FormatError("‘a’ is\n damaged."), 1, "‘a’ is damaged."),
        (ShapeError("too small"), 1, "too small"),
        (ParameterError("no"), 2, "no"),
        (Usage("no"), 2, "no"),
        (Lacking("libGL is missing"), 3, "libGL is missing"),
        (BackendUnavailable("no driver"), 3, "no driver"),
        (ImportError("no libGL.so.1", name="PyQt6.QtGui"), 3, "PyQt6 cannot be imported (no libGL.so.1)"),
        (MemoryError(), 1, "there is not enough memory"),
        (KeyboardInterrupt(), 1, "stopped"),
        (ZeroDivisionError("division by zero"), 1, "something went wrong: ZeroDivisionError: division by zero"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_codes_and_sentences(error: BaseException, code: int, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert text in sentence(error)
    assert report("run", error, debug=False) == code
    assert capsys.readouterr().err == f"convdesk run: {sentence(error)}\n"


def test_a_terminal_without_unicode_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="ascii"))
    assert main(["summary", str(DEMO)]) == 0
    sys.stdout.flush()
    assert b"1 ? 256 ? 256" in buffer.getvalue()


def test_texts() -> None:
    assert by((1, 256, -3)) == "1 × 256 × −3"
    assert [count(n) for n in (0, 26, 8192, 8_192_000, 3.4e9, 2e13)] == ["0", "26", "8,192", "8.19 M", "3.4 G", "20 T"]
    assert [size(n) for n in (12, 1500, 2_600_000, 25.3e9)] == ["12 bytes", "1.5 kB", "2.6 MB", "25.3 GB"]
    assert table(("a", "long"), [("xyz", 1)], right=(1,)) == "a    long\nxyz     1"
