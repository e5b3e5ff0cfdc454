"""Drags with a real mouse on a real display: chips into gaps, cards along the row."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PATIENCE = 20.0

pytestmark = pytest.mark.xvfb


class Program:
    """The program under test and the mouse on its display."""

    def __init__(self, display: str) -> None:
        platform = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)}
        self._environment = {**os.environ, **platform}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.canvas.drag_program"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self.state: dict[str, Any] = {}

    def next_state(self) -> None:
        """What it says after the next change."""
        output = self._process.stdout
        assert output is not None
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            if not selector.select(PATIENCE):
                pytest.fail("the program did not answer: the drag changed nothing")
        self.state = json.loads(output.readline())

    def drag(self, start: list[int], end: list[int], *last: str) -> None:
        """Press, move in steps as a hand does, and let go, or do `last` instead."""
        self._mouse("mousemove", *start)
        self._mouse("mousedown", 1)
        for part in (0.05, 0.1, 0.3, 0.6, 0.9, 1.0, 1.0):
            x, y = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
            self._mouse("mousemove", x, y)
        if last:
            self._mouse(*last)
        self._mouse("mouseup", 1)

    def _mouse(self, *command: object) -> None:
        subprocess.run(
            ["xdotool", *map(str, command)], env=self._environment, check=True, timeout=PATIENCE
        )
        time.sleep(0.06)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def program(xdisplay: str) -> Iterator[Program]:
    program = Program(xdisplay)
    yield program
    program.end()


def test_drags(program: Program) -> None:
    program.next_state()
    assert program.state["kinds"] == ["conv2d", "activation", "max_pool", "flatten", "dense"]

    program.drag(program.state["chip"], program.state["gaps"][1])
    program.next_state()
    assert program.state["kinds"][:3] == ["conv2d", "batch_norm", "activation"]

    # Neither of these changes anything, or the next answer would tell.
    program.drag(program.state["chip"], program.state["gaps"][0], "key", "Escape")
    program.drag(program.state["cards"][1], program.state["beside"])
    program.drag(program.state["cards"][1], program.state["gaps"][2])

    program.drag(program.state["cards"][0], program.state["gaps"][3])
    program.next_state()
    assert program.state["kinds"][:4] == ["batch_norm", "activation", "conv2d", "max_pool"]

    program.drag(program.state["block"], program.state["gaps"][3])
    program.next_state()
    assert program.state["kinds"][:5] == [
        *("batch_norm", "activation", "conv2d", "branches", "activation"),
    ]
    assert not program.state["problems"]  # it was made for the eight maps there
