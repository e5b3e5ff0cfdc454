"""What is alike: found among many images, following the pen, stopped and gone on with."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from cnnviz.engine import features
from cnnviz.engine.protocol import Forget, Study
from cnnviz.engine.protocol.studies import Embed, Embedded, Nearest, Neighbours
from cnnviz.engine.studies import neighbours
from cnnviz.explain.likeness import VIEWS, hidden_layer
from cnnviz.export.arrays import Plate
from cnnviz.network import INPUT_UID
from tests.engine.desk import TEST, TRAIN
from tests.support.heard import heard
from tests.ui.room import IMAGE
from ui.array_export import DrawnOffer
from ui.i18n import language
from ui.inspector.alike_page import COUNT, SLOT, AlikePage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.room import Room


@pytest.fixture
def page(qtbot: QtBot, real_room: Room) -> AlikePage:
    view = AlikePage(real_room.session, real_room.client)
    qtbot.addWidget(view)
    view.resize(1240, 240)
    real_room.client.probed.connect(view.show_picture)
    view.show()
    view.refresh()
    real_room.link.work()
    return view


def choose(page: AlikePage, room: Room, view: str) -> None:
    page.views.setCurrentIndex(list(VIEWS).index(view))  # type: ignore[arg-type]
    room.link.work()


def finding(room: Room) -> object:
    answer = room.client.studies.newest(SLOT)
    assert answer is not None
    assert answer.done == 1
    return answer.finding


def test_the_nearest_images_are_shown_with_their_classes(page: AlikePage, real_room: Room) -> None:
    found = finding(real_room)
    assert isinstance(found, Neighbours)
    assert page.near.indices() == found.places
    shown = [page.near.item(row).text() for row in range(page.near.count())]
    assert shown == [str(label) for label in found.labels]
    assert "distance" in page.near.item(0).toolTip()
    most = np.bincount(found.labels).max()
    assert page.caption.text().startswith(f"{most} of the {COUNT} nearest are of class")
    assert f"(among all {TRAIN} training images)" in page.caption.text()
    assert str(VIEWS["near"].limits) in page.words.text()
    assert not page.stop.isVisible()


def test_it_asks_for_the_last_hidden_layer_or_the_selected_one(
    page: AlikePage, real_room: Room
) -> None:
    session = real_room.session
    assert page.uid == hidden_layer(session.report) == session.report.row("dense").source
    session.select("conv")
    page.layers.set_value("selected")
    page.layers.edited.emit("selected")
    real_room.link.work()
    about = real_room.client.studies.about(SLOT)
    assert isinstance(about, Nearest)
    assert about.uid == "conv"
    session.select(INPUT_UID)
    page.refresh()
    real_room.link.work()
    found = finding(real_room)
    assert isinstance(found, Neighbours)


def test_the_nearest_images_are_taken_along(page: AlikePage, real_room: Room) -> None:
    found = finding(real_room)
    assert isinstance(found, Neighbours)
    plate = page.plate()
    assert page.offers
    assert isinstance(plate, Plate)
    np.testing.assert_array_equal(plate.values, found.images.array())
    assert plate.limit is None


@pytest.mark.parametrize("view", ["pca", "tsne"])
def test_a_map_shows_all_images_and_follows_the_pen(
    page: AlikePage, real_room: Room, view: str
) -> None:
    choose(page, real_room, view)
    found = finding(real_room)
    assert isinstance(found, Embedded)
    assert len(page.map.plane._points) == TEST
    before = page.map.plane._here
    assert before is not None
    assert before == pytest.approx(found.at)
    real_room.client.show_image(np.roll(IMAGE, 7, axis=1))
    real_room.link.work()
    assert page.map.plane._here is not None
    assert page.map.plane._here != before
    assert "lies among images of class" in heard(page.map.plane)
    assert ("of the variance" in page.caption.text()) == (view == "pca")
    assert page.offers


def test_a_map_is_taken_along_as_it_is_drawn_and_in_numbers(
    page: AlikePage, real_room: Room
) -> None:
    choose(page, real_room, "pca")
    found = finding(real_room)
    assert isinstance(found, Embedded)
    offer = page.plate()
    assert isinstance(offer, DrawnOffer)
    files = {
        form: b"".join(piece for piece, _ in offer.file(form)())
        for form in ("png", "svg", "npy", "csv")
    }
    records = np.load(io.BytesIO(files["npy"]))
    order = np.argsort(found.places)
    np.testing.assert_array_equal(records[:, 0], np.arange(TEST))
    np.testing.assert_array_equal(records[:, 1], np.array(found.labels)[order])
    np.testing.assert_array_equal(records[:, 3:].astype(np.float32), found.points.array()[order])
    rows = list(csv.DictReader(files["csv"].decode("utf-8-sig").splitlines()))
    assert [int(row["image"]) for row in rows] == list(range(TEST))
    assert list(rows[0]) == ["image", "class", "name", "x", "y"]
    image, copied = QImage.fromData(files["png"]), offer.picture()()
    assert image.size() == copied.size()
    assert image.width() > page.map.plane.width()
    color = page.map.plane.color(found.labels[0])
    near = sum(
        abs(image.pixelColor(x, y).hue() - color.hue()) < 4
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )
    assert near, "its points are there in their colours"
    assert files["svg"].count(b"<path") >= len(set(found.labels))


def test_a_click_shows_the_image(page: AlikePage, real_room: Room, qtbot: QtBot) -> None:
    choose(page, real_room, "pca")
    where = page.map.plane.place(5).toPoint()
    qtbot.mouseClick(page.map.plane, Qt.MouseButton.LeftButton, pos=where)
    real_room.link.work()
    chosen = page.map.plane.mark
    assert chosen is not None
    found = finding(real_room)
    assert isinstance(found, Embedded)
    number = found.places[chosen]
    assert page.map.one.indices() == [number]
    assert page.map.one.item(0).text() == str(page.map.plane._labels[chosen])
    assert f"Test image {number}, class" in page.map.one.accessibleDescription()


def test_what_takes_its_time_is_stopped_and_gone_on_with(
    page: AlikePage, real_room: Room, qtbot: QtBot
) -> None:
    page.views.setCurrentIndex(2)
    real_room.link.work(6)
    assert page.stop.isVisible()
    qtbot.mouseClick(page.stop, Qt.MouseButton.LeftButton)
    assert real_room.link.to_engine[-1] == Forget(SLOT)
    assert (page.caption.text(), page.stop.text()) == ("Stopped", "Go on")
    real_room.link.work()
    real_room.client.show_image(np.roll(IMAGE, 3, axis=0))
    real_room.link.work()
    about = real_room.client.studies.about(SLOT)
    newest = real_room.client.studies.newest(SLOT)
    assert not isinstance(about, Embed) or newest is None or newest.done < 1
    qtbot.mouseClick(page.stop, Qt.MouseButton.LeftButton)
    real_room.link.work()
    found = finding(real_room)
    assert isinstance(found, Embedded)
    assert found.rounds == 500
    assert not page.stop.isVisible()


def test_it_says_what_to_do_where_there_is_nothing(page: AlikePage, real_room: Room) -> None:
    real_room.client.show_image(np.zeros((28, 28), np.uint8))
    real_room.link.work()
    assert "Draw a digit" in page.message.text()
    choose(page, real_room, "pca")  # a map needs no digit
    assert page._stack.currentWidget() is page._content
    assert page.map.plane._here is None
    real_room.session.delete("flat")
    real_room.link.work()
    assert "is fixed" in page.message.text()


def test_hidden_it_asks_for_nothing(page: AlikePage, real_room: Room) -> None:
    page.views.setCurrentIndex(2)
    real_room.link.work(6)
    page.hide()
    assert real_room.link.to_engine[-1] == Forget(SLOT)
    real_room.link.work()
    assert not [message for message in real_room.link.to_engine if isinstance(message, Study)]


def test_it_speaks_chinese(page: AlikePage, real_room: Room) -> None:
    language.set("zh_CN")
    try:
        assert "最近" in page.caption.text()
        assert "距离" in page.near.item(0).toolTip()
        assert page.views.tabText(0) == "最近的图像"
        assert "局限" in page.words.text()
    finally:
        language.set("en")


def test_the_caption_says_among_how_many_it_has_been_sought(
    page: AlikePage, real_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "images_a_slice", lambda model: 10)
    monkeypatch.setattr(neighbours, "FIRST", 30)
    monkeypatch.setattr(neighbours, "TOLD", 0.0)
    real_room.session.set_field("conv", "filters", 4)
    captions = []
    for _ in range(60):
        real_room.link.work(1)
        captions.append(page.caption.text())
        if "of 96 training images" in captions[-1]:
            assert page.stop.isVisible()
            assert page.near.count() == COUNT
    assert any("(among 30 of 96 training images)" in caption for caption in captions)
    assert "(among all 96 training images)" in captions[-1]
    assert not page.stop.isVisible()


def test_how_many_points_is_chosen(page: AlikePage, real_room: Room) -> None:
    choose(page, real_room, "pca")
    assert not page.map.many.isVisible()
    choose(page, real_room, "tsne")
    assert page.map.many.isVisible()
    page.map.many.set_value(1000)
    page.map.many.edited.emit(1000)
    real_room.link.work()
    about = real_room.client.studies.about(SLOT)
    assert isinstance(about, Embed)
    assert about.images == 1000
    assert page.caption.text() == f"{TEST} test images"


def test_what_was_found_stays_until_there_is_more(page: AlikePage, real_room: Room) -> None:
    choose(page, real_room, "pca")
    real_room.begin()
    page.show_picture()
    for _ in range(30):
        real_room.link.work(1)
        assert len(page.map.plane._points), "it is never empty while the network learns"
