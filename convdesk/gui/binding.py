# SPDX-License-Identifier: GPL-3.0-or-later
"""Who hears whom: the desk's signals to the panels, the panels' wishes to the editor, the tracer and the eye.

The panels render ``desk.state`` and know nothing of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint

from convdesk.document.commands import Choose, MoveLayer, SetKernel, SetRange, SetTaps
from convdesk.document.presets import Preset
from convdesk.document.state import INPUT, DocumentState, Range
from convdesk.engine.scheduler import TileResult
from convdesk.network.layers import Conv, Filter

from .actions import KERNEL, PANE, STACK
from .canvas.gestures import Stroke
from .checks import show_checks
from .patch import PatchTool
from .reading import Reading
from .theme import table
from .thumbs import PREFIX

if TYPE_CHECKING:
    from .main_window import MainWindow


class Binding(QObject):
    """Connects everything once; ``refresh_all`` shows the whole document."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window, self.desk, self.eye = window, window.desk, window.eye
        self.patch_tool = PatchTool(window)
        self._overview: str | None = None
        self._connect_desk()
        self._connect_stage()
        self._connect_panels()

    # ------------------------------------------------------------------------------------------------------ the desk
    def _connect_desk(self) -> None:
        w = self.window
        w.bridge.changed.connect(self.changed)
        w.bridge.delivered.connect(self.delivered)
        w.editor.refused.connect(lambda sentence: w.say(sentence, kind="error"))
        w.editor.settled.connect(self.settled)
        w.tracer.read.connect(self.show_reading)
        w.eye.changed.connect(self.eye_changed)

    def changed(self, old: DocumentState, new: DocumentState) -> None:
        """The document is another value: show what differs."""
        if old.source != new.source:
            self.refresh_all()
            return
        names = [layer.name for layer in new.layers]
        if old.layers != new.layers:
            before = {layer.name: layer for layer in old.layers}
            first = next((i for i, layer in enumerate(new.layers) if before.get(layer.name) != layer), len(names))
            self.window.current_stage().expect(names[first:])
        only_kernel = self._only_kernel_differs(old, new)
        if not only_kernel:
            self.window.thumbs.look()
            self.window.current_stage().update_view()
            self.window.inspector.show_state()
        self._show_badge()
        if old.layers != new.layers or old.chosen != new.chosen:
            self.window.terms.show_state()
            self.window.bench.show_strips()
            self.window.status.show_layer(new.chosen)
        if old.ranges != new.ranges:
            self.refresh_display()
        if not only_kernel:
            self.window.stack.show_state(self.window.tracer.reading)
        self.window.tracer.refresh()
        self.show_checks()

    @staticmethod
    def _only_kernel_differs(old: DocumentState, new: DocumentState) -> bool:
        """Whether taps were edited and nothing else: what happens sixty times a second."""
        if old.chosen != new.chosen or old.ranges != new.ranges or len(old.layers) != len(new.layers):
            return False
        pairs = [(a, b) for a, b in zip(old.layers, new.layers, strict=True) if a is not b and a != b]
        if len(pairs) != 1:
            return False
        a, b = pairs[0]
        if isinstance(a, Filter) and isinstance(b, Filter):
            rest = [key for key in vars(a) if key != "kernel"]
            return a.kernel.shape == b.kernel.shape and all(getattr(a, key) == getattr(b, key) for key in rest)
        if isinstance(a, Conv) and isinstance(b, Conv):
            rest = [key for key in vars(a) if key != "weight"]
            return a.weight.shape == b.weight.shape and all(getattr(a, key) == getattr(b, key) for key in rest)
        return False

    def delivered(self, result: TileResult) -> None:
        """A tile has come."""
        w = self.window
        w.status.note(result)
        if result.pane.startswith(PREFIX):
            w.thumbs.receive(result)
            if result.layer == INPUT:
                self._show_overview()
            return
        w.current_stage().receive(result)
        if result.pane == "output":
            w.status.show_progress(result)

    def completed(self, result: TileResult) -> None:
        """Everything that a pane shows is there."""
        if result.layer == self.desk.state.chosen or self.desk.state.chosen == INPUT:
            self.window.status.show_result(result)
        if self.desk.state.range_of(result.layer) is None and not self.window.editor.busy:
            self.refresh_display()

    def refresh_display(self) -> None:
        """Take ranges and colour maps again."""
        self.window.thumbs.refresh()
        self.window.current_stage().refresh_display()

    def settled(self) -> None:
        """A gesture is over: names of undo, an automatic range that no longer fits."""
        self.show_checks()
        self.window.show_title()
        self.refresh_display()

    def _show_overview(self) -> None:
        source = self.desk.source
        values = self.window.thumbs.values(INPUT)
        if source is None or source.kind == "signal" or values is None:
            return
        display = self.desk.display(INPUT)
        self.window.stage.panes["input"].set_overview(values, (display.range.lo, display.range.hi), table(display.map))

    # ---------------------------------------------------------------------------------------------------- everything
    def refresh_all(self) -> None:
        """Show the whole document."""
        w = self.window
        source = self.desk.source
        has_source = source is not None
        self.eye.colour = source is not None and source.kind == "image" and source.channels == 3
        w.thumbs.look()
        if has_source:
            w.centre.setCurrentWidget(w.current_stage())
        else:
            w.first_start.show_recent()
            w.centre.setCurrentWidget(w.first_page)
        w.status.show_empty(not has_source)
        w.status.show_layer(self.desk.state.chosen)
        self._show_badge()
        here = w.current_stage()
        for stage in (w.stage, w.signal_stage):  # the one that rests forgets what it showed
            if stage is not here:
                stage.update_view()
        here.update_view()
        w.inspector.show_state()
        w.terms.show_state()
        w.bench.show_strips()
        w.stack.show_state(w.tracer.reading)
        w.show_title()
        self.show_checks()
        w.tracer.refresh()
        if has_source != w.docks["bench"].isVisibleTo(w):
            w.arrange()

    def _show_badge(self) -> None:
        state = self.desk.state
        layer = state.layer(state.chosen) if state.chosen != INPUT else None
        text, tip = "", ""
        if isinstance(layer, Filter | Conv):
            text = "Convolution" if layer.flip else "Correlation"
            tip = (
                "The kernel is turned by 180° before it slides." if layer.flip else "The kernel slides as it is drawn."
            )
        if layer is not None and not layer.enabled:
            text, tip = "Off", "Off: this layer passes its input on; what is shown is its input."
        for badge in (self.window.stage.panes["output"].badge, self.window.signal_stage.badge):
            if badge.text() != text:
                badge.set_text(text, tip=tip)
            badge.setVisible(bool(text))

    def show_checks(self) -> None:
        """Show states and names of commands."""
        show_checks(self.window)

    # ------------------------------------------------------------------------------------------------------ the stage
    def _connect_stage(self) -> None:
        w = self.window
        for stage in (w.stage, w.signal_stage):
            stage.hovered.connect(self.hovered)
            stage.clicked.connect(lambda role, at: w.tracer.click(self._layer_of(role), at))
            stage.stepped.connect(self.stepped)
            stage.channelChosen.connect(w.eye.set_channel)
            stage.completed.connect(self.completed)
        w.stage.doubleClicked.connect(lambda role, at: self.zoom_to_field())
        w.stage.stroked.connect(self.stroked)
        w.stage.rangeChanged.connect(self.range_changed)
        w.stage.fitRangeRequested.connect(self.fit_range)
        w.stage.zoomed.connect(w.status.show_zoom)
        w.signal_stage.plot.viewChanged.connect(lambda _a, _b: self.signal_zoomed())
        w.stage.link_tool.clicked.connect(lambda on: w.eye.set("linked", bool(on)))
        w.actions_table.lend(w.centre, PANE)
        w.actions_table.lend(w.terms.kernel, KERNEL)
        w.actions_table.lend(w.stack, STACK)

    def signal_zoomed(self) -> None:
        """The plot shows another part; while it rests, it says nothing."""
        if self.window.current_stage() is self.window.signal_stage:
            self.window.status.show_zoom(self.window.signal_stage.zoom)

    def _layer_of(self, role: str) -> str:
        return self.window.current_stage().layers_shown()[role]

    def hovered(self, role: str, position: tuple[int, ...] | None) -> None:
        """The pointer is over a sample."""
        self.window.tracer.hover(self._layer_of(role), position)
        if position is not None and self.desk.state.chosen == INPUT and self.desk.source is not None:
            value = float(self.desk.source.read([(at, at + 1) for at in position])[0].item())
            self.window.status.show_source(position, value)

    def stepped(self, rows: int, cols: int) -> None:
        """The arrow keys move the unit, in the plane that is shown."""
        source = self.desk.source
        if source is None:
            return
        by = [0] * len(source.spatial)
        axes = [a for a in range(3) if a != self.eye.plane] if len(by) == 3 else list(range(len(by)))
        by[axes[-1]] = cols
        if len(axes) > 1:
            by[axes[0]] = rows
        self.window.tracer.step(tuple(by))
        reading = self.window.tracer.reading
        if reading is not None and len(by) == 2:
            self._keep_visible(reading)

    def _keep_visible(self, reading: Reading) -> None:
        pane = self.window.stage.pane_of(reading.layer)
        if pane is None:
            return
        row, col = reading.unit[1:]
        r0, c0, r1, c1 = pane.canvas.visible_box()
        if not (r0 <= row < r1 and c0 <= col < c1):
            pane.canvas.centre_on(row + 0.5, col + 0.5)

    def stroked(self, role: str, stroke: Stroke) -> None:
        """A drag on a picture: with the patch tool it becomes a kernel, else it moves the pinned unit."""
        if self.eye.tool == "patch":
            self.patch_tool.stroke(role, stroke)
        elif self.eye.tool == "inspect" and stroke.phase == "move" and self.window.tracer.pinned is not None:
            pane = self.window.stage.panes[role]
            rows, cols = pane.canvas.full_shape
            row, col = (min(max(at, 0), n - 1) for at, n in zip(stroke.cell, (rows, cols), strict=True))
            if pane.subject is not None:
                unit = self.window.tracer.unit_of(pane.subject.layer, pane.subject.position(row, col))
                self.window.tracer.hovered = None
                self.window.tracer.pin(unit)

    def range_changed(self, layer: str, low: float, high: float, _phase: str) -> None:
        """The legend's ends were moved."""
        self.window.editor.apply(SetRange(layer, Range(low, high)))

    def fit_range(self, layer: str) -> None:
        """Colours cover what is shown."""
        self.window.editor.apply(SetRange(layer, None))
        self.refresh_display()

    def zoom_to_field(self) -> None:
        """Show the field of the questioned number; again: everything."""
        stage, reading = self.window.current_stage(), self.window.tracer.reading
        if self._zoomed_field:
            stage.fit()
        elif reading is not None:
            stage.zoom_to(reading)
        self._zoomed_field = not self._zoomed_field and reading is not None

    _zoomed_field = False

    # ----------------------------------------------------------------------------------------------------- the panels
    def _connect_panels(self) -> None:
        w = self.window
        w.stack.chosen.connect(lambda name: w.editor.apply(Choose(name)))
        w.stack.moved.connect(lambda name, to: w.editor.apply(MoveLayer(name, to)))
        w.stack.addRequested.connect(lambda _at: w.actions_table.run("stack.add"))
        w.stack.menuRequested.connect(self.stack_menu)
        w.inspector.menuRequested.connect(lambda at: self.stack_menu(self.desk.state.chosen, at))
        w.bench.copyRequested.connect(lambda: w.actions_table.run("kernel.copy"))
        w.bench.menuRequested.connect(
            lambda widget: w.menus["Kernel"].popup(widget.mapToGlobal(QPoint(0, widget.height())))
        )
        w.terms.expand.clicked.connect(w.expand_bench)
        w.terms.edited.connect(self.cell_edited)
        w.terms.painted.connect(self.cells_painted)
        w.terms.pointed.connect(w.ledger.point_at)
        w.ledger.pointed.connect(w.terms.point_at)
        w.terms.presets.previewed.connect(self.preset_previewed)
        w.terms.presets.kept.connect(self.preset_kept)
        w.terms.presets.left.connect(w.editor.cancel)
        for name, button in w.terms.tools.items():
            button.follow(w.actions_table[name])
        first = w.first_start
        first.openRequested.connect(w.files.open)
        first.samplesRequested.connect(
            lambda widget: w.samples_menu.popup(widget.mapToGlobal(QPoint(0, widget.height())))
        )
        first.sampleChosen.connect(w.files.open_sample)
        first.fileChosen.connect(w.files.open_path)

    def stack_menu(self, name: str, at: QPoint) -> None:
        """What can be done with a layer."""
        w = self.window
        if name == INPUT:
            w.add_menu.popup(at)
            return
        w.editor.apply(Choose(name))
        w.menus["Stack"].popup(at)

    def cell_edited(self, tap: tuple[int, ...], value: float, phase: str) -> None:
        """A cell of the kernel was dragged, scrolled or typed."""
        w, name = self.window, self.desk.state.chosen
        if phase == "start":
            w.editor.begin()
        elif phase == "cancel":
            w.editor.cancel()
        else:
            w.editor.push(SetTaps(name, ((tap, value),), w.terms.plane))
            if phase == "end":
                w.editor.end()

    def cells_painted(self, taps: list[tuple[int, ...]], value: float, phase: str) -> None:
        """The brush moved over cells."""
        w, name = self.window, self.desk.state.chosen
        if phase == "start":
            w.editor.begin()
        if phase == "cancel":
            w.editor.cancel()
            return
        if taps:
            w.editor.push(SetTaps(name, tuple((tap, value) for tap in taps), w.terms.plane))
        if phase == "end":
            w.editor.end()

    def _set_preset(self, preset: Preset) -> None:
        layer = self.desk.state.layer(self.desk.state.chosen)
        kernel = preset.kernel
        self.window.editor.apply(SetKernel(layer.name, kernel, self.window.terms.plane, f"Kernel {preset.title}"))

    def preset_previewed(self, preset: Preset) -> None:
        """Show a preset while it is pointed at."""
        if not self.window.editor.busy:
            self.window.editor.begin()
        self._set_preset(preset)

    def preset_kept(self, preset: Preset) -> None:
        """Keep it: one entry of the history."""
        if not self.window.editor.busy:
            self.window.editor.begin()
        self._set_preset(preset)
        self.window.editor.end()

    # ----------------------------------------------------------------------------------------------------- the number
    def show_reading(self, reading: Reading | None) -> None:
        """Every panel shows the one number that is questioned."""
        w = self.window
        w.current_stage().show_reading(reading, w.tracer.pinned)
        w.terms.show_reading(reading)
        w.bench.show_strips()
        w.ledger.show_reading(reading)
        w.stack.show_reading(reading)
        w.status.show_reading(reading)

    def eye_changed(self, name: str) -> None:
        """Somebody looks in another way."""
        w = self.window
        w.stage.eye_changed(name)
        w.signal_stage.eye_changed(name)
        if name == "tool":
            w.terms.set_painting(self.eye.tool == "paint")
        if name in ("plane", "slice", "channel"):
            if name == "plane" and self.desk.source is not None and self.desk.source.kind == "volume":
                w.eye.set("slice", self.desk.source.spatial[self.eye.plane] // 2)
            w.thumbs.look()
            w.inspector.show_state()
            w.terms.show_state()
        if name == "terms_channel":
            w.terms.show_state()
            w.bench.show_strips()
        if name in ("field", "channel", "padding", "layer_input", "slice"):
            w.tracer.refresh()
        self.show_checks()
