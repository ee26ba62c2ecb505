# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens keep their promises of contrast, and a change of theme reaches everything."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QFont, QFontInfo
from PyQt6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

import convdesk.gui
from convdesk.gui import colormaps, icons, theme
from convdesk.gui.parts import Tool, label

GUI = Path(convdesk.gui.__file__).parent


@pytest.mark.parametrize("name", theme.THEMES)
def test_inks_are_legible(name: str) -> None:
    inks, t = theme.measured()[name], theme.THEMES[name]
    assert min(inks["text"]) >= 7
    assert inks["text2"][0] >= 7
    assert min(inks["text3"]) >= 4.45  # hints: 4.5, rounded as the table prints it
    assert min(inks["edge"]) >= 3
    for meaning in ("rf", "pf", "pad", "win", "ok", "warn", "err", "accent"):
        assert min(inks[meaning]) >= 4.5, meaning
    assert theme.contrast(t["on"], t["accent"]) >= 4.5
    assert theme.contrast(t["text"], t["soft"]) >= 7


def test_overlays_are_seen_on_any_data() -> None:
    assert min(theme.overlay_worst().values()) >= 2.95  # 3, rounded
    assert all(theme.contrast(colour, theme.HALO) >= 8 for colour in theme.OVERLAY.values())


def test_contrast_of_black_on_white_is_21() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("kind", ["light", "dark"])
def test_signed_map_is_balanced(kind: str) -> None:
    """Equal values of either sign are equally far from the ground, in equal steps, with the hue as the sign."""
    table = theme.diverging(kind)
    assert table.shape == (256, 3) and table.dtype == np.uint8
    lab = colormaps.to_oklab(table / 255.0)
    ground = lab[[127, 128]].mean(axis=0)
    away = np.linalg.norm(lab - ground, axis=1)
    assert np.all(np.diff(away[128:]) > -0.004) and np.all(np.diff(away[:128]) < 0.004)
    light = np.diff(lab[:, 0])
    assert abs(light[:120].mean()) == pytest.approx(np.abs(light[:120]).mean(), rel=1e-6)  # monotonous in each half
    assert np.all(lab[:120, 2] < lab[135:][::-1][:120, 2])  # blue below zero, orange above
    apart = np.linalg.norm(lab - lab[::-1], axis=1)
    assert apart[0] > 0.2 and apart[64] > 0.2 and apart[115] > 0.04


@pytest.mark.parametrize("name", ["tide", "tide-light", "tide-dark", "grey", "lamp", "viridis", "cividis", "magma"])
def test_maps_have_256_colours(name: str) -> None:
    table = theme.table(name)
    assert table.shape == (256, 3) and table.dtype == np.uint8
    assert not table.flags.writeable


def test_unknown_map_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="rainbow"):
        theme.table("rainbow")


@pytest.mark.parametrize("name", theme.THEMES)
def test_theme_reaches_palette_sheet_and_widgets(qapp: QApplication, qtbot, name: str) -> None:
    class Painted(QWidget):
        rethemed = 0

        def retheme(self) -> None:
            self.rethemed += 1

    widget = Painted()
    qtbot.addWidget(widget)
    text = theme.THEMES[name]["text"]
    if theme.active.name == name:
        theme.set_theme(qapp, "dark")
    before = widget.rethemed
    with qtbot.waitSignal(theme.active.changed, timeout=1000):
        theme.set_theme(qapp, name)
    assert widget.rethemed == before + 1
    assert qapp.palette().color(qapp.palette().ColorRole.WindowText).name().upper() == text
    assert text in qapp.styleSheet()
    assert theme.active.colours["text"] == text


def test_sizes_follow_the_scale(qapp: QApplication, qtbot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    box = theme.logical(QVBoxLayout(widget), spacing=8, margins=(12, 4, 12, 4))
    inner = theme.logical(QLabel("x"), height=20)
    box.addWidget(inner)
    theme.set_theme(qapp, "projector")
    assert theme.active.scale == 1.5
    assert (box.spacing(), box.contentsMargins().left(), inner.height()) == (12, 18, 30)
    theme.set_theme(qapp, "light", 9)
    assert theme.active.scale == 2.0, "the scale is bounded"
    assert theme.font("caption").pixelSize() == 22


def test_no_text_is_smaller_than_eleven() -> None:
    assert theme.font(7).pixelSize() == 11


def test_bundled_font_is_in_use() -> None:
    assert QFontInfo(QFont("Inter")).family() == "Inter"


def test_label_inks_are_tokens(qapp: QApplication, qtbot) -> None:
    widget = label("22", ink="rf", weight=600)
    qtbot.addWidget(widget)
    widget.ensurePolished()
    assert widget.palette().color(widget.foregroundRole()).name().upper() == theme.active["rf"]


@pytest.mark.parametrize("name", icons.names())
def test_icon_is_drawn_in_its_ink(name: str) -> None:
    image = icons.pixmap(name, "#FF0000", 24).toImage()
    assert image.width() == 48
    inked = [image.pixelColor(x, y) for x in range(0, 48) for y in range(0, 48) if image.pixelColor(x, y).alpha() > 250]
    assert len(inked) > 20
    assert all(c.red() > 250 and c.green() < 5 and c.blue() < 5 for c in inked)


def test_every_icon_that_is_named_exists() -> None:
    used = set()
    for file in GUI.rglob("*.py"):
        used |= set(re.findall(r"""\b(?:Tool|tool|icon|pixmap)\(\s*["']([a-z-]+)["']""", file.read_text()))
    assert used <= set(icons.names())


def test_checked_tool_is_accent(qapp: QApplication, qtbot) -> None:
    tool = Tool("fit", "Fit", True)
    qtbot.addWidget(tool)
    shown = tool.icon().pixmap(18, 18, mode=icons.QIcon.Mode.Normal, state=icons.QIcon.State.On).toImage()
    pixels = [shown.pixelColor(x, y) for x in range(shown.width()) for y in range(shown.height())]
    clearest = max(pixels, key=lambda c: c.alpha())
    accent = theme.colour("accent")
    assert max(abs(a - b) for a, b in zip(clearest.getRgb()[:3], accent.getRgb()[:3], strict=True)) <= 6


def test_colours_stand_in_the_theme_only() -> None:
    literal = re.compile(r"""["'][^"'\n]*#[0-9A-Fa-f]{6}\b|QColor\(\s*["'\d]|GlobalColor\.(?!transparent)""")
    found = []
    for file in GUI.rglob("*.py"):
        if file.name != "theme.py":
            lines = file.read_text().splitlines()
            found += [f"{file.name}:{i}" for i, line in enumerate(lines, 1) if literal.search(line)]
    assert found == []


def test_system_theme_follows_the_desktop(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    from PyQt6.QtCore import Qt
    from PyQt6.QtGui import QGuiApplication

    class Hints:
        scheme = Qt.ColorScheme.Dark

        def colorScheme(self) -> Qt.ColorScheme:
            return self.scheme

    theme.set_theme(qapp, "light")  # connects to the real hints first
    monkeypatch.setattr(QGuiApplication, "styleHints", staticmethod(Hints))
    theme.set_theme(qapp, "system")
    assert (theme.active.wanted, theme.active.name) == ("system", "dark")
    Hints.scheme = Qt.ColorScheme.Light
    theme.set_theme(qapp, "system")
    assert (theme.active.wanted, theme.active.name) == ("system", "light")


def test_unknown_theme_is_refused_by_name(qapp: QApplication) -> None:
    with pytest.raises(KeyError, match="sepia"):
        theme.set_theme(qapp, "sepia")
