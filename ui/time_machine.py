"""The time machine: which step of a run is looked at in the place of the present weights.

Every view shows what the engine makes of the weights that are looked at, so that they all go along:
kernels, maps, the prediction, whatever is studied. The present weights are left alone; a run goes
on meanwhile, and leaving brings them back exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from cnnviz.engine.protocol import Answers, Leave, Tensor, Visit
from cnnviz.engine.protocol.studies import Examine
from cnnviz.message import Message
from ui.holdings import same_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.confusion import Examination
    from cnnviz.engine.protocol import ToEngine
    from cnnviz.runs import KeptRun
    from ui.session import Session
    from ui.studies import Studies

FILM_MILLISECONDS = 400
"""How long a step is on show while the film plays."""
SLOT = "time machine"


class TimeMachine(QObject):
    """`engine.time`: which run and which of its steps are looked at; `changed` tells of another.

    One request is under way and one waiting, the newest; so a slider may be dragged as fast as one
    likes.
    """

    changed = Signal()
    """Another run or step is looked at, or there are other steps to choose from."""
    examined = Signal()
    """There are other answers to all test images, or none."""

    def __init__(
        self,
        session: Session,
        send: Callable[[ToEngine], None],
        look: Callable[[], None],
        studies: Studies,
        parent: QObject | None = None,
    ) -> None:
        """send: to the engine. look: asks it for a new picture."""
        super().__init__(parent)
        self._session, self._send, self._look, self._studies = session, send, look, studies
        self._run = self._newest = ""
        self._step: int | None = None
        self._under_way: int | None = None
        """The step of which a picture has been asked for and has not come."""
        self._watched = False
        self._in_vain: int | None = None
        """The step of which answers were asked for, and could not be had."""
        self._known: tuple[str, tuple[int, ...]] = ("", ())
        self._had_run = False
        self._found: dict[tuple[str, int], Examination] = {}
        self._film = QTimer(self)
        self._film.setInterval(FILM_MILLISECONDS)
        self._film.timeout.connect(self._next_frame)
        studies.found.connect(self._take)
        session.runs.changed.connect(self._refresh)
        session.runs.grown.connect(self._refresh)
        session.changed.connect(self._refresh)

    # --- what is ------------------------------------------------------------------------------

    @property
    def run(self) -> KeptRun | None:
        """The run whose steps can be looked at: the chosen one, else the newest; None where its
        network is not the present one."""
        runs = self._session.runs
        run = runs.get(self._run) or runs.newest
        if run is None or not same_network(run.project, self._session.project):
            return None
        return run

    @property
    def has_run(self) -> bool:
        """Whether there is a run at all."""
        return self._session.runs.newest is not None

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of which there are weights, rising."""
        run = self.run
        return () if run is None else run.kept_steps

    @property
    def step(self) -> int | None:
        """The step that is looked at; None: the present weights are."""
        return self._step

    @property
    def obstacle(self) -> Message | None:
        """Why there is nothing to choose from; None where there is."""
        run = self._session.runs.get(self._run) or self._session.runs.newest
        if run is None:
            return Message("Train first: the run is kept, and can be looked through from here.")
        return self.obstacle_of(run)

    def obstacle_of(self, run: KeptRun) -> Message | None:
        """Why a run cannot be looked through; None where it can."""
        if not same_network(run.project, self._session.project):
            return Message("The network has changed since this run.")
        if run.moments:
            return None
        if run.too_large:
            return Message("The network is too large for its weights to be kept at many steps.")
        return Message("No weights of this run are kept.")

    @property
    def examination(self) -> Examination | None:
        """The answers to all test images with the weights that are looked at; None until they are
        there."""
        run = self.run
        if run is None or self._step is None:
            return None
        known = run.examination
        if known is not None and known.step == self._step:
            return known
        return self._found.get((run.id, self._step))

    @property
    def playing(self) -> bool:
        """Whether the film plays."""
        return self._film.isActive()

    # --- what a person does -------------------------------------------------------------------

    def look_through(self, run: str) -> None:
        """Choose among the steps of another run of the same network; its last is shown."""
        self.leave()
        self._run = run
        self._refresh()
        self.earlier()

    def go_to(self, step: int | None) -> None:
        """Look at the weights of a step of `steps`; None: at the present ones."""
        if step is None:
            self.leave()
        elif step in self.steps and step != self._step:
            self._step = step
            self._visit()
            self.changed.emit()
            self.examined.emit()

    def earlier(self) -> None:
        """One of the steps further back; from the present to the newest of them."""
        before = [step for step in self.steps if self._step is None or step < self._step]
        if before:
            self.go_to(before[-1])

    def later(self) -> None:
        """One of the steps further on; from the newest to the present."""
        if self._step is not None:
            after = [step for step in self.steps if step > self._step]
            self.go_to(after[0] if after else None)

    def play(self) -> None:
        """Show all steps one after another, from the beginning where it is at the end; or pause."""
        if self.playing:
            self._film.stop()
        elif self.steps:
            if self._step is None or self._step == self.steps[-1]:
                self.go_to(self.steps[0])
            self._film.start()
        self.changed.emit()

    def watch(self, watched: bool) -> None:
        """Whether somebody looks at the answers to all test images: only then they are asked for,
        and the film waits for them."""
        self._watched = watched
        self._examine()

    def leave(self) -> None:
        """Look at the present weights again."""
        if self._step is not None:
            self._forget()
            self._send(Leave())
            self._look()

    def go_on_from_here(self) -> None:
        """Make the weights that are looked at the present ones: a step that can be undone."""
        run, step = self.run, self._step
        if run is None or step is None:
            return
        weights = run.moment(step).weights
        self.leave()
        label = Message("Go on from step {step:,}", step=step)
        self._session.take_weights(self._session.project, weights, label)

    # --- what happens -------------------------------------------------------------------------

    def forget(self) -> None:
        """The engine has another network, or is another one: it looks at the present weights."""
        if self._step is not None:
            self._forget()

    def refused(self) -> None:
        """Something could not be done: perhaps what was asked for last, which is given up."""
        if self._under_way is not None:
            self.leave()

    def pictured(self, step: int) -> None:
        """There is a picture of the weights of that step."""
        if self._under_way == step:
            self._under_way = None
            if self._step is not None and self._step != step:
                self._visit()
            else:
                self._examine()

    # --- inside -------------------------------------------------------------------------------

    def _visit(self) -> None:
        run, step = self.run, self._step
        if self._under_way is not None or run is None or step is None:
            return
        self._under_way = step
        weights = run.moment(step).weights
        tensors = [Tensor.of(uid, name, values) for (uid, name, _), values in weights.items()]
        self._send(Visit(step, tensors))
        self._look()

    def _examine(self) -> None:
        """Ask for the answers with these weights, where they are wanted and not known."""
        step, wanted = self._step, self._watched and self.examination is None
        if wanted and step is not None and self._under_way is None:
            self._studies.ask(SLOT, Examine(step))

    def _forget(self) -> None:
        self._film.stop()
        self._step = self._under_way = None
        self._studies.cancel(SLOT)
        self.changed.emit()
        self.examined.emit()

    def _next_frame(self) -> None:
        waits = self._watched and self.examination is None and self._in_vain != self._step
        if self._under_way is not None or waits:
            return  # what there is to be seen of the step has not come yet
        after = [step for step in self.steps if self._step is not None and step > self._step]
        if after:
            self.go_to(after[0])
        if len(after) < 2:
            self._film.stop()
            self.changed.emit()

    def _take(self, slot: str) -> None:
        answer = self._studies.newest(slot)
        run = self.run
        if slot != SLOT or run is None or answer is None:
            return
        if not isinstance(answer.finding, Answers):
            self._in_vain = answer.step if answer.done >= 1 else self._in_vain
            return
        self._found[run.id, answer.finding.step] = answer.finding.examination()
        if answer.finding.step == self._step:
            self.examined.emit()

    def _refresh(self) -> None:
        newest = self._session.runs.newest
        if newest is not None and newest.id != self._newest:
            self._run, self._newest = "", newest.id  # a run that begins is the one to look through
        run = self.run
        known = ("", ()) if run is None else (run.id, run.kept_steps)
        if known == self._known and self._had_run == self.has_run:
            return
        self._had_run = self.has_run
        if known[0] != self._known[0] or not set(self._known[1]) <= set(known[1]):
            # Steps of that name may be others now, as when a run goes on from an earlier place.
            self._found = {key: found for key, found in self._found.items() if key[1] in known[1]}
        self._known = known
        if self._step is not None and self._step not in known[1]:
            self.leave()
        self.changed.emit()
