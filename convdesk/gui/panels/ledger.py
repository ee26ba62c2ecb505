# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: every term of the questioned number, largest first; the sum is the number that is shown."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPen
from PyQt6.QtWidgets import (
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from convdesk.lab.ledger import Terms

from .. import numbers
from ..focus import Ringed
from ..parts import Card, Tool, label, row, rule, set_label
from ..reading import Reading
from ..theme import colour, diverging, font, logical, px

HEADS = ("row, col", "value", "weight", "product")
Right, Left, Middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
ANSWERED = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ForegroundRole,
    Qt.ItemDataRole.UserRole,
    Qt.ItemDataRole.ToolTipRole,
)
HINT = "Point at an output to see its terms."


class LedgerModel(QAbstractTableModel):
    """Terms in order of the size of their products."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: Terms | None = None
        self.order = np.zeros(0, int)
        self._decimals = [2, 4, 3]

    def show(self, terms: Terms | None) -> None:
        """Show the terms of another unit."""
        self.beginResetModel()
        self.terms = terms
        if terms is None:
            self.order = np.zeros(0, int)
        else:
            size = np.abs(np.nan_to_num(terms.products.ravel(), nan=np.inf))
            self.order = np.argsort(-size, kind="stable")
            columns = (terms.values, terms.weights, terms.products)
            self._decimals = [_decimals(column, most) for column, most in zip(columns, (2, 4, 3), strict=True)]
        self.endResetModel()

    def widest(self) -> list[str]:
        """The longest text of each of the first three columns."""
        terms = self.terms
        if terms is None or not len(self.order):
            return ["", "", ""]
        corners = [index for index in (0, terms.values.size - 1)]
        if terms.padded.any():
            corners += [
                int(np.argmax(terms.padded)),
                terms.padded.size - 1 - int(np.argmax(terms.padded.ravel()[::-1])),
            ]
        found = [
            max(
                (self._text(tuple(map(int, np.unravel_index(i, terms.values.shape))), 0, terms) for i in corners),
                key=len,
            )
        ]
        for column, array in ((1, terms.values), (2, terms.weights)):
            ends = (float(np.nanmin(array)), float(np.nanmax(array))) if np.isfinite(array).any() else (0.0,)
            found.append(max((numbers.fixed(v, self._decimals[column - 1]) for v in ends), key=len))
        return found

    def widest_product(self) -> str:
        """The longest text of the last column."""
        products = self.terms.products if self.terms is not None else np.zeros(0)
        finite = products[np.isfinite(products)]
        ends = (float(finite.min()), float(finite.max())) if finite.size else ()
        special = ["−∞"] if finite.size < products.size else []
        return max([*(numbers.fixed(v, self._decimals[2]) for v in ends), *special], key=len, default="")

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Number of terms."""
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def columnCount(self, _parent: QModelIndex | None = None) -> int:
        """Where, value, weight, product."""
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        """Names of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            ndim = len(self.terms.taps) if self.terms is not None else 2
            return {1: "sample", 3: "z, row, col"}.get(ndim, HEADS[0]) if section == 0 else HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Middle | (Left if section == 0 else Right))
        return None

    def index_of(self, at: int) -> tuple[int, ...]:
        """Index into the arrays of the terms of a row."""
        assert self.terms is not None
        return tuple(int(i) for i in np.unravel_index(int(self.order[at]), self.terms.values.shape))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell as text, its alignment, its ink, and the product as a number for the bar."""
        terms = self.terms
        if terms is None or not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Middle | (Left if index.column() == 0 else Right))
        if role not in ANSWERED:
            return None  # asked for every cell at every hover: fonts, sizes, icons
        at = self.index_of(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(at, index.column(), terms)
        if role == Qt.ItemDataRole.ForegroundRole and terms.padded[at] and index.column() < 2:
            return colour("pad")
        if role == Qt.ItemDataRole.UserRole and index.column() == 3:
            return float(terms.products[at])
        if role == Qt.ItemDataRole.ToolTipRole:
            exact = numbers.exact(
                float((terms.values, terms.values, terms.weights, terms.products)[index.column()][at])
            )
            return f"{self._text(at, 0, terms)}: {exact}"
        return None

    def _text(self, at: tuple[int, ...], column: int, terms: Terms) -> str:
        if column:
            array = (terms.values, terms.weights, terms.products)[column - 1]
            return numbers.fixed(float(array[at]), self._decimals[column - 1])
        place = numbers.coordinates(*(axis[i] for axis, i in zip(terms.taps, at[1:], strict=True)))
        channel = f"{terms.channels[at[0]]}: " if len(terms.channels) > 1 else ""
        return f"{channel}{place}{' pad' if terms.padded[at] else ''}"


def _decimals(values: np.ndarray, most: int) -> int:
    """The fewest decimals that show a column as it is, up to ``most``; large numbers take fewer."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0
    top = float(np.abs(finite).max())
    most = max(0, most - max(0, len(f"{top:.0f}") - 3))
    return next((d for d in range(most) if np.array_equal(np.round(finite, d), finite)), most)


class BarDelegate(QStyledItemDelegate):
    """The product as a number on a bar that grows from zero: orange to the right, blue to the left."""

    def __init__(self) -> None:
        super().__init__()
        self.top = 1.0
        self.widest = ""

    def bar(self, r: QRectF, value: float) -> tuple[float, QRectF]:
        """Where the zero line and the bar of a value stand in a cell: alike in all rows, whatever is printed there."""
        room = r.width() - QFontMetrics(font("small", 500)).horizontalAdvance("−" + self.widest) - px(12)
        half = max(min(r.width() * 0.2, room / 2), 0.0)
        middle = r.left() + half + px(2)
        if half <= px(4) or value == 0 or value != value:
            return (middle if half > px(4) else -1.0), QRectF()
        long = max(min(abs(value) / self.top, 1.0) * half, 1.0)
        return middle, QRectF(middle if value > 0 else middle - long, r.center().y() - px(4), long, px(8))

    def paint(self, p: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw bar and number."""
        if p is None:
            return
        value = index.data(Qt.ItemDataRole.UserRole)
        r = QRectF(option.rect)
        p.save()
        p.setFont(font("small", 500))
        text = str(index.data())
        middle, bar = self.bar(r, float(value)) if value is not None else (-1.0, QRectF())
        if middle >= 0:
            p.fillRect(bar, colour("#" + bytes(diverging()[200 if value > 0 else 55]).hex()))
            p.setPen(QPen(colour("edge"), 1))
            p.drawLine(int(middle), int(r.top()) + px(5), int(middle), int(r.bottom()) - px(5))
        p.setPen(QPen(colour("line"), 1))
        p.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        p.setPen(colour("text"))
        p.drawText(r.adjusted(0, 0, -px(4), 0), Middle | Right, text)
        p.restore()


class LedgerTable(Ringed, QTableView):
    """The table. Signals: ``pointed(row or None)``."""

    pointed = pyqtSignal(object)

    def __init__(self, model: LedgerModel) -> None:
        super().__init__()
        self.ledger = model
        self.setModel(model)
        self._widths = [0, 0, 0]
        self.bars = BarDelegate()
        self.setItemDelegateForColumn(3, self.bars)
        self.setAccessibleName("Terms")
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        self.setMinimumHeight(40)
        self.entered.connect(lambda index: self.pointed.emit(index.row()))
        self.retheme()

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """The keyboard points as the pointer does."""
        super().currentChanged(current, previous)
        self.pointed.emit(current.row() if current.isValid() else None)

    def leaveEvent(self, event: QEvent | None) -> None:
        """Point at nothing."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Point at the row under the pointer."""
        super().mouseMoveEvent(event)
        if event is not None and not self.indexAt(event.position().toPoint()).isValid():
            self.pointed.emit(None)

    def sizeHint(self) -> QSize:
        """A few rows; it takes what there is."""
        return QSize(px(240), px(120))

    def retheme(self) -> None:
        """Take the scale."""
        self.verticalHeader().setMinimumSectionSize(px(18))
        self.verticalHeader().setDefaultSectionSize(px(24))
        header = self.horizontalHeader()
        header.setMinimumSectionSize(px(20))
        header.setFixedHeight(px(24))
        for section in range(4):
            stretch = section == 3
            mode = QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.Fixed
            header.setSectionResizeMode(section, mode)
        self._widths = [0, 0, 0]
        self.fit_columns()

    def fit_columns(self) -> None:
        """Columns as wide as their longest text; they grow and do not shrink, so that hovering moves nothing."""
        metrics = QFontMetrics(font("small"))
        for section, (text, head) in enumerate(zip(self.ledger.widest(), HEADS, strict=False)):
            wide = max(
                metrics.horizontalAdvance(text) + px(15),
                px((62, 48, 48)[section]),
                metrics.horizontalAdvance(head) + px(6),
            )
            if wide > self._widths[section]:
                self._widths[section] = wide
                self.horizontalHeader().resizeSection(section, wide)


class Ledger(Card):
    """Signals: ``pointed(index or None)`` into the arrays of the terms."""

    pointed = pyqtSignal(object)

    def __init__(self) -> None:
        self.copy_tool = Tool("copy", "Copy the terms as text")
        super().__init__("Ledger", "", self.copy_tool)
        self.model = LedgerModel()
        self.table = LedgerTable(self.model)
        self.hint = label(HINT, "hint", wrap=True)
        self.sum_name, self.sum_value = label("Sum", weight=600), label("", weight=600)
        self.add(self.hint)
        self.add(self.table, 1)
        self._line = rule()
        self.add(self._line)
        self.add(row(self.sum_name, 1, self.sum_value, margins=(4, 0, 4, 0)))
        self.box.addStretch(0)
        self.copy_tool.clicked.connect(self.copy)
        self.table.pointed.connect(self._pointed)
        logical(self, min_height=120)
        self.show_reading(None)

    def show_reading(self, reading: Reading | None) -> None:
        """Show the terms of the questioned number."""
        terms = reading.terms if reading is not None else None
        self.table.bars.top = 1.0
        if terms is not None and terms.products.size:
            finite = np.abs(terms.products[np.isfinite(terms.products)])
            self.table.bars.top = float(finite.max()) or 1.0 if finite.size else 1.0
        self.model.show(terms)
        self.table.bars.widest = self.model.widest_product()
        self.table.fit_columns()
        for widget in (self.table, self._line, self.sum_name, self.sum_value):
            widget.setVisible(terms is not None)
        self.hint.setVisible(terms is None)
        self.copy_tool.setEnabled(terms is not None)
        self.box.setStretch(self.box.count() - 1, 1 if terms is None else 0)
        if terms is None:
            self.sub.setText("")
            return
        padded = int(terms.padded.sum())
        words = f"{numbers.grouped(terms.count)} term{'s' if terms.count != 1 else ''}"
        channel = f"{reading.channel}: " if reading is not None and reading.channel else ""
        self.sub.setText(f"{channel}{words}, {f'{padded} from padding' if padded else 'largest first'}")
        name = {"sum": "Sum + bias" if terms.bias else "Sum", "max": "Largest", "mean": "Mean"}.get(terms.kind, "Value")
        set_label(self.sum_name, name)
        set_label(self.sum_value, numbers.number(terms.result, 5))
        self.sum_value.setToolTip(numbers.exact(np.float32(terms.result)))

    def point_at(self, index: tuple[int, ...] | None) -> None:
        """Mark the row of a term."""
        terms = self.model.terms
        if terms is None:
            return
        if index is None:
            self.table.clearSelection()
            return
        flat = int(np.ravel_multi_index(index, terms.values.shape))
        found = np.flatnonzero(self.model.order == flat)
        if found.size:
            self.table.selectionModel().blockSignals(True)
            self.table.selectRow(int(found[0]))
            self.table.selectionModel().blockSignals(False)
            self.table.viewport().update()

    def copy(self) -> None:
        """Put the terms into the clipboard as a table."""
        model = self.model
        lines = ["\t".join(str(model.headerData(c, Qt.Orientation.Horizontal)) for c in range(4))]
        for at in range(model.rowCount()):
            lines.append("\t".join(str(model.data(model.index(at, c))) for c in range(4)))
        lines.append(f"{self.sum_name.text()}\t\t\t{self.sum_value.text()}")
        QApplication.clipboard().setText("\n".join(lines))

    def _pointed(self, at: int | None) -> None:
        inside = at is not None and 0 <= at < self.model.rowCount()
        self.pointed.emit(self.model.index_of(at) if inside else None)
