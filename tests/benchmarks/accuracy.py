"""The tutorial LeNet of many textbooks, as they train it: Adam 1e-3, batches of 128."""

from __future__ import annotations

import time

import numpy as np

from cnnviz.engine.inline import prepare_run
from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training
from tests.benchmarks.harness import show

STEPS = 1000
SEEDS = (0, 1, 2)


def run() -> None:
    """Share of the 10,000 test images after 1,000 steps, for three seeds and their mean."""
    found = []
    for seed in SEEDS:
        training = Training(optimizer="adam", learning_rate=1e-3, batch_size=128, epochs=3)
        project = Project(preset("lenet-tutorial"), training=training, seed=seed)
        job = prepare_run(project, {}, "cpu")
        started = time.perf_counter()
        for _ in job.work:
            if job.step == STEPS:
                break
        seconds = time.perf_counter() - started
        for _ in job.measure(len(job.data.test_labels)):
            pass
        assert job.test is not None
        found.append(job.test.accuracy)
        show(f"seed {seed}, {seconds:.0f} s", f"{job.test.accuracy:.2%}")
    show(f"mean of {len(SEEDS)}", f"{np.mean(found):.2%}", ">= 98.8 %")
