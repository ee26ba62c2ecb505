# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens of the window (every colour, size and font stands here and nowhere else) and the theme in force.

``set_theme(app, "dark")`` changes palette, style sheet, scaled sizes, icons and canvases in one call. Widgets ask
:func:`colour`, :func:`px` and :func:`font` while they paint; what has to be rebuilt offers a method ``retheme()``.
``python -m convdesk.gui.theme`` prints the measured contrast of every token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette, QPen
from PyQt6.QtWidgets import QApplication, QLayout, QWidget

from . import colormaps
from .colormaps import Table, contrast

__all__ = [
    "DIVERGING", "HALO", "OVERLAY", "SEQUENTIAL", "THEMES", "Theme", "active", "colour", "contrast", "cosmetic",
    "diverging", "font", "lamp", "overlay", "palette", "px", "readable", "set_theme", "table",
]  # fmt: skip

THEMES: dict[str, dict[str, str]] = {
    "light": dict(
        bg="#E8EBEF", surface="#FFFFFF", field="#F4F6F8", canvas="#DCE0E5", line="#D3D8DF", edge="#7C8592",
        text="#14181F", text2="#48505D", text3="#626B78", accent="#1B57D0", on="#FFFFFF", soft="#E1EAFC",
        ok="#0F6B37", warn="#855400", err="#B3261E", rf="#8A5600", pf="#00657A", pad="#6D3FC7", win="#B0125C",
        grid="#D3D8DF",
    ),
    "dark": dict(
        bg="#121418", surface="#1B1E24", field="#252930", canvas="#0C0D10", line="#2E333C", edge="#727B89",
        text="#ECEEF2", text2="#B3BAC6", text3="#8C95A3", accent="#7FB0FF", on="#0A1424", soft="#21304A",
        ok="#5FD08F", warn="#F2B84B", err="#FF8F86", rf="#FFC247", pf="#4FD8F0", pad="#C9AEFF", win="#FF86B8",
        grid="#2E333C",
    ),
    "contrast": dict(
        bg="#000000", surface="#000000", field="#000000", canvas="#000000", line="#FFFFFF", edge="#FFFFFF",
        text="#FFFFFF", text2="#FFFFFF", text3="#C8C8C8", accent="#FFE500", on="#000000", soft="#333000",
        ok="#7CFFB0", warn="#FFD24A", err="#FFB0A8", rf="#FFC247", pf="#5CE6FF", pad="#D6C2FF", win="#FF9CC6",
        grid="#555555",
    ),
    "projector": dict(
        bg="#FFFFFF", surface="#FFFFFF", field="#FFFFFF", canvas="#E9ECF0", line="#8A929E", edge="#3C434E",
        text="#000000", text2="#20262F", text3="#454D59", accent="#0B46B8", on="#FFFFFF", soft="#D5E2FB",
        ok="#0A5A2D", warn="#6B4300", err="#98160F", rf="#704500", pf="#00505F", pad="#5A2DB0", win="#960A4B",
        grid="#8A929E",
    ),
}  # fmt: skip
OVERLAY = dict(field="#FFB000", projective="#19C6E6", padding="#C9A6FF", winner="#FF8CBC", selected="#FFFFFF")
HALO = "#101216"
PADDED_GROUND, PADDED_EDGE = "#231A3D", "#5A4A86"  # a cell that is padding: the same in every theme, so never data
INK_ON_DATA = ("#14181F", "#FFFFFF")  # numbers on coloured cells take the one that reads better
DIVERGING = {  # negative … zero … positive; hue is the sign in every theme, the middle is the theme's own ground
    "light": ("#0B2F7A", "#3E7CC7", "#F7F7F6", "#D9703A", "#7A1F0B"),
    "dark": ("#86C0FF", "#3573C4", "#15171B", "#C4571F", "#FFA366"),
}
SEQUENTIAL = ("#0A1A3C", "#2F4A7D", "#6E7A86", "#B9A866", "#FFE98A")

TYPE = dict(caption=11, small=12, body=13, title=14, fact=16, step=18, display=24)
GAP, PAD, RADIUS = 8, 12, 8
FADE_MS, TOAST_MS = 120, 4000
FONTS = ["Inter", "Segoe UI Variable", "SF Pro Text", "Cantarell", "Noto Sans", "DejaVu Sans"]
MONO = ["JetBrains Mono", "Cascadia Mono", "SF Mono", "DejaVu Sans Mono"]
SCALES = (0.85, 2.0)
PROJECTOR_SCALE = 1.5


