"""A real X display of its own for the tests that drag, type and look as a person does."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SCREEN = "1600x1000x24"


@pytest.fixture(scope="session")
def xdisplay() -> Iterator[str]:
    """The name of a fresh display (":99"), for the environment of a child process.

    Where there is no Xvfb the test is skipped on a desk, and fails in CI.
    """
    program = shutil.which("Xvfb")
    if program is None:
        reason = "there is no Xvfb on this machine (Debian: apt install xvfb xdotool)"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    read, write = os.pipe()
    with subprocess.Popen(
        [program, "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()  # Xvfb writes it once it takes connections
        try:
            if not number:
                pytest.fail(f"Xvfb ended with {server.wait(10)} before it had a display")
            yield f":{number}"
        finally:
            server.terminate()
            server.wait(10)
