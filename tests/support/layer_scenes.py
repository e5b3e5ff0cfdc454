"""The settings of each kind of layer, with their formulas, the window that slides, and a 'why?'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GroupNorm,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    MaxPool,
    Sides,
    Size,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.message import Message
from cnnviz.network import Network
from tests.support.stage import in_the_drawer
from ui.inspector.formula_view import WhyButton

if TYPE_CHECKING:
    from cnnviz.layers import AnyLayer
    from tests.support.stage import Scene
    from ui.main_window import MainWindow

EVERY_KIND: tuple[AnyLayer, ...] = (
    ZeroPadding(padding=Sides(1, 1, 1, 1)),
    Conv2d(filters=8, kernel=Size(3, 3), stride=Size(2, 2), padding=Border(1, 1)),
    BatchNorm(),
    Activation(function="leaky_relu"),
    LocalResponseNorm(),
    Branches(merge="add", branches=((), (Conv2d(filters=8, kernel=Size(3, 3), padding="same"),))),
    LocallyConnected2d(filters=4, kernel=Size(3, 3)),
    LayerNorm(),
    GroupNorm(groups=2),
    TransposedConv2d(filters=4, kernel=Size(2, 2), stride=Size(2, 2)),
    MaxPool(kernel=Size(2, 2)),
    AvgPool(kernel=Size(2, 2), stride=Size(1, 1)),
    Subsampling(kernel=Size(2, 2)),
    AdaptiveAvgPool(size=Size(3, 3)),
    ChannelDropout(rate=0.2),
    GlobalAvgPool(),
    Flatten(),
    Dropout(rate=0.5),
    Dense(units=10),
)


def _settings(number: int) -> Scene:
    def show(window: MainWindow) -> None:
        window.session.edit(Network(layers=EVERY_KIND), Message("Open"))
        window.session.select(window.session.network.layers[number].uid)
        window.inspector.show_tab("settings")

    return show


def _why(number: int) -> Scene:
    def show(window: MainWindow) -> None:
        window.inspector.show_tab("settings")
        buttons = window.inspector.findChildren(WhyButton)
        shown = [one for one in buttons if one.isVisible()]
        shown[number].click()

    return show


def _sliding(number: int) -> Scene:
    """The window that slides, where it has a tab of its own for want of room."""

    def show(window: MainWindow) -> None:
        _settings(number)(window)
        views = window.inspector.settings.views
        if views.isVisible():
            views.setCurrentIndex(1)

    return show


_SCENES: dict[str, Scene] = {
    **{f"settings of {layer.kind}": _settings(number) for number, layer in enumerate(EVERY_KIND)},
    "sliding of conv2d": _sliding(1),
    "sliding of transposed_conv2d": _sliding(9),
    "sliding of max_pool": _sliding(10),
    "paragraph": _why(0),
    "paragraph of parameters": _why(1),
}
LAYERS = {name: in_the_drawer(scene) for name, scene in _SCENES.items()}