class Theme(QObject):
    """The theme in force. There is one, :data:`active`; :func:`set_theme` changes it.

    Attributes
    ----------
    wanted : str
        What was asked for: ``system`` or a name of :data:`THEMES`.
    name : str
        The name of :data:`THEMES` that is shown.
    scale : float
        Multiplies type and spacing; 1.5 on a projector.
    colours : dict
        Token name to ``#RRGGBB``.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.wanted = self.name = "light"
        self.scale = 1.0
        self.reduced_motion = False
        self._follows = False

    @property
    def colours(self) -> dict[str, str]:
        """Token name to ``#RRGGBB`` of the theme in force."""
        return THEMES[self.name]

    @property
    def is_dark(self) -> bool:
        """Whether data stands on a dark ground."""
        return self.name in ("dark", "contrast")

    @property
    def fade_ms(self) -> int:
        """Length of a fade; 0 with reduced motion."""
        return 0 if self.reduced_motion else FADE_MS

    def __getitem__(self, token: str) -> str:
        return THEMES[self.name][token]


active = Theme()
_fonts_loaded = False


def px(logical: float) -> int:
    """Turn logical pixels into pixels of the theme's scale."""
    return round(logical * active.scale)


def colour(token: str, alpha: int = 255) -> QColor:
    """Return a token of the theme in force (or ``#RRGGBB``) as a QColor."""
    c = QColor(token if token.startswith("#") else active[token])
    c.setAlpha(alpha)
    return c


def overlay(role: str, alpha: int = 255) -> QColor:
    """Return the colour of a role on data: field, projective, padding, winner, selected, halo, padded."""
    c = QColor({"halo": HALO, "padded": PADDED_GROUND}.get(role) or OVERLAY[role])
    c.setAlpha(alpha)
    return c


def font(size: str | float = "body", weight: int = 400, mono: bool = False) -> QFont:
    """Return a font by role of :data:`TYPE` or by logical pixels; never below 11."""
    f = QFont()
    f.setFamilies(MONO if mono else FONTS)
    f.setPixelSize(px(max(TYPE[size] if isinstance(size, str) else size, TYPE["caption"])))
    f.setWeight(QFont.Weight(weight))
    return f


