"""The command palette has every action of the menus and every layer, and runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from cnnviz.network import INPUT_UID
from tests.support.listener import Listener
from ui import settings
from ui.finder.commands import commands_of, plain
from ui.finder.finder import MOST, Finder
from ui.i18n import language
from ui.main_window import MainWindow
from ui.theme import theme
from ui.widgets.number_fields import IntField

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QAction
    from pytestqt.qtbot import QtBot


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def opened(window: MainWindow) -> Finder:
    window.help.find.trigger()
    (finder,) = (f for f in window.findChildren(Finder) if not f.isHidden())
    return finder


def line(finder: Finder) -> QLineEdit:
    found = finder.findChild(QLineEdit)
    assert found is not None
    return found


def press(finder: Finder, key: Qt.Key) -> None:
    QTest.keyClick(line(finder), key)


def typed(finder: Finder, words: str) -> list[str]:
    line(finder).setText(words)
    return [command.words for command in finder.found()]


def leaves(menu: QMenu) -> list[QAction]:
    menu.aboutToShow.emit()
    found = []
    for action in menu.actions():
        inner = action.menu()
        found += leaves(inner) if isinstance(inner, QMenu) else [action]
    return [action for action in found if not action.isSeparator()]


def test_every_action_of_the_menus_is_in_it(window: MainWindow) -> None:
    known = [command.words for command in commands_of(window.menuBar())]
    menus = [top.menu() for top in window.menuBar().actions()]
    words = [
        plain(action.text()) for menu in menus if isinstance(menu, QMenu) for action in leaves(menu)
    ]
    assert known == words
    assert len(words) > 80
    # Also what the menus list only when they are opened.
    assert {"LeNet-5", "Dense", "Group norm", "Clear this list", "简体中文"} <= set(known)


def test_recent_files_are_in_it(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "for forty students.cnnviz"
    path.touch()
    settings.add_recent(path)
    assert typed(opened(window), "forty")[0] == path.name


def test_layers_are_jumped_to(window: MainWindow) -> None:
    finder = opened(window)
    layer = window.session.network.layers[-1]
    assert typed(finder, f"{len(window.session.network.layers)} dense")
    press(finder, Qt.Key.Key_Return)
    assert window.session.selection == layer.uid
    assert finder.isHidden()
    assert window.canvas.hasFocus()


def test_found_in_both_languages_whatever_is_spoken(window: MainWindow, qtbot: QtBot) -> None:
    assert typed(opened(window), "撤销")[0].startswith("Undo")
    assert "Dark" in typed(opened(window), "主题 深色")
    heard = Listener(language.changed)
    window.menus.next_language()
    qtbot.waitUntil(lambda: heard.times == 1 and window.updatesEnabled())
    assert "深色" in typed(opened(window), "theme dark")
    assert typed(opened(window), "kernels")[0] == "卷积核"
    window.session.set_field(window.session.network.layers[0].uid, "filters", 5)
    assert typed(opened(window), "undo")[0].startswith("撤销：")


def test_a_language_is_found_by_who_cannot_read_the_present_one(window: MainWindow) -> None:
    for words in ("chinese", "zhongwen", "中文"):
        assert typed(opened(window), words)[0] == "简体中文"
    window.menus.next_language()
    for words in ("英文", "yingyu", "english"):
        assert typed(opened(window), words)[0] == "English"


def test_enter_runs_and_the_keyboard_goes_back(window: MainWindow) -> None:
    window.canvas.setFocus()
    finder = opened(window)
    assert QApplication.focusWidget() is line(finder)
    assert typed(finder, "larger")[0] == "Larger type"
    press(finder, Qt.Key.Key_Return)
    assert theme.scale == 1.25
    assert window.canvas.hasFocus()


def test_escape_does_nothing_but_close(window: MainWindow) -> None:
    window.inputs.setFocus()
    had = QApplication.focusWidget()
    finder = opened(window)
    press(finder, Qt.Key.Key_Escape)
    assert finder.isHidden()
    assert QApplication.focusWidget() is had


def test_arrows_choose_and_a_screen_reader_hears_it(window: MainWindow) -> None:
    finder = opened(window)
    assert "New" in line(finder).accessibleDescription()
    typed(finder, "move")
    press(finder, Qt.Key.Key_Down)
    chosen = finder.found()[1]
    said = line(finder).accessibleDescription()
    assert said.startswith(chosen.words)
    assert chosen.keys in said
    for _ in range(MOST):
        press(finder, Qt.Key.Key_Up)
    assert line(finder).accessibleDescription().startswith(finder.found()[0].words)


def test_what_cannot_be_done_says_why_and_stays_undone(window: MainWindow) -> None:
    finder = opened(window)
    assert typed(finder, "redo")[0] == "Redo"
    assert "Nothing has been taken back" in line(finder).accessibleDescription()
    press(finder, Qt.Key.Key_Return)
    assert not finder.isHidden()


def test_without_a_selection_layers_say_that_one_is_needed(window: MainWindow) -> None:
    window.session.select(INPUT_UID)
    finder = opened(window)
    assert typed(finder, "duplicate")[0] == "Duplicate"
    assert "Select a layer first" in line(finder).accessibleDescription()


def test_it_opens_from_within_a_number_field(window: MainWindow) -> None:
    window.inspector.show_settings()
    field = QApplication.focusWidget()
    assert isinstance(field, IntField)
    QTest.keyClick(field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.help.finder is not None
    assert not window.help.finder.isHidden()
    assert field.value() == 8


def test_nothing_found_says_so(window: MainWindow) -> None:
    finder = opened(window)
    assert typed(finder, "zzzzz") == []
    assert line(finder).accessibleDescription() == "No command or layer has that name."
    press(finder, Qt.Key.Key_Return)
    press(finder, Qt.Key.Key_Down)
    assert not finder.isHidden()


def test_it_goes_when_something_else_gets_the_keyboard(window: MainWindow) -> None:
    finder = opened(window)
    window.canvas.setFocus()
    assert finder.isHidden()
    assert window.canvas.hasFocus()
