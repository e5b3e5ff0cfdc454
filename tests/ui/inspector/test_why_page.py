"""'Why this answer' follows the pen, the choices and the network, and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from cnnviz.explain.answers import METHODS
from cnnviz.layers import Size
from tests.ui.room import IMAGE
from ui.i18n import language
from ui.inspector.square_bar import Square
from ui.inspector.why_page import ONE_SIDED, WhyPage
from ui.inspector.why_table import SoftmaxView
from ui.numerals import significant
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from tests.ui.room import Room
    from ui.session import Session


def slide_action() -> QAction:
    """The action of the menu, as the inspector makes it."""
    slide = QAction()
    slide.setCheckable(True)
    return slide


@pytest.fixture
def page(qtbot: QtBot, real_room: Room) -> WhyPage:
    view = WhyPage(real_room.session, real_room.client, slide_action())
    qtbot.addWidget(view)
    view.resize(1240, 200)
    real_room.client.probed.connect(view.show_picture)
    view.show()
    real_room.link.work()
    view.refresh()
    real_room.link.work()
    return view


def shown(page: WhyPage) -> np.ndarray:
    assert page.map._values is not None
    return page.map._values


def table(view: SoftmaxView) -> list[list[str]]:
    contents = view.table.contents()
    return [
        [contents.cell(row, column).text for column in range(len(contents.head))]
        for row in range(contents.rows)
    ]


def choose(page: WhyPage, room: Room, method: str) -> None:
    page.bar.methods.setCurrentIndex(list(METHODS).index(method))  # type: ignore[arg-type]
    room.link.work()


def test_every_method_shows_its_map_and_its_words(page: WhyPage, real_room: Room) -> None:
    assert page.seen._values is not None
    np.testing.assert_allclose(page.seen._values, IMAGE / 255, atol=1e-6)
    best = int(np.argmax(real_room.answer()))
    for method, words in METHODS.items():
        choose(page, real_room, method)
        answer = real_room.client.explanation
        assert answer is not None
        assert (answer.method, answer.target, answer.done) == (method, best, 1)
        np.testing.assert_array_equal(page.map._values, answer.array())
        assert str(words.limits) in page.words.text()
        spoken = page.map.accessibleDescription()
        assert str(words.title) in spoken
        assert f"Class {best}" in spoken
        assert "strongest at row" in spoken
        assert ("orange" in page.scale.accessibleDescription()) == (method not in ONE_SIDED)
        assert page.bar.layers.isVisible() == (method == "grad_cam")


def test_it_follows_the_pen_and_the_class(page: WhyPage, real_room: Room) -> None:
    before = shown(page)
    real_room.client.show_image(np.roll(IMAGE, 5, axis=0))
    real_room.link.work()
    assert not np.array_equal(shown(page), before)
    page.choose(3)
    real_room.link.work()
    assert real_room.client.explanation is not None
    assert real_room.client.explanation.target == 3
    assert page.bar.classes.currentText() == "Class 3"
    assert "Class 3" in page.map.accessibleDescription()
    index = page.softmax.table.model().index(7, 0)
    page.softmax.table.clicked.emit(index)
    real_room.link.work()
    assert real_room.client.explanation.target == 7


def test_it_follows_a_run_and_an_edit(page: WhyPage, real_room: Room) -> None:
    before = shown(page)
    real_room.train()
    assert not np.array_equal(shown(page), before)
    choose(page, real_room, "grad_cam")
    real_room.session.set_field("conv", "filters", 5)
    real_room.link.work()
    answer = real_room.client.explanation
    assert answer is not None
    assert answer.revision == real_room.session.state.revision


def test_the_maps_of_the_selected_layer(page: WhyPage, real_room: Room) -> None:
    choose(page, real_room, "grad_cam")
    real_room.session.select("conv")
    page.bar.layers.setCurrentIndex(1)
    page.bar.layers.activated.emit(1)
    real_room.link.work()
    answer = real_room.client.explanation
    assert answer is not None
    assert (answer.uid, answer.cells) == ("conv", (12, 12))
    assert "12×12" in page.map.accessibleDescription()
    real_room.session.select("dense")
    page.refresh()
    real_room.link.work()
    assert page.note.isVisible()
    assert "gives no maps" in page.note.text()
    real_room.session.select("input")
    page.refresh()
    real_room.link.work()
    assert not page.note.isVisible()


def test_a_pixel_is_read_by_mouse_and_by_keyboard(
    page: WhyPage, real_room: Room, qtbot: QtBot
) -> None:
    qtbot.mouseClick(page.map, Qt.MouseButton.LeftButton, pos=page.map.cell_center(4, 9).toPoint())
    assert page.seen.mark() == page.map.mark() == (4, 9)
    value = significant(float(shown(page)[4, 9]))
    assert page._map_box.caption.text() == f"row 4, column 9: {value}"
    qtbot.keyClick(page.map, Qt.Key.Key_Down)
    assert page.seen.mark() == (5, 9)
    qtbot.mouseClick(page.map, Qt.MouseButton.LeftButton, pos=page.map.cell_center(5, 9).toPoint())
    assert page.map.mark() is None


def test_without_anything_to_explain_it_says_what_to_do(page: WhyPage, real_room: Room) -> None:
    real_room.client.show_image(np.zeros_like(IMAGE))
    real_room.link.work()
    assert page.message.isVisible()
    assert "Draw a digit" in page.message.text()
    language.set("zh_CN")
    assert "画一个数字" in page.message.text()
    language.set("en")
    real_room.client.show_image(IMAGE)
    real_room.link.work()
    assert not page.message.isVisible()
    network = real_room.session.network
    real_room.session.set_field(network.layers[0].uid, "kernel", Size(99, 99))
    real_room.link.work()
    page.refresh()
    assert page.message.text() == "Waits until Conv is fixed"


def test_it_waits_for_the_engine(qtbot: QtBot, session: Session, engine: DrawingEngine) -> None:
    view = WhyPage(session, engine.client, slide_action())
    qtbot.addWidget(view)
    view.show()
    view.refresh()
    assert view.message.text() == "The engine is starting…"
    assert not engine.questions


def test_both_themes_languages_and_large_type(page: WhyPage, real_room: Room) -> None:
    for mode, code, scale in (("dark", "zh_CN", 1.5), ("light", "en", 1.0)):
        theme.set_mode("dark" if mode == "dark" else "light")
        language.set(code)
        theme.set_scale(scale)
        for method in METHODS:
            choose(page, real_room, method)
            assert not page.grab().isNull()
        assert ("局限" in page.words.text()) == (code == "zh_CN")


def test_where_there_is_no_room_for_tabs_the_methods_are_a_list(
    page: WhyPage, real_room: Room
) -> None:
    assert page.bar.methods.isVisible()
    assert not page.bar.method_list.isVisible()
    page.resize(700, 200)
    assert not page.bar.methods.isVisible()
    assert page.bar.method_list.isVisible()
    page.bar.method_list.setCurrentIndex(3)
    page.bar.method_list.activated.emit(3)
    real_room.link.work()
    assert page.bar.method == "guided"
    page.resize(1240, 200)
    assert page.bar.methods.current() == "guided"
    choose(page, real_room, "occlusion")
    assert page.bar.method_list.value() == "occlusion"


# --- the grey square ----------------------------------------------------------------------------
def percent(page: WhyPage) -> float:
    probabilities = page.square.bar._probabilities
    assert probabilities is not None
    return probabilities[0]


def square_of(page: WhyPage) -> Square | None:
    return page.square.square


def test_the_square_stands_where_one_points(page: WhyPage, real_room: Room) -> None:
    assert not page.square.isVisible()
    choose(page, real_room, "occlusion")
    answer = real_room.client.explanation
    assert answer is not None
    page.square._slide.setChecked(False)
    assert page.square.isVisible()
    assert square_of(page) is None
    assert percent(page) == pytest.approx(real_room.answer()[answer.target], rel=1e-4)

    page.map.pointed.emit((14, 3))
    square = square_of(page)
    assert square is not None
    assert 14 in square.rows
    assert 3 in square.columns
    index = list(zip(answer.tops, answer.lefts, strict=True)).index((square.top, square.left))
    assert percent(page) == pytest.approx(answer.shares[index])
    assert page.seen._rows == square.rows
    assert page.seen._values is not None
    assert page.seen._values[14, 3] == 0.5  # as the network is given it
    assert f"rows {square.rows[0]}–{square.rows[-1]}" in page.square.words.text()
    assert f"{100 * answer.shares[index]:.1f}" in page.square.bar.accessibleDescription()

    page.map.pointed.emit(None)
    assert square_of(page) is None
    np.testing.assert_allclose(page.seen._values, IMAGE / 255, atol=1e-6)
    page.map.chosen.emit(20, 20)  # it stays where somebody has clicked
    page.map.pointed.emit((3, 3))
    page.map.pointed.emit(None)
    square = square_of(page)
    assert square is not None
    assert 20 in square.rows
    choose(page, real_room, "saliency")
    assert not page.square.isVisible()
    assert not page.seen._rows


def test_the_square_slides_over_all_its_places(page: WhyPage, real_room: Room) -> None:
    choose(page, real_room, "occlusion")
    answer = real_room.client.explanation
    assert answer is not None
    slide = page.square._slide
    slide.setChecked(False)
    page.square.play.click()
    assert slide.isChecked()
    been, shown = [], []
    while slide.isChecked():
        square = square_of(page)
        assert square is not None
        been.append((square.top, square.left))
        shown.append(percent(page))
        page.square._timer.timeout.emit()
    tried = dict(zip(zip(answer.tops, answer.lefts, strict=True), answer.shares, strict=True))
    assert been == sorted(tried), "row by row, whatever was tried first"
    assert shown == pytest.approx([tried[place] for place in been])
    assert len(set(shown)) > 10
    assert square_of(page) is None
    slide.trigger()
    page.hide()
    assert not slide.isChecked()


def test_asked_to_slide_it_chooses_occlusion(page: WhyPage, real_room: Room) -> None:
    theme.set_reduced_motion(True)
    slide = page.square._slide
    page.try_out()
    assert page.bar.method == "occlusion"
    real_room.link.work()
    assert slide.isChecked()
    slide.setChecked(False)
    page.try_out()
    assert slide.isChecked()
    slide.setChecked(False)
    choose(page, real_room, "saliency")
    choose(page, real_room, "occlusion")  # unasked nothing moves
    assert not slide.isChecked()
    theme.set_reduced_motion(False)


def test_while_it_is_tried_out_the_square_is_where_it_was_last(
    page: WhyPage, real_room: Room
) -> None:
    page.bar.methods.setCurrentIndex(list(METHODS).index("occlusion"))
    real_room.link.work(1)
    answer = real_room.client.explanation
    assert answer is not None
    assert answer.done < 1
    square = square_of(page)
    assert square is not None
    assert (square.top, square.left) == (answer.tops[-1], answer.lefts[-1])
    assert percent(page) == pytest.approx(answer.shares[-1])
    assert not page.square.sliding


def test_trying_it_out_can_be_stopped_and_begun_again(page: WhyPage, real_room: Room) -> None:
    page.bar.methods.setCurrentIndex(list(METHODS).index("occlusion"))
    real_room.link.work(1)
    bar, stop = page.square, page.square.stop
    assert stop.isVisible()
    assert not bar.play.isEnabled()
    stop.click()
    real_room.link.work()
    answer = real_room.client.explanation
    assert answer is not None
    assert 0 < answer.done < 1
    assert bar.play.isEnabled(), "what is known by then can be looked at"
    page.map.pointed.emit((14, 3))
    assert square_of(page) is not None
    page.show_picture()  # the same image, as a run goes on
    real_room.link.work()
    assert real_room.client.explanation is answer
    stop.click()
    real_room.link.work()
    assert real_room.client.explanation is not None
    assert real_room.client.explanation.done == 1
    assert not stop.isVisible()


def test_what_was_stopped_begins_anew_with_another_image(page: WhyPage, real_room: Room) -> None:
    page.bar.methods.setCurrentIndex(list(METHODS).index("occlusion"))
    real_room.link.work(1)
    page.square.stop.click()
    real_room.client.show_image(np.ascontiguousarray(IMAGE.T))
    real_room.link.work()
    assert real_room.client.explanation is not None
    assert real_room.client.explanation.done == 1


def test_nothing_is_tried_out_for_a_page_that_nobody_sees(page: WhyPage, real_room: Room) -> None:
    page.bar.methods.setCurrentIndex(list(METHODS).index("occlusion"))
    real_room.link.work(1)
    page.hide()
    real_room.link.work()
    assert real_room.client.explanation is not None
    assert real_room.client.explanation.done < 1
    page.show()
    page.refresh()
    real_room.link.work()
    assert real_room.client.explanation.done == 1


# --- softmax worked out -----------------------------------------------------------------------
def test_the_table_has_all_numbers_and_says_what_was_rounded(qtbot: QtBot) -> None:
    view = SoftmaxView()
    qtbot.addWidget(view)
    view.show_logits([1.0, 2.0, 0.0], ["a", "b", "c"], 1)
    assert table(view) == [
        ["a", "1.000", "2.718", "24.5%"],
        ["b", "2.000", "7.389", "66.5%"],
        ["c", "0.000", "1", "9.0%"],
        ["Total", "", "11.11", "100%"],
    ]
    assert "add up" not in view.remark.text()
    view.show_logits([0.0, 0.0, 0.0], ["a", "b", "c"], 0)
    assert "99.9" in view.remark.text()
    view.show_logits([1000.0, -999.5], ["a", "b"], 0)
    assert view.table.contents().head[2] == "e^(z − 1000.000)"
    view.show_logits([-1000.0, -999.5], ["a", "b"], 0)
    assert view.table.contents().head[2] == "e^(z + 999.500)"
    view.show_logits([float("nan"), 1.0], ["a", "b"], 0)
    assert table(view) == []


def test_the_explained_class_is_in_sight_where_the_table_gets_less_room(qtbot: QtBot) -> None:
    """As where the bar of the grey square takes its part of the page."""
    view = SoftmaxView()
    qtbot.addWidget(view)
    view.resize(300, 170)
    view.show()
    view.show_logits([0.0] * 10, [str(name) for name in range(10)], 4)
    place, room = view.table.model().index(4, 0), view.table.viewport()
    assert room.rect().contains(view.table.visualRect(place))
    view.resize(300, 110)
    assert room.rect().contains(view.table.visualRect(place))


def test_its_numbers_are_those_of_the_prediction(page: WhyPage, real_room: Room) -> None:
    shares = [f"{100 * value:.1f}%" for value in real_room.answer()]
    assert [row[3] for row in table(page.softmax)[:-1]] == shares


def test_the_softmax_is_taken_along_with_all_digits(qtbot: QtBot) -> None:
    view = SoftmaxView()
    qtbot.addWidget(view)
    assert view.taken_along() is None
    view.show_logits([1.0, 2.0, 0.0], ["a", "b", "c"], 1)
    taken = view.taken_along()
    assert taken is not None
    assert taken.rows[0] == ("Class", "Logit z", "eᶻ", "Share")
    assert [row[0] for row in taken.rows[1:]] == ["a", "b", "c", "Total"]
    shares = [float(row[3]) for row in taken.rows[1:4]]
    assert sum(shares) == pytest.approx(1, abs=1e-9)
    assert shares[1] == pytest.approx(np.exp(2) / (np.exp(1) + np.exp(2) + 1))
    assert view.table.actions() == view.exports.actions()
