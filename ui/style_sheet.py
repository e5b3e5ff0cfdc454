"""The one style sheet: what Fusion with our palette does not give by itself.

Widgets choose a variant by a dynamic property: `role` of a label, `primary` and `quiet` of a
button, `panel` of a frame, `problem` of a field, `pills`, `compact` and `small` of a tab
bar.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.palette import Colors

_SHEET = Template("""
QToolTip {
    background: $tooltip; color: $tooltip_text; border: 0; padding: ${p4}px ${p7}px;
    font-size: ${p12}px;
}
QFrame[panel="true"] { background: $surface; border: 0; }
QFrame[panel="popup"] { background: $surface; border: 1px solid $border; }
QWidget[page="true"] { background: $surface; }
QFrame[frameShape="4"], QFrame[frameShape="5"] { border: 0; background: $border_soft; }
QFrame[frameShape="4"] { max-height: ${line}px; min-height: ${line}px; }
QFrame[frameShape="5"] { max-width: ${line}px; min-width: ${line}px; }

QFrame#finder { background: $surface; border: ${line}px solid $border; border-radius: ${p8}px; }
QLabel#preview {
    background: $tooltip; color: $tooltip_text; padding: ${p4}px ${p8}px; border-radius: ${p4}px;
}
QLabel#preview[problem="true"] {
    background: $danger_soft; color: $danger_ink; border: ${line}px solid $danger;
}
QPushButton#problems {
    background: $danger_soft; color: $danger_ink; border-color: $danger; font-weight: bold;
}
QFrame#problem-list { background: $surface; border: ${line}px solid $border; }
QFrame#note { background: $surface; border: ${line}px solid $border; }

QLabel { background: transparent; }
QLabel[role="caption"] { color: $text_muted; font-size: ${p11}px; }
QLabel[role="muted"] { color: $text_muted; }
QLabel[role="label"] { color: $label; }
QLabel[role="heading"] { color: $heading; font-weight: bold; }
QLabel[role="number"] { color: $text; font-weight: bold; }
QLabel[role="title"] { color: $text; font-weight: bold; font-size: ${p18}px; }
QLabel[role="danger"] { color: $danger_ink; }
QLabel[role="warning"] { color: $warning_ink; }
QLabel[role="ok"] { color: $ok; }

