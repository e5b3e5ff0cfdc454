"""Looking inside: kernels, maps, one value there and back, why, what is alike, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.explain.answers import METHODS
from cnnviz.explain.likeness import VIEWS
from cnnviz.message import Message
from cnnviz.network import Network
from tests.support.layer_scenes import EVERY_KIND
from tests.support.stage import in_the_drawer, work
from ui.inspector.way_back import LOSS_UID, Quantity, quantities

if TYPE_CHECKING:
    from cnnviz.explain.likeness import View
    from tests.support.stage import Scene
    from ui.inspector.backward_where import Zoom
    from ui.main_window import MainWindow


def uid_of(window: MainWindow, kind: str, number: int = 0) -> str:
    """A layer of the present network, by its kind and which of them it is."""
    return [layer.uid for layer in window.session.network.layers if layer.kind == kind][number]


def _tab(key: str, kind: str, number: int = 0) -> Scene:
    def show(window: MainWindow) -> None:
        window.session.select(uid_of(window, kind, number))
        window.inspector.show_tab(key)

    return show


# --- kernels and maps ------------------------------------------------------------------------


def _kernels(age: str = "now", order: str = "number") -> Scene:
    def show(window: MainWindow) -> None:
        _tab("kernels", "conv2d")(window)
        page = window.inspector.kernels
        page.choices.ages.set_value(age)
        page.choices.orders.set_value(order)
        page.choices.changed.emit()
        work()

    return show


def _kernel_alone(window: MainWindow) -> None:
    _kernels()(window)
    page = window.inspector.kernels
    page.grid.clicked.emit(2, 0, 0)
    page.editor.painted.emit(page.editor.grid.values[::-1] * 0.5, False)
    page.editor.froze.emit(True)
    window.session.muted.toggle(window.session.selection, 3)
    for _ in range(6):  # its loss is measured after the picture
        work()


def _large(kind: str, number: int) -> Scene:
    def show(window: MainWindow) -> None:
        if kind == "input":
            window.session.select("input")
            window.inspector.show_tab("maps")
        else:
            _tab("maps", kind, number)(window)
        window.inspector.maps.open_large(0)
        window.session.spot.point_at(window.session.selection, 4, 5)

    return show


# --- one value -------------------------------------------------------------------------------


def _forward(number: int) -> Scene:
    """How a value of a kind of layer comes about."""

    def show(window: MainWindow) -> None:
        window.session.edit(Network(layers=EVERY_KIND), Message("Open"))
        window.session.select(window.session.network.layers[number].uid)
        window.inspector._pixel_actions.backward.setChecked(False)
        window.inspector.show_tab("pixel")
        work()

    return show


def _matrices(window: MainWindow) -> None:
    _tab("pixel", "conv2d")(window)
    window.inspector._pixel_actions.backward.setChecked(False)
    window.inspector.pixel.bar.show_view("matrices")
    window.inspector.pixel.show_picture()


def _backward(window: MainWindow, zoom: Zoom) -> None:
    window.inspector.show_tab("pixel")
    window.inspector._pixel_actions.backward.setChecked(True)
    window.inspector.backward._where.at_loss = False
    window.inspector.backward.show_zoom(zoom)
    work()


def _back(number: int, zoom: Zoom) -> Scene:
    def show(window: MainWindow) -> None:
        window.session.edit(Network(layers=EVERY_KIND), Message("Open"))
        window.session.select(window.session.network.layers[number].uid)
        work()
        _backward(window, zoom)

    return show


def _gradient(name: str) -> Scene:
    """How the gradient of a weight comes about, and what a step makes of it."""

    def show(window: MainWindow) -> None:
        window.session.select(uid_of(window, "conv2d", 1))
        _backward(window, "value")
        row = window.session.report.row(window.session.selection)
        found = next(one for one in quantities(row) if one.name == name)
        place = (1, 2, 1, 0) if name == "weight" else (1,)
        window.inspector.backward.choose(row.layer.uid, found, place)
        work()

    return show


def _in_training(name: str) -> Scene:
    """What a batch norm does in training: δ, or the gradient of its factor or offset."""

    def show(window: MainWindow) -> None:
        window.session.edit(Network(layers=EVERY_KIND), Message("Open"))
        uid = uid_of(window, "batch_norm")
        window.session.select(uid)
        work()
        _backward(window, "value")
        place = (1,) if name else (1, 2, 3)
        window.inspector.backward.choose(uid, Quantity("batch", name=name), place)
        work()

    return show


def _loss(window: MainWindow) -> None:
    _backward(window, "all")
    window.inspector.backward.choose(LOSS_UID, Quantity(), (0,))
    work()


# --- why, alike, statistics ------------------------------------------------------------------


def _why(method: str) -> Scene:
    def show(window: MainWindow) -> None:
        window.inspector.show_tab("why")
        window.inspector.why.bar.choose_method(method)
        work()

    return show


def _alike(view: View) -> Scene:
    def show(window: MainWindow) -> None:
        _tab("alike", "conv2d", 1)(window)
        page = window.inspector.alike
        page.views.set_current(view)
        page.views.selected.emit(view)
        work()

    return show


KINDS = [layer.kind for layer in EVERY_KIND]
_SCENES: dict[str, Scene] = {
    "kernels by similarity": _kernels(order="similarity"),
    "kernels changed": _kernels(age="change", order="norm"),
    "kernels as they were": _kernels(age="before"),
    "kernel alone": _kernel_alone,
    "kernels of a dense layer": _tab("kernels", "dense", 0),
    "kernels of the last layer": _tab("kernels", "dense", 1),
    "kernels none": _tab("kernels", "activation"),
    "maps of a dense layer": _tab("maps", "dense"),
    "map large": _large("conv2d", 1),
    "map large input": _large("input", 0),
    **{f"pixel of {kind}": _forward(number) for number, kind in enumerate(KINDS)},
    "pixel matrices": _matrices,
    "backward": lambda window: _backward(window, "all"),
    **{f"backward layer {kind}": _back(number, "layer") for number, kind in enumerate(KINDS)},
    **{f"backward value {kind}": _back(number, "value") for number, kind in enumerate(KINDS)},
    "backward weight": _gradient("weight"),
    "backward bias": _gradient("bias"),
    "backward batch norm in training": _in_training(""),
    "backward factor in training": _in_training("weight"),
    "backward offset in training": _in_training("bias"),
    "backward loss": _loss,
    "sharing of a dense layer": _tab("sharing", "dense"),
    "sharing none": _tab("sharing", "activation"),
    **{f"why {method}": _why(method) for method in METHODS},
    **{f"alike {view}": _alike(view) for view in VIEWS},
}
INSIDE = {name: in_the_drawer(scene) for name, scene in _SCENES.items()}
