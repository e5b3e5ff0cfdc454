"""Long work in steps, in a thread of its own: how far it is, how it ended, and giving it up."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from cnnviz.message import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_TICK_MILLISECONDS = 50
_LAST_SECONDS = 0.5


class Job(QObject):
    """Goes through a generator; what it yields is the newest news, what it returns the result.

    The thread is a daemon: a connection that hangs must not keep the program from ending.
    """

    stepped = Signal(object)
    """The newest of what was yielded, some twenty times a second."""
    done = Signal(object)
    failed = Signal(object)
    """Message: why it could not be done."""
    ended = Signal()
    """It is over in whichever way, cancelled included; the last signal of all."""

    _over = Signal(object, object)

    def __init__(
        self, steps: Callable[[], Generator[Any, None, Any]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._steps = steps
        self._cancelled = threading.Event()
        self._newest: Any = None
        self._told: Any = None
        self._thread = threading.Thread(target=self._work, name="data set", daemon=True)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tell)
        self._over.connect(self._deliver)
        self._heard = True

    def start(self) -> None:
        """Begin."""
        self._timer.start()
        self._thread.start()

    @property
    def cancelled(self) -> bool:
        """Whether it has been given up."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give it up after the present step; nothing but `ended` is told any more."""
        self._cancelled.set()

    def close(self) -> None:
        """The program ends: give it up, and hear no more of it."""
        self.cancel()
        self._timer.stop()
        if self._heard:
            self._heard = False
            self._over.disconnect(self._deliver)
        if self._thread.is_alive():
            self._thread.join(_LAST_SECONDS)

    def _work(self) -> None:
        steps, result, error = self._steps(), None, None
        try:
            while not self._cancelled.is_set():
                try:
                    self._newest = next(steps)
                except StopIteration as end:
                    result = end.value
                    break
            else:
                steps.close()
        except Exception as trouble:  # told in the window's thread, where it is seen
            error = trouble
        with contextlib.suppress(RuntimeError):  # the window has gone meanwhile
            self._over.emit(result, error)

    def _tell(self) -> None:
        newest = self._newest
        if newest is not self._told and not self.cancelled:
            self._told = newest
            self.stepped.emit(newest)

    def _deliver(self, result: object, error: Exception | None) -> None:
        self._tell()
        self._timer.stop()
        if error is not None and not isinstance(error, UserError):
            self.ended.emit()
            raise error
        if not self.cancelled:
            if isinstance(error, UserError):
                self.failed.emit(error.message)
            else:
                self.done.emit(result)
        self.ended.emit()
