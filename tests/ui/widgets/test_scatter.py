"""Points are drawn where they are, chosen by mouse and keyboard, and come nearer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from tests.support.heard import heard
from ui.theme import theme
from ui.widgets.scatter import Scatter

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

POINTS = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]], np.float32)
LABELS = [0, 1, 2, 3, 0]
NAMES = ("zero", "one", "two", "three")


@pytest.fixture
def scatter(qtbot: QtBot) -> Scatter:
    view = Scatter()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.set_points(POINTS, LABELS, NAMES)
    view.show()
    return view


def test_up_is_up_and_all_points_are_within(scatter: Scatter) -> None:
    places = [scatter.place(index) for index in range(5)]
    assert places[2].y() < places[0].y()
    assert places[1].x() > places[0].x()
    assert all(scatter.rect().contains(place.toPoint()) for place in places)
    scatter.set_points(POINTS, LABELS, ())  # a name would lie on the only point of its class
    image = scatter.grab().toImage()
    at = (places[1] * image.devicePixelRatio()).toPoint()
    assert image.pixelColor(at).name() != theme.colors.surface
    assert scatter.color(0) != scatter.color(1)


def test_a_click_chooses_the_nearest_point(scatter: Scatter, qtbot: QtBot) -> None:
    chosen: list[int] = []
    scatter.chosen.connect(chosen.append)
    near = scatter.place(3).toPoint() + QPoint(4, 3)
    qtbot.mouseClick(scatter, Qt.MouseButton.LeftButton, pos=near)
    assert (chosen, scatter.mark) == ([3], 3)
    qtbot.mouseClick(scatter, Qt.MouseButton.LeftButton, pos=QPoint(100, 150))
    assert chosen == [3], "nothing is there"
    scatter.set_only(1)
    qtbot.mouseClick(scatter, Qt.MouseButton.LeftButton, pos=near)
    assert chosen == [3], "faint points are not chosen"


def test_the_arrow_keys_go_from_point_to_point(scatter: Scatter, qtbot: QtBot) -> None:
    qtbot.keyClick(scatter, Qt.Key.Key_Right)
    assert scatter.mark == 4, "the middle is nearest to the middle"
    qtbot.keyClick(scatter, Qt.Key.Key_Up)
    assert scatter.mark in (2, 3)
    qtbot.keyClick(scatter, Qt.Key.Key_Up)
    assert scatter.mark in (2, 3), "there is nothing further up"


def test_zooming_keeps_what_lies_below_the_pointer(scatter: Scatter, qtbot: QtBot) -> None:
    before = scatter.place(3)
    scatter.zoom(3, before)
    after = scatter.place(3)
    assert (after - before).manhattanLength() < 0.01
    assert scatter.place(0).y() > scatter.height()
    qtbot.keyClick(scatter, Qt.Key.Key_0)
    assert (scatter.place(3) - before).manhattanLength() < 0.01
    scatter.zoom(0.1)
    assert (scatter.place(3) - before).manhattanLength() < 0.01, "no further than all"


def test_dragging_moves_the_points_and_chooses_none(scatter: Scatter, qtbot: QtBot) -> None:
    chosen: list[int] = []
    scatter.chosen.connect(chosen.append)
    scatter.zoom(2)
    before = scatter.place(4)
    start = before.toPoint()
    qtbot.mousePress(scatter, Qt.MouseButton.LeftButton, pos=start)
    for step in (10, 30, 50):
        qtbot.mouseMove(scatter, start + QPoint(step, 0))
    qtbot.mouseRelease(scatter, Qt.MouseButton.LeftButton, pos=start + QPoint(50, 0))
    assert not chosen


def test_a_ring_beyond_the_edge_is_drawn_at_the_edge(scatter: Scatter) -> None:
    scatter.set_here((5.0, 0.5))
    assert scatter._within(QPointF(9000, 150)).x() < scatter.width()
    inside = scatter.grab().toImage()
    scatter.set_here(())
    assert scatter.grab().toImage() != inside


def test_a_screen_reader_hears_which_class_the_ring_is_among(scatter: Scatter) -> None:
    clouds = np.concatenate([np.full((20, 2), 0.0), np.full((20, 2), 1.0)]).astype(np.float32)
    scatter.set_points(clouds, [0] * 20 + [1] * 20, NAMES)
    assert not heard(scatter)
    scatter.set_here((0.9, 0.8))
    assert heard(scatter) == "The present image lies among images of class one"
    scatter.set_here((0.2, 0.1))
    assert heard(scatter) == "The present image lies among images of class zero"


@pytest.mark.parametrize("count", [0, 1])
def test_few_points_are_no_trouble(scatter: Scatter, qtbot: QtBot, count: int) -> None:
    scatter.set_points(POINTS[:count], LABELS[:count], NAMES)
    scatter.grab()
    qtbot.keyClick(scatter, Qt.Key.Key_Right)
    assert scatter.mark == (0 if count else None)


def test_a_stroke_moves_the_ring_and_draws_no_point_anew(scatter: Scatter) -> None:
    scatter.grab()
    drawn = scatter._picture
    assert drawn is not None
    scatter.set_points(POINTS.copy(), LABELS, NAMES)
    scatter.set_only(None)
    scatter.set_here((0.3, 0.3))
    assert scatter._picture is drawn
    for change in (
        lambda: scatter.set_points(POINTS[::-1].copy(), LABELS, NAMES),
        lambda: scatter.set_points(POINTS[::-1].copy(), LABELS[::-1], NAMES),
        lambda: scatter.set_points(POINTS[::-1].copy(), LABELS[::-1], NAMES[::-1]),
        lambda: scatter.set_only(2),
    ):
        scatter.grab()
        assert scatter._picture is not None
        change()
        assert scatter._picture is None


def test_on_the_screen_points_lie_where_they_do_in_a_file(scatter: Scatter) -> None:
    scatter.clearFocus()  # which has a frame
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 60).tolist()
    scatter.set_points(generator.normal(size=(60, 2)), labels, ())
    for only in (None, 2):
        scatter.set_only(only)
        screen = scatter.grab().toImage()
        file = QImage(screen.size(), QImage.Format.Format_RGB32)
        file.setDevicePixelRatio(screen.devicePixelRatio())
        file.fill(QColor(theme.colors.surface))
        painter = QPainter(file)
        scatter.draw(painter)
        painter.end()
        ground = QColor(theme.colors.surface).lightnessF()
        ink = [
            np.array(
                [
                    [abs(image.pixelColor(x, y).lightnessF() - ground) for x in range(400)]
                    for y in range(300)
                ]
            )
            for image in (screen, file)
        ]
        for size in ink:  # half a pixel off at most, so that little differs after some blur
            size[:] = sum(np.roll(size, (y, x), (0, 1)) for x in range(-2, 3) for y in range(-2, 3))
        assert np.abs(ink[0] - ink[1]).sum() < 0.35 * ink[1].sum()
        assert ink[0].sum() == pytest.approx(ink[1].sum(), rel=0.1)


def test_many_points_are_smaller(scatter: Scatter) -> None:
    few = scatter._radius()
    scatter.set_points(np.zeros((10_000, 2), np.float32), [0] * 10_000, ())
    assert 0.6 < scatter._radius() / few < 0.8
