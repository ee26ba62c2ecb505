# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: regions in their places. What they say to each other is in binding.py, what commands do in handlers."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QMenu, QScrollArea, QStackedWidget, QToolBar, QWidget

from convdesk.desk import Desk

from .binding import Binding
from .bridge import Bridge
from .crash import CrashReport
from .drop import DropFrame
from .editing import Editor
from .eye import Eye
from .files import Files
from .handlers import Handlers
from .layout import MINIMUM, Arrangement, arrange
from .menus import Actions, fill_menus
from .panels.bench import Bench
from .panels.first_start import FirstStart
from .panels.inspector import Inspector
from .panels.ledger import Ledger
from .panels.stack import StackPanel
from .panels.statusbar import StatusBar
from .panels.terms import LINE
from .parts import Elided, Toast, column
from .search import Search
from .settings import Settings
from .signal_stage import SignalStage
from .stage import Stage
from .theme import GAP, active, logical, px
from .thumbs import Thumbs
from .toolbar import fill_toolbar
from .tracing import Tracer


class MainWindow(QMainWindow):
    """One desk in one window.

    Parameters
    ----------
    desk : Desk, optional
        An empty one when left out. The window closes it.
    settings : Settings, optional
        Those of the person when left out.
    """

    def __init__(self, desk: Desk | None = None, settings: Settings | None = None) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.desk = desk if desk is not None else Desk()
        self.settings = settings if settings is not None else Settings()
        self.eye = Eye()
        self.bridge = Bridge(self.desk)
        self.editor = Editor(self.desk)
        self.tracer = Tracer(self.desk, self.eye)
        self.thumbs = Thumbs(self.desk, self.eye)
        self.files = Files(self)
        self.actions_table = Actions(self)
        self.arrangement: Arrangement | None = None
        self.wishes: dict[str, bool] = {"stack": True, "bench": True, "inspector": True}
        self.drawer_open = False
        self._make_panels()
        self._make_docks()
        self._make_menus()
        self.toast = Toast(self)
        self.toast.over = self.centre  # at the bottom of the stage it covers no number of the panels
        self.drop_frame = DropFrame(self)
        self.crash = CrashReport(self)
        self.handlers = Handlers(self)
        self.actions_table.handle(self.handlers.table())
        self.binding = Binding(self)
        self.search = Search(self, self.handlers.entries, self.settings.last_commands, self.settings.remember_command)
        self.setAcceptDrops(True)
        self.setMinimumSize(*MINIMUM)
        self.resize(1280, 800)
        active.changed.connect(self._rethemed)
        self.binding.refresh_all()
        self.arrange()

    # ----------------------------------------------------------------------------------------------------- building
    def _make_panels(self) -> None:
        self.stage = Stage(self.desk, self.eye)
        self.signal_stage = SignalStage(self.desk, self.eye)
        self.first_start = FirstStart(self.settings.recent_files)
        self.centre = QStackedWidget()
        self.centre.setObjectName("centre")
        self.first_page = QScrollArea()
        self.first_page.setWidgetResizable(True)
        self.first_page.setWidget(self.first_start)
        for page in (self.first_page, self.stage, self.signal_stage):
            self.centre.addWidget(page)
        self.stack = StackPanel(self.desk, self.thumbs)
        self.inspector = Inspector(self.desk, lambda command: self.editor.apply(command, quiet=True), self._out_channel)
        self.ledger = Ledger()
        self.bench = Bench(self.desk, self.eye)
        self.terms = self.bench.terms
        self.status = StatusBar(self.desk)
        self.setStatusBar(self.status)
        self.setCentralWidget(self.centre)

    def _out_channel(self) -> int:
        shape = self.desk.shape_of(self.desk.state.chosen)
        return self.eye.index(self.desk.state.chosen, shape[0]) if shape is not None else 0

    def _make_docks(self) -> None:
        self.right = QWidget()
        self.right.setLayout(column(self.inspector, (self.ledger, 1), spacing=GAP))
        self.docks = {
            "stack": self._dock("stackDock", "Stack", self.stack, Qt.DockWidgetArea.LeftDockWidgetArea),
            "bench": self._dock("benchDock", "Bench", self.bench, Qt.DockWidgetArea.BottomDockWidgetArea),
            "inspector": self._dock("inspectorDock", "Inspector", self.right, Qt.DockWidgetArea.RightDockWidgetArea),
        }
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.drawer = QWidget(self)
        self.drawer.setObjectName("root")
        self.drawer.setLayout(column(spacing=0, margins=(GAP, 0, 0, 0)))
        self.drawer.hide()

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setTitleBarWidget(QWidget())  # the cards have titles of their own
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetClosable | QDockWidget.DockWidgetFeature.DockWidgetMovable
        )
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _make_menus(self) -> None:
        table = self.actions_table
        self.samples_menu, self.recent_menu = QMenu("Samples", self), QMenu("Recent files", self)
        self.add_menu, self.preset_menu = QMenu("Add layer", self), QMenu("Presets", self)
        self.edge_menu, self.backend_menu = QMenu("Edge mode", self), QMenu("Backend", self)
        bar = self.menuBar()
        self.menus = fill_menus(
            bar, table,
            {
                "file.open": self.samples_menu, "file.clipboard": self.recent_menu, "kernel.focus": self.preset_menu,
                "operator.convolution": self.edge_menu, "tool.patch": self.backend_menu,
            },
        )  # fmt: skip
        first = self.menus["Stack"].actions()[0]
        self.menus["Stack"].insertMenu(first, self.add_menu)
        self.menus["File"].removeAction(self.menus["File/Recent files"].menuAction())
        self.document_label = Elided("", "sub")
        self.document_label.setAccessibleName("Document")
        self.document_label.setAlignment(Qt.AlignmentFlag.AlignRight)
        holder = QWidget()
        holder.setLayout(column(self.document_label, margins=(0, 4, 6, 0)))
        bar.setCornerWidget(holder)
        self.tools_bar = QToolBar("Tools")
        self.tools_bar.setObjectName("toolBar")
        self.tools_bar.setMovable(False)
        self.addToolBar(self.tools_bar)
        self.compact_tools = fill_toolbar(self.tools_bar, table, self.samples_menu, lambda: self.search.open())

    # ----------------------------------------------------------------------------------------------------- arranging
    def arrange(self) -> None:
        """Put the regions where this size of window has them."""
        scale = active.scale
        wanted = arrange(self.width() / scale, self.height() / scale)
        changed, self.arrangement = wanted != self.arrangement, wanted
        margin = px(GAP)
        self.setContentsMargins(margin, 0, margin, 0)
        self.stack.set_rail(wanted.rail)
        self.compact_tools(wanted.panes == 1)
        has_source = self.desk.source is not None
        self.docks["stack"].setVisible(self.wishes["stack"] and has_source)
        self.docks["bench"].setVisible(self.wishes["bench"] and has_source)
        self._place_inspector(wanted, has_source)
        logical(self.stack, width=wanted.stack)
        logical(self.right, width=wanted.inspector)
        self.terms.most = wanted.cell + 26 if wanted.cell <= 42 else wanted.cell
        if changed:
            self.resizeDocks([self.docks["bench"]], [px(wanted.bench)], Qt.Orientation.Vertical)
            self.stage.set_panes(wanted.panes)
        self.binding.show_checks()

    def _place_inspector(self, wanted: Arrangement, has_source: bool) -> None:
        dock = self.docks["inspector"]
        in_drawer = wanted.drawer and has_source
        if in_drawer:
            if self.right.parentWidget() is not self.drawer:
                self.drawer.layout().addWidget(self.right)
                self.right.show()
            dock.hide()
            centre = self.centre.mapTo(self, QPoint(self.centre.width(), 0))
            bottom = self.statusBar().y() - centre.y()
            width = px(wanted.inspector + GAP)
            self.drawer.setGeometry(centre.x() - width, centre.y(), width, bottom)
            self.drawer.setVisible(self.drawer_open)
            self.drawer.raise_()
        else:
            if self.right.parentWidget() is not dock:
                dock.setWidget(self.right)
            self.drawer.hide()
            dock.setVisible(self.wishes["inspector"] and has_source)

    def toggle(self, region: str) -> None:
        """Show or hide a region."""
        if region == "inspector" and self.arrangement is not None and self.arrangement.drawer:
            self.drawer_open = not self.drawer_open
        else:
            self.wishes[region] = not self.wishes[region]
        self.arrange()

    def expand_bench(self) -> None:
        """Give the bench room for the equation, where it is one line."""
        if self.terms.height() < px(LINE):
            self.resizeDocks([self.docks["bench"]], [px(230)], Qt.Orientation.Vertical)

    def reset_layout(self) -> None:
        """Every region in its place."""
        self.wishes = dict.fromkeys(self.wishes, True)
        self.arrangement = None
        self.arrange()

    def current_stage(self) -> Stage | SignalStage:
        """The stage for the kind of input."""
        source = self.desk.source
        return self.signal_stage if source is not None and source.kind == "signal" else self.stage

    # --------------------------------------------------------------------------------------------------------- saying
    def say(self, sentence: str, actions: object = (), kind: str = "info") -> None:
        """Say something in the corner."""
        self.toast.show_text(sentence, actions, kind)  # type: ignore[arg-type]

    def report_crash(self, error: BaseException, text: str) -> None:
        """Say that something went wrong, and offer the details."""
        self.crash.report(error, text)

    def show_title(self) -> None:
        """Show the document's name, and whether it has changed."""
        mark = "*" if self.desk.modified else ""
        self.document_label.setText(f"{self.desk.title}{' · edited' if mark else ''}")
        self._fit_title()
        self.setWindowTitle(f"{self.desk.title}[*] — ConvDesk")
        self.setWindowModified(bool(mark))

    def _fit_title(self) -> None:
        """Give the document's name the room it needs, up to what the menus leave."""
        bar = self.menuBar()
        last = bar.actionGeometry(bar.actions()[-1]).right()
        needed = self.document_label.fontMetrics().horizontalAdvance(self.document_label.text()) + px(8)
        room = max(px(60), self.width() - last - px(40))
        if self.document_label.width() != min(needed, room):
            self.document_label.setFixedWidth(min(needed, room))
            holder = bar.cornerWidget()
            holder.adjustSize()
            bar.setCornerWidget(holder)  # the bar takes the size of its corner only when it is given one
            holder.show()

    def document_opened(self) -> None:
        """Another document stands here."""
        self.eye.forget()
        self.source_kind_changed()
        self.binding.refresh_all()
        self.source_opened()

    def source_kind_changed(self) -> None:
        """A signal, an image and a volume have different stages."""
        source = self.desk.source
        self.eye.colour = source is not None and source.kind == "image" and source.channels == 3
        if source is not None and source.kind == "volume":
            self.eye.set("slice", source.spatial[self.eye.plane] // 2)

    def source_opened(self) -> None:
        """Show the input from its best side."""
        source = self.desk.source
        if source is not None and source.kind == "volume" and self.eye.slice >= source.spatial[self.eye.plane]:
            self.eye.set("slice", source.spatial[self.eye.plane] // 2)
        self.binding.refresh_all()
        self.arrange()
        stage = self.current_stage()
        self.centre.setCurrentWidget(stage)
        QTimer.singleShot(0, stage.fit)

    # --------------------------------------------------------------------------------------------------------- events
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Regions give way in their order."""
        super().resizeEvent(event)
        self._fit_title()
        self.arrange()

    def _rethemed(self) -> None:
        self.actions_table.retheme()
        self.setMinimumSize(*MINIMUM)
        self.arrangement = None
        self.arrange()
        self.binding.refresh_all()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Say what a drop would do."""
        if event is not None and (words := self.files.takes(event.mimeData())):
            self.drop_frame.show_words(words)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        """Not here, then."""
        self.drop_frame.hide()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open what was dropped."""
        self.drop_frame.hide()
        if event is not None and self.files.take(event.mimeData()):
            event.acceptProposedAction()

    def event(self, event: QEvent | None) -> bool:
        """Hidden hover ends with the window's focus."""
        if event is not None and event.type() == QEvent.Type.WindowDeactivate and hasattr(self, "tracer"):
            self.tracer.hover("", None)
        return super().event(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Ask about changes; then stop everything."""
        if event is None:
            return
        if not self.files.may_leave():
            event.ignore()
            return
        self.release()
        event.accept()

    def release(self) -> None:
        """Stop the threads; the window says nothing more."""
        self.stage.closed = self.thumbs.closed = True
        self.bridge.release()
        self.desk.close()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc ends, in this order: a gesture, the drawer, the pin, the full screen."""
        if event is None or event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.editor.busy:
            self.editor.cancel()
        elif self.drawer.isVisible():
            self.toggle("inspector")
        elif self.tracer.pinned is not None:
            self.tracer.hovered = None
            self.tracer.pin(None)
        elif self.isFullScreen():
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
