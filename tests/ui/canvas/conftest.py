"""Canvases that live as long as their test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.canvas.support import SMALL, canvas_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from cnnviz.network import Network
    from tests.ui.canvas.support import Made
    from ui.canvas.canvas import Canvas
    from ui.session import Session


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Made]:
    """Makes a shown canvas of a network.

    They are held here: one that nobody holds may be collected as garbage while it is painted.
    """
    held: list[Canvas] = []

    def make(network: Network, width: int = 900, height: int = 480) -> tuple[Session, Canvas]:
        session, canvas = canvas_of(network, width, height)
        qtbot.addWidget(canvas)
        held.append(canvas)
        return session, canvas

    yield make
    held.clear()


@pytest.fixture
def canvas(made: Made) -> Canvas:
    """A canvas of a small network."""
    return made(SMALL)[1]
