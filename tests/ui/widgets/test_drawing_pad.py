"""Drawing: what a hand does becomes ink, and can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from ui.theme import theme
from ui.widgets.drawing_pad import DrawingPad
from ui.widgets.ink import SIDE, Ink, curve

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


@pytest.fixture
def pad(qtbot: QtBot) -> DrawingPad:
    pad = DrawingPad()
    qtbot.addWidget(pad)
    pad.resize(200, 240)  # the sheet is the square in the middle: 20 pixels lower
    pad.show()
    return pad


def stroke(pad: DrawingPad, *points: tuple[float, float]) -> None:
    """Press at the first point, pass the others, let go at the last; parts of the side."""

    def send(kind: QEvent.Type, point: tuple[float, float], button: Qt.MouseButton,
             buttons: Qt.MouseButton) -> None:  # fmt: skip
        place = QPointF(200 * point[0], 20 + 200 * point[1])
        event = QMouseEvent(kind, place, place, button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(pad, event)

    send(QEvent.Type.MouseButtonPress, points[0], LEFT, LEFT)
    for point in points[1:]:
        send(QEvent.Type.MouseMove, point, NONE, LEFT)
    send(QEvent.Type.MouseButtonRelease, points[-1], LEFT, NONE)


def at(image: np.ndarray, x: float, y: float) -> int:
    return int(image[int(y * SIDE), int(x * SIDE)])


# ---- ink


def test_ink_is_white_inside_black_outside_and_soft_between() -> None:
    ink = Ink()
    ink.segment((80, 140), (200, 140), 12)
    assert (ink.sheet[130:150, 80:200] == 255).all()
    assert not ink.sheet[:120].any()
    assert not ink.sheet[:, :60].any()
    edge = ink.sheet[120:132, 140]
    assert (np.diff(edge.astype(int)) >= 0).all()
    assert len(set(edge.tolist())) >= 4  # soft: not black beside white


def test_a_dot_is_round() -> None:
    ink = Ink()
    ink.segment((140, 140), (140, 140), 20)
    assert (ink.sheet == ink.sheet.T).all()
    area = ink.sheet.sum() / 255
    assert area == pytest.approx(np.pi * 20**2, rel=0.03)


def test_overlapping_segments_do_not_swell() -> None:
    once, twice = Ink(), Ink()
    once.segment((50, 50), (150, 90), 10)
    for _ in range(5):
        twice.segment((50, 50), (150, 90), 10)
    assert (once.sheet == twice.sheet).all()


def test_rubbing_out_leaves_nothing() -> None:
    ink = Ink()
    ink.segment((50, 50), (150, 90), 10)
    ink.segment((50, 50), (150, 90), 20, erase=True)
    assert ink.is_empty()


def test_outside_is_nothing() -> None:
    ink = Ink()
    ink.segment((-500, 50), (-400, 60), 10)
    assert ink.is_empty()
    ink.segment((-5, -5), (400, 400), 10)
    assert ink.sheet[0, 0] == ink.sheet[279, 279] == 255


def test_a_curve_passes_its_ends_in_small_steps() -> None:
    points = [(0.0, 0.0), *curve((0.0, 0.0), (50.0, 0.0), (50.0, 50.0))]
    assert points[-1] == (50.0, 50.0)
    steps = np.hypot(*np.diff(np.array(points), axis=0).T)
    assert steps.max() < 8


# ---- the pad


def test_a_stroke_follows_the_hand(pad: DrawingPad, qtbot: QtBot) -> None:
    order: list[str] = []
    pad.stroke_started.connect(lambda: order.append("start"))
    pad.changed.connect(lambda: order.append("change"))
    pad.stroke_finished.connect(lambda: order.append("finish"))
    stroke(pad, (0.2, 0.5), (0.5, 0.5), (0.8, 0.5))
    assert order[0] == "start"
    assert order[-1] == "finish"
    assert order.count("change") >= 3
    image = pad.image()
    assert image.shape == (SIDE, SIDE)
    assert image.dtype == np.uint8
    assert [at(image, x, 0.5) for x in (0.2, 0.35, 0.5, 0.65, 0.8)] == [255] * 5
    assert [at(image, x, 0.5) for x in (0.1, 0.9)] == [0, 0]
    thickness = (image[:, SIDE // 2] > 127).sum()
    assert thickness == pytest.approx(SIDE / 12, abs=2)


def test_the_picture_is_a_copy(pad: DrawingPad) -> None:
    pad.image()[:] = 255
    assert pad.is_empty()


def test_a_shown_picture_fills_the_sheet_and_is_quiet(pad: DrawingPad, qtbot: QtBot) -> None:
    digit = np.zeros((28, 28), np.uint8)
    digit[10:18, 12:16] = 255
    with qtbot.assertNotEmitted(pad.changed):
        pad.set_image(digit)
    image = pad.image()
    assert at(image, 0.5, 0.5) == 255
    assert at(image, 0.1, 0.1) == 0
    small = image.reshape(28, 10, 28, 10).mean(axis=(1, 3))
    assert np.abs(small - digit).mean() < 10


def test_pictures_of_other_proportions_are_centred(pad: DrawingPad) -> None:
    pad.set_image(np.full((10, 20), 255, np.uint8))
    image = pad.image()
    assert image[SIDE // 2, 5] == 255
    assert image[20, SIDE // 2] == 0


def test_drawing_over_a_shown_picture_begins_anew(pad: DrawingPad) -> None:
    pad.set_image(np.full((28, 28), 255, np.uint8))
    stroke(pad, (0.5, 0.5), (0.6, 0.5))
    image = pad.image()
    assert at(image, 0.1, 0.1) == 0
    assert at(image, 0.5, 0.5) == 255
    stroke(pad, (0.1, 0.1), (0.2, 0.1))
    assert at(pad.image(), 0.5, 0.5) == 255  # but not a second time


def test_a_shown_picture_can_be_rubbed_at(pad: DrawingPad) -> None:
    pad.set_image(np.full((28, 28), 255, np.uint8))
    pad.set_eraser(True)
    stroke(pad, (0.5, 0.5), (0.6, 0.5))
    image = pad.image()
    assert at(image, 0.5, 0.5) == 0
    assert at(image, 0.1, 0.1) == 255


def test_strokes_pictures_and_clearing_are_taken_back(pad: DrawingPad, qtbot: QtBot) -> None:
    stroke(pad, (0.2, 0.2), (0.8, 0.2))
    first = pad.image()
    stroke(pad, (0.2, 0.8), (0.8, 0.8))
    both = pad.image()
    pad.clear()
    assert pad.is_empty()
    pad.set_image(np.full((28, 28), 200, np.uint8))
    pad.undo()
    assert pad.is_empty()
    with qtbot.waitSignal(pad.changed):
        pad.undo()
    assert (pad.image() == both).all()
    pad.undo()
    assert (pad.image() == first).all()
    pad.undo()
    assert pad.is_empty()
    assert not pad.can_undo()
    with qtbot.assertNotEmitted(pad.changed):
        pad.undo()


def test_clearing_an_empty_sheet_is_nothing(pad: DrawingPad, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(pad.changed):
        pad.clear()
    assert not pad.can_undo()


def test_fifty_states_are_remembered(pad: DrawingPad) -> None:
    for _ in range(60):
        stroke(pad, (0.2, 0.2), (0.8, 0.2))
    taken = 0
    while pad.can_undo():
        pad.undo()
        taken += 1
    assert taken == 50


def test_drawing_by_keyboard(pad: DrawingPad, qtbot: QtBot) -> None:
    pad.setFocus()
    qtbot.keyPress(pad, Qt.Key.Key_Space)
    for _ in range(10):
        qtbot.keyClick(pad, Qt.Key.Key_Right)
    qtbot.keyRelease(pad, Qt.Key.Key_Space)
    for _ in range(5):
        qtbot.keyClick(pad, Qt.Key.Key_Down)
    image = pad.image()
    assert [at(image, x, 0.5) for x in (0.5, 0.6, 0.74)] == [255] * 3
    assert at(image, 0.74, 0.6) == 0  # the pen was lifted


def test_it_paints_in_every_state(pad: DrawingPad, qtbot: QtBot) -> None:
    pad.set_hint("Draw a digit")
    empty = pad.grab().toImage()
    assert empty.pixelColor(100, 5) != empty.pixelColor(100, 60)  # the sheet is not the ground
    stroke(pad, (0.2, 0.5), (0.8, 0.5))
    assert pad.grab().toImage().pixelColor(100, 120).red() == 255


def test_the_sheet_has_an_edge_where_the_window_is_as_black_as_it(pad: DrawingPad) -> None:
    theme.set_mode("contrast_dark")
    image = pad.grab().toImage()
    edge = image.pixelColor(1, image.height() // 2)
    assert edge.lightness() > 60
    assert image.pixelColor(10, image.height() // 2).lightness() == 0


def test_the_brush_is_shown_while_it_moves_and_not_once_it_has_drawn(
    pad: DrawingPad, qtbot: QtBot
) -> None:
    empty = pad.grab().toImage()
    qtbot.mouseMove(pad, QPoint(60, 60))
    assert pad.grab().toImage() != empty
    pad._rest.timeout.emit()
    assert pad.grab().toImage() == empty
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    drawn = pad.grab().toImage()
    qtbot.mouseMove(pad, QPoint(61, 60))
    assert pad.grab().toImage() != drawn


def test_a_picture_in_colour_is_shown_rubbed_out_and_drawn_over(
    qtbot: QtBot, pad: DrawingPad
) -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[..., 0] = 200
    pad.set_image(picture)
    assert pad.image().shape == (280, 280, 3)
    assert pad.image()[140, 140].tolist() == [200, 0, 0]
    middle = pad.rect().center()
    assert pad.grab().toImage().pixelColor(middle).name() == "#c80000"
    pad.set_eraser(True)
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton, pos=middle)
    assert pad.image()[140, 140].tolist() == [0, 0, 0]
    assert pad.image()[5, 5].tolist() == [200, 0, 0]
    pad.set_eraser(False)  # now it is a drawing of one's own, and goes on
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton, pos=middle)
    assert pad.image()[140, 140].tolist() == [255, 255, 255]
    pad.set_image(picture)
    qtbot.mouseClick(pad, Qt.MouseButton.LeftButton, pos=middle)  # on an empty sheet
    assert pad.image().shape == (280, 280)
    pad.undo()
    assert pad.image().shape == (280, 280, 3)
    pad.forget()
    assert pad.is_empty()
    assert not pad.can_undo()
