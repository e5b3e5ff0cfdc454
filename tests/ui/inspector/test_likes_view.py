"""What a map likes: found for the selected layer and number, shown with its patch, let go of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.engine.protocol import Forget
from cnnviz.engine.protocol.studies import Average, Averaged, Dreamt, Excited
from cnnviz.engine.studies import favourites
from cnnviz.explain import Seen, seen_by
from cnnviz.explain.likeness import VIEWS
from cnnviz.network import INPUT_UID
from tests.engine.desk import TEST, samples
from tests.support.heard import heard
from ui.inspector.alike_page import AlikePage
from ui.inspector.likes_view import AVERAGE, COUNT, IMAGES, PICTURE, LikesView, _framed

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.room import Room


@pytest.fixture
def view(qtbot: QtBot, real_room: Room, monkeypatch: pytest.MonkeyPatch) -> LikesView:
    monkeypatch.setattr(favourites, "STEPS", 24)
    real_room.session.select("conv")
    page = AlikePage(real_room.session, real_room.client)
    qtbot.addWidget(page)
    page.resize(1240, 240)
    real_room.client.probed.connect(page.show_picture)
    page.show()
    page.views.setCurrentIndex(list(VIEWS).index("likes"))
    real_room.link.work()
    return page.likes


def page_of(view: LikesView) -> AlikePage:
    page = view.parentWidget()
    while page is not None and not isinstance(page, AlikePage):
        page = page.parentWidget()
    assert page is not None
    return page


def found(room: Room, slot: str) -> object:
    answer = room.client.studies.newest(slot)
    return None if answer is None else answer.finding


def test_the_images_are_shown_with_the_patch_that_did_it(view: LikesView, real_room: Room) -> None:
    images = found(real_room, IMAGES)
    assert isinstance(images, Excited)
    assert view.images.indices() == images.places
    assert view.images.count() == COUNT
    tip = view.images.item(0).toolTip()
    assert f"at row {images.rows[0]}, column {images.columns[0]}" in tip
    seen = seen_by(real_room.session.report, "conv", images.rows[0], images.columns[0])
    assert seen is not None
    assert (seen.bottom - seen.top, seen.right - seen.left) == (4, 4)


def test_a_frame_lies_around_its_patch_and_nothing_else() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    framed = _framed(image, Seen(3, 7, 10, 14))
    rows, columns = np.nonzero(framed[..., 0])
    times = framed.shape[0] // 28
    assert (rows.min(), rows.max()) == (3 * times, 8 * times - 1)
    assert (columns.min(), columns.max()) == (10 * times, 15 * times - 1)
    assert not framed[5 * times, 12 * times].any(), "what is in it stays to be seen"
    assert not _framed(image, Seen(5, 4, 0, 0)).any(), "nothing but padding"
    assert not _framed(image, None).any()
    assert _framed(np.zeros((3, 300, 200)), None).shape == (300, 200, 3)


def test_the_picture_grows_and_says_by_how_much(view: LikesView, real_room: Room) -> None:
    picture = found(real_room, PICTURE)
    assert isinstance(picture, Dreamt)
    assert picture.steps == 24
    assert "24 steps" in view._boxes[0].caption.text()
    assert view.picture._values is not None
    np.testing.assert_array_equal(view.picture._values, picture.image.array()[0])
    plate = view.plate()
    assert plate is not None
    np.testing.assert_array_equal(plate.values, picture.image.array())


def test_the_images_stay_while_the_others_are_looked_at_and_one_reads_how_many_were(
    view: LikesView, real_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slice in which none of them is among the best brings nothing new."""
    monkeypatch.setattr(favourites, "images_a_slice", lambda model: 1)
    page = page_of(view)
    view.number.set_value(1)
    view.ask()
    without_news = 0
    captions: set[str] = set()
    while (answer := view.search()) is None or answer.done < 1:
        before = None if answer is None else answer.finding
        real_room.link.work(1)
        after = view.search()
        if after is not None and after.done < 1:
            without_news += after.finding is before and after is not answer
            captions.add(page.caption.text())
            assert view.images.count() == min(COUNT, round(after.done * TEST))
    assert without_news
    assert "Looking at the images: 50\xa0%" in captions
    assert page.caption.text() == ""


def test_an_average_is_of_the_class_that_is_chosen(view: LikesView, real_room: Room) -> None:
    everything = found(real_room, AVERAGE)
    assert isinstance(everything, Averaged)
    assert everything.images == TEST
    view.classes.set_value(4)
    view.classes.edited.emit(4)
    real_room.link.work()
    one = found(real_room, AVERAGE)
    assert isinstance(one, Averaged)
    assert one.images == (samples().test_labels == 4).sum()
    assert view.map._values is not None
    np.testing.assert_allclose(view.map._values, one.maps.array()[0], atol=1e-6)
    mean = samples().test_images[samples().test_labels == 4].mean(0) / 255
    assert view.mean._values is not None
    np.testing.assert_allclose(view.mean._values, mean, atol=1e-5)
    assert f"Average of {one.images} images\n28×28. Least: " in heard(view.mean)
    assert "Greatest: row " in heard(view.map)


def test_units_are_maps_of_one_value_and_the_number_fits_the_layer(
    view: LikesView, real_room: Room
) -> None:
    real_room.session.select("dense")
    view.number.set_value(9)
    view.ask()
    real_room.link.work()
    assert view.images.count() == COUNT
    assert "On average" in view._boxes[2].caption.text()
    real_room.session.select("conv")
    view.ask()
    assert view.number.value() == 2
    real_room.session.select(INPUT_UID)
    view.ask()
    real_room.link.work()
    about = real_room.client.studies.about(AVERAGE)
    assert about == Average(INPUT_UID, None)
    assert view.images.count() == 0
    assert [box.isVisible() for box in view._boxes] == [False, True, False]
    assert page_of(view).caption.text() == "Select a layer to see what its maps like"


def test_who_looks_away_asks_for_nothing(view: LikesView, real_room: Room) -> None:
    view.number.set_value(1)
    view.ask()
    real_room.link.work(2)
    page_of(view).hide()
    assert Forget(PICTURE) in real_room.link.to_engine
