"""Work on files away from the window's thread: a full or slow disk must not freeze it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from cnnviz.message import UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future, ThreadPoolExecutor


class Background(QObject):
    """One job at a time, in the order in which they came."""

    _done = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor: ThreadPoolExecutor | None = None
        self._waiting = 0
        self._closed = False
        # Queued also where a job is over before anybody could wait for it: `run` never answers
        # before it returns.
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._waiting > 0

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[UserError], None],
    ) -> None:
        """Do `work` in the thread, then call `done` with its result, or `failed`, in the window's.

        The work must not change anything that the window reads.
        """
        if self._executor is None:
            # Slow to import, and nothing is read or written before the window is there.
            from concurrent.futures import ThreadPoolExecutor

            self._executor = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._waiting += 1
        future = self._executor.submit(work)
        future.add_done_callback(lambda finished: self._done.emit(finished, done, failed))

    def close(self) -> None:
        """Wait for the jobs that were begun; their results are not delivered any more."""
        self._closed = True  # what is queued comes all the same
        if self._executor is not None:
            self._executor.shutdown(wait=True)

    def _deliver(
        self,
        future: Future[Any],
        done: Callable[[Any], None],
        failed: Callable[[UserError], None],
    ) -> None:
        self._waiting -= 1
        if self._closed:
            return
        error = future.exception()
        if isinstance(error, UserError):
            failed(error)
        elif error is not None:
            raise error
        else:
            done(future.result())
