"""Images a second: through the window, and of a bare loop, turn and turn about."""

from __future__ import annotations

import subprocess
import sys
import time

import msgspec
import numpy as np

from cnnviz.presets import first_start, preset
from cnnviz.project import Project
from cnnviz.training import Training
from tests.benchmarks.harness import ROOT, Bench, bench, show

SECONDS = 6.0
TURNS = 4


def run() -> None:
    """Images a second and their ratio; test images are measured through the window alone."""
    for name, network in (
        ("the network of the first start", first_start()[0].network),
        ("the tutorial LeNet", preset("lenet-tutorial")),
    ):
        with bench() as found:
            training = Training(optimizer="adam", learning_rate=1e-3, epochs=1000)
            found.session.open(Project(network, training=training), {}, None)
            found.settle()
            compare(found, name)


def compare(found: Bench, name: str) -> None:
    """Alternate, so that the load of the machine falls on both."""
    threads = found.engine.threads
    task = msgspec.json.encode(found.session.project).hex()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.bare_loop", task, str(threads)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as bare:
        assert bare.stdin is not None
        assert bare.stdout is not None
        bare.stdout.readline()  # it is ready
        ours, theirs = [], []
        for _ in range(TURNS):
            ours.append(through_the_window(found))
            bare.stdin.write(f"{SECONDS}\n")
            bare.stdin.flush()
            theirs.append(float(bare.stdout.readline()))
        bare.stdin.close()
    ratio = np.median(np.array(ours) / np.array(theirs))
    batch = found.session.project.training.batch_size
    show(f"{name}, batch {batch}, {threads} threads: window", f"{np.median(ours):,.0f} images/s")
    show("a bare loop", f"{np.median(theirs):,.0f} images/s")
    show("ratio (median of turns)", f"{ratio:.2f}", ">= 0.9")


def through_the_window(found: Bench) -> float:
    """Images a second of the run, from the first step of this turn to its last."""
    found.train(found.step + 5)
    step, started = found.step, time.perf_counter()
    found.let(SECONDS)
    last = found.step
    found.wait(lambda: found.step > last)
    steps, seconds = found.step - step, time.perf_counter() - started
    found.pause()
    return steps * found.session.project.training.batch_size / seconds
