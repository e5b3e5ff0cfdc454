"""One engine process and the two threads that talk to it; the only threads of the window."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

from cnnviz.engine.process import start
from cnnviz.engine.protocol import FromEngine, Quit, ToEngine, decode_from_engine, frames

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

QUIT_SECONDS = 1.0

_ARRIVED = QEvent.Type(QEvent.registerEventType())
_AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1
"""Qt paints with the low priority. What the engine says comes after it: whoever has edited sees the
new shapes and numbers first, without waiting until there are maps to them as well."""


class EngineLink(QObject):
    """A pipe to one engine. Nothing here waits but its own threads."""

    received = Signal(object)
    lost = Signal()
    """The process ended without being asked to; never emitted after `close`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outbox: queue.SimpleQueue[ToEngine | None] = queue.SimpleQueue()
        self._inbox: queue.SimpleQueue[FromEngine | None] = queue.SimpleQueue()
        """None: it is lost."""
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._closing = False
        self._answers = False
        self._reader = threading.Thread(target=self._read, name="from engine", daemon=True)
        self._writer = threading.Thread(target=self._write, name="to engine", daemon=True)
        self._up = threading.Event()

    @property
    def process_id(self) -> int | None:
        """The operating system's number of the process; None before it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and the threads."""
        self._reader.start()
        self._writer.start()

    def send(self, message: ToEngine) -> None:
        """Put a message on its way; returns at once."""
        self._outbox.put(message)

    def close(self) -> None:
        """Ask the process to end, make sure that it does, and end the threads."""
        self._closing = True
        self._outbox.put(Quit())
        self._outbox.put(None)
        self._up.wait(QUIT_SECONDS)
        if self._process is not None:
            if self._answers:  # otherwise it is still importing torch, and has nothing to lose
                self._process.join(QUIT_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        self._reader.join()
        self._writer.join()
        if self._process is not None:
            self._process.close()
        self.deleteLater()

    def _read(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            try:
                self._process, self._connection = start()
            finally:
                self._up.set()
            while True:
                message = decode_from_engine(self._connection.recv_bytes())
                self._answers = True
                if self._closing:
                    continue
                self._arrive(message)
        self._outbox.put(None)
        if not self._closing:
            self._arrive(None)

    def _arrive(self, message: FromEngine | None) -> None:
        """Hand something over to the window's thread, in the order in which it came."""
        self._inbox.put(message)
        QCoreApplication.postEvent(self, QEvent(_ARRIVED), _AFTER_PAINTING)

    def event(self, event: QEvent) -> bool:
        if event.type() != _ARRIVED:
            return super().event(event)
        message = self._inbox.get()
        if self._closing:
            return True
        if message is None:
            self.lost.emit()
        else:
            self.received.emit(message)
        return True

    def _write(self) -> None:
        self._up.wait()
        if self._connection is None:  # the system would not start a process
            return
        while (message := self._outbox.get()) is not None:
            try:
                for frame in frames(message):
                    self._connection.send_bytes(frame)
            except OSError:  # the reader notices too, and tells
                return
