"""Importing weights in the window: what is shown, what is taken, and that undo brings all back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import safetensors.numpy
from PySide6.QtWidgets import QWidget

from cnnviz.layers import BatchNorm, Conv2d, Dense, Flatten, GlobalAvgPool, Size
from cnnviz.network import Input, Network
from cnnviz.project import Project
from ui.documents import Documents
from ui.i18n import language
from ui.importing.actions import TransferActions
from ui.importing.dialog import ImportDialog
from ui.session import Session
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

NETWORK = Network(
    layers=(
        Conv2d(uid="a", filters=4, kernel=Size(3, 3)),
        BatchNorm(uid="b"),
        GlobalAvgPool(uid="c"),
        Flatten(uid="d"),
        Dense(uid="e", units=7),
    )
)


class Room:
    """A session, and what imports into it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.session = Session(Project(NETWORK), {})
        self.window = QWidget()
        self.documents = Documents(self.session, self.window)
        self.actions = TransferActions(self.session, self.documents, self.window)
        self.refused: list[str] = []
        self.told: list[str] = []
        self.documents.refused.connect(lambda message: self.refused.append(str(message)))
        self.actions.told.connect(lambda message: self.told.append(str(message)))
        qtbot.addWidget(self.window)

    def dialog(self, path: Path) -> ImportDialog:
        """What is shown of a file."""
        self.actions.importer.look(path)
        self.qtbot.waitUntil(lambda: self.window.findChild(ImportDialog) is not None)
        found = self.window.findChild(ImportDialog)
        assert found is not None
        return found

    def gone(self) -> None:
        """Until the dialog is no more."""
        self.qtbot.waitUntil(lambda: self.window.findChild(ImportDialog) is None)


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    room = Room(qtbot)
    yield room
    room.documents.close()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "w.safetensors"
    tensors = {
        "conv.weight": np.full((4, 1, 3, 3), 0.25, np.float32),
        "conv.bias": np.full(4, 0.5, np.float32),
        "fc.weight": np.zeros((1000, 4), np.float32),
        "steps": np.array(3),
    }
    safetensors.numpy.save_file(tensors, path)
    return path


def lines(dialog: ImportDialog) -> list[list[str]]:
    contents = dialog.tensors.contents()
    return [
        [contents.cell(row, column).text for column in range(5)] for row in range(contents.rows)
    ]


def test_it_shows_what_fits_and_why_the_rest_does_not(room: Room, weights: Path) -> None:
    dialog = room.dialog(weights)
    shown = lines(dialog)
    assert shown[-2] == ["✓", "Conv 3×3 · 4", "weight", "4×1×3×3", "conv.weight"]
    assert shown[0] == [
        "—", "Batch norm", "weight", "4", "nothing in the file has this place and shape",
    ]  # fmt: skip
    assert shown[-4:-2] == [
        ["+", "no layer of the network takes it", "", "1000×4", "fc.weight"],
        ["+", "its numbers are of the type I64", "", "1", "steps"],
    ]
    assert dialog.new_head.isChecked()  # the network ends in 7 numbers
    assert not dialog.normalise.isVisible()  # grey images have no colours to normalise
    language.set("zh_CN")
    theme.set_scale(1.5)
    assert dialog.windowTitle() == "导入权重"
    assert not dialog.grab().isNull()
    dialog.cancel.click()
    room.gone()
    assert room.session.undo_label is None


def test_taking_is_one_step(room: Room, weights: Path) -> None:
    before = room.session.state
    dialog = room.dialog(weights)
    dialog.freeze.setChecked(True)
    dialog.take.click()
    room.gone()
    session = room.session
    assert [layer.frozen for layer in session.network.layers] == [True, True, False, False, False]
    assert session.network.layers[-1].uid not in {"", "e"}
    assert session.report.problem is None
    assert session.state.weights["a", "weight", (4, 1, 3, 3)].max() == 0.25
    assert room.told == ["Imported 2 tensors from w.safetensors. Undo brings back what was before."]
    session.undo()
    assert session.state == before
    session.redo()
    assert len(session.state.weights) == 2


def test_images_can_be_normalised_as_the_weights_expect(room: Room, tmp_path: Path) -> None:
    session = room.session
    session.set_input(Input(28, 28, 3))
    path = tmp_path / "w.safetensors"
    safetensors.numpy.save_file({"conv.weight": np.ones((4, 3, 3, 3), np.float32)}, path)
    dialog = room.dialog(path)
    assert dialog.normalise.isVisible()
    assert not dialog.normalise.isChecked()  # these are not torchvision's names
    dialog.normalise.setChecked(True)
    dialog.new_head.setChecked(False)
    dialog.take.click()
    room.gone()
    first = session.network.layers[0]
    assert isinstance(first, BatchNorm)
    assert first.frozen
    mean = session.state.weights[first.uid, "running_mean", (3,)]
    assert mean.tolist() == pytest.approx([0.485, 0.456, 0.406])
    session.undo()
    assert session.network.layers == NETWORK.layers


def test_weights_alone(room: Room, weights: Path) -> None:
    dialog = room.dialog(weights)
    dialog.new_head.setChecked(False)
    dialog.take.click()
    room.gone()
    assert room.session.network == NETWORK
    assert len(room.session.state.weights) == 2


def test_what_cannot_be_used_is_a_sentence(room: Room, tmp_path: Path) -> None:
    wrong = tmp_path / "w.safetensors"
    wrong.write_bytes(b"nothing")
    room.actions.importer.look(wrong)
    room.qtbot.waitUntil(lambda: bool(room.refused))
    assert "no safetensors file" in room.refused[0]
    safetensors.numpy.save_file({"conv.weight": np.full((4, 1, 3, 3), np.nan, np.float32)}, wrong)
    dialog = room.dialog(wrong)
    dialog.take.click()
    room.gone()
    assert "not finite" in room.refused[1]
    assert room.session.undo_label is None


def test_cancelling_while_it_reads_takes_nothing(room: Room, weights: Path) -> None:
    dialog = room.dialog(weights)
    dialog.take.click()
    dialog.cancel.click()
    room.gone()
    room.qtbot.waitUntil(lambda: not room.documents._background.busy)
    assert room.session.undo_label is None
    assert not room.told


def test_a_new_head_and_frozen_layers_are_steps(room: Room) -> None:
    session, actions = room.session, room.actions
    assert actions.new_head.text() == "New head for the 10 classes of MNIST"
    actions.new_head.trigger()
    assert session.report.problem is None
    actions.freeze_body.trigger()
    assert session.report.trainable == 4 * 10 + 10
    assert not actions.freeze_body.isEnabled()
    actions.unfreeze.trigger()
    assert session.report.trainable == session.report.parameters
    assert not actions.unfreeze.isEnabled()
    for _ in range(3):
        session.undo()
    assert session.network == NETWORK
