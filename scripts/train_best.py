"""Train a network that reads 99.7 % of MNIST's test images within five minutes of two cores.

    python -m scripts.train_best --seeds 5

Four convolutions with batch norm, training images that differ a little each time, and the moving
average of the weights, which is what is measured: the last weights still swing. Prints for each
seed the accuracy of the last and of the averaged weights and the time, and the means at the end.
The test images are looked at after every epoch, but nothing is decided by them.
"""

from __future__ import annotations

import argparse
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import torch

from cnnviz.engine.inline import choose_device, prepare_run
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool, Size
from cnnviz.network import Network, named_by_place
from cnnviz.preparation import Preparation
from cnnviz.project import Project
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.engine.train import Run
    from cnnviz.layers import Layer

DECAY = 0.998
"""Of the average: it remembers some 500 steps, about an epoch."""
TRAINING = Training(
    optimizer="adamw",
    beta2=0.99,
    weight_decay=0.01,
    learning_rate=0.01,
    schedule="one_cycle",
    rise=0.25,
    label_smoothing=0.05,
    batch_size=128,
)
PREPARATION = Preparation(rotate=10, zoom=10, move=100 * 2 / 28)


def network() -> Network:
    """Convolutions 32, 32, pool, 64, 64, pool, each with batch norm; 256 and 10 units."""
    layers: list[Layer] = []
    for filters in (32, 64):
        for _ in range(2):
            conv = Conv2d(filters=filters, kernel=Size(3, 3), padding="same", bias=False)
            layers += [conv, BatchNorm(), Activation()]
        layers.append(MaxPool())
    head = [Flatten(), Dense(units=256), Activation(), Dropout(), Dense(units=10)]
    return named_by_place(Network(name="Best").with_layers([*layers, *head]))


class Average:
    """The moving average of all that a model has learned and keeps."""

    def __init__(self, model: torch.nn.Module) -> None:
        tensors = (*model.parameters(), *model.buffers())
        self._present = [one.detach() for one in tensors if one.is_floating_point()]
        self.values = [one.clone() for one in self._present]
        self._steps = 0

    def follow(self) -> None:
        """A step has been made. At first all steps count alike, or the beginning would stay."""
        self._steps += 1
        decay = min(DECAY, self._steps / (self._steps + 10))
        with torch.no_grad():
            for value, one in zip(self.values, self._present, strict=True):
                value.lerp_(one, 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the model have the average for a while."""
        kept = [one.clone() for one in self._present]
        for one, value in zip(self._present, self.values, strict=True):
            one.copy_(value)
        try:
            yield
        finally:
            for one, value in zip(self._present, kept, strict=True):
                one.copy_(value)


def accuracy(run: Run) -> float:
    """Of all test images."""
    for _ in run.measure(len(run.data.test_labels)):
        pass
    if run.test is None:
        raise AssertionError("all of them have just been measured")
    return run.test.accuracy


def learn(project: Project, device: str, epochs: int) -> tuple[float, float, float]:
    """The accuracy of the last weights and of their average, and the seconds of learning."""
    run = prepare_run(project, {}, device)
    average, seconds = Average(run.model), 0.0
    last = averaged = 0.0
    for epoch in range(epochs):
        started, before = time.perf_counter(), run.images
        for indices in torch.split(run.order(epoch), project.training.batch_size):
            run.learn(indices)
            average.follow()
        run.take_points()  # waits for the device; raises where the loss is no number
        took = time.perf_counter() - started
        seconds += took
        last = accuracy(run)
        with average.in_place():
            averaged = accuracy(run)
        speed = (run.images - before) / took
        print(
            f"  seed {project.seed}, epoch {epoch + 1}: {last:.2%}, averaged {averaged:.2%}, "
            f"{seconds:,.0f} s, {speed:,.0f} images/s",
            flush=True,
        )
    return last, averaged, seconds


def main() -> None:
    """Train with several seeds, print each and the means."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train_best", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how many, from 0")
    parser.add_argument("--epochs", type=int, default=20, help="of the recipe, whose rate ends low")
    parser.add_argument("--only", type=int, help="stop after so many of them")
    parser.add_argument("--device", help="cpu, cuda:0 …; the fastest one if left out")
    parser.add_argument("--float32", action="store_true", help="where bfloat16 is slow")
    options = parser.parse_args()
    device, _ = choose_device(options.device)
    precision = "float32" if options.float32 else "bfloat16"
    training = msgspec.structs.replace(TRAINING, epochs=options.epochs, precision=precision)
    found = []
    for seed in range(options.seeds):
        project = Project(network(), training=training, preparation=PREPARATION, seed=seed)
        found.append(learn(project, device, min(options.only or options.epochs, options.epochs)))
        print("seed {}: {:.2%}, averaged {:.2%}, {:.0f} s".format(seed, *found[-1]), flush=True)
    mean = "mean of {}: {:.2%}, averaged {:.2%} (aim: 99.70%), {:.0f} s (aim: 300 s)"
    print(mean.format(len(found), *np.mean(found, 0)))


if __name__ == "__main__":
    main()
