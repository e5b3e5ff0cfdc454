from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtWidgets import QProgressBar, QWidget

from cnnviz.data import folder_images
from cnnviz.data.datasets import load
from cnnviz.network import Input
from tests.ui.sessions import only
from ui.datasets.folder_dialog import FolderDialog
from ui.i18n import language

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from cnnviz.data.folders import ImageFolder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for name, colour in (("ants", "red"), ("bees", "blue")):
        (tmp_path / name).mkdir()
        for number in range(12):
            Image.new("RGB", (30 + number, 40), colour).save(tmp_path / name / f"{number}.png")
    (tmp_path / "none").mkdir()
    (tmp_path / "bees" / "broken.png").write_bytes(b"no")
    return tmp_path


class Asked:
    """The dialog for a folder, and what came of it."""

    def __init__(self, qtbot: QtBot, path: Path, image: Input = Input(28, 28, 3)) -> None:  # noqa: B008
        self.qtbot = qtbot
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.ready: list[ImageFolder] = []
        self.told: list[str] = []
        self.dialog = FolderDialog(path, image, self.parent)
        self.dialog.ready.connect(self.ready.append)
        self.dialog.told.connect(lambda message: self.told.append(str(message)))
        self.dialog.open()

    def wait(self, words: str) -> None:
        self.qtbot.waitUntil(
            lambda: words in self.dialog.found.text() + self.dialog.notes.text(), timeout=20_000
        )


def test_what_is_in_it_and_what_becomes_of_it(qtbot: QtBot, pictures: Path) -> None:
    asked = Asked(qtbot, pictures)
    asked.wait("2 classes: ants (12), bees (13)")
    dialog = asked.dialog
    assert "21 training images, 4 test images" in dialog.found.text()
    assert "A sixth of each class" in dialog.found.text()
    assert "left out (none)" in dialog.notes.text()
    assert (dialog.rows.value(), dialog.columns.value(), dialog.channels.value()) == (28, 28, 3)
    for field in (dialog.rows, dialog.columns, dialog.channels):
        assert field.height() >= field.minimumSizeHint().height(), "nothing is cut off"
    dialog.rows.set_value(16)
    dialog.columns.set_value(24)
    dialog.take.click()
    qtbot.waitUntil(lambda: bool(asked.ready), timeout=20_000)
    (folder,) = asked.ready
    assert (folder.height, folder.width, folder.channels) == (16, 24, 3)
    assert folder.train_count + folder.test_count == 24  # as many as can be read
    assert asked.told == [
        "1 of 25 pictures could not be read and were left out (bees/broken.png for one)."
    ]
    assert load(folder).train_images.shape == (folder.train_count, 16, 24, 3)


def test_a_grey_network_gets_grey_pictures(qtbot: QtBot, pictures: Path) -> None:
    asked = Asked(qtbot, pictures, Input(10, 12, 1))
    asked.wait("2 classes")
    asked.dialog.take.click()
    qtbot.waitUntil(lambda: bool(asked.ready), timeout=20_000)
    assert load(asked.ready[0]).test_images.shape[1:] == (10, 12)


def test_a_size_that_cannot_be_is_not_taken(qtbot: QtBot, pictures: Path) -> None:
    asked = Asked(qtbot, pictures)
    asked.wait("2 classes")
    for text, possible in (("0", False), ("600", False), ("64", True)):
        line = asked.dialog.rows.lineEdit()
        line.selectAll()
        qtbot.keyClicks(line, text)
        assert asked.dialog.take.isEnabled() is possible
    asked.dialog.reject()


def test_one_class_only_is_said_at_once(qtbot: QtBot, pictures: Path) -> None:
    asked = Asked(qtbot, pictures / "ants")
    asked.wait("two classes at least")
    assert not asked.dialog.take.isEnabled()
    language.set("zh_CN")
    assert "至少需要两个类别" in asked.dialog.notes.text()
    asked.dialog.reject()


def test_too_large_is_said_and_another_size_can_be_chosen(
    qtbot: QtBot, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_images, "MAX_BYTES", 20_000)
    asked = Asked(qtbot, pictures)
    asked.wait("2 classes")
    asked.dialog.take.click()
    asked.wait("Choose a smaller size")
    asked.dialog.rows.set_value(8)
    asked.dialog.columns.set_value(8)
    asked.dialog.take.click()
    qtbot.waitUntil(lambda: bool(asked.ready), timeout=20_000)


def test_cancelled_while_it_reads(
    qtbot: QtBot, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(qtbot, pictures)
    asked.wait("2 classes")
    asked.dialog.take.click()
    assert only(QProgressBar, asked.dialog).isVisible()
    assert not asked.dialog.take.isEnabled()
    asked.dialog.cancel.click()
    qtbot.wait(100)
    assert asked.ready == []
