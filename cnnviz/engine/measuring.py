"""How good a network is by now: loss and accuracy on images that it does not learn from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.confusion import Examination
from cnnviz.engine.device import in_order
from cnnviz.engine.loss import loss_of
from cnnviz.engine.silence import Silence
from cnnviz.runs import Point

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.build import Model
    from cnnviz.engine.team import Team
    from cnnviz.message import Message
    from cnnviz.training import Training

TEST_POINT_IMAGES = 1000
"""How many test images a point in the middle of an epoch is measured on; at its end all are."""
SLICE_MULTIPLY_ADDS = 200_000_000
"""The work of a slice of an evaluation: some 20 ms on two cores. It is a count and not a time, so
that the same run always measures the same."""
LISTENING_SLICES, FEWEST_IMAGES = 5, 20
"""What is silent for fewer images may speak for others."""


class Measured:
    """A model that is measured on its data, in slices that never take long.

    team: the processes that measure with this one; what is told is told of all images.
    """

    def __init__(
        self, model: Model, data: DeviceData, settings: Training, team: Team | None
    ) -> None:
        self.model, self.data, self.settings, self._team = model, data, settings, team
        self.step = 0
        self.seconds = 0.0
        """Spent in training and evaluating, not in waiting."""
        self.test: Point | None = None
        """The last measurement on all test images."""
        self.validation: Point | None = None
        """The last measurement on all that was put aside; None where nothing was."""
        self.examination: Examination | None = None
        """The answers to all test images, when they were last measured."""
        self.warning: Message | None = None
        """What was odd when it was last measured."""
        self._test: list[Point] = []
        self._validation: list[Point] = []
        self._slice = min(max(SLICE_MULTIPLY_ADDS // max(model.multiply_adds, 1), 1), 1000)

    def _seen(self, images: torch.Tensor) -> torch.Tensor:
        """What the network sees of test images: (batch, channels, height, width)."""
        return in_order(self.model.sight.seen(images))

    def measure(self, count: int) -> Iterator[None]:
        """Loss and accuracy on the first `count` test images and as many of those that were put
        aside (on all of them where `count` is all), in slices that never take long."""
        aside, there = len(self.data.validation_labels), len(self.data.test_labels)
        count = min(count, there)
        validation: Point | None = None
        if aside:
            wanted = aside if count == there else min(count, aside)
            validation = yield from self._measure_validation(wanted)
        step, total, correct = self.step, 0.0, 0
        silence = Silence(self.model)
        answers = torch.zeros(2, count, dtype=torch.float64)  # the class, and its share
        for start in self._starts(count):
            started = time.perf_counter()
            end = min(start + self._slice, count)
            with torch.inference_mode(), silence.listening():
                self.model.eval()
                logits = self.model(self._seen(self.data.test_images[start:end]))
                labels = self.data.test_labels[start:end]
                total += float(loss_of(self.settings, logits, labels, "sum"))
                predicted = logits.argmax(1)
                correct += int((predicted == labels).sum())
                shares = logits.float().softmax(1).gather(1, predicted[:, None])[:, 0]
                answers[0, start:end], answers[1, start:end] = predicted.cpu(), shares.cpu()
            self.seconds += time.perf_counter() - started
            yield
        total, correct = self._summed(total, correct)
        if self._team is not None:
            self._team.add(answers)
            silence.agree(self._team)
        self.warning = silence.message()
        # Both at once: a run that is held in between is measured anew.
        self._test.append(Point(step, total / count, correct / count))
        if validation is not None:
            self._validation.append(validation)
        if count == there:
            self.test, self.validation = self._test[-1], validation
            self.examination = Examination(
                step,
                self.data.test_labels.cpu().numpy().astype(np.uint8),
                answers[0].numpy().astype(np.uint8),
                answers[1].numpy().astype(np.float32),
                self.data.test_places,
            )

    def _measure_validation(self, count: int) -> Generator[None, None, Point]:
        """Loss and accuracy on the first `count` images that were put aside, in slices."""
        total, correct = 0.0, 0
        for start in self._starts(count):
            started = time.perf_counter()
            some = slice(start, min(start + self._slice, count))
            with torch.inference_mode():
                self.model.eval()
                logits = self.model(self._seen(self.data.validation_images[some]))
                labels = self.data.validation_labels[some]
                total += float(loss_of(self.settings, logits, labels, "sum"))
                correct += int((logits.argmax(1) == labels).sum())
            self.seconds += time.perf_counter() - started
            yield
        total, correct = self._summed(total, correct)
        return Point(self.step, total / count, correct / count)

    def _starts(self, count: int) -> Sequence[int]:
        """Where the slices of so many images begin that are this process's to measure."""
        starts = range(0, count, self._slice)
        return starts if self._team is None else starts[self._team.rank :: self._team.size]

    def _summed(self, total: float, correct: int) -> tuple[float, int]:
        """The loss of all images together, and how many answers are right, in the whole team."""
        if self._team is None:
            return total, correct
        sums = torch.tensor((total, correct), dtype=torch.float64)
        self._team.add(sums)
        return float(sums[0]), int(sums[1])

    def listen(self) -> None:
        """Look for what is odd now, on so many test images as take no time that one notices."""
        count = min(TEST_POINT_IMAGES, LISTENING_SLICES * self._slice, len(self.data.test_labels))
        if count < FEWEST_IMAGES:
            return
        silence = Silence(self.model)
        with torch.inference_mode(), silence.listening():
            self.model.eval()
            for start in range(0, count, self._slice):
                end = min(start + self._slice, count)
                self.model(self._seen(self.data.test_images[start:end]))
        self.warning = silence.message()
