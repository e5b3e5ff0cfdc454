"""Writes down what the engine tells of runs: in the session's runs, where they are kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from PySide6.QtCore import QObject

from cnnviz.runs import KeptRun, Moment, Standing

if TYPE_CHECKING:
    from cnnviz.engine.protocol import Examined, Passed, Progress, Snapshot
    from cnnviz.history import State
    from cnnviz.project import Weights
    from ui.session import Session


class _Expected(NamedTuple):
    """A run that was asked for, of which nothing has been heard yet."""

    revision: int
    run: KeptRun
    new: bool


class RunBook(QObject):
    """The run that the engine works at, and the one that it was asked for."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._expected: _Expected | None = None
        self._number = -1
        """What the engine calls the run."""
        self._id = ""

    @property
    def run(self) -> str:
        """The id of the run that the engine works at; "" where it works at none."""
        return self._id

    # --- what is asked ------------------------------------------------------------------------

    def expect(self, device: str, threads: int) -> None:
        """A run of the present state is asked for."""
        state, runs = self._session.state, self._session.runs
        keys = self._session.report.tensor_keys()
        run = KeptRun(
            id=runs.new_id(),
            began=time.time(),
            project=msgspec.structs.replace(state.project, runs=()),
            from_seed=not any(key in state.weights for key in keys),
            device=device,
            threads=threads,
        )
        self._expected = _Expected(state.revision, run, new=True)

    def expect_again(self, standing: Standing, revision: int) -> KeptRun | None:
        """A run is asked to go on where it stands; None where it is not known."""
        run = self._session.runs.facts.get(standing.run)
        if run is not None:
            self._expected = _Expected(revision, run, new=False)
        return run

    def forget(self) -> None:
        """Another project is open: what is still told of a run is of the one before."""
        self._expected, self._number, self._id = None, -1, ""

    def refused(self) -> None:
        """What was asked for does not begin."""
        expected, self._expected = self._expected, None
        if expected is not None and not expected.new:
            self._session.runs.stand(None)
            self._replace(expected.run.id, state="stopped")

    def run_of(self, state: State) -> KeptRun | None:
        """The run that has led to the weights of a state, which are still those of its end."""
        for run in reversed(self._session.runs.all):
            last = run.moments[-1].weights if run.over and run.moments else {}
            if last and all(state.weights.get(key) is value for key, value in last.items()):
                return run
        return None

    # --- what is told -------------------------------------------------------------------------

    def take(self, message: Progress) -> None:
        """How a run stands."""
        expected = self._expected
        begins = message.run != self._number and message.state in ("loading", "running")
        if begins and expected is not None and message.revision == expected.revision:
            self._expected = None
            self._number, self._id = message.run, expected.run.id
            if expected.new:
                self._session.runs.begin(expected.run)
        if message.run != self._number or not self._id:
            return
        known = self._session.runs.facts.get(self._id)
        if known is None or (known.state == "paused" and message.state == "loading"):
            return  # another project was opened; or it is made ready to go on
        explanation = message.explanation
        self._replace(
            self._id,
            state=message.state,
            explanation=explanation.message() if explanation else None,
            step=message.step or known.step,
            steps=message.steps or known.steps,
            seconds=message.seconds or known.seconds,
            train=known.train.extended(message.train),
            validation=known.validation.extended(message.validation),
            test=known.test.extended(message.test),
            changes=tuple(message.changes) or known.changes,
        )
        if message.state in ("finished", "stopped", "failed"):
            self._session.runs.stand(None)
            self._number, self._id = -1, ""

    def take_moment(self, message: Passed) -> None:
        """The weights after one of the steps that are kept."""
        if message.run != self._number or self._id not in self._session.runs.facts:
            return
        weights = {tensor.key: tensor.array() for tensor in message.tensors}
        known = self._session.runs.facts[self._id]
        self._session.runs.replace(known.with_moment(Moment(message.step, weights)))

    def take_snapshot(self, message: Snapshot, weights: Weights, *, present: bool) -> None:
        """What has been learned by now, and where the run stands.

        weights: those of the message, the very arrays that the session has. present: whether it is
        of the present network.
        """
        runs = self._session.runs
        if not self._id or self._id not in runs.facts:
            return
        standing = None
        if present and message.place is not None:
            memory = {tensor.key: tensor.array() for tensor in message.memory}
            standing = Standing(self._id, message.place, memory)
        runs.stand(standing)
        if message.final:
            known = runs.facts[self._id]
            runs.replace(known.with_moment(Moment(message.step, weights)))

    def take_examination(self, message: Examined) -> None:
        """The answers to all test images."""
        if message.run == self._number and self._id in self._session.runs.facts:
            self._replace(self._id, examination=message.answers.examination())

    def lost(self) -> None:
        """The engine is gone: the run stands where it was last told to stand, or has stopped."""
        runs, run, self._id = self._session.runs, self._id, ""
        self._number, self._expected = -1, None
        if run in runs.facts and not runs.facts[run].over:
            standing = runs.standing
            if standing is not None and standing.run == run:
                runs.hold(standing)
            else:
                self._replace(run, state="stopped")

    # --- inside -------------------------------------------------------------------------------

    def _replace(self, run: str, **changes: object) -> None:
        known = self._session.runs.facts.get(run)
        if known is None or all(getattr(known, name) == new for name, new in changes.items()):
            return
        self._session.runs.replace(msgspec.structs.replace(known, **changes))
