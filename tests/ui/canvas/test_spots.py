"""What is pointed at anywhere is marked on every card, and its field on the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from cnnviz.explain import Seen
from cnnviz.network import INPUT_UID
from tests.ui.inspector.fakes import DrawingEngine
from tests.ui.sessions import plain_look, session
from ui.canvas.canvas import Canvas
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from ui.session import Session

__all__ = ["plain_look", "session"]


@pytest.fixture
def canvas(qtbot: QtBot, session: Session) -> Canvas:
    engine = DrawingEngine(session)
    view = Canvas(session, engine.client)
    qtbot.addWidget(view)
    view.resize(1400, 420)
    view.show()
    engine.draw()
    return view


def red(canvas: Canvas) -> int:
    """How many pixels have the colour of marks."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    return int((pixels == QColor(theme.colors.danger).rgb()).sum())


def test_every_card_marks_its_place_and_the_image_what_is_seen(
    canvas: Canvas, session: Session
) -> None:
    assert red(canvas) == 0
    session.spot.point_at("pool", 3, 4)
    assert canvas.card("pool").picture.spot == ((3, 4), None)
    assert canvas.card("conv").picture.spot == ((6, 8), None)
    assert canvas.card("flat").picture.spot == (None, None)
    assert canvas.card(INPUT_UID).picture.spot[1] == Seen(6, 11, 8, 13)
    assert red(canvas) > 50
    session.spot.leave()
    assert canvas.card("conv").picture.spot == (None, None)
    assert red(canvas) == 0


def test_an_edit_ends_it(canvas: Canvas, session: Session) -> None:
    session.spot.point_at("pool", 3, 4)
    session.delete("pool")
    assert session.spot.place is None
    assert canvas.card("conv").picture.spot == (None, None)


def test_a_layer_that_is_gone_marks_nothing(canvas: Canvas, session: Session) -> None:
    session.spot.point_at("gone", 0, 0)
    assert canvas.card("conv").picture.spot == (None, None)


def test_pointing_at_the_image_itself(canvas: Canvas, session: Session) -> None:
    session.spot.point_at(INPUT_UID, 5, 6)
    assert canvas.card(INPUT_UID).picture.spot == ((5, 6), Seen(5, 5, 6, 6))
    assert canvas.card("conv").picture.spot[0] == (3, 4)
