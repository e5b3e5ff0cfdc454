"""Disabling on the canvas: one action there and back, a hollow card, and words for it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest

from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten
from cnnviz.network import Network
from tests.ui.canvas.support import SMALL, picture_of, show
from ui.canvas import clipboard
from ui.canvas.content import block_title
from ui.finder.commands import layers_of
from ui.theme import theme

if TYPE_CHECKING:
    from tests.ui.canvas.support import Made
    from ui.canvas.canvas import Canvas

BLOCK = Branches(
    uid="block", branches=((Conv2d(uid="inner", padding="same"), BatchNorm(uid="norm")), ())
)
DEEP = Network(layers=(Conv2d(uid="conv"), BLOCK, Flatten(uid="flat"), Dense(uid="out", units=10)))


def action_of(canvas: Canvas) -> QAction:
    return next(one for one in canvas.actions_menu() if one.text() in {"Enable", "Disable"})


def test_the_key_disables_and_enables(made: Made) -> None:
    session, canvas = made(SMALL)
    session.select("relu")
    canvas.activateWindow()
    canvas.setFocus()
    assert QTest.qWaitForWindowActive(canvas)
    assert action_of(canvas).text() == "Disable"
    QTest.keyClick(canvas, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    content = canvas.card("relu").content
    assert session.report.row("relu").off
    assert content.off
    assert content.result == "disabled"
    assert content.note == "24×24×8"
    assert content.shape is None  # it shows no maps as if they were its own
    assert canvas.accessibleDescription() == "ReLU, disabled, passes 24×24×8 on, 2 of 5"
    assert str(session.undo_label) == "Disable ReLU"
    assert action_of(canvas).text() == "Enable"
    QTest.keyClick(canvas, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    assert session.network == SMALL
    assert str(session.undo_label) == "Enable ReLU"


def test_several_are_one_step_and_come_back_by_undo(made: Made) -> None:
    session, canvas = made(SMALL)
    session.select("relu", "pool")
    action_of(canvas).trigger()
    assert [row.layer.uid for row in session.report.rows if row.off] == ["relu", "pool"]
    assert str(session.undo_label) == "Disable 2 layers"
    session.undo()
    assert session.network == SMALL
    session.set_enabled("relu", enabled=False)
    session.select("relu", "pool")
    assert action_of(canvas).text() == "Disable"  # as long as one of them is enabled
    action_of(canvas).trigger()
    assert action_of(canvas).text() == "Enable"
    action_of(canvas).trigger()
    assert session.network == SMALL
    assert str(session.undo_label) == "Enable 2 layers"


def test_a_block_goes_with_all_that_is_in_it(made: Made) -> None:
    session, canvas = made(DEEP)
    session.select("block", "inner")
    action_of(canvas).trigger()
    assert str(session.undo_label) == "Disable Add"
    assert session.network.layer("inner").enabled
    assert all(canvas.card(uid).content.off for uid in ("block", "inner", "norm"))
    assert canvas._stage.frames["block"]._off
    assert canvas._roster.titles["block"] == "Add 2 branches · disabled"
    canvas.toggle_fold("block")
    assert canvas.card("block").content.off
    assert block_title(BLOCK) == "Add 2 branches"


@pytest.mark.parametrize("mode", ["light", "dark", "contrast_light", "contrast_dark"])
def test_it_is_seen_without_colour(made: Made, mode: str) -> None:
    """The outline is dashed: along the edge, paper and ink take turns."""
    session, canvas = made(SMALL)
    theme.set_mode(mode)  # type: ignore[arg-type]
    session.select("conv")
    show(canvas, picture_of(session.report))

    def turns() -> int:
        card = canvas.card("flat")
        corner = canvas.mapFromScene(card.pos())
        image: QImage = canvas.viewport().grab().toImage()
        edge = corner.y() + round(card.height) // 2
        left = corner.x()
        greys = [image.pixelColor(left, y).lightness() for y in range(edge - 30, edge + 30)]
        middle = (min(greys) + max(greys)) / 2
        return sum((a > middle) != (b > middle) for a, b in pairwise(greys))

    before = turns()
    session.set_enabled("flat", enabled=False)
    assert turns() >= before + 4


def test_copied_as_text_it_stays_disabled(made: Made) -> None:
    session, _canvas = made(SMALL)
    session.set_enabled("relu", enabled=False)
    text = clipboard.written([session.network.layer("relu")], session.network.input)
    assert '"enabled": false' in text
    session.paste(clipboard.read(text))
    assert [layer.kind for layer in session.network.layers if not layer.enabled] == [
        "activation"
    ] * 2


def test_the_finder_says_so(made: Made) -> None:
    session, _canvas = made(SMALL)
    session.set_enabled("relu", enabled=False)
    lines = layers_of(session, lambda uid: None)
    assert [line.words for line in lines if line.place == "Go to disabled layer"] == ["2  ReLU"]


def test_the_last_enabled_layer_has_the_labels(made: Made) -> None:
    layers = (*SMALL.layers, Activation(uid="last", function="tanh"))
    session, canvas = made(SMALL.with_layers(layers))
    assert canvas.card("last").labels
    session.set_enabled("last", enabled=False)
    assert canvas.card("out").labels
    assert not canvas.card("last").labels


@pytest.mark.parametrize("width", [900, 1800])
@pytest.mark.parametrize("look", ["plain", "dressed"])
def test_with_nothing_enabled_the_way_back_stands_beside_the_input(
    made: Made, request: pytest.FixtureRequest, look: str, width: int
) -> None:
    if look == "dressed":
        request.getfixturevalue(look)
    session, canvas = made(SMALL, width)
    session.set_enabled(*(layer.uid for layer in SMALL.layers), enabled=False)
    assert canvas.bubble.isVisible()
    assert canvas.bubble.buttons[0].text() == "Enable all layers"
    # Where the cards are sliding to: dressed as the program is, they are still on their way.
    boxes = canvas.arrangement.boxes.values()
    areas = [canvas.mapFromScene(QRectF(*box)).boundingRect() for box in boxes]
    assert not any(canvas.bubble.geometry().intersects(area) for area in areas)
    canvas.bubble.buttons[0].click()
    assert session.network == SMALL
    assert not canvas.bubble.isVisible()
