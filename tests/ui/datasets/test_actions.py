from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from cnnviz.data.catalogue import DATA_SETS
from cnnviz.data.folders import ImageFolder
from cnnviz.data.published import PACKAGES
from cnnviz.data.storage import data_folder
from cnnviz.network import Input
from ui.datasets.actions import DataActions
from ui.i18n import language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QAction
    from pytestqt.qtbot import QtBot

    from ui.session import Session


@pytest.fixture
def data(qtbot: QtBot, session: Session) -> Iterator[DataActions]:
    window = QWidget()
    qtbot.addWidget(window)
    found = DataActions(session, window)
    yield found
    found.close()


def named(data: DataActions, title: str) -> QAction:
    return next(action for action in data.actions_menu() if action.text().startswith(title))


def pretend(name: str) -> None:
    """Files of a data set, with nothing in them."""
    for kept in PACKAGES[DATA_SETS[name].package].kept:
        if kept.data_set == name:
            folder = data_folder() / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / kept.name).touch()


def test_choosing_is_a_step_that_can_be_undone(data: DataActions, session: Session) -> None:
    assert named(data, "MNIST").isChecked()
    named(data, "Oriented edges").trigger()
    assert session.project.dataset == "toy_edges"
    assert named(data, "Oriented edges").isChecked()
    assert not named(data, "MNIST").isChecked()
    assert str(session.undo_label) == "Change the data set to Oriented edges"
    session.undo()
    assert session.project.dataset == "mnist"
    assert named(data, "MNIST").isChecked()


def test_the_last_layer_has_a_problem_with_its_fix(data: DataActions, session: Session) -> None:
    named(data, "Bars").trigger()
    problem = session.report.problem
    assert problem is not None
    assert "4 classes" in str(problem.headline) + str(problem.detail)
    session.fix(session.report.fixes[0])
    assert session.report.problem is None
    assert session.report.output is not None
    assert session.report.output.size == 4


def test_it_speaks_chinese(data: DataActions) -> None:
    language.set("zh_CN")
    assert named(data, "有方向的边缘").isCheckable()


def test_what_is_not_here_opens_the_dialog_that_gets_it(
    data: DataActions, session: Session
) -> None:
    assert named(data, "CIFAR-10").text() == "CIFAR-10…"
    named(data, "CIFAR-10").trigger()
    assert session.project.dataset == "mnist"
    assert named(data, "MNIST").isChecked()
    assert data.dialog.isVisible()
    assert "animals and vehicles" in data.dialog.about.text()
    data.dialog.close()


def test_what_is_here_is_found_out(qtbot: QtBot, data: DataActions, session: Session) -> None:
    pretend("cifar10")
    data.look_around()
    qtbot.waitUntil(lambda: named(data, "CIFAR-10").text() == "CIFAR-10", timeout=20_000)
    offered: list[str] = []
    data.mismatched.connect(lambda message: offered.append(str(message)))
    named(data, "CIFAR-10").trigger()
    assert session.project.dataset == "cifar10"
    assert len(offered) == 1
    assert "CIFAR-10 has colours, but the network's input is 28×28×1" in offered[0]
    fit = named(data, "Make the network's input 32×32×3")
    assert fit.isEnabled()
    fit.trigger()
    assert session.network.input == Input(32, 32, 3)
    assert not fit.isEnabled()
    assert "already" in fit.statusTip()


def test_a_folder_of_pictures_is_marked(data: DataActions, session: Session) -> None:
    session.set_dataset(ImageFolder("/pictures/pets", 28, 28, 1, ("cat", "dog"), 10, 2))
    assert named(data, "Folder of pictures").isChecked()
    assert not named(data, "MNIST").isChecked()
    assert str(session.undo_label) == "Change the data set to pets"
