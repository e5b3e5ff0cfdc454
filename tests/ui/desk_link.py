"""A real engine on the desk of the test in the place of its process: nothing happens by itself."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.engine.protocol import decode_from_engine, encoder, frames, receive
from cnnviz.engine.worker import Engine

if TYPE_CHECKING:
    from cnnviz.engine.protocol import FromEngine, ToEngine


class DeskLink(QObject):
    """In the place of `EngineLink`. What one end says waits until the test lets the other hear."""

    received = Signal(object)
    lost = Signal()
    newest: DeskLink

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine: Engine | None = None
        self.to_engine: deque[ToEngine] = deque()
        self.from_engine: deque[FromEngine] = deque()
        self.process_id = 4711
        DeskLink.newest = self

    def start(self) -> None:
        self.engine = Engine(self._hear, threads=1)

    def send(self, message: ToEngine) -> None:
        self.to_engine.append(receive(map(bytes, frames(message)).__next__))

    def close(self) -> None:
        self.engine = None

    def _hear(self, message: FromEngine) -> None:
        self.from_engine.append(decode_from_engine(encoder.encode(message)))

    # ---- for the test

    def listen(self) -> None:
        """Let the engine hear all that waits for it."""
        while self.to_engine and self.engine is not None:
            self.engine.handle(self.to_engine.popleft())

    def tell(self) -> None:
        """Let the window hear all that waits for it."""
        while self.from_engine:
            self.received.emit(self.from_engine.popleft())

    def settle(self) -> None:
        """Back and forth until there is nothing more to hear; the engine does no work."""
        while self.to_engine or self.from_engine:
            self.listen()
            self.tell()

    def work(self, slices: int | None = None) -> None:
        """Everything is heard at once, while the engine works for some slices or to the end."""
        self.settle()
        done = 0
        while self.engine is not None and self.engine.busy and (slices is None or done < slices):
            self.engine.advance()
            self.settle()
            done += 1

    def die(self) -> None:
        """The process is gone; what it had said has arrived."""
        self.tell()
        self.engine = None
        self.lost.emit()
