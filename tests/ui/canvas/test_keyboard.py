"""The canvas by keys and menus, and what it says to screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from cnnviz.network import INPUT_UID
from tests.ui.canvas.support import (
    TOO_LARGE,
    session_of,
    uids,
)
from ui.canvas.canvas import Canvas
from ui.canvas.whereabouts import card_center

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made


def press(canvas: Canvas, *keys: str) -> None:
    canvas.activateWindow()
    canvas.setFocus()
    for key in keys:
        QTest.keySequence(canvas, key)


def test_arrows_move_the_selection(canvas: Canvas) -> None:
    session = session_of(canvas)
    press(canvas, "End")
    assert session.selection == "out"
    press(canvas, "Right")
    assert session.selection == "out"
    press(canvas, "Left")
    assert session.selection == "flat"
    press(canvas, "Home")
    assert session.selection == INPUT_UID
    press(canvas, "Left", "Right", "Right")
    assert session.selection == "relu"


@pytest.mark.parametrize("keys", ["Ctrl+Shift+Right", "Alt+Right"])
def test_keys_move_the_selected_card(canvas: Canvas, keys: str) -> None:
    session = session_of(canvas)
    session.select("relu")
    press(canvas, keys)
    assert uids(session) == ["conv", "pool", "relu", "flat", "out"]
    press(canvas, keys.replace("Right", "Left"), keys.replace("Right", "Left"))
    assert uids(session) == ["relu", "conv", "pool", "flat", "out"]
    assert session.selection == "relu"
    press(canvas, keys.replace("Right", "Left"))
    assert uids(session) == ["relu", "conv", "pool", "flat", "out"]


def test_keys_delete_and_duplicate(canvas: Canvas) -> None:
    session = session_of(canvas)
    session.select("relu")
    press(canvas, "Ctrl+D")
    assert [layer.kind for layer in session.network.layers[1:3]] == ["activation", "activation"]
    assert session.selection == session.network.layers[2].uid
    press(canvas, "Del", "Del")
    assert uids(session) == ["conv", "relu", "flat", "out"]
    session.select(INPUT_UID)
    press(canvas, "Del", "Ctrl+D")
    assert uids(session) == ["conv", "relu", "flat", "out"]


def test_enter_and_double_click_ask_for_the_settings(qtbot: QtBot, canvas: Canvas) -> None:
    with qtbot.waitSignal(canvas.settings_requested):
        press(canvas, "Return")
    at = canvas.viewport().mapFromGlobal(card_center(canvas, "pool"))
    with qtbot.waitSignal(canvas.settings_requested):
        QTest.mouseDClick(
            canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
        )


def test_a_click_selects(canvas: Canvas) -> None:
    at = canvas.viewport().mapFromGlobal(card_center(canvas, "relu"))
    QTest.mouseClick(
        canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
    )
    assert session_of(canvas).selection == "relu"


def test_the_menu_offers_the_fixes_the_actions_and_the_layers(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    session.select("two")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    canvas.contextMenuEvent(event)
    menu = next(child for child in canvas.findChildren(QMenu) if child.isVisible())
    texts = [action.text() for action in menu.actions()]
    assert texts[: len(session.report.fixes)] == [str(fix.label) for fix in session.report.fixes]
    assert {"Duplicate", "Delete", "Move left", "Move right"} <= set(texts)
    insert = next(action.menu() for action in menu.actions() if action.text() == "Insert after")
    assert isinstance(insert, QMenu)
    next(action for action in insert.actions() if action.text() == "Dropout").trigger()
    assert [layer.kind for layer in session.network.layers][2] == "dropout"
    menu.actions()[0].trigger()
    menu.close()
    assert session.report.row("two").problem is None


def test_the_description_follows_the_selection(made: Made) -> None:
    session, canvas = made(TOO_LARGE)
    assert canvas.accessibleName() == "Network"
    expected = "Conv 5×5 · 8, output 24×24×8, 208 parameters, 1 of 4"
    assert canvas.accessibleDescription() == expected
    session.select("two")
    assert "does not fit: The 30×30 kernel is larger" in canvas.accessibleDescription()
    session.select("out")
    assert canvas.accessibleDescription() == "Dense 10, waiting, 4 of 4"
    session.set_field("out", "units", 11)
    assert canvas.accessibleDescription() == "Dense 11, waiting, 4 of 4"
