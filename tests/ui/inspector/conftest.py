"""A session with a network of all kinds, and an engine that draws pictures of it."""

from __future__ import annotations

import pytest

from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool, Size
from cnnviz.network import Network
from cnnviz.project import Project
from tests.ui.inspector.fakes import DrawingEngine
from ui.session import Session


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
