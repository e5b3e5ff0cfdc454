"""A picture with marks: what is pressed is what is painted there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from ui.theme import theme
from ui.widgets import pixel_map
from ui.widgets.folding import folded
from ui.widgets.pixel_map import PixelMap

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

RNG = np.random.default_rng(2)
BORDER = (2, 1, 0, 3)


@pytest.fixture(params=[False, True], ids=["square", "stretched"])
def view(qtbot: QtBot, request: pytest.FixtureRequest) -> PixelMap:
    theme.set_mode("light")
    view = PixelMap(stretched=request.param)
    qtbot.addWidget(view)
    view.resize(230, 180)
    view.set_values(RNG.standard_normal((9, 7)).astype(np.float32), 2.0, border=BORDER)
    view.show()
    return view


def middle(view: PixelMap, row: int, column: int) -> QPoint:
    return view.cell_center(row, column).toPoint()


def test_a_pressed_cell_is_told_and_dragging_goes_on(view: PixelMap, qtbot: QtBot) -> None:
    chosen: list[tuple[int, int]] = []
    view.chosen.connect(lambda *cell: chosen.append(cell))
    for cell in ((0, 0), (8, 6), (4, 3)):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(view, *cell))
    assert chosen == [(0, 0), (8, 6), (4, 3)]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=middle(view, 1, 1))
    for cell in ((2, 1), (8, 6)):
        qtbot.mouseMove(view, middle(view, *cell))
    # Beyond the edge it is the nearest one.
    qtbot.mouseMove(view, QPoint(view.width() - 1, view.height() - 1))
    assert chosen[3] == (1, 1)
    assert chosen[-1] == (8, 6)


def test_what_is_not_there_cannot_be_chosen(qtbot: QtBot) -> None:
    view = PixelMap()
    qtbot.addWidget(view)
    view.resize(150, 150)
    chosen: list[tuple[int, int]] = []
    view.chosen.connect(lambda *cell: chosen.append(cell))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(70, 70))
    values = np.arange(1, 19, dtype=np.float32)
    view.set_values(folded(values), 18, count=len(values))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(view, 3, 4))
    assert chosen == []
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(view, 3, 2))
    assert chosen == [(3, 2)]


def test_keys_ask_for_neighbours(view: PixelMap, qtbot: QtBot) -> None:
    asked: list[object] = []
    view.moved.connect(lambda *by: asked.append(by))
    view.maps_moved.connect(asked.append)
    view.entered.connect(lambda *cell: asked.append(cell))
    keys = Qt.Key
    qtbot.keyClick(view, keys.Key_Return)  # nothing is marked yet
    view.set_mark((3, 2))
    for key in (keys.Key_Left, keys.Key_Down, keys.Key_PageDown, keys.Key_PageUp, keys.Key_Return):
        qtbot.keyClick(view, key)
    assert asked == [(0, -1), (1, 0), 1, -1, (3, 2)]


def pixels(view: PixelMap) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), np.uint32)
    return values.reshape(image.height(), image.width()).copy()


def test_the_window_frames_its_cells_also_in_the_padding(view: PixelMap) -> None:
    before = pixels(view)
    view.set_window((-1, 0, 1), (5, 6, 7))
    changed = pixels(view) != before
    rows, columns = np.nonzero(changed)
    expected = view._place(view._frame)
    assert abs(rows.min() - expected.top()) <= 3
    assert abs(rows.max() - expected.bottom()) <= 3
    assert abs(columns.min() - expected.left()) <= 3
    assert abs(columns.max() - expected.right()) <= 3
    view.set_window((), ())
    np.testing.assert_array_equal(pixels(view), before)


def test_the_window_glides_or_jumps(
    view: PixelMap, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.set_window((0, 1), (0, 1))
    monkeypatch.setattr(pixel_map, "duration", lambda milliseconds: milliseconds)
    view.set_window((0, 1), (4, 5), 80)
    assert view._frame.left() < 4
    qtbot.waitUntil(lambda: view._frame.left() == 4)
    monkeypatch.setattr(pixel_map, "duration", lambda milliseconds: 0)
    view.set_window((3, 4), (0, 1), 80)
    assert (view._frame.top(), view._frame.left()) == (3, 0)


def test_large_and_strange_values_are_painted(view: PixelMap) -> None:
    values = np.full((300, 400), np.nan, np.float32)
    view.set_values(values, 1.0)
    view.set_mark((299, 399))
    assert not view.grab().isNull()
    view.set_values(None)
    assert not view.grab().isNull()


def test_new_values_on_the_way_do_not_stop_a_glide(
    view: PixelMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_map, "duration", lambda milliseconds: milliseconds)
    view.set_window(range(3), range(3))
    view.set_window(range(4, 7), range(3), 10_000)
    running = view._glide.State.Running
    assert view._glide.state() == running
    view.set_values(RNG.standard_normal((9, 7)).astype(np.float32), 2.0, border=BORDER)
    view.set_window(range(4, 7), range(3))
    assert view._glide.state() == running
    view.set_window(range(5, 8), range(3))
    assert view._glide.state() != running
    assert view._frame.top() == 5
