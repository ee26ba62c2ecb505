# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench: the arithmetic below the stage. Its tabs are the rows of ``PANELS``; Terms is always the first."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QStackedWidget, QWidget

from convdesk.desk import Desk

from ..eye import Eye
from ..pane_parts import ChannelStrip
from ..parts import Card, Tabs, Tool
from ..theme import PAD, logical
from .terms import Terms

PANELS: tuple[tuple[str, Callable[[Desk, Eye], QWidget]], ...] = (("Terms", Terms),)
"""Title and widget of every panel, in the order of the tabs."""


class Bench(Card):
    """Signals: ``copyRequested``, ``menuRequested(widget)``."""

    copyRequested = pyqtSignal()
    menuRequested = pyqtSignal(object)

    def __init__(self, desk: Desk, eye: Eye) -> None:
        self.copy_tool, self.more = Tool("copy", "Copy the kernel as text", shortcut="Ctrl+C"), Tool("more", "More")
        tabs = Tabs([title for title, _ in PANELS], 0, name="Bench panels")
        self.channels, self.slices = ChannelStrip("Term"), ChannelStrip("Kernel slice")
        super().__init__("Bench", "", self.channels, self.slices, self.copy_tool, self.more, tabs=tabs)
        self.desk, self.eye = desk, eye
        self.panels = [make(desk, eye) for _, make in PANELS]
        self.pages = QStackedWidget()
        for panel in self.panels:
            self.pages.addWidget(panel)
        self.add(self.pages, 1)
        logical(self, min_height=88)
        self.set_margins(PAD, 4, PAD, 8)
        first = self.panels[0]
        assert isinstance(first, Terms)
        self.terms = first
        tabs.changed.connect(self.pages.setCurrentIndex)
        self.copy_tool.clicked.connect(self.copyRequested)
        self.more.clicked.connect(lambda: self.menuRequested.emit(self.more))
        for strip, tip in ((self.channels, "Input channel of the terms"), (self.slices, "Slice of the kernel")):
            strip.counts(tip)
        self.channels.changed.connect(lambda at: eye.set("terms_channel", int(at)))
        self.slices.changed.connect(self._slice)

    def _slice(self, at: int) -> None:
        self.terms.slice = int(at)
        self.terms.show_state()
        self.show_strips()

    def show_strips(self) -> None:
        """Offer the input channels and the slices that the kernel has."""
        terms = self.terms.reading.terms if self.terms.reading is not None else None
        count = len(terms.channels) if terms is not None else 1
        self.channels.show_channels(count, min(self.eye.terms_channel, count - 1))
        depth = self.terms.depth()
        self.slices.show_channels(depth, min(self.terms.slice, depth - 1))
        has_kernel = self.terms.whole_kernel() is not None
        self.copy_tool.setEnabled(has_kernel)
        self.more.setEnabled(has_kernel)
