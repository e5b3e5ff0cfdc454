"""The engine process: single-threaded, cooperative. Between two steps it answers what waits."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import torch

from cnnviz.analysis import analyze
from cnnviz.data.datasets import Source, data_set, load_steps
from cnnviz.engine import device as devices
from cnnviz.engine.attribution import Reasons
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import Model, build
from cnnviz.engine.probe import look
from cnnviz.engine.protocol import (
    Examined,
    Explain,
    Failed,
    FromEngine,
    Load,
    Pause,
    Probe,
    Probed,
    Progress,
    Quit,
    Ready,
    RunState,
    Settings,
    Snapshot,
    Stop,
    Tensor,
    Text,
    ToEngine,
    Train,
    UseDevice,
    UseThreads,
    encoder,
    receive,
)
from cnnviz.engine.train import DivergenceError, Run
from cnnviz.engine.trouble import explain
from cnnviz.message import Message, UserError
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from multiprocessing.connection import Connection

    from cnnviz.analysis import TensorKey
    from cnnviz.confusion import Examination

PROGRESS_SECONDS = 1 / 30
SNAPSHOT_SECONDS = 2.0
SNAPSHOT_SHARE = 0.02
"""At most this share of the time goes into snapshots, however large the network is."""


class Engine:
    """One network with live weights on one device, and at most one run that trains it."""

    def __init__(self, send: Callable[[FromEngine], None], threads: int | None = None) -> None:
        self._send = send
        self._threads = devices.set_up_threads(threads)
        self._devices = devices.available()
        self._device, note = devices.choose(None, self._devices)
        self._loaded: Load | None = None
        self._model: Model | None = None
        self._spare: dict[TensorKey, torch.Tensor] = {}
        """What a network that could not be built would have held; the next one may keep it."""
        self._data: tuple[Source, str, DeviceData] | None = None
        self._settings = Training()
        """Of the run that there is or that begins."""
        self._run: Run | None = None
        self._runs = 0
        self._state: RunState = "stopped"
        self._task: Generator[None] | None = None
        self._reasons: Reasons | None = None
        """An explanation that is not complete yet."""
        self._pause_at: int | None = None
        self._pause_after_epoch = False
        self._examined: Examination | None = None
        self._told = 0.0
        self._snapshot_due = 0.0
        self._good: dict[str, torch.Tensor] = {}
        self._good_step = 0
        self._ready(note)

    @property
    def busy(self) -> bool:
        """Whether there is work to go on with."""
        return self._task is not None or self._reasons is not None

    def advance(self) -> None:
        """Do the next slice of work: a step of training, some images of an evaluation; and, beside
        it, some of an explanation."""
        if self._reasons is not None:
            self._explain_on(self._reasons)
        if self._task is None:
            return
        try:
            next(self._task)
        except StopIteration:
            self._task = None
        except Exception as error:  # whatever happens, the engine lives and tells
            self._task = None
            self._failed(error)

    def handle(self, message: ToEngine) -> None:
        """Do what the window asks; trouble is told, never raised."""
        try:
            self._handle(message)
        except Exception as error:
            self._send(Failed(Text.of(explain(error, self._device))))

    def _handle(self, message: ToEngine) -> None:
        match message:
            case Load():
                self._load(message)
            case Probe():
                self._probe(message)
            case Explain():
                self._explain_on(Reasons(self._model, message, self._device))
            case Train():
                self._train(message)
            case Settings(settings):
                self._settings = settings
                if self._run is not None:
                    self._run.change(settings)
                    self._tell_progress()
            case Pause():
                if self._state in ("loading", "running"):
                    self._hold("paused")
            case Stop():
                self._end("stopped")
            case UseDevice(device):
                self._use(device)
            case UseThreads(free):
                self._threads = devices.set_up_threads(free=free)
                self._ready(None)

    # --- the network --------------------------------------------------------------------------

    def _load(self, load: Load) -> None:
        live = self._spare if self._model is None else dict(self._model.tensors())
        wanted = set(load.keep)
        keep = {key: tensor for key, tensor in live.items() if key in wanted}
        given = {tensor.key: tensor.array() for tensor in load.tensors}
        self._end("stopped")
        self._reasons = None
        report = analyze(load.network, len(data_set(load.dataset).classes))
        self._loaded = load
        try:
            devices.check_fits(report, self._device)
            self._model = build(report, given, load.seed, device=self._device, keep=keep)
            self._spare = {}
        except Exception:
            self._model = None
            self._spare = {key: torch.from_numpy(value.copy()) for key, value in given.items()}
            self._spare.update(keep)
            raise

    def _probe(self, probe: Probe) -> None:
        revision = self._loaded.revision if self._loaded else -1
        step = self._run.step if self._run else 0
        answer = Probed(probe.id, revision, step, [], [], [])
        try:
            if self._model is not None:
                answer = look(self._model, probe, revision=revision, step=step, device=self._device)
        finally:  # each is answered, because the window waits with the next one
            self._send(answer)

    def _explain_on(self, reasons: Reasons) -> None:
        """Do the next slice of an explanation, with the weights as they are now."""
        revision = self._loaded.revision if self._loaded else -1
        answer = reasons.next(revision=revision, step=self._run.step if self._run else 0)
        self._reasons = reasons if answer.done < 1 else None
        self._send(answer)

    def _use(self, device: str) -> None:
        chosen, note = devices.choose(device, self._devices)
        if chosen != self._device:
            self._end("stopped")
            self._reasons = None
            self._device = chosen
            self._data = None
            if self._model is not None:
                self._model = self._model.to(chosen)
        self._ready(note)

    def _ready(self, note: Message | None) -> None:
        text = Text.of(note) if note else None
        self._send(Ready(self._device, self._devices, self._threads, text))

    # --- the run ------------------------------------------------------------------------------

    def _train(self, train: Train) -> None:
        if self._model is None or self._loaded is None or not self._model.complete:
            raise UserError(
                Message("The network cannot be trained until the problem in it is mended.")
            )
        waits_for = self._pause_at or 0
        self._pause_at, self._pause_after_epoch = None, train.to_epoch
        self._settings = train.settings
        if self._run is not None and self._state in ("paused", "running"):
            self._run.change(train.settings)
        elif self._state == "loading" and self._loaded.revision == train.revision:
            pass  # pressed once more: the run is about to begin
        else:
            waits_for = 0
            self._end("stopped")
            report = analyze(self._loaded.network)
            devices.check_fits(report, self._device, train.settings)
            self._loaded = _renumbered(self._loaded, train.revision)
            self._runs += 1
            self._state = "loading"
            self._told = 0.0
            self._tell_beginning(self._loaded)
            self._task = self._begin(self._model, self._loaded)
        if train.steps is not None:  # after those that were asked for and are not made yet
            self._pause_at = max(self._run.step if self._run else 0, waits_for) + train.steps
        if self._run is not None:
            self._task = self._go(self._run)

    def _begin(self, model: Model, load: Load) -> Generator[None]:
        """Read the data, and go."""
        if self._data is None or self._data[:2] != (load.dataset, self._device):
            samples = yield from load_steps(load.dataset)
            self._data = (load.dataset, self._device, DeviceData(samples, self._device))
        classes = len(data_set(load.dataset).classes)
        self._run = Run(model, self._data[2], self._settings, load.seed, classes)
        self._good = {}
        self._remember()
        self._snapshot_due = time.perf_counter() + SNAPSHOT_SECONDS
        yield from self._go(self._run)

    def _go(self, run: Run) -> Generator[None]:
        """Train, until the run is over or held."""
        self._state = "running"
        for _ in run.work:
            now = time.perf_counter()
            held = self._pause_at is not None and run.step >= self._pause_at
            held = held or (self._pause_after_epoch and run.epoch_over and run.goes_on)
            if now - self._told >= PROGRESS_SECONDS and not held:
                self._tell_progress()
            if now >= self._snapshot_due and not held:
                self._snapshot(final=False)
            if held:
                self._hold("paused")
                return
            yield
        self._finish()

    def _finish(self) -> None:
        self._task = None
        self._state = "finished"
        early = self._run.ended_early if self._run else None
        self._settle(Text.of(early) if early else None)
        self._run = None

    def _hold(self, state: RunState) -> None:
        """Stop working at the run, which keeps its place."""
        if self._run is None:  # still loading
            self._end("stopped")
            return
        self._task = None
        self._state = state
        self._settle()

    def _end(self, state: RunState) -> None:
        """End the run, if there is one; the weights stay."""
        self._task = None
        loading = self._state == "loading"
        self._state = state
        if self._run is not None:
            self._settle()
        elif loading:
            self._tell_progress()
        self._run = None

    def _settle(self, explanation: Text | None = None) -> None:
        """Tell all that the run has done by now: the weights first, then how it stands."""
        try:
            self._snapshot(final=True)
            self._tell_progress(explanation)
        except DivergenceError as error:  # noticed just now
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """The run cannot go on: back to the last weights that were sound."""
        explanation = Text.of(explain(error, self._device))
        run, self._state = self._run, "failed"
        if run is not None and self._model is not None:
            with contextlib.suppress(DivergenceError):
                run.read()
            if self._good:
                with torch.no_grad():
                    for name, tensor in self._model.state_dict().items():
                        tensor.copy_(self._good[name])
                run.step = self._good_step
                if isinstance(error, DivergenceError):
                    run.listen()
                self._send_weights(final=True)
        self._tell_progress(explanation)
        self._run = None

    def _tell_beginning(self, load: Load) -> None:
        """Progress of a run that has not begun: its data are being loaded."""
        epochs = self._settings.epochs
        self._send(
            Progress(
                load.revision, self._runs, self._state, 0, 0, 0, epochs, 0, 0, None, None, None
            )
        )

    def _tell_progress(self, explanation: Text | None = None) -> None:
        run, load = self._run, self._loaded
        if load is None:
            return
        if run is None:
            self._send(
                Progress(
                    load.revision, self._runs, self._state, 0, 0, 0, 0, 0, 0, None, None, None,
                    explanation=explanation,
                )
            )  # fmt: skip
            return
        train, test = run.take_points()
        if run.examination is not None and run.examination is not self._examined:
            self._examined = run.examination
            self._send(Examined.of(load.revision, self._runs, run.examination))
        self._told = time.perf_counter()
        self._send(
            Progress(
                revision=load.revision,
                run=self._runs,
                state=self._state,
                step=run.step,
                steps=run.steps,
                epoch=min(run.epoch + 1, run.epochs),
                epochs=run.epochs,
                batch=run.batch,
                batches=run.batches,
                loss=run.loss,
                images_per_second=run.images_per_second(),
                seconds_left=run.seconds_left(),
                train=train,
                test=test,
                explanation=explanation,
                learning_rate=run.learning_rate,
                gradient_norm=run.gradient_norm(),
                memory=devices.held_memory(self._device),
                changes=run.changes,
                warning=Text.of(run.warning) if run.warning else None,
            )
        )

    # --- snapshots ----------------------------------------------------------------------------

    def _snapshot(self, *, final: bool) -> None:
        """Keep the weights and tell the window.

        Raises:
            DivergenceError: they are not finite.
        """
        started = time.perf_counter()
        self._remember()
        self._send_weights(final=final)
        took = time.perf_counter() - started
        self._snapshot_due = started + max(SNAPSHOT_SECONDS, took / SNAPSHOT_SHARE)

    def _remember(self) -> None:
        if self._model is None or self._run is None:
            return
        state = {name: tensor.clone() for name, tensor in self._model.state_dict().items()}
        if not all(bool(torch.isfinite(tensor).all()) for tensor in state.values()):
            raise self._run.diverged(self._run.step)
        self._good = state
        self._good_step = self._run.step

    def _send_weights(self, *, final: bool) -> None:
        if self._model is None or self._loaded is None:
            return
        tensors = [
            Tensor.of(uid, name, tensor.detach().cpu().contiguous().numpy())
            for (uid, name, _), tensor in self._model.tensors()
        ]
        step = self._run.step if self._run else 0
        self._send(Snapshot(self._loaded.revision, step, tensors, final))


def _renumbered(load: Load, revision: int) -> Load:
    return Load(revision, load.network, load.dataset, load.seed, [], [])


def serve(connection: Connection) -> None:
    """Run an engine until the window says so or is gone."""

    def send(message: FromEngine) -> None:
        connection.send_bytes(encoder.encode(message))

    with contextlib.suppress(EOFError, OSError):
        engine = Engine(send)
        # The first optimiser imports this for 1.5 s; better now than when Train is pressed.
        threading.Thread(target=importlib.import_module, args=("torch._dynamo",)).start()
        while True:
            if not engine.busy or connection.poll(0):
                message = receive(connection.recv_bytes)
                if isinstance(message, Quit):
                    return
                engine.handle(message)
            else:
                engine.advance()


def main(connection: Connection) -> None:
    """The entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the window, which then says quit
    devices.lower_priority()
    serve(connection)
    os._exit(0)  # nothing is left to do, and the import below may still be under way
