# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack: the network as a strip of thumbnails, where we are, what the traced number sees, what the whole costs."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QAbstractListModel, QByteArray, QMimeData, QModelIndex, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent
from PyQt6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from convdesk.desk import Desk
from convdesk.document.state import INPUT
from convdesk.network.stack import Stage

from .. import numbers
from ..focus import Ringed
from ..layer_text import detail, icon_of, source_detail
from ..parts import Button, Card, Facts, Tool, column, label, row, rule
from ..reading import Reading
from ..theme import PAD, logical, px
from ..thumbs import Thumbs
from .stack_row import RAIL_ROW, ROW, RowPainter

MIME = "application/x-convdesk-layer"
ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Row:
    """What one row says."""

    name: str
    title: str
    icon: str
    detail: str
    shape: str
    sees: str = ""
    error: str = ""
    waits: bool = False
    enabled: bool = True
    last: bool = False


def rows_of(desk: Desk, reading: Reading | None) -> list[Row]:
    """The rows of a document: the input, then every layer."""
    source = desk.source
    if source is None:
        return []
    kind = source.kind
    shape = (
        numbers.size(source.spatial)
        if kind != "signal"
        else f"{source.channels} × {numbers.grouped(source.spatial[0])}"
    )
    rows = [
        Row(INPUT, kind.capitalize(), kind, source_detail(source), shape, _sees(reading, INPUT), last=not desk.stages)
    ]
    for i, stage in enumerate(desk.stages):
        rows.append(_row(stage, reading, i == len(desk.stages) - 1))
    return rows


def _row(stage: Stage, reading: Reading | None, last: bool) -> Row:
    layer = stage.layer
    waits = stage.error.startswith("waits for")
    error = f"{stage.error}." if stage.error and not waits else stage.error
    shape = numbers.size(stage.out_spatial) if not stage.error else ""
    if shape and stage.out_channels > 1 and stage.out_channels != 3:
        shape = f"{stage.out_channels} of {shape}"
    words = detail(layer, stage) if layer.enabled else "off: passes its input on"
    sees = _sees(reading, layer.name)
    return Row(layer.name, layer.name, icon_of(layer), words, shape, sees, error, waits, layer.enabled, last)


def _sees(reading: Reading | None, name: str) -> str:
    if reading is None or name not in reading.trace.fields:
        return ""
    if name == reading.layer:
        return "1 unit"
    return numbers.size([len(span) for span in reading.trace.fields[name]])


class StackModel(QAbstractListModel):
    """Rows for the list view. Signals: ``moved(name, to)`` when a row was dragged elsewhere."""

    moved = pyqtSignal(str, int)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Show other rows; the view keeps its place."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A row for the painter, and in words."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        one = self.rows[index.row()]
        if role == ROLE:
            return one
        if role == Qt.ItemDataRole.ToolTipRole:
            return one.error or f"{one.title}: {one.detail}, {one.shape}"
        if role == Qt.ItemDataRole.EditRole:
            return one.name
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            spoken = [one.title, one.detail, f"output {one.shape}".replace("×", "by") if one.shape else ""]
            spoken += [f"sees {one.sees}".replace("×", "by") if one.sees else "", one.error]
            return ", ".join(part for part in spoken if part)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Layers can be dragged and dropped between; the input stays where it is."""
        base = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if not index.isValid():
            return base | Qt.ItemFlag.ItemIsDropEnabled
        return base | (Qt.ItemFlag.ItemIsDragEnabled if index.row() else base)

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows move."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Layers of this list."""
        return [MIME]

    def mimeData(self, indexes: object) -> QMimeData:
        """The name of the row that is dragged."""
        data = QMimeData()
        picked = list(indexes)  # type: ignore[call-overload]
        if picked:
            data.setData(MIME, QByteArray(self.rows[picked[0].row()].name.encode()))
        return data

    def dropMimeData(
        self, data: QMimeData | None, _action: object, at: int, _column: int, _parent: QModelIndex
    ) -> bool:
        """Ask for the move; the document makes it."""
        if data is None or not data.hasFormat(MIME):
            return False
        name = bytes(data.data(MIME)).decode()
        old = next((i for i, one in enumerate(self.rows) if one.name == name), 0)
        to = (at if at >= 0 else len(self.rows)) - 1
        self.moved.emit(name, max(0, to - (old < at)))
        return False  # nothing was moved here: the rows come from the document


class StackList(Ringed, QListView):
    """The list itself. Signals: ``menuRequested(name, place)``."""

    menuRequested = pyqtSignal(str, QPoint)
    focused = pyqtSignal()

    def __init__(self, model: StackModel, painter: RowPainter) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(painter)
        self.setAccessibleName("Layers")
        self.setAccessibleDescription("Arrow keys choose, Delete removes, F3 renames")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)

    def minimumSizeHint(self) -> QSize:
        """One row."""
        return QSize(px(40), px(60))

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Offer what can be done with the row."""
        if event is not None:
            index = self.indexAt(event.pos())
            name = index.data(ROLE).name if index.isValid() else ""
            self.menuRequested.emit(name, event.globalPos())

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Say so."""
        super().focusInEvent(event)
        self.focused.emit()


