"""Images a second while training images are changed by chance, beside a run without."""

from __future__ import annotations

from contextlib import ExitStack

import msgspec
import numpy as np

from cnnviz.augmentation import classic
from cnnviz.preparation import Preparation
from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training
from tests.benchmarks.harness import show
from tests.benchmarks.racing import Racer

SECONDS = 1.0
TURNS = 5
PLAIN = Training(optimizer="adam", learning_rate=1e-3, batch_size=128, epochs=1000)
WAYS = {
    "as they are": (PLAIN, Preparation()),
    "the batch shifted": (msgspec.structs.replace(PLAIN, shift=2), Preparation()),
    "standardised": (PLAIN, Preparation(scaling="standardised")),
    "contrast to ±2 σ": (PLAIN, Preparation(scaling="two_deviations")),
    "±10 % as in the papers": (PLAIN, classic(Preparation())),
    "elastic": (PLAIN, Preparation(elastic=34)),
    "noise and erased": (PLAIN, Preparation(noise=10, erase=30)),
    "all at once": (
        PLAIN,
        Preparation(
            move=10, rotate=10, zoom=10, shear=10, flip="both", elastic=34, noise=10, erase=30
        ),
    ),
}


def run() -> None:
    """One thread, by the time of the processor; all ways in turns, in one run."""
    for name in ("lenet-tutorial", "lenet-5"):
        with ExitStack() as stack:
            racers = {}
            for way, (training, preparation) in WAYS.items():
                project = Project(preset(name), training=training, preparation=preparation)
                racers[way] = stack.enter_context(Racer("engine", project, 1))
            found: dict[str, list[float]] = {way: [] for way in racers}
            for _ in range(TURNS):
                for way, racer in racers.items():
                    found[way].append(racer.ask(str(SECONDS))[1])
        plain = np.array(found["as they are"])
        for way, speeds in found.items():
            ratio = float(np.median(np.array(speeds) / plain))
            show(f"{name}: {way}", f"{np.median(speeds):,.0f} images/s, {ratio:.2f}")
