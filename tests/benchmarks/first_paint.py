"""From the command to the first paint: the program as a process, beside a bare Qt window."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from tempfile import TemporaryDirectory

import numpy as np

from tests.benchmarks.harness import ROOT, show

TIMES = 7

TELL = """
import os, time

def tell():
    print(time.time(), time.process_time(), flush=True)
    os._exit(0)
"""

BARE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        QTimer.singleShot(0, tell)

app = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""

PROGRAM = """
import os, sys
sys.path.insert(0, os.getcwd())
from ui import app
app._import_numpy()  # as the program does before anything else
from PySide6.QtCore import QTimer
from ui.main_window import MainWindow

painted = MainWindow.paintEvent

def first(window, event):
    # Before what the window does after its first paint; the paint itself goes on to its end.
    QTimer.singleShot(0, tell)
    painted(window, event)

MainWindow.paintEvent = first
app.main([])
"""


def run() -> None:
    """Seconds, the smallest and the median of several starts on a warm disk."""
    bare, program = [], []
    with TemporaryDirectory() as cache:
        # Where Python may not keep what it has compiled, it compiles the program at every start.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        started(PROGRAM, environment)  # warms that and the disk
        for _ in range(TIMES):
            bare.append(started(BARE, environment))
            program.append(started(PROGRAM, environment))
    for name, found, aim in (("a bare Qt window", bare, ""), ("CNNviz", program, "< 0.8 s")):
        waited, worked = np.array(found).T
        show(f"{name} (median, best)", f"{np.median(waited):.2f}, {waited.min():.2f} s", aim)
        show(f"{name}: of it processor time", f"{np.median(worked):.2f}, {worked.min():.2f} s")


def started(code: str, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds from the start of a process to the moment that it prints, and those it worked."""
    begin = time.time()
    found = subprocess.run(
        [sys.executable, "-c", TELL + code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    painted, worked = map(float, found.stdout.split())
    return painted - begin, worked