class StackPanel(Card):
    """Signals: ``chosen(name)``, ``moved(name, to)``, ``menuRequested(name, place)``, ``addRequested(place)``."""

    chosen = pyqtSignal(str)
    moved = pyqtSignal(str, int)
    menuRequested = pyqtSignal(str, QPoint)
    addRequested = pyqtSignal(QPoint)

    def __init__(self, desk: Desk, thumbs: Thumbs) -> None:
        self.add_tool = Tool("add", "Add layer", shortcut="Ctrl+L")
        super().__init__("Stack", "", self.add_tool)
        self.setObjectName("card")
        self.desk = desk
        self.model = StackModel()
        self.painter = RowPainter(thumbs)
        self.list = StackList(self.model, self.painter)
        self.add_button = Button("Add layer", "link", "add")
        self.field_title = label("Traced unit sees", "cap")
        self.reach_facts, self.cost_facts = Facts(), Facts()
        self.foot = QWidget()
        self.foot.setLayout(
            column(
                rule(), self.field_title, self.reach_facts, rule(), label("Whole stack", "cap"), self.cost_facts,
                spacing=8, margins=(10, 0, 10, 0),
            )
        )  # fmt: skip
        self.set_margins(4, 4, 4, 8)
        logical(self.head.layout(), margins=(8, 0, 4, 0))
        self.body: QVBoxLayout = self.box
        self.add(self.list, 1000)
        self._add_row = QWidget()
        self._add_row.setLayout(row(self.add_button, 1, margins=(6, 0, 0, 0)))
        self.add(self._add_row)
        self.box.addStretch(1)
        self.add(self.foot)
        self.rail = False
        self.list.selectionModel().currentChanged.connect(self._current)
        self.model.moved.connect(self.moved)
        self.list.menuRequested.connect(self.menuRequested)
        for button in (self.add_tool, self.add_button):
            button.clicked.connect(
                lambda _=False, b=button: self.addRequested.emit(b.mapToGlobal(QPoint(0, b.height())))
            )
        thumbs.changed.connect(lambda _name: self.list.viewport().update())

    def show_state(self, reading: Reading | None) -> None:
        """Show the document and what the traced number sees."""
        self.painter.reading = reading
        rows = rows_of(self.desk, reading)
        self._quiet = True
        self.model.show(rows)
        at = next((i for i, one in enumerate(rows) if one.name == self.desk.state.chosen), 0)
        if rows and self.list.currentIndex().row() != at:
            self.list.setCurrentIndex(self.model.index(at))
        self._quiet = False
        count = len(self.desk.state.layers)
        self.sub.setText(f"{count} layer{'s' if count != 1 else ''}" if not self.rail else "")
        self._fit_list()
        self.list.viewport().update()
        self._show_facts(reading)

    def show_reading(self, reading: Reading | None) -> None:
        """Show what the traced number sees in every layer; the document is as it was."""
        self.painter.reading = reading
        self.model.show(rows_of(self.desk, reading))
        self.field_title.setText("Traced unit sees" if reading is not None else "A unit sees")
        self.list.viewport().update()

    def _show_facts(self, reading: Reading | None) -> None:
        desk = self.desk
        weights, macs = desk.facts()
        self.cost_facts.set_facts(
            ("Weights", numbers.compact(weights), "", "Weights and biases of all layers that are on"),
            ("Multiply-adds", numbers.compact(macs), "", "On the whole input, padding counted as data"),
        )
        chosen = desk.state.chosen
        if desk.source is None or desk.shape_of(chosen) is None:
            self.reach_facts.set_facts(("Field", "–"), ("Jump", "–"), ("Offset", "–"))
            return
        reach = desk.reach(chosen)
        size, jump, offset = (_axes(v) for v in (reach.size, reach.jump, reach.offset))
        self.field_title.setText("Traced unit sees" if reading is not None else "A unit sees")
        self.reach_facts.set_facts(
            ("Field", size, "rf", "Samples of the input, per axis, that one output can depend on"),
            ("Jump", jump, "", "Distance between the fields of two neighbours"),
            ("Offset", offset, "", "Where the field of output 0 starts; below 0 is padding"),
        )

    def set_rail(self, rail: bool) -> None:
        """Show thumbnails and names only, or everything."""
        if rail == self.rail:
            return
        self.rail = self.painter.rail = rail
        self.foot.setVisible(not rail)
        self._add_row.setVisible(not rail)
        self.title.setVisible(not rail)
        self.sub.setVisible(not rail)
        logical(self.head.layout(), margins=(8, 0, 4, 0) if not rail else (0, 0, 0, 0))
        self.set_margins(4, 4, 4, 8)
        self.list.scheduleDelayedItemsLayout()
        self._fit_list()

    def _fit_list(self) -> None:
        """As high as its rows, so that *Add layer* stands below the last one."""
        self.list.setMaximumHeight(max(1, len(self.model.rows)) * px(RAIL_ROW if self.rail else ROW) + 2)

    def _current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and not self._quiet:
            self.chosen.emit(self.model.rows[index.row()].name)

    def retheme(self) -> None:
        """Take the scale."""
        self.list.scheduleDelayedItemsLayout()
        self._fit_list()

    _quiet = False


def _axes(values: tuple[int, ...]) -> str:
    """One number where all axes agree, else all of them."""
    texts = [numbers.minus(str(v)) for v in values]
    return texts[0] if len(set(texts)) == 1 else " × ".join(texts)


__all__ = ["PAD", "RAIL_ROW", "ROW", "Row", "StackPanel", "rows_of"]
