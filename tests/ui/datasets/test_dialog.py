from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QProgressBar, QWidget

from cnnviz.data.catalogue import DATA_SETS
from tests.ui.datasets.shelf import small_kmnist
from tests.ui.sessions import only
from ui.datasets.dialog import DataDialog
from ui.datasets.library import Library
from ui.i18n import language

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.data.web import Web


class Desk:
    """The dialog on the screen, and what it asks for."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.library = Library(self.parent)
        self.dialog = DataDialog(self.library, self.parent)
        self.dialog.show()
        self.wanted: list[str] = []
        self.dialog.wanted.connect(self.wanted.append)

    def wait_for_the_end(self) -> None:
        self.qtbot.waitUntil(lambda: not self.library.is_coming("kmnist"), timeout=20_000)

    def row(self, name: str) -> list[str]:
        contents = self.dialog.table.contents()
        row = list(DATA_SETS).index(name)
        return [contents.cell(row, column).text for column in range(len(contents.head))]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with small_kmnist(monkeypatch) as found:
        yield found


@pytest.fixture
def desk(qtbot: QtBot, web: Web) -> Iterator[Desk]:
    found = Desk(qtbot)
    yield found
    found.dialog.close()
    found.library.close()


def test_it_says_what_each_is_and_how_much_there_is_to_fetch(desk: Desk) -> None:
    assert desk.row("mnist") == ["✓", "MNIST", "70,000", "28×28×1", "10", ""]
    assert desk.row("cifar10") == ["", "CIFAR-10", "60,000", "32×32×3", "10", "170 MB"]
    desk.dialog.choose("emnist_letters")
    assert "capital and small" in desk.dialog.about.text()
    assert "26 classes: A, B, C" in desk.dialog.facts.text()
    assert "EMNIST balanced, EMNIST digits come along" in desk.dialog.state.text()
    assert "Licence" in desk.dialog.source.text()
    assert desk.dialog.get.text() == "Get it (562 MB)"
    assert not desk.dialog.use.isEnabled()
    desk.dialog.choose("toy_edges")
    assert not desk.dialog.get.isVisible()
    assert desk.dialog.use.isEnabled()


def test_got_and_learned_from(desk: Desk, web: Web) -> None:
    desk.dialog.choose("kmnist")
    assert web.asked == []  # nothing begins by itself
    desk.dialog.get.click()
    assert desk.dialog.stop.isVisible()
    assert desk.row("kmnist")[0] == "…"
    desk.wait_for_the_end()
    assert desk.row("kmnist")[0] == "✓"
    assert "on this machine" in desk.dialog.state.text()
    desk.dialog.use.click()
    assert desk.wanted == ["kmnist"]


def test_progress_and_cancel(desk: Desk, web: Web) -> None:
    gate = threading.Event()
    web.before_answer = lambda: gate.wait(30)
    desk.dialog.choose("kmnist")
    desk.dialog.get.click()
    bar = only(QProgressBar, desk.dialog)
    desk.qtbot.waitUntil(lambda: "Fetching" in desk.dialog.state.text(), timeout=20_000)
    assert bar.isVisible()
    desk.dialog.choose("mnist")  # another one is looked at meanwhile
    assert not bar.isVisible()
    desk.dialog.choose("kmnist")
    assert bar.isVisible()
    desk.dialog.stop.click()
    assert desk.dialog.state.text() == "Stopping…"  # a server may take its time
    assert not desk.dialog.stop.isEnabled()
    gate.set()
    desk.wait_for_the_end()
    assert not bar.isVisible()
    assert desk.dialog.get.isVisible()
    assert desk.dialog.state.text().startswith("It is fetched once")


def test_trouble_is_a_sentence_and_can_be_tried_again(desk: Desk, web: Web) -> None:
    whole = web.files["/train-images-idx3-ubyte.gz"]
    web.files["/train-images-idx3-ubyte.gz"] = bytes(len(whole))
    desk.dialog.choose("kmnist")
    desk.dialog.get.click()
    desk.wait_for_the_end()
    assert "its checksum differs" in desk.dialog.state.text()
    language.set("zh_CN")
    assert "校验和不符" in desk.dialog.state.text()
    web.files["/train-images-idx3-ubyte.gz"] = whole
    desk.dialog.get.click()
    desk.wait_for_the_end()
    assert desk.library.is_here("kmnist")


def choose_file(desk: Desk, path: Path) -> None:
    dialog = only(QFileDialog, desk.dialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()


@pytest.mark.parametrize("button", ["from_file", "from_folder"])
def test_from_a_usb_stick(desk: Desk, web: Web, tmp_path: Path, button: str) -> None:
    for name, data in web.files.items():
        (tmp_path / name[1:]).write_bytes(data)
    desk.dialog.choose("kmnist")
    getattr(desk.dialog, button).click()
    first = tmp_path / "train-images-idx3-ubyte.gz"
    choose_file(desk, first if button == "from_file" else tmp_path)
    desk.wait_for_the_end()
    assert desk.library.is_here("kmnist")
    assert web.asked == []


def test_by_keyboard(desk: Desk) -> None:
    desk.dialog.choose("mnist")
    for _ in range(2):
        desk.qtbot.keyClick(desk.dialog.table, Qt.Key.Key_Down)
    assert "four directions" in desk.dialog.about.text()
    desk.dialog.use.setFocus()
    desk.qtbot.keyClick(desk.dialog.use, Qt.Key.Key_Space)
    assert desk.wanted == ["toy_edges"]


def test_closing_the_program_gives_up(qtbot: QtBot, web: Web) -> None:
    desk = Desk(qtbot)
    gate = threading.Event()
    web.before_answer = lambda: gate.wait(30)
    desk.library.fetch("kmnist")
    desk.dialog.close()
    desk.library.close()  # waits no longer for an answer than half a second
    gate.set()
    assert not desk.library.is_here("kmnist")
