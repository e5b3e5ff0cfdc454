"""The confusion matrix, its cells' images, and the mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt

from cnnviz.confusion import Examination
from tests.ui.sessions import only
from ui.i18n import language
from ui.outputs.examination import ConfusionPage, MistakesPage
from ui.outputs.output_column import TABS, OutputColumn
from ui.widgets.confusion_grid import ConfusionGrid
from ui.widgets.labels import Label
from ui.widgets.tabs import PillTabs
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

# label, predicted, confidence
ANSWERS = [(4, 9, 0.6), (4, 4, 0.9), (5, 3, 0.8), (4, 9, 0.7), (1, 1, 1.0)]
IMAGES = np.arange(5 * 28 * 28, dtype=np.uint8).reshape(5, 28, 28)


@pytest.fixture
def view(qtbot: QtBot, session: Session, engine: FakeEngine) -> OutputColumn:
    view = OutputColumn(session, engine.client)
    qtbot.addWidget(view)
    view.set_images(lambda index: IMAGES[index])
    view.resize(300, 700)
    view.show()
    qtbot.waitExposed(view)
    return view


def examine(engine: FakeEngine) -> None:
    labels, predicted, confidence = zip(*ANSWERS, strict=True)
    engine.examination = Examination(
        270,
        np.array(labels, np.uint8),
        np.array(predicted, np.uint8),
        np.array(confidence, np.float32),
    )
    engine.examined.emit()


def test_the_tabs_by_mouse_and_by_menu(view: OutputColumn, qtbot: QtBot) -> None:
    tabs = only(PillTabs, view)
    assert tabs.current() == "curves"
    actions = {each.data(): each for each in view.actions_menu().actions() if each.data()}
    assert tuple(actions) == TABS
    actions["confusion"].trigger()
    assert tabs.current() == "confusion"
    assert only(ConfusionPage, view).isVisible()
    place = tabs.tabRect(TABS.index("mistakes")).center()
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=place)
    assert only(MistakesPage, view).isVisible()
    assert [action.shortcut().toString() for action in actions.values()] == [
        "Ctrl+Alt+1",
        "Ctrl+Alt+2",
        "Ctrl+Alt+3",
        "Ctrl+Alt+4",
        "Ctrl+Alt+5",
    ]


def test_before_an_epoch_is_over_it_says_what_will_be_there(
    view: OutputColumn, engine: FakeEngine
) -> None:
    for tab, kind in (("confusion", ConfusionPage), ("mistakes", MistakesPage)):
        view.show_tab(tab)
        page = only(kind, view)
        assert only(Label, page).text().startswith("Press Train: after each epoch")
        assert only(Thumbnails, page).indices() == []


def test_a_cell_opens_its_images_and_an_image_can_be_looked_at(
    view: OutputColumn, engine: FakeEngine, qtbot: QtBot
) -> None:
    view.show_tab("confusion")
    examine(engine)
    page = only(ConfusionPage, view)
    grid, images = only(ConfusionGrid, page), only(Thumbnails, page)
    place = grid._rect(4, 9).center().toPoint()
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place)
    assert images.indices() == [3, 0]  # the most confident first
    assert only(Label, page).text() == "4 taken for 9: 2 images"
    assert images.item(0).text() == "4 → 9"
    assert images.item(0).toolTip() == "Test image 3: 4, taken for 9 (70%)"
    wanted: list[int] = []
    view.image_wanted.connect(wanted.append)
    images.itemClicked.emit(images.item(1))
    assert wanted == [0]


def test_in_a_low_window_the_images_of_a_cell_come_into_sight(
    view: OutputColumn, engine: FakeEngine, qtbot: QtBot
) -> None:
    view.resize(300, 390)
    view.show_tab("confusion")
    examine(engine)
    page = only(ConfusionPage, view)
    grid, images = only(ConfusionGrid, page), only(Thumbnails, page)
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
    assert images.viewport().visibleRegion().boundingRect().height() < 60
    grid.choose(4, 9)
    qtbot.waitUntil(lambda: images.viewport().visibleRegion().boundingRect().height() > 60)
    assert grid.visibleRegion().contains(grid.cell_rect)


def test_the_arrow_keys_go_from_cell_to_cell(
    view: OutputColumn, engine: FakeEngine, qtbot: QtBot
) -> None:
    view.show_tab("confusion")
    examine(engine)
    page = only(ConfusionPage, view)
    grid = only(ConfusionGrid, page)
    grid.choose(4, 8)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.cell == (4, 9)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.cell == (4, 9)
    assert only(Thumbnails, page).indices() == [3, 0]
    assert grid.accessibleDescription() == "4 taken for 9: 2 images"
    for _ in range(5):
        qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.accessibleDescription() == "4 recognised: 1 images"


def test_mistakes_are_listed_while_they_are_seen(view: OutputColumn, engine: FakeEngine) -> None:
    page = only(MistakesPage, view)
    examine(engine)
    assert only(Thumbnails, page).indices() == []  # nobody looks
    view.show_tab("mistakes")
    assert only(Thumbnails, page).indices() == [2, 3, 0]
    assert "3 of 5 test images wrong after step 270" in only(Label, page).text()
    engine.examination = None
    engine.examined.emit()
    assert only(Thumbnails, page).indices() == []


def test_the_matrix_is_drawn_from_its_counts(view: OutputColumn, engine: FakeEngine) -> None:
    view.show_tab("confusion")
    examine(engine)
    grid = only(ConfusionGrid, view)
    picture = grid.grab().toImage()

    def color(label: int, predicted: int) -> tuple[int, int, int]:
        place = grid._rect(label, predicted).topLeft().toPoint()
        found = picture.pixelColor(place.x() + 3, place.y() + 3)
        return found.red(), found.green(), found.blue()

    assert color(2, 7) != color(4, 9) != color(4, 4)
    assert color(4, 9)[0] > color(4, 9)[2]  # wrong is orange
    assert color(4, 4)[2] > color(4, 4)[0]  # right is blue


def test_it_speaks_the_language_of_the_window(view: OutputColumn, engine: FakeEngine) -> None:
    view.show_tab("mistakes")
    examine(engine)
    language.set("zh_CN")
    assert "测试图像" in only(Label, only(MistakesPage, view)).text()
    assert only(ConfusionGrid, view).accessibleName() == "混淆矩阵"
