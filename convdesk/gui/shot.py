# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of the real window, without a screen: what the tests compare and the guide shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from convdesk.errors import ConvDeskError

from .preflight import CORE, has_screen, install_line, missing

if TYPE_CHECKING:
    from PyQt6.QtGui import QPixmap

    from .main_window import MainWindow

TIMEOUT = 60.0


class ShotError(ConvDeskError, RuntimeError):
    """The picture could not be taken; the message says why."""


def shoot(
    document: str | Path | Sequence[str | Path],
    out: str | Path,
    size: tuple[int, int] = (1280, 800),
    theme: str = "light",
    scale: float | None = None,
    unit: tuple[int, ...] | None = None,
) -> Path:
    """Photograph the window with a document or inputs open, when everything in it has arrived.

    Parameters
    ----------
    document : path, or sequence of path
        What is opened, as on the command line.
    out : path
        The PNG that is written.
    size : (int, int)
        Width and height of the window in pixels.
    theme : str
        ``light dark contrast projector``.
    scale : float, optional
        Size of type and spacing; the theme's own when left out.
    unit : tuple of int, optional
        The number that is questioned, ``(channel, row, column)``; the document's own when left out.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ShotError
        When Qt cannot be loaded, a file cannot be opened, the window does not finish, or the picture cannot be written.
    """
    if sys.platform.startswith("linux") and (lacking := missing(CORE)):
        raise ShotError(install_line(lacking, CORE))
    if not has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    out = Path(out)
    files = [document] if isinstance(document, str | Path) else list(document)
    window = open_window(files, size, theme, scale)
    try:
        if unit is not None:
            window.tracer.pin(tuple(unit))
        picture = photograph(window)
        out.parent.mkdir(parents=True, exist_ok=True)
        if not picture.save(str(out), "PNG"):
            raise ShotError(f"‘{out}’ could not be written. Try another folder.")
    finally:
        window.release()
        window.hide()
        window.deleteLater()
    return out


def open_window(
    files: Sequence[str | Path], size: tuple[int, int], theme: str, scale: float | None = None
) -> MainWindow:
    """A window of that size with these files open; the person's settings are neither read nor changed."""
    from .app import application
    from .main_window import MainWindow
    from .settings import Settings
    from .theme import set_theme

    app = application()
    set_theme(app, theme, scale)
    window = MainWindow(settings=Settings(Path(os.devnull)))
    window.resize(*size)
    window.show()
    problems: list[str] = []
    window.say = lambda sentence, actions=(), kind="info": problems.append(sentence) if kind == "error" else None  # type: ignore[method-assign]
    window.files.open_paths(list(files))
    del window.say
    if problems:
        window.release()
        raise ShotError(problems[0])
    return window


def photograph(window: MainWindow, timeout: float = TIMEOUT) -> QPixmap:
    """Grab the window when every visible tile has been delivered and nothing waits to be drawn."""
    settle(window, timeout)
    return window.grab()


def settle(window: MainWindow, timeout: float = TIMEOUT, until: Callable[[], bool] = lambda: True) -> None:
    """Let the window work until the engine, the bridge and the timers have nothing left.

    Raises
    ------
    ShotError
        When that takes longer than ``timeout`` seconds.
    """
    from PyQt6.QtCore import QEventLoop
    from PyQt6.QtWidgets import QApplication

    deadline = monotonic() + timeout
    calm = 0
    while calm < 4:  # a delivered tile may ask for another view, which is in the queue only after a turn
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        idle = window.desk.wait(0.02) and window.bridge.pending() == 0 and not busy(window) and until()
        calm = calm + 1 if idle else 0
        if monotonic() > deadline:
            raise ShotError(f"The window was not finished after {timeout:.0f} seconds.")


def busy(window: MainWindow) -> bool:
    """Tell whether something in the window waits for its time."""
    from PyQt6.QtCore import QTimer

    return any(
        timer.isActive() and timer.isSingleShot() for timer in window.findChildren(QTimer) if timer.interval() < 1000
    )
