# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the window can be made at all, found out before Qt is loaded."""

from __future__ import annotations

from importlib.util import find_spec

from convdesk.cli.failure import Lacking


def installed(name: str) -> bool:
    """Whether a package can be imported, without importing it."""
    try:
        return find_spec(name) is not None
    except ImportError:
        return False


def need_qt() -> None:
    """Raise Lacking when PyQt6 or pyqtgraph is missing."""
    missing = [name for name in ("PyQt6", "pyqtgraph") if not installed(name)]
    if missing:
        names = " and ".join(missing)
        raise Lacking(
            f"the window needs {names}: pip install {' '.join(missing)}; all commands but shot work without"
        )


def need_qt_libraries() -> None:
    """Raise Lacking when a system library that Qt loads is missing, with the line that installs it."""
    from convdesk.gui import preflight

    lacking = preflight.missing(preflight.CORE)
    if lacking:
        raise Lacking(preflight.install_line(lacking, preflight.CORE))