def cosmetic(ink: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of the same width at every zoom; wider on a projector."""
    pen = QPen(ink, width * max(1.0, active.scale), style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def readable(ground: Any) -> QColor:
    """Return the ink for text on a data colour (``#RRGGBB`` or three numbers): the one with more contrast."""
    return QColor(max(INK_ON_DATA, key=lambda ink: contrast(ink, ground)))


# ------------------------------------------------------------------------------------------------------- colour maps
def diverging(kind: str | None = None) -> Table:
    """Tide, the map of signed data, for the theme in force or for ``light`` or ``dark``."""
    return colormaps.lut(DIVERGING[kind or ("dark" if active.is_dark else "light")], diverging=True)


def lamp() -> Table:
    """The map of non-negative measures."""
    return colormaps.lut(SEQUENTIAL)


def table(name: str) -> Table:
    """Return a colour map by name: tide, tide-light, tide-dark, grey, lamp, viridis, cividis, magma."""
    own: dict[str, Callable[[], Table]] = {"tide": diverging, "grey": colormaps.grey, "lamp": lamp}
    if name in own:
        return own[name]()
    if name in ("tide-light", "tide-dark"):
        return diverging(name.removeprefix("tide-"))
    found = colormaps.borrowed(name)
    if found is None:
        raise KeyError(f"colour map {name!r} is not installed; there are tide, tide-light, tide-dark, grey and lamp")
    return found


# ------------------------------------------------------------------------------------------------------ applying it
def palette() -> QPalette:
    """Build the palette of the theme in force, for what the style sheet does not reach."""
    p, role = QPalette(), QPalette.ColorRole
    tokens = {
        role.Window: "bg", role.Base: "field", role.AlternateBase: "surface", role.Text: "text", role.WindowText:
        "text", role.ButtonText: "text", role.Button: "field", role.Highlight: "accent", role.HighlightedText: "on",
        role.PlaceholderText: "text3", role.ToolTipBase: "surface", role.ToolTipText: "text", role.Link: "accent",
        role.LinkVisited: "accent", role.Mid: "edge", role.Dark: "edge", role.Light: "line", role.Midlight: "line",
    }  # fmt: skip
    for key, token in tokens.items():
        p.setColor(key, colour(token))
    for key in (role.Text, role.WindowText, role.ButtonText):
        p.setColor(QPalette.ColorGroup.Disabled, key, colour("text3"))
    return p


def load_fonts() -> None:
    """Register the bundled fonts, once."""
    global _fonts_loaded
    if not _fonts_loaded:
        from .assets import folder

        for file in sorted(folder("fonts").iterdir(), key=lambda f: f.name):
            if file.name.endswith(".ttf"):
                QFontDatabase.addApplicationFontFromData(file.read_bytes())
        _fonts_loaded = True


def set_theme(app: QApplication, name: str, scale: float | None = None) -> None:
    """Put a theme in force everywhere.

    Parameters
    ----------
    app : QApplication
        The running application.
    name : str
        ``system`` (follow the desktop, now and later), ``light``, ``dark``, ``contrast`` or ``projector``.
    scale : float, optional
        Size of type and spacing, 0.85 … 2; 1.5 for a projector and 1 otherwise when left out.
    """
    if name != "system" and name not in THEMES:
        raise KeyError(f"theme {name!r} does not exist; there are system, {', '.join(THEMES)}")
    load_fonts()
    hints = QGuiApplication.styleHints()
    if hints is not None and not active._follows:
        hints.colorSchemeChanged.connect(lambda _: active.wanted == "system" and set_theme(app, "system", active.scale))
        active._follows = True
    active.wanted = name
    if name == "system":
        name = "dark" if hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark else "light"
    wanted_scale = (PROJECTOR_SCALE if name == "projector" else 1.0) if scale is None else scale
    active.name, active.scale = name, min(max(wanted_scale, SCALES[0]), SCALES[1])
    from .sheet import sheet

    app.setStyle("Fusion")
    app.setPalette(palette())
    app.setFont(font())
    app.setStyleSheet(sheet())
    _apply_sizes()
    active.changed.emit()


def logical(thing: QWidget | QLayout, **sizes: Any) -> Any:
    """Give a widget or layout sizes in logical pixels that follow the scale; returns it.

    Widgets take ``width height min_width min_height max_width max_height``, layouts ``spacing margins hspace vspace``.
    """
    thing.setProperty("logical", {**(thing.property("logical") or {}), **sizes})
    _size(thing)
    return thing


def _size(thing: Any) -> None:
    for key, value in (thing.property("logical") or {}).items():
        if key == "margins":
            thing.setContentsMargins(*(px(v) for v in value))
        else:
            setter = {
                "width": "setFixedWidth", "height": "setFixedHeight", "spacing": "setSpacing",
                "min_width": "setMinimumWidth", "min_height": "setMinimumHeight", "max_width": "setMaximumWidth",
                "max_height": "setMaximumHeight", "hspace": "setHorizontalSpacing", "vspace": "setVerticalSpacing",
            }[key]  # fmt: skip
            getattr(thing, setter)(px(value))


def _apply_sizes() -> None:
    for top in QApplication.topLevelWidgets():
        for layout in top.findChildren(QLayout):
            if layout.property("logical"):
                _size(layout)
    for widget in QApplication.allWidgets():
        if widget.property("logical"):
            _size(widget)
        if (retheme := getattr(widget, "retheme", None)) is not None:
            retheme()
            widget.update()


# ------------------------------------------------------------------------------------------------------- measuring it
def measured() -> dict[str, dict[str, tuple[float, float]]]:
    """Contrast of every ink on surface and on background, by theme."""
    keys = ("text", "text2", "text3", "accent", "edge", "ok", "warn", "err", "rf", "pf", "pad", "win")
    return {n: {k: (contrast(t[k], t["surface"]), contrast(t[k], t["bg"])) for k in keys} for n, t in THEMES.items()}


def overlay_worst() -> dict[str, float]:
    """Contrast of each overlay (its colour or its halo, whichever is better) on the worst ground that data can have."""
    grounds = np.concatenate([colormaps.grey(), diverging("light"), diverging("dark")])
    return {role: min(max(contrast(c, g), contrast(HALO, g)) for g in grounds) for role, c in OVERLAY.items()}


def main() -> None:
    """Print the measured contrasts."""
    for name, inks in measured().items():
        t = THEMES[name]
        print(f"{name:10s}", "  ".join(f"{k} {a:.1f}/{b:.1f}" for k, (a, b) in inks.items()))
        on, soft = contrast(t["on"], t["accent"]), contrast(t["text"], t["soft"])
        print(" " * 10, f"on accent {on:.1f}  text on soft {soft:.1f}")
    print("overlays on any grey and both diverging maps, worst:", {k: round(v, 1) for k, v in overlay_worst().items()})
    print("overlays on their halo:", {k: round(contrast(v, HALO), 1) for k, v in OVERLAY.items()})


if __name__ == "__main__":
    main()
