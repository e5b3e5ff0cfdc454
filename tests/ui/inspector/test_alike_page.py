"""What is alike: found among many images, following the pen, stopped and gone on with."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from cnnviz.engine.protocol import Forget, Study
from cnnviz.engine.protocol.studies import Embed, Embedded, Nearest, Neighbours
from cnnviz.explain.likeness import VIEWS, hidden_layer
from cnnviz.export.arrays import Plate
from cnnviz.network import INPUT_UID
from tests.engine.desk import TEST, TRAIN
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
    assert f"({TRAIN} training images)" in page.caption.text()
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
    assert len(page.plane._points) == TEST
    before = page.plane._here
    assert before is not None
    assert before == pytest.approx(found.at)
    real_room.client.show_image(np.roll(IMAGE, 7, axis=1))
    real_room.link.work()
    assert page.plane._here is not None
    assert page.plane._here != before
    assert "lies among images of class" in page.plane.accessibleDescription()
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
    np.testing.assert_array_equal(records[:, 0], found.places)
    np.testing.assert_array_equal(records[:, 1], found.labels)
    np.testing.assert_array_equal(records[:, 3:].astype(np.float32), found.points.array())
    rows = list(csv.DictReader(files["csv"].decode("utf-8-sig").splitlines()))
    assert [int(row["image"]) for row in rows] == found.places
    assert list(rows[0]) == ["image", "class", "name", "x", "y"]
    image, copied = QImage.fromData(files["png"]), offer.picture()()
    assert image.size() == copied.size()
    assert image.width() > page.plane.width()
    color = page.plane.color(found.labels[0])
    near = sum(
        abs(image.pixelColor(x, y).hue() - color.hue()) < 4
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )
    assert near, "its points are there in their colours"
    assert files["svg"].count(b"<path") >= len(set(found.labels))


def test_a_click_shows_the_image(page: AlikePage, real_room: Room, qtbot: QtBot) -> None:
    choose(page, real_room, "pca")
    where = page.plane.place(5).toPoint()
    qtbot.mouseClick(page.plane, Qt.MouseButton.LeftButton, pos=where)
    real_room.link.work()
    chosen = page.plane.mark
    assert chosen is not None
    assert page.one.indices() == [chosen]
    assert page.one.item(0).text() == str(page.plane._labels[chosen])
    assert f"Test image {chosen}, class" in page.one.accessibleDescription()


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
    assert page.plane._here is None
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
        assert page.views.tabText(0) == "最近的图像"
        assert "局限" in page.words.text()
    finally:
        language.set("en")
