"""What a grid of maps shows is taken along from its context menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui.grid_export import GridExport, grid_plate
from ui.widgets.map_grid import MapGrid

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

MAPS = np.random.default_rng(2).normal(size=(3, 4, 5)).astype(np.float32)


def test_what_is_on_show_at_that_moment_is_taken(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    grid = MapGrid(window)
    assert grid_plate(grid, "none", "map") is None
    export = GridExport(grid, lambda: "Difference", window)
    grid.set_maps(MAPS, 2.0)
    offered = grid_plate(grid, "Difference", "map")
    assert offered is not None
    np.testing.assert_array_equal(offered.values, MAPS)
    assert (offered.limit, offered.axes) == (2.0, ("map", "row"))
    assert grid.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert grid.actions() == export.actions()
    told: list[str] = []
    export.told.connect(lambda message: told.append(str(message)))
    export.copy.trigger()
    qtbot.waitUntil(lambda: bool(told))
    words = QGuiApplication.clipboard().text()
    assert words.startswith("map\trow\t0\t1")
    assert str(MAPS[2, 3, 4]) in words
    export.finish()
