from __future__ import annotations

from typing import TYPE_CHECKING

from ui.training.device_chip import DeviceChip

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine


def test_it_names_the_device_and_changes_it(qtbot: QtBot, engine: FakeEngine) -> None:
    chip = DeviceChip(engine.client)
    qtbot.addWidget(chip)
    assert chip.text() == "Starting…"
    engine.come_up("cuda:0", ("cuda:0", "cpu"))
    assert chip.text() == "CUDA:0"
    assert "2 threads" in chip.toolTip()
    choices = chip.menu().actions()[:2]  # those of the threads follow
    assert [(a.text(), a.isChecked()) for a in choices] == [("CUDA:0", True), ("CPU", False)]
    choices[0].trigger()
    assert engine.calls == []
    choices[1].trigger()
    assert engine.calls == ["use cpu"]
    assert choices[0].isChecked()  # until the engine says that it has moved
    engine.come_up("cpu", ("cuda:0", "cpu"))
    assert chip.text() == "CPU"
    assert [a.isChecked() for a in chip.menu().actions()[:2]] == [False, True]
    engine.device = None
    engine.trouble.emit(None)
    assert chip.text() == "Starting…"


def test_its_menu_stays_as_it_is_while_the_devices_do(qtbot: QtBot, engine: FakeEngine) -> None:
    chip = DeviceChip(engine.client)
    qtbot.addWidget(chip)
    engine.come_up("cpu", ("cuda:0", "cpu"))
    before = chip.menu().actions()
    engine.come_up("cuda:0", ("cuda:0", "cpu"))
    assert chip.menu().actions() == before  # it may stand open
    assert before[0].isChecked()
    engine.come_up("cpu", ("cpu",))
    assert [action.text() for action in chip.menu().actions()][:1] == ["CPU"]
