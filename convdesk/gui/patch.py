# SPDX-License-Identifier: GPL-3.0-or-later
"""Patch to kernel: a rectangle dragged out on a picture becomes the chosen layer's kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject, Qt

from convdesk.document.commands import ResizeKernel, SetKernel
from convdesk.document.state import INPUT
from convdesk.engine.pipeline import Pipeline
from convdesk.network.layers import Conv, Filter
from convdesk.network.weights import Weights

from . import numbers
from .canvas.gestures import Stroke

if TYPE_CHECKING:
    from .main_window import MainWindow

LARGEST = 65
Box = tuple[int, int, int, int]


def rectangle(start: tuple[int, int], now: tuple[int, int], shape: tuple[int, int], odd: bool) -> Box:
    """Whole pixels between two corners, inside the picture, at most ``LARGEST`` a side; odd sides when asked for."""
    spans = []
    for a, b, n in zip(start, now, shape, strict=True):
        a, b = min(max(a, 0), n - 1), min(max(b, 0), n - 1)
        b = max(min(b, a + LARGEST - 1), a - LARGEST + 1)
        low, high = min(a, b), max(a, b) + 1
        if odd and (high - low) % 2 == 0:
            high, low = (high - 1, low) if b >= a else (high, low + 1)
        spans.append((low, high))
    return spans[0][0], spans[1][0], spans[0][1], spans[1][1]


class PatchTool(QObject):
    """Follows the strokes of the tool."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self._start: tuple[int, int] | None = None

    def stroke(self, role: str, stroke: Stroke) -> None:
        """Draw the rectangle; when the hand is lifted, take it."""
        pane = self.window.stage.panes[role]
        if pane.subject is None or len(pane.subject.spatial) != 2:
            return
        if stroke.phase == "press":
            self._start = stroke.cell
        if self._start is None:
            return
        odd = bool(stroke.modifiers & Qt.KeyboardModifier.ControlModifier)
        box = rectangle(self._start, stroke.cell, pane.canvas.full_shape, odd)
        rows, cols = box[2] - box[0], box[3] - box[1]
        if stroke.phase in ("release", "cancel"):
            self._start = None
            pane.over.band.set_box(None)
            if stroke.phase == "release" and rows * cols > 1:
                self._take(pane.subject.layer, box)
            return
        hint = "" if rows % 2 and cols % 2 else ", odd sizes keep the centre"
        pane.over.band.set_box(box, f"{numbers.size([rows, cols])}{hint}")

    def _take(self, layer: str, box: Box) -> None:
        desk, editor = self.window.desk, self.window.editor
        state = desk.state
        target = state.layer(state.chosen) if state.chosen != INPUT else None
        shape = desk.shape_of(layer)
        if not isinstance(target, Filter | Conv) or shape is None or desk.source is None:
            return
        from convdesk.geometry import Span

        channel = self.window.eye.index(layer, shape[0])
        spans = (Span(box[0], box[2]), Span(box[1], box[3]))
        values = Pipeline(desk.source, desk.stages_to(layer), desk.backend).evaluate(spans, channels=(channel,))[0]
        kernel = Weights(np.asarray(values, np.float64))
        editor.begin()
        sentence = ""
        if isinstance(target, Conv) and kernel.shape != target.kernel_size:
            sentence = editor.apply(ResizeKernel(target.name, kernel.shape))
        if not sentence:
            editor.apply(SetKernel(target.name, kernel, self.window.terms.plane, "Patch to kernel"))
        editor.end()
