# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of every layer: asked from the desk like any pane, so they are exact samples too."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from PyQt6.QtCore import QLineF, QObject, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap

from convdesk.desk import Desk
from convdesk.desk.views import THUMB
from convdesk.document.state import INPUT
from convdesk.engine.scheduler import TileResult
from convdesk.geometry import Box, Span

from .canvas.display import Display
from .eye import Eye
from .frames import Frame
from .theme import active, colour, overlay, px, table

SAMPLES = 104
"""Samples along the longer side: twice the pixels of a thumbnail."""
SIGNAL_SAMPLES = 512
PREFIX = THUMB


@dataclass
class _Shown:
    spatial: tuple[int, ...]
    step: tuple[int, ...]
    axes: tuple[int, ...]
    at: tuple[int, ...]
    values: np.ndarray | None = None
    origin: tuple[int, ...] = ()


class Thumbs(QObject):
    """The pictures by layer. Signals: ``changed(layer)``."""

    changed = pyqtSignal(str)

    def __init__(self, desk: Desk, eye: Eye) -> None:
        super().__init__()
        self.desk, self.eye = desk, eye
        self._shown: dict[str, _Shown] = {}
        self._asked: dict[str, Any] = {}
        self._bases: dict[tuple[str, int], QPixmap] = {}
        self.closed = False
        active.changed.connect(self.refresh)

    def look(self) -> None:
        """Ask for what is in the stack now."""
        if self.closed:
            return
        source = self.desk.source
        names = [INPUT, *(layer.name for layer in self.desk.state.layers)] if source is not None else []
        for name in [n for n in self._asked if n not in names]:
            self._forget(name)
        for name in names:
            shape = self.desk.shape_of(name)
            if shape is None:
                self._forget(name)
            else:
                self._ask(name, *shape)

    def _forget(self, name: str) -> None:
        self._shown.pop(name, None)
        if self._asked.pop(name, None) is not None:
            self.desk.look_away(PREFIX + name)

    def _ask(self, name: str, channels: int, spatial: tuple[int, ...]) -> None:
        axes: tuple[int, ...] = tuple(range(len(spatial)))
        at = [0] * len(spatial)
        if len(spatial) == 3:
            axes = tuple(axis for axis in range(3) if axis != self.eye.plane)
            middle = [n // 2 for n in self.desk.source.spatial]
            middle[self.eye.plane] = self.eye.slice
            frame = Frame.of(None if name == INPUT else self.desk.reach(name), 3)
            at = list(frame.unit_at(middle, spatial))
        most = SIGNAL_SAMPLES if len(spatial) == 1 else SAMPLES
        every = max(1, -(-max(spatial[axis] for axis in axes) // most))
        box = tuple(Span(0, n) if axis in axes else Span(at[axis], at[axis] + 1) for axis, n in enumerate(spatial))
        step = tuple(every if axis in axes else 1 for axis in range(len(spatial)))
        channel = self.eye.channel(name, channels)
        wanted = (0, 1, 2) if channel == "rgb" else (int(channel),)
        asked = (box, step, wanted, spatial)
        if self._asked.get(name) != asked:
            self._asked[name] = asked
            self._shown[name] = _Shown(spatial, step, axes, tuple(at))
            self.desk.look(PREFIX + name, name, box, step, wanted)

    def receive(self, result: TileResult) -> None:
        """Take a tile; thumbnails fit in one."""
        shown = self._shown.get(result.layer)
        if shown is None or result.array is None or result.step != shown.step:
            return
        index: list[Any] = [slice(None)] * result.array.ndim
        for axis in range(len(shown.spatial)):
            if axis not in shown.axes:
                last = result.array.shape[axis + 1] - 1
                index[axis + 1] = min(max(shown.at[axis] - result.box[axis].start, 0), last)
        values = result.array[tuple(index)]
        shown.values = np.moveaxis(values, 0, -1) if len(values) == 3 else values[0]
        for key in [key for key in self._bases if key[0] == result.layer]:
            del self._bases[key]
        self.changed.emit(result.layer)

    def values(self, name: str) -> np.ndarray | None:
        """The samples of a thumbnail."""
        shown = self._shown.get(name)
        return None if shown is None else shown.values

    def picture(self, name: str, size: int, field: Box | None = None) -> QPixmap:
        """A square thumbnail of ``size`` logical pixels with the traced field in it."""
        n = px(size)
        shown = self._shown.get(name)
        flat = shown is not None and shown.values is not None and shown.values.ndim > 1
        pixmap = QPixmap(self._base(name, n)) if flat else QPixmap(n, n)
        if not flat:
            pixmap.fill(colour("canvas"))
        painter = QPainter(pixmap)
        if shown is not None and shown.values is not None:
            if flat:
                self._draw_field(painter, shown, n, field)
            else:
                self._draw_signal(painter, shown, n, field)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("edge"), 1))
        painter.drawRect(0, 0, n - 1, n - 1)
        painter.end()
        return pixmap

    def image(self, name: str) -> QImage | None:
        """The samples as an image in the layer's colours."""
        values = self.values(name)
        if values is None or values.ndim < 2:
            return None
        show = self.desk.display(name)
        display = Display(show.range.lo, show.range.hi, table(show.map))
        return display.image(np.ascontiguousarray(values))[0].copy()

    def refresh(self) -> None:
        """Draw everything again when it is next asked for: ranges or colours have changed."""
        self._bases.clear()

    def _base(self, name: str, n: int) -> QPixmap:
        """The picture alone, drawn once."""
        found = self._bases.get((name, n))
        if found is None:
            found = QPixmap(n, n)
            found.fill(colour("canvas"))
            painter = QPainter(found)
            self._draw_image(painter, name, self._shown[name], n)
            painter.end()
            self._bases[name, n] = found
        return found

    @staticmethod
    def _place(shown: _Shown, n: int) -> tuple[QRectF, float]:
        """Where the picture is in the square, and pixels per sample."""
        rows, cols = (shown.spatial[axis] for axis in shown.axes)
        scale = n / max(rows, cols)
        return QRectF((n - cols * scale) / 2, (n - rows * scale) / 2, cols * scale, rows * scale), scale

    def _draw_image(self, painter: QPainter, name: str, shown: _Shown, n: int) -> None:
        rect, scale = self._place(shown, n)
        image = self.image(name)
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            covered = (
                shown.values.shape[0] * shown.step[shown.axes[0]],
                shown.values.shape[1] * shown.step[shown.axes[1]],
            )
            painter.setClipRect(rect)
            painter.drawImage(QRectF(rect.left(), rect.top(), covered[1] * scale, covered[0] * scale), image)
            painter.setClipping(False)

    def _draw_field(self, painter: QPainter, shown: _Shown, n: int, field: Box | None) -> None:
        rect, scale = self._place(shown, n)
        if field is not None:
            r, c = field[shown.axes[0]], field[shown.axes[1]]
            box = QRectF(rect.left() + c.start * scale, rect.top() + r.start * scale, len(c) * scale, len(r) * scale)
            box = box.intersected(QRectF(0, 0, n, n))
            least = px(5)
            w, h = max(box.width(), least), max(box.height(), least)
            box = QRectF(box.center().x() - w / 2, box.center().y() - h / 2, w, h)
            for ink, width in ((overlay("halo"), px(4)), (overlay("field"), px(2))):
                painter.setPen(QPen(ink, width))
                painter.drawRect(box)

    def _draw_signal(self, painter: QPainter, shown: _Shown, n: int, field: Box | None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        values = shown.values
        if values is None:
            return
        finite = values[np.isfinite(values)]
        if not finite.size:
            return
        low, high = float(finite.min()), float(finite.max())
        high = high if high > low else low + 1
        across, up = n / shown.spatial[0], (n - px(12)) / (high - low)
        if field is not None:
            span = field[0]
            band = QRectF(span.start * across, 0, max(len(span) * across, 2), n)
            painter.fillRect(band, overlay("field", 90))
        if len(values) > n:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(colour("text2"), 1))
            for x, (least, most) in enumerate(envelope(values, n)):
                if least == least:
                    bottom, top = (n - px(6) - (value - low) * up for value in (least, most))
                    painter.drawLine(QLineF(x + 0.5, bottom, x + 0.5, min(top, bottom - 1)))
            return
        path = QPainterPath()
        for i, value in enumerate(values):
            if np.isfinite(value):
                point = QPointF((i + 0.5) * shown.step[0] * across, n - px(6) - (float(value) - low) * up)
                path.lineTo(point) if path.elementCount() else path.moveTo(point)
        painter.setPen(QPen(colour("text"), 1.5))
        painter.drawPath(path)


def envelope(values: np.ndarray, columns: int) -> list[tuple[float, float]]:
    """The least and the largest finite value of each of so many columns; NaN where a column has none."""
    edges = np.linspace(0, len(values), columns + 1).round().astype(int)
    found = []
    for start, stop in pairwise(edges):
        part = values[start:stop]
        part = part[np.isfinite(part)]
        found.append((float(part.min()), float(part.max())) if part.size else (float("nan"), float("nan")))
    return found