QPushButton, QToolButton {
    background: $surface; color: $text; border: ${line}px solid $border; border-radius: ${p6}px;
    padding: ${b5}px ${b11}px;
}
QPushButton { min-height: ${p19}px; }
QToolButton { padding: ${b5}px ${b7}px; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $accent_soft; }
QPushButton:checked, QToolButton:checked {
    background: $accent_soft; border-color: $accent; color: $accent_ink;
}
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $disabled; border-color: $border_soft; }
QPushButton[primary="true"] {
    background: $accent; color: $accent_text; border-color: $accent;
}
QPushButton[primary="true"]:hover { background: $accent_hover; }
QPushButton[primary="true"]:pressed { background: $accent_hover; }
QPushButton[primary="true"]:focus { border-color: $text; }
QPushButton[primary="true"]:disabled {
    background: $track; border-color: $border_soft; color: $disabled;
}
QPushButton[quiet="true"], QToolButton[quiet="true"] {
    background: transparent; border-color: transparent;
}
QPushButton[quiet="true"]:hover, QToolButton[quiet="true"]:hover { background: $hover; }
QPushButton[quiet="true"]:checked, QToolButton[quiet="true"]:checked { background: $accent_soft; }
QPushButton[quiet="true"]:focus, QToolButton[quiet="true"]:focus { border-color: $accent; }
QToolButton[quiet="true"] { padding: ${b3}px; }
QToolButton[link="true"]:checked { background: transparent; border-color: transparent; }
QToolButton[link="true"]:checked:focus { border-color: $accent; }
QToolButton[why="true"] {
    background: transparent; border: ${line}px solid transparent; border-radius: ${p4}px;
    padding: 0; color: $text_muted; font-size: ${p11}px;
}
QToolButton[why="true"]:hover { background: $accent_soft; color: $accent_ink; }
QToolButton[why="true"]:focus { border-color: $accent; color: $accent_ink; }
QPushButton[swatch="true"] {
    background: transparent; border-color: transparent; min-height: 0; padding: 0 ${p4}px;
}
QPushButton[swatch="true"]:hover { background: $hover; }
QPushButton[swatch="true"]:focus { border-color: $accent; }
QPushButton[pill] {
    background: $track; color: $label; border-color: $track; border-radius: ${p11}px;
    padding: ${p3}px ${p22}px ${p3}px ${p10}px; min-height: 0;
}
QPushButton[pill="ok"] { background: $ok_soft; color: $ok; border-color: $ok_soft; }
QPushButton[pill]:hover, QPushButton[pill]:open { border-color: $border; }
QPushButton[pill]:focus { border-color: $accent; }
QPushButton::menu-indicator, QToolButton::menu-indicator {
    image: url(icons:control-down$arrows.svg); width: ${p10}px; height: ${p10}px;
    subcontrol-position: right center; right: ${p6}px;
}
QPushButton[menu="true"] { padding-right: ${p20}px; }
QToolButton[menu="true"] { padding-right: ${p20}px; }
QPushButton[pill]::menu-indicator { right: ${p8}px; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit, QFrame[field="true"] {
    background: $surface; color: $text; border: ${line}px solid $border; border-radius: ${p6}px;
    selection-background-color: $accent; selection-color: $accent_text;
}
QLineEdit, QComboBox { padding: ${p4}px ${p7}px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $arrow; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus,
QFrame[field="true"][active="true"] { border-color: $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
    color: $disabled; border-color: $border_soft;
}
QAbstractSpinBox[problem="true"], QComboBox[problem="true"], QLineEdit[problem="true"],
QPushButton[problem="true"], QFrame[field="true"][problem="true"] {
    border-color: $danger; background: $danger_soft; color: $danger_ink;
}
QAbstractSpinBox[bare="true"], QAbstractSpinBox[bare="true"]:focus,
QAbstractSpinBox[bare="true"]:hover { border: 0; background: transparent; padding: 0; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {
    border: 0; padding: 0; background: transparent;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    subcontrol-origin: border; width: ${p18}px; border: 0; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-arrow { image: url(icons:control-up$arrows.svg); }
QAbstractSpinBox::down-arrow { image: url(icons:control-down$arrows.svg); }
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow { width: ${p9}px; height: ${p9}px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::up-arrow:disabled,
QAbstractSpinBox::down-arrow:off, QAbstractSpinBox::down-arrow:disabled { image: none; }
QComboBox { combobox-popup: 0; padding-right: ${p4}px; }
QComboBox::drop-down {
    subcontrol-origin: padding; subcontrol-position: right center; width: ${p18}px; border: 0;
}
QComboBox::down-arrow {
    image: url(icons:control-down$arrows.svg); width: ${p10}px; height: ${p10}px;
}
QComboBox QAbstractItemView {
    background: $surface; color: $text; border: ${line}px solid $border; outline: 0;
    padding: ${p3}px; selection-background-color: $accent_soft; selection-color: $accent_ink;
}
QComboBox QAbstractItemView::item { min-height: ${p24}px; padding: 0 ${p6}px; }

QDialogButtonBox, QMessageBox { dialogbuttonbox-buttons-have-icons: 0; }
QCheckBox, QRadioButton { spacing: ${p7}px; background: transparent; padding: ${p3}px; }
QCheckBox::indicator, QGroupBox::indicator, QAbstractItemView::indicator,
QMenu::indicator:non-exclusive {
    width: ${p14}px; height: ${p14}px; border: ${line}px solid $arrow; border-radius: ${p4}px;
    background: $surface;
}
QCheckBox::indicator:hover, QCheckBox:focus::indicator { border-color: $accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked,
QMenu::indicator:non-exclusive:checked {
    background: $accent; border-color: $accent; image: url(icons:$check.svg);
}
QCheckBox::indicator:disabled { border-color: $border_soft; background: $track; }

QMenuBar { background: $surface; }
QMenuBar::item { padding: ${p4}px ${p8}px; border-radius: ${p4}px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu {
    background: $surface; border: ${line}px solid $border; padding: ${p5}px; icon-size: ${p16}px;
}
QMenu::item {
    padding: ${p5}px ${p24}px ${p5}px ${p10}px; border-radius: ${p4}px; color: $text;
}
QMenu::item:selected { background: $accent_soft; color: $accent_ink; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::icon { padding-left: ${p8}px; }
QMenu::separator { height: 1px; background: $border_soft; margin: ${p5}px ${p4}px; }
QMenu::indicator { width: ${p14}px; height: ${p14}px; margin-left: ${p6}px; }
QMenu::indicator:non-exclusive { width: ${p12}px; height: ${p12}px; }
QMenu::indicator:exclusive:checked { image: url(icons:control-dot$arrows.svg); }

QSplitter::handle { background: $border_soft; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }

QTabBar[pills="true"] { background: transparent; }
QTabBar[small="true"] { font-size: ${p11}px; }
QTabBar[pills="true"]::tab {
    background: transparent; color: $text_muted; border: ${line}px solid transparent;
    border-radius: ${p6}px; padding: ${p4}px ${p8}px; margin-right: ${p2}px;
}
QTabBar[compact="true"]::tab { padding: ${p4}px ${p5}px; margin-right: 0; }
QTabBar[pills="true"]::tab:hover { background: $hover; color: $text; }
QTabBar[pills="true"]::tab:selected { background: $accent_soft; color: $accent_ink; }
QTabBar[pills="true"]::tab:selected:focus { border-color: $accent; }
QTabBar[pills="true"]::tab:disabled { color: $disabled; }
QTabBar[pills="true"]::scroller { width: ${p20}px; }
QTabBar[pills="true"] QToolButton { background: $surface; border: 0; padding: 0; }
QTabBar[pills="true"] QToolButton:hover { background: $hover; }
QTabBar[pills="true"] QToolButton::left-arrow { image: url(icons:control-left$arrows.svg); }
QTabBar[pills="true"] QToolButton::right-arrow { image: url(icons:control-right$arrows.svg); }

QAbstractScrollArea { background: $surface; border: 0; }
QScrollBar { background: transparent; border: 0; margin: 0; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollBar:vertical { width: ${p10}px; }
QScrollBar:horizontal { height: ${p10}px; }
QScrollBar::handle { background: $border; border-radius: ${p3}px; margin: 2px; }
QScrollBar::handle:vertical { min-height: ${p24}px; }
QScrollBar::handle:horizontal { min-width: ${p24}px; }
QScrollBar::handle:hover { background: $arrow; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTableView {
    border: ${line}px solid $border_soft; border-radius: ${p6}px; padding: 1px;
    selection-background-color: $accent_soft; selection-color: $accent_ink;
}
QTableView:focus { border-color: $accent; }
QHeaderView { background: $surface; border: 0; }
QHeaderView::section {
    background: $surface; color: $label; border: 0; border-bottom: ${line}px solid $border_soft;
    padding: ${p3}px ${p5}px;
}

QSlider:horizontal { min-height: ${p18}px; }
QSlider::groove:horizontal { height: ${p4}px; border-radius: ${p1}px; background: $track; }
QSlider::sub-page:horizontal { border-radius: ${p1}px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal {
    width: ${p10}px; height: ${p10}px; margin: -${p4}px 0; border-radius: ${p6}px;
    background: $surface; border: ${p1}px solid $accent;
}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QSlider::handle:horizontal:disabled { border-color: $border; background: $track; }

QProgressBar {
    background: $track; border: 0; border-radius: ${p3}px; max-height: ${p6}px; min-height: ${p6}px;
}
QProgressBar::chunk { background: $accent; border-radius: ${p3}px; }
QProgressBar[run] {
    border-radius: ${p1}px; min-height: ${p3}px; max-height: ${p3}px;
}
QProgressBar[run]::chunk { border-radius: ${p1}px; }
QProgressBar[run="none"] { background: transparent; }
QProgressBar[run="paused"]::chunk { background: $arrow; }
QProgressBar[run="failed"]::chunk { background: $danger; }
QStatusBar { background: $surface; color: $text_muted; }
QStatusBar::item { border: 0; }

QFrame[banner="info"] { background: $accent_soft; }
QFrame[banner="warning"] { background: $warning_soft; }
QFrame[banner="error"] { background: $danger_soft; }
QFrame[banner="info"] QLabel { color: $accent_ink; }
QFrame[banner="warning"] QLabel { color: $warning_ink; }
QFrame[banner="error"] QLabel { color: $danger_ink; }
""")


_ARROWS = {"#333333": "-dark", "#d0d0d0": "-light"}
"""Which of the arrows, as files, have a colour of high contrast."""


def style_sheet(colors: Colors, px: Callable[[float], int], line: int = 1) -> str:
    """The sheet in these colours; `px` scales a length, `line` is the width of borders.

    In the sheet `$p5` is a length of 5, and `$b5` a padding of 5 beside a border: a thicker border
    takes its room from the padding, so that buttons are as large as ever, with the same icon.
    """
    names = [name for name in colors.__slots__ if isinstance(getattr(colors, name), str)]
    values: dict[str, object] = {name: getattr(colors, name) for name in names}
    values["line"] = line
    # The marks of the style sheet are files, each of one colour.
    values["check"] = "control-check" if colors.accent_text == "#ffffff" else "control-check-dark"
    values["arrows"] = _ARROWS.get(colors.arrow, "")
    values |= {f"p{size}": px(size) for size in range(1, 41)}
    values |= {f"b{size}": px(size) + 1 - line for size in (3, 5, 7, 11)}
    return _SHEET.substitute(values)
