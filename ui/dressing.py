"""Another style for windows that people look at, in steps between which the windows answer.

Qt gives all widgets another style in one go, those that are not shown too, and tells each of them
twice. Here the application gets another style while all of them are undressed, and they are dressed
a few at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ui.stillness import in_slices, stillness

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from PySide6.QtWidgets import QApplication

_DRESSED = Qt.WidgetAttribute.WA_WState_Polished


def dress_in_sight(
    app: QApplication, change: Callable[[], None], announce: Callable[[], Iterable[None]]
) -> Generator[None]:
    """Let `change` give the application another style; the steps of `announce` tell those who paint
    themselves.

    The windows may answer wherever this yields. Given up before its end, it leaves all dressed in
    the style that the application has then.
    """
    undressed: dict[QWidget, None] = {}

    def undress(widget: QWidget) -> None:
        undressed[widget] = None
        widget.style().unpolish(widget)
        widget.setAttribute(_DRESSED, False)

    def dress(widget: QWidget) -> None:
        if widget in undressed and not widget.testAttribute(_DRESSED):
            widget.setAttribute(_DRESSED)
            widget.style().polish(widget)
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))

    try:
        with stillness:
            yield from in_slices(_dressed(app), undress)
            for widget in _dressed(app):  # what was made or shown meanwhile
                undress(widget)
            with stillness.silence():
                change()
            yield
            in_sight, others = _by_sight(app.allWidgets())
            yield from in_slices(in_sight, dress)
            yield
            yield from announce()
            yield
            # Layouts remember what they were told while not all were dressed.
            yield from in_slices(in_sight, QWidget.updateGeometry)
            yield from stillness.lay_out()
            yield  # what is painted now is painted in a turn of its own
        yield
        yield from in_slices(others, dress)
    finally:
        for widget in undressed:
            if isValid(widget) and not widget.testAttribute(_DRESSED):
                dress(widget)


def _dressed(app: QApplication) -> list[QWidget]:
    """All that have been shown before; Qt dresses the others as soon as they are."""
    return [widget for widget in app.allWidgets() if widget.testAttribute(_DRESSED)]


def _by_sight(widgets: Iterable[QWidget]) -> tuple[list[QWidget], list[QWidget]]:
    """Those that are seen or whose size matters to what is seen, and those that can wait."""
    found: tuple[list[QWidget], list[QWidget]] = [], []
    for widget in widgets:
        found[_can_wait(widget)].append(widget)
    return found


def _can_wait(widget: QWidget) -> bool:
    """Whether it is hidden in a layout, which passes over it, or with its window.

    Who arranges by hand, as a splitter does, reckons with what is hidden.
    """
    if widget.isVisible():
        return False
    around = _around(widget)
    while around is not None and not around.isVisible():
        around = _around(around)
    return around is None or around.layout() is not None


def _around(widget: QWidget) -> QWidget | None:
    return None if widget.isWindow() else widget.parentWidget()
