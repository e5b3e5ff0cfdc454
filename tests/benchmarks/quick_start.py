"""How soon the quick start reads the digits, and the tutorial's way for comparison."""

from __future__ import annotations

import time

import msgspec
import numpy as np

from cnnviz.engine.inline import prepare_run
from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.recipes import QUICK_START, QUICK_STEPS, project_of
from cnnviz.training import Training
from tests.benchmarks.harness import show

SEEDS = (0, 1, 2)


def run() -> None:
    """Mean accuracy of three seeds, and the median of their seconds, all measurements included."""
    quick = project_of(QUICK_START)
    aims = {100: "98 % in 1 s", QUICK_STEPS: "99 % in 3 s", 1407: "99.5 % in 15 s"}
    for steps, aim in aims.items():
        training = msgspec.structs.replace(quick.training, steps=steps)
        project = msgspec.structs.replace(quick, training=training)
        report(f"quick start, {steps} steps", project, aim)
    tutorial = Training(optimizer="adam", learning_rate=1e-3, run_length="steps", steps=1000)
    report("tutorial LeNet, 1,000 steps", Project(preset("lenet-tutorial"), training=tutorial), "")


def report(name: str, project: Project, aim: str) -> None:
    """Two lines: by the clock, and by the processor, whose seconds all cores share."""
    found = [learn(msgspec.structs.replace(project, seed=seed)) for seed in SEEDS]
    accuracies, clock, processor = np.array(found).T
    seconds = f"{np.median(clock):.1f} s"
    show(name, f"{accuracies.mean():.2%} in {seconds}", aim)
    show("  of the processor, shared by all cores", f"{np.median(processor):.1f} s")


def learn(project: Project) -> tuple[float, float, float]:
    """Accuracy on all test images, seconds of the clock and of the processor."""
    job = prepare_run(project, {}, "cpu")
    started, working = time.perf_counter(), time.process_time()
    for _ in job.work:
        pass
    assert job.test is not None
    return job.test.accuracy, time.perf_counter() - started, time.process_time() - working
