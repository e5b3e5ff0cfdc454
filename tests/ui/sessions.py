"""A session with a small network and an engine without a process, for the tests of the views."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import QObject

from cnnviz.layers import Activation, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.network import Network
from cnnviz.project import Project
from tests.support.fake_engine import FakeEngine
from ui.i18n import language
from ui.session import Session
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator


T = TypeVar("T", bound=QObject)


def only(kind: type[T], parent: QObject) -> T:
    """The one child of that kind, or the first of several."""
    child = parent.findChild(kind)
    assert child is not None
    return child


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


@pytest.fixture
def session() -> Session:
    return small_session()


@pytest.fixture
def engine(session: Session) -> FakeEngine:
    return FakeEngine(session)


@pytest.fixture(autouse=True)
def plain_look() -> Iterator[None]:
    """English, light and at scale 1, before and after."""
    yield
    language.set("en")
    theme.set_scale(1.0)
    theme.set_mode("system")
