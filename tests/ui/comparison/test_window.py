"""The window of the comparison: what it shows, and that it follows every edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz.files import Opened
from cnnviz.layers import Size
from cnnviz.message import Message, UserError
from cnnviz.network import Network
from cnnviz.presets import preset
from cnnviz.project import Project
from tests.ui.sessions import small_session
from ui.comparison.sides import side_of_file, side_of_preset
from ui.comparison.window import ComparisonWindow
from ui.documents import Documents
from ui.i18n import language
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from ui.session import Session


@pytest.fixture
def session() -> Session:
    return small_session()


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Iterator[ComparisonWindow]:
    owner = QWidget()
    documents = Documents(session, owner)
    qtbot.addWidget(owner)
    window = ComparisonWindow(session, documents, owner)
    yield window
    documents.close()


def marks(window: ComparisonWindow) -> str:
    contents = window.layers.contents()
    return "".join(contents.cell(row, 5).text for row in range(contents.rows))


def test_an_edit_is_compared_with_what_was_before(
    session: Session, window: ComparisonWindow
) -> None:
    session.set_field("conv", "kernel", Size(3, 3))
    window.show()
    assert window.side.text() == "Before: Change Kernel of Conv"
    assert marks(window) == "≠≠≠≠≠"
    first = [window.layers.contents().cell(0, column) for column in range(11)]
    assert [cell.text for cell in first] == [
        "Conv 5×5 · 8", "24×24×8", "208", "115,200", "5×5", "≠",
        "Conv 3×3 · 8", "26×26×8", "80", "48,672", "3×3",
    ]  # fmt: skip
    assert all(cell.strong for place, cell in enumerate(first) if place != 5)
    assert first[0].tip == "Kernel: 5×5 → 3×3"


def test_it_follows_edits_and_undo(session: Session, window: ComparisonWindow) -> None:
    session.set_field("conv", "filters", 9)
    window.show()
    session.delete("relu")
    assert marks(window) == "≠−≠≠≠"
    session.undo()
    session.undo()
    assert marks(window) == "====="
    assert window.comparison.right is session.report


def test_only_differences(session: Session, window: ComparisonWindow) -> None:
    session.set_field("out", "units", 12)
    window.show()
    window.only_differences.setChecked(True)
    assert marks(window) == "≠"
    assert window.layers.contents().cell(0, 0).text == "Dense 10"


def test_known_networks_and_files(session: Session, window: ComparisonWindow) -> None:
    window.show()
    assert window.side.text() == "LeNet-5"  # there is no step yet
    window.choose(side_of_preset("vgg-16"))
    totals = window.totals.contents()
    assert totals.head[1:3] == ("VGG-16", "This network")
    assert totals.cell(1, 1).text == "138,357,544"
    window.choose(side_of_file(Path("a.json"), Opened(Project(preset("tiny")), {})))
    assert window.side.text() == "a.json"


def test_the_menu_offers_steps_and_networks(session: Session, window: ComparisonWindow) -> None:
    session.set_field("conv", "filters", 9)
    session.delete("relu")
    window.show()
    menu = window.side.menu()
    assert isinstance(menu, QMenu)
    steps, presets = (action.menu() for action in menu.actions()[:2])
    assert isinstance(steps, QMenu)
    assert isinstance(presets, QMenu)
    steps.aboutToShow.emit()
    assert [action.text() for action in steps.actions()] == [
        "Before: Delete ReLU",
        "Before: Change Filters of Conv",
    ]
    steps.actions()[1].trigger()
    assert marks(window) == "≠−≠≠≠"
    known = [one for group in presets.findChildren(QMenu) for one in group.actions()]
    next(one for one in known if one.text() == "VGG-19 with batch norm").trigger()
    assert window.side.text() == "VGG-19 with batch norm"


def test_a_network_that_cannot_be_read_is_a_sentence(
    session: Session, window: ComparisonWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Network:
        raise UserError(Message("There is no file {file} in {folder}.", file=name, folder="x"))

    said: list[str] = []
    window.show()
    window.side._documents.refused.connect(lambda message: said.append(str(message)))
    monkeypatch.setattr("ui.comparison.sides.preset", missing)
    window.side._choose_preset("tiny")
    assert said == ["There is no file tiny in x."]
    assert window.side.text() == "LeNet-5"


def test_another_project_ends_a_comparison_with_a_step(
    session: Session, window: ComparisonWindow
) -> None:
    session.set_field("conv", "filters", 9)
    window.show()
    session.open(Project(preset("tiny")), {}, None)
    assert window.side.text() == "LeNet-5"
    assert window.comparison.right is session.report


def test_copying(session: Session, window: ComparisonWindow) -> None:
    session.set_field("conv", "filters", 9)
    window.show()
    clipboard = QGuiApplication.clipboard()
    window.copy_markdown.click()
    assert clipboard.text().startswith("|  | Before: Change Filters of Conv: Layer |")
    window.copy_csv.click()
    assert clipboard.text().startswith("verdict,differs,left_path,left_layer")
    window.layers.selectRow(1)
    QTest.keyClick(window.layers, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text().splitlines()[1].split("\t")[:3] == ["ReLU", "24×24×8", "0"]


def test_languages_themes_and_sizes(session: Session, window: ComparisonWindow) -> None:
    session.set_field("conv", "filters", 9)
    window.show()
    language.set("zh_CN")
    theme.set_scale(1.5)
    theme.set_mode("dark")
    assert window.windowTitle() == "对比"
    assert window.layers.contents().cell(0, 0).text == "卷积 5×5 · 8"
    assert not window.grab().isNull()
    assert window.layers.accessibleName() == "两个网络的各层"


def test_all_totals_are_seen_at_once_with_large_type(
    session: Session, window: ComparisonWindow
) -> None:
    theme.set_scale(1.5)
    session.set_field("conv", "filters", 9)
    window.resize(1280, 720)
    window.show()
    assert window.totals.verticalScrollBar().maximum() == 0
    assert window.layers.height() >= window.totals.height()


def test_screen_readers_hear_the_verdict(session: Session, window: ComparisonWindow) -> None:
    session.set_field("conv", "filters", 9)
    window.show()
    model = window.layers.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(0, 5), role) == "Filters: 8 → 9"
    session.delete("relu")
    assert model.data(model.index(1, 5), role) == "only left"


def test_while_hidden_it_does_nothing(session: Session, window: ComparisonWindow) -> None:
    window.show()
    window.close()
    before = window.comparison
    session.set_field("conv", "filters", 9)
    assert window.comparison is before
    window.show()
    assert window.comparison.right is session.report
