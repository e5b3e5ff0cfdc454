"""Images a second of a training run: ours, a plain loop in memory, and PyTorch's MNIST example."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

import msgspec
import numpy as np
import psutil

from cnnviz.engine.process import ENVIRONMENT
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, Layer, MaxPool, Size
from cnnviz.network import Network, named_by_place
from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training
from tests.benchmarks.harness import ROOT, show

SECONDS = 1.0
TURNS = 5
BUSY = 25
"""Per cent of the processor with other work, beyond which the clock tells nothing."""
ACCURACY_STEPS = 300
AIMS = {
    "tutorial LeNet": {"float32": (1.5, 1.8), "bfloat16": (2.5, 3.0)},
    "LeNet-5": {"float32": (1.1, 2.0)},
}
"""What a prototype reached: against the plain loop and against the example."""


def run() -> None:
    """Ratios from turns of a second, each loop in its own process, all in one run.

    With one thread by the time of the processor, which other programs hardly change; with all
    cores by the clock, where the machine is quiet enough for that to mean anything: threads that
    wait for each other, as those of loops without our settings do, come to a halt beside others.
    """
    cores = psutil.cpu_count() or 1
    for name, network in (
        ("tutorial LeNet", preset("lenet-tutorial")),
        ("LeNet-5", preset("lenet-5")),
        ("three stages with batch norm", three_stages()),
    ):
        race(name, network, 1)
        busy = psutil.cpu_percent(1.0)
        if busy > BUSY:
            show(f"{name}, {cores} threads", f"not run: {busy:.0f} % busy")
        elif cores > 1:
            race(name, network, cores)


def three_stages() -> Network:
    """Convolution 3×3, batch norm, ReLU and pooling, three times."""
    stages: list[Layer] = []
    for filters in (32, 64, 128):
        conv = Conv2d(filters=filters, kernel=Size(3, 3), padding="same", bias=False)
        stages += [conv, BatchNorm(), Activation(), MaxPool()]
    return named_by_place(Network().with_layers([*stages, Flatten(), Dense(units=10)]))


def race(name: str, network: Network, threads: int) -> None:
    """Let all run in turns, so that what else the machine does falls on all of them."""
    training = Training(optimizer="adam", learning_rate=1e-3, batch_size=128, epochs=1000)
    exact = Project(network, training=training)
    low = Project(network, training=msgspec.structs.replace(training, precision="bfloat16"))
    with ExitStack() as stack:
        racers = {
            "float32": stack.enter_context(Racer("engine", exact, threads)),
            "bfloat16": stack.enter_context(Racer("engine", low, threads)),
            "plain": stack.enter_context(Racer("tensors", exact, threads)),
            "example": stack.enter_context(Racer("example", exact, threads)),
        }
        found: dict[str, list[float]] = {racer: [] for racer in racers}
        for _ in range(TURNS):
            for racer, process in racers.items():
                clock, processor = process.ask(str(SECONDS))
                found[racer].append(processor if threads == 1 else clock)
        reached = {
            precision: racers[precision].ask(f"accuracy {ACCURACY_STEPS}")[0]
            for precision in ("float32", "bfloat16")
        }
    head = f"{name}, {threads} threads" if threads > 1 else f"{name}, one thread, processor time"
    speeds = {racer: np.array(values) for racer, values in found.items()}
    for racer, title in (
        ("plain", "a plain loop in memory"),
        ("example", "PyTorch's MNIST example"),
    ):
        show(f"{head}: {title}", f"{np.median(speeds[racer]):,.0f} images/s")
    for precision in ("float32", "bfloat16"):
        ours = speeds[precision]
        show(f"ours, {precision}", f"{np.median(ours):,.0f} images/s")
        aims = AIMS.get(name, {}).get(precision, (None, None))
        for racer, title, aim in zip(
            ("plain", "example"), ("the plain loop", "the example"), aims, strict=True
        ):
            ratio = float(np.median(ours / speeds[racer]))
            show(f"  against {title}", f"{ratio:.2f}", f">= {aim}" if aim else "")
        show(f"  test accuracy after {ACCURACY_STEPS} steps", f"{reached[precision]:.2%}")


class Racer:
    """A loop in a process of its own; ours is started as the window starts its engine."""

    def __init__(self, loop: str, project: Project, threads: int) -> None:
        more = ENVIRONMENT if loop == "engine" else {}
        task = msgspec.json.encode(project).hex()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.loops", loop, task, str(threads)],
            cwd=ROOT,
            env={**os.environ, **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Racer:
        self._answer()  # that it is ready
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def ask(self, line: str) -> list[float]:
        """Its answer to a line, while the others wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return [float(number) for number in self._answer().split()]

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()
