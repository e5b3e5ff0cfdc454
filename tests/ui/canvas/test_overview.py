"""The strip below the canvas of a long network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cnnviz.layers import BatchNorm, Conv2d, MaxPool
from cnnviz.network import Network
from cnnviz.presets import preset
from tests.ui.canvas.support import SMALL
from tests.ui.rearranging import NESTED
from ui.canvas.overview import Overview
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made
    from ui.canvas.canvas import Canvas

LONG = Network(
    layers=(
        *(Conv2d(padding="same", filters=4) for _ in range(40)),
        *(BatchNorm() for _ in range(40)),
    )
)


def strip_of(canvas: Canvas) -> Overview:
    found = canvas.findChild(Overview)
    assert found is not None
    return found


def test_only_long_networks_have_a_strip(made: Made) -> None:
    session, canvas = made(SMALL)
    strip = strip_of(canvas)
    assert not strip.isVisible()
    height = canvas.viewport().height()
    session.edit(LONG, SMALL.layers[0].name)
    assert strip.isVisible()
    assert canvas.viewport().height() < height
    assert not strip.geometry().intersects(canvas.viewport().geometry())
    assert strip.accessibleName()
    session.undo()
    assert not strip.isVisible()
    assert canvas.viewport().height() == height


def test_a_press_goes_there_and_a_drag_follows(made: Made) -> None:
    _, canvas = made(LONG)
    strip, bar = strip_of(canvas), canvas.horizontalScrollBar()
    middle = QPoint(strip.width() // 2, 10)
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    shown = canvas.mapToScene(canvas.viewport().rect().center()).x()
    assert abs(shown - canvas.sceneRect().width() / 2) < 20
    before = bar.value()
    QTest.mouseMove(strip, middle + QPoint(60, 0))
    assert bar.value() > before
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)


def test_the_strip_shows_kinds_problems_and_what_can_be_seen(made: Made) -> None:
    session, canvas = made(LONG)
    strip, bar = strip_of(canvas), canvas.horizontalScrollBar()
    bar.setValue(bar.minimum())
    image = strip.grab().toImage()
    colors = {image.pixelColor(x, strip.height() // 2).name() for x in range(strip.width())}
    families = theme.colors.families
    assert {families["convolution"], families["normalisation"]} <= colors
    assert theme.colors.danger in colors, "the network ends in maps"
    bar.setValue(bar.maximum())
    moved = strip.grab().toImage()
    assert moved.pixelColor(20, 3) != image.pixelColor(20, 3), "what can be seen is marked"
    session.insert([MaxPool(uid="p")], 0)
    assert strip.grab().toImage() != moved


def test_a_known_network_of_twenty_blocks_has_one_and_a_short_one_none(made: Made) -> None:
    _, canvas = made(preset("resnet-18"))
    assert strip_of(canvas).isVisible()
    _, canvas = made(preset("lenet-tutorial"))
    assert not strip_of(canvas).isVisible()


def test_it_grows_with_the_type(made: Made, qtbot: QtBot) -> None:
    _, canvas = made(LONG)
    theme.set_scale(1.5)
    qtbot.waitUntil(lambda: theme.settled)
    _, fresh = made(LONG)
    assert strip_of(canvas).height() == strip_of(fresh).height()
    assert canvas.viewport().height() == fresh.viewport().height()


@pytest.mark.usefixtures("dressed")
def test_all_stands_in_its_place_when_the_strip_and_the_scroll_bars_come_and_go(made: Made) -> None:
    """Each tells of the view's new size while the cards are still being put in their places."""
    more = tuple(Conv2d(uid=f"more{number}", padding="same") for number in range(12))
    _, canvas = made(NESTED.with_layers((*NESTED.layers[:-2], *more)), 360, 250)
    for shown in (False, True):
        canvas.toggle_fold("outer")
        assert strip_of(canvas).isVisible() is shown
        slide = canvas._stage._slide._clock
        slide.setCurrentTime(slide.duration())
        for uid, box in canvas.arrangement.boxes.items():
            card = canvas.card(uid)
            assert (card.x(), card.y(), card.width, card.height) == tuple(map(round, box)), uid


def test_the_strip_covers_nothing_of_what_frames_the_selection(made: Made) -> None:
    """The row is higher than the view, for its blocks, and the cards are lower."""
    session, canvas = made(preset("densenet-small"), width=620, height=220)
    assert strip_of(canvas).isVisible()
    assert canvas.verticalScrollBar().maximum() > canvas.verticalScrollBar().minimum()
    for end in (canvas.verticalScrollBar().minimum(), canvas.verticalScrollBar().maximum()):
        session.select(session.network.layers[1].uid)
        canvas.verticalScrollBar().setValue(end)
        session.select(session.network.layers[0].uid)
        framed = canvas.card(session.selection).sceneBoundingRect()
        seen = canvas.mapFromScene(framed).boundingRect()
        assert canvas.viewport().rect().contains(seen)
