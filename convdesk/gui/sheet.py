# SPDX-License-Identifier: GPL-3.0-or-later
"""The one style sheet of the program, built from the tokens. Roles and inks of labels are dynamic properties."""

from __future__ import annotations

from .theme import RADIUS, TYPE, active, px

INKS = ("text", "text2", "text3", "accent", "ok", "warn", "err", "rf", "pf", "pad", "win")


def sheet() -> str:
    """Return the style sheet of the theme in force."""
    return "\n".join((_base(), _labels(), _buttons(), _inputs(), _lists(), _docks()))


def _base() -> str:
    c = active.colours
    return f"""
    * {{ color: {c["text"]}; font-size: {px(13)}px; }}
    QMainWindow, QDialog, QWidget#root {{ background: {c["bg"]}; }}
    QMenuBar {{ background: {c["bg"]}; padding: {px(1)}px {px(4)}px; }}
    QMenuBar::item {{ padding: {px(4)}px {px(8)}px; border-radius: {px(4)}px; background: transparent; }}
    QMenuBar::item:selected {{ background: {c["soft"]}; }}
    QMenu {{ background: {c["surface"]}; border: 1px solid {c["edge"]}; padding: {px(4)}px; }}
    QMenu::item {{ padding: {px(5)}px {px(24)}px {px(5)}px {px(10)}px; border-radius: {px(4)}px;
        min-height: {px(18)}px; }}
    QMenu::item:selected {{ background: {c["soft"]}; }}
    QMenu::item:disabled {{ color: {c["text3"]}; }}
    QMenu::separator {{ height: 1px; background: {c["line"]}; margin: {px(4)}px {px(6)}px; }}
    QMenu::icon {{ padding-left: {px(6)}px; }}
    QToolTip {{ background: {c["surface"]}; color: {c["text"]}; border: 1px solid {c["edge"]};
        padding: {px(4)}px {px(6)}px;
        font-size: {px(12)}px; }}
    QFrame#card {{ background: {c["surface"]}; border: 1px solid {c["line"]}; border-radius: {px(RADIUS)}px; }}
    QFrame#rule {{ background: {c["line"]}; border: none; }}
    QFrame#bar {{ background: {c["surface"]}; border: 1px solid {c["edge"]}; border-radius: {px(6)}px; }}
    QFrame#toast {{ background: {c["surface"]}; border: 1px solid {c["edge"]}; border-radius: {px(RADIUS)}px; }}
    QLabel#note {{ background: {c["surface"]}; color: {c["err"]}; border: 1px solid {c["err"]};
        border-radius: {px(4)}px;
        padding: {px(3)}px {px(6)}px; font-size: {px(12)}px; }}
    QGraphicsView {{ border: none; background: {c["canvas"]}; }}
    """


def _labels() -> str:
    c = active.colours
    inks = "\n".join(f'QLabel[ink="{k}"] {{ color: {c[k]}; }}' for k in INKS)
    weights = "\n".join(f'QLabel[weight="{w}"] {{ font-weight: {w}; }}' for w in (400, 500, 600))
    sizes = "\n".join(f'QLabel[textSize="{k}"] {{ font-size: {px(v)}px; }}' for k, v in TYPE.items())
    return f"""
    QLabel {{ background: transparent; }}
    QLabel[role="title"] {{ font-size: {px(14)}px; font-weight: 600; }}
    QLabel[role="sub"] {{ color: {c["text2"]}; font-size: {px(12)}px; }}
    QLabel[role="cap"] {{ color: {c["text2"]}; font-size: {px(11)}px; }}
    QLabel[role="hint"] {{ color: {c["text3"]}; font-size: {px(12)}px; }}
    QLabel[role="error"] {{ color: {c["err"]}; font-size: {px(12)}px; }}
    QLabel[role="operator"] {{ color: {c["text2"]}; font-size: {px(20)}px; font-weight: 500; }}
    {inks}
    {weights}
    {sizes}
    """


def _buttons() -> str:
    c, r = active.colours, px(6)
    return f"""
    QToolButton {{ border: 1px solid transparent; border-radius: {r}px; padding: {px(4)}px;
        background: transparent; }}
    QToolButton:hover {{ background: {c["field"]}; border-color: {c["line"]}; }}
    QToolButton:pressed {{ background: {c["soft"]}; }}
    QToolButton:checked {{ background: {c["soft"]}; border-color: {c["accent"]}; }}
    QToolButton:disabled {{ color: {c["text3"]}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QPushButton {{ background: {c["field"]}; border: 1px solid {c["edge"]}; border-radius: {r}px;
        padding: {px(4)}px {px(14)}px; font-weight: 500; min-height: {px(18)}px; }}
    QPushButton:hover {{ border-color: {c["accent"]}; }}
    QPushButton:pressed {{ background: {c["soft"]}; }}
    QPushButton:disabled {{ color: {c["text3"]}; border-color: {c["line"]}; }}
    QPushButton[kind="primary"] {{ background: {c["accent"]}; border-color: {c["accent"]}; color: {c["on"]};
        font-weight: 600; }}
    QPushButton[kind="primary"]:disabled {{ background: {c["field"]}; border-color: {c["line"]};
        color: {c["text3"]}; }}
    QPushButton[kind="link"] {{ background: transparent; border: 1px solid transparent; color: {c["accent"]};
        padding: {px(4)}px {px(6)}px; }}
    QPushButton[kind="link"]:hover {{ background: {c["soft"]}; }}
    QRadioButton {{ spacing: {px(8)}px; padding: {px(6)}px {px(8)}px; border-radius: {r}px;
        border: 1px solid {c["line"]};
        background: {c["field"]}; }}
    QRadioButton:checked {{ border-color: {c["accent"]}; background: {c["soft"]}; }}
    QRadioButton::indicator {{ width: {px(12)}px; height: {px(12)}px; border-radius: {px(7)}px;
        border: 1px solid {c["edge"]};
        background: {c["surface"]}; }}
    QRadioButton::indicator:checked {{ border: {px(4)}px solid {c["accent"]}; width: {px(6)}px; height: {px(6)}px;
        background: {c["on"]}; }}
    QCheckBox {{ spacing: {px(8)}px; min-height: {px(28)}px; }}
    QCheckBox::indicator {{ width: {px(14)}px; height: {px(14)}px; border-radius: {px(4)}px;
        border: 1px solid {c["edge"]};
        background: {c["surface"]}; }}
    QCheckBox::indicator:checked {{ background: {c["accent"]}; border-color: {c["accent"]}; }}
    """


