"""The command line called in this process or as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz.cli import main
from cnnviz.layers import Dense, Flatten, MaxPool, Size
from cnnviz.network import Network, named_by_place

ROOT = Path(__file__).parent.parent.parent
SMALL = named_by_place(
    Network(name="Small", layers=(MaxPool(kernel=Size(4, 4)), Flatten(), Dense(units=10)))
)


class Said:
    """One run of the command line: its exit code and what it printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        assert "Traceback" not in err
        self.code = code
        self.out = out
        self.err = err

    @property
    def sentence(self) -> str:
        """Standard error where that is one sentence and nothing else was printed."""
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        assert self.err.endswith((".\n", "--help.\n"))
        return self.err.strip()


class Command:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
        captured = self._capsys.readouterr()
        return Said(code, captured.out, captured.err)


def program(*arguments: object, code: str = "") -> Said:
    """The command line as a process of its own, as a person would start it."""
    start = ["-c", code] if code else ["-m", "cnnviz"]
    done = subprocess.run(
        [sys.executable, "-W", "error", *start, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
    )
    return Said(done.returncode, done.stdout, done.stderr)
