"""What can be inserted: one entry a chip of the palette, and a line of the Insert menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from cnnviz.blocks import BLOCKS
from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
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
    from cnnviz.network import Place
    from ui.session import Session


MORE: dict[Family, Message] = {
    "convolution": Message("More convolutions"),
    "pooling": Message("More pooling"),
    "activation": Message("More activations"),
    "normalisation": Message("More normalisation"),
    "dropout": Message("More dropout"),
    "reshaping": Message("More reshaping"),
    "branches": Message("More blocks"),
}
"""What the less common layers of a family stand behind."""


class Entry(Struct, frozen=True):
    """What a chip inserts: a layer with its settings, or a block made for the place.

    icon: the name of its drawing. family: by which it is coloured.
    layers: what it inserts anywhere. block: a key of `BLOCKS`, which makes the layers instead.
    common: it has a chip of its own in the palette; the others of its family share one.
    """

    title: Message
    help: Message
    icon: str
    family: Family
    layers: tuple[Layer, ...] = ()
    block: str = ""
    common: bool = True

    def make(self, session: Session, place: Place | int | None = None) -> tuple[Layer, ...]:
        """The layers for a place of the present network (None: where the next one goes)."""
        return made(self.block, session, place) if self.block else self.layers


def palette_entries() -> tuple[Entry, ...]:
    """All entries, family by family, in the order of the palette."""
    return _ENTRIES


def made(block: str, session: Session, place: Place | int | None = None) -> tuple[Layer, ...]:
    """The layers of a block for what arrives at a place (None: where the next one goes)."""
    if place is None:
        place = session.place
    return BLOCKS[block].make(session.report.shape_at(place))


def fill_insert_menu(menu: QMenu, session: Session, place: Place | None = None) -> None:
    """One line an entry, a separator between families, the less common ones of a family in a menu
    of their own; each inserts at a place (None: where the next one goes). What the menu had goes.
    """
    menu.clear()
    for inner in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        inner.deleteLater()  # which `clear` leaves to the one who made it
    family = ""
    rest = menu
    menu.setToolTipsVisible(True)
    for entry in palette_entries():
        if entry.family != family:
            if family:
                menu.addSeparator()
            rest = menu
        family = entry.family
        if not entry.common and rest is menu:
            rest = menu.addMenu(text(MORE[entry.family]))
            rest.setToolTipsVisible(True)
        into = menu if entry.common else rest
        action = into.addAction(
            icon(entry.icon, theme.colors.families[entry.family]), text(entry.title)
        )
        action.setToolTip(text(entry.help))
        action.triggered.connect(lambda _=False, entry=entry: insert(session, entry, place))


def insert(session: Session, entry: Entry, place: Place | None = None) -> None:
    """Insert at a place (None: where the next one goes)."""
    session.insert(entry.make(session, place), place, entry.title)


def _of(layer: Layer, *, common: bool = True) -> Entry:
    return Entry(layer.name, layer.help, layer.kind, layer.family, (layer,), common=common)


def _function(function: Function, help_text: Message, *, common: bool = True) -> Entry:
    layer = Activation(function=function)
    return Entry(layer.name, help_text, layer.kind, layer.family, (layer,), common=common)


def _blocks(family: Family) -> list[Entry]:
    return [
        Entry(block.title, block.help, name, family, block=name, common=block.common)
        for name, block in BLOCKS.items()
        if block.family == family
    ]


_ENTRIES = (
    _of(Conv2d()),
    *_blocks("convolution"),
    _of(TransposedConv2d(), common=False),
    _of(LocallyConnected2d(), common=False),
    _of(MaxPool()),
    _of(AvgPool()),
    msgspec.structs.replace(_of(GlobalAvgPool()), title=Message("Global pool")),
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
    *_blocks("branches"),
)
