from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from cnnviz.data.folders import ImageFolder
from ui.i18n import language
from ui.inputs.dataset_chip import DatasetChip

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from ui.session import Session


def test_it_says_what_the_data_set_is(qtbot: QtBot, session: Session) -> None:
    chip = DatasetChip(session, [])
    qtbot.addWidget(chip)
    assert chip.text() == "MNIST"
    words = chip.accessibleDescription()
    for part in ("60,000 training", "10,000 test", "28×28", "10 classes", "CC BY-SA 3.0"):
        assert part in words


def test_it_follows_the_session_and_the_language(qtbot: QtBot, session: Session) -> None:
    chip = DatasetChip(session, [])
    qtbot.addWidget(chip)
    session.set_dataset("cifar10")
    assert chip.text() == "CIFAR-10"
    assert "32×32" in chip.accessibleDescription()
    session.set_dataset("toy_shapes")
    language.set("zh_CN")
    assert chip.text() == "条形、十字和圆"
    session.undo()
    assert chip.text() == "CIFAR-10"


def test_the_others_are_to_be_chosen_below_the_facts(qtbot: QtBot, session: Session) -> None:
    choice = QAction("Another")
    chip = DatasetChip(session, [choice])
    qtbot.addWidget(chip)
    menu = chip.menu()
    assert menu is not None
    assert menu.actions()[-1] is choice


def test_a_long_name_does_not_push_the_others_out(qtbot: QtBot, session: Session) -> None:
    chip = DatasetChip(session, [])
    qtbot.addWidget(chip)
    name = "pictures of every leaf in the garden"
    session.set_dataset(ImageFolder(f"/home/{name}", 28, 28, 1, ("a", "b")))
    assert chip.text() == "pictures of every leaf …"
    assert chip.accessibleName() == f"Data set: {name}"
