"""The light of slow motion stands around the card that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPointF

from tests.ui.sessions import engine, session
from ui.canvas.beacon import Beacon
from ui.canvas.canvas import Canvas
from ui.i18n import language
from ui.slow_motion import Lit

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


__all__ = ["engine", "session"]


@pytest.fixture
def canvas(qtbot: QtBot, session: Session, engine: FakeEngine) -> Canvas:
    canvas = Canvas(session, engine.client)
    qtbot.addWidget(canvas)
    canvas.resize(360, 320)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def beacon(canvas: Canvas) -> Beacon:
    (found,) = [item for item in canvas.scene().items() if isinstance(item, Beacon)]
    return found


def light(engine: FakeEngine, lit: Lit | None) -> None:
    engine.slow._lit = lit
    engine.slow.changed.emit()


def test_it_stands_around_a_card_and_brings_it_into_sight(
    canvas: Canvas, engine: FakeEngine
) -> None:
    assert not beacon(canvas).isVisible()
    light(engine, Lit("forward", "conv"))
    box = canvas.arrangement.boxes["conv"]
    assert beacon(canvas).isVisible()
    assert beacon(canvas).pos() == QPointF(box.left, box.top)
    assert beacon(canvas).words() == "Forward →"
    last = canvas.arrangement.boxes["out"]
    assert canvas.mapFromScene(QPointF(last.right, 0)).x() > canvas.viewport().width()
    light(engine, Lit("backward", "out"))
    assert canvas.mapFromScene(QPointF(last.right, 0)).x() <= canvas.viewport().width()
    assert beacon(canvas).words() == "← Backward"
    light(engine, None)
    assert not beacon(canvas).isVisible()


def test_the_update_is_that_of_all_layers(canvas: Canvas, engine: FakeEngine) -> None:
    light(engine, Lit("update", ""))
    boxes = canvas.arrangement.boxes
    frame = beacon(canvas).sceneBoundingRect()
    assert frame.left() < boxes["conv"].left < boxes["out"].right < frame.right()
    assert frame.left() > boxes["input"].left


def test_what_says_there_and_back_is_no_colour_alone(canvas: Canvas, engine: FakeEngine) -> None:
    words = set()
    for code in ("en", "zh_CN"):
        language.set(code)
        for phase in ("forward", "loss", "backward", "update"):
            light(engine, Lit(phase, "conv"))
            words.add(beacon(canvas).words())
    assert len(words) == 8


def test_a_layer_that_is_gone_is_not_lit(canvas: Canvas, engine: FakeEngine) -> None:
    light(engine, Lit("forward", "nobody"))
    assert not beacon(canvas).isVisible()
