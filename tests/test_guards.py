"""The guards of this suite catch what they promise to catch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QSettings, QStandardPaths, Signal

LEAKY = """
import subprocess, sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

kept = []

def test_widget(qapp):
    kept.append(QWidget())

def test_closed_widget(qtbot):
    widget = QWidget()
    widget.itself = widget  # a reference cycle
    qtbot.addWidget(widget)

def test_thread():
    end = threading.Event()
    kept.append(end)
    threading.Thread(target=end.wait, name="forgotten", daemon=True).start()

def test_child():
    kept.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))

def test_slot(qtbot):
    QTimer.singleShot(0, lambda: 1 / 0)
    qtbot.wait(50)

def test_clean(qtbot):
    subprocess.run([sys.executable, "-c", ""], check=True)
    thread = threading.Thread(target=int)
    thread.start()
"""


def test_leaks_and_failing_slots_fail(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    pytester.makeconftest("from tests.support import leaks\nleaks.GRACE = 0.3\n")
    pytester.makepyfile(LEAKY)
    result = pytester.runpytest_subprocess(
        "-p", "tests.support.leaks", "-p", "no:cacheprovider", "-rA"
    )
    result.assert_outcomes(passed=5, failed=1, errors=3)
    result.stdout.fnmatch_lines_random(
        [
            "PASSED *::test_closed_widget",
            "PASSED *::test_clean",
            "FAILED *::test_slot*",
            "*::test_widget left behind the top-level widget *QWidget*",
            "*::test_thread left behind the thread 'forgotten'",
            "*::test_child left behind the child process *input()",
        ]
    )


def test_settings_go_to_a_temporary_folder() -> None:
    places = [
        QStandardPaths.writableLocation(place)
        for place in (
            QStandardPaths.StandardLocation.AppConfigLocation,
            QStandardPaths.StandardLocation.AppDataLocation,
            QStandardPaths.StandardLocation.CacheLocation,
        )
    ]
    places.append(QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "x").fileName())
    for place in places:
        assert place.startswith(os.environ["XDG_CONFIG_HOME"].removesuffix("config")), place


class _Bell(QObject):
    rang = Signal(object)


def test_pyside_keeps_the_references_to_true_and_none(qapp: QCoreApplication) -> None:
    """A canary: PySide6 6.12.0 drops one for each emit on Python 3.11, until the process dies."""
    bell = _Bell()
    times = 500
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(times):
        bell.rang.emit(1)
        bell.setObjectName("bell")
        qapp.setApplicationName(qapp.applicationName())
    after = sys.getrefcount(True), sys.getrefcount(None)
    # Elsewhere a few come and go; the defect would cost hundreds.
    assert abs(after[0] - before[0]) < times / 10
    assert abs(after[1] - before[1]) < times / 10
