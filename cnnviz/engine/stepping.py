"""One step of training: images forward, their loss back, the weights moved."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import torch

from cnnviz.engine.augment import augmented, shifted
from cnnviz.engine.build import derived_seed
from cnnviz.engine.loss import loss_of
from cnnviz.engine.measuring import Measured
from cnnviz.engine.memory import remembered
from cnnviz.engine.optimizing import draw_from, lay_out, optimizer_of
from cnnviz.engine.team import kept_by_norms
from cnnviz.layers import BatchNorm
from cnnviz.message import Message, UserError
from cnnviz.runs import Point
from cnnviz.schedule import batches_in, learning_rate, reductions_after, steps_in

if TYPE_CHECKING:
    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.build import Model
    from cnnviz.engine.figures import LayerWatch
    from cnnviz.engine.sight import Sight
    from cnnviz.engine.team import Team
    from cnnviz.preparation import Preparation
    from cnnviz.project import Weights
    from cnnviz.training import Training

PACE = 0.02
"""How much a step counts in the speed that is told when the next one is made."""


class DivergenceError(UserError):
    """The loss is no longer a number."""


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


class Learner(Measured):
    """A model, trained in place step by step, and its optimiser.

    What chance decides in a step follows from the seed and the step alone.

    Raises:
        UserError: nothing can learn.
    """

    def __init__(
        self, model: Model, data: DeviceData, settings: Training, seed: int, team: Team | None
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
        self.seed = seed
        self._format = lay_out(model, settings)
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimizer = optimizer_of(self.weights, settings)
        self.watch: LayerWatch | None = None
        """Measures the layers now and then, where somebody wants to know."""
        self.images = 0
        """Learned from by now."""
        self.loss: float | None = None
        """Of the last step that has been read."""
        self.taught: Taught | None = None
        """Of the last step that was made since the run was begun or gone on with."""
        self._pace = 0.0  # seconds of a step, of those that have been read
        self._spent = 0.0  # seconds in the steps that have not been read
        self._norm: torch.Tensor | None = None  # of the gradients, where clipping has found it
        self._epoch_losses: list[float] = []  # on all images to judge by, after each epoch
        self._kept: list[torch.Tensor] | None = None  # of the norms, where there is a team
        self._moving = False
        """Whether the weights are being moved: what fails then leaves some of them moved."""
        self._has_batch_norm = any(isinstance(row.layer, BatchNorm) for row in model.rows)
        self._pending: list[tuple[int, torch.Tensor, torch.Tensor, int]] = []
        self._train: list[Point] = []

    @property
    def batches(self) -> int:
        """Steps in an epoch."""
        return self._batches_with(self.settings)

    def _batches_with(self, settings: Training) -> int:
        count = len(self.data.train_labels)
        return batches_in(settings, count, drop_single=self._has_batch_norm)

    @property
    def steps(self) -> int:
        """Steps in all epochs."""
        return steps_in(self.settings, self.batches)

    @property
    def learning_rate(self) -> float:
        """Of the next step, as its schedule has it."""
        met = reductions_after(self._epoch_losses, self.settings.plateau_patience)
        return learning_rate(self.settings, self.step, self.batches, met)

    @property
    def pace(self) -> float:
        """Seconds that a step takes at present; 0 before the first."""
        return self._pace or self._spent / max(1, len(self._pending))

    def gradient_norm(self) -> float | None:
        """The length of all gradients of the last step together, before they were cut."""
        if self._norm is not None:
            return float(self._norm)
        found = [weight.grad for weight in self.weights if weight.grad is not None]
        return float(torch.nn.utils.get_total_norm(found)) if found else None

    def memory(self) -> Weights:
        """What the optimiser remembers of each weight; see `cnnviz.runs.Standing`."""
        return remembered(self.optimizer, self.model)

    def order(self, epoch: int) -> torch.Tensor:
        """The images of an epoch in the order in which they are learned from."""
        generator = torch.Generator().manual_seed(derived_seed(self.seed, "order", str(epoch)))
        count = len(self.data.train_labels)
        return torch.randperm(count, generator=generator).to(self.data.train_labels.device)

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
        part, first = 1.0, 0
        if team is not None:
            some, part = team.share(len(indices), 2 if self._has_batch_norm else 1)
            images, labels, first = images[some], labels[some], some.start
        low = self.settings.precision == "bfloat16"
        with torch.autocast(labels.device.type, torch.bfloat16, enabled=low):
            apart = self.settings.branches_apart
            logits = self.model.apart(images, first) if apart else self.model(images)
        logits = logits.float()  # (batch, classes)
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
                self.watch.after(self.step, before, images, self.pace)
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
        x = sight.fitted(self.data.train_images[indices])
        how = sight.preparation
        if step < how.changing(steps_in(settings, self._batches_with(settings))):
            x = augmented(shifted(x, settings.shift, self.seed, step), how, self.seed, step)
        return sight.scaled(x)

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

    def _note_pace(self, steps: int, waited: float) -> None:
        """How long these steps took: what a device was still to do when they had been handed to it
        is a part of that."""
        self.seconds += waited
        took, self._spent = (self._spent + waited) / steps, 0.0
        before = (1 - PACE) ** steps if self._pace else 0.0
        self._pace = before * self._pace + (1 - before) * took

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
