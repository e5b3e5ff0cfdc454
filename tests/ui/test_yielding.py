"""In a window that is small for its type the network keeps its room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from ui.canvas.whereabouts import card_center
from ui.i18n import language
from ui.main_window import MainWindow
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.usefixtures("dressed")


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    """As at a first start, in a window of 1280×720."""
    window = MainWindow()
    qtbot.addWidget(window)
    window._closing = True
    window.resize(1280, 720)
    window.show()
    yield window
    window.close()


def set_scale(qtbot: QtBot, scale: float) -> None:
    theme.set_scale(scale)
    qtbot.waitUntil(lambda: theme.settled)
    qtbot.wait(50)


def place(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


@pytest.mark.parametrize("code", ["en", "zh_CN"])
@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_nothing_is_under_something_else(
    window: MainWindow, qtbot: QtBot, scale: float, code: str
) -> None:
    language.set(code)
    set_scale(qtbot, scale)
    window._panels["detail"].setChecked(True)
    qtbot.wait(50)
    canvas, drawer = place(window.canvas), place(window.inspector)
    assert not canvas.intersects(drawer)
    assert window.rect().contains(canvas)
    assert window.rect().contains(drawer)


def test_the_drawer_makes_room_for_the_largest_type_and_comes_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    set_scale(qtbot, 1.5)
    assert window.inspector.isVisible()
    set_scale(qtbot, 2.0)
    assert not window.inspector.isVisible()
    assert "F4" in window.banner.text()
    assert window.canvas.height() >= theme.px(160)
    set_scale(qtbot, 1.0)
    assert window.inspector.isVisible()
    assert window.banner.text() == "", "nothing has made room any more"


def test_what_was_closed_by_hand_stays_closed(window: MainWindow, qtbot: QtBot) -> None:
    window._panels["detail"].setChecked(False)
    set_scale(qtbot, 2.0)
    assert window.banner.text() == ""
    set_scale(qtbot, 1.0)
    assert not window.inspector.isVisible()


def test_a_layer_or_a_tab_opens_the_drawer(window: MainWindow, qtbot: QtBot) -> None:
    window._panels["detail"].setChecked(False)
    uid = window.session.network.layers[0].uid
    at = window.canvas.viewport().mapFromGlobal(card_center(window.canvas, uid))
    QTest.mouseDClick(
        window.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
    )
    assert window.inspector.isVisible()
    window._panels["detail"].setChecked(False)
    qtbot.keySequence(window, "Ctrl+2")
    assert window.inspector.isVisible()
    assert window.inspector._tabs.current() == "kernels"


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_hints_take_one_row(window: MainWindow, qtbot: QtBot, code: str) -> None:
    language.set(code)
    set_scale(qtbot, 2.0)
    hints = window.hints
    button = hints._buttons["draw"]
    assert button.isVisible()
    assert hints.height() <= button.sizeHint().height() + theme.px(8)
    hints.done("draw")
    assert hints._buttons["change"].isVisible()
    set_scale(qtbot, 1.0)
    assert hints._heading.isVisible()


def test_all_else_gives_way_to_network_and_drawer_while_that_is_open(
    window: MainWindow, qtbot: QtBot
) -> None:
    set_scale(qtbot, 2.0)
    assert window.palette_bar.isVisible()
    window._panels["detail"].setChecked(True)
    qtbot.wait(50)
    assert not window.palette_bar.isVisible()
    assert not window.hints.isVisible()
    assert window.banner.text() == ""
    assert window.canvas.height() >= theme.px(115)
    assert window.inspector.height() >= theme.px(150)
    window._panels["detail"].setChecked(False)
    assert window.palette_bar.isVisible()
    assert window.hints.isVisible()
    window._panels["layers"].setChecked(False)  # by hand
    window._panels["detail"].setChecked(True)
    set_scale(qtbot, 1.0)
    assert window.inspector.isVisible()
    assert not window.palette_bar.isVisible()


def test_a_projector_in_between_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    set_scale(qtbot, 2.0)
    window._panels["detail"].setChecked(True)
    qtbot.wait(50)
    window.projector.action.trigger()
    qtbot.waitUntil(lambda: theme.settled and theme.projector)
    assert not window.inspector.isVisible()
    assert not window.palette_bar.isVisible()
    window.projector.action.trigger()
    qtbot.waitUntil(window.inspector.isVisible)
    assert not window.palette_bar.isVisible(), "there is no room for it beside the detail"
    window._panels["detail"].setChecked(False)
    assert window.palette_bar.isVisible()
