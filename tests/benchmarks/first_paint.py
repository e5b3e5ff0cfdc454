"""From the command to the first paint: the program as a process, beside a bare Qt window."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np

from tests.benchmarks.harness import ROOT, show

TIMES = 7

BARE = """
import os, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        QTimer.singleShot(0, lambda: (print(time.time(), flush=True), os._exit(0)))

app = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""

PROGRAM = """
import os, sys, time
sys.path.insert(0, os.getcwd())
from ui import app
app._import_numpy()  # as the program does before anything else
from PySide6.QtCore import QTimer
from ui.main_window import MainWindow

painted = MainWindow.paintEvent

def first(window, event):
    # Before what the window does after its first paint; the paint itself goes on to its end.
    QTimer.singleShot(0, lambda: (print(time.time(), flush=True), os._exit(0)))
    painted(window, event)

MainWindow.paintEvent = first
app.main([])
"""


def run() -> None:
    """Seconds, the smallest and the median of several starts on a warm disk."""
    bare, program = [], []
    started(PROGRAM)  # warms the disk
    for _ in range(TIMES):
        bare.append(started(BARE))
        program.append(started(PROGRAM))
    show("a bare Qt window (median, best)", f"{np.median(bare):.2f}, {min(bare):.2f} s")
    show("CNNviz", f"{np.median(program):.2f}, {min(program):.2f} s", "< 0.8 s")


def started(code: str) -> float:
    """Seconds from the start of a process to the moment that it prints."""
    begin = time.time()
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(found.stdout.split()[-1]) - begin
