"""Runs: begins, holds and ends them, and tells how they stand."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from cnnviz.analysis import analyze
from cnnviz.engine import device as devices
from cnnviz.engine.figures import LayerWatch
from cnnviz.engine.gradients import GradientWatch
from cnnviz.engine.keeping import Keeper
from cnnviz.engine.protocol import (
    Answers,
    Examined,
    Progress,
    Resume,
    Text,
    Train,
)
from cnnviz.engine.share import Share
from cnnviz.engine.stepping import DivergenceError
from cnnviz.engine.train import ExhaustedError, Run
from cnnviz.engine.trouble import explain
from cnnviz.message import Message, UserError
from cnnviz.runs import RunState
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.confusion import Examination
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol import Load
    from cnnviz.preparation import Preparation

PROGRESS_SECONDS = 1 / 30
SELDOM = 8
"""So many times as seldom the window is told where it would take a core from the run each time."""
PLACES, SELDOMEST = 15, 1.0
"""There it is told no sooner than curves of so many places have moved by one, or these seconds."""


class Runner:
    """At most one run, which trains the network on the bench slice by slice."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._settings = Training()
        """Of the run that there is or that begins."""
        self.run: Run | None = None
        self._runs = 0
        self._state: RunState = "stopped"
        self._task: Generator[None] | None = None
        self._pause_at: int | None = None
        self._pause_after_epoch = False
        self._examined: Examination | None = None
        self._share = Share()
        self._gradients: GradientWatch | None = None
        self.told = 0.0
        self.keeper = Keeper(bench)
        self._waits = False
        """Whether a run that is put where it stood waits there."""

    @property
    def busy(self) -> bool:
        """Whether there is a run to go on with."""
        return self._task is not None

    @property
    def step(self) -> int:
        """Of the weights that are looked at: of the present run, 0 where there is none, unless
        others are visited."""
        visited = self._bench.visited_step
        return visited if visited is not None else self.run.step if self.run else 0

    def advance(self) -> None:
        """Do the next slice: a step, or some images of an evaluation."""
        if self._task is None:
            return
        self._bench.moves += 1
        try:
            next(self._task)
        except StopIteration:
            self._task = None
        except ExhaustedError as error:
            self._task = None
            self._exhausted(error.message)
        except Exception as error:  # whatever happens, the engine lives and tells
            self._task = None
            self._failed(error)

    def change(self, settings: Training, preparation: Preparation) -> None:
        """Change what can change while a run goes on."""
        self._settings = settings
        self._bench.prepare(preparation)
        if self.run is not None:
            self.run.change(settings)
            self._tell_progress()

    def use_threads(self, threads: int, free: int) -> None:
        """Compute with another number of threads; the curves of a run mark where."""
        before = self._bench.threads
        self._bench.use_threads(threads, free)
        self._share.begin()
        if self.run is not None:
            self.run.note_change("threads", before, self._bench.threads)
            self._tell_progress()

    def pause(self) -> None:
        """Hold the run after the present step."""
        if self._state == "loading" and self._waits:
            return  # it is put where it stood, and waits there anyway
        if self._state in ("loading", "running"):
            self._hold("paused")

    def stop(self) -> None:
        """End the run, if there is one; the weights stay."""
        self._end("stopped")

    def train(self, train: Train) -> None:
        """Start a run, or go on with the present one.

        Raises:
            UserError: the network cannot be trained.
        """
        model, load = self._trainable()
        waits_for = self._pause_at or 0
        self._pause_at, self._pause_after_epoch = None, train.to_epoch
        self._settings = train.settings
        self._bench.prepare(train.preparation)
        if self.run is not None and self._state in ("paused", "running"):
            self.run.change(train.settings)
        elif self._state == "loading" and load.revision == train.revision:
            self._waits = False  # pressed once more: the run is about to begin
        else:
            waits_for = 0
            self._end("stopped")
            report = analyze(load.network)
            devices.check_fits(report, self._bench.device, train.settings)
            load = self._announce(load, train.revision, waits=False)
            self._task = self._begin(model, load)
        if train.steps is not None:  # after those that were asked for and are not made yet
            self._pause_at = max(self.run.step if self.run else 0, waits_for) + train.steps
        if self.run is not None:
            self._task = self._go(self.run)

    def _trainable(self) -> tuple[Model, Load]:
        """The network on the bench, and what was said of it."""
        model, load = self._bench.trained, self._bench.loaded
        if model is None or load is None or not model.complete:
            raise UserError(
                Message("The network cannot be trained until the problem in it is fixed.")
            )
        return model, load

    def _announce(self, load: Load, revision: int, *, waits: bool) -> Load:
        """A run begins: its data are about to be read. waits: it then waits where it stood."""
        load = self._bench.renumber(load, revision)
        self._runs += 1
        self._state, self.told, self._waits = "loading", 0.0, waits
        self._tell_beginning(load)
        return load

    def _begin(self, model: Model, load: Load) -> Generator[None]:
        """Read the data, and go."""
        data = yield from self._bench.data()
        run = self.run = Run(model, data, self._settings, load.seed)
        self._ready(run)
        self.keeper.tell_moment(run)
        yield from self._go(run)

    def resume(self, resume: Resume) -> None:
        """Put the present network where a run of it stood, and hold it there.

        Raises:
            UserError: it cannot be gone on with.
        """
        model, load = self._trainable()
        self._end("stopped")
        self._pause_at, self._pause_after_epoch = None, False
        self._settings = resume.place.settings
        self._announce(load, resume.revision, waits=True)
        self._task = self._go_back(model, resume)

    def _go_back(self, model: Model, resume: Resume) -> Generator[None]:
        """Read the data, and stand where the run stood."""
        place, memory = resume.place, {one.key: one.array() for one in resume.tensors}
        data = yield from self._bench.data(place.preparation)
        settings = self._settings
        run = Run(model, data, place.settings, place.seed, place, memory)
        run.change(settings)  # perhaps changed while the data were read
        self.run = run
        self._ready(run)
        if not self._waits:
            yield from self._go(run)
            return
        self._task, self._state = None, "paused"
        self._tell_progress()

    def _ready(self, run: Run) -> None:
        """What is measured and kept of a run begins."""
        run.watch = LayerWatch(run.model, run.weights)
        self._gradients = GradientWatch(run.model)
        self.keeper.begin(run, self._runs)

    def _go(self, run: Run) -> Generator[None]:
        """Train, until the run is over or held."""
        self._state = "running"
        self._share.begin()
        run.thorough = self._pause_after_epoch
        for _ in run.work:
            if run.step == self.keeper.next_moment:
                self.keeper.tell_moment(run)
            now = time.perf_counter()
            held = self._pause_at is not None and run.step >= self._pause_at
            held = held or (self._pause_after_epoch and run.epoch_over and run.goes_on)
            if held:
                self._hold("paused")
                return
            keeps = now >= self.keeper.snapshot_due
            if keeps or now - self.told >= self._telling_seconds(run):
                self._tell_progress()
            if keeps:
                self.snapshot(final=False)
            yield
        self._finish()

    def _telling_seconds(self, run: Run) -> float:
        """From one word on a run to the next. On curves over all steps the same seconds are less
        and less to be seen, while drawing them costs as much as ever."""
        if not self._bench.ready.crowded:
            return PROGRESS_SECONDS
        return min(max(SELDOM * PROGRESS_SECONDS, run.seconds / PLACES), SELDOMEST)

    def _finish(self) -> None:
        self._task = None
        early = self.run.ended_early if self.run else None
        self._settle("finished", Text.of(early) if early else None)
        self.run = None

    def _hold(self, state: RunState) -> None:
        """Stop working at the run, which keeps its place."""
        if self.run is None:  # still loading
            self._end("stopped")
            return
        self._task = None
        self._settle(state)

    def _end(self, state: RunState) -> None:
        """End the run, if there is one; the weights stay."""
        self._task = None
        before = self._state
        if self.run is not None:
            self._settle(state)
        else:
            self._state = state
            if before == "loading":
                self._tell_progress()
        self.run = None

    def _settle(
        self, state: RunState, explanation: Text | None = None, *, exhausted: bool = False
    ) -> None:
        """Tell all that the run has done by now: its curves, the weights, then how it stands."""
        try:
            if self._state == "running":
                self._tell_progress()
            self._state = state
            self.snapshot(final=True)
            self._tell_progress(explanation, exhausted=exhausted)
        except DivergenceError as error:  # noticed just now
            self._failed(error)

    def _exhausted(self, message: Message) -> None:
        """There was no memory for a step: hold the run before it, and let the window ask."""
        assert self.run is not None
        self.run.begin_again()
        devices.release(self._bench.device)
        self._pause_at, self._pause_after_epoch = None, False
        try:
            self._settle("paused", Text.of(message), exhausted=True)
        except Exception as error:  # not even for a copy of the weights
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """The run cannot go on: back to the last weights that were sound."""
        explanation = Text.of(explain(error, self._bench.device))
        run, self._state = self.run, "failed"
        if run is not None and self._bench.trained is not None:
            with contextlib.suppress(DivergenceError):
                run.read()
            if self.keeper.go_back(run):
                if isinstance(error, DivergenceError):
                    run.listen()
                self.keeper.send(run, final=True, goes_on=False)
        self._tell_progress(explanation)
        self.run = None

    def _tell_beginning(self, load: Load) -> None:
        """Progress of a run that has not begun: its data are being loaded."""
        epochs = self._settings.epochs
        self._bench.send(
            Progress(
                load.revision, self._runs, self._state, 0, 0, 0, epochs, 0, 0, None, None, None
            )
        )

    def _tell_progress(self, explanation: Text | None = None, *, exhausted: bool = False) -> None:
        run, load = self.run, self._bench.loaded
        if load is None:
            return
        if run is None:
            self._bench.send(
                Progress(
                    load.revision, self._runs, self._state, 0, 0, 0, 0, 0, 0, None, None, None,
                    explanation=explanation,
                )
            )  # fmt: skip
            return
        train, test, validation = run.take_points()
        if run.examination is not None and run.examination is not self._examined:
            self._examined = run.examination
            answers = Answers.of(run.examination)
            self._bench.send(Examined(load.revision, self._runs, answers))
        figures = run.watch.take() if run.watch is not None else []
        warning = run.warning
        if self._gradients is not None:
            self._gradients.hear(figures)
            warning = warning or self._gradients.message(clipped=run.settings.clipping > 0)
        self.told = time.perf_counter()
        self._bench.send(
            Progress(
                revision=load.revision,
                run=self._runs,
                state=self._state,
                step=run.step,
                steps=run.steps,
                epoch=max(1, -(-run.step // run.batches)),  # the one that `batch` belongs to
                epochs=run.epochs,
                batch=run.batch,
                batches=run.batches,
                loss=run.loss,
                images_per_second=run.images_per_second(),
                seconds_left=run.seconds_left(),
                train=train,
                test=test,
                validation=validation,
                explanation=explanation,
                learning_rate=run.learning_rate,
                gradient_norm=run.gradient_norm(),
                memory=devices.held_memory(self._bench.device),
                changes=run.changes,
                warning=Text.of(warning) if warning else None,
                seconds=run.seconds,
                figures=figures,
                exhausted=exhausted,
                cores=self._share.cores() if self._bench.device == "cpu" else None,
            )
        )

    def snapshot(self, *, final: bool) -> None:
        """Keep the weights and tell the window, which has the curves up to there already: dies
        the engine now, no run is to stand where its curves do not reach.

        Raises:
            DivergenceError: they, or a loss on the way to them, are not finite.
        """
        self.keeper.snapshot(self.run, final=final, goes_on=self._state in ("running", "paused"))