def _inputs() -> str:
    c = active.colours
    return f"""
    QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit {{ background: {c["field"]}; border: 1px solid {c["edge"]};
        border-radius: {px(5)}px; padding: {px(2)}px {px(7)}px; min-height: {px(20)}px;
        selection-background-color: {c["accent"]}; selection-color: {c["on"]}; }}
    QComboBox:disabled, QLineEdit:disabled {{ color: {c["text3"]}; border-color: {c["line"]}; }}
    QLineEdit:focus {{ border: 2px solid {c["accent"]}; padding: {px(2) - 1}px {px(7) - 1}px; }}
    QLineEdit[invalid="true"] {{ border: 2px solid {c["err"]}; color: {c["err"]};
        padding: {px(2) - 1}px {px(7) - 1}px; }}
    QLineEdit#search {{ border-color: {c["line"]}; padding-left: {px(2)}px; }}
    QLineEdit#cellEditor {{ background: {c["surface"]}; border: 2px solid {c["accent"]}; border-radius: 0; padding: 0;
        min-height: 0; }}
    QComboBox::drop-down {{ border: none; width: {px(22)}px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox QAbstractItemView {{ background: {c["surface"]}; border: 1px solid {c["edge"]}; padding: {px(4)}px;
        outline: none;
        selection-background-color: {c["soft"]}; selection-color: {c["text"]}; }}
    QComboBox QAbstractItemView::item {{ min-height: {px(26)}px; padding: 0 {px(6)}px; }}
    QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0;
        border: none; }}
    QPlainTextEdit, QTextEdit, QTextBrowser {{ background: {c["field"]}; border: 1px solid {c["line"]};
        border-radius: {px(5)}px;
        selection-background-color: {c["accent"]}; selection-color: {c["on"]}; }}
    QSlider::groove:horizontal {{ height: {px(4)}px; background: {c["line"]}; border-radius: {px(2)}px; }}
    QSlider::handle:horizontal {{ width: {px(14)}px; margin: -{px(5)}px 0; border-radius: {px(7)}px;
        background: {c["accent"]}; }}
    """


def _lists() -> str:
    c = active.colours
    return f"""
    QTableView, QListView, QTreeView {{ background: transparent; border: none; gridline-color: transparent;
        font-size: {px(12)}px; outline: none; }}
    QTableView::item {{ padding: 0 {px(4)}px; border-bottom: 1px solid {c["line"]}; }}
    QTableView::item:selected, QListView::item:selected, QTreeView::item:selected {{ background: {c["soft"]};
        color: {c["text"]}; }}
    QHeaderView {{ background: transparent; }}
    QHeaderView::section {{ background: transparent; border: none; border-bottom: 1px solid {c["edge"]};
        color: {c["text2"]};
        font-size: {px(11)}px; padding: {px(2)}px {px(4)}px; font-weight: 500; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ width: {px(10)}px; background: transparent; margin: 0; }}
    QScrollBar:horizontal {{ height: {px(10)}px; background: transparent; margin: 0; }}
    QScrollBar::handle {{ background: {c["edge"]}; border-radius: {px(3)}px; margin: {px(2)}px;
        min-height: {px(28)}px;
        min-width: {px(28)}px; }}
    QScrollBar::handle:hover {{ background: {c["text3"]}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QProgressBar {{ background: {c["line"]}; border: none; border-radius: {px(2)}px; max-height: {px(4)}px;
        color: transparent; }}
    QProgressBar::chunk {{ background: {c["accent"]}; border-radius: {px(2)}px; }}
    """


def _docks() -> str:
    c = active.colours
    return f"""
    QDockWidget {{ border: none; }}
    QDockWidget::title {{ background: {c["bg"]}; color: {c["text2"]}; padding: {px(2)}px {px(8)}px; }}
    QMainWindow::separator {{ background: {c["bg"]}; width: {px(8)}px; height: {px(8)}px; }}
    QMainWindow::separator:hover {{ background: {c["line"]}; }}
    QSplitter::handle {{ background: transparent; }}
    QToolBar {{ background: {c["bg"]}; border: none; spacing: {px(3)}px; padding: 0 {px(8)}px; }}
    QStatusBar {{ background: {c["bg"]}; color: {c["text2"]}; }}
    QStatusBar::item {{ border: none; }}
    """
