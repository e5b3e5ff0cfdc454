"""One key for a room full of people; the same key brings everything back, also after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from cnnviz.layers import Dense
from cnnviz.network import Network
from ui import settings
from ui.main_window import MainWindow
from ui.projector import SETTLED_MILLISECONDS
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def opened(qtbot: QtBot) -> MainWindow:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.resize(1400, 860)
    window.show()
    qtbot.wait(50)
    return window


def arrangement(window: MainWindow) -> dict[str, object]:
    return {
        "panels": [action.isChecked() for action in window._panels.values()],
        "visible": [window.palette_bar.isVisible(), window.inspector.isVisible()],
        "rows": window._rows.sizes(),
        "columns": window._columns.sizes(),
        "size": window.size(),
        "look": (theme.dark, theme.scale, theme.mode),
        "checked": window.projector.action.isChecked(),
    }


def same(window: MainWindow, before: dict[str, object], qtbot: QtBot) -> None:
    def check() -> None:
        assert arrangement(window) == before

    qtbot.waitUntil(check)


def ended(window: MainWindow, qtbot: QtBot) -> None:
    """Close it as the program does when it ends."""
    window._closing = True
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_the_same_key_brings_everything_back(qtbot: QtBot) -> None:
    theme.set_mode("dark")
    theme.set_scale(1.25)
    window = opened(qtbot)
    window._panels["output"].trigger()
    window._rows.setSizes([400, 300])
    qtbot.wait(50)
    before = arrangement(window)
    window.projector.action.trigger()
    qtbot.waitUntil(lambda: theme.colors.surface == "#ffffff" and not theme._turns.under_way)
    assert theme.scale == 1.875
    assert window.outputs.isVisible()
    assert window.inputs.isVisible()
    assert not window.inspector.isVisible()
    assert not window.palette_bar.isVisible()
    window._panels["detail"].trigger()  # what one does meanwhile is forgotten
    window.projector.action.trigger()
    same(window, before, qtbot)


def test_also_after_a_restart_in_between(qtbot: QtBot) -> None:
    theme.set_mode("dark")
    first = opened(qtbot)
    first._panels["input"].trigger()
    first._rows.setSizes([400, 300])
    qtbot.wait(50)
    before = arrangement(first)
    first.projector.action.trigger()
    qtbot.waitUntil(lambda: not theme._turns.under_way and not theme.dark)
    ended(first, qtbot)
    theme.set_projector(False)  # a new program
    again = opened(qtbot)
    assert theme.projector
    assert again.projector.action.isChecked()
    assert not again.inspector.isVisible()
    again.projector.action.trigger()
    same(again, before, qtbot)
    assert not settings.projector()


def test_a_second_press_at_once_leaves_all_as_it_was(qtbot: QtBot) -> None:
    window = opened(qtbot)
    before = arrangement(window)
    window.projector.action.trigger()
    window.projector.action.trigger()
    qtbot.waitUntil(lambda: not theme._turns.under_way)
    same(window, before, qtbot)


def test_a_problem_in_sight_stays_there_both_ways(qtbot: QtBot) -> None:
    """Its words are as wide as the canvas for a moment, so that its card is a hair beside it."""
    theme.set_scale(1.5)
    window = opened(qtbot)
    window.resize(1280, 720)
    first, *others = window.session.network.layers
    layers = (first, Dense(uid="new", units=64), *others)
    window.session.edit(Network(layers=layers), Dense().name)
    window.session.select("new")
    bubble = window.canvas.bubble
    qtbot.waitUntil(bubble.isVisible)
    for projector in (True, False):
        window.projector.action.trigger()
        assert theme.projector == projector
        qtbot.waitUntil(lambda: theme.settled)
        qtbot.wait(3 * SETTLED_MILLISECONDS)
        assert bubble.isVisible()
        assert window.canvas.viewport().rect().intersects(bubble.geometry())
