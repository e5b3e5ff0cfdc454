"""Run benchmarks: all, or those that are named."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time

import psutil

from tests.benchmarks.harness import display

TOPICS = {
    "analysis": "working out a stack of layers",
    "first_paint": "from the command to the first paint",
    "edits": "from a changed setting to the painted window",
    "curves": "a run of a million steps: memory, and each frame of its curves",
    "figures": "what it costs a run to measure its layers now and then",
    "canvas": "large networks on the canvas: opening, panning, dragging, editing",
    "maps": "hundreds of feature maps scrolled, live and pointed at, and one large",
    "strokes": "from a stroke to all cards and bars painted",
    "large_strokes": "the same in VGG-16",
    "alike": "nearest images and planes of all images, and strokes meanwhile",
    "pixel": "from a click on a value to its arithmetic",
    "stalls": "how long the window does not answer while it trains",
    "training": "training loops against each other, the window left out",
    "beside": "what the open window takes from the speed of training",
    "augmentation": "training while images are changed by chance, beside a run without",
    "throughput": "training through the window against a bare loop",
    "quick_start": "how soon the quick start reads the digits",
    "accuracy": "the tutorial LeNet after 1,000 steps",
}
"""Modules of this package, the quick ones first."""
TOGETHER = {
    "training": ("training", "beside", "quick_start", "curves"),
    "strokes": ("strokes", "large_strokes"),
}
"""What is promised of training, or of strokes, is measured in one run."""


def main() -> None:
    """Print the figures of the topics."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog="; ".join(f"{name}: {about}" for name, about in TOPICS.items()),
    )
    parser.add_argument("topics", nargs="*", choices=[[], *TOPICS], metavar="topic")
    parser.add_argument(
        "--only",
        metavar="NETWORK",
        help="of training: the races of this network alone (tutorial, lenet5 or stages)",
    )
    parser.add_argument("--seconds", type=float, help="of training: the length of a turn")
    parser.add_argument("--threads", type=int, help="of training: the races with so many alone")
    arguments = parser.parse_args()
    asked = arguments.topics or list(TOPICS)
    chosen = dict.fromkeys(one for name in asked for one in TOGETHER.get(name, (name,)))
    if arguments.only is not None:
        training = importlib.import_module("tests.benchmarks.training")
        print(f"{psutil.cpu_count()} cores; Python {sys.version.split()[0]}; {busy()}", flush=True)
        training.race_one(arguments.only, arguments.threads, arguments.seconds)
        return
    print(f"{psutil.cpu_count()} cores; Python {sys.version.split()[0]}")
    with display():
        print(f"display: {os.environ['QT_QPA_PLATFORM']}")
        for name in chosen:
            print(f"{name}: {TOPICS[name]} ({busy()})", flush=True)
            started = time.perf_counter()
            importlib.import_module(f"tests.benchmarks.{name}").run()
            print(f"  took {time.perf_counter() - started:.0f} s", flush=True)


def busy() -> str:
    """What other programs are doing to the machine just now."""
    return f"{psutil.cpu_percent(1.0):.0f} % of the processor is busy with other work"


if __name__ == "__main__":
    main()
