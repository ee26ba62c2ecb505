# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening, pasting, dropping and saving, and the sentences when one of them fails. Nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QMimeData, QObject, QUrl
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox

from convdesk.document.commands import AddLayer, RemoveLayer, SetKernel
from convdesk.document.state import INPUT
from convdesk.errors import ConvDeskError
from convdesk.network.layers import Conv, Filter
from convdesk.network.weights import Weights

from .kernels import from_text
from .menus import heading

if TYPE_CHECKING:
    from .main_window import MainWindow

DOCUMENT = ".convdesk"
OPENING = "open"
"""One gesture: an input, and the layer that comes with it."""
DOCUMENTS = "ConvDesk documents (*.convdesk)"


def identity(ndim: int) -> np.ndarray:
    """The kernel that changes nothing, three taps along every axis."""
    kernel = np.zeros((3,) * ndim)
    kernel[(1,) * ndim] = 1.0
    return kernel


class Files(QObject):
    """What the File menu does."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.desk = window.desk

    # ------------------------------------------------------------------------------------------------------- opening
    def attempt(self, what: Callable[[], object]) -> bool:
        """Do something that can fail with a sentence; tells whether it worked."""
        try:
            what()
        except ConvDeskError as error:
            self.window.say(str(error), kind="error")
            return False
        return True

    def open_paths(self, paths: Sequence[str | Path]) -> None:
        """Open documents and inputs; a document comes first, so that an input named with it is what it works on."""
        ordered = sorted(map(Path, paths), key=lambda path: path.suffix.lower() != DOCUMENT)
        for path in ordered:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a document or an input."""
        if path.suffix.lower() == DOCUMENT:
            return self.open_document(path)
        return self._new_input(lambda: self.desk.open_source(path, gesture=OPENING), path)

    def open_document(self, path: Path) -> bool:
        """Open a document, after asking about changes of the present one."""
        if not self.may_leave():
            return False
        worked = self.attempt(lambda: self.desk.load(path))
        if worked:
            self.window.settings.remember_file(path)
            self.window.document_opened()
        return worked

    def open_sample(self, name: str) -> bool:
        """Open a sample as the input."""
        return self._new_input(lambda: self.desk.open_sample(name, gesture=OPENING), None)

    def open_array(self, array: np.ndarray, name: str) -> bool:
        """Take an array ``(C, *spatial)`` as the input."""
        return self._new_input(lambda: self.desk.open_array(array, name=name, gesture=OPENING), None)

    def _new_input(self, opening: Callable[[], object], path: Path | None) -> bool:
        old = self.desk.source
        self.window.editor.end()
        if not self.attempt(opening):
            return False
        if path is not None:
            self.window.settings.remember_file(path)
        source = self.desk.source
        first = self.desk.state.layers[0] if self._untouched() else None
        if source is not None and isinstance(first, Filter) and len(source.spatial) != len(first.kernel_size):
            self.desk.apply(RemoveLayer(first.name), OPENING)  # nobody has drawn it
        if source is not None and not self.desk.state.layers:
            # so that the output equals the input, and the first touch changes it
            self.desk.apply(AddLayer(Filter(identity(len(source.spatial)), name="filter1")), OPENING)
        self.desk.end_gesture()
        if source is not None and (old is None or old.kind != source.kind):
            self.window.source_kind_changed()
        self.window.source_opened()
        return True

    def open(self) -> None:
        """Ask for files."""
        from convdesk.media import dialog_filter

        first, *rest = dialog_filter().split(";;")
        everything = first.replace("(", f"(*{DOCUMENT} ", 1)
        names = ";;".join([everything, DOCUMENTS, *rest])
        start = str(self.window.settings.get("folder", ""))
        paths, _ = QFileDialog.getOpenFileNames(self.window, "Open", start, names)
        if paths:
            self.window.settings.set("folder", str(Path(paths[0]).parent))
            self.open_paths(paths)

    # ----------------------------------------------------------------------------------------------- paste and drop
    def paste(self) -> None:
        """Paste an image, a file, or numbers as the kernel."""
        self.take(QApplication.clipboard().mimeData())

    def takes(self, data: QMimeData | None) -> str:
        """What a drop or paste would do, in words; empty when nothing."""
        if data is None:
            return ""
        if data.hasUrls() and any(url.isLocalFile() for url in data.urls()):
            path = Path(next(url for url in data.urls() if url.isLocalFile()).toLocalFile())
            return "Open document" if path.suffix.lower() == DOCUMENT else "Open as input"
        if data.hasImage():
            return "Open as image"
        return "Use as kernel" if data.hasText() and data.text().strip() else ""

    def take(self, data: QMimeData | None) -> bool:
        """Open what is in the clipboard or was dropped."""
        if data is None:
            return False
        local = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        if local:
            self.open_paths(local)
            return True
        if data.hasImage():
            image = data.imageData()
            if isinstance(image, QImage) and not image.isNull():
                return self.open_array(array_of(image), "pasted")
        return self._take_text(data.text()) if data.hasText() else self._nothing()

    def _take_text(self, text: str) -> bool:
        line = text.strip().strip('"')
        if "\n" not in line and line:
            path = Path(QUrl(line).toLocalFile() if line.startswith("file:") else line).expanduser()
            if path.suffix and len(line) < 4096 and path.exists():
                return self.open_path(path)
        return self.paste_kernel(text)

    def _nothing(self) -> bool:
        self.window.say("There is no image, no file and no text in the clipboard.")
        return False

    def paste_kernel(self, text: str | None = None) -> bool:
        """Use numbers as the chosen layer's kernel."""
        text = QApplication.clipboard().text() if text is None else text
        state = self.desk.state
        layer = state.layer(state.chosen) if state.chosen != INPUT else None
        if not isinstance(layer, Filter | Conv):
            self.window.say("Numbers can be pasted where a layer with a kernel is chosen.", kind="error")
            return False
        ndim = len(layer.kernel_size)
        try:
            kernel = from_text(text, ndim)
        except ValueError as error:
            self.window.say(f"The text could not be used as a kernel. {error}", kind="error")
            return False
        plane = self.window.terms.plane
        return not self.window.editor.apply(SetKernel(layer.name, Weights(kernel), plane, "Paste kernel"))

    # -------------------------------------------------------------------------------------------------------- saving
    def save(self) -> bool:
        """Save the document where it is, or ask where."""
        if self.desk.path is None:
            return self.save_as()
        return self._save(self.desk.path, False)

    def save_as(self, embed: bool = False) -> bool:
        """Ask where, and save; ``embed`` puts the input inside."""
        start = str(self.desk.path or Path(self.window.settings.get("folder", "")) / f"untitled{DOCUMENT}")
        name, _ = QFileDialog.getSaveFileName(self.window, "Save", start, DOCUMENTS)
        if not name:
            return False
        path = Path(name)
        return self._save(path if path.suffix else path.with_suffix(DOCUMENT), embed)

    def _save(self, path: Path, embed: bool) -> bool:
        self.window.editor.end()
        worked = self.attempt(lambda: self.desk.save(path, embed=embed))
        if worked:
            self.window.settings.remember_file(path)
            self.window.say(f"Saved {path.name}")
            self.window.show_title()
        return worked

    def may_leave(self) -> bool:
        """Ask about unsaved changes; False to stay."""
        self.window.editor.end()
        if not self.desk.modified or not self.desk.state.layers or self._untouched():
            return True
        box = QMessageBox(self.window)
        box.setObjectName("saveChanges")
        box.setText(f"Save changes to {self.desk.title}?")
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.exec()
        if box.clickedButton() is save:
            return self.save()
        return box.clickedButton() is discard

    def _untouched(self) -> bool:
        """Whether there is nothing but an input with the layer that every input gets."""
        layers = self.desk.state.layers
        if self.desk.path is not None or len(layers) != 1 or not isinstance(layers[0], Filter):
            return False
        return layers[0] == Filter(identity(len(layers[0].kernel_size)), name="filter1")

    def save_picture(self) -> None:
        """Ask where, and save a picture of the window."""
        picture = self.window.grab()
        name, _ = QFileDialog.getSaveFileName(
            self.window, "Save a picture of the window", "convdesk.png", "PNG (*.png)"
        )
        if name and not picture.save(name):
            self.window.say(f"‘{name}’ could not be written. Try another folder.", kind="error")
        elif name:
            self.window.say(f"Saved {Path(name).name} ({picture.width():,} × {picture.height():,})")

    # --------------------------------------------------------------------------------------------------------- menus
    def fill_samples(self, menu: QMenu) -> None:
        """List the samples by kind."""
        from convdesk.media import samples

        menu.clear()
        for kind, title in (("image", "Images"), ("signal", "Signals"), ("volume", "Volumes")):
            heading(menu, title)
            for sample in samples():
                if sample.kind == kind:
                    action = menu.addAction(sample.title)
                    action.setToolTip(f"Licence: {sample.licence}")
                    action.triggered.connect(lambda _=False, name=sample.name: self.open_sample(name))

    def fill_recent(self, menu: QMenu) -> None:
        """List the files of last time."""
        menu.clear()
        recent = self.window.settings.recent_files()
        for path in recent:
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, p=path: self.open_path(p))
        if not recent:
            menu.addAction("None yet").setEnabled(False)
        menu.addSeparator()
        menu.addAction(self.window.actions_table["file.forget_recent"])


def array_of(image: QImage) -> np.ndarray:
    """A pasted image as uint8 (C, rows, columns); alpha is left out, grey stays one channel."""
    grey = image.isGrayscale()
    image = image.convertToFormat(QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888)
    rows, cols, channels = image.height(), image.width(), 1 if grey else 3
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    padded = np.frombuffer(bits, np.uint8).reshape(rows, image.bytesPerLine())
    pixels = padded[:, : cols * channels].reshape(rows, cols, channels)
    return np.ascontiguousarray(np.moveaxis(pixels, 2, 0))
