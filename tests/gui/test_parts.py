# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of panels are real controls: by mouse, by keyboard, and for screen readers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLayout, QPushButton, QToolButton, QWidget

from convdesk.gui import focus, theme
from convdesk.gui.parts import (
    Bar,
    Button,
    Card,
    Chip,
    Combo,
    Facts,
    Fields,
    Segmented,
    Steps,
    Sum,
    Tabs,
    Toast,
    Tool,
    column,
    form,
    label,
    row,
    set_label,
)

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
NAMES = ["Terms", "Channels", "Matrix", "Laws", "Cost", "Edges", "Matches", "Learn", "Jobs"]


@pytest.fixture
def window(qtbot) -> Iterator[QWidget]:
    """A shown window of 600 × 400."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield window


def put(window: QWidget, *things: QWidget | QLayout | int) -> None:
    window.setLayout(column(*things))
    QApplication.processEvents()


def click(widget, index: int) -> None:
    box = dict(widget.boxes())[index]
    QTest.mouseClick(widget, LEFT, NONE, box.center().toPoint())


# ------------------------------------------------------------------------------------------------------ tabs, segments
@pytest.mark.parametrize("kind", [Segmented, Tabs])
def test_choice_by_mouse_and_keys(window: QWidget, kind: type) -> None:
    choice = kind(["Correlation", "Convolution", "Pearson"], 0, name="Operator")
    put(window, choice, 1)
    said = []
    choice.changed.connect(said.append)
    click(choice, 2)
    click(choice, 2)
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Left)
    QTest.keyClick(choice, Qt.Key.Key_Home)
    QTest.keyClick(choice, Qt.Key.Key_Left)
    QTest.keyClick(choice, Qt.Key.Key_End)
    assert said == [2, 1, 0, 2]
    assert choice.accessibleName() == "Operator: Pearson"
    choice.set_current(1)
    assert choice.current_text() == "Convolution" and len(said) == 4, "what is merely so is not said"


def test_tabs_that_do_not_fit_are_in_the_menu(window: QWidget, qtbot) -> None:
    tabs = Tabs(NAMES, 0, name="Bench panels")
    put(window, tabs, 1)
    tabs.setFixedWidth(tabs.sizeHint().width())
    assert tabs.shown() == list(range(9))
    tabs.setFixedWidth(260)
    shown = tabs.shown()
    assert 0 < len(shown) < 9 and tabs.MORE in dict(tabs.boxes())
    assert max(box.right() for _, box in tabs.boxes()) <= 260 + 1
    said = []
    tabs.changed.connect(said.append)
    click(tabs, tabs.MORE)
    qtbot.waitUntil(tabs.menu.isVisible)
    rest = [a.text() for a in tabs.menu.actions()]
    assert rest == [n for i, n in enumerate(NAMES) if i not in shown]
    tabs.menu.actions()[-1].trigger()
    tabs.menu.close()
    assert said == [8] and 8 in tabs.shown(), "the tab in front is always seen"


def test_segments_never_cut_their_words(window: QWidget) -> None:
    choice = Segmented(["Correlation", "Convolution", "Pearson"])
    put(window, choice, 1)
    fm = choice.fontMetrics()
    for i, box in choice.boxes():
        assert box.width() > fm.horizontalAdvance(choice.options()[i])


# -------------------------------------------------------------------------------------------------------------- fields
def test_fields_commit_on_enter_and_on_leaving(window: QWidget, qtbot) -> None:
    fields, other = Fields(5, 5, name="Kernel size", minimum=1, maximum=31), Button("Run")
    put(window, fields, other, 1)
    said = []
    fields.committed.connect(said.append)
    rows, cols = fields.boxes()
    rows.setFocus()
    QTest.keyClicks(rows, "7")
    assert fields.values() == [5, 5], "typing alone changes nothing"
    QTest.keyClick(rows, Qt.Key.Key_Return)
    cols.setFocus()
    QTest.keyClicks(cols, "3")
    other.setFocus()
    assert said == [[7, 5], [7, 3]]
    assert cols.accessibleName() == "Kernel size, columns"


def test_fields_say_why_not_and_move_nothing(window: QWidget) -> None:
    fields, below = Fields(5, 5, name="Kernel size", minimum=1, maximum=31), Fields(1, name="Stride")
    put(window, fields, below, 1)
    said = []
    fields.committed.connect(said.append)
    place = below.geometry()
    box = fields.boxes()[0]
    box.setFocus()
    QTest.keyClicks(box, "99")
    QTest.keyClick(box, Qt.Key.Key_Return)
    note = window.findChild(QWidget, "note")
    assert fields.problem() == "Kernel size must be at most 31, got 99."
    assert note.isVisible() and note.text() == fields.problem() and box.property("invalid")
    assert window.rect().contains(note.geometry())
    QApplication.processEvents()
    assert below.geometry() == place
    assert said == [] and fields.values() == [5, 5]
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == "5" and fields.problem() == "" and not note.isVisible()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("2.5", "2.5 is not a whole number."), ("x", "‘x’ is not a number."), ("0", "Stride must be at least 1, got 0.")],
)
def test_fields_name_the_trouble(window: QWidget, text: str, sentence: str) -> None:
    fields = Fields(1, name="Stride", minimum=1)
    put(window, fields, 1)
    fields.boxes()[0].setFocus()
    QTest.keyClicks(fields.boxes()[0], text)
    QTest.keyClick(fields.boxes()[0], Qt.Key.Key_Return)
    assert fields.problem() == sentence


def test_fields_step_by_arrows_and_wheel_within_bounds(window: QWidget, wheel) -> None:
    fields = Fields(2, name="Stride", minimum=1)
    put(window, fields, Button("Run"), 1)
    box = fields.boxes()[0]
    said = []
    fields.committed.connect(said.append)
    wheel(box, QPoint(5, 5), 1)
    assert said == [], "without the focus the wheel is not for it"
    box.setFocus()
    wheel(box, QPoint(5, 5), 1)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(box, key)
    assert said == [[3], [2], [1]]


def test_real_numbers_are_written_exactly(window: QWidget) -> None:
    fields = Fields(-4.0, name="Bias", whole=False, step=0.5)
    put(window, fields, 1)
    box = fields.boxes()[0]
    assert box.text() == "−4"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert fields.values() == [-3.5] and box.text() == "−3.5"
    QTest.keyClicks(box, "1/3")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert fields.values() == [1 / 3]


def test_a_refusal_from_outside_is_shown_until_the_value_is_so(window: QWidget) -> None:
    fields = Fields(2, 2, name="Stride")
    put(window, fields, 1)
    fields.set_problem("Max pool 9 × 9 needs at least 9 rows, pool1 gives 6.", 0)
    assert [bool(b.property("invalid")) for b in fields.boxes()] == [True, False]
    fields.set_values(3, 3, 3)
    assert fields.problem() == "" and [b.text() for b in fields.boxes()] == ["3", "3", "3"]


# ----------------------------------------------------------------------------------------------------- tools and chips
def test_tool_stands_for_its_action(window: QWidget) -> None:
    action = QAction("&Receptive field", window)
    action.setCheckable(True)
    action.setShortcut(QKeySequence("Shift+E"))
    tool = Tool("field", "?").follow(action)
    put(window, tool, 1)
    assert tool.accessibleName() == "Receptive field" and tool.accessibleDescription() == "Shift+E"
    QTest.mouseClick(tool, LEFT)
    assert action.isChecked() and tool.isChecked()
    action.setChecked(False)
    assert not tool.isChecked()
    action.setEnabled(False)
    assert not tool.isEnabled()


def test_chip_is_a_button_only_when_it_offers_something(window: QWidget, qtbot) -> None:
    fact, offer = Chip("Correlation"), Chip("alpha ignored", "warn", "It was dropped.", clickable=True)
    put(window, row(fact, offer, 1), 1)
    assert fact.focusPolicy() == Qt.FocusPolicy.NoFocus
    heard = []
    fact.clicked.connect(lambda: heard.append("fact"))
    QTest.mouseClick(fact, LEFT)
    with qtbot.waitSignal(offer.clicked, timeout=1000):
        QTest.mouseClick(offer, LEFT)
    with qtbot.waitSignal(offer.clicked, timeout=1000):
        QTest.keyClick(offer, Qt.Key.Key_Space)
    assert heard == []
    before = offer.width()
    offer.set_text("alpha ignored, 16 bit")
    QApplication.processEvents()
    assert offer.width() > before


def test_combo_scrolls_the_page_unless_focused(window: QWidget, wheel) -> None:
    choice = Combo("Zeros", "Reflect", "Circular", name="Edge mode")
    put(window, choice, Button("Run"), 1)
    wheel(choice, QPoint(5, 5), -1)
    assert choice.currentIndex() == 0
    choice.setFocus()
    wheel(choice, QPoint(5, 5), -1)
    assert choice.currentIndex() == 1


# ------------------------------------------------------------------------------------------------------ focus and size
def test_ring_shows_for_the_keyboard_only(window: QWidget) -> None:
    first, second = Button("Run"), Button("Keep")
    put(window, row(first, second), 1)
    first.setFocus(Qt.FocusReason.MouseFocusReason)
    ring = focus.ring_of(first)
    assert not ring.isVisible()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus() and ring.isVisible() and ring.target is second
    around = second.geometry()
    assert ring.geometry() == around.adjusted(-4, -4, 4, 4)
    window.resize(700, 400)
    QApplication.processEvents()
    assert ring.geometry() == second.geometry().adjusted(-4, -4, 4, 4), "it follows"
    second.hide()
    assert ring.target is not second
    first.hide()
    assert not ring.isVisible()


def test_ring_always_shows_in_high_contrast(window: QWidget, qapp) -> None:
    theme.set_theme(qapp, "contrast")
    button = Button("Run")
    put(window, button, 1)
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    assert focus.ring_of(button).isVisible()


@pytest.mark.parametrize(("name", "scale", "least"), [("light", 1.0, 28), ("projector", 1.5, 40), ("dark", 2.0, 56)])
def test_targets_are_large_enough(window: QWidget, qapp, name: str, scale: float, least: int) -> None:
    parts = [
        Tool("fit", "Fit"),
        Button("Run"),
        Button("Add layer", "link", "add"),
        Combo("a"),
        Segmented(["a", "b"]),
        Tabs(["a", "b"]),
        Chip("x", clickable=True),
    ]
    put(window, *parts, *Fields(1, 2, name="x").boxes(), 1)
    theme.set_theme(qapp, name, scale)
    QApplication.processEvents()
    for part in parts:
        assert part.height() >= least, type(part).__name__
    assert parts[0].width() >= least


@pytest.mark.parametrize("scale", [0.85, 1.0, 1.5, 2.0])
def test_card_head_keeps_its_actions(window: QWidget, qapp, scale: float) -> None:
    theme.set_theme(qapp, "light", scale)
    actions = [Tool("copy", "Copy"), Tool("more", "More")]
    card = Card("A layer with quite a long name", "and even more about what is shown here " * 3, *actions)
    put(window, card)
    window.resize(int(320 * scale), 200)
    QApplication.processEvents()
    for action in actions:
        right = action.mapTo(card, QPoint(action.width(), 0)).x()
        assert right <= card.width() and action.width() >= action.minimumWidth()


def test_form_labels_name_their_controls(window: QWidget) -> None:
    bare, named = Combo("a"), Combo("b", name="Edge mode of the layer")
    put(window, form([("Edge mode", bare), ("Padding", named), ("", Segmented(["x", "y"]))]), 1)
    assert bare.accessibleName() == "Edge mode" and named.accessibleName() == "Edge mode of the layer"


def test_facts_sum_and_steps_speak(qtbot) -> None:
    facts, total, steps = Facts(("Field", "22", "rf"), ("Jump", "2")), Sum([("Sum", "83.10")], "79.10"), Steps(6, 2)
    for widget in (facts, total, steps):
        qtbot.addWidget(widget)
        widget.resize(200, widget.sizeHint().height())
        widget.grab()
    assert facts.accessibleName() == "Field 22, Jump 2"
    assert total.accessibleName() == "Sum 83.10, result 79.10"
    assert steps.accessibleName() == "step 3 of 6"


def test_label_changes_its_ink(window: QWidget) -> None:
    words = label("✓ verified", ink="ok")
    put(window, words, 1)
    set_label(words, "✕ differs", "err")
    assert words.palette().color(words.foregroundRole()).name().upper() == theme.active["err"]


# ------------------------------------------------------------------------------------------------------------- notices
def test_bar_pushes_nothing_and_offers(window: QWidget, qtbot) -> None:
    card = Card("Stage")
    put(window, card)
    place = card.head.geometry()
    bar, kept = Bar(card), []
    bar.show_text(
        "ConvDesk closed unexpectedly at 14:32.", [("Keep", lambda: kept.append(1)), ("Discard", lambda: None)]
    )
    QApplication.processEvents()
    assert bar.isVisible() and card.head.geometry() == place
    assert bar.height() == 36 and card.rect().contains(bar.geometry())
    with qtbot.waitSignal(bar.closed, timeout=1000):
        QTest.mouseClick(bar.buttons()[0], LEFT)
    assert kept == [1] and not bar.isVisible()


def test_newest_toast_replaces_and_errors_stay(window: QWidget, qtbot) -> None:
    toast = Toast(window)
    toast.show_text("Saved kernel.png (1,400 × 900)")
    assert toast._timer.isActive()
    toast.show_text("3 of 1,204 files failed", [("Show errors", lambda: None)], "error")
    assert toast.text() == "3 of 1,204 files failed" and not toast._timer.isActive()
    assert [b.text() for b in toast.buttons()] == ["Show errors"]
    assert window.rect().contains(toast.geometry())
    toast.show_text("Saved")
    toast._timer.setInterval(1)
    toast._timer.start()
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_every_control_has_a_name(window: QWidget) -> None:
    card = Card("Layer", "layer 4", Tool("more", "More"))
    card.add(form([("Kernel size", Fields(5, 5, name="Kernel size")), ("Edge mode", Combo("Zeros"))]))
    card.add(Segmented(["a", "b"], name="Operator"))
    put(window, card, Button("Run"), Chip("x", clickable=True), 1)
    Bar(card).show_text("A sentence.", [("Keep", lambda: None)])
    for widget in window.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(widget, QToolButton | QPushButton):
            owner = widget.parentWidget()
            inner = isinstance(owner, Combo) or type(widget).__name__ in ("QScrollArea", "QLabel")
            assert inner or widget.accessibleName(), widget


def test_long_names_elide_in_the_middle_and_short_ones_stay_whole(window: QWidget, qtbot) -> None:
    card = Card("Output", "blobs · 256 × 256", Tool("fit", "Fit"))
    put(window, card)
    assert card.title.shown_text() == "Output" and card.sub.shown_text() == "blobs · 256 × 256"
    card.set_title("A layer with quite a long name", "and even more words about what is shown in this card")
    window.resize(340, 200)
    qtbot.waitUntil(lambda: "…" in card.sub.shown_text())
    card.grab()
    assert card.sub.toolTip() == "and even more words about what is shown in this card"
    assert card.sub.shown_text().startswith("and") or card.sub.shown_text()[0] == "…"


def test_ring_follows_a_page_that_scrolls(window: QWidget, qtbot) -> None:
    from PyQt6.QtWidgets import QScrollArea

    page, area = QWidget(), QScrollArea()
    buttons = [Button(f"Run {i}") for i in range(30)]
    page.setLayout(column(*buttons))
    area.setWidget(page)
    put(window, area)
    buttons[3].setFocus(Qt.FocusReason.TabFocusReason)
    ring = focus.ring_of(buttons[3])
    before = ring.geometry()
    area.verticalScrollBar().setValue(40)
    qtbot.waitUntil(lambda: ring.geometry().top() == before.top() - 40)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: not ring.isVisible())
