"""The engine process: single-threaded, cooperative. Between two steps it answers what waits."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import threading
from typing import TYPE_CHECKING

from cnnviz.engine import device as devices
from cnnviz.engine.attribution import Reasons
from cnnviz.engine.bench import Bench
from cnnviz.engine.looking import Looking
from cnnviz.engine.protocol import (
    Explain,
    Failed,
    Forget,
    FromEngine,
    Leave,
    LeaveUnexplained,
    Lend,
    Load,
    Pause,
    Probe,
    Quit,
    Resume,
    Settings,
    Stop,
    Study,
    TakeBack,
    Text,
    ToEngine,
    Train,
    UseDevice,
    UseThreads,
    Visit,
    encoder,
    receive,
)
from cnnviz.engine.quick import keep_memory
from cnnviz.engine.runner import Runner
from cnnviz.engine.studies import Studies
from cnnviz.engine.trouble import DeviceLostError, explain

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


class Engine:
    """One network with live weights on one device, at most one run that trains it, and what is
    looked into beside."""

    def __init__(self, send: Callable[[FromEngine], None], threads: int | None = None) -> None:
        self.bench = Bench(send, threads)
        self.runner = Runner(self.bench)
        self._looking = Looking(self.bench, self.runner)
        self._studies = Studies(self.bench, self.runner)
        self._reasons: Reasons | None = None
        """An explanation that is not complete yet."""

    @property
    def busy(self) -> bool:
        """Whether there is work to go on with."""
        beside = self._looking.busy or self._studies.busy or self._reasons is not None
        return self.runner.busy or beside

    def advance(self) -> None:
        """Do the next slice of work: a step of training, some images of an evaluation; and, beside
        it, some of what is looked into."""
        if self._reasons is not None:
            self._explain_on(self._reasons)
        self._look_on()
        self._studies.advance()
        self.runner.advance()

    def handle(self, message: ToEngine) -> None:
        """Do what the window asks; trouble is told, never raised."""
        try:
            self._handle(message)
        except Exception as error:
            self.bench.send(Failed(Text.of(explain(error, self.bench.device))))

    def _handle(self, message: ToEngine) -> None:
        match message:
            case Load():
                self._forget()
                self.bench.build(message)
            case Probe():
                self._looking.take(message)
            case Explain():
                self._explain_on(Reasons(self.bench.model, message, self.bench.device))
            case LeaveUnexplained():
                self._reasons = None
            case Study():
                self._studies.begin(message)
            case Forget(slot):
                self._studies.forget(slot)
            case Train():
                self.runner.train(message)
            case Resume():
                self.runner.resume(message)
            case Visit():
                self.bench.visit(message)
            case Leave():
                self.bench.leave()
            case Lend():
                self.bench.lend(message)
            case TakeBack():
                self.bench.lent.clear()
            case Settings(settings, preparation):
                self.runner.change(settings, preparation)
            case Pause():
                self.runner.pause()
            case Stop():
                self.runner.stop()
            case UseDevice(device):
                self._use(device)
            case UseThreads(threads, free):
                self.runner.use_threads(threads, free)

    def _forget(self) -> None:
        """End all that works with the present network where it is."""
        self.runner.stop()
        self._studies.forget_all()
        self._reasons = None
        self._looking.begin_anew()

    def _look_on(self) -> None:
        """Read on the images that a look waits for; trouble is told, never raised."""
        try:
            self._looking.advance()
        except Exception as error:
            self.bench.send(Failed(Text.of(explain(error, self.bench.device))))

    def _explain_on(self, reasons: Reasons) -> None:
        """Do the next slice of an explanation, with the weights as they are now."""
        answer = reasons.next(revision=self.bench.revision, step=self.runner.step)
        self._reasons = reasons if answer.done < 1 else None
        self.bench.send(answer)

    def _use(self, device: str) -> None:
        chosen, note = self.bench.chosen(device)
        if chosen != self.bench.device:
            self._forget()
            self.bench.move(chosen)
        self.bench.tell(note)


class Inbox:
    """What the window says; of looks that follow each other only the newest, because the window
    waits for no other any more."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: ToEngine | None = None

    @property
    def waits(self) -> bool:
        """Whether there is something to be taken."""
        return self._next is not None or self._connection.poll(0)

    def take(self) -> ToEngine:
        """What has been said next; waits for it. Raises what `receive` raises."""
        message, self._next = self._next or self._receive(), None
        while isinstance(message, Probe) and self._connection.poll(0):
            later = self._receive()
            if not isinstance(later, Probe):
                self._next = later
                break
            message = later
        return message

    def _receive(self) -> ToEngine:
        return receive(self._connection.recv_bytes)


def serve(connection: Connection) -> None:
    """Run an engine until the window says so or is gone."""

    def send(message: FromEngine) -> None:
        connection.send_bytes(encoder.encode(message))

    # Without its device this process can do nothing more; the window starts another one.
    with contextlib.suppress(EOFError, OSError, DeviceLostError):
        engine = Engine(send)
        # The first optimiser imports this for 1.5 s; better now than when Train is pressed.
        threading.Thread(target=importlib.import_module, args=("torch._dynamo",)).start()
        inbox = Inbox(connection)
        while True:
            if not engine.busy or inbox.waits:
                message = inbox.take()
                if isinstance(message, Quit):
                    return
                engine.handle(message)
            else:
                engine.advance()


def main(connection: Connection) -> None:
    """The entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the window, which then says quit
    devices.lower_priority()
    keep_memory()
    serve(connection)
    os._exit(0)  # nothing is left to do, and the import below may still be under way
