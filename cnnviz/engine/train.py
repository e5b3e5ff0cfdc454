"""Training as a plain generator: one step, one yield, so that between steps anything can happen."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from cnnviz.engine.batches import DeviceData, fit
from cnnviz.engine.build import derived_seed
from cnnviz.engine.protocol import Point
from cnnviz.layers import BatchNorm
from cnnviz.message import Message, UserError
from cnnviz.project import optimizer_call

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cnnviz.engine.build import Model
    from cnnviz.project import Training

TEST_POINT_IMAGES = 1000
"""How many test images a point in the middle of an epoch is measured on; at its end all are."""
TEST_POINT_STEPS = 100
FIRST_TEST_POINTS = (10, 25, 50)
"""The curve begins early, where most is learned."""
SLICE_MULTIPLY_ADDS = 200_000_000
"""The work of a slice of an evaluation: some 20 ms on two cores. It is a count and not a time, so
that the same run always measures the same."""
PACE = 0.02
"""How much the last step counts in the speed that is told."""


class DivergenceError(UserError):
    """The loss is no longer a number."""


class Run:
    """A training run: the model, its optimiser, and its place in the epochs.

    The model is trained in place. `train_points` and `test_points` grow; take them with
    `take_points`. Same model, data, settings, seed, device and threads: the same weights.
    """

    def __init__(
        self, model: Model, data: DeviceData, settings: Training, seed: int, classes: int
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
        self.model, self.data, self.classes = model, data, classes
        self.settings, self.seed = settings, seed
        self.optimizer = _optimizer(model, settings)
        self.step = 0
        self.epoch = 0
        self.batch = 0
        self.seconds = 0.0
        """Spent in training and evaluating, not in waiting."""
        self.images = 0
        self._pace = 0.0
        self.loss: float | None = None
        """Of the last step that has been read."""
        self.test: Point | None = None
        """The last measurement on all test images."""
        self._has_batch_norm = any(isinstance(row.layer, BatchNorm) for row in model.rows)
        self._pending: list[tuple[int, torch.Tensor, torch.Tensor, int]] = []
        self._train: list[Point] = []
        self._test: list[Point] = []
        self._slice = min(max(SLICE_MULTIPLY_ADDS // max(model.multiply_adds, 1), 1), 1000)
        torch.manual_seed(derived_seed(seed, "chance"))  # dropout draws from the global generator
        self.work = self._work()
        """The generator that does it; exhausted at the end of the last epoch."""

    @property
    def batches(self) -> int:
        """Steps in an epoch."""
        size, count = self.settings.batch_size, len(self.data.train_labels)
        alone = count % size == 1 and self._has_batch_norm
        return max(1, count // size if alone else -(-count // size))

    @property
    def steps(self) -> int:
        """Steps in all epochs."""
        return self.batches * self.settings.epochs

    def change(self, settings: Training) -> None:
        """Take over what may change while the run goes on."""
        keep = self.settings
        self.settings = type(settings)(
            optimizer=keep.optimizer,
            batch_size=keep.batch_size,
            nesterov=keep.nesterov,
            learning_rate=settings.learning_rate,
            momentum=settings.momentum,
            weight_decay=settings.weight_decay,
            epochs=settings.epochs,
        )
        for group in self.optimizer.param_groups:
            group["lr"] = settings.learning_rate
            group["weight_decay"] = settings.weight_decay
            if "momentum" in group:
                group["momentum"] = _momentum(self.settings)
            if "nesterov" in group:
                group["nesterov"] = keep.nesterov and group["momentum"] > 0
        for state in self.optimizer.state.values():
            if "square_avg" in state:  # RMSprop makes room for momentum in its first step alone
                state.setdefault("momentum_buffer", torch.zeros_like(state["square_avg"]))

    def take_points(self) -> tuple[list[Point], list[Point]]:
        """The points of the curves since the last call: training and test.

        Raises:
            DivergenceError: a loss was not finite; points before it have been kept.
        """
        self.read()
        train, test = self._train, self._test
        self._train, self._test = [], []
        return train, test

    def images_per_second(self) -> float | None:
        """How fast it learns at present, evaluations left out."""
        return self.settings.batch_size / self._pace if self._pace else None

    def seconds_left(self) -> float | None:
        """How long the rest will take at the present speed."""
        if not self.step:
            return None
        return self.seconds / self.step * (self.steps - self.step)

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
        size = self.settings.batch_size
        while self.epoch < self.settings.epochs:
            order = self._order(self.epoch)
            for batch in range(1, self.batches + 1):
                self.batch = batch
                started = time.perf_counter()
                self._learn(order[(batch - 1) * size : batch * size])
                took = time.perf_counter() - started
                self.seconds += took
                self._pace = took if self.step == 1 else PACE * took + (1 - PACE) * self._pace
                yield
                due = self.step % TEST_POINT_STEPS == 0 or self.step in FIRST_TEST_POINTS
                if due and batch < self.batches:
                    yield from self.measure(TEST_POINT_IMAGES)
            self.epoch += 1
            yield from self.measure(len(self.data.test_labels))

    def _order(self, epoch: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(derived_seed(self.seed, "order", str(epoch)))
        count = len(self.data.train_labels)
        return torch.randperm(count, generator=generator).to(self.data.train_labels.device)

    def _learn(self, indices: torch.Tensor) -> None:
        labels = self.data.train_labels[indices]  # (batch,)
        if not self.model.training:
            self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        logits = self.model(self._images(self.data.train_images[indices]))  # (batch, classes)
        loss = F.cross_entropy(logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.step += 1
        self.images += len(indices)
        correct = (logits.detach().argmax(1) == labels).sum()
        # Reading a value would wait for the device; that is left to `read`.
        self._pending.append((self.step, loss.detach(), correct, len(indices)))

    def _images(self, images: torch.Tensor) -> torch.Tensor:
        x = fit(images, self.model.input)  # (batch, channels, height, width)
        return x.contiguous(memory_format=torch.channels_last)

    def measure(self, count: int) -> Iterator[None]:
        """Loss and accuracy on the first `count` test images, in slices that never take long."""
        step, total, correct, start = self.step, 0.0, 0, 0
        while start < count:
            started = time.perf_counter()
            end = min(start + self._slice, count)
            with torch.inference_mode():
                self.model.eval()
                logits = self.model(self._images(self.data.test_images[start:end]))
                labels = self.data.test_labels[start:end]
                total += float(F.cross_entropy(logits, labels, reduction="sum"))
                correct += int((logits.argmax(1) == labels).sum())
            start = end
            self.seconds += time.perf_counter() - started
            yield
        self._test.append(Point(step, total / count, correct / count))
        if count == len(self.data.test_labels):
            self.test = self._test[-1]

    def read(self) -> None:
        """Turn what the steps left on the device into points.

        Raises:
            DivergenceError: a loss was not finite; points before it have been kept.
        """
        if not self._pending:
            return
        losses = torch.stack([loss for _, loss, _, _ in self._pending]).tolist()
        corrects = torch.stack([correct for _, _, correct, _ in self._pending]).tolist()
        pending, self._pending = self._pending, []
        for (step, _, _, size), loss, correct in zip(pending, losses, corrects, strict=True):
            if not math.isfinite(loss):
                raise self.diverged(step)
            self.loss = loss
            self._train.append(Point(step, loss, correct / size))


def _momentum(settings: Training) -> float:
    return settings.momentum if settings.optimizer in ("sgd", "rmsprop") else 0.0


def _optimizer(model: Model, settings: Training) -> torch.optim.Optimizer:
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    call = optimizer_call(settings)
    kind = getattr(torch.optim, call.name.removeprefix("torch.optim."))
    keywords = dict(call.keywords)
    if settings.optimizer != "rmsprop" and weights[0].device.type in ("cpu", "cuda", "mps", "xpu"):
        keywords["fused"] = True  # one kernel for all weights; the sums are the same
    optimizer: torch.optim.Optimizer = kind(weights, **keywords)
    return optimizer
