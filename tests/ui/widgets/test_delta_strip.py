"""Layers side by side with what comes back to them: chosen by mouse and keys, told to readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.widgets.delta_strip import DeltaStrip, Tile

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent
    from pytestqt.qtbot import QtBot


def tiles(count: int = 12) -> list[Tile]:
    chance = np.random.default_rng(0)
    found = [Tile("input", "Input", "input", chance.normal(size=(3, 9, 8)), 0.5)]
    for number in range(count - 2):
        values = chance.normal(size=(20, 4, 4)) * 0.1**number
        found.append(Tile(f"u{number}", f"Layer {number}", "convolution", values, 0.1**number))
    return [*found, Tile("loss", "Loss", "", np.array([0.2, -0.9]), 0.9)]


class Behind(QWidget):
    """What a strip stands on: a press beside the tiles belongs to it."""

    pressed = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()


@pytest.fixture
def behind(qtbot: QtBot) -> Behind:
    view = Behind()
    qtbot.addWidget(view)
    view.resize(520, 150)
    view.show()
    return view


@pytest.fixture
def strip(behind: Behind) -> DeltaStrip:
    view = DeltaStrip(behind)
    view.resize(520, 150)
    view.show()
    view.set_tiles(tiles(), "u1", common=False)
    return view


def test_a_click_chooses_and_beside_the_tiles_nothing_is_chosen(
    strip: DeltaStrip, behind: Behind, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(strip.chosen) as chosen:
        where = strip.tile_rect(2).center()
        qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert chosen.args == ["u1"]
    with qtbot.assertNotEmitted(strip.chosen), qtbot.waitSignal(behind.pressed):
        between = QPoint(strip.tile_rect(1).right() + 8, 50)
        qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=between)


def test_keys_go_from_layer_to_layer_and_in(strip: DeltaStrip, qtbot: QtBot) -> None:
    for _ in range(20):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    last = strip.tile_rect(len(strip.tiles) - 1)
    assert last.right() <= strip.viewport().width()  # it is brought into view
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert chosen.args == ["loss"]
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert strip.accessibleDescription().startswith("Layer 9: δ up to 1e−9")


def test_one_range_for_all_or_each_its_own(strip: DeltaStrip) -> None:
    own = strip.grab().toImage()
    strip.set_tiles(tiles(), "u1", common=True)
    common = strip.grab().toImage()
    assert own != common
    strip.set_tiles(tiles(), "u1", common=False)
    assert strip.grab().toImage() == own


def test_layers_without_a_delta_and_strange_numbers(strip: DeltaStrip) -> None:
    strange = np.array([np.nan, np.inf, -1.0, 0.0])
    found = [
        Tile("a", "Softmax", "activation", None, 0.0),
        Tile("b", "Dense", "dense", strange, float("inf")),
        Tile("c", "Zero", "dense", np.zeros(4), 0.0),
    ]
    for common in (False, True):
        strip.set_tiles(found, "gone", common=common)
        assert not strip.grab().isNull()
    assert strip.accessibleDescription().splitlines()[1] == "Softmax"
    strip.set_tiles([], "", common=False)
    assert not strip.grab().isNull()
