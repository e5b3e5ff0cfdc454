"""A session with a small network, for the tests of the views."""

from __future__ import annotations

from cnnviz.layers import Activation, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.network import Network
from cnnviz.project import Project
from ui.session import Session


def small_session() -> Session:
    """A convolution of 8, ReLU, pooling and ten units: it works as it is."""
    layers = (
        Conv2d(uid="conv", filters=8, kernel=Size(5, 5)),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
    return Session(Project(Network(layers=layers)), {})
