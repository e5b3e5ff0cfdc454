"""What the open window takes from the speed of training, by turns with the engine alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import psutil

from cnnviz.presets import preset
from cnnviz.project import Project
from cnnviz.training import Training
from tests.benchmarks.harness import Bench, bench, show
from tests.benchmarks.racing import Racer

if TYPE_CHECKING:
    from cnnviz.engine.protocol import Progress

SECONDS = 3.0
TURNS = 8
BATCH = 128
DISTURBED = 0.1
"""Of a core's time that other programs have; a turn with more says nothing, as they stop the run's
threads, too."""


class Turn(NamedTuple):
    """ratio: of the images a second of steps, beside the window and alone. whole: the same of the
    clock, with all that is measured, kept and shown between steps; alone it is only measured.
    window: how much of a core it had. told, pictures: how often a second. others: of a core, in
    the worse half."""

    ratio: float
    whole: float
    window: float
    told: float
    pictures: float
    others: float


def run() -> None:
    """The tutorial LeNet, with as many threads as there are cores; medians of the quiet turns."""
    training = Training(optimizer="adam", learning_rate=1e-3, batch_size=BATCH, epochs=1000)
    project = Project(preset("lenet-tutorial"), training=training)
    with bench() as found, Racer("engine process", project, found.engine.threads) as alone:
        found.session.open(project, {}, None)
        found.settle()
        found.train()
        found.let(SECONDS)  # until its memory is as large as it becomes
        found.pause()
        turns = [_turn(found, alone) for _ in range(TURNS)]
    quiet = [turn for turn in turns if turn.others <= DISTURBED]
    name = "the window open and drawing curves"
    if not quiet:
        worst = min(turn.others for turn in turns)
        show(name, f"not run: others have {worst:.1f} cores")
        return
    ratio, _, window, told, pictures, _ = np.median(np.array(quiet), axis=0)
    whole = np.mean([turn.whole for turn in quiet])  # not in every turn as much is measured
    show(f"{name}, against none", f"{ratio:.2f}", ">= 0.95")
    ratios = ", ".join(f"{turn.ratio:.2f}" for turn in quiet)
    show(f"  of {len(quiet)} quiet turns of {TURNS}", ratios)
    show("  with what is measured, kept and shown between steps", f"{whole:.2f}")
    show("  of a core's time, the window", f"{window:.3f}")
    show("  a second, words on the run and pictures", f"{told:.1f}, {pictures:.1f}")


def _turn(found: Bench, alone: Racer) -> Turn:
    """Beside the window, and alone while the window waits."""
    words: list[tuple[float, Progress]] = []
    pictures: list[object] = []

    def pictured(picture: object) -> None:
        pictures.append(picture)

    def told(progress: Progress) -> None:
        words.append((time.perf_counter(), progress))

    found.train(found.step + 5)
    found.engine.progress_changed.connect(told)
    found.engine.probed.connect(pictured)
    mine, started, busy = time.process_time(), time.perf_counter(), _busy()
    run = _used(found.engine.process_id)
    found.let(SECONDS)
    seconds = time.perf_counter() - started
    window = (time.process_time() - mine) / seconds
    others = (_busy() - busy - _used(found.engine.process_id) + run) / seconds - window
    found.engine.progress_changed.disconnect(told)
    found.engine.probed.disconnect(pictured)
    found.pause()
    (begun, first), (over, last) = words[0], words[-1]
    images = (last.step - first.step) * BATCH
    started, busy, run = time.perf_counter(), _busy(), _used(alone.process_id)
    speed, _, speed_of_all = alone.ask(str(SECONDS))
    seconds_alone = time.perf_counter() - started
    others_alone = (_busy() - busy - _used(alone.process_id) + run) / seconds_alone
    return Turn(
        float(np.mean([rate for _, one in words if (rate := one.images_per_second)])) / speed,
        images / (over - begun) / speed_of_all,
        window,
        len(words) / seconds,
        len(pictures) / seconds,
        max(others, others_alone),
    )


def _busy() -> float:
    """Seconds of all cores that any program has had, since the machine was started."""
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))


def _used(process: int | None) -> float:
    """Seconds of cores that a process has had."""
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)
