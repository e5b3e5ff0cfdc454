"""What a drag carries: layers as JSON under a type of our own, so that nothing else drops in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from PySide6.QtCore import QMimeData

from cnnviz.blocks import BLOCKS
from cnnviz.layers import AnyLayer, Layer
from cnnviz.message import Message
from ui.canvas import entries

if TYPE_CHECKING:
    from cnnviz.network import Place
    from ui.session import Session

MIME_TYPE = "application/vnd.cnnviz.layers+json"
MAX_BYTES = 4 * 1024 * 1024


class Carried(Struct, frozen=True, forbid_unknown_fields=True):
    """Layers on their way, or the name of a block that is made for the place where it lands."""

    layers: tuple[AnyLayer, ...] = ()
    block: str = ""

    @property
    def name(self) -> Message | None:
        """What it is called together; None: as its first layer."""
        return BLOCKS[self.block].title if self.block else None

    def landed(self, session: Session, place: Place | int) -> tuple[Layer, ...]:
        """The layers as they are inserted at a place."""
        return entries.made(self.block, session, place) if self.block else self.layers


def encode(*layers: Layer, block: str = "") -> QMimeData:
    """Layers, or the name of a block, as data of a drag."""
    data = QMimeData()
    data.setData(MIME_TYPE, msgspec.json.encode({"layers": layers, "block": block}))
    return data


def decode(data: QMimeData) -> Carried | None:
    """What a drag carries; None where that is nothing of ours."""
    raw = data.data(MIME_TYPE).data() if data.hasFormat(MIME_TYPE) else b""
    if not 0 < len(raw) <= MAX_BYTES:
        return None
    try:
        carried = msgspec.json.decode(raw, type=Carried)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return carried if carried.block in BLOCKS or (carried.layers and not carried.block) else None
