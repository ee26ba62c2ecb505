# SPDX-License-Identifier: GPL-3.0-or-later
"""An internal error: the window goes on, and offers a report to copy. No network."""

from __future__ import annotations

import platform
import sys

from PyQt6.QtCore import PYQT_VERSION_STR, QT_VERSION_STR
from PyQt6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QWidget

from .parts import Button, column, row
from .theme import font


class CrashReport:
    """Keeps the last report."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self.text = ""

    def report(self, error: BaseException, trace: str) -> None:
        """Say it in the corner, with *Copy report* and *Show*."""
        import numpy

        qt = f"Qt {QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}"
        versions = f"Python {platform.python_version()}, {qt}, NumPy {numpy.__version__}"
        self.text = f"ConvDesk on {sys.platform}\n{versions}\n\n{trace}"
        say = getattr(self._window, "say")  # noqa: B009 (the window's method, whatever its class)
        say(
            f"Something went wrong: {type(error).__name__}. Your document is safe.",
            [("Copy report", self.copy), ("Show", self.show)],
            "error",
        )

    def copy(self) -> None:
        """Put the report into the clipboard."""
        QApplication.clipboard().setText(self.text)

    def show(self) -> None:
        """Show the report in a window of its own, not modal."""
        dialog = QDialog(self._window)
        dialog.setWindowTitle("Report")
        text = QPlainTextEdit(self.text)
        text.setReadOnly(True)
        text.setFont(font("small", mono=True))
        text.setAccessibleName("Report")
        close = Button("Close", "primary", action=dialog.close)
        dialog.setLayout(
            column((text, 1), row(Button("Copy report", action=self.copy), 1, close), margins=(12, 12, 12, 12))
        )
        dialog.resize(720, 420)
        dialog.show()
