"""A session with a network of all kinds, and an engine that draws pictures of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool, Size
from cnnviz.network import Network
from cnnviz.project import Project
from tests.ui.inspector.fakes import DrawingEngine
from tests.ui.room import furnished
from ui.inspector import Inspector
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.room import Room


@pytest.fixture
def session() -> Session:
    layers = (
        Conv2d(uid="conv", filters=8, kernel=Size(5, 5)),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        Conv2d(uid="grouped", filters=4, groups=2, padding="same"),
        BatchNorm(uid="norm"),
        Flatten(uid="flat"),
        Dropout(uid="drop"),
        Dense(uid="dense", units=6),
        Dense(uid="out", units=10),
    )
    return Session(Project(Network(layers=layers)), {})


@pytest.fixture
def engine(session: Session) -> DrawingEngine:
    return DrawingEngine(session)


@pytest.fixture
def real_room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


@pytest.fixture
def inspector(qtbot: QtBot, session: Session, engine: DrawingEngine) -> Inspector:
    view = Inspector(session, engine.client)
    qtbot.addWidget(view)
    view.resize(1440, 270)
    view.show()
    return view
