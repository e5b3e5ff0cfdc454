"""The maps of a card, each in its own cell wherever they are painted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSize
from PySide6.QtGui import QImage, QPaintDevice, QPainter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from PySide6.QtWidgets import QGraphicsRectItem, QStyleOptionGraphicsItem

from cnnviz.layers import Maps
from ui.canvas.layout import Grid
from ui.canvas.map_picture import MapPicture

CELL = 20.0
MAPS = (1.0, -1.0, 0.5, -0.5)
"""The value that each map has everywhere."""
SIZE = QSize(40, 40)


@pytest.fixture
def card(qapp: object) -> QGraphicsRectItem:
    return QGraphicsRectItem()


@pytest.fixture
def picture(card: QGraphicsRectItem) -> MapPicture:
    """Four maps in two rows and two columns, side by side without a gap."""
    made = MapPicture(card, grey=False)
    made.set_grid(Grid(2, 2, len(MAPS), CELL, CELL), Maps(6, 6, len(MAPS)))
    values = np.repeat(np.array(MAPS, np.float32), 36).reshape(-1, 6, 6)
    made.set_values(values, 1.0)
    return made


def painted_on(device: QPaintDevice, picture: MapPicture) -> None:
    painter = QPainter(device)
    picture.paint(painter, QStyleOptionGraphicsItem())
    painter.end()


def blank() -> QImage:
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    return image


def inside(image: QImage) -> list[set[str]]:
    """The colours of each cell, away from its edge."""
    side = int(CELL)
    return [
        {
            image.pixelColor(left + x, top + y).name()
            for x in range(3, side - 3)
            for y in range(3, side - 3)
        }
        for top in (0, side)
        for left in (0, side)
    ]


def test_a_drawing_has_the_same_map_in_every_cell_as_the_screen(picture: MapPicture) -> None:
    screen = blank()
    painted_on(screen, picture)
    found = inside(screen)
    assert [len(colours) for colours in found] == [1] * 4
    assert len(set.union(*found)) == 4

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(SIZE)
    generator.setViewBox(screen.rect())
    painted_on(generator, picture)
    drawing = blank()
    painter = QPainter(drawing)
    QSvgRenderer(buffer.data()).render(painter)
    painter.end()
    assert inside(drawing) == found
