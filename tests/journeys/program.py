"""The program as a process on a display: started, asked, and ended."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that an answer may take: the window must never be busy for so long."""


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
            )

    def ask(self, question: str, *arguments: object) -> Any:
        """An answer of `Answers`.

        Raises:
            LookupError: there is no such thing now.
            EndedError: the program has ended, or does not answer.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
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

    def tidy(self) -> None:
        """Make sure that nothing of it is left."""
        if self.running:
            engines = psutil.Process(self._process.pid).children(recursive=True)
            self.kill()
            psutil.wait_procs(engines, PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
