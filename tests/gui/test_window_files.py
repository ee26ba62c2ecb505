# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening, pasting, dropping, saving: what goes wrong is a sentence, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QCloseEvent, QDropEvent, QImage
from PyQt6.QtWidgets import QApplication, QMessageBox

from convdesk.document.commands import AddLayer
from convdesk.network.layers import ReLU


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small colour PNG with alpha."""
    path = tmp_path / "photo.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 4), np.uint8)
    Image.fromarray(pixels, "RGBA").save(path)
    return path


def test_an_empty_window_offers_to_open_something(make_hand) -> None:
    window = make_hand().window
    assert window.centre.currentWidget() is window.first_page
    assert not window.docks["bench"].isVisible()
    window.first_start.offers[0][1].chosen.emit()
    assert window.centre.currentWidget() is window.stage
    assert window.desk.source.name == "camera.png"


def test_a_picture_opens_with_its_notes(make_hand, photo: Path) -> None:
    hand = make_hand(files=(photo,))
    assert np.array_equal(hand.picture("input"), np.asarray(Image.open(photo).convert("RGBA"))[..., :3])
    assert any("alpha" in text for text in hand.window.stage.panes["input"].chips.texts().values())
    assert hand.window.settings.recent_files() == [photo.resolve()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.png", b""),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"),
        ("text.jpg", b"hello"),
        ("new.convdesk", b"{}"),
    ],
)
def test_a_bad_file_is_a_toast_and_changes_nothing(hand, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    before, source = hand.desk.state, hand.desk.source
    assert not hand.window.files.open_path(path)
    assert hand.window.toast.isVisible()
    assert hand.window.toast.kind == "error"
    assert name in hand.window.toast.text()
    assert hand.desk.state == before and hand.desk.source is source


def test_a_document_of_a_newer_version_is_a_sentence(hand, tmp_path: Path) -> None:
    path = tmp_path / "future.convdesk"
    path.write_text(json.dumps({"format": "convdesk", "version": 999}))
    assert not hand.window.files.open_path(path)
    assert "newer" in hand.window.toast.text()


def test_saving_and_opening_again(hand, tmp_path: Path, make_hand) -> None:
    hand.drag_cell(0, 0, 40)
    assert hand.window.isWindowModified()
    path = tmp_path / "work.convdesk"
    assert hand.window.files._save(path, embed=False)
    assert not hand.window.isWindowModified()
    assert hand.window.document_label.text() == "work.convdesk"
    other = make_hand(files=(path,))
    assert other.desk.state.layers == hand.desk.state.layers
    assert np.array_equal(other.picture("output"), hand.picture("output"))


def test_pasting_an_image(hand) -> None:
    image = QImage(7, 5, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.red)
    QApplication.clipboard().setImage(image)
    hand.run("edit.paste")
    assert hand.desk.source.shape == (3, 5, 7)
    assert hand.picture("input")[0, 0].tolist() == [255, 0, 0]


def test_pasting_a_path_opens_it_and_numbers_are_a_kernel(hand, photo: Path) -> None:
    QApplication.clipboard().setText(str(photo))
    hand.run("edit.paste")
    assert hand.desk.source.name == "photo.png"
    QApplication.clipboard().setText("[[1, 2], [3, 4]]")
    hand.run("edit.paste")
    assert hand.desk.state.layer("filter1").kernel.array.tolist() == [[1, 2], [3, 4]]


def test_text_that_is_no_kernel_is_a_sentence(hand) -> None:
    before = hand.desk.state
    QApplication.clipboard().setText("1 2 3\n4 5")
    hand.run("edit.paste")
    assert "not equally long" in hand.window.toast.text()
    assert hand.desk.state == before


def test_dropping_a_file(hand, photo: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    assert hand.window.files.takes(data) == "Open as input"
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    hand.window.dropEvent(QDropEvent(QPointF(300, 300), action, data, button, Qt.KeyboardModifier.NoModifier))
    assert hand.desk.source.name == "photo.png"


def test_opening_is_undone_like_any_edit(hand, photo: Path) -> None:
    hand.window.files.open_path(photo)
    hand.run("edit.undo")
    hand.settle()
    assert hand.desk.source.name != "photo.png"
    assert hand.picture("input").shape == (33, 33)
    hand.run("edit.redo")
    hand.settle()
    assert hand.desk.source.name == "photo.png"


@pytest.mark.parametrize(("answer", "closes"), [("Discard", True), ("Cancel", False)])
def test_closing_asks_only_when_something_would_be_lost(hand, monkeypatch, answer: str, closes: bool) -> None:
    asked: list[str] = []

    def choose(box: QMessageBox) -> int:
        asked.append(box.text())
        button = next(b for b in box.buttons() if b.text() == answer)
        monkeypatch.setattr(box, "clickedButton", lambda: button)
        return 0

    monkeypatch.setattr(QMessageBox, "exec", choose)
    assert hand.window.files.may_leave() and asked == []
    hand.window.editor.apply(AddLayer(ReLU()))
    event = QCloseEvent()
    hand.window.closeEvent(event)
    assert asked == ["Save changes to untitled?"]
    assert event.isAccepted() is closes


def test_a_one_pixel_image_works(make_hand, tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.fromarray(np.array([[200]], np.uint8)).save(path)
    hand = make_hand(files=(path,))
    assert hand.picture("output").tolist() == [[200]]
    hand.hover_pixel("output", 0, 0)
    assert hand.window.tracer.reading.value == 200
