"""Windows that keep their picture, and every widget its place, until much has changed in them.

What changes much at once is done in steps between which the windows answer. Without this they would
be laid out and painted after each step; with it a person sees one change, and a click finds what it
is meant for.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from contextlib import contextmanager
from itertools import count
from math import inf
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

_Thing = TypeVar("_Thing")
_SLICE = 0.01
"""After so many seconds of work the windows answer to whatever waits."""
_LAYOUTS = 10
"""So often a widget may ask to be laid out before the new picture is shown."""


class Stillness(QObject):
    """`with stillness:` all windows stand still. Those who want it at the same time share it."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted = 0
        self._windows: list[QWidget] = []
        self._silent = False
        self._waiting: dict[QWidget, None] = {}
        self._innermost: list[tuple[int, int, QWidget]] = []
        """A heap of all that wait, by depth and then by turn."""
        self._turns = count()
        self._laid_out: QWidget | None = None

    def __enter__(self) -> None:
        self._wanted += 1
        app = QApplication.instance()
        if self._wanted == 1 and isinstance(app, QApplication):
            app.installEventFilter(self)
            self._windows = app.topLevelWidgets()
            for window in self._windows:
                window.setUpdatesEnabled(False)

    def __exit__(self, *_: object) -> None:
        self._wanted -= 1
        if self._wanted:
            return
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        for widget in filter(isValid, self._waiting):
            QCoreApplication.postEvent(widget, QEvent(QEvent.Type.LayoutRequest))
        for window in filter(isValid, self._windows):
            window.setUpdatesEnabled(True)
            # What was to be painted as it stopped has been passed over, and Qt still waits for it:
            # without being asked, it would never paint such a window again.
            QCoreApplication.postEvent(window, QEvent(QEvent.Type.UpdateRequest))
        self._windows = []
        self._waiting.clear()
        self._innermost.clear()

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
        """Lay out all that waits, in slices.

        The innermost is the first. Qt begins with whoever has asked first, and again where
        something inside it needs more room.
        """
        return in_slices(self._inside_out(), self._lay_out)

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


stillness = Stillness()


class Turns(QObject):
    """Takes steps, one in each turn of the event loop."""

    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Generator[None] | None = None
        # `QTimer.singleShot(0, ...)` would not do: Qt posts it, and all that is posted goes first.
        self._later = QTimer(self, singleShot=True, interval=1)
        self._later.timeout.connect(self._continue)
        self._waits_since = 0.0

    @property
    def under_way(self) -> bool:
        """Whether steps are left."""
        return self._steps is not None

    def begin(self, steps: Generator[None]) -> None:
        """Take the first step now and the others later."""
        self.give_up()
        self._steps = steps
        self._go_on()

    def give_up(self) -> None:
        """Leave the steps that are left; `ended` is not emitted."""
        self._later.stop()
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def _continue(self) -> None:
        """Go on, unless Qt was busy with what the last step has left: then others are first, once.

        In a window that is always busy the end would never come.
        """
        if time.monotonic() - self._waits_since > _SLICE:
            self._waits_since = inf
            self._later.start()
        else:
            self._go_on()

    def _go_on(self) -> None:
        assert self._steps is not None
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
            self.ended.emit()
        except Exception:
            self._steps = None
            raise
        else:
            self._waits_since = time.monotonic()
            self._later.start()


_calm: set[Turns] = set()


def calmly(*changes: Callable[[], Iterable[None] | None]) -> None:
    """Do what changes much: the first now, the others in turns of their own, as layout and painting
    are, and the steps of one that has some."""
    turns = Turns()
    _calm.add(turns)
    turns.ended.connect(lambda: _calm.discard(turns))
    turns.begin(_calmly(*changes))


def _calmly(*changes: Callable[[], Iterable[None] | None]) -> Generator[None]:
    with stillness:
        for change in changes:
            yield from change() or ()
            yield
        yield from stillness.lay_out()
        yield


def exhaust(steps: Iterable[None]) -> None:
    """Take all steps now."""
    for _ in steps:
        pass


def in_slices(things: Iterable[_Thing], do: Callable[[_Thing], object]) -> Iterator[None]:
    """Do it to all, but for widgets that are gone, and yield whenever it has taken a while."""
    end = time.monotonic() + _SLICE
    for thing in things:
        if time.monotonic() > end:
            yield
            end = time.monotonic() + _SLICE
        if not isinstance(thing, QWidget) or isValid(thing):
            do(thing)


def _depth(widget: QWidget) -> int:
    around = None if widget.isWindow() else widget.parentWidget()
    return 0 if around is None else 1 + _depth(around)
