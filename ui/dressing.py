"""Another style for windows that people look at, in steps between which the windows answer.

Qt gives all widgets another style in one go, those that are not shown too, and tells each of them
twice. Here the application gets another style while all of them are undressed, and they are dressed
a few at a time. Until all that is to be seen is dressed and laid out, the windows keep their old
picture, and every widget its place: a click must find what it is meant for.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from PySide6.QtWidgets import QApplication

_DRESSED = Qt.WidgetAttribute.WA_WState_Polished
_SLICE = 0.01
"""After so many seconds of work the windows answer to whatever waits."""
_LAYOUTS = 10
"""So often a widget may ask to be laid out before the new picture is shown."""


def dress_in_sight(
    app: QApplication, change: Callable[[], None], announce: Callable[[], None]
) -> Iterator[None]:
    """Let `change` give the application another style; `announce` tells those who paint themselves.

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
        with _pictures_kept(app.topLevelWidgets()), _Hold(app) as hold:
            yield from _in_slices(_dressed(app), undress)
            for widget in _dressed(app):  # what was made or shown meanwhile
                undress(widget)
            with hold.silence():
                change()
            yield
            in_sight, others = _by_sight(app.allWidgets())
            yield from _in_slices(in_sight, dress)
            yield
            announce()
            yield
            # Layouts remember what they were told while not all were dressed.
            yield from _in_slices(in_sight, QWidget.updateGeometry)
            yield from hold.lay_out()
        yield
        yield  # now they have painted, and what has waited for that is first
        yield from _in_slices(others, dress)
    finally:
        for widget in undressed:
            if isValid(widget) and not widget.testAttribute(_DRESSED):
                dress(widget)


class _Hold(QObject):
    """While it lasts nothing is laid out unasked. Qt would do so after every slice, and from the
    outside in, so that all begins anew where something inside needs more room."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._silent = False
        self._waiting: dict[QWidget, None] = {}
        self._innermost: list[tuple[int, int, QWidget]] = []
        """A heap of all that wait, by depth and then by turn."""
        self._turns = count()
        self._laid_out: QWidget | None = None

    def __enter__(self) -> _Hold:
        self._app.installEventFilter(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._app.removeEventFilter(self)
        for widget in filter(isValid, self._waiting):
            QCoreApplication.postEvent(widget, QEvent(QEvent.Type.LayoutRequest))

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Meanwhile no widget hears that there is another style."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.StyleChange:
            return self._silent
        if kind != QEvent.Type.LayoutRequest or not isinstance(watched, QWidget):
            return False
        if watched is self._laid_out:
            return False
        if watched not in self._waiting:
            self._waiting[watched] = None
            heapq.heappush(self._innermost, (-_depth(watched), next(self._turns), watched))
        return True

    def lay_out(self) -> Iterator[None]:
        """Lay out all that waits, in slices."""
        return _in_slices(self._inside_out(), self._lay_out)

    def _inside_out(self) -> Iterator[QWidget]:
        times: Counter[QWidget] = Counter()
        while self._innermost:
            *_, widget = heapq.heappop(self._innermost)
            times[widget] += 1
            if times[widget] <= _LAYOUTS:
                del self._waiting[widget]
                yield widget

    def _lay_out(self, widget: QWidget) -> None:
        self._laid_out = widget
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.LayoutRequest))
        self._laid_out = None


@contextmanager
def _pictures_kept(windows: Sequence[QWidget]) -> Iterator[None]:
    """Let windows paint nothing for a while.

    What was to be painted as they stopped has been passed over, and Qt still waits for it: without
    being asked, it would never paint such a window again.
    """
    for window in windows:
        window.setUpdatesEnabled(False)
    try:
        yield
    finally:
        for window in filter(isValid, windows):
            window.setUpdatesEnabled(True)
            QCoreApplication.postEvent(window, QEvent(QEvent.Type.UpdateRequest))


def _in_slices(widgets: Iterable[QWidget], do: Callable[[QWidget], None]) -> Iterator[None]:
    """Do it to all that are still there, and yield whenever it has taken a while."""
    end = time.monotonic() + _SLICE
    for widget in widgets:
        if time.monotonic() > end:
            yield
            end = time.monotonic() + _SLICE
        if isValid(widget):
            do(widget)


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


def _depth(widget: QWidget) -> int:
    around = _around(widget)
    return 0 if around is None else 1 + _depth(around)
