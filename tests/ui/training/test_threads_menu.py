"""With how many threads is computed: chosen in a menu, remembered, by mouse or keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from ui import settings
from ui.training.device_chip import DeviceChip
from ui.training.threads_menu import ThreadsMenu, counts

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
def menu(parent: QWidget, engine: FakeEngine) -> ThreadsMenu:
    menu = ThreadsMenu(engine.client, parent)
    engine.cores = 4
    engine.come_up()
    return menu


def marked(menu: ThreadsMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isChecked()]


def test_it_offers_what_the_machine_has(menu: ThreadsMenu) -> None:
    words = [action.text() for action in menu.actions()]
    assert words == [
        "All cores", "Leave a core free", "One thread", "2 threads", "3 threads", "4 threads",
    ]  # fmt: skip
    assert marked(menu) == ["All cores"]


def test_what_is_chosen_is_said_and_marked(
    menu: ThreadsMenu, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    menu.actions()[1].trigger()
    assert engine.calls == ["0 threads, 1 free"]
    settings.set_threads(2, 0)
    engine.come_up()
    assert marked(menu) == ["2 threads"]


def test_the_keyboard_chooses(qtbot: QtBot, menu: ThreadsMenu, engine: FakeEngine) -> None:
    menu.popup(QPoint(20, 20))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(menu, key)
    assert engine.calls == ["1 threads, 0 free"]


def test_the_device_has_it_too(qtbot: QtBot, engine: FakeEngine) -> None:
    chip = DeviceChip(engine.client)
    qtbot.addWidget(chip)
    engine.come_up("cpu", ("cuda:0", "cpu"))
    (threads,) = chip._choices.findChildren(ThreadsMenu)
    assert threads.menuAction() in chip._choices.actions()
    threads.actions()[2].trigger()
    assert engine.calls == ["1 threads, 0 free"], "and no device is chosen by it"


@pytest.mark.parametrize("cores", [1, 2, 7, 128])
def test_of_many_cores_not_each_number_is_offered(cores: int) -> None:
    offered = counts(cores)
    assert offered[0] == 1
    assert len(offered) <= 10
    assert offered[-1] <= cores


@pytest.mark.parametrize("damaged", ["many", "-3", "99999", "½"])
def test_damaged_settings_mean_all_cores(damaged: str) -> None:
    settings._store().setValue("threads", damaged)
    assert settings.threads() == (0, 0)
