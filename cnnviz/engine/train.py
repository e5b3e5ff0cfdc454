"""Training as a plain generator: one step, one yield, so that between steps anything can happen."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import torch

from cnnviz import preparation
from cnnviz.engine.augment import augmented, shifted
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import derived_seed
from cnnviz.engine.loss import loss_of
from cnnviz.engine.measuring import TEST_POINT_IMAGES, Measured
from cnnviz.engine.memory import recall, remembered
from cnnviz.engine.optimizing import draw_from, lay_out, optimizer_of
from cnnviz.engine.team import kept_by_norms
from cnnviz.engine.trouble import exhausted
from cnnviz.layers import BatchNorm, fields_of
from cnnviz.message import Message, UserError
from cnnviz.runs import Changed, Due, Place, Point
from cnnviz.schedule import (
    batches_in,
    learning_rate,
    reductions_after,
    steps_in,
    waited_since_best,
)
from cnnviz.training import Training, changed_live, optimizer_keywords

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.engine.build import Model
    from cnnviz.engine.figures import LayerWatch
    from cnnviz.engine.sight import Sight
    from cnnviz.engine.team import Team
    from cnnviz.preparation import Preparation
    from cnnviz.project import Weights

TEST_POINT_STEPS = 100
FIRST_TEST_POINTS = (10, 25, 50)
"""The curve begins early, where most is learned."""
PACE = 0.02
"""How much a step counts in the speed that is told when the next one is made."""
ONE_CHANGE_SECONDS = 3.0
"""Changes of one setting that follow each other so soon are one, such as the digits of a number."""
MAX_CHANGES = 100


class DivergenceError(UserError):
    """The loss is no longer a number."""


class ExhaustedError(UserError):
    """There was no memory for a step. It has not been made, and can be made again; only running
    statistics may have seen its images."""


class Taught(NamedTuple):
    """What a step has learned from; of the images only which they are, so that it costs nothing.

    step: counted from 1. indices: (batch,) of the training images. logits: (batch, classes), what
    the network made of them before the step moved its weights.
    """

    step: int
    indices: torch.Tensor
    logits: torch.Tensor
    settings: Training
    preparation: Preparation


class Run(Measured):
    """A training run: the model, its optimiser, and its place in the epochs.

    The model is trained in place. `train_points` and `test_points` grow; take them with
    `take_points`. Same model, data, settings, seed, device and threads: the same weights.

    What chance decides in a step follows from the seed and the step alone. So a run that is made
    with a `place` and the `memory` of its optimiser, and the weights of that step, goes on as if it
    had never been held.

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
        classes: int,
        place: Place | None = None,
        memory: Weights | None = None,
        team: Team | None = None,
    ) -> None:
        parameters = list(model.parameters())
        if parameters and not any(p.requires_grad for p in parameters):
            raise UserError(
                Message("All layers that could learn are frozen. Unfreeze one of them, or several.")
            )
        if not parameters:
            raise UserError(
                Message("The network has no weights to train. Add a convolution or a dense layer.")
            )
        super().__init__(model, data, settings, team)
        self.classes, self.seed = classes, seed
        self._format = lay_out(model, settings)
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimizer = optimizer_of(self.weights, settings)
        self.watch: LayerWatch | None = None
        """Measures the layers now and then, where somebody wants to know."""
        self.epoch = 0
        self.batch = 0
        self.images = 0
        self._pace = 0.0  # seconds of a step, of those that have been read
        self._spent = 0.0  # seconds in the steps that have not been read
        self.loss: float | None = None
        """Of the last step that has been read."""
        self.taught: Taught | None = None
        """Of the last step that was made since the run was begun or gone on with."""
        self.changes: list[Changed] = []
        """What was changed on the way, the newest last."""
        self.ended_early: Message | None = None
        """Why the run has ended before its last step."""
        self.epoch_over = False
        """Whether an epoch and its measurement have just been done, and no other has begun."""
        self._changed_at = -math.inf
        self._norm: torch.Tensor | None = None  # of the gradients, where clipping has found it
        self._epoch_losses: list[float] = []  # on all images to judge by, after each epoch
        self._kept: list[torch.Tensor] | None = None  # of the norms, where there is a team
        self._moving = False
        """Whether the weights are being moved: what fails then leaves some of them moved."""
        self._has_batch_norm = any(isinstance(row.layer, BatchNorm) for row in model.rows)
        self._due: Due = ""
        """What is to be measured before the next step."""
        self._pending: list[tuple[int, torch.Tensor, torch.Tensor, int]] = []
        self._train: list[Point] = []
        self._preparation = model.sight.preparation
        """How images are prepared: those that were chosen before the run, changed by chance now."""
        if place is not None:
            self._go_to(place)
            recall(self.optimizer, model, memory or {})
        self.work = self._work()
        """The generator that does it; exhausted at the end of the last epoch."""

    @property
    def batches(self) -> int:
        """Steps in an epoch."""
        count = len(self.data.train_labels)
        return batches_in(self.settings, count, drop_single=self._has_batch_norm)

    @property
    def steps(self) -> int:
        """Steps in all epochs."""
        return steps_in(self.settings, self.batches)

    @property
    def epochs(self) -> int:
        """Epochs in all, the last one perhaps begun only."""
        return -(-self.steps // self.batches)

    @property
    def goes_on(self) -> bool:
        """Whether another epoch follows this one."""
        return self.step < self.steps and self.ended_early is None

    @property
    def learning_rate(self) -> float:
        """Of the next step, as its schedule has it."""
        met = reductions_after(self._epoch_losses, self.settings.plateau_patience)
        return learning_rate(self.settings, self.step, self.batches, met)

    def gradient_norm(self) -> float | None:
        """The length of all gradients of the last step together, before they were cut."""
        if self._norm is not None:
            return float(self._norm)
        found = [weight.grad for weight in self.weights if weight.grad is not None]
        return float(torch.nn.utils.get_total_norm(found)) if found else None

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

    def memory(self) -> Weights:
        """What the optimiser remembers of each weight; see `cnnviz.runs.Standing`."""
        return remembered(self.optimizer, self.model)

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
        return self.settings.batch_size / self._step_seconds if self._step_seconds else None

    def seconds_left(self) -> float | None:
        """How long the rest will take at the present speed."""
        if not self.step:
            return None
        return self.seconds / self.step * max(0, self.steps - self.step)

    def diverged(self, step: int) -> DivergenceError:
        """What to raise where the loss or the weights of a step are not finite."""
        return DivergenceError(
            Message(
                "The loss is no longer a number at step {step:,}: with the learning rate "
                "{rate:g} the weights have grown without bound. Try {smaller:g}.",
                step=step,
                rate=self.settings.learning_rate,
                smaller=self.settings.learning_rate / 10,
            )
        )

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
            if over or self.batch >= self.batches:
                self._due = "all"
            elif self.step % TEST_POINT_STEPS == 0 or self.step in FIRST_TEST_POINTS:
                self._due = "some"
            yield

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
                    "The run cannot be gone on with: what is kept of its place does not fit its "
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

    def order(self, epoch: int) -> torch.Tensor:
        """The images of an epoch in the order in which they are learned from."""
        generator = torch.Generator().manual_seed(derived_seed(self.seed, "order", str(epoch)))
        count = len(self.data.train_labels)
        return torch.randperm(count, generator=generator).to(self.data.train_labels.device)

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

    def learn(self, indices: torch.Tensor) -> torch.Tensor:
        """One step: these training images forward, their loss back, the weights moved. The loss."""
        team = self._team
        # Each of a team draws another dropout, as it has other images.
        own = [] if team is None or team.leads else [str(team.rank)]
        chance = derived_seed(self.seed, "chance", str(self.step), *own)
        draw_from(chance, self.data.train_labels.device)
        labels = self.data.train_labels[indices]  # (batch,)
        if not self.model.training:
            self.model.train()
        rate = self.learning_rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        sight = self.model.sight
        images = self._seen_in(self.step, indices, sight, self.settings)
        images = images.contiguous(memory_format=self._format)
        part = 1.0
        if team is not None:
            some, part = team.share(len(indices), 2 if self._has_batch_norm else 1)
            images, labels = images[some], labels[some]
        low = self.settings.precision == "bfloat16"
        with torch.autocast(labels.device.type, torch.bfloat16, enabled=low):
            logits = self.model(images)  # (batch, classes)
        logits = logits.float()
        loss = loss_of(self.settings, logits, labels)
        correct = (logits.detach().argmax(1) == labels).sum()
        if team is None:
            loss.backward()  # type: ignore[no-untyped-call]
        else:
            loss, correct = self._pooled(team, loss, correct, part)
        before = self.watch.before(self.step + 1) if self.watch is not None else None
        limit = self.settings.clipping
        self._norm = torch.nn.utils.clip_grad_norm_(self.weights, limit) if limit else None
        self._moving = True
        self.optimizer.step()
        self._moving = False
        self.step += 1
        self.images += len(indices)
        how = sight.preparation
        self.taught = Taught(self.step, indices, logits.detach(), self.settings, how)
        # Reading a value would wait for the device; that is left to `read`.
        self._pending.append((self.step, loss.detach(), correct, len(indices)))
        if self.watch is not None and before is not None:
            try:
                self.watch.after(self.step, before, images, self._step_seconds)
            except (NotImplementedError, torch.OutOfMemoryError):
                self.watch = None  # a device that cannot, or has no room: the run goes on without
        return loss.detach()

    def _pooled(
        self, team: Team, loss: torch.Tensor, correct: torch.Tensor, part: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Go back from the loss on this process's part of the batch, and make of it what the whole
        batch has to say: its loss and how many answers are right; and so the gradients."""
        (loss * part).backward()  # type: ignore[no-untyped-call]
        if self._kept is None:
            self._kept = kept_by_norms(self.model)
        learned = [weight.grad for weight in self.weights if weight.grad is not None]
        told = torch.stack((loss.detach() * part, correct.float() * (part > 0)))
        team.pool(part, learned, self._kept, told)
        return told[0], told[1]

    def seen_by(self, taught: Taught, sight: Sight) -> torch.Tensor:
        """What the network saw of a batch: (batch, channels, height, width), once more.

        sight: with the preparation of that step.
        """
        return self._seen_in(taught.step - 1, taught.indices, sight, taught.settings)

    def _seen_in(
        self, step: int, indices: torch.Tensor, sight: Sight, settings: Training
    ) -> torch.Tensor:
        """Training images changed by the chance of a step, which is counted from 0."""
        x = shifted(sight.fitted(self.data.train_images[indices]), settings.shift, self.seed, step)
        return sight.scaled(augmented(x, sight.preparation, self.seed, step))

    def read(self) -> None:
        """Turn what the steps left on the device into points.

        Raises:
            DivergenceError: a loss was not finite; points before it have been kept.
        """
        if not self._pending:
            return
        started = time.perf_counter()
        losses = torch.stack([loss for _, loss, _, _ in self._pending]).tolist()
        corrects = torch.stack([correct for _, _, correct, _ in self._pending]).tolist()
        pending, self._pending = self._pending, []
        self._note_pace(len(pending), time.perf_counter() - started)
        for (step, _, _, size), loss, correct in zip(pending, losses, corrects, strict=True):
            if not math.isfinite(loss):
                raise self.diverged(step)
            self.loss = loss
            self._train.append(Point(step, loss, correct / size))

    @property
    def _step_seconds(self) -> float:
        """How long a step takes at present; 0 before it is known."""
        return self._pace or self._spent / max(1, len(self._pending))

    def _note_pace(self, steps: int, waited: float) -> None:
        """How long these steps took: what a device was still to do when they had been handed to it
        is a part of that."""
        self.seconds += waited
        took, self._spent = (self._spent + waited) / steps, 0.0
        before = (1 - PACE) ** steps if self._pace else 0.0
        self._pace = before * self._pace + (1 - before) * took

    def _note_changes(self, before: Training | Preparation, after: Training | Preparation) -> None:
        """Remember what is another than before, for the curves."""
        if not self.step:
            return
        now = time.perf_counter()
        for field in fields_of(type(after)):
            old, new = getattr(before, field.name), getattr(after, field.name)
            if old == new or not after.shown(field.name):
                continue
            last, step = self.changes[-1] if self.changes else None, self.step
            soon = now - self._changed_at < ONE_CHANGE_SECONDS
            if last is not None and last.field == field.name and soon:
                self.changes.pop()
                old, step = last.before, last.step
            if old != new:
                self.changes.append(Changed(step, field.name, old, new))
            self._changed_at = now
        del self.changes[:-MAX_CHANGES]
