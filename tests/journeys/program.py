"""The program as a process on a display: started, asked, and ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that an answer may take: the window must never be busy for so long."""
GRACE = 30.0
"""Seconds that an engine gets to notice that its window is gone; it may be loading PyTorch."""


class EndedError(Exception):
    """The program is not there to answer."""


class Program:
    """A running program. `home` holds its settings, its autosaves and its log."""

    def __init__(
        self, display: str, home: Path, number: int, arguments: Sequence[str | Path]
    ) -> None:
        self._errors = home / f"stderr-{number}.txt"
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("QT_", "XDG_", "DBUS_", "LC_", "WAYLAND_"))
        }
        environment |= {
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
        }
        for name in ("CONFIG", "DATA", "STATE", "CACHE", "RUNTIME"):
            folder = home / name.lower()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            environment[f"XDG_{name}_{'DIR' if name == 'RUNTIME' else 'HOME'}"] = str(folder)
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.journeys.observed", *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                cwd=home,
                start_new_session=True,  # by which its engine is known, also when it has ended
            )

    def ask(self, question: str, *arguments: object) -> Any:
        """An answer of `Answers`.

        Raises:
            LookupError: there is no such thing now.
            EndedError: the program has ended, or does not answer.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._process.stdin.closed:
            raise EndedError(f"{question}? The story was broken off in a chapter before this one.")
        try:
            self._process.stdin.write(msgspec.json.encode([question, *arguments]) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise EndedError(f"{question}? The program has ended.\n{self.errors}") from None
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            raise EndedError(f"{question}? No answer for {PATIENCE:.0f} seconds.\n{self.errors}")
        line = self._process.stdout.readline()
        if not line:
            raise EndedError(f"{question}? The program has ended.\n{self.errors}")
        answer = msgspec.json.decode(line)
        if "error" in answer:
            raise LookupError(answer["error"])
        return answer["answer"]

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def errors(self) -> str:
        """All that it has printed as errors."""
        return self._errors.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it as a crash or the system would: without a chance to tidy up."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE)

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in so short a time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit status, when it has ended by itself."""
        return self._process.wait(seconds)

    def tidy(self) -> list[str]:
        """Make sure that nothing of it is left, neither a process nor an open pipe.

        Returns what has outlived it: its engine must end by itself when its window is gone.
        """
        left: list[psutil.Process] = []
        try:
            if self.running:
                self.kill()
            end = time.monotonic() + GRACE
            while (left := self._left()) and time.monotonic() < end:
                time.sleep(0.05)
            return [_killed(process) for process in left]
        finally:
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):  # a question that was not read
                    pipe.close()

    def _left(self) -> list[psutil.Process]:
        """What it has started and still runs; nobody is the parent of it once it has ended."""
        left = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                mine = os.getsid(process.pid) == self._process.pid
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(process)
        return left


def _killed(process: psutil.Process) -> str:
    """What it was."""
    try:
        words = " ".join(process.cmdline())
        process.kill()
    except psutil.Error:
        return f"{process} has just ended"
    return words
