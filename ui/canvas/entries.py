"""What can be inserted: one entry a chip of the palette, and a line of the Insert menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from cnnviz.layers import (
    FUNCTION_NAMES,
    Activation,
    AvgPool,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    Maps,
    MaxPool,
)
from cnnviz.layers.base import Family
from cnnviz.message import Message
from cnnviz.network import INPUT_UID
from ui.i18n import text
from ui.icons import icon
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from ui.session import Session


class Entry(Struct, frozen=True):
    """A layer with the settings that it is inserted with.

    depthwise: a convolution that gets as many groups and filters as there are maps in its place.
    common: it has a chip of its own in the palette; the others share one.
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

    def make(self, session: Session, index: int | None = None) -> Layer:
        """The layer for position `index` of the present network (None: after the selection)."""
        if not self.depthwise:
            return self.layer
        return depthwise(self.layer, session, index)


def palette_entries() -> tuple[Entry, ...]:
    """All entries, family by family, in the order of the palette."""
    return _ENTRIES


def depthwise(layer: Layer, session: Session, index: int | None = None) -> Layer:
    """A convolution with one filter for each map that it receives at that position.

    Where no maps arrive it is left as it is.
    """
    if index is None:
        index = insertion_index(session)
    rows = session.report.rows
    shape = rows[index - 1].output if index else session.network.input.shape
    if not isinstance(shape, Maps):
        return layer
    return msgspec.structs.replace(layer, filters=shape.channels, groups=shape.channels)


def insertion_index(session: Session) -> int:
    """Where a layer lands that is inserted after the selection."""
    if session.selection == INPUT_UID:
        return 0
    return session.network.index(session.selection) + 1


def fill_insert_menu(menu: QMenu, session: Session) -> None:
    """One line an entry, a separator between families; each inserts after the selection."""
    family = ""
    for entry in palette_entries():
        if family and entry.family != family:
            menu.addSeparator()
        family = entry.family
        action = menu.addAction(
            icon(entry.icon, theme.colors.families[entry.family]), text(entry.title)
        )
        action.setToolTip(text(entry.help))
        action.triggered.connect(lambda _=False, entry=entry: insert(session, entry))


def insert(session: Session, entry: Entry) -> None:
    """Insert after the selection."""
    session.insert([entry.make(session)])


def _of(layer: Layer) -> Entry:
    return Entry(layer.name, layer.help, layer)


def _function(layer: Activation, help_text: Message, *, common: bool = True) -> Entry:
    return Entry(FUNCTION_NAMES[layer.function], help_text, layer, common=common)


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
    _of(MaxPool()),
    _of(AvgPool()),
    Entry(Message("Global pool"), GlobalAvgPool.help, GlobalAvgPool()),
    _function(
        Activation(function="relu"), Message("Keeps positive values and sets negative ones to 0.")
    ),
    _function(
        Activation(function="sigmoid"), Message("Squeezes every value smoothly between 0 and 1.")
    ),
    _function(
        Activation(function="tanh"), Message("Squeezes every value smoothly between −1 and 1.")
    ),
    _function(
        Activation(function="softmax"),
        Message("Turns numbers into probabilities: positive, and 1 in all."),
    ),
    _function(
        Activation(function="leaky_relu"),
        Message("Like ReLU, but lets a small share of the negative values through."),
        common=False,
    ),
    _function(
        Activation(function="elu", slope=1.0),
        Message("Like ReLU, but negative values level off smoothly."),
        common=False,
    ),
    _function(
        Activation(function="gelu"),
        Message("A smooth ReLU that bends where the values are small; used in transformers."),
        common=False,
    ),
    _function(
        Activation(function="silu"),
        Message("Each value times its own sigmoid: a smooth ReLU with a small dip below 0."),
        common=False,
    ),
    _of(BatchNorm()),
    _of(Dropout()),
    _of(Flatten()),
    _of(Dense()),
)
