"""The comparison as an action of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ui.main_window import MainWindow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_it_opens_follows_and_closes(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.show()
    action = next(one for one in window.menus.view.actions() if one.text() == "Compare…")
    action.trigger()
    assert window.comparison.isVisible()
    uid = window.session.network.layers[0].uid
    window.session.set_field(uid, "filters", 5)
    assert window.comparison.comparison.right.network.layers[0].filters == 5  # type: ignore[union-attr]
    QTest.keyClick(window.comparison, Qt.Key.Key_Escape)
    assert not window.comparison.isVisible()
    action.trigger()
    assert window.comparison.isVisible()
