"""The laboratory bench: settings, data, runs and their results, and what is told of troubles."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtWidgets import QDialog, QWidget

from cnnviz.data.fetching import Step
from cnnviz.message import Message
from tests.support.stage import PATIENCE, in_the_drawer, work
from tests.ui.desk_link import DeskLink
from ui.widgets.confusion_grid import ConfusionGrid
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.stage import Scene
    from ui.main_window import MainWindow


def _set(window: MainWindow, **changes: Any) -> None:
    changed = msgspec.structs.replace(window.session.project.training, **changes)
    window.session.set_training(changed, Message("Learning rate"))


def _settings(**changes: Any) -> Scene:
    def show(window: MainWindow) -> None:
        _set(window, **changes)
        window.training._open_panel()

    return show


def _data(**changes: Any) -> Scene:
    def show(window: MainWindow) -> None:
        before = window.session.project.preparation
        changed = msgspec.structs.replace(before, **changes)
        window.session.set_preparation(changed, Message("Random changes to training images"))
        window.training.prepare.trigger()
        work()

    return show


def _opened(window: MainWindow, do: Callable[[], object]) -> QWidget:
    """The dialog that stands open after that."""
    do()
    work()
    found = [one for one in window.findChildren(QDialog) if one.isVisible()]
    return found[-1]


def _range_test(window: MainWindow) -> QWidget:
    return _opened(window, window.training._test_range)


# --- runs and results ------------------------------------------------------------------------


def _second_run(window: MainWindow) -> None:
    """Some steps with another learning rate, from the same weights."""
    window.engine.time.leave()
    window.engine.stop()
    _set(window, learning_rate=0.01)
    window.engine.reset()
    work()
    window.engine.train()
    for _ in range(400):
        DeskLink.newest.work(1)
        progress = window.engine.progress
        if progress is not None and progress.state == "running" and progress.step >= 8:
            break
    window.engine.stop()
    work()


def _overlay(window: MainWindow) -> None:
    if len(window.session.runs.all) < 3:  # with the one of a single step
        _second_run(window)
    window.outputs.runs_menu._draw_all(True)
    window.outputs.show_tab("curves")


def _differences(window: MainWindow) -> None:
    _overlay(window)
    window.outputs._choose_tab("runs")


def _curves_window(window: MainWindow) -> QWidget:
    window.outputs.enlarge_curves()
    return window.outputs._window


def _time_machine(window: MainWindow) -> None:
    time = window.engine.time
    time.go_to(time.steps[2])
    window.outputs._choose_tab("confusion")
    for _ in range(4):
        work()
    window.outputs._examinations[0].findChildren(ConfusionGrid)[0].choose(4, 9)


def _batch(window: MainWindow) -> None:
    window.engine.time.leave()
    window.outputs._choose_tab("batch")
    window.engine.step()
    end = monotonic() + PATIENCE  # the batch is asked for a moment after the step
    page = window.outputs._parts[-1]
    while not page.findChildren(Thumbnails)[0].count() and monotonic() < end:
        work()


# --- experiments, data sets, troubles --------------------------------------------------------


def _experiments(mode: str) -> Scene:
    def show(window: MainWindow) -> None:
        window.inputs._tools.experiments.setChecked(True)
        panel = window.inputs._experiments
        panel._rows["turn"][1].setValue(6)
        panel.set_mode(mode)

    return show


def _beside(window: MainWindow) -> QWidget:
    window.inputs._tools.experiments.setChecked(False)
    window.beside.keep.trigger()
    window.inputs.show_test_image(5)
    work()
    window.beside.open.trigger()
    work()
    return window.beside.window


def _data_set(name: str) -> Scene:
    def show(window: MainWindow) -> QWidget:
        return _opened(window, lambda: window.datasets.show_dialog(name))

    return show


def _fetching(window: MainWindow) -> QWidget:
    """A download on its way, of which nothing is asked of any network."""
    package = "cifar10"
    library = vars(window.datasets.library)
    library["is_coming"] = lambda name: name == package
    library["step"] = lambda _: Step("fetching", "cifar-10-binary.tar.gz", 43_000_000, 170_052_171)
    try:
        dialog = _data_set(package)(window)
        assert dialog is not None
        window.datasets.dialog.refresh()
        return dialog
    finally:
        del library["is_coming"], library["step"]


def _memory(window: MainWindow) -> None:
    words = Message(
        "{device} has run out of memory in step {step:,}, with {n:,} images in a batch.",
        device="CUDA:0",
        step=1200,
        n=4096,
    )
    window.memory._asked = Message("{what} The weights are safe.", what=words)
    window.memory._ask()
    window.memory._asked = None


def _spoilt(window: MainWindow) -> None:
    _set(window, optimizer="sgd", learning_rate=1000.0)
    window.engine.train()
    for _ in range(12):
        DeskLink.newest.work(1)
    window.engine.stop()
    work()
    window.inspector._pixel_actions.backward.setChecked(False)
    window.inspector.show_tab("pixel")


RESULTS: dict[str, Scene] = {
    "statistics": in_the_drawer(lambda window: window.inspector.show_tab("statistics")),
    "curves large": _curves_window,
    "time machine": _time_machine,
    "batch": _batch,
    "runs overlaid": _overlay,
    "runs that differ": _differences,
    "run again": lambda window: _opened(window, window.outputs.runs_menu.changed.trigger),
}
"""Before anything else, since an edit takes the results of the last run away."""
BENCH: dict[str, Scene] = {
    "training sgd": _settings(optimizer="sgd", schedule="cosine"),
    "training adamw": _settings(optimizer="adamw", schedule="one_cycle"),
    "training rmsprop": _settings(optimizer="rmsprop", schedule="step"),
    "training plateau": _settings(schedule="plateau", loss="mean_squared_error"),
    "training exponential": _settings(schedule="exponential", warm_up=50),
    "data prepared": _data(validation="share", label_noise=10, equalisation=True),
    "data by chance": _data(
        move=10, rotate=15, zoom=10, elastic=20, noise=5, erase=10, unchanged=15
    ),
    "range test": _range_test,
    "experiments turned": _experiments("used"),
    "experiments as trained": _experiments("trained"),
    "side by side": _beside,
    "data set": _data_set("mnist"),
    "data set to fetch": _data_set("cifar10"),
    "data set on its way": _fetching,
    "line memory": _memory,
    "spoilt": in_the_drawer(_spoilt),
}
"""In an order in which what cannot be taken back, as a run is, comes last."""
