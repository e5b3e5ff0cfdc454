"""Every known network is in the menu once, in its group, and says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from cnnviz.presets import GROUPS, PRESETS
from ui.i18n import language, text
from ui.known_networks import KnownNetworks

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def menu_of(qtbot: QtBot, chosen: list[str]) -> KnownNetworks:
    window = QWidget()
    qtbot.addWidget(window)
    menu = KnownNetworks(chosen.append, window)
    menu.window_of_test = window  # type: ignore[attr-defined]  # it would go with the window
    return menu


def groups(menu: KnownNetworks) -> list[QMenu]:
    found = [action.menu() for action in menu.actions()]
    return [group for group in found if isinstance(group, QMenu)]


def test_each_network_is_chosen_by_its_title_in_its_group(qtbot: QtBot) -> None:
    chosen: list[str] = []
    menu = menu_of(qtbot, chosen)
    assert [group.title() for group in groups(menu)] == [str(group.title) for group in GROUPS]
    for group, shown in zip(GROUPS, groups(menu), strict=True):
        assert shown.toolTipsVisible()
        for action, known in zip(shown.actions(), group.presets.values(), strict=True):
            assert action.text() == str(known.title)
            assert known.source in action.toolTip()
            assert text(known.taught) in action.toolTip()
            action.trigger()
    assert chosen == list(PRESETS)


def test_it_speaks_the_present_language(qtbot: QtBot) -> None:
    menu = menu_of(qtbot, [])
    language.set("zh_CN")
    assert groups(menu)[1].title() == "经典网络"
    assert "参数" in groups(menu)[1].actions()[0].toolTip()
