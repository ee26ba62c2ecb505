# SPDX-License-Identifier: GPL-3.0-or-later
"""A 1-D signal and its output, one above the other on one axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PyQt6.QtWidgets import QFrame, QWidget

from .. import numbers
from ..focus import wants_ring
from ..theme import colour, font, px
from .trace import Band, NumberAxis, Trace

AIR = (0.08, 0.24)  # where the signal does not go, and where numbers stand at its heads; shares of the range


class SignalPlot(pg.GraphicsLayoutWidget):
    """Input above output. The wheel zooms the axis at the pointer, Shift+wheel and dragging move it, arrows step.

    Signals: ``hovered(which, index)`` with which ``input`` or ``output`` and index None outside;
    ``clicked(which, index)``; ``stepped(samples)``; ``viewChanged(start, stop)`` in samples of the input.
    """

    hovered = pyqtSignal(str, object)
    clicked = pyqtSignal(str, int)
    stepped = pyqtSignal(int)
    viewChanged = pyqtSignal(int, int)

    def __init__(self, name: str = "Input and output signals") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(px(4))
        self.shows_focus = False
        self._over: tuple[str, int | None] = ("input", None)
        self._pan_from: QPointF | None = None
        self._press_at: QPointF | None = None
        self._traces = {"input": Trace(), "output": Trace()}
        self._plots: dict[str, Any] = {}
        self._bands = {"input": Band(), "output": Band()}
        for i, (which, trace) in enumerate(self._traces.items()):
            axes = {side: NumberAxis(side) for side in ("left", "bottom")}
            plot = self.addPlot(row=i, col=0, axisItems=axes)
            for axis in axes.values():
                axis.enableAutoSIPrefix(False)
            plot.setLabel("left", which.capitalize())
            plot.hideButtons()
            plot.setMenuEnabled(False)
            plot.setMouseEnabled(False, False)
            plot.showGrid(y=True, alpha=0.12)
            plot.addItem(self._bands[which], ignoreBounds=True)
            plot.addItem(trace, ignoreBounds=True)
            self._plots[which] = plot
        self._plots["output"].setXLink(self._plots["input"])
        self._plots["input"].getAxis("bottom").setStyle(showValues=False)
        self._plots["input"].getViewBox().sigXRangeChanged.connect(self._moved)
        self.retheme()

    # -------------------------------------------------------------------------------------------------------- state
    def set_signals(
        self,
        signal: NDArray[Any],
        output: NDArray[Any],
        jump: float = 1.0,
        offset: float = 0.0,
        refit: bool | None = None,
    ) -> None:
        """Show a signal and its output; output sample o stands at ``offset + jump * o``.

        ``refit`` shows everything again; left out: when the length of the signal changed.
        """
        x, y = self._traces["input"], self._traces["output"]
        refit = len(signal) != len(x.values) if refit is None else refit
        x.values, y.values, y.jump, y.offset = np.asarray(signal), np.asarray(output), jump, offset
        for which, trace in self._traces.items():
            self._fit_values(which)
            trace.update()
        if refit:
            self.fit()

    def _fit_values(self, which: str) -> None:
        values = self._traces[which].values
        finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        low, high = (float(min(finite.min(), 0)), float(max(finite.max(), 0))) if finite.size else (0.0, 1.0)
        span = (high - low) or 1.0
        below, above = AIR[low < 0], AIR[high > 0 or low == 0]
        self._plots[which].setYRange(low - below * span, high + above * span, padding=0)

    def set_padding(self, before: int, after: int, values: tuple[NDArray[Any], NDArray[Any]] | None = None) -> None:
        """Hatch padded samples before and after the signal, with what they hold where that is given."""
        trace = self._traces["input"]
        trace.padding, trace.padded = (before, after), values
        trace.update()

    def set_field(self, span: tuple[int, int] | None) -> None:
        """Mark the samples that a unit reads, half-open; may reach into the padding."""
        edges = None if span is None else (span[0] - 0.5, span[1] - 0.5)
        self._bands["input"].set_span(edges)
        self._traces["input"].hot = edges
        self._traces["input"].update()

    def set_unit(self, index: int | None) -> None:
        """Mark one output sample."""
        trace = self._traces["output"]
        trace.unit = index if index is not None and 0 <= index < len(trace.values) else None
        trace.update()

    def fit(self) -> None:
        """Show the whole signal and its padding."""
        n, (before, after) = len(self._traces["input"].values), self._traces["input"].padding
        air = max(0.6, 0.01 * n)
        self._plots["input"].setXRange(-before - air, n - 1 + after + air, padding=0)

    def view(self) -> tuple[float, float]:
        """Return the visible part of the axis."""
        low, high = self._plots["input"].getViewBox().viewRange()[0]
        return low, high

    def set_view(self, low: float, high: float) -> None:
        """Show a part of the axis."""
        self._plots["input"].setXRange(low, high, padding=0)

    def drawn_as(self) -> str:
        """Say how the signal is drawn: ``32 samples`` or ``envelope of 48,000 samples``."""
        trace = self._traces["input"]
        samples = f"{numbers.grouped(len(trace.values))} samples"
        return f"envelope of {samples}" if trace.as_envelope else samples

    def _moved(self) -> None:
        low, high = self.view()
        n = len(self._traces["input"].values)
        self.viewChanged.emit(min(max(0, int(low)), n), max(min(n, int(high) + 1), 0))

    def sample_at(self, at: QPointF) -> tuple[str, int | None]:
        """Return the signal and the sample at a point of the viewport."""
        scene = self.mapToScene(at.toPoint())
        which = "input" if scene.y() < self._plots["output"].sceneBoundingRect().top() else "output"
        trace, box = self._traces[which], self._plots[which].getViewBox()
        if not box.sceneBoundingRect().contains(scene):
            return which, None
        index = round((box.mapSceneToView(scene).x() - trace.offset) / trace.jump)
        return which, index if 0 <= index < len(trace.values) else None

    # ------------------------------------------------------------------------------------------------------- events
    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin to move the view, or to click."""
        if event is not None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press_at = self._pan_from = event.position()
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Move the view or hover."""
        if event is None:
            return
        if self._pan_from is not None and event.buttons():
            low, high = self.view()
            box = self._plots["input"].getViewBox()
            shift = (event.position().x() - self._pan_from.x()) / max(box.width(), 1) * (high - low)
            self._pan_from = event.position()
            self.set_view(low - shift, high - shift)
        self._hover(self.sample_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """A press that did not move is a click."""
        if event is None:
            return
        start, self._press_at, self._pan_from = self._press_at, None, None
        if start is not None and (event.position() - start).manhattanLength() <= px(4):
            which, index = self.sample_at(event.position())
            if index is not None and event.button() == Qt.MouseButton.LeftButton:
                self.clicked.emit(which, index)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """The second press is a press."""
        self.mousePressEvent(event)

    def _hover(self, over: tuple[str, int | None]) -> None:
        if over != self._over:
            self._over = over
            self.hovered.emit(*over)

    def viewportEvent(self, event: QEvent | None) -> bool:
        """Leaving ends the hover."""
        if event is not None and event.type() == QEvent.Type.Leave and hasattr(self, "_plots"):
            self._hover((self._over[0], None))
        return bool(super().viewportEvent(event))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom the axis at the pointer; with Shift move it."""
        if event is None:
            return
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        low, high = self.view()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            shift = -notches * (high - low) / 10
            self.set_view(low + shift, high + shift)
        else:
            at = self._plots["input"].getViewBox().mapSceneToView(self.mapToScene(event.position().toPoint())).x()
            factor = 2 ** (-notches / 4)
            n = max(len(self._traces["input"].values), 1)
            if 3 <= (high - low) * factor <= 4 * n + 20:
                self.set_view(at - (at - low) * factor, at + (high - at) * factor)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Left and Right step, with Shift by ten."""
        if event is None:
            return
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None:
            event.ignore()
            return
        self.stepped.emit(way * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show the ring when the keyboard brought the focus."""
        super().focusInEvent(event)
        self.shows_focus = event is not None and wants_ring(event.reason())
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Hide the ring."""
        super().focusOutEvent(event)
        self.shows_focus = False
        self.viewport().update()

    # ------------------------------------------------------------------------------------------------------ drawing
    def close(self) -> bool:
        """Close like any widget; pyqtgraph would empty the scene, and a closed plot may be shown again."""
        return QWidget.close(self)

    def retheme(self) -> None:
        """Take the theme's inks, ground and sizes."""
        self.setBackground(colour("surface"))
        for which, plot in self._plots.items():
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(colour("edge"))
                axis.setTextPen(colour("text2"))
                axis.setStyle(tickFont=font("caption"), tickLength=-4)
            plot.getAxis("left").setWidth(px(52))
            plot.setLabel("left", which.capitalize(), color=colour("text2").name(), **{"font-size": f"{px(12)}px"})

    def drawForeground(self, painter: QPainter | None, rect: Any) -> None:
        """Draw the focus ring inside the border."""
        if painter is not None and self.shows_focus:
            painter.save()
            painter.resetTransform()
            painter.setPen(QPen(colour("accent"), px(2)))
            painter.drawRect(self.viewport().rect().adjusted(px(1), px(1), -px(1), -px(1)))
            painter.restore()
