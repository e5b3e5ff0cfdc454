"""The canvas follows the session, and shows the values of its layers."""

from __future__ import annotations

import itertools
from collections import Counter
from math import ceil
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.message import Message
from cnnviz.network import INPUT_UID, Input, Network
from cnnviz.preparation import Preparation
from tests.ui.canvas.support import (
    SMALL,
    TOO_LARGE,
    canvas_of,
    picture_of,
    session_of,
    show,
)
from ui.canvas.canvas import Canvas
from ui.canvas.card import Card
from ui.i18n import language
from ui.picture import Picture, Thinned
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from tests.ui.canvas.support import Made
    from ui.session import Session


# --- structure -------------------------------------------------------------------------------

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "move", "duplicate", "filters", "undo", "redo"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=15,
)
KINDS = (Conv2d(), MaxPool(), Flatten(), Dense(units=10), Activation(), BatchNorm())


def do(session: Session, edit: str, first: int, second: int) -> None:
    layers = session.network.layers
    if edit == "insert":
        session.insert([KINDS[first % len(KINDS)]], second % (len(layers) + 1))
    elif edit == "undo":
        session.undo()
    elif edit == "redo":
        session.redo()
    elif layers:
        layer = layers[first % len(layers)]
        if edit == "delete":
            session.delete(layer.uid)
        elif edit == "move":
            session.move(layer.uid, second % (len(layers) + 1))
        elif edit == "duplicate":
            session.duplicate(layer.uid)
        elif isinstance(layer, Conv2d):
            session.set_field(layer.uid, "filters", second + 1)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_the_cards_are_the_layers(qtbot: QtBot, edits: list[tuple[str, int, int]]) -> None:
    session, canvas = canvas_of(SMALL)
    try:
        known: dict[str, Card] = {}
        for edit in edits:
            do(session, *edit)
            show(canvas, picture_of(session.report))
            rows = session.report.rows
            cards = [canvas.card(row.layer.uid) for row in rows]
            on_scene = [item for item in canvas.scene().items() if isinstance(item, Card)]
            assert Counter(map(id, on_scene)) == Counter(map(id, [canvas.card(INPUT_UID), *cards]))
            for row, card in zip(rows, cards, strict=True):
                assert known.get(row.layer.uid, card) is card, "a layer keeps its card"
                assert card.content.detail == row.layer.detail
                statuses = {"problem": row.problem is not None, "waiting": row.waiting}
                assert statuses.get(card.content.status, row.output is not None)
            known = {row.layer.uid: card for row, card in zip(rows, cards, strict=True)}
            canvas._arrange(animated=False)
            everything = [canvas.card(INPUT_UID), *cards]
            for one, following in itertools.pairwise(everything):
                assert one.x() + one.width < following.x(), "cards stand in the order of the layers"
            # In the middle, at whole pixels: a card of an odd height is half of one beside it.
            assert all(abs(card.y() + card.height / 2) <= 0.5 for card in everything)
    finally:
        canvas.close()
        canvas.deleteLater()


