# SPDX-License-Identifier: GPL-3.0-or-later
"""What every command of the table does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QMenu, QWidget

from .actions import TABLE
from .eye import Channel
from .layer_handlers import ADD, OFFERED, LayerHandlers
from .layer_text import EDGES
from .search import Entry
from .shortcuts import ShortcutSheet
from .theme import PROJECTOR_SCALE, SCALES, active, set_theme

if TYPE_CHECKING:
    from .main_window import MainWindow

Handler = Callable[[], object]
SCALE_STEP = 1.1
TOOLS = ("inspect", "pan", "paint", "patch")
CYCLE = ("system", "light", "dark")


class Handlers(LayerHandlers):
    """Commands by id; each is a few lines that ask the editor, the eye or the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._before_projector = ("system", 0.0)
        self._sheet: ShortcutSheet | None = None
        self._fill_menus()

    def table(self) -> dict[str, Handler]:
        """Every command of the table."""
        return {
            **self._file(), **self._view(), **self._kernel(), **self._stack(),
            **{f"tool.{tool}": (lambda t=tool: self.eye.set("tool", t)) for tool in TOOLS},
            "help.search": lambda: self.window.search.open(),
            "help.shortcuts": self.show_shortcuts,
            "help.about": self.about,
        }  # fmt: skip

    # --------------------------------------------------------------------------------------------------------- groups
    def _file(self) -> dict[str, Handler]:
        files = self.window.files
        return {
            "file.open": files.open,
            "file.clipboard": files.paste,
            "file.save": files.save,
            "file.save_as": files.save_as,
            "file.save_whole": lambda: files.save_as(embed=True),
            "file.picture": files.save_picture,
            "file.forget_recent": self.window.settings.forget_files,
            "file.quit": self.window.close,
            "edit.undo": self.editor.undo,
            "edit.redo": self.editor.redo,
            "edit.paste": files.paste,
        }

    def _view(self) -> dict[str, Handler]:
        w, eye = self.window, self.eye

        def flip(name: str) -> Handler:
            return lambda: eye.set(name, not getattr(eye, name))

        return {
            "view.fit": lambda: w.current_stage().fit(),
            "view.one": lambda: w.current_stage().set_zoom(1.0),
            "view.field_zoom": lambda: w.binding.zoom_to_field(),
            "view.layer_input": flip("layer_input"),
            "view.link": flip("linked"),
            "view.fit_range": lambda: w.binding.fit_range(self.desk.state.chosen),
            "view.next_channel": lambda: self._step_channel(1),
            "view.previous_channel": lambda: self._step_channel(-1),
            "view.next_slice": lambda: self._step_slice(1),
            "view.previous_slice": lambda: self._step_slice(-1),
            "view.field": flip("field"),
            "view.padding": flip("padding"),
            "view.values": flip("values"),
            "view.grid": flip("grid"),
            "view.inspector": lambda: w.toggle("inspector"),
            "view.stack": lambda: w.toggle("stack"),
            "view.bench": lambda: w.toggle("bench"),
            "view.reset_layout": w.reset_layout,
            "view.next_region": lambda: self._step_region(1),
            "view.previous_region": lambda: self._step_region(-1),
            "view.larger": lambda: self._scale(active.scale * SCALE_STEP),
            "view.smaller": lambda: self._scale(active.scale / SCALE_STEP),
            "view.normal": lambda: self._scale(1.0),
            "view.full_screen": lambda: w.setWindowState(w.windowState() ^ Qt.WindowState.WindowFullScreen),
            "theme.cycle": lambda: self.theme(
                CYCLE[(CYCLE.index(active.wanted) + 1) % 3] if active.wanted in CYCLE else "system"
            ),
            "theme.projector": self.projector,
            **{f"theme.{name}": (lambda n=name: self.theme(n)) for name in ("system", "light", "dark", "contrast")},
        }

    # -------------------------------------------------------------------------------------------------------- looking
    def _step_channel(self, by: int) -> None:
        """The next channel of the focused pane's layer, or of the chosen one."""
        layer = self.desk.state.chosen
        pane = self.window.stage.canvas_in_focus() if self.window.current_stage() is self.window.stage else None
        if pane is not None and pane.subject is not None:
            layer = pane.subject.layer
        shape = self.desk.shape_of(layer)
        if shape is None:
            return
        options: list[Channel] = [*(["rgb"] if shape[0] == 3 else []), *range(shape[0])]
        at = options.index(self.eye.channel(layer, shape[0]))
        self.eye.set_channel(layer, options[(at + by) % len(options)])

    def _step_slice(self, by: int) -> None:
        source = self.desk.source
        if source is not None and source.kind == "volume":
            last = source.spatial[self.eye.plane] - 1
            self.eye.set("slice", min(max(self.eye.slice + by, 0), last))

    def regions(self) -> list[QWidget]:
        """Where F6 goes, in order: stack, stage, bench, inspector."""
        w = self.window
        stage = w.current_stage()
        if self.desk.source is None:
            return [w.first_start.open_button]
        first = stage.plot if stage is w.signal_stage else stage.panes[stage.roles()[-1]].canvas
        fields = [w.inspector.kernel_size.boxes()[0], w.inspector.power, w.ledger.table]
        return [one for one in (w.stack.list, first, w.terms.kernel, *fields[:1]) if one.isVisibleTo(w)]

    def _step_region(self, by: int) -> None:
        regions = self.regions()
        focus = self.window.focusWidget()
        here = next(
            (i for i, one in enumerate(regions) if focus is not None and (one is focus or one.isAncestorOf(focus))), -by
        )
        regions[(here + by) % len(regions)].setFocus(Qt.FocusReason.TabFocusReason)

    def theme(self, name: str, scale: float | None = None) -> None:
        """Put a theme in force and remember it."""
        set_theme(
            QApplication.instance(),
            name,
            scale if scale is not None else (None if name == "projector" else active.scale),
        )
        self.window.settings.set("theme", name)
        self.window.settings.set("scale", active.scale)
        self.show_theme()

    def show_theme(self) -> None:
        """Show which theme is in force."""
        checks = {
            f"theme__{name}": active.wanted == name for name in ("system", "light", "dark", "contrast", "projector")
        }
        self.window.actions_table.check(**checks)

    def projector(self) -> None:
        """The projector's theme, and back to what was before."""
        if active.wanted == "projector":
            name, scale = self._before_projector
            self.theme(name, scale or 1.0)
        else:
            self._before_projector = (active.wanted, active.scale)
            self.theme("projector", PROJECTOR_SCALE)

    def _scale(self, scale: float) -> None:
        self.theme(active.wanted, min(max(round(scale, 2), SCALES[0]), SCALES[1]))

    # ---------------------------------------------------------------------------------------------------------- menus
    def _fill_menus(self) -> None:
        w = self.window
        w.samples_menu.aboutToShow.connect(lambda: w.files.fill_samples(w.samples_menu))
        w.recent_menu.aboutToShow.connect(lambda: w.files.fill_recent(w.recent_menu))
        w.preset_menu.aboutToShow.connect(lambda: self._fill_presets(w.preset_menu))
        w.preset_menu.aboutToHide.connect(w.terms.presets._hidden)
        for kind, (title, tip) in OFFERED.items():
            action = w.add_menu.addAction(title)
            action.setToolTip(tip)
            action.triggered.connect(lambda _=False, k=kind: self.add(k))
        w.add_menu.setToolTipsVisible(True)
        for mode, title in EDGES.items():
            action = w.edge_menu.addAction(title)
            action.setCheckable(True)
            action.setData(mode)
            action.triggered.connect(lambda _=False, m=mode: self.option("padding_mode", 0.0 if m == "constant" else m))
        w.edge_menu.aboutToShow.connect(self._check_edges)
        w.backend_menu.aboutToShow.connect(lambda: self._fill_backends(w.backend_menu))

    def _fill_presets(self, menu: QMenu) -> None:
        source = self.desk.source
        self.window.terms.presets.fill(menu, len(source.spatial) if source is not None else 2)

    def _check_edges(self) -> None:
        mode = getattr(self.layer, "mode", "")
        for action in self.window.edge_menu.actions():
            action.setChecked(action.data() == mode)

    def _fill_backends(self, menu: QMenu) -> None:
        from convdesk.backends import registry

        menu.clear()
        for name in ("auto", *registry.names()):
            action = menu.addAction({"auto": "Automatic"}.get(name, name))
            action.setCheckable(True)
            action.setChecked(self.desk.backend == name)
            action.triggered.connect(lambda _=False, n=name: self.desk.set_backend(n))

    def entries(self) -> list[Entry]:
        """Everything that the search offers now."""
        actions = self.window.actions_table
        found = [
            Entry(
                spec.id,
                actions[spec.id].text(),
                spec.menu.replace("/", " ▸ "),
                spec.keys[0] if spec.keys else "",
                lambda s=spec: actions[s.id].trigger(),
                actions[spec.id].isEnabled(),
            )
            for spec in TABLE
            if spec.menu and spec.id != "help.search"
        ]
        if self.desk.source is not None:
            found += [Entry(f"add.{k}", title, ADD, "", lambda k=k: self.add(k)) for k, (title, _) in OFFERED.items()]
        from convdesk.document.presets import presets
        from convdesk.media import samples

        files = self.window.files
        found += [
            Entry(f"sample.{s.name}", s.title, f"Open sample {s.kind}", "", lambda s=s: files.open_sample(s.name))
            for s in samples()
        ]
        kernel = self.window.terms.whole_kernel()
        if kernel is not None:
            keep = self.window.binding.preset_kept
            found += [
                Entry(f"preset.{p.name}", p.title, "Kernel", "", lambda p=p: keep(p)) for p in presets(kernel.ndim)
            ]
        return found

    # ----------------------------------------------------------------------------------------------------------- help
    def show_shortcuts(self) -> None:
        """The sheet of all shortcuts."""
        if self._sheet is None:
            self._sheet = ShortcutSheet(self.window)
        self._sheet.show()
        self._sheet.raise_()

    def about(self) -> None:
        """Name, version, licence."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("convdesk")
        except PackageNotFoundError:
            number = "from the source tree"
        self.window.say(f"ConvDesk {number}. Free software under the GNU General Public License, version 3 or later.")
