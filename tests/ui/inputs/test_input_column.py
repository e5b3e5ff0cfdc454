"""The column draws, opens and shows; the network sees what has been made of it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from cnnviz.data import datasets
from cnnviz.data.digits import DrawingSteps, prepare
from cnnviz.explain import totals
from cnnviz.layers import Conv2d, Dense, Flatten
from cnnviz.message import Message
from cnnviz.presets import preset
from cnnviz.training import Training
from tests.ui.inputs.column import Column
from tests.ui.sessions import only
from ui.i18n import language, text
from ui.inputs.input_column import FIRST_IMAGE
from ui.inputs.panels import SeenPicture, Totals
from ui.theme import theme
from ui.widgets.buttons import IconButton
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


def test_a_test_image_is_on_show_at_the_start(column: Column, engine: FakeEngine) -> None:
    expected = datasets.test_images("mnist")[FIRST_IMAGE]
    np.testing.assert_array_equal(engine.images[-1], expected)
    assert not column.pad.is_empty()
    label = datasets.test_labels("mnist")[FIRST_IMAGE]
    assert f"test image {FIRST_IMAGE}\nlabel {label}" in column.labels()


def test_drawing_before_the_test_images_are_there_is_left_alone(
    qtbot: QtBot, session: Session, engine: FakeEngine
) -> None:
    column = Column(qtbot, session, engine)
    column.dot(0.5, 0.5)
    sheet = column.pad.image()
    tests = column.view._tests
    qtbot.waitUntil(lambda: tests.ready)
    np.testing.assert_array_equal(column.pad.image(), sheet)
    np.testing.assert_array_equal(engine.images[-1], prepare(sheet))


def test_a_stroke_starts_anew_and_is_with_the_engine_when_the_event_is_over(
    column: Column, engine: FakeEngine
) -> None:
    before, count = column.pad.image(), len(engine.images)
    column.qtbot.mousePress(column.pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert len(engine.images) == count + 1
    sheet = column.pad.image()
    assert 0 < np.count_nonzero(sheet) < np.count_nonzero(before) / 2
    np.testing.assert_array_equal(engine.images[-1], prepare(sheet))
    assert "centred by mass in a 20×20 box, as MNIST is" in column.labels()


def test_the_eraser_takes_ink_away_and_undo_brings_it_back(
    column: Column, engine: FakeEngine
) -> None:
    column.dot(0.3, 0.5)
    column.dot(0.7, 0.5)
    drawn = column.pad.image()
    column.action("Eraser").trigger()
    column.dot(0.7, 0.5)
    erased = column.pad.image()
    assert np.all(erased <= drawn)
    assert erased.sum() < drawn.sum()
    np.testing.assert_array_equal(engine.images[-1], prepare(erased))
    column.action("Undo stroke").trigger()
    np.testing.assert_array_equal(column.pad.image(), drawn)
    np.testing.assert_array_equal(engine.images[-1], prepare(drawn))
    column.action("Draw").trigger()
    column.dot(0.7, 0.7)
    assert column.pad.image().sum() > drawn.sum()


def test_the_eraser_button_shows_which_tool_is_chosen(column: Column) -> None:
    button = next(b for b in column.view.findChildren(IconButton) if b.accessibleName() == "Eraser")
    column.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert column.pad.eraser()
    assert button.isChecked()
    column.action("Draw").trigger()
    assert not column.pad.eraser()
    assert not button.isChecked()


def test_clear_shows_the_network_an_empty_image(column: Column, engine: FakeEngine) -> None:
    column.dot(0.5, 0.5)
    column.action("Clear").trigger()
    assert not engine.images[-1].any()
    assert column.action("Undo stroke").isEnabled()


@pytest.mark.parametrize(
    ("title", "steps"),
    [
        ("Crop to the ink", DrawingSteps(crop=False)),
        ("Scale to 20 pixels", DrawingSteps(scale=False)),
        ("Centre by mass", DrawingSteps(center=False)),
    ],
)
def test_each_switch_of_the_preparation_changes_the_image_sent(
    column: Column, engine: FakeEngine, title: str, steps: DrawingSteps
) -> None:
    column.dot(0.2, 0.2)
    column.dot(0.3, 0.25)
    whole = engine.images[-1]
    column.switch(title)
    expected = prepare(column.pad.image(), steps)
    np.testing.assert_array_equal(engine.images[-1], expected)
    assert not np.array_equal(expected, whole)
    assert f"without: {title}" in column.labels()
    column.switch(title)
    np.testing.assert_array_equal(engine.images[-1], whole)


def test_the_preparation_leaves_test_images_as_they_are(column: Column, engine: FakeEngine) -> None:
    count = len(engine.images)
    column.switch("Centre by mass")
    assert len(engine.images) == count


def test_a_switch_in_the_menu_does_not_close_it(column: Column) -> None:
    menu = column.preparation
    menu.popup(column.view.mapToGlobal(QPoint(0, 0)))
    try:
        menu.setActiveAction(menu.actions()[2])
        column.qtbot.keyClick(menu, Qt.Key.Key_Space)
        assert menu.steps == DrawingSteps(center=False)
        assert menu.isVisible()
        place = menu.actionGeometry(menu.actions()[0]).center()
        column.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
        assert menu.steps == DrawingSteps(crop=False, center=False)
        assert menu.isVisible()
    finally:
        menu.close()


def test_a_random_test_image_comes_with_its_true_label(column: Column, engine: FakeEngine) -> None:
    column.action("Random test image").trigger()
    words = next(words for words in column.labels() if words.startswith("test image"))
    found = re.fullmatch(r"test image ([\d,]+)\nlabel (\d)", words)
    assert found is not None
    index = int(found[1].replace(",", ""))
    np.testing.assert_array_equal(engine.images[-1], datasets.test_images("mnist")[index])
    assert int(found[2]) == datasets.test_labels("mnist")[index]


def test_a_picture_file_is_shown_and_prepared_anew_when_a_step_is_switched_off(
    column: Column, engine: FakeEngine, tmp_path: Path
) -> None:
    paper = np.full((200, 200), 255, np.uint8)
    paper[40:120, 30:45] = 0
    path = tmp_path / "one.png"
    Image.fromarray(paper).save(path)
    column.show_picture(path)
    first = engine.images[-1]
    np.testing.assert_array_equal(first, prepare(255 - paper))
    count = len(engine.images)
    column.switch("Centre by mass")
    column.qtbot.waitUntil(lambda: len(engine.images) > count)
    np.testing.assert_array_equal(
        engine.images[-1], prepare(255 - paper, DrawingSteps(center=False))
    )
    assert not np.array_equal(engine.images[-1], first)


def test_a_file_can_be_dropped(column: Column, engine: FakeEngine, tmp_path: Path) -> None:
    pixels = datasets.test_images("mnist")[7]
    path = tmp_path / "nine.png"
    Image.fromarray(pixels).save(path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    count = len(engine.images)
    column.view.dropEvent(
        QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    column.qtbot.waitUntil(lambda: len(engine.images) > count)
    np.testing.assert_array_equal(engine.images[-1], pixels)


def test_a_file_that_is_no_picture_is_told_and_changes_nothing(
    column: Column, engine: FakeEngine, tmp_path: Path
) -> None:
    path = tmp_path / "notes.png"
    path.write_bytes(gzip.compress(b"not a picture"))
    told: list[Message] = []
    column.view.trouble.connect(told.append)
    count = len(engine.images)
    column.view.show_picture(path)
    column.qtbot.waitUntil(lambda: bool(told))
    assert [message.values["file"] for message in told] == ["notes.png"]
    assert len(engine.images) == count


def test_what_the_network_sees_is_shown_pixel_by_pixel(column: Column, engine: FakeEngine) -> None:
    engine.answer()
    image = only(SeenPicture, column.view).image()
    shown = np.array([[image.pixelColor(x, y).red() for x in range(28)] for y in range(28)])
    assert np.abs(shown - engine.images[-1].astype(int)).max() <= 1  # 255 greys in the table
    assert "28×28×1" in column.labels()


def test_three_channels_are_the_colours_of_one_picture(column: Column) -> None:
    values = np.zeros((3, 2, 5), np.float32)
    values[0, 0, 1], values[1, 1, 4], values[2] = 1, 0.5, 0.2
    picture = only(SeenPicture, column.view)
    picture.set_values(values)
    image = picture.image()
    assert (image.width(), image.height()) == (5, 2)
    assert image.pixelColor(1, 0).getRgb() == (255, 0, 51, 255)
    assert image.pixelColor(4, 1).getRgb() == (0, 128, 51, 255)


def test_the_totals_are_those_of_the_report_also_after_an_edit(
    column: Column, session: Session
) -> None:
    def shown() -> list[tuple[str, str]]:
        words = [label.text() for label in only(Totals, column.view).findChildren(Label)]
        return list(zip(words[::2], words[1::2], strict=True))

    def expected() -> list[tuple[str, str]]:
        found = totals(session.report, session.project.training)
        return [(text(title), value) for title, value, _ in found]

    first = expected()
    assert shown() == first
    session.set_training(Training(optimizer="sgd", batch_size=500), Message("Optimizer"))
    trained = expected()
    assert shown() == trained != first
    session.set_field("conv", "filters", 16)
    assert shown() == expected() != trained
    session.insert([Conv2d()], place=5)  # after the vector: it cannot work
    assert shown() == expected()
    assert shown()[0][1].startswith("≥")


def test_long_totals_make_the_column_wider_instead_of_being_cut_off(
    column: Column, session: Session, qtbot: QtBot
) -> None:
    large = Dense(units=1_000_000)
    session.edit(session.network.with_layers([Flatten(), large, large]), Message("Open"))
    assert "1,000,784,000,000" in column.labels()  # multiply-adds

    def nothing_is_cut_off() -> None:
        table = only(Totals, column.view)
        right = table.mapTo(column.view, table.rect().bottomRight()).x()
        assert right <= column.view.width() - theme.px(10)  # within the margin
        assert table.width() >= table.minimumSizeHint().width()

    qtbot.waitUntil(nothing_is_cut_off)


def test_every_action_has_keys_of_its_own(column: Column) -> None:
    actions = [a for a in column.view.actions_menu() if not a.isSeparator() and a.menu() is None]
    keys = [action.shortcut().toString() for action in actions]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_a_key_chooses_the_eraser(column: Column) -> None:
    column.view.activateWindow()
    column.qtbot.waitUntil(column.view.isActiveWindow)
    column.qtbot.keyClick(column.pad, Qt.Key.Key_E)
    assert column.pad.eraser()
    column.qtbot.keyClick(column.pad, Qt.Key.Key_D)
    assert not column.pad.eraser()


def test_language_and_scale_change_while_it_runs(
    column: Column, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.i18n._catalogue", lambda code: {"Input": "输入", "Clear": "清空"})
    language.set("zh_CN")
    assert "输入" in column.labels()
    assert column.action("清空").shortcut().toString() == "Ctrl+Backspace"
    width = column.view.minimumWidth()
    theme.set_scale(2.0)
    assert column.view.minimumWidth() == 2 * width


def test_long_totals_stand_beside_the_scroll_bar(column: Column, session: Session) -> None:
    column.view.resize(217, 400)
    session.edit(preset("vgg-16"), Message("VGG-16"))
    scroll = column.view._scroll
    column.qtbot.waitUntil(lambda: column.view.minimumWidth() > 217)
    column.view.resize(column.view.minimumWidth(), 400)
    QApplication.processEvents()
    assert scroll.verticalScrollBar().isVisible()
    assert column.view._page.width() <= scroll.viewport().width()
    assert column.view.minimumWidth() == column.view.width()  # it does not grow by itself


def test_a_low_column_makes_the_pad_smaller_before_it_scrolls(column: Column) -> None:
    bar = column.view._scroll.verticalScrollBar()
    column.view.resize(217, 900)
    assert column.pad.height() == column.pad.width()
    tall = column.pad.height()
    column.view.resize(217, 545)
    assert column.pad.height() < tall
    assert not bar.isVisible()
    column.view.resize(217, 300)
    assert bar.isVisible()
