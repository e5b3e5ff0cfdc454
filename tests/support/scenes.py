"""Everything that the window can show, one scene after another, for tests and for pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from cnnviz.layers import Conv2d, Dense
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.presets import preset
from tests.support.canvas_scenes import CANVAS
from tests.support.inside_scenes import INSIDE
from tests.support.layer_scenes import LAYERS
from tests.support.stage import in_the_drawer, work
from tests.support.training_scenes import BENCH, RESULTS
from tests.support.window_scenes import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.stage import Scene
    from ui.main_window import MainWindow


def _tab(key: str, uid: str = "") -> Scene:
    def show(window: MainWindow) -> None:
        layers = window.session.network.layers
        window.session.select(uid or layers[0].uid)
        window.inspector.show_tab(key)

    return in_the_drawer(show)


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
    return lambda window: window.session.edit(network, Message("Open"))


def _comparison(window: MainWindow) -> QWidget:
    window._compare.trigger()
    return window.comparison


def _broken(window: MainWindow) -> None:
    window.session.insert([Conv2d(filters=4), Dense(units=3)], len(window.session.network.layers))


def _experiments(window: MainWindow) -> None:
    window.inputs._tools.experiments.trigger()


def _problems(window: MainWindow) -> None:
    _broken(window)
    window.top_bar.problems.action.trigger()


TABS_AND_DIALOGS: dict[str, Scene] = {
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
    "experiments": _experiments,
    "shortcuts": _trigger(lambda window: window.help.shortcuts.trigger()),
    "about": _trigger(lambda window: window.help.about.trigger()),
    "comparison": _comparison,
    "training settings": lambda window: window.training._open_panel(),
    "data": _trigger(lambda window: window.training.prepare.trigger()),
    "first steps": lambda window: window.hints._switch(True),
    "problem": _broken,
    "problems": _problems,
    "branches": _open(preset("inception-small")),
    "long": _open(preset("densenet-169")),
    "empty": _open(Network()),
    "finder": lambda window: window.help.find.trigger(),
}
"""What has widgets for its texts at every size."""
SCENES: dict[str, Scene] = {
    **RESULTS,
    **TABS_AND_DIALOGS,
    **CANVAS,
    **WINDOW,
    **LAYERS,
    **INSIDE,
    **BENCH,
}
"""Whatever a scene changes is taken back before the next, but for the runs that it has made."""
