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
