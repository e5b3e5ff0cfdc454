"""What can be inserted: one entry a chip of the palette, and a line of the Insert menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    Maps,
    MaxPool,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.layers.activation import Function
from cnnviz.layers.base import Family
from cnnviz.message import Message
from ui.i18n import text
from ui.icons import icon
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from cnnviz.network import Place
    from ui.session import Session


MORE: dict[Family, Message] = {
    "convolution": Message("More convolutions"),
    "pooling": Message("More pooling"),
    "activation": Message("More activations"),
    "normalisation": Message("More normalisation"),
    "dropout": Message("More dropout"),
    "reshaping": Message("More reshaping"),
}
"""What the less common layers of a family stand behind."""


class Entry(Struct, frozen=True):
    """A layer with the settings that it is inserted with.

    depthwise: a convolution that gets as many groups and filters as there are maps in its place.
    common: it has a chip of its own in the palette; the others of its family share one.
    """

    title: Message
    help: Message
    layer: Layer
    depthwise: bool = False
    common: bool = True

    @property
    def icon(self) -> str:
        """The name of its icon."""
        return self.layer.kind

    @property
    def family(self) -> Family:
        """By which it is coloured."""
        return self.layer.family

    def make(self, session: Session, place: Place | int | None = None) -> Layer:
        """The layer for a place of the present network (None: after the selection)."""
        if not self.depthwise:
            return self.layer
        return depthwise(self.layer, session, place)


def palette_entries() -> tuple[Entry, ...]:
    """All entries, family by family, in the order of the palette."""
    return _ENTRIES


def depthwise(layer: Layer, session: Session, place: Place | int | None = None) -> Layer:
    """A convolution with one filter for each map that it receives at that place.

    Where no maps arrive it is left as it is.
    """
    if place is None:
        place = session.place_after(session.selection)
    shape = session.report.shape_at(place)
    if not isinstance(shape, Maps):
        return layer
    return msgspec.structs.replace(layer, filters=shape.channels, groups=shape.channels)


def fill_insert_menu(menu: QMenu, session: Session) -> None:
    """One line an entry, a separator between families, the less common ones of a family in a menu
    of their own; each inserts after the selection."""
    family = ""
    rest = menu
    for entry in palette_entries():
        if entry.family != family:
            if family:
                menu.addSeparator()
            rest = menu
        family = entry.family
        if not entry.common and rest is menu:
            rest = menu.addMenu(text(MORE[entry.family]))
        into = menu if entry.common else rest
        action = into.addAction(
            icon(entry.icon, theme.colors.families[entry.family]), text(entry.title)
        )
        action.setToolTip(text(entry.help))
        action.triggered.connect(lambda _=False, entry=entry: insert(session, entry))


def insert(session: Session, entry: Entry) -> None:
    """Insert after the selection."""
    session.insert([entry.make(session)])


def _of(layer: Layer, *, common: bool = True) -> Entry:
    return Entry(layer.name, layer.help, layer, common=common)


def _function(function: Function, help_text: Message, *, common: bool = True) -> Entry:
    layer = Activation(function=function)
    return Entry(layer.name, help_text, layer, common=common)


_ENTRIES = (
    _of(Conv2d()),
    Entry(
        Message("Depthwise"),
        Message(
            "A convolution with one filter for each map, which sees that map alone. It has far "
            "fewer weights than a full convolution."
        ),
        Conv2d(),
        depthwise=True,
    ),
    _of(TransposedConv2d(), common=False),
    _of(LocallyConnected2d(), common=False),
    _of(MaxPool()),
    _of(AvgPool()),
    Entry(Message("Global pool"), GlobalAvgPool.help, GlobalAvgPool()),
    _of(GlobalMaxPool(), common=False),
    _of(AdaptiveAvgPool(), common=False),
    _of(Subsampling(), common=False),
    _function("relu", Message("Keeps positive values and sets negative ones to 0.")),
    _function("sigmoid", Message("Squeezes every value smoothly between 0 and 1.")),
    _function("tanh", Message("Squeezes every value smoothly between −1 and 1.")),
    _function("softmax", Message("Turns numbers into probabilities: positive, and 1 in all.")),
    _function(
        "leaky_relu",
        Message("Like ReLU, but lets a small share of the negative values through."),
        common=False,
    ),
    _function(
        "prelu",
        Message("Like leaky ReLU, but the share is learned, one for each map."),
        common=False,
    ),
    _function("elu", Message("Like ReLU, but negative values level off smoothly."), common=False),
    _function(
        "gelu",
        Message("A smooth ReLU that bends where the values are small; used in transformers."),
        common=False,
    ),
    _function(
        "silu",
        Message("Each value times its own sigmoid: a smooth ReLU with a small dip below 0."),
        common=False,
    ),
    _function("relu6", Message("A ReLU that never goes beyond 6."), common=False),
    _function(
        "hardswish",
        Message("SiLU in straight lines, as small networks for phones have it."),
        common=False,
    ),
    _function("hardsigmoid", Message("A sigmoid in three straight lines."), common=False),
    _function("softplus", Message("A smooth ReLU that is never quite 0."), common=False),
    _function(
        "scaled_tanh",
        Message("The tanh of LeNet-5, stretched so that it is about 1 at 1."),
        common=False,
    ),
    _of(BatchNorm()),
    _of(LayerNorm(), common=False),
    _of(GroupNorm(), common=False),
    _of(LocalResponseNorm(), common=False),
    _of(Dropout()),
    _of(ChannelDropout(), common=False),
    _of(Flatten()),
    _of(ZeroPadding(), common=False),
    _of(Dense()),
    Entry(
        Branches.title,
        Branches.help,
        Branches(merge="concat", branches=((Conv2d(padding="same"),), ())),
    ),
)
