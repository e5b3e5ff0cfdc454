"""One map, large: what stays under the pointer, what is read, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.support.heard import heard
from ui.widgets.zoom_map import ZoomMap

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

VALUES = np.random.default_rng(2).normal(size=(24, 20)).astype(np.float32)


@pytest.fixture
def view(qtbot: QtBot) -> ZoomMap:
    made = ZoomMap()
    qtbot.addWidget(made)
    made.resize(400, 260)
    made.show()
    made.set_values(VALUES, 3.0)
    return made


def pixels(view: ZoomMap) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1).copy()


def wheel(view: ZoomMap, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at, QPointF(view.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_all_of_it_is_there_at_first_and_after_a_resize(view: ZoomMap) -> None:
    assert view.rect().contains(view.grid.area().toAlignedRect())
    view.resize(300, 180)
    assert view.rect().contains(view.grid.area().toAlignedRect())
    assert view.grid.area().height() > 160


def test_the_wheel_zooms_to_the_pointer(view: ZoomMap) -> None:
    at = view.place_of(5, 7).center()
    before = view.zoom
    wheel(view, at, 3)
    assert view.zoom == pytest.approx(before * 1.25**3)
    assert view.grid.cell_at(at) == (5, 7)
    wheel(view, at, -3)
    assert view.zoom == pytest.approx(before)
    wheel(view, at, -30)
    assert view.rect().contains(view.grid.area().toAlignedRect())
    wheel(view, at, 60)
    assert view.zoom == 96


def test_dragging_moves_it_and_never_out_of_sight(view: ZoomMap, qtbot: QtBot) -> None:
    clicked: list[tuple[int, int]] = []
    view.clicked.connect(lambda *cell: clicked.append(cell))
    view.zoom_by(4)
    corner = view.grid.area().topLeft()
    start = QPoint(200, 130)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, start + QPoint(30, 20))
    assert view.grid.area().topLeft() == corner + QPointF(30, 20)
    qtbot.mouseMove(view, start + QPoint(3000, 3000))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(3000, 3000))
    assert view.grid.area().topLeft() == QPointF(200, 130)
    assert clicked == []


def test_screen_readers_get_its_ends(view: ZoomMap) -> None:
    row, column = np.unravel_index(VALUES.argmax(), VALUES.shape)
    assert heard(view).startswith("24×20. Least: row ")
    assert f"Greatest: row {row}, column {column}: " in heard(view)
    view.set_values(None)
    assert not heard(view)


def test_a_value_is_read_and_chosen(view: ZoomMap, qtbot: QtBot) -> None:
    read: list[list[float]] = []
    clicked: list[tuple[int, int]] = []
    view.hovered.connect(lambda *seen: read.append(list(seen)))
    view.clicked.connect(lambda *cell: clicked.append(cell))
    qtbot.mouseMove(view, view.place_of(3, 4).center().toPoint())
    assert read[-1] == [3, 4, float(VALUES[3, 4])]
    assert heard(view).startswith("row 3, column 4: ")
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(3, 4).center().toPoint())
    assert clicked == [(3, 4)]
    view.set_values(VALUES * 2, 3.0)
    assert read[-1][2] == pytest.approx(2 * float(VALUES[3, 4]))


def test_beside_it_is_the_way_out(view: ZoomMap, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.beside, timeout=500):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))


def test_all_of_it_by_keyboard(view: ZoomMap, qtbot: QtBot) -> None:
    asked: list[object] = []
    view.maps_moved.connect(asked.append)
    view.clicked.connect(lambda *cell: asked.append(cell))
    fitted = view.zoom
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.cell == (12, 10)
    for _ in range(6):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom > 3 * fitted
    for _ in range(30):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.cell == (12, 19)
    assert view.rect().contains(view.place_of(12, 19).center().toPoint())
    corner = view.grid.area().topLeft()
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert view.grid.area().left() > corner.x()
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.zoom == fitted
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert asked == [1, (12, 19)]


def test_near_enough_the_numbers_stand_in_it(view: ZoomMap) -> None:
    view.zoom_by(100)
    place = view.place_of(*(view.grid.cell_at(QPointF(200, 130)) or (0, 0))).toAlignedRect()
    inner = place.adjusted(4, 4, -4, -4).intersected(view.rect())
    part = pixels(view)[inner.top() : inner.bottom(), inner.left() : inner.right()]
    assert len(np.unique(part)) > 1
    view.fit()
    place = view.place_of(12, 10).toAlignedRect().adjusted(3, 3, -3, -3)
    part = pixels(view)[place.top() : place.bottom(), place.left() : place.right()]
    assert len(np.unique(part)) == 1


def test_gamma_makes_small_values_stronger_and_leaves_zero(view: ZoomMap) -> None:
    values = np.array([[0.0, 0.3], [-0.3, 3.0]], np.float32)
    view.set_values(values, 3.0)

    def colors() -> list[int]:
        image = pixels(view)
        points = [view.place_of(*cell).center().toPoint() for cell in np.ndindex(2, 2)]
        return [int(image[p.y() + 12, p.x() + 12]) for p in points]

    plain = colors()
    view.set_values(values, 3.0, gamma=0.5)
    bent = colors()
    assert bent[0] == plain[0]
    assert bent[3] == plain[3]
    assert bent[1] != plain[1]
    assert bent[2] != plain[2]


def test_a_mark_from_elsewhere_and_nothing_at_all(view: ZoomMap, qtbot: QtBot) -> None:
    plain = pixels(view)
    view.set_spot((2, 2))
    assert (pixels(view) != plain).any()
    view.set_spot(None)
    assert (pixels(view) == plain).all()
    view.set_values(None)
    qtbot.mouseMove(view, QPoint(100, 100))
    assert view.cell is None
    view.zoom_by(2)
    view.set_values(np.zeros((500, 500), np.float32), grey=True)
    assert view.zoom < 1
    assert len(np.unique(pixels(view))) > 1
