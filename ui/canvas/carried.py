"""What a drag carries: layers as JSON under a type of our own, so that nothing else drops in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from PySide6.QtCore import QMimeData

from cnnviz.layers import AnyLayer, Layer
from ui.canvas import entries

if TYPE_CHECKING:
    from cnnviz.network import Place
    from ui.session import Session

MIME_TYPE = "application/vnd.cnnviz.layers+json"
MAX_BYTES = 4 * 1024 * 1024


class Carried(Struct, frozen=True, forbid_unknown_fields=True):
    """Layers on their way; `depthwise` adapts one to the place where it lands."""

    layers: tuple[AnyLayer, ...]
    depthwise: bool = False

    def landed(self, session: Session, place: Place) -> list[Layer]:
        """The layers as they are inserted at a place."""
        if not self.depthwise:
            return list(self.layers)
        return [entries.depthwise(layer, session, place) for layer in self.layers]


def encode(*layers: Layer, depthwise: bool = False) -> QMimeData:
    """Layers as data of a drag."""
    data = QMimeData()
    content = {"layers": layers, "depthwise": depthwise}
    data.setData(MIME_TYPE, msgspec.json.encode(content))
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
    return carried if carried.layers else None
