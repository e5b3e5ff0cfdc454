"""What a `MapGrid` shows, to be taken along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt

from ui.array_export import ArrayExport, plate
from ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from cnnviz.export.arrays import Plate
    from ui.widgets.map_grid import MapGrid


def grid_plate(grid: MapGrid, name: str, one: str) -> Plate | None:
    """What a grid shows; None where it is empty. one: what its maps are counted as in a table."""
    maps, channels, limits = grid.maps, grid.channels, grid.limits
    if maps is None:
        return None
    if channels is None:
        columns = int(np.ceil(np.sqrt(len(maps))))
        return plate(name, maps, limits, (one, tr("row")), columns=columns)
    axes = (one, tr("map"), tr("row"))
    kernels = maps.reshape(-1, channels, *maps.shape[1:])
    return plate(name, kernels, limits, axes, maps=maps, columns=channels)


class GridExport(ArrayExport):
    """The actions in the context menu of one grid, for views that show several."""

    def __init__(self, grid: MapGrid, name: Callable[[], str], parent: QWidget) -> None:
        """name: what the maps are called, at the moment that they are asked for."""
        super().__init__(lambda: grid_plate(grid, name(), tr("map")), parent)
        grid.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        grid.addActions(self.actions())
