"""Training as a plain generator: one step, one yield, so that between steps anything can happen."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import torch

from cnnviz import preparation
from cnnviz.engine.measuring import TEST_POINT_IMAGES
from cnnviz.engine.memory import recall
from cnnviz.engine.stepping import Learner
from cnnviz.engine.trouble import exhausted
from cnnviz.layers import fields_of
from cnnviz.message import Message, UserError
from cnnviz.optimizers import optimizer_keywords
from cnnviz.runs import Changed, Due, Place, Point
from cnnviz.schedule import waited_since_best
from cnnviz.training import Training, changed_live

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.build import Model
    from cnnviz.engine.team import Team
    from cnnviz.preparation import Preparation
    from cnnviz.project import Weights

TEST_POINT_STEPS = 100
FIRST_TEST_POINTS = (10, 25, 50)
"""The curve begins early, where most is learned."""
TEST_POINT_LEARNED = 500
"""After so many images an epoch that ends without a whole measurement has a point all the same."""
ONE_CHANGE_SECONDS = 3.0
"""Changes of one setting that follow each other so soon are one, such as the digits of a number."""
MAX_CHANGES = 100


class ExhaustedError(UserError):
    """There was no memory for a step. It has not been made, and can be made again; only running
    statistics may have seen its images."""


class Run(Learner):
    """A training run: steps, and their place in the epochs.

    The points of its curves grow until they are taken with `take_points`. The same model, data,
    settings, seed, device and threads: the same weights.

    As chance follows from the seed and the step alone, a run that is made with a `place`, the
    `memory` of its optimiser and the weights of that step goes on as if it had never been held.

    team: the processes that train with this one, each with such a run. All make the same steps, and
    what is told is told of whole batches.

    Raises:
        UserError: nothing can learn, or the place is none of such a run.
    """

    def __init__(
        self,
        model: Model,
        data: DeviceData,
        settings: Training,
        seed: int,
        place: Place | None = None,
        memory: Weights | None = None,
        team: Team | None = None,
    ) -> None:
        super().__init__(model, data, settings, seed, team)
        self.epoch = 0
        self.batch = 0
        self.changes: list[Changed] = []
        """What was changed on the way, the newest last."""
        self.ended_early: Message | None = None
        """Why the run has ended before its last step."""
        self.thorough = False
        """Whether each epoch ends with a measurement on all images, however few it learns from."""
        self.epoch_over = False
        """Whether an epoch has just been done, and no other has begun."""
        self._changed_at = -math.inf
        self._due: Due = ""
        """What is to be measured before the next step."""
        self._preparation = model.sight.preparation
        """How images are prepared: those that were chosen before the run, changed by chance now."""
        if place is not None:
            self._go_to(place)
            recall(self.optimizer, model, memory or {})
        self.work = self._work()
        """The generator that does it; exhausted at the end of the last epoch."""

    @property
    def epochs(self) -> int:
        """Epochs in all, the last one perhaps begun only."""
        return -(-self.steps // self.batches)

    @property
    def goes_on(self) -> bool:
        """Whether another epoch follows this one."""
        return self.step < self.steps and self.ended_early is None

    def place(self) -> Place:
        """Where the run stands; its points must have been taken."""
        return Place(
            settings=self.settings,
            seed=self.seed,
            step=self.step,
            epoch=self.epoch,
            batch=self.batch,
            epoch_over=self.epoch_over,
            due=self._due,
            seconds=self.seconds,
            images=self.images,
            epoch_losses=tuple(self._epoch_losses),
            changes=tuple(self.changes),
            loss=self.loss,
            test=self.test,
            validation=self.validation,
            preparation=self._preparation,
        )

    def change(self, settings: Training) -> None:
        """Take over what may change while the run goes on, and note if the model's sight is another
        one now."""
        before, self.settings = self.settings, changed_live(self.settings, settings)
        self._note_changes(before, self.settings)
        prepared, sight = self._preparation, self.model.sight.preparation
        self._preparation = preparation.changed_live(prepared, sight)
        self._note_changes(prepared, self._preparation)
        keywords = optimizer_keywords(self.settings)
        for group in self.optimizer.param_groups:
            group.update(keywords)
        for state in self.optimizer.state.values():
            if "square_avg" in state:  # RMSprop makes room for momentum in its first step alone
                state.setdefault("momentum_buffer", torch.zeros_like(state["square_avg"]))

    def take_points(self) -> tuple[list[Point], list[Point], list[Point]]:
        """The points of the curves since the last call: training, test and validation.

        Raises:
            DivergenceError: a loss was not finite; points before it have been kept.
        """
        self.read()
        points = self._train, self._test, self._validation
        self._train, self._test, self._validation = [], [], []
        return points

    def images_per_second(self) -> float | None:
        """How fast it learns at present, evaluations left out."""
        return self.settings.batch_size / self.pace if self.pace else None

    def seconds_left(self) -> float | None:
        """How long the rest will take at the present speed."""
        if not self.step:
            return None
        return self.seconds / self.step * max(0, self.steps - self.step)

    # --- the work -----------------------------------------------------------------------------

    def _work(self) -> Generator[None]:
        if not len(self.data.train_labels) or not len(self.data.test_labels):
            raise UserError(
                Message(
                    "No images are left to learn from or to test with. Choose more of them, or put "
                    "fewer aside."
                )
            )
        order = torch.empty(0)
        of = -1  # the epoch whose order that is
        while self._due or self._within or self.goes_on:
            if self._due:
                at_end = self._due == "all"
                yield from self.measure(len(self.data.test_labels) if at_end else TEST_POINT_IMAGES)
                self._due = ""
                if at_end:
                    self._judge()
                    self.epoch, self.epoch_over = self.epoch + 1, True
                    yield
                continue
            before = self.batch, self.epoch_over
            self.batch, self.epoch_over = self.batch + 1 if self._within else 1, False
            if of != self.epoch:
                order, of = self.order(self.epoch), self.epoch
            started, size = time.perf_counter(), self.settings.batch_size
            if not self._learned(order[(self.batch - 1) * size : self.batch * size]):
                self.batch, self.epoch_over = before
                raise self._exhausted()
            took = time.perf_counter() - started
            self.seconds += took
            self._spent += took
            # An epoch that has begun is finished, unless steps are what is counted.
            over = self.settings.run_length == "steps" and self.step >= self.steps
            if over or (self.batch >= self.batches and self._measures_all()):
                self._due = "all"
            elif self.batch >= self.batches:
                self.epoch, self.epoch_over = self.epoch + 1, True
            often = self.step % TEST_POINT_STEPS == 0 or self.step in FIRST_TEST_POINTS
            if not self._due and (often or (self.epoch_over and self._passes(TEST_POINT_LEARNED))):
                self._due = "some"
            yield

    def _measures_all(self) -> bool:
        """Whether all test images and all that were put aside are measured after this epoch.

        With few images to learn from that would take longer than to learn. So, unless something is
        decided by it, as many are learned from between two such measurements as are measured.
        """
        settings = self.settings
        decides = settings.stopping_patience or settings.target_error
        if self.thorough or decides or settings.schedule == "plateau" or self.step >= self.steps:
            return True
        return self._passes(len(self.data.test_labels) + len(self.data.validation_labels))

    def _passes(self, count: int) -> bool:
        """Whether this epoch is the one in which another `count` images have been learned from."""
        learned = min(self.batches * self.settings.batch_size, len(self.data.train_labels))
        return self.images // count > (self.images - learned) // count

    @property
    def _within(self) -> bool:
        """Whether an epoch has begun and is not over."""
        return self.batch > 0 and not self.epoch_over

    def _go_to(self, place: Place) -> None:
        """Go on from a place instead of from the beginning."""
        at_end = place.due == "all" or place.epoch_over
        inside = 0 < place.batch <= self.batches or place.batch == place.step == 0
        most = (place.epoch + (not place.epoch_over)) * self.batches
        if not inside or (at_end and not place.batch) or place.step > most:
            raise UserError(
                Message(
                    "The run cannot be resumed: what is kept of its place does not fit its "
                    "data. Train again; the weights are there."
                )
            )
        self.step, self.epoch, self.batch = place.step, place.epoch, place.batch
        self.epoch_over, self._due = place.epoch_over, place.due
        self.seconds, self.images = place.seconds, place.images
        self._epoch_losses = list(place.epoch_losses)
        self.changes = list(place.changes)
        self.loss, self.test, self.validation = place.loss, place.test, place.validation
        self._preparation = place.preparation

    def _judge(self) -> None:
        """Note how the epoch ended, and whether the run is to end with it."""
        judged = self.validation or self.test
        if judged is None:
            raise AssertionError("all images have just been measured")
        self._epoch_losses.append(judged.loss)
        settings, wrong = self.settings, 100 * (1 - judged.accuracy)
        images = Message("validation images") if self.validation else Message("test images")
        if self.step >= self.steps:
            return
        if settings.target_error and wrong <= settings.target_error:
            self.ended_early = Message(
                "The run has ended early: {wrong:.2f} % of the {images} are wrong, and the "
                "target is {target:g} %.",
                images=images,
                wrong=wrong,
                target=settings.target_error,
            )
        waited = waited_since_best(self._epoch_losses)
        if settings.stopping_patience and waited >= settings.stopping_patience:
            self.ended_early = Message(
                "The run has ended early: for {n:,} epochs the loss on the {images} has not "
                "become lower.",
                images=images,
                n=waited,
            )

    def _learned(self, indices: torch.Tensor) -> bool:
        """Make a step; whether there was memory for it. It is told later, because what has been
        raised holds on to all that filled the memory."""
        try:
            self.learn(indices)
        except Exception as error:
            if self._moving or not exhausted(error):
                raise
            return False
        return True

    def _exhausted(self) -> ExhaustedError:
        self.optimizer.zero_grad(set_to_none=True)
        return ExhaustedError(
            Message(
                "{device} has run out of memory in step {step:,}, with {n:,} images in a batch.",
                device=self.data.train_labels.device.type.upper(),
                step=self.step + 1,
                n=self.settings.batch_size,
            )
        )

    def begin_again(self) -> None:
        """Be ready for the step that could not be made."""
        self.work = self._work()

    def _note_changes(self, before: Training | Preparation, after: Training | Preparation) -> None:
        """Remember what is another than before, for the curves."""
        for field in fields_of(type(after)):
            old, new = getattr(before, field.name), getattr(after, field.name)
            if old != new and after.shown(field.name):
                self.note_change(field.name, old, new)

    def note_change(
        self, name: str, old: int | float | str | bool, new: int | float | str | bool
    ) -> None:
        """Remember what was changed on the way, for the curves."""
        if not self.step or old == new:
            return
        now = time.perf_counter()
        last, step = self.changes[-1] if self.changes else None, self.step
        soon = now - self._changed_at < ONE_CHANGE_SECONDS
        if last is not None and last.field == name and soon:
            self.changes.pop()
            old, step = last.before, last.step
        if old != new:
            self.changes.append(Changed(step, name, old, new))
        self._changed_at = now
        del self.changes[:-MAX_CHANGES]
