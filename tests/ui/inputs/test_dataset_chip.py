from __future__ import annotations

from typing import TYPE_CHECKING

from ui.inputs.dataset_chip import DatasetChip

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


def test_it_says_what_the_data_set_is(qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
    chip = DatasetChip(session, engine.client)
    qtbot.addWidget(chip)
    assert chip.text() == "MNIST"
    words = chip.accessibleDescription()
    for part in ("60,000 training", "10,000 test", "28×28", "10 classes", "CC BY-SA 3.0"):
        assert part in words
