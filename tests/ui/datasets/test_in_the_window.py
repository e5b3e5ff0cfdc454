"""The window with other data: what is absent is offered, and colours too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnviz.data.folders import ImageFolder
from cnnviz.files import open_project, save_project
from ui.main_window import MainWindow
from ui.theme import theme
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    theme.apply(QApplication.instance())  # type: ignore[arg-type]
    window = MainWindow()
    # qtbot closes it; what a test has left unsaved is not asked about then.
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.show()
    return window


def offered(window: MainWindow) -> list[Button]:
    return [b for b in window.banner.findChildren(Button) if b.isVisible() and b.text()]


def test_a_project_whose_data_set_is_absent_opens_whole_and_offers_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    project = replace(window.session.project, dataset="cifar10", seed=5)
    save_project(tmp_path / "a.cnnviz", project, {})
    window.documents.read(tmp_path / "a.cnnviz")
    qtbot.waitUntil(
        lambda: "CIFAR-10 is not on this machine" in window.banner.text(), timeout=20_000
    )
    assert window.session.project == project
    assert not window.session.modified
    (get,) = offered(window)
    get.click()
    dialog = window.datasets.dialog
    assert dialog.isVisible()
    assert dialog.get.isVisible()
    assert "animals and vehicles" in dialog.about.text()
    assert window.banner.text() == ""
    dialog.close()
    save_project(tmp_path / "b.cnnviz", window.session.project, {})
    assert open_project(tmp_path / "b.cnnviz").project == project


def test_a_project_whose_folder_is_absent_offers_to_choose_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = ImageFolder(str(tmp_path / "gone"), 28, 28, 1, tuple("abcdefghij"), 50, 10)
    project = replace(window.session.project, dataset=folder)
    save_project(tmp_path / "a.cnnviz", project, {})
    window.documents.read(tmp_path / "a.cnnviz")
    qtbot.waitUntil(lambda: "gone is not there" in window.banner.text(), timeout=20_000)
    assert window.session.project.dataset == folder
    assert window.session.report.problem is None
    (get,) = offered(window)
    get.click()
    dialogs = window.findChildren(QFileDialog)
    assert dialogs
    dialogs[-1].close()


def test_colours_for_a_grey_network_are_offered_to_be_seen(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(2):
            Image.new("RGB", (9, 9), "red").save(tmp_path / name / f"{number}.png")
    folder = ImageFolder(str(tmp_path), 12, 12, 3, ("a", "b"), 2, 2)
    window.datasets._take_folder(folder)
    assert "sees everything in grey" in window.banner.text()
    (fit,) = offered(window)
    assert fit.text() == "Make the network's input 12×12×3"
    fit.click()
    assert window.session.network.input.channels == 3
    assert window.banner.text() == ""
    qtbot.waitUntil(lambda: window.inputs.test_image(0) is not None, timeout=20_000)
