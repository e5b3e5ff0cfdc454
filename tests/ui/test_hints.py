"""Three hints that go away by doing, never come back, and can be switched off and on again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.support.fake_engine import progress
from ui import settings
from ui.i18n import language
from ui.main_window import MainWindow
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def opened(qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.resize(1280, 720)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot)


def shown(window: MainWindow) -> list[str]:
    if window.hints.isHidden():
        return []
    return [step for step, button in window.hints._buttons.items() if not button.isHidden()]


def test_each_goes_by_doing_it(window: MainWindow) -> None:
    assert shown(window) == ["draw", "change", "train"]
    assert window.hints.action.isChecked()
    window.inputs._pad.stroke_finished.emit()
    assert shown(window) == ["change", "train"]
    uid = window.session.network.layers[0].uid
    window.session.duplicate(uid)  # no number has been changed by that
    window.session.select(uid)
    assert shown(window) == ["change", "train"]
    window.session.set_field(uid, "filters", 5)
    assert shown(window) == ["train"]
    window.engine.progress_changed.emit(progress("running"))
    assert shown(window) == []
    assert not window.hints.action.isChecked()


def test_what_was_done_never_comes_back(window: MainWindow, qtbot: QtBot) -> None:
    window.hints.done("draw")
    window.session.undo()
    assert shown(opened(qtbot)) == ["change", "train"]


def test_switched_off_and_brought_back(window: MainWindow, qtbot: QtBot) -> None:
    window.hints.done("train")
    qtbot.mouseClick(window.hints._close, Qt.MouseButton.LeftButton)
    assert shown(window) == []
    assert shown(opened(qtbot)) == []
    window.hints.action.trigger()
    assert shown(window) == ["draw", "change", "train"]
    window.hints.action.trigger()
    assert shown(window) == []
    assert not settings.hints()


def test_a_hint_brings_the_keyboard_there(window: MainWindow, qtbot: QtBot) -> None:
    def focus() -> str:
        widget = QApplication.focusWidget()
        return "" if widget is None else widget.accessibleName()

    for step in ("change", "train", "draw"):
        button = window.hints._buttons[step]
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
        if step == "change":
            assert focus() == "Filters"
        elif step == "train":
            assert focus() == "Train"
        else:
            focused = QApplication.focusWidget()
            assert focused is not None
            assert window.inputs.isAncestorOf(focused)


def test_the_keyboard_is_not_lost_when_they_go(window: MainWindow, qtbot: QtBot) -> None:
    window.hints._close.setFocus()
    qtbot.keyClick(window.hints._close, Qt.Key.Key_Space)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert window.inputs.isAncestorOf(focused)


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_they_cover_nothing_and_are_not_cut_off(
    window: MainWindow, qtbot: QtBot, scale: float, code: str
) -> None:
    language.set(code)
    theme.set_scale(scale)
    qtbot.wait(50)
    hints = window.hints
    assert hints.geometry().bottom() < window._rows.geometry().top()
    assert window.width() == 1280
    for button in hints._buttons.values():
        assert button.width() >= button.sizeHint().width()
        assert hints._flowing.rect().contains(button.geometry())
    assert hints.height() <= 2 * (hints._buttons["draw"].sizeHint().height() + theme.px(8))
