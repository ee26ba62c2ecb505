# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies over data: in its place, in its colour, in its shape, at every zoom and in every theme."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from convdesk.gui import theme
from convdesk.gui.canvas.minimap import Minimap
from convdesk.gui.canvas.overlays import Dim, Key, Outline, Pin, RubberBand, Tag, Winners
from convdesk.gui.canvas.view import Canvas


@pytest.fixture
def pane(qtbot) -> Iterator[Canvas]:
    """A 400 × 400 pane showing 100 × 100 grey pixels, four screen pixels each."""
    pane = Canvas("Input")
    qtbot.addWidget(pane)
    pane.resize(400, 400)
    pane.show()
    qtbot.waitExposed(pane)
    pane.set_full_shape((100, 100))
    pane.set_image(np.full((100, 100), 128, np.uint8), levels=(0, 255))
    pane.fit()
    yield pane
    pane.close()


def picture(pane: Canvas) -> QImage:
    return pane.viewport().grab().toImage()


def inked(pane: Canvas, role: str, image: QImage | None = None) -> QRectF:
    """Where pixels of a role's colour are."""
    image = (image or picture(pane)).convertToFormat(QImage.Format.Format_RGB32)  # lives as long as its bits
    want = np.array(theme.overlay(role).getRgb()[:3])
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    rgb = np.frombuffer(bits, np.uint8).reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)
    rows, cols = (np.abs(rgb - want).max(axis=2) <= 6).nonzero()
    return QRectF(cols.min(), rows.min(), np.ptp(cols) + 1, np.ptp(rows) + 1) if len(rows) else QRectF()


@pytest.mark.parametrize("role", ["field", "projective", "selected"])
def test_outline_surrounds_its_pixels_on_a_halo(pane: Canvas, role: str) -> None:
    frame = Outline(pane, role)
    assert inked(pane, role).isEmpty()
    frame.set_box((20, 30, 40, 60))
    where = inked(pane, role)
    box = pane.screen_box((20, 30, 40, 60))
    assert where.contains(box.adjusted(1, 1, -1, -1)) and box.adjusted(-5, -5, 5, 5).contains(where)
    assert not inked(pane, "halo").isEmpty()
    assert picture(pane).pixelColor(box.center().toPoint()).red() == 128, "the data inside is not tinted"
    frame.set_box(None)
    assert inked(pane, role).isEmpty()


def test_outline_is_as_wide_at_every_zoom(pane: Canvas) -> None:
    frame = Outline(pane)
    frame.set_box((48, 48, 52, 52))

    def width() -> int:
        image = picture(pane)
        y = int(pane.screen_box((48, 48, 52, 52)).center().y())
        amber = theme.overlay("field").name()
        row = [image.pixelColor(x, y).name() == amber for x in range(0, 200)]
        return sum(row)

    at_fit = width()
    pane.set_view(50, 50, 20)
    assert at_fit >= 2 and abs(width() - at_fit) <= 1


def test_moved_overlays_leave_nothing_behind(pane: Canvas, qtbot) -> None:
    frame, words = Outline(pane), Tag(pane)
    pane.set_view(50, 50, 0.7)
    for i in range(0, 60, 7):
        frame.set_box((i, i, i + 2, i + 2))
        words.place("sees 2 × 2", (i, i, i + 2, i + 2))
        qtbot.waitUntil(lambda: True)
    frame.set_box(None)
    words.place("", (0, 0, 0, 0))
    assert inked(pane, "field").isEmpty() and inked(pane, "halo").isEmpty()


def test_a_far_away_pixel_is_still_framed(pane: Canvas) -> None:
    frame = Outline(pane)
    frame.set_box((50, 50, 51, 51))
    pane.set_view(50, 50, 0.3)
    assert inked(pane, "field").width() >= 8


def test_fill_gives_way_to_numbers(pane: Canvas) -> None:
    frame = Outline(pane, fill=True)
    frame.set_box((40, 40, 60, 60))
    assert picture(pane).pixelColor(200, 200).name() != "#808080"
    pane.set_values_shown(False)
    pane.set_view(50, 50, 30)
    assert picture(pane).pixelColor(205, 205).name() == "#808080"


@pytest.mark.parametrize(
    "box", [(0, 0, 3, 3), (97, 97, 100, 100), (0, 97, 3, 100), (97, 0, 100, 3), (0, 0, 100, 100)], ids=str
)
@pytest.mark.parametrize("below", [False, True])
def test_tags_stay_inside_the_pane(pane: Canvas, box: tuple[int, int, int, int], below: bool) -> None:
    words = Tag(pane)
    words.place("reads 5 × 5 of 9 × 9", box, below)
    assert pane.pane().contains(words.screen_rect())
    pane.set_view(50, 50, 11)
    assert pane.pane().contains(words.screen_rect())


def test_key_lists_what_it_is_told(pane: Canvas) -> None:
    key = Key(pane)
    key.set_items(["field", "winner"])
    two = key.screen_rect()
    image = picture(pane)
    assert not inked(pane, "winner", image).isEmpty() and inked(pane, "projective", image).isEmpty()
    key.set_items(["field", "winner", "projective", "padding"])
    assert key.screen_rect().width() > two.width()
    assert pane.pane().contains(key.screen_rect())
    key.set_items([])
    assert inked(pane, "winner").isEmpty()


