"""A canvas on a session of its own, and pictures for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent

from cnnviz.layers import Activation, Conv2d, Dense, Flatten, Maps, MaxPool, Size
from cnnviz.network import INPUT_UID, Network
from cnnviz.project import Project
from tests.support.fake_engine import FakeEngine
from ui.canvas.canvas import Canvas
from ui.picture import Picture
from ui.session import Session

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData

    from cnnviz.analysis import Report

Made = Callable[..., tuple[Session, Canvas]]
"""Makes a shown canvas: (network, width=900, height=480)."""

SMALL = Network(
    layers=(
        Conv2d(uid="conv", filters=8, kernel=Size(5, 5)),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
)

TOO_LARGE = Network(
    layers=(
        Conv2d(uid="one", filters=8, kernel=Size(5, 5)),
        Conv2d(uid="two", kernel=Size(30, 30)),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
)
"""The second kernel is larger than what it reads."""


def long_network() -> Network:
    """Twenty layers, which no view shows at once."""
    layers = [Conv2d(padding="same") for _ in range(18)]
    return Network(layers=(*layers, Flatten(), Dense(units=10)))


def session_of(canvas: Canvas) -> Session:
    """The session that a canvas follows."""
    return canvas._session


def uids(session: Session) -> list[str]:
    """The layers of the network, in their order."""
    return [layer.uid for layer in session.network.layers]


def picture_of(report: Report, seed: int = 0) -> Picture:
    """Values of the right shapes for all layers that work."""
    random = np.random.default_rng(seed)
    maps = {INPUT_UID: random.random((1, 28, 28), np.float32)}
    channels = {INPUT_UID: 1}
    for row in report.rows:
        if isinstance(row.output, Maps):
            size: tuple[int, ...] = (row.output.channels, row.output.height, row.output.width)
        elif row.output is not None:
            size = (row.output.length,)
        else:
            break
        maps[row.layer.uid] = random.standard_normal(size).astype(np.float32)[:64]
        channels[row.layer.uid] = size[0]
    return Picture(0, 0, maps, channels, dict.fromkeys(maps, 3.0), [], {})


def canvas_of(network: Network, width: int = 900, height: int = 480) -> tuple[Session, Canvas]:
    """A shown canvas on a session of its own."""
    session = Session(Project(network=network), {})
    engine = FakeEngine(session)
    canvas = Canvas(session, engine.client)
    engine.setParent(canvas)
    canvas.resize(width, height)
    canvas.show()
    return session, canvas


def show(canvas: Canvas, picture: Picture) -> None:
    """As if the engine had answered with this picture."""
    engine = cast("FakeEngine", canvas._engine)
    engine.picture = picture
    engine.probed.emit(picture)


def drag_over(canvas: Canvas, data: QMimeData, at: QPoint) -> QDragEnterEvent:
    """Something is dragged in and over a point of the view; returns what has come of it."""
    event = QDragEnterEvent(
        at,
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    canvas.dragEnterEvent(event)
    return event
