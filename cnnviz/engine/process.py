"""The engine as a process of its own. Importing this module does not import torch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

ENVIRONMENT = {
    # Large pages for tensors: 1.2 to 1.35 times as fast in float32. One heap for all threads: those
    # that branches work in would have a new one each time (a step of the network "Thorough" takes
    # 7 % longer). Read when a process starts.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1",
    # Threads that wait for each other soon go to sleep instead of spinning: with another program on
    # one of two cores LeNet-5 learns almost three times as fast as with the usual count. At 1,000
    # they fall asleep between the small operations of a step, and to wake them takes a third of
    # LeNet-5's speed and a tenth of the tutorial LeNet's, on a quiet machine.
    "GOMP_SPINCOUNT": "5000",
}
"""What a process that computes is started with; other systems than Linux look at none of it."""


def start() -> tuple[SpawnProcess, Connection]:
    """Start an engine; it ends when it is told to or when its end of the connection closes."""
    import multiprocessing  # slow to import, and the window is up without it

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run, args=(theirs,), name="cnnviz engine", daemon=True)
    added = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    os.environ.update(added)
    try:
        process.start()
    finally:
        for name in added:
            del os.environ[name]
    theirs.close()
    return process, ours


def run(connection: Connection) -> None:
    """What the new process does."""
    from cnnviz.engine.worker import main  # torch belongs to the new process alone

    main(connection)
