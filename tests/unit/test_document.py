# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: edits are pure, undo is total, files hold everything or say what is wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convdesk.document import commands as do
from convdesk.document import fileformat
from convdesk.document.history import History
from convdesk.document.presets import presets
from convdesk.document.state import INPUT, DocumentState, Range, SourceRef
from convdesk.errors import CommandRejected, FormatError
from convdesk.network.layers import AvgPool, Conv, Filter, MaxPool, ReLU
from convdesk.network.weights import Weights


def full() -> DocumentState:
    """A state that uses every kind of layer and every field."""
    kernel = np.random.default_rng(0).normal(size=(3, 5)) / 3
    layers = (
        Filter(kernel, 2, ((1, 0), (2, 3)), (1, 2), "reflect", True, -4.25, name="edges"),
        Conv(3, 4, (3, 2), padding="same", padding_mode=0.1, weight=np.arange(72.0).reshape(4, 3, 3, 2), name="mix"),
        ReLU(name="relu1", enabled=False),
        MaxPool((2, 3), 2, (1, 0), True, (1, 2), name="pool1"),
        AvgPool(2, count_include_pad=False, name="pool2"),
    )
    source = SourceRef(path="/data/photos/a b.png", name="a b.png", sha256="ab" * 32, page=3)
    return DocumentState(source, layers, "pool1", (("edges", Range(-1.5, 1.5)),), (1, 4, 5))


def test_a_document_comes_back_as_it_was(tmp_path):
    state = full()
    fileformat.save(state, tmp_path / "x.convdesk")
    assert fileformat.load(tmp_path / "x.convdesk") == state


def test_paths_are_relative_so_that_a_folder_can_be_moved(tmp_path):
    (tmp_path / "a" / "photos").mkdir(parents=True)
    state = DocumentState(SourceRef(path=str(tmp_path / "a" / "photos" / "p.png")))
    fileformat.save(state, tmp_path / "a" / "x.convdesk")
    assert json.loads((tmp_path / "a" / "x.convdesk").read_text())["source"]["path"] == "photos/p.png"
    (tmp_path / "a").rename(tmp_path / "b")
    assert fileformat.load(tmp_path / "b" / "x.convdesk").source.path == str(tmp_path / "b" / "photos" / "p.png")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_kernels_keep_every_digit(values):
    state = DocumentState(layers=(Filter(values, name="a"),))
    from pathlib import Path

    text = json.dumps(fileformat.to_json(state, Path("/"))).encode()
    assert fileformat.from_json(text, Path("/x.convdesk")) == state


def test_large_arrays_and_embedded_inputs_come_back(tmp_path):
    weight = np.random.default_rng(0).normal(size=(64, 32, 3, 3)).astype(np.float32)
    pixels = np.random.default_rng(1).normal(size=(3, 40, 50)).astype(np.float32)
    pixels[0, 0, 0] = np.nan
    state = DocumentState(SourceRef(path="/nowhere.png"), (Conv(32, 64, 3, weight=weight, name="big"),), "big")
    inside = fileformat.embed(state, pixels, (0.0, 1.0), "image")
    fileformat.save(inside, tmp_path / "x.convdesk")
    back = fileformat.load(tmp_path / "x.convdesk")
    assert back.layers == state.layers
    assert back.source.path == ""
    np.testing.assert_array_equal(back.source.embedded.array, pixels)


def damaged(change) -> bytes:
    from pathlib import Path

    value = fileformat.to_json(full(), Path("/"))
    change(value)
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "could not be opened: it is empty"),
        (b"\x89PNG....", "is not a ConvDesk document"),
        (b'{"format": "convdesk", "version": 1, "layers": [', "damaged"),
        (b'{"format": "other", "version": 1}', "its format is 'other'"),
        (damaged(lambda v: v.update(version=7)), "written by a newer ConvDesk: document version 7, .* up to 1"),
        (damaged(lambda v: v.update(extra=1)), "extra"),
        (damaged(lambda v: v["layers"][0].update(kind="Wavelet")), r"layers\[0\] 'edges': unknown kind 'Wavelet'"),
        (damaged(lambda v: v["layers"][0].update(sigma=1)), r"layers\[0\] 'edges': Filter has no 'sigma'"),
        (damaged(lambda v: v["layers"][0].update(stride=0)), r"layers\[0\] 'edges': stride: got 0"),
        (
            damaged(lambda v: v["layers"][0]["kernel"].update(values=[[1, "x"]])),
            r"layers\[0\] 'edges'.kernel is no array",
        ),
        (damaged(lambda v: v["layers"][0]["kernel"].update(values=[[1, None]])), "not a finite number"),
        (damaged(lambda v: v["layers"][1].update(name="edges")), "layer names must be unique"),
        (damaged(lambda v: v["source"].update(sample="camera")), "expected one of path, sample and embedded"),
        (damaged(lambda v: v["view"].update(unit="x")), "Expected"),
    ],
)
def test_a_damaged_document_is_named_with_the_place(tmp_path, data, message):
    path = tmp_path / "bad.convdesk"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=f"‘bad.convdesk’.*{message}"):
        fileformat.load(path)
    assert path.read_bytes() == data