def test_an_edit_touches_only_the_cards_that_differ(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []
    restyle = Card.restyle

    def note(card: Card) -> None:
        touched.append(card.uid)
        restyle(card)

    monkeypatch.setattr(Card, "restyle", note)
    session_of(canvas).set_field("out", "bias", False)
    assert touched == ["out"]
    touched.clear()
    session_of(canvas).set_field("conv", "bias", False)
    assert touched == ["conv"]
    touched.clear()
    session_of(canvas).set_field("conv", "filters", 9)
    assert touched == ["conv", "relu", "pool", "flat", "out"]
    touched.clear()
    session_of(canvas).move("relu", 3)
    assert "conv" not in touched


def test_texts_of_a_card(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    content = canvas.card("one").content
    assert (content.name, content.detail) == ("Conv", "5×5 · 8")
    assert (content.result, content.note) == ("24×24×8", "208 params")
    assert canvas.card("two").content.result == "does not fit"
    assert canvas.card("out").content.result == "waiting"
    shown = canvas.card(INPUT_UID).content
    assert (shown.title, shown.result, shown.note) == ("Input MNIST", "28×28×1", "0–1")
    session.set_input(Input(32, 32, 1))
    assert canvas.card(INPUT_UID).content.result == "32×32×1"


def test_the_input_says_which_values_the_network_sees(made: Made) -> None:
    session, canvas = made(SMALL)
    for scaling, words in (("two_deviations", "−1 … 1"), ("standardised", "−0.424 … 2.82")):
        how = msgspec.convert({"scaling": scaling}, Preparation)
        session.set_preparation(how, Message("Values"))
        assert canvas.card(INPUT_UID).content.note == words


def test_the_last_card_names_the_classes_of_its_values(made: Made) -> None:
    session, canvas = made(Network(layers=(Flatten(), Dense(uid="out", units=10))))
    classes = session.dataset.classes
    assert canvas.card("out").labels == classes
    labelled = canvas.grab().toImage()
    session.select("out")
    session.insert([Activation(function="softmax")])
    assert canvas.card("out").labels == ()
    assert canvas.card(session.selection).labels == classes
    session.undo()
    assert canvas.card("out").labels == classes
    session.set_field("out", "units", 9)
    assert canvas.card("out").labels == ()
    assert canvas.grab().toImage() != labelled


def test_language_and_theme_change_live(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    width = canvas.card("conv").width
    theme.set_scale(1.5)
    assert canvas.card("conv").width == pytest.approx(1.5 * width, rel=0.05)
    canvas.grab()
    theme.set_mode("dark")
    ground = canvas.grab().toImage().pixelColor(2, 2).name()
    assert ground == theme.colors.canvas
    words = {"Conv": "卷积", "Duplicate": "复制", "{n:,} params": "{n:,} 个参数", "Network": "网络"}
    monkeypatch.setattr("ui.i18n._catalogue", lambda code: words)
    language.set("zh_CN")
    content = canvas.card("conv").content
    assert (content.name, content.note) == ("卷积", "208 个参数")
    assert canvas.actions_menu()[0].text() == "复制"
    assert canvas.accessibleName() == "网络"
    language.set("en")
    assert canvas.card("conv").content.name == "Conv"
    assert canvas.actions_menu()[0].text() == "Duplicate"


def test_an_empty_network_invites(made: Made) -> None:
    session, canvas = made(Network())
    assert canvas._invitation.isVisible()
    assert not canvas.bubble.isVisible()
    session.insert([Conv2d()])
    assert not canvas._invitation.isVisible()
    session.undo()
    assert canvas._invitation.isVisible()


def test_an_empty_network_without_a_palette_names_the_menu(made: Made) -> None:
    _, canvas = made(Network())
    assert "above" in canvas._invitation._text
    canvas.know_of_palette(False)
    assert canvas._invitation._text == "Choose a layer in the Insert menu"
    canvas.know_of_palette(True)
    assert "above" in canvas._invitation._text


# --- values ----------------------------------------------------------------------------------


def test_only_cards_in_sight_make_their_image(made: Made) -> None:
    session, canvas = made(Network(layers=tuple(BatchNorm() for _ in range(30))), width=500)
    session.select(INPUT_UID)
    show(canvas, picture_of(session.report))
    canvas.grab()
    made_images = [canvas.card(layer.uid).picture.ready for layer in session.network.layers]
    assert made_images[0]
    assert not any(made_images[8:])
    session.select(session.network.layers[-2].uid)
    canvas.grab()
    assert canvas.card(session.selection).picture.ready


def test_values_of_another_shape_are_not_shown(canvas: Canvas) -> None:
    session = session_of(canvas)
    old = picture_of(session.report)
    show(canvas, old)
    canvas.grab()
    assert canvas.card("conv").picture.ready
    session.set_field("conv", "filters", 4)
    canvas.grab()
    assert not canvas.card("conv").picture.ready
    session.set_field("conv", "filters", 8)
    session.set_field("conv", "kernel", Size(3, 3))
    canvas.grab()
    assert not canvas.card("conv").picture.ready
    show(canvas, picture_of(session.report))
    canvas.grab()
    assert canvas.card("conv").picture.ready


def test_the_canvas_says_how_large_its_maps_are(made: Made) -> None:
    _, canvas = made(SMALL)
    engine = cast("FakeEngine", canvas._engine)
    face = canvas._stage.looks.faces["conv"]
    assert face.grid is not None
    assert engine.sides.keys() == {"conv", "relu", "pool", "flat", "out"}
    assert engine.sides["conv"] == ceil(2 * face.grid.cell_width)
    near = dict(engine.sides)
    canvas.set_zoom(2.0)
    assert engine.sides["conv"] == ceil(4 * face.grid.cell_width)
    canvas.set_zoom(0.5)  # a picture in a file has the maps of all cards, and not so small
    assert engine.sides == near


def test_thinned_maps_look_as_whole_ones(made: Made) -> None:
    layers = (Conv2d(uid="conv", padding="same"), Flatten(uid="flat"), Dense(uid="out", units=10))
    _, canvas = made(Network(input=Input(112, 112, 1), layers=layers))
    values = np.random.default_rng(0).standard_normal((16, 112, 112)).astype(np.float32)
    channels, limits = {"conv": 16}, {"conv": 3.0}
    pictures = []
    for maps, thinned in (
        ({"conv": values}, {}),
        ({}, {"conv": Thinned(values[:, ::2, ::2], 2)}),
        ({}, {"conv": Thinned(values[:0], 0)}),
    ):
        show(canvas, Picture(0, 0, maps, channels, limits, [], {}, thinned=thinned))
        pictures.append(canvas.viewport().grab().toImage())
    whole, thin, none = pictures
    grid = canvas._stage.looks.faces["conv"].grid
    assert grid is not None
    assert grid.cell_width == 28
    assert whole == thin
    assert none != whole


def test_a_map_is_painted_in_the_colours_of_its_values(made: Made) -> None:
    session, canvas = made(Network(layers=(Conv2d(uid="c", filters=1), *SMALL.layers[-2:])))
    picture = picture_of(session.report)
    picture.maps["c"] = np.full((1, 26, 26), 3.0, np.float32)
    picture.maps["c"][:, 13:] = 0
    show(canvas, picture)
    canvas.grab()
    box = canvas.arrangement.boxes["c"]
    place = canvas.mapFromScene(QPointF(box.middle, box.top + 33 + 20))
    image = canvas.viewport().grab().toImage()
    expected = int(theme.luts.signed[254]) & 0xFFFFFF
    assert image.pixel(place) & 0xFFFFFF == expected
    zero = canvas.mapFromScene(QPointF(box.middle, box.top + 33 + 64))
    assert image.pixel(zero) & 0xFFFFFF == int(theme.luts.signed[127]) & 0xFFFFFF


def test_no_maps_when_zoomed_far_out(canvas: Canvas) -> None:
    show(canvas, picture_of(session_of(canvas).report))
    canvas.set_zoom(0.4)
    canvas.grab()
    assert not canvas.card("conv").picture.ready


def test_no_picture_is_kept_of_a_card_larger_than_the_view(made: Made) -> None:
    """Of a picture that it keeps in part, Qt would leave what was there before."""
    canvas = made(SMALL, width=400, height=300)[1]
    assert canvas.card("conv").cacheMode() == Card.CacheMode.DeviceCoordinateCache
    canvas.set_zoom(3.0)
    assert canvas.card("conv").cacheMode() == Card.CacheMode.NoCache
    canvas.set_zoom(1.0)
    assert canvas.card("conv").cacheMode() == Card.CacheMode.DeviceCoordinateCache
