"""Images a second of a training run: ours, a plain loop in memory, PyTorch's MNIST example, and
Keras where it is installed."""

from __future__ import annotations

import importlib.util
from contextlib import ExitStack

import msgspec
import numpy as np
import psutil

from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, Layer, MaxPool, Size
from cnnviz.network import Network, named_by_place
from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training
from tests.benchmarks.harness import show
from tests.benchmarks.racing import Racer

SECONDS = 1.0
TURNS = 5
BUSY = 25
"""Per cent of the processor with other work, beyond which the clock tells nothing."""
ACCURACY_STEPS = 300
AIMS = {
    "tutorial LeNet": {"float32": (1.5, 1.8, 1.2), "bfloat16": (2.5, 3.0, 2.0)},
    "LeNet-5": {"float32": (1.1, 2.0, 1.4)},
}
"""What a prototype reached: against the plain loop, the example and Keras."""
WITH_KERAS = all(importlib.util.find_spec(name) for name in ("keras", "tensorflow"))


def run() -> None:
    """Ratios from turns of a second, each loop in its own process, all in one run.

    With one thread by the time of the processor, which other programs hardly change; with all
    cores by the clock, where the machine is quiet enough for that to mean anything: threads that
    wait for each other, as those of loops without our settings do, come to a halt beside others.
    """
    cores = psutil.cpu_count() or 1
    for name, network in networks().values():
        race(name, network, 1)
        busy = psutil.cpu_percent(1.0)
        if busy > BUSY:
            show(f"{name}, {cores} threads", f"not run: {busy:.0f} % busy")
        elif cores > 1:
            race(name, network, cores)
    if not WITH_KERAS:
        wanted = 'pip install -e ".[tensorflow]"'
        show("Keras fit on TensorFlow", f"not run: keras or tensorflow is missing ({wanted})")


def race_one(key: str, threads: int | None, seconds: float | None) -> None:
    """The races of one network, with one thread and with all cores or with so many alone: for those
    who change something and want to know what it brings.

    Raises:
        SystemExit: there is no such network.
    """
    known = networks()
    if key not in known:
        raise SystemExit(f"--only: {key!r} is none of {', '.join(known)}")
    for count in (threads,) if threads else (1, psutil.cpu_count() or 1):
        race(*known[key], count, seconds or SECONDS)


def networks() -> dict[str, tuple[str, Network]]:
    """What is raced, by short names."""
    return {
        "tutorial": ("tutorial LeNet", preset("lenet-tutorial")),
        "lenet5": ("LeNet-5", preset("lenet-5")),
        "stages": ("three stages with batch norm", three_stages()),
    }


def three_stages() -> Network:
    """Convolution 3×3, batch norm, ReLU and pooling, three times."""
    stages: list[Layer] = []
    for filters in (32, 64, 128):
        conv = Conv2d(filters=filters, kernel=Size(3, 3), padding="same", bias=False)
        stages += [conv, BatchNorm(), Activation(), MaxPool()]
    return named_by_place(Network().with_layers([*stages, Flatten(), Dense(units=10)]))


def race(name: str, network: Network, threads: int, seconds: float = SECONDS) -> None:
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
        if WITH_KERAS:
            racers["keras"] = stack.enter_context(Racer("keras", exact, threads))
        found: dict[str, list[float]] = {racer: [] for racer in racers}
        for _ in range(TURNS):
            for racer, process in racers.items():
                clock, processor, _ = process.ask(str(seconds))
                found[racer].append(processor if threads == 1 else clock)
        reached = {
            precision: racers[precision].ask(f"accuracy {ACCURACY_STEPS}")[0]
            for precision in ("float32", "bfloat16")
        }
    head = f"{name}, {threads} threads" if threads > 1 else f"{name}, one thread, processor time"
    speeds = {racer: np.array(values) for racer, values in found.items()}
    others = {
        "plain": "a plain loop in memory",
        "example": "PyTorch's MNIST example",
        "keras": "Keras fit on TensorFlow",
    }
    others = {racer: title for racer, title in others.items() if racer in speeds}
    for racer, title in others.items():
        show(f"{head}: {title}", f"{np.median(speeds[racer]):,.0f} images/s")
    for precision in ("float32", "bfloat16"):
        ours = speeds[precision]
        show(f"ours, {precision}", f"{np.median(ours):,.0f} images/s")
        aims = AIMS.get(name, {}).get(precision, (None, None, None))
        for (racer, title), aim in zip(others.items(), aims, strict=False):
            ratio = float(np.median(ours / speeds[racer]))
            show(f"  against {title}", f"{ratio:.2f}", f">= {aim}" if aim else "")
        show(f"  test accuracy after {ACCURACY_STEPS} steps", f"{reached[precision]:.2%}")