def test_a_document_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(FormatError, match=r"‘no\.convdesk’ could not be opened: no such file"):
        fileformat.load(tmp_path / "no.convdesk")


def test_saving_over_a_document_replaces_it_whole(tmp_path):
    path = tmp_path / "x.convdesk"
    fileformat.save(full(), path)
    fileformat.save(DocumentState(), path)
    assert fileformat.load(path) == DocumentState()
    assert [one.name for one in tmp_path.iterdir()] == ["x.convdesk"]


EDITS = [
    do.SetSource(SourceRef(sample="coffee")),
    do.AddLayer(ReLU()),
    do.AddLayer(MaxPool(2), at=0),
    do.RemoveLayer("mix"),
    do.RemoveLayer("pool1"),
    do.MoveLayer("edges", 3),
    do.RenameLayer("pool1", "winner"),
    do.SetEnabled("relu1", True),
    do.SetOption("edges", "stride", (3, 3)),
    do.SetOption("edges", "padding_mode", "circular"),
    do.SetKernel("edges", Weights(np.eye(4))),
    do.SetTaps("edges", (((0, 0), 9.0), ((2, 4), -1.0))),
    do.SetTaps("mix", (((1, 1), 0.5),), (3, 2)),
    do.ResizeKernel("edges", (6, 2)),
    do.ResizeKernel("mix", (1, 5)),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{type(edit).__name__}")
def test_every_edit_changes_the_state_and_can_be_undone_and_redone(edit):
    before = full()
    history = History(before)
    after = edit.apply(before)
    assert after != before
    assert before == full()
    history.record(after, edit.title)
    assert history.undo_title == edit.title
    assert history.undo() == before
    assert history.redo_title == edit.title
    assert history.redo() == after


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (do.RemoveLayer("nobody"), "No layer is called 'nobody'; there are: 'edges'"),
        (do.AddLayer(ReLU(name="edges")), "A layer is called 'edges' already."),
        (do.RenameLayer("edges", "  "), "A layer needs a name."),
        (do.RenameLayer("edges", "mix"), "A layer is called 'mix' already."),
        (do.SetOption("edges", "stride", 0), "Stride: got 0, expected at least 1."),
        (do.SetOption("relu1", "stride", 2), "ReLU has no stride."),
        (do.SetOption("pool1", "padding", 9), "Padding: got 9, expected at most half the window's extent"),
        (do.SetKernel("edges", Weights([[np.inf]])), "A kernel needs finite numbers."),
        (do.SetKernel("relu1", Weights([[1.0]])), "ReLU has no kernel."),
        (do.SetTaps("edges", (((9, 0), 1.0),)), r"The kernel has no tap \(9, 0\)"),
        (do.ResizeKernel("edges", (0, 3)), "Kernel size: got 0 × 3, expected 1 to 1024"),
        (do.ResizeKernel("edges", (3,)), "Kernel size: got 1 numbers, this kernel has 2 axes"),
        (do.SetRange("edges", Range(2, 1)), "Display range: got 2 to 1"),
        (do.Choose("nobody"), "No layer is called 'nobody'"),
    ],
)
def test_an_impossible_edit_is_refused_with_a_sentence(edit, sentence):
    with pytest.raises(CommandRejected, match=sentence):
        edit.apply(full())


def test_a_stroke_is_one_entry_and_can_be_cancelled():
    history = History(full())
    for value in range(5):
        state = do.SetTaps("edges", (((0, 0), float(value)),)).apply(history.state)
        history.record(state, "Draw kernel", "stroke-1")
    assert history.undo() == full()
    history.redo()
    assert history.cancel("stroke-1")
    assert history.state == full()
    assert history.undo_title is None


def test_a_new_edit_drops_what_was_undone():
    history = History(full())
    history.record(do.RemoveLayer("mix").apply(full()), "one")
    history.undo()
    history.record(do.RemoveLayer("edges").apply(full()), "two")
    assert history.redo_title is None
    assert history.undo() == full()


def test_resizing_keeps_the_values_about_the_centre():
    kernel = np.arange(1.0, 10).reshape(3, 3)
    grown = do.recentre(kernel, (5, 4))
    assert grown[2, 1] == 5
    np.testing.assert_array_equal(do.recentre(grown, (3, 3)), kernel)


def test_removing_the_chosen_layer_chooses_the_one_before():
    state = do.Choose("edges").apply(full())
    assert do.RemoveLayer("edges").apply(state).chosen == "mix"
    only = DocumentState(layers=(ReLU(name="a"),), chosen="a")
    assert do.RemoveLayer("a").apply(only).chosen == INPUT


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_presets_are_finite_named_once_and_have_the_centre_they_claim(ndim):
    found = presets(ndim)
    assert len({one.name for one in found}) == len(found) >= 5
    for one in found:
        assert np.isfinite(one.kernel.array).all()
        assert one.formula
    sums = {one.name: float(one.kernel.array.sum()) for one in found}
    for name, total in sums.items():
        smooth = next(one.group for one in found if one.name == name) in ("Smooth", "Basic", "Sharpen")
        assert total == pytest.approx(1.0) or not smooth
