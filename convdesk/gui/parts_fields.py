# SPDX-License-Identifier: GPL-3.0-or-later
"""Several small number boxes behind one label: 5 × 5. A number that cannot be is said below the box, and kept."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from . import numbers
from .focus import Ringed, Watch
from .theme import logical, px


class Note(QLabel):
    """A sentence that floats below a control, so that nothing moves."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner.window())
        self.setObjectName("note")
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.owner = owner
        self._watch: Watch | None = None
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence below the owner, or hide with an empty one."""
        self.setText(sentence)
        if self._watch is not None:
            self._watch.stop()
        self._watch = Watch(self.owner, self.place) if sentence else None
        self.place()

    def place(self) -> None:
        """Stand below the owner, or above where there is no room; go where the owner is not seen."""
        window = self.owner.window()
        if not self.text() or window is None or window is self.owner or self.owner.visibleRegion().isEmpty():
            self.hide()
            return
        if self.parentWidget() is not window:
            self.setParent(window)
        self.setFixedWidth(min(max(self.owner.width(), px(200)), window.width() - px(16)))
        self.adjustSize()
        corner = self.owner.mapTo(window, QPoint(0, self.owner.height() + px(3)))
        x = min(max(corner.x(), px(4)), window.width() - self.width() - px(4))
        y = corner.y()
        if y + self.height() > window.height():
            y -= self.owner.height() + self.height() + px(6)
        self.move(x, y)
        self.show()
        self.raise_()


class NumberBox(Ringed, QLineEdit):
    """One number. Enter or leaving commits, Up and Down and the wheel step, Esc takes the edit back."""

    committed = pyqtSignal()
    stepped = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(px(30))
        logical(self, min_height=28)
        self._clean = ""

    def show_text(self, text: str) -> None:
        """Show a value that is so."""
        self._clean = text
        if self.text() != text:
            self.setText(text)
        self.mark(False)

    @property
    def edited(self) -> bool:
        """Whether it says something else than was shown."""
        return self.text() != self._clean

    def mark(self, invalid: bool) -> None:
        """Draw it in the error ink."""
        if bool(self.property("invalid")) != invalid:
            self.setProperty("invalid", invalid)
            style = self.style()
            if style is not None:
                style.unpolish(self)
                style.polish(self)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Step, commit, take back, or edit."""
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(1.0 if event.key() == Qt.Key.Key_Up else -1.0)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.committed.emit()
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.edited:
            self.show_text(self._clean)
            self.selectAll()
            self.committed.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Select everything, so that typing replaces."""
        super().focusInEvent(event)
        if event is not None and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Leaving commits."""
        super().focusOutEvent(event)
        if event is not None and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.committed.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Step while focused; let the page scroll otherwise."""
        if event is not None and self.hasFocus() and event.angleDelta().y():
            self.stepped.emit(1.0 if event.angleDelta().y() > 0 else -1.0)
            event.accept()
        elif event is not None:
            event.ignore()


class Fields(QWidget):
    """Number boxes side by side, joined by ×.

    Parameters
    ----------
    *values : float
        What they show.
    name : str
        What they are, for instance ``Kernel size``; axes are added for screen readers.
    minimum, maximum : float
        What is possible; ``None`` for no limit.
    step : float
        What an arrow key or a notch of the wheel adds.
    whole : bool
        Only whole numbers.
    axes : sequence of str
        Names of the boxes; ``rows columns`` for two.

    Signals: ``committed(list)`` with every value, once per change that is possible.
    """

    committed = pyqtSignal(list)

    def __init__(
        self,
        *values: float,
        name: str = "",
        minimum: float | None = None,
        maximum: float | None = None,
        step: float = 1,
        whole: bool = True,
        axes: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._limits, self._step, self._whole, self._name = (minimum, maximum), step, whole, name
        self._axes, self._values, self._problem = list(axes), list(values), ""
        self._boxes: list[NumberBox] = []
        self._row: QHBoxLayout = logical(QHBoxLayout(self), spacing=4, margins=(0, 0, 0, 0))
        self._note: Note | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.set_values(*values)

    def values(self) -> list[float]:
        """Return the values that are so (not what is being typed)."""
        return list(self._values)

    def boxes(self) -> list[NumberBox]:
        """Return the boxes, in order."""
        return list(self._boxes)

    def problem(self) -> str:
        """Return the sentence shown below, empty when all is well."""
        return self._problem

    def set_values(self, *values: float) -> None:
        """Show what is so: silently, and any problem is over. A box that is being edited keeps its edit."""
        if len(values) != len(self._boxes):
            self._build(len(values))
        self._values = list(values)
        for box, value in zip(self._boxes, values, strict=True):
            if not (box.hasFocus() and box.edited) or self._problem:
                box.show_text(self._written(value))
        self.set_problem("")

    def set_limits(self, minimum: float | None, maximum: float | None) -> None:
        """Change what is possible."""
        self._limits = (minimum, maximum)

    def set_problem(self, sentence: str, index: int | None = None) -> None:
        """Say below why a value cannot be (an empty sentence ends it); ``index`` marks one box instead of all."""
        self._problem = sentence
        for i, box in enumerate(self._boxes):
            box.mark(bool(sentence) and index in (None, i))
        if sentence and self._note is None:
            self._note = Note(self)
        if self._note is not None:
            self._note.say(sentence)
        self.setAccessibleDescription(sentence)

    def minimumSizeHint(self) -> QSize:
        """Room for a few figures in each."""
        count = max(1, len(self._boxes))
        return QSize(count * px(36) + (count - 1) * px(16), px(28))

    def _written(self, value: float) -> str:
        return numbers.minus(str(int(value))) if self._whole else numbers.exact(value)

    def _build(self, count: int) -> None:
        while (item := self._row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._boxes = []
        names = self._axes or {1: [""], 2: ["rows", "columns"], 3: ["slices", "rows", "columns"]}.get(count, [])
        for i in range(count):
            if i:
                times = QLabel(numbers.TIMES)
                times.setProperty("role", "sub")
                self._row.addWidget(times)
            box = NumberBox()
            axis = names[i] if i < len(names) else str(i + 1)
            box.setAccessibleName(f"{self._name}, {axis}" if axis else self._name)
            box.setAccessibleDescription("Up and Down step, Enter sets, Esc takes back")
            box.committed.connect(lambda i=i: self._commit(i))
            box.stepped.connect(lambda way, i=i: self._stepped(i, way))
            self._row.addWidget(box, 1)
            self._boxes.append(box)
        self.setFocusProxy(self._boxes[0] if self._boxes else None)

    def _read(self, text: str) -> float:
        value = numbers.parse(text)
        low, high = self._limits
        said = text.strip()
        if self._whole and value != int(value):
            raise ValueError(f"{said} is not a whole number.")
        if low is not None and not value >= low:
            raise ValueError(f"{self._name or 'It'} must be at least {numbers.exact(low)}, got {said}.")
        if high is not None and not value <= high:
            raise ValueError(f"{self._name or 'It'} must be at most {numbers.exact(high)}, got {said}.")
        return int(value) if self._whole else value

    def _commit(self, index: int) -> None:
        box = self._boxes[index]
        if not box.edited:
            if self._problem:
                self.set_problem("")
            return
        try:
            value = self._read(box.text())
        except (ValueError, OverflowError) as error:
            self.set_problem(str(error), index)
            return
        box.show_text(self._written(value))
        self.set_problem("")
        if value != self._values[index]:
            self._values[index] = value
            self.committed.emit(list(self._values))

    def _stepped(self, index: int, way: float) -> None:
        box = self._boxes[index]
        try:
            start = numbers.parse(box.text())
        except ValueError:
            start = self._values[index]
        value = (
            round((start + way * self._step) / self._step) * self._step if not self._whole else start + way * self._step
        )
        low, high = self._limits
        value = value if low is None else max(low, value)
        value = value if high is None else min(high, value)
        box.setText(self._written(round(value, 12)))
        self._commit(index)
        box.selectAll()
