"""Train the recipe "thorough", which is to read 99.7 % of MNIST's test images after five minutes.

    python -m scripts.train_best --seeds 5

Prints for each seed what the network reads of the test images, which are looked at once, when all
is learned; what each of its branches reads of them alone; and the seconds of learning. Then the
means. What was found stands in docs/decisions/0132-the-thorough-recipe.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import torch

from cnnviz.engine.device import in_order
from cnnviz.engine.inline import choose_device, prepare_run
from cnnviz.engine.process import ENVIRONMENT
from cnnviz.recipes import THOROUGH, project_of

if TYPE_CHECKING:
    from cnnviz.engine.train import Run
    from cnnviz.project import Project


def accuracies(run: Run) -> tuple[float, list[float]]:
    """Of the whole network on all test images, and of each branch of an ensemble alone."""
    ensemble = run.model.ensemble
    if ensemble is None:
        raise ValueError("the network does not end in branches that are added")
    asked = [ensemble.uid, *(branch[-1].uid for branch in ensemble.computed)]
    right = dict.fromkeys(asked, 0)
    run.model.eval()
    with torch.inference_mode():
        for some, labels in zip(
            torch.split(run.data.test_images, 500),
            torch.split(run.data.test_labels, 500),
            strict=True,
        ):
            outputs: dict[str, torch.Tensor] = {}
            run.model.look(in_order(run.model.sight.seen(some)), outputs.__setitem__)
            for uid in asked:
                right[uid] += int((outputs[uid].argmax(1) == labels).sum())
    whole, *alone = (right[uid] / len(run.data.test_labels) for uid in asked)
    return whole, alone


def learn(project: Project, device: str, epochs: int, threads: int | None) -> tuple[float, ...]:
    """The accuracy of the network, the mean of those of its branches, and the seconds of
    learning."""
    run, seconds = prepare_run(project, {}, device, threads), 0.0
    for epoch in range(epochs):
        started, before = time.perf_counter(), run.images
        for indices in torch.split(run.order(epoch), project.training.batch_size):
            run.learn(indices)
        run.take_points()  # waits for the device; raises where the loss is no number
        took = time.perf_counter() - started
        seconds += took
        speed = (run.images - before) / took
        print(f"  epoch {epoch + 1}: {seconds:,.0f} s, {speed:,.0f} images/s", flush=True)
    whole, alone = accuracies(run)
    print("  branches alone:", ", ".join(f"{one:.2%}" for one in alone))
    return whole, float(np.mean(alone)), seconds


TOLD = "{:.2%}, a branch alone {:.2%}, {:.0f} s"


def as_the_engine() -> None:
    """Begin anew with what the program starts its engine with, unless that is so: the C library
    reads it when a process starts. Other systems than Linux look at none of it."""
    lacking = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    if lacking and sys.platform.startswith("linux"):
        command = [sys.executable, "-m", "scripts.train_best", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, **lacking})


def main() -> None:
    """Train with several seeds, print each and the means."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train_best", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--epochs", type=int, help="of the recipe, whose rate ends low")
    parser.add_argument("--only", type=int, help="stop after so many of them")
    parser.add_argument("--device", help="cpu, cuda:0 …; the fastest one if left out")
    parser.add_argument("--threads", type=int, help="of the processor; all cores if left out")
    parser.add_argument("--float32", action="store_true", help="where bfloat16 is slow")
    options = parser.parse_args()
    device, _ = choose_device(options.device)
    recipe = project_of(THOROUGH)
    training = msgspec.structs.replace(
        recipe.training,
        epochs=options.epochs or recipe.training.epochs,
        precision="float32" if options.float32 else recipe.training.precision,
    )
    epochs = min(options.only or training.epochs, training.epochs)
    found = []
    for seed in range(options.first, options.first + options.seeds):
        project = msgspec.structs.replace(recipe, training=training, seed=seed)
        found.append(learn(project, device, epochs, options.threads))
        print(f"seed {seed}:", TOLD.format(*found[-1]), flush=True)
    print(f"mean of {len(found)}:", TOLD.format(*np.mean(found, 0)), "(aim: 99.70%, 300 s)")


if __name__ == "__main__":
    as_the_engine()
    main()
