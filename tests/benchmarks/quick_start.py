"""How soon the quick start reads the digits, and the tutorial's way for comparison."""

from __future__ import annotations

import time

import msgspec
import numpy as np
import torch

from cnnviz.engine.inline import prepare_run
from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.recipes import QUICK_START, QUICK_STEPS, project_of
from cnnviz.training import Training
from tests.benchmarks.harness import show

SEEDS = (0, 1, 2)
GOOD, LOOK_EVERY, MOST_EPOCHS = 0.99, 100, 8
"""Until when, how often and how long the tutorial's way is followed."""


def run() -> None:
    """Mean accuracy of three seeds, and the median of their seconds, all measurements included."""
    quick = project_of(QUICK_START)
    aims = {100: "98 % in 1 s", QUICK_STEPS: "99 % in 3 s", 1407: "99.5 % in 15 s"}
    seconds = {}
    for steps, aim in aims.items():
        training = msgspec.structs.replace(quick.training, steps=steps)
        project = msgspec.structs.replace(quick, training=training)
        seconds[steps] = report(f"quick start, {steps} steps", project, aim)
    training = Training(optimizer="adam", learning_rate=1e-3, epochs=MOST_EPOCHS)
    tutorial = Project(preset("lenet-tutorial"), training=training)
    steps, slow = until(tutorial, GOOD)
    found = f"{GOOD:.0%} after {steps:,} steps, {slow:.1f} s of the processor"
    show("tutorial LeNet, measuring left out", found)
    show("quick start to 99 % against that", f"{seconds[QUICK_STEPS] / slow:.2f}", "<= 0.1")


def until(project: Project, accuracy: float) -> tuple[int, float]:
    """Steps and seconds of the processor until so many of the test images are right, or to the end;
    looked at now and then, which costs no time here."""
    job, spent = prepare_run(project, {}, "cpu"), 0.0
    for epoch in range(project.training.epochs):
        for indices in torch.split(job.order(epoch), project.training.batch_size):
            working = time.process_time()
            job.learn(indices)
            spent += time.process_time() - working
            if job.step % LOOK_EVERY == 0:
                for _ in job.measure(len(job.data.test_labels)):
                    pass
                assert job.test is not None
                if job.test.accuracy >= accuracy:
                    return job.step, spent
    return job.step, spent


def report(name: str, project: Project, aim: str) -> float:
    """Two lines: by the clock, and by the processor, whose seconds all cores share; the latter."""
    found = [learn(msgspec.structs.replace(project, seed=seed)) for seed in SEEDS]
    accuracies, clock, processor = np.array(found).T
    seconds = f"{np.median(clock):.1f} s"
    show(name, f"{accuracies.mean():.2%} in {seconds}", aim)
    show("  of the processor, shared by all cores", f"{np.median(processor):.1f} s")
    return float(np.median(processor))


def learn(project: Project) -> tuple[float, float, float]:
    """Accuracy on all test images, seconds of the clock and of the processor."""
    job = prepare_run(project, {}, "cpu")
    started, working = time.perf_counter(), time.process_time()
    for _ in job.work:
        pass
    assert job.test is not None
    return job.test.accuracy, time.perf_counter() - started, time.process_time() - working
