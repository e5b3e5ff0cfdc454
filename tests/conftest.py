"""Every test: no real screen, no trace in anybody's home, nothing left behind."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.command_line import Command

pytest_plugins = ["pytester", "tests.support.leaks", "tests.support.display"]

os.environ["QT_QPA_PLATFORM"] = "offscreen"

# Before anything asks Qt or the program where settings belong, and for child processes as well.
_HOME = Path(tempfile.mkdtemp(prefix="cnnviz-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
_FOLDERS = {name: _HOME / name.lower() for name in ("CONFIG", "DATA", "STATE", "CACHE")}
for _name, _folder in _FOLDERS.items():
    _folder.mkdir()
    os.environ[f"XDG_{_name}_HOME"] = str(_folder)

settings.register_profile("default", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(autouse=True)
def _forget_settings(_no_leaks: None) -> Iterator[None]:
    """Settings, recent files and recovery of one test are not there for the next."""
    yield
    for name in ("CONFIG", "DATA", "STATE"):  # the cache holds fonts, which are slow to find again
        for entry in _FOLDERS[name].iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command line in this process."""
    from tests.support.command_line import Command  # only once the folders above are set

    return Command(capsys)


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A file with the network of the first start, which has learned."""
    from cnnviz.files import save_project
    from cnnviz.presets import first_start

    save_project(tmp_path / "trained.cnnviz", *first_start())
    return tmp_path / "trained.cnnviz"
