"""Everything that the window can show, one scene after another, for tests and for pictures."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

import ui.engine_client
from cnnviz.layers import Conv2d, Dense
from cnnviz.network import Network
from cnnviz.presets import preset
from cnnviz.project import Project
from tests.ui.desk_link import DeskLink
from ui.main_window import MainWindow
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Scene = Callable[[MainWindow], QWidget | None]
    """Brings something to the front; what it returns is to be looked at in the window's place."""

PATIENCE = 60.0
"""Seconds for the test images to be read."""
STEPS = 24
"""Of a run, so that there are curves, mistakes and a confusion to show."""


@contextmanager
def stage(app: QApplication) -> Iterator[MainWindow]:
    """The window as it is after a short run, with an engine that works when it is told to."""
    client = vars(ui.engine_client)
    before, client["EngineLink"] = client["EngineLink"], DeskLink
    window = MainWindow()
    theme.apply(app)
    try:
        window.show()
        app.processEvents()  # in the size of its own, which the columns are shared out in
        window.resize(1280, 720)
        window.engine.start()
        window.inputs.load_test_images()
        end = time.monotonic() + PATIENCE
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
        window._closing = True
        window.close()
        window.deleteLater()
        client["EngineLink"] = before
        app.processEvents()


def work() -> None:
    """Let window and engine do all that waits."""
    for _ in range(3):
        DeskLink.newest.work()
        QApplication.processEvents()


def _tab(key: str, uid: str = "") -> Scene:
    def show(window: MainWindow) -> None:
        layers = window.session.network.layers
        window.session.select(uid or layers[0].uid)
        window.inspector.show_tab(key)

    return show


def _results(key: str) -> Scene:
    return lambda window: window.outputs.show_tab(key)


def _trigger(find: Callable[[MainWindow], object]) -> Scene:
    def show(window: MainWindow) -> QWidget | None:
        before = set(QApplication.topLevelWidgets())
        find(window)
        work()
        new = set(QApplication.topLevelWidgets()) - before
        return next((one for one in new if one.isVisible() and isinstance(one, QDialog)), None)

    return show


def _open(network: Network) -> Scene:
    return lambda window: window.session.open(Project(network), {}, None)


def _comparison(window: MainWindow) -> QWidget:
    window._compare.trigger()
    return window.comparison


def _broken(window: MainWindow) -> None:
    window.session.insert([Conv2d(filters=4), Dense(units=3)], len(window.session.network.layers))


SCENES: dict[str, Scene] = {
    "settings": _tab("settings"),
    "kernels": _tab("kernels"),
    "maps": _tab("maps"),
    "pixel": _tab("pixel"),
    "sharing": _tab("sharing"),
    "why": _tab("why"),
    "input selected": _tab("settings", "input"),
    "curves": _results("curves"),
    "confusion": _results("confusion"),
    "mistakes": _results("mistakes"),
    "runs": _results("runs"),
    "experiments": lambda window: window.inputs.actions_menu()[-1].trigger(),
    "shortcuts": _trigger(lambda window: window._shortcuts.trigger()),
    "about": _trigger(lambda window: window._about.trigger()),
    "comparison": _comparison,
    "training settings": lambda window: window.training._open_panel(),
    "data": _trigger(lambda window: window.training.prepare.trigger()),
    "first steps": lambda window: window.hints.action.setChecked(True),
    "problem": _broken,
    "problems": lambda window: window.top_bar.problems.action.trigger(),
    "branches": _open(preset("inception-small")),
    "long": _open(preset("densenet-169")),
    "empty": _open(Network()),
    "finder": lambda window: window._open_finder(),
}
"""In an order in which each leaves to the next what it needs."""


def picture(window: MainWindow, shown: QWidget | None) -> QPixmap:
    """What a person sees: the window with what has popped up over it, or the dialog alone."""
    found = (shown or window).grab()
    if shown is None:
        painter = QPainter(found)
        for popup in _others(window):
            painter.drawPixmap(window.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
    return found


def _others(window: MainWindow) -> list[QWidget]:
    every = QApplication.topLevelWidgets()
    return [one for one in every if one is not window and one.isVisible()]


def leave(window: MainWindow) -> None:
    """Close what a scene has opened."""
    for other in _others(window):
        other.close()
    QApplication.processEvents()
