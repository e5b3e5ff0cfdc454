"""A training loop in a process of its own, to be raced by turns."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec

from cnnviz.engine.process import ENVIRONMENT
from cnnviz.project import Project
from tests.benchmarks.harness import ROOT


class Racer:
    """A loop in a process of its own; ours is started as the window starts its engine."""

    def __init__(self, loop: str, project: Project, threads: int) -> None:
        more = ENVIRONMENT if loop.startswith("engine") else {}
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

    @property
    def process_id(self) -> int:
        """The operating system's number of the process."""
        return self._process.pid

    def ask(self, line: str) -> list[float]:
        """Its answer to a line, while the others wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return [float(number) for number in self._answer().split()]

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()
