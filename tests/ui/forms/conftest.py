"""A form of a session, in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnnviz.layers import (
    Activation,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    Size,
)
from cnnviz.network import Network
from cnnviz.project import Project
from ui.forms import SettingsForm
from ui.session import Session

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def session() -> Session:
    """Of a network with a layer of many kinds."""
    layers = (
        Conv2d(uid="conv", filters=8, kernel=Size(5, 5)),
        Activation(uid="act", function="leaky_relu"),
        BatchNorm(uid="norm"),
        MaxPool(uid="pool"),
        Dropout(uid="drop"),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
    return Session(Project(Network(layers=layers)), {})


@pytest.fixture
def form(qtbot: QtBot, session: Session) -> SettingsForm:
    """The settings of what is selected."""
    form = SettingsForm(session)
    qtbot.addWidget(form)
    form.show()
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    return form
