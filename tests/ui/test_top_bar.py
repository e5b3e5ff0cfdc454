"""The top bar in a window that is too narrow for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.main_window import MainWindow
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_what_the_menus_have_gives_way_and_comes_back(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    bar = window.top_bar
    window.resize(1400, 800)
    window.show()
    qtbot.waitUntil(lambda: all(button.isVisible() for button in bar._giving_way))
    before = bar._row.minimumSize().width()
    bar.setFixedWidth(before - 20)
    qtbot.waitUntil(lambda: not bar._giving_way[0].isVisible())
    assert bar._giving_way[-1].isVisible()
    assert bar._row.minimumSize().width() <= bar.width()
    bar.setFixedWidth(before - 160)
    qtbot.waitUntil(lambda: sum(button.isVisible() for button in bar._giving_way) < 4)
    bar.setFixedWidth(1400)
    qtbot.waitUntil(lambda: all(button.isVisible() for button in bar._giving_way))


def test_a_projector_leaves_no_choice_between_light_and_dark(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    button = window.top_bar._look
    assert button.isEnabled()
    theme.set_projector(True)
    assert not button.isEnabled()
    assert button.toolTip().endswith("On a projector it is always light")
    theme.set_projector(False)
    assert button.isEnabled()
    assert button.toolTip() == "Dark theme"
