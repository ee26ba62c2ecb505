# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide whether a window can be opened before Qt is loaded, because Qt aborts the process where it cannot.

Qt-free. A missing library or display becomes one line that says what to do.
"""

from __future__ import annotations

import ctypes
import os
import sys

CORE = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""What Qt loads on every platform, and the Debian package that holds it."""
XCB = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt's X11 plugin loads besides."""
SCREENLESS = ("offscreen", "minimal", "vnc")


def missing(libraries: dict[str, str]) -> list[str]:
    """List the libraries that cannot be loaded."""
    lacking = []
    for name in libraries:
        try:
            ctypes.CDLL(name)
        except OSError:
            lacking.append(name)
    return lacking


def install_line(lacking: list[str], libraries: dict[str, str]) -> str:
    """Say which libraries are missing and how Debian installs them."""
    packages = " ".join(libraries[name] for name in lacking)
    return f"Qt needs {', '.join(lacking)}; on Debian: sudo apt-get install {packages}"


def x_answers() -> bool:
    """Tell whether DISPLAY names an X server that takes connections."""
    if not os.environ.get("DISPLAY"):
        return False
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x11.XOpenDisplay.restype = ctypes.c_void_p
    handle = x11.XOpenDisplay(None)
    if handle:
        x11.XCloseDisplay(ctypes.c_void_p(handle))
    return bool(handle)


def has_screen() -> bool:
    """Tell whether a window would be seen by somebody."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("WAYLAND_DISPLAY")) or x_answers()


def obstacle() -> str | None:
    """Return the line that says why no window can be opened, or None when it can."""
    if not sys.platform.startswith("linux"):
        return None
    if lacking := missing(CORE):
        return install_line(lacking, CORE)
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if platform in SCREENLESS:
        return None
    if os.environ.get("WAYLAND_DISPLAY") and platform in ("", "wayland"):
        return None
    if not x_answers():
        shown = os.environ.get("DISPLAY")
        where = f"the display {shown!r} does not answer" if shown else "DISPLAY is not set"
        return f"no display: {where}. Without one, use ‘convdesk run’ and ‘convdesk shot’."
    if lacking := missing(XCB):
        return install_line(lacking, XCB)
    return None
