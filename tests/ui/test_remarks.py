"""The line across the top speaks the language of the window, with its buttons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from cnnviz.message import Message
from cnnviz.recovery import Orphan
from ui.i18n import language
from ui.main_window import MainWindow
from ui.theme import theme
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    theme.apply(QApplication.instance())  # type: ignore[arg-type]
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.show()
    yield window
    language.set("en")


def words(window: MainWindow) -> list[str]:
    QApplication.processEvents()  # a layout shows what is new in it a turn later
    buttons = [b.text() for b in window.banner.findChildren(Button) if b.isVisible()]
    return [window.banner.text(), *buttons]


def test_lost_work_is_offered_in_the_language_that_is_chosen_then(window: MainWindow) -> None:
    window.remarks.offer_lost_work(Orphan(Path("x"), Path("net.cnnviz"), 1.7e9))
    assert words(window)[1:] == ["Bring it back", "Throw it away"]
    language.set("zh_CN")
    assert words(window)[1:] == ["恢复", "丢弃"]
    assert "上次意外结束" in words(window)[0]
    language.set("en")
    assert words(window)[0].startswith("CNNviz ended unexpectedly; your work on net.cnnviz")


def test_a_way_out_follows_the_language_too(window: MainWindow) -> None:
    absent = Message("The test images could not be loaded.")
    window._offer_fit(absent)
    english = words(window)
    assert english[1] == window.datasets.fit_words
    language.set("zh_CN")
    assert words(window)[1] == window.datasets.fit_words != english[1]


def test_what_has_gone_does_not_come_back_with_another_language(window: MainWindow) -> None:
    window.remarks.offer_lost_work(Orphan(Path("x"), None, 1.7e9))
    window.banner.clear()
    language.set("zh_CN")
    assert window.banner.text() == ""
