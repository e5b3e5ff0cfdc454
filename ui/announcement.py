"""A change that everything in the windows hears of, and that needs not happen in one go."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from shiboken6 import isValid

from ui.stillness import exhaust, in_slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Listener = Callable[[], object]


class Announcement:
    """Tells hundreds of listeners in the order in which they came.

    A Qt signal tells all of them before it returns, which takes longer than a window may need to
    answer. This one can also stop in between (`steps`). As with a signal, a method is forgotten
    with its object, and one listener's fault is not the others'.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[], Listener | None]] = []

    def connect(self, listener: Listener) -> None:
        """Call it at every announcement from now on, the present one included."""
        self._listeners.append(_held(listener))

    def emit(self) -> None:
        """Tell all of them now."""
        exhaust(self.steps())

    def steps(self) -> Iterator[None]:
        """Tell all of them in slices between which the windows answer."""
        self._listeners = [held for held in self._listeners if held() is not None]
        return in_slices(self._listeners, _tell)


def _tell(held: Callable[[], Listener | None]) -> None:
    listener = held()
    if listener is not None:
        try:
            listener()
        except Exception:
            sys.excepthook(*sys.exc_info())


def _held(listener: Listener) -> Callable[[], Listener | None]:
    """What gives a listener as long as its object is there; a function of no object stays."""
    owner = getattr(listener, "__self__", None)
    if owner is None:
        return lambda: listener
    weak, name = weakref.ref(owner), listener.__name__

    def method() -> Listener | None:
        there = weak()
        if there is None or (isinstance(there, QObject) and not isValid(there)):
            return None
        found: Listener = getattr(there, name)
        return found

    return method
