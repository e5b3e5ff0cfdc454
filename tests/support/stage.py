"""The real window, as it is after a short run, on which scenes are shown one after another."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

import ui.engine_sync
from tests.ui.desk_link import DeskLink
from ui.main_window import MainWindow
from ui.theme import theme
from ui.widgets import screen_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.history import State

    Scene = Callable[[MainWindow], QWidget | None]
    """Brings something to the front; what it returns is to be looked at in the window's place."""

PATIENCE = 60.0
"""Seconds for the test images to be read."""
STEPS = 24
"""Of a run, so that there are curves, mistakes and a confusion to show."""


@contextmanager
def stage(app: QApplication, width: int = 1280, height: int = 720) -> Iterator[MainWindow]:
    """The window after a short run, with an engine that works when it is told to.

    It is opened as the program opens it, on a screen that is as large as the window, then and
    whenever that becomes another size.
    """
    client, screen = vars(ui.engine_sync), vars(screen_room)
    before = client["EngineLink"], screen["of"]
    client["EngineLink"] = DeskLink
    screen["of"] = lambda _: QRect(0, 0, width, height)
    theme.prepare(app)
    window = MainWindow()
    screen["of"] = lambda _: window.geometry()
    theme.apply(app)
    theme.set_reduced_motion(True)  # nothing is half-way where it is to be when it is looked at
    try:
        window.resize(width, height)  # in which it shares out its panels as it is first shown
        window.show()
        window.begin(None)
        window.hints._switch(False)  # a scene of their own
        end = time.monotonic() + PATIENCE
        while window.engine._link is None and time.monotonic() < end:
            app.processEvents()  # until the first paint, after which all else begins
        while not window.inputs._tests.ready and time.monotonic() < end:
            work()
        window.inputs.show_test_image(3)
        window.engine.train()
        for _ in range(400):
            DeskLink.newest.work(1)
            progress = window.engine.progress
            if progress is not None and progress.step >= STEPS:
                break
        window.engine.stop()
        work()
        yield window
    finally:
        theme.set_reduced_motion(False)
        window._closing = True
        window.close()
        window.deleteLater()
        client["EngineLink"], screen["of"] = before
        app.processEvents()


def project(window: MainWindow) -> None:
    """Press the key for a projector, and wait until everything has its new look and place."""
    window.projector.action.trigger()
    while not theme.settled:  # it is dressed step by step
        work()
    work()


def in_the_drawer(scene: Scene) -> Scene:
    """The same, with the detail of a layer open, which a projector and large type keep closed."""

    def show(window: MainWindow) -> QWidget | None:
        window._open_drawer()
        work()
        return scene(window)

    return show


def work() -> None:
    """Let window and engine do all that waits."""
    for _ in range(3):
        DeskLink.newest.work()
        QApplication.processEvents()


@contextmanager
def shown(window: MainWindow, scene: Scene) -> Iterator[QWidget]:
    """What is to be looked at while a scene is on; afterwards all is as it was before."""
    before = window.session.state
    panels = {action: action.isChecked() for action in window._panels.values()}
    found = scene(window)
    work()
    try:
        yield found or window
    finally:
        leave(window, before)
        for action, shown_before in panels.items():
            action.setChecked(shown_before)
        work()


def picture(window: MainWindow, looked_at: QWidget) -> QPixmap:
    """What a person sees: the window with what has popped up over it, or the dialog alone."""
    found = looked_at.grab()
    if looked_at is window:
        painter = QPainter(found)
        for popup in _others(window):
            painter.drawPixmap(window.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
    return found


def leave(window: MainWindow, before: State) -> None:
    """Close what a scene has opened, and take back what it has changed."""
    for other in _others(window):
        other.close()
    if window.help.finder is not None and isValid(window.help.finder):
        window.help.finder.leave()
    if window.inputs._tools.experiments.isChecked():
        window.inputs._tools.experiments.trigger()
    window.hints._switch(False)
    window.banner.clear()
    window.palette_bar._filter.clear()
    window.inspector.show_tab("settings")
    if window.inspector.settings.views.isVisible():
        window.inspector.settings.views.setCurrentIndex(0)
    window.inspector.pixel.bar.show_view("window")
    window.outputs.show_tab("curves")
    session = window.session
    while session.undo_label is not None and session.project is not before.project:
        session.undo()
    canvas = window.canvas
    canvas.carry(())
    canvas.open_gap(None)
    canvas.unfold_all()
    canvas.set_zoom(1.0)
    session.select(*(layer.uid for layer in session.network.layers[:1]))
    work()


def _others(window: MainWindow) -> list[QWidget]:
    every = QApplication.topLevelWidgets()
    return [one for one in every if one is not window and one.isVisible()]
