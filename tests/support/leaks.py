"""A test that leaves a window, a thread or a child process behind fails.

Loaded as a pytest plugin, so that its own tests can load it into a pytest inside pytest.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GRACE = 3.0
"""Seconds that something on its way out gets to be gone."""


@pytest.fixture(autouse=True)
def _no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    # The first fixture of a test to be set up, and so the last to be torn down: wider fixtures
    # (a display, a program for a whole module) stand before it and are not counted.
    widgets, threads, children = set(top_level_widgets()), live_threads(), child_processes()
    yield
    leaks: list[str] = []
    if left := _wait(lambda: _new_widgets(widgets)):
        leaks += [f"the top-level widget {widget!r}" for widget in left]
        for widget in left:
            widget.hide()
            widget.deleteLater()
        _delete_later()
    if left := _wait(lambda: live_threads() - threads):
        leaks += [f"the thread {thread.name!r}" for thread in left]
    if left := _wait(lambda: child_processes() - children):
        for child in left:
            leaks.append(f"the child process {child.pid}: {' '.join(_command(child))}")
            _kill(child)
    if leaks:
        pytest.fail(f"{request.node.nodeid} left behind " + "; ".join(leaks), pytrace=False)


def top_level_widgets() -> list[Any]:
    """The windows that Qt knows; none where no test has started Qt."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    return list(widgets.QApplication.topLevelWidgets())


def live_threads() -> set[threading.Thread]:
    """Python's threads. Qt's own appear as dummies that Python 3.11 never forgets."""
    return {
        thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)
    }


def child_processes() -> set[psutil.Process]:
    """All descendants, without the one helper that Python keeps for shared memory."""
    return {
        child
        for child in psutil.Process().children(recursive=True)
        if not any("multiprocessing.resource_tracker" in word for word in _command(child))
    }


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
        process.wait(GRACE)
    except psutil.Error:
        return


def _new_widgets(before: set[Any]) -> set[Any]:
    _delete_later()
    left = set(top_level_widgets()) - before
    if left:
        # A closed window may still hang in a reference cycle: garbage, not a leak.
        del left
        gc.collect()
        _delete_later()
        left = set(top_level_widgets()) - before
    return left


def _delete_later() -> None:
    """Carry out what `deleteLater` has promised; no event loop runs any more to do it."""
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)


def _wait(leaked: Callable[[], set[Any]]) -> set[Any]:
    end = time.monotonic() + GRACE
    while (left := leaked()) and time.monotonic() < end:
        time.sleep(0.02)
    return left