def test_winners_are_discs_on_their_pixels(pane: Canvas) -> None:
    discs = Winners(pane)
    discs.set_points([10, 80], [20, 70])
    image = picture(pane)
    for row, col in ((10, 20), (80, 70)):
        centre = pane.to_screen(row + 0.5, col + 0.5).toPoint()
        assert image.pixelColor(centre).name() == theme.overlay("winner").name()
    assert image.pixelColor(200, 200).red() == 128
    discs.set_points([], [])
    assert inked(pane, "winner").isEmpty()


def test_dim_covers_the_outside_only(pane: Canvas) -> None:
    dim = Dim(pane)
    dim.set_box((40, 40, 60, 60))
    image = picture(pane)
    canvas = theme.colour("canvas").red()
    assert image.pixelColor(200, 200).red() == 128
    assert image.pixelColor(20, 20).red() == pytest.approx(0.2 * 128 + 0.8 * canvas, abs=2)


def test_pin_and_rubber_band(pane: Canvas) -> None:
    pin, band = Pin(pane, 3), RubberBand(pane)
    pin.set_unit((0, 0))
    assert inked(pane, "selected").width() > 16, "the number chip stays on the pane"
    pin.set_unit(None)
    assert inked(pane, "selected").isEmpty()
    band.set_box((10, 10, 21, 23), "11 × 13")
    assert not inked(pane, "selected").isEmpty()
    band.set_box(None)
    assert inked(pane, "selected").isEmpty()


@pytest.mark.parametrize("name", theme.THEMES)
def test_ring_is_hatched_around_the_data(pane: Canvas, qapp, name: str) -> None:
    pane.set_full_shape((10, 10))
    pane.set_image(np.zeros((10, 10), np.uint8))
    theme.set_theme(qapp, name, 1.0)
    pane.set_values_shown(False)
    pane.set_ring(((2, 1), (3, 0)))
    assert pane.fitted and pane.visible_box() == (0, 0, 10, 10)
    image = picture(pane)
    pad, ground = (np.array(theme.colour(k).getRgb()[:3]) for k in ("pad", "canvas"))

    def hatched(box: tuple[float, float, float, float]) -> bool:
        area = pane.screen_box(box).toRect().adjusted(3, 3, -3, -3)
        points = [(x, y) for x in range(area.left(), area.right()) for y in range(area.top(), area.bottom())]
        seen = np.array([image.pixelColor(x, y).getRgb()[:3] for x, y in points])
        lines, between = (np.abs(seen - ink).max(axis=1).min() for ink in (pad, ground))
        return lines < 60 and between == 0

    assert hatched((-2, 0, 0, 10)) and hatched((10, 0, 11, 10)) and hatched((0, -3, 10, 0))
    assert image.pixelColor(pane.to_screen(5, 5).toPoint()).red() == 0
    pane.set_ring(None)
    image = picture(pane)
    assert not hatched((0, 0, 1, 9))


def test_ring_shows_the_values_it_holds(pane: Canvas) -> None:
    pane.set_full_shape((4, 4))
    pane.set_ring(((1, 1), (1, 1)), lambda r, c: 10.0 * r + c)
    assert pane.ring.value_at(-1, 4) == -6
    assert sorted(pane.ring.cells((-9, -9, 1, 9))) == [(-1, c) for c in range(-1, 5)] + [(0, -1), (0, 4)]
    pane.set_ring_focus((-1, -1, 1, 1))
    image = picture(pane)
    corner = pane.to_screen(-0.9, -0.9).toPoint()
    assert image.pixelColor(corner).name().upper() == theme.PADDED_GROUND
    assert image.pixelColor(pane.to_screen(-0.9, 2.1).toPoint()).name().upper() != theme.PADDED_GROUND


def test_of_a_very_wide_ring_only_what_is_seen_is_asked_for(pane: Canvas) -> None:
    pane.set_view(50, 50, 4)
    pane.ring.set_padding(((100_000, 100_000), (100_000, 100_000)))
    assert not picture(pane).isNull()
    assert len(list(pane.ring.cells((-9, -9, 1, 9)))) < 200


def test_minimap_shows_when_it_tells_something(qtbot, pane: Canvas) -> None:
    small = Minimap(pane)
    small.set_full_shape((100, 100))
    small.set_image(np.zeros((50, 50), np.uint8))
    small.set_region((0, 0, 100, 100))
    assert small.isHidden()
    small.set_region((10, 10, 30, 30))
    assert small.isVisible()
    assert small.geometry().bottom() <= pane.height() and small.geometry().left() == 6
    went = []
    small.movedTo.connect(lambda r, c: went.append((round(r), round(c))))
    QTest.mouseClick(small, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(36, 18))
    assert went == [(25, 50)]


def test_overlays_survive_their_pane(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    pane = Canvas("Input")
    pane.setParent(window)
    frame = Outline(pane)
    frame.set_box((0, 0, 1, 1))
    window.show()
    pane.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(Canvas))
