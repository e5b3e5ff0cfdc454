"""The confusion matrix with long names, and with very many classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from ui.widgets.confusion_grid import ConfusionGrid

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

TEN = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def shown(qtbot: QtBot, names: tuple[str, ...], width: int = 240) -> ConfusionGrid:
    grid = ConfusionGrid()
    qtbot.addWidget(grid)
    grid.set_counts(np.eye(len(names), dtype=np.int64) * 9, names)
    grid.resize(width, grid.heightForWidth(width))
    grid.show()
    return grid


@pytest.mark.parametrize(
    "names", [tuple("0123456789"), TEN, tuple(f"kind {n}" for n in range(100))]
)
def test_every_cell_is_inside_and_can_be_chosen(qtbot: QtBot, names: tuple[str, ...]) -> None:
    grid = shown(qtbot, names)
    last = len(names) - 1
    for cell in ((0, 0), (last, 0), (0, last), (last, last), (last // 2, last // 3)):
        rect = grid._rect(*cell)
        assert grid.rect().adjusted(-1, -1, 1, 1).contains(rect.toAlignedRect())
        with qtbot.waitSignal(grid.chosen) as told:
            middle = QPoint(int(rect.center().x()), int(rect.center().y()))
            qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=middle)
        assert told.args == list(cell)


def test_long_names_stand_upright_above_and_do_not_overlap(qtbot: QtBot) -> None:
    short, long = shown(qtbot, tuple("0123456789")), shown(qtbot, TEN)
    assert short._head(240) == short._side(240) + short._title()
    assert long._head(240) > 2 * long._side(240)
    assert not long.grab().isNull()


def test_the_height_follows_the_width(qtbot: QtBot) -> None:
    grid = shown(qtbot, TEN)
    grid.resize(480, 100)
    assert grid.sizeHint().height() == grid.heightForWidth(480)


@pytest.mark.parametrize("width", [300, 240])
def test_a_count_of_four_digits_is_shown_in_smaller_type(qtbot: QtBot, width: int) -> None:
    """240: as wide as the right column of a window has it."""
    grid = shown(qtbot, tuple("0123456789"), width)
    pictures = []
    for count in (1127, 1128):
        grid.set_counts(np.eye(10, dtype=np.int64) * count, tuple("0123456789"))
        pictures.append(grid.grab().toImage())
    assert pictures[0] != pictures[1]
