"""Finds texts that a person cannot read whole: cut off, or pushed out of what they stand in, be
that a panel, the canvas or the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGraphicsView,
    QLabel,
    QMenu,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from ui.widgets import screen_room
from ui.widgets.labels import ShortLabel

if TYPE_CHECKING:
    from collections.abc import Iterator

_SLACK = 1
"""Pixels by which Qt's own measures differ from one style to another."""
_EDGE = 4
"""Pixels of a bubble's edge, which need not be seen for its words to be read."""
_FRAME = 2
"""Pixels by which the offscreen platform moves a window for a frame that it does not have."""


def cut_texts(window: QWidget) -> list[str]:
    """A line for each text of labels, buttons and tabs that is on show and does not fit, and one
    for each window that has no room on the screen or, if it belongs to another, beyond that."""
    found = [f"{type(one).__name__}: {why}" for one in _windows(window) if (why := _beyond(one))]
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        for text, why in _of(widget):
            found.append(f"{type(widget).__name__} {text!r}: {why} ({_where(widget)})")
    return found


def _of(widget: QWidget) -> Iterator[tuple[str, str]]:
    if isinstance(widget, QTabBar):
        yield from _tabs(widget)
        return
    if isinstance(widget, QComboBox):
        # The path of a folder is as long as it is; Qt's file dialog has all of it in its list.
        if not isinstance(widget.window(), QFileDialog):
            yield from _choice(widget)
        return
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    if not text or isinstance(widget, ShortLabel):  # that one has all of it in its tool tip
        return
    if why := _too_small(widget) or _outside(widget):
        yield text, why


def _tabs(bar: QTabBar) -> Iterator[tuple[str, str]]:
    last = bar.tabRect(bar.count() - 1)
    if bar.count() and last.right() > bar.width() + _SLACK:
        yield bar.tabText(bar.count() - 1), f"ends at {last.right()} of {bar.width()}"
    for index in range(bar.count()):
        need = bar.fontMetrics().horizontalAdvance(bar.tabText(index))
        if bar.isTabVisible(index) and need > bar.tabRect(index).width() + _SLACK:
            yield bar.tabText(index), f"{need} wide, has {bar.tabRect(index).width()}"


def _choice(box: QComboBox) -> Iterator[tuple[str, str]]:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    kind, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
    room = box.style().subControlRect(kind, option, part, box).width()
    need = box.fontMetrics().horizontalAdvance(box.currentText())
    if need > room + _SLACK:
        yield box.currentText(), f"{need} wide, has {room}"


def _too_small(widget: QWidget) -> str:
    if isinstance(widget, QLabel) and widget.wordWrap():
        need = widget.heightForWidth(widget.width())
        return f"{need} high, has {widget.height()}" if need > widget.height() + _SLACK else ""
    if isinstance(widget, QLabel):
        least = widget.minimumSizeHint()
    elif isinstance(widget, QPushButton | QToolButton | QCheckBox | QRadioButton):
        if isinstance(widget, QToolButton) and (
            widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
            and not widget.icon().isNull()
        ):
            return ""
        least = widget.minimumSizeHint()
        if isinstance(widget, QPushButton | QToolButton):
            space = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            least.setWidth(min(least.width(), space + widget.iconSize().width()))
            least.setHeight(min(least.height(), widget.fontMetrics().height()))
    else:
        return ""
    if least.width() > widget.width() + _SLACK:
        return f"{least.width()} wide, has {widget.width()}"
    if least.height() > widget.height() + _SLACK:
        return f"{least.height()} high, has {widget.height()}"
    return ""


def _outside(widget: QWidget) -> str:
    """Whether a part of it lies outside of something that it stands in and that does not scroll."""
    standing, within, slack = widget, widget.parentWidget(), _SLACK
    while within is not None and not widget.isWindow():
        outer = within.parentWidget()
        if isinstance(outer, QAbstractScrollArea) and outer.viewport() is within:
            if not isinstance(outer, QGraphicsView):
                return ""
            widget, outer = standing, None  # over the canvas, where all of it is to be seen
            slack = _EDGE
        here = QRect(widget.mapTo(within, QPoint(0, 0)), widget.size())
        room = within.rect().adjusted(-slack, -slack, slack, slack)
        if not room.contains(here):
            return f"{here.getRect()} is not within {type(within).__name__} {within.size()}"
        if within.isWindow():
            return ""
        standing, within = within, outer
    return ""


def _windows(window: QWidget) -> Iterator[QWidget]:
    """It and what has opened over it; menus, which Qt places, are not among them."""
    yield window
    for widget in window.findChildren(QWidget):
        if widget.isWindow() and widget.isVisible() and not isinstance(widget, QMenu):
            yield widget


def _beyond(window: QWidget) -> str:
    """Whether a window is larger than its screen, or one that pops up is not over its owner."""
    room, here = screen_room.of(window).adjusted(0, 0, _FRAME, _FRAME), window.geometry()
    if window.windowType() != Qt.WindowType.Popup:
        fits = here.width() <= room.width() and here.height() <= room.height()
        return "" if fits else f"{here.size()} is larger than the screen, {room.size()}"
    parent = window.parentWidget()
    owner = parent.window().geometry().adjusted(0, 0, _FRAME, _FRAME) if parent else room
    aside = here.width() <= owner.width() and (
        here.left() < owner.left() or here.right() > owner.right()
    )
    if any(area.horizontalScrollBar().maximum() for area in window.findChildren(QScrollArea)):
        return "has to be scrolled sideways"
    if room.contains(here) and not aside:
        return ""
    return f"{here.getRect()} is not over its window {owner.getRect()} on the screen"


def _where(widget: QWidget) -> str:
    names: list[str] = []
    outer = widget.parentWidget()
    while outer is not None and len(names) < 3:
        if type(outer).__name__ != "QWidget":
            names.append(type(outer).__name__)
        outer = outer.parentWidget()
    return " in ".join(names)
