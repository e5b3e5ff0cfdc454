"""What the canvas can show: near and far, branches, problems, selections, a drag under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers import Branches, Conv2d, Dense, MaxPool, Size
from cnnviz.message import Message
from cnnviz.network import Network, Place
from cnnviz.presets import preset

if TYPE_CHECKING:
    from tests.support.stage import Scene
    from ui.main_window import MainWindow

INCEPTION = Branches(
    merge="concat",
    label="Inception",
    branches=(
        (Conv2d(filters=16, kernel=Size(1, 1)),),
        (
            Conv2d(filters=8, kernel=Size(1, 1)),
            Conv2d(filters=16, kernel=Size(3, 3), padding="same"),
        ),
        (
            Conv2d(filters=4, kernel=Size(1, 1)),
            Conv2d(filters=8, kernel=Size(5, 5), padding="same"),
        ),
        (
            MaxPool(kernel=Size(3, 3), stride=Size(1, 1), padding="same"),
            Conv2d(filters=8, kernel=Size(1, 1)),
        ),
    ),
)
DESIGN = Network(
    layers=(
        Conv2d(filters=8, kernel=Size(3, 3), padding="same"),
        INCEPTION,
        MaxPool(kernel=Size(2, 2)),
        Conv2d(filters=8, kernel=Size(17, 17)),
        Dense(units=10),
    )
)
"""The network of the picture with branches and a problem in the design."""


def _open(network: Network, zoom: float = 1.0, fold: bool = False) -> Scene:
    def show(window: MainWindow) -> None:
        window.session.edit(network, Message("Open"))
        window.session.select(window.session.network.layers[0].uid)
        if fold:
            window.canvas.fold_all()
        window.canvas.set_zoom(zoom)

    return show


def _fit(network: Network) -> Scene:
    def show(window: MainWindow) -> None:
        window.session.edit(network, Message("Open"))
        window.canvas.fit()

    return show


def _zoom(zoom: float) -> Scene:
    return lambda window: window.canvas.set_zoom(zoom)


def _several(window: MainWindow) -> None:
    uids = [layer.uid for layer in window.session.network.layers[1:4]]
    window.session.select(uids[-1], *uids)


def _dragging(window: MainWindow) -> None:
    """As while a mouse drags the third card to the front."""
    uid = window.session.network.layers[2].uid
    box = window.canvas.arrangement.boxes[uid]
    window.canvas.carry({uid})
    window.canvas.open_gap(Place(0), box.width, box.height)


def _disabled(window: MainWindow) -> None:
    uids = [layer.uid for layer in window.session.network.layers]
    window.session.set_enabled(uids[2], enabled=False)
    window.session.select(uids[2])


def _inner_problem(window: MainWindow) -> None:
    branches = (
        (Conv2d(filters=8, kernel=Size(3, 3), padding="same"),),
        (Conv2d(filters=12, kernel=Size(3, 3)),),
    )
    block = Branches(merge="add", branches=branches)
    window.session.insert([block], 1)
    window.session.select(window.session.network.layers[1].uid)


def _empty_branch(window: MainWindow) -> None:
    _open(preset("inception-small"))(window)
    block = next(layer for layer in window.session.network.layers if isinstance(layer, Branches))
    window.session.add_branch(block.uid)


def _frozen(window: MainWindow) -> None:
    window.session.select(window.session.network.layers[0].uid)
    window.canvas._commands.freeze.trigger()


CANVAS: dict[str, Scene] = {
    "canvas middle": _zoom(0.55),
    "canvas far": _zoom(0.2),
    "canvas near": _zoom(2.0),
    "canvas several": _several,
    "canvas dragging": _dragging,
    "canvas disabled": _disabled,
    "canvas frozen": _frozen,
    "canvas design": _fit(DESIGN),
    "canvas design at full size": _open(DESIGN),
    "canvas inner problem": _inner_problem,
    "canvas empty branch": _empty_branch,
    "canvas folded": _open(preset("inception-small"), fold=True),
    "canvas nested": _open(preset("densenet-small")),
    "canvas long far": _fit(preset("densenet-121")),
    "canvas long middle": _open(preset("resnet-50"), 0.6),
}
