# SPDX-License-Identifier: GPL-3.0-or-later
"""What each command says of a document, a problem, a backend and this machine."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convdesk as cd
from convdesk.backends import registry
from convdesk.backends.numpy import NumpyBackend
from convdesk.cli.main import main
from convdesk.desk import Desk
from convdesk.document.commands import AddLayer, SetEnabled
from convdesk.geometry import Span
from convdesk.network.layers import Conv, Filter, MaxPool, ReLU

DEMO = Path(__file__).resolve().parents[2] / "resources/samples/demo.convdesk"


def told(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    """Call the command line; return what it printed."""
    found = main(list(map(str, words)))
    out, err = capsys.readouterr()
    assert found == code, err
    return out


def value(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    """What the command prints with --json: one value, and nothing else."""
    return json.loads(told(capsys, *words, "--json", code=code))


@pytest.fixture
def document(tmp_path: Path) -> Path:
    desk = Desk(workers=1)
    desk.open_array(np.zeros((3, 20, 30), np.float32), name="black")
    desk.apply(AddLayer(Conv(3, 8, 5, stride=2, padding=2, name="first")))
    desk.apply(AddLayer(ReLU(name="plus")))
    desk.apply(AddLayer(MaxPool(3, stride=2, name="pool")))
    desk.apply(AddLayer(Filter(np.ones((3, 3)), name="smooth")))
    desk.apply(SetEnabled("smooth", False))
    return desk.save(tmp_path / "net.convdesk")


class TestDemo:
    """The document that a newcomer sees first."""

    def test_its_kernels_are_the_ones_it_names(self) -> None:
        state = Desk.open(DEMO, workers=1).state
        assert [layer.name for layer in state.layers] == ["edges", "relu1", "pool1", "blobs"]
        edges, blobs = (state.layer(name).kernel.array for name in ("edges", "blobs"))
        np.testing.assert_allclose(edges, np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]) / 48, rtol=1e-15)
        assert blobs.sum() == 0
        np.testing.assert_array_equal(blobs, blobs.T)
        np.testing.assert_array_equal(blobs, blobs[::-1])
        assert blobs[2].tolist() == [-3 / 16, 4 / 16, 12 / 16, 4 / 16, -3 / 16]

    def test_it_opens_on_a_pinned_unit_and_runs(self) -> None:
        desk = Desk.open(DEMO, workers=1)
        assert (desk.state.chosen, desk.state.unit) == ("blobs", (0, 42, 123))
        result = desk.run()
        assert result.shape == (1, 256, 256)
        assert result[0, 42, 123] == pytest.approx(79.098, abs=5e-4)


class TestSummary:
    def test_numbers_are_those_of_the_desk(self, document: Path, capsys: pytest.CaptureFixture[str]) -> None:
        found = value(capsys, "summary", document)
        desk = Desk.open(document, workers=1)
        assert found["input"] == {"name": "black", "shape": [3, 20, 30]}
        assert (found["parameters"], found["macs"]) == desk.facts()
        for row in found["layers"]:
            channels, spatial = desk.shape_of(row["name"])
            assert row["output_shape"] == [channels, *spatial]
            reach = desk.reach(row["name"])
            assert (row["receptive_field"], row["jump"], row["offset"]) == tuple(map(list, dataclasses.astuple(reach)))

    def test_the_share_that_meets_padding_is_counted(self, document: Path, capsys: pytest.CaptureFixture[str]) -> None:
        rows = {row["name"]: row for row in value(capsys, "summary", document)["layers"]}
        desk = Desk.open(document, workers=1)
        for name in ("first", "pool"):
            _, (height, width) = desk.shape_of(name)
            inside = 0
            for row in range(height):
                for column in range(width):
                    rows_read, columns_read = desk.trace((0, row, column), name).fields[""]
                    inside += rows_read in Span(0, 20) and columns_read in Span(0, 30)
            assert rows[name]["edge_share"] == pytest.approx(1 - inside / (height * width))

    def test_the_table(self, document: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = told(capsys, "summary", document)
        assert "input black: 3 × 20 × 30" in text
        (line,) = [line for line in text.splitlines() if line.startswith("pool")]
        assert " ".join(line.split()) == "pool MaxPool 8 × 4 × 7 0 0 9 × 9 4 × 4 −2, −2 46.4%"
        assert "Filter (off)" in text
        assert "608 weights and biases" in text

    def test_another_shape(self, document: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert value(capsys, "summary", document, "--shape", "3x224x224")["layers"][0]["output_shape"] == [8, 112, 112]
        text = told(capsys, "summary", document, "--shape", "1x224x224", code=1)
        assert "first cannot run: 1 input channel, weight expects 3" in text
        rows = value(capsys, "summary", document, "--shape", "1x224x224", code=1)["layers"]
        assert [row["output_shape"] for row in rows] == [None] * 4

    def test_a_document_without_input_needs_a_shape(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        desk = Desk(workers=1)
        desk.apply(AddLayer(ReLU()))
        path = desk.save(tmp_path / "d.convdesk")
        assert main(["summary", str(path)]) == 2
        assert "give a shape with --shape" in capsys.readouterr().err
        assert told(capsys, "summary", path, "--shape", "1x9")


class TestExplain:
    def test_a_problem(self, capsys: pytest.CaptureFixture[str]) -> None:
        problem = "conv2d:fwd:f32:n1c3x32x32:o4k3x3p1+1x1+1"
        assert told(capsys, "explain", problem) == cd.explain(problem).explain() + "\n"
        found = value(capsys, "explain", problem)
        assert found["problem"] == problem
        assert found["chosen"] == cd.explain(problem).chosen

    def test_a_backend_that_cannot_be_used(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["explain", "max_pool1d:fwd:f32:n1c1x9:k2", "--backend", "abacus"]) == 3
        assert "no backend named 'abacus'" in capsys.readouterr().err

    def test_a_document_is_explained_as_it_is_computed(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = value(capsys, "explain", DEMO)
        assert [row["layer"] for row in found] == ["edges", "relu1", "pool1", "blobs"]
        results: list[str] = []
        desk = Desk.open(DEMO, workers=1)
        desk.delivered.connect(lambda tile: results.append(tile.plan))
        desk.look("output", "blobs", (Span(0, 256), Span(0, 256)), (1, 1))
        assert desk.wait(60)
        desk.close()
        assert found[3]["plan"]["chosen"] == results[-1]
        assert found[1]["plan"] is None
        text = told(capsys, "explain", DEMO)
        assert "relu1: element by element" in text
        assert found[0]["plan"]["problem"] in text

    def test_layers_that_are_off_or_cannot_run(self, document: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "smooth: off, its input passes through" in told(capsys, "explain", document)
        assert "cannot run" in told(capsys, "explain", document, "--shape", "1x20x30", code=1)


class TestBackends:
    @pytest.fixture
    def wrong(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """A backend that is right but for one value."""

        class Wrong(NumpyBackend):
            name = "wrong"

            def implementations(self) -> list[Any]:
                class Off:
                    def __init__(self, real: Any) -> None:
                        self.real = real
                        self.name = real.name.replace("numpy", "wrong")

                    def __getattr__(self, name: str) -> Any:
                        return getattr(self.real, name)

                    def run(self, problem: Any, args: Any, out: Any, scratch: Any) -> None:
                        self.real.run(problem, args, out, scratch)
                        values = out[0] if isinstance(out, tuple) else out
                        values.reshape(-1)[-1:] += 1

                return [Off(one) for one in super().implementations()]

        fresh = registry.Registry()
        fresh.entries()["wrong"] = registry.Entry("wrong", "nowhere:Wrong", "a test")
        fresh._loaded["wrong"] = Wrong()
        monkeypatch.setattr(registry, "REGISTRY", fresh)
        return "wrong"

    def test_json_is_the_list_of_infos(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert value(capsys, "backends") == [dataclasses.asdict(info) for info in cd.backends()]

    def test_the_table_says_why_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = told(capsys, "backends")
        for info in cd.backends():
            (line,) = [line for line in text.splitlines() if line.startswith(f"{info.name} ")]
            assert (info.device if info.available else info.reason) in line

    def test_the_native_backend_is_verified(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = told(capsys, "backends", "--verify", "native")
        assert "native verified: " in text
        assert "FAILED" not in text

    def test_a_wrong_backend_is_found_out(self, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert "wrong differs: " in told(capsys, "backends", "--verify", wrong, code=1)
        found = value(capsys, "backends", "--verify", wrong, code=1)
        assert not found["right"]
        assert found["failed"] == sum(verdict["verdict"] == "failed" for verdict in found["verdicts"]) > 0

    def test_an_unavailable_one_lacks_something(self, capsys: pytest.CaptureFixture[str]) -> None:
        away = next(info for info in cd.backends() if not info.available)
        assert main(["backends", "--verify", away.name]) == 3
        assert away.reason in capsys.readouterr().err


def test_bench_measures_what_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    problem = "conv2d:fwd:f32:n1c1x64x64:o1k3x3p1+1x1+1"
    found = value(capsys, "bench", problem, "--seconds", "0.01", "--threads", 1)
    assert found["threads"] == 1
    assert {row["implementation"] for row in found["rows"]} >= {"native:direct", "numpy:reference"}
    for row in found["rows"]:
        assert row["problem"] == problem
        assert row["runs"] >= 1
        assert row["flops_per_second"] == pytest.approx(64 * 64 * 18 / row["seconds"])
    assert problem in told(capsys, "bench", problem, "--seconds", "0.01", "--backend", "numpy")


def test_bench_leaves_out_what_would_take_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    problem = "conv2d:fwd:f32:n1c64x512x512:o64k9x9p4+4x4+4"
    (row,) = value(capsys, "bench", problem, "--backend", "numpy")["rows"]
    assert row["skipped"]
    assert "not run" in told(capsys, "bench", problem, "--backend", "numpy")


class TestInfo:
    def test_it_names_versions_hardware_and_backends(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = value(capsys, "info")
        assert found["convdesk"]["version"] == cd.__version__
        assert found["packages"]["numpy"] == np.__version__
        assert found["backends"] == [dataclasses.asdict(info) for info in cd.backends()]
        assert found["hardware"]["cores_usable"] >= 1
        assert found["hardware"]["memory_bytes"] >= found["hardware"]["memory_free_bytes"] > 0
        text = told(capsys, "info")
        for section in found:
            assert f"{section}:\n" in text
        assert cd.__version__ in text

    def test_missing_libraries_come_with_the_line_that_installs_them(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from convdesk.gui import preflight

        monkeypatch.setitem(preflight.CORE, "libnowhere.so.9", "libnowhere9")
        found = value(capsys, "info")["window"]
        assert not found["can_open"]
        assert found["missing_libraries"] == ["libnowhere.so.9"]
        assert "apt-get install" in found["install"]
        assert "libnowhere9" in found["install"]
        assert main(["shot", str(DEMO), "-o", "never.png"]) == 3
        assert "libnowhere9" in capsys.readouterr().err

    def test_a_senseless_thread_count_is_told_not_raised(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("CONVDESK_THREADS", "many")
        monkeypatch.setattr("convdesk.threads._chosen", None)
        found = value(capsys, "info")
        assert "CONVDESK_THREADS" in found["hardware"]["threads"]
        assert found["environment"]["CONVDESK_THREADS"] == "many"


def test_export_writes_a_file_or_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = told(capsys, "export", DEMO, "--to", "numpy")
    compile(printed, "printed", "exec")
    out = tmp_path / "demo.py"
    assert told(capsys, "export", DEMO, "--to", "numpy", "-o", out) == f"{out}\n"
    assert out.read_text(encoding="utf-8") == printed
    short = told(capsys, "export", DEMO, "--to", "numpy", "--layer", "relu1")
    assert "BLOBS" not in short
