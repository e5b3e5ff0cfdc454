"""A run of the command line, kept as the window keeps its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from cnnviz.runs import KeptRun, Moment, most_moments, next_id, next_scheduled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnviz.engine.train import Run
    from cnnviz.project import Project, Weights
    from cnnviz.runs import RunState


class Recording:
    """Follows a run from its beginning; `kept` is what belongs in the project's file.

    learned: gives the present weights of the run.
    """

    def __init__(
        self,
        before: Sequence[KeptRun],
        project: Project,
        run: Run,
        device: str,
        threads: int,
        *,
        from_seed: bool,
        learned: Callable[[], Weights],
    ) -> None:
        self._run, self._learned = run, learned
        ids = [one.id for one in before] + [note.run for note in project.runs]
        self.kept = KeptRun(
            id=next_id(ids),
            began=time.time(),
            project=msgspec.structs.replace(project, runs=()),
            from_seed=from_seed,
            device=device,
            threads=threads,
            steps=run.steps,
        )
        values = sum(tensor.numel() for _, tensor in run.model.tensors())
        self._next = 0 if most_moments(4 * values) else -1
        self.follow()

    def follow(self) -> None:
        """A step has been made; to be called after each, as the weights of some are kept."""
        if self._run.step == self._next:
            self._next = next_scheduled(self._run.step)
            self.kept = self.kept.with_moment(Moment(self._run.step, self._learned()))

    def take(self) -> None:
        """Take the points that have been measured by now.

        Raises:
            DivergenceError: a loss was not finite.
        """
        train, test, validation = self._run.take_points()
        kept = self.kept
        self.kept = msgspec.structs.replace(
            kept,
            train=kept.train.extended(train),
            test=kept.test.extended(test),
            validation=kept.validation.extended(validation),
            step=self._run.step,
            seconds=self._run.seconds,
        )

    def end(self, state: RunState) -> KeptRun:
        """The whole run, its last weights included."""
        kept = self.kept
        if self._next >= 0:
            kept = kept.with_moment(Moment(self._run.step, self._learned()))
        self.kept = msgspec.structs.replace(
            kept,
            state=state,
            explanation=self._run.ended_early,
            examination=self._run.examination,
        )
        return self.kept
