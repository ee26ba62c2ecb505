# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the window: preflight before Qt, an excepthook so that no slot can abort the process, fonts and theme."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from .preflight import obstacle

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from .main_window import MainWindow
    from .settings import Settings

NO_WINDOW = 3
"""Exit code when the machine cannot show a window."""


def run(files: Sequence[str] = (), theme: str | None = None) -> int:
    """Open the desk and return its exit code.

    Parameters
    ----------
    files : sequence of str
        A document and inputs to open; unreadable ones are reported in the window.
    theme : str, optional
        ``system light dark contrast projector``; the one of last time when left out.

    Returns
    -------
    int
        0 when the window was closed; 3 with one line on standard error when none can be shown.
    """
    if (why := obstacle()) is not None:
        print(f"convdesk: {why}", file=sys.stderr)
        return NO_WINDOW
    from .main_window import MainWindow
    from .settings import Settings

    app = application()
    settings = Settings()
    dress(app, settings, theme)
    window = MainWindow(settings=settings)
    survive(window)
    window.show()
    window.files.open_paths(list(files))
    try:
        return app.exec()
    finally:
        window.release()


def application() -> QApplication:
    """Return the one QApplication, set up; made when there is none."""
    import pyqtgraph as pg
    from PyQt6.QtWidgets import QApplication

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("convdesk")
    app.setApplicationDisplayName("ConvDesk")
    app.setDesktopFileName("convdesk")
    pg.setConfigOptions(imageAxisOrder="row-major", antialias=True)
    return app


def dress(app: QApplication, settings: Settings, theme: str | None = None) -> None:
    """Put the theme of last time, or the one asked for, in force."""
    from .theme import THEMES, set_theme

    wanted = theme or settings.get("theme", "system")
    scale = settings.get("scale", 0.0)
    set_theme(app, wanted if wanted in THEMES else "system", scale or None)


def survive(window: MainWindow) -> None:
    """Report whatever a slot raises in the window, and on standard error; PyQt would abort the process."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        print(text, file=sys.stderr)
        window.report_crash(error, text)

    sys.excepthook = report
