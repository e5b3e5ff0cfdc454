"""What a drag carries: a layer as JSON under a type of our own, so that nothing else drops in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from PySide6.QtCore import QMimeData

from cnnviz.layers import AnyLayer, Layer
from ui.canvas import entries

if TYPE_CHECKING:
    from ui.session import Session

MIME_TYPE = "application/vnd.cnnviz.layer+json"
MAX_BYTES = 64 * 1024


class Carried(Struct, frozen=True, forbid_unknown_fields=True):
    """A layer on its way; `depthwise` adapts it to the place where it lands."""

    layer: AnyLayer
    depthwise: bool = False

    def landed(self, session: Session, index: int) -> Layer:
        """The layer as it is inserted at position `index`."""
        return entries.depthwise(self.layer, session, index) if self.depthwise else self.layer


def encode(layer: Layer, *, depthwise: bool = False) -> QMimeData:
    """A layer as data of a drag."""
    data = QMimeData()
    content = {"layer": layer, "depthwise": depthwise}
    data.setData(MIME_TYPE, msgspec.json.encode(content))
    return data


def decode(data: QMimeData) -> Carried | None:
    """What a drag carries; None where that is nothing of ours."""
    raw = data.data(MIME_TYPE).data() if data.hasFormat(MIME_TYPE) else b""
    if not 0 < len(raw) <= MAX_BYTES:
        return None
    try:
        return msgspec.json.decode(raw, type=Carried)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
