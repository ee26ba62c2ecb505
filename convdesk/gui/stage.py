# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage: the chosen layer's input and output as linked pictures, one field of view, one cursor.

Images and slices of volumes stand here; signals have a stage of their own with the same signals and methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QSplitter, QWidget

from convdesk.desk import Desk
from convdesk.document.state import INPUT
from convdesk.engine.scheduler import TileResult

from . import numbers
from .eye import Eye
from .frames import Frame
from .pane import Pane, Subject
from .panels.terms_text import decimals
from .parts import Tool, column
from .reading import Reading
from .rings import ring_around
from .slices import SliceBar
from .theme import GAP, px

ROLES = ("input", "layer_input", "output")


class Stage(QWidget):
    """Pictures of the source, the chosen layer's input, and its output.

    Signals: ``hovered(role, position or None)``, ``clicked(role, position)``, ``doubleClicked(role, position)``,
    ``stepped(rows, cols)``, ``stroked(role, Stroke)``, ``channelChosen(layer, channel)``,
    ``rangeChanged(layer, low, high, phase)``, ``fitRangeRequested(layer)``, ``completed(TileResult)``,
    ``zoomed(screen pixels per sample of the input or None, title of the pane)``.
    """

    hovered = pyqtSignal(str, object)
    clicked = pyqtSignal(str, object)
    doubleClicked = pyqtSignal(str, object)
    stepped = pyqtSignal(int, int)
    stroked = pyqtSignal(str, object)
    channelChosen = pyqtSignal(str, object)
    rangeChanged = pyqtSignal(str, float, float, str)
    fitRangeRequested = pyqtSignal(str)
    completed = pyqtSignal(object)
    zoomed = pyqtSignal(object, str)

    def __init__(self, desk: Desk, eye: Eye) -> None:
        super().__init__()
        self.setObjectName("stage")
        self.desk, self.eye = desk, eye
        self._wanted_panes = 2
        self.closed = False
        self.panes: dict[str, Pane] = {
            "input": Pane("input", "Input"),
            "layer_input": Pane("layer_input", "Layer input"),
            "output": Pane("output", "Output"),
        }
        self.link_tool = Tool("link", "Link the panes: pan and zoom move every pane", True)
        bar = self.panes["input"].head.layout()
        bar.insertWidget(bar.indexOf(self.panes["input"].fit_tool), self.link_tool)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        for pane in self.panes.values():
            self.splitter.addWidget(pane)
        self.slices = SliceBar()
        self.setLayout(column((self.splitter, 1), self.slices, spacing=6))
        for role in ROLES:
            self._wire(role)
        self.slices.planeChosen.connect(lambda plane: eye.set("plane", plane))
        self.slices.sliceChosen.connect(lambda at: eye.set("slice", at))
        self._links: tuple[Any, ...] = ()
        self.retheme()

    def _wire(self, role: str) -> None:
        pane = self.panes[role]
        pane.hovered.connect(lambda at: self.hovered.emit(role, at))
        pane.clicked.connect(lambda at: self.clicked.emit(role, at))
        pane.doubleClicked.connect(lambda at: self.doubleClicked.emit(role, at))
        pane.stepped.connect(self.stepped)
        pane.stroked.connect(lambda stroke: self.stroked.emit(role, stroke))
        pane.looked.connect(lambda: self._look(role))
        pane.channelChosen.connect(lambda channel: self._tell(pane, self.channelChosen, channel))
        pane.rangeChanged.connect(lambda lo, hi, phase: self._tell(pane, self.rangeChanged, lo, hi, phase))
        pane.fitRangeRequested.connect(lambda: self._tell(pane, self.fitRangeRequested))
        pane.completed.connect(self.completed)
        pane.canvas.viewChanged.connect(lambda _box, _pixel: self.tell_zoom())

    @staticmethod
    def _tell(pane: Pane, signal: Any, *values: object) -> None:
        """Pass on what was done to a pane with the layer that it shows; an empty one has none."""
        if pane.subject is not None:
            signal.emit(pane.subject.layer, *values)

    # ---------------------------------------------------------------------------------------------------- what is on
    def roles(self) -> list[str]:
        """Return the panes that are shown, left to right."""
        return [role for role in ROLES if not self.panes[role].isHidden()]

    def set_panes(self, count: int) -> None:
        """Say how many pictures there is room for."""
        self._wanted_panes = count
        self.update_view()

    def pane_of(self, layer: str) -> Pane | None:
        """The pane that shows a layer's output."""
        return next((p for r in self.roles() if (p := self.panes[r]).subject and p.subject.layer == layer), None)

    def layers_shown(self) -> dict[str, str]:
        """What every pane shows, by role."""
        chosen = self.desk.state.chosen
        before = INPUT if chosen == INPUT else self.desk.input_of(chosen)
        return {"input": INPUT, "layer_input": before, "output": chosen}

    def update_view(self) -> None:
        """Show what the document and the eye say."""
        if self.desk.source is None or self.desk.source.kind == "signal":
            for pane in self.panes.values():
                pane.show_subject(None, "", None)
            return
        shown = self.layers_shown()
        chosen, before = shown["output"], shown["layer_input"]
        deep = chosen != INPUT and before != INPUT
        three = self._wanted_panes >= 3 and deep
        left = "layer_input" if deep and self.eye.layer_input and not three else "input"
        visible = {"output", left} if not three else set(ROLES)
        if chosen == INPUT:
            visible = {"input"}
        elif self._wanted_panes == 1:
            visible = {"output"}
        before_visible = set(self.roles())
        for role in ROLES:
            self._show(role, shown[role], role in visible)
        if visible != before_visible:
            self.splitter.setSizes([1000 if role in visible else 0 for role in ROLES])
        several = any(self.panes[role].strip.count > 1 for role in self.roles())
        for role in self.roles():  # pictures stand at the same height, with or without channels
            self.panes[role].strip.setVisible(several)
        self._link_panes()
        self._show_rings()
        self._show_slices()
        self.panes["output"].badge.setVisible(bool(self.panes["output"].badge.text()))
        self.tell_zoom()

    def _show(self, role: str, layer: str, visible: bool) -> None:
        pane = self.panes[role]
        pane.setVisible(visible)
        shape = self.desk.shape_of(layer)
        name = layer or self.desk.source.kind.capitalize()
        if not visible or shape is None:
            self.desk.look_away(role)
            pane.show_subject(None, name, None)
            if visible:
                stage = next((one for one in self.desk.stages if one.layer.name == layer), None)
                text = f"{layer} cannot run: {stage.error}." if stage is not None else ""
                pane.chips.say("error", text, ink="err")
                pane.over.clear()
            return
        pane.show_subject(self._subject(layer, *shape), name, self.desk.display(layer))
        if role == "input" and self.desk.source is not None:
            pane.say_notes(self.desk.source.notes)

    def _subject(self, layer: str, channels: int, spatial: tuple[int, ...]) -> Subject:
        channel = self.eye.channel(layer, channels)
        if len(spatial) < 3:
            return Subject(layer, channels, spatial, channel)
        rows, cols = (axis for axis in range(3) if axis != self.eye.plane)
        at = [0, 0, 0]
        source = [n // 2 for n in self.desk.source.spatial]
        source[self.eye.plane] = self.eye.slice
        at[self.eye.plane] = self.frame(layer).unit_at(source, spatial)[self.eye.plane]
        return Subject(layer, channels, spatial, channel, (rows, cols), tuple(at))

    def frame(self, layer: str) -> Frame:
        """Where a layer's output lies on the source."""
        ndim = len(self.desk.source.spatial)
        return Frame.of(None if layer == INPUT else self.desk.reach(layer), ndim)

    def refresh_display(self) -> None:
        """Take ranges and colour maps again."""
        for role in self.roles():
            pane = self.panes[role]
            if pane.subject is not None:
                pane.show_display(self.desk.display(pane.subject.layer))

    def expect(self, layers: Sequence[str]) -> None:
        """New values of these layers are on their way."""
        for role in self.roles():
            pane = self.panes[role]
            if pane.subject is not None and pane.subject.layer in layers:
                pane.expect()

    def _look(self, role: str) -> None:
        pane = self.panes[role]
        wanted = pane.request() if not pane.isHidden() else None
        if wanted is None or pane.subject is None or self.closed:
            return
        box, step, channels = wanted
        shape = self.desk.shape_of(pane.subject.layer)
        if shape is not None and len(shape[1]) == len(box):  # else another input is on its way in
            self.desk.look(role, pane.subject.layer, box, step, channels)

    def receive(self, result: TileResult) -> None:
        """Show a tile in the pane it is for."""
        if result.pane in self.panes:
            self.panes[result.pane].receive(result)

    # --------------------------------------------------------------------------------------------------------- links
    def _link_panes(self) -> None:
        """Link every visible pane to the first one, each in its own coordinates."""
        roles = [role for role in self.roles() if self.panes[role].subject is not None]
        frames = {role: self.frame(self.panes[role].subject.layer) for role in roles} if self.eye.linked else {}
        axes = {role: self.panes[role].subject.axes for role in roles}
        links = tuple((role, frames.get(role), axes[role], self.panes[role].subject.shape) for role in roles)
        if links == self._links:
            return
        self._links = links
        canvases = [pane.canvas for pane in self.panes.values()]
        for a in canvases:
            for b in a.linked():
                a.unlink(b)
        if not frames or len(roles) < 2:
            return
        first = self.panes[roles[0]].canvas
        for role in roles[1:]:
            scale, offset = frames[role].seen_from(frames[roles[0]])
            picked = [(scale[a], offset[a]) for a in axes[role]]
            self.panes[role].canvas.link(first, (picked[0][0], picked[1][0]), (picked[0][1], picked[1][1]))
        first.fit() if first.fitted else first.pan_by(0, 0)

    def _show_rings(self) -> None:
        """Hatch the padding around what the chosen layer's field can reach."""
        chosen = self.desk.state.chosen
        for role in ("input", "layer_input"):
            pane = self.panes[role]
            if pane.isHidden() or pane.subject is None:
                continue
            ring = None
            if self.eye.padding and chosen != INPUT:
                ring = ring_around(self.desk, chosen, pane.subject, pane.canvas.value_at)
            key = None if ring is None else (ring.padding, ring.key)
            if getattr(pane, "ring_key", None) != key:
                pane.ring_key = key
                pane.canvas.set_ring(*((ring.padding, ring.value) if ring is not None else (None, None)))

    def _show_slices(self) -> None:
        source = self.desk.source
        self.slices.setVisible(source.kind == "volume")
        if source.kind == "volume":
            self.slices.show_slice(self.eye.plane, self.eye.slice, source.spatial[self.eye.plane])

    # -------------------------------------------------------------------------------------------------------- tracing
    def show_reading(self, reading: Reading | None, pinned: tuple[int, ...] | None) -> None:
        """Light up what a number reads, in every pane."""
        for role in self.roles():
            pane = self.panes[role]
            if pane.subject is None:
                continue
            if reading is None or not self.eye.field:
                pane.over.clear()
                pane.minimap.set_mark(None)
                pane.legend.set_here(None)
            elif pane.subject.layer == reading.layer:
                self._show_unit(pane, reading, pinned)
            else:
                self._show_field(pane, reading)

    def _show_unit(self, pane: Pane, reading: Reading, pinned: tuple[int, ...] | None) -> None:
        box = pane.subject.flat(reading.trace.fields[reading.layer])
        text = numbers.fixed(reading.value, decimals(reading.value), plus=reading.signed)
        text = f"{reading.channel} {text}" if reading.channel else text
        pane.over.show_field(box, text)
        at = pane.subject.flat(reading.box_of(pinned)) if pinned is not None else None
        pane.over.pin.set_unit(at[:2] if at is not None and pinned != reading.unit else None)
        pane.legend.set_here(reading.value)

    def _show_field(self, pane: Pane, reading: Reading) -> None:
        layer = pane.subject.layer
        field = reading.trace.fields.get(layer)
        box = pane.subject.flat(field) if field is not None else None
        if box is None:
            pane.over.clear()
            return
        direct = layer == self.desk.input_of(reading.layer)
        sides = numbers.size([box[2] - box[0], box[3] - box[1]])
        taps: list[tuple[int, int, int, int]] = []
        words = f"sees {sides}"
        if direct and reading.dilated:
            rows, cols = (reading.trace.taps[axis] for axis in pane.subject.axes)
            taps = [(r, c, r + 1, c + 1) for r in rows for c in cols] if len(rows) * len(cols) <= 400 else []
            words = f"reads {numbers.size([len(rows), len(cols)])} of {sides}"
        won = []
        if layer == INPUT:
            a, b = pane.subject.axes
            won = [(p[a] - 0.5, p[b] - 0.5) for p in reading.trace.winners]
        pane.over.show_field(box, words, taps, won)
        outside = box[0] < 0 or box[1] < 0 or box[2] > pane.subject.shape[0] or box[3] > pane.subject.shape[1]
        roles = ["field"] + ["winner"] * bool(won) + ["padding"] * bool(outside and self.eye.padding)
        pane.over.show_key(roles)
        pane.minimap.set_mark(box)
        pane.legend.set_here(reading.sample_value if layer == INPUT else None)

    # ---------------------------------------------------------------------------------------------------------- eye
    def eye_changed(self, name: str) -> None:
        """Follow the eye."""
        for pane in self.panes.values():
            if name == "tool":
                pane.canvas.set_tool(self.eye.tool if self.eye.tool != "paint" else "inspect")
            elif name == "values":
                pane.canvas.set_values_shown(self.eye.values)
            elif name == "grid":
                pane.canvas.set_grid(self.eye.grid)
        if name in ("channel", "plane", "slice", "layer_input", "linked", "padding"):
            self.update_view()
        if name == "linked":
            self.link_tool.setChecked(self.eye.linked)

    def canvas_in_focus(self) -> Pane | None:
        """The pane that has the focus, else the first."""
        shown = [self.panes[role] for role in self.roles()]
        return next((p for p in shown if p.canvas.hasFocus()), shown[0] if shown else None)

    def fit(self) -> None:
        """Show everything, in every pane."""
        for role in self.roles() if not self.eye.linked else self.roles()[:1]:
            self.panes[role].canvas.fit()

    def set_zoom(self, zoom: float) -> None:
        """Show the first pane at so many screen pixels per sample."""
        for role in self.roles()[:1]:
            canvas = self.panes[role].canvas
            canvas.set_view(*canvas.centre, zoom)

    def zoom_to(self, reading: Reading) -> None:
        """Show the field of a number."""
        roles = self.roles()
        pane = self.panes[roles[0]]
        field = reading.trace.fields.get(pane.subject.layer)
        box = pane.subject.flat(field) if field is not None else None
        if box is not None:
            pane.canvas.zoom_to(box, margin=1.0)

    def tell_zoom(self) -> None:
        """Say the zoom of one pane in samples of the input: of the output where it can run, else of what is shown."""
        source = self.desk.source
        if source is None or source.kind == "signal":
            return  # the other stage is on
        for role in reversed(self.roles()):
            pane = self.panes[role]
            if pane.subject is not None:
                jump = self.frame(pane.subject.layer).jump
                rows, cols = (jump[axis] for axis in pane.subject.axes)
                self.zoomed.emit(pane.canvas.zoom / (rows * cols) ** 0.5, pane.title.text())
                return
        self.zoomed.emit(None, "")

    @property
    def zoom(self) -> float:
        """Screen pixels per sample of the first pane."""
        roles = self.roles()
        return self.panes[roles[0]].canvas.zoom if roles else 1.0

    def retheme(self) -> None:
        """Take the scale and the colour maps."""
        self.splitter.setHandleWidth(px(GAP))
        self.refresh_display()
