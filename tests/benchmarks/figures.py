"""What it costs a run to measure its layers now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.analysis import analyze
from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.datasets import load
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.figures import EVERY, LayerWatch
from cnnviz.engine.train import Run
from cnnviz.presets import preset
from cnnviz.training import Training
from tests.benchmarks.harness import show

if TYPE_CHECKING:
    from collections.abc import Callable

NETWORKS = ("first-start", "lenet-tutorial", "lenet-5", "tiny-vgg")
TIMES = 15
SETTINGS = Training(run_length="steps", steps=10**6, batch_size=128)


def run() -> None:
    """The thread's own time of a step and of a measurement, medians, and its share of a run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # what the other threads do is not in the time of this one
    data = DeviceData(load("mnist"), "cpu")
    for name in NETWORKS:
        network = preset(name)
        classes = len(DATA_SETS["mnist"].classes)
        trained = Run(build(analyze(network, classes), {}, 0), data, SETTINGS, 0)
        watch = LayerWatch(trained.model, trained.weights)
        order = trained.order(0)[:128]
        images = trained.model.sight.seen(data.train_images[order])

        def learn(trained: Run = trained, order: torch.Tensor = order) -> None:
            trained.learn(order)
            trained.read()

        def measure(watch: LayerWatch = watch, images: torch.Tensor = images) -> None:
            before = watch.before(1)
            assert before is not None
            watch.after(1, before, images, 0.0)
            watch.take()

        step, measured = seconds(learn), seconds(measure)
        took = f"{1000 * step:.1f} / {1000 * measured:.1f} ms"
        show(f"{network.name}: a step / a measurement", took)
        share = measured / (EVERY * step + measured)
        show(f"{network.name}: of the time of training", f"{100 * share:.2f} %", "< 2 %")
    torch.set_num_threads(threads)


def seconds(do: Callable[[], None]) -> float:
    """How long something takes this thread, typically."""
    taken = []
    for _ in range(TIMES):
        started = time.thread_time()
        do()
        taken.append(time.thread_time() - started)
    return float(np.median(taken))
