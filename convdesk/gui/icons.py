# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons: one SVG each in ``resources/icons``, tinted by code, drawn at twice the size so that they stay sharp."""

from __future__ import annotations

from functools import cache, lru_cache

from PyQt6.QtCore import QByteArray, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from .assets import folder
from .theme import active, px

DENSITY = 2


@cache
def names() -> tuple[str, ...]:
    """Return every icon's name, sorted."""
    return tuple(sorted(f.name.removesuffix(".svg") for f in folder("icons").iterdir() if f.name.endswith(".svg")))


@cache
def _source(name: str) -> str:
    if name not in names():
        raise KeyError(f"icon {name!r} does not exist; there are {', '.join(names())}")
    return folder("icons").joinpath(f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, ink: str = "text2", size: float = 18) -> QPixmap:
    """Return an icon as a pixmap of ``size`` logical pixels, in a token's colour or in ``#RRGGBB``."""
    return _drawn(name, ink if ink.startswith("#") else active[ink], px(size))


@lru_cache(maxsize=1024)
def _drawn(name: str, ink: str, size: int) -> QPixmap:
    result = QPixmap(size * DENSITY, size * DENSITY)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    QSvgRenderer(QByteArray(_source(name).replace("currentColor", ink).encode())).render(painter)
    painter.end()
    result.setDevicePixelRatio(DENSITY)
    return result


def icon(name: str, ink: str = "text2", size: float = 18, on: str = "accent") -> QIcon:
    """Return an icon that is ``ink``, hinted grey while disabled, and ``on`` while its button is checked."""
    result = QIcon(pixmap(name, ink, size))
    result.addPixmap(pixmap(name, on, size), QIcon.Mode.Normal, QIcon.State.On)
    faint = pixmap(name, "text3" if active.name == "contrast" else "line", size)
    for state in (QIcon.State.Off, QIcon.State.On):
        result.addPixmap(faint, QIcon.Mode.Disabled, state)
    return result
