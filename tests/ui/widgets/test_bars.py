"""The prediction is read from the bars, in colour, in bold and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage

from ui.theme import theme
from ui.widgets.bars import PredictionBars

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def bars(qtbot: QtBot) -> PredictionBars:
    theme.set_mode("light")
    bars = PredictionBars()
    qtbot.addWidget(bars)
    bars.set_labels([str(digit) for digit in range(10)])
    bars.resize(260, 180)
    bars.show()
    return bars


def length(image: QImage, row: int, color: str) -> int:
    """Pixels of a colour in the middle of a row's bar."""
    wanted = QColor(color)
    return sum(image.pixelColor(x, row * 18 + 9) == wanted for x in range(image.width()))


def test_the_longest_bar_has_the_accent(bars: PredictionBars) -> None:
    bars.set_probabilities([0.0] * 5 + [0.75, 0.25] + [0.0] * 3)
    image = bars.grab().toImage()
    accent, soft = theme.colors.accent, theme.colors.track_mark
    assert length(image, 5, accent) == pytest.approx(3 * length(image, 6, soft), abs=6)
    assert length(image, 6, accent) == 0
    assert 1 <= length(image, 0, soft) <= 3


def test_it_is_said_in_words(bars: PredictionBars) -> None:
    bars.set_probabilities([0.0] * 7 + [0.99] + [0.005] * 2)
    assert bars.accessibleDescription() == "7: 99.0\N{NO-BREAK SPACE}%"
    bars.set_probabilities(None, "Waiting for the engine")
    assert bars.accessibleDescription() == "Waiting for the engine"


def test_no_prediction_shows_no_bars(bars: PredictionBars) -> None:
    bars.set_probabilities([0.1] * 10)
    bars.set_probabilities(None, "Waiting")
    image = bars.grab().toImage()
    assert all(length(image, row, theme.colors.track_mark) == 0 for row in range(10))


def test_the_message_cuts_no_name_in_half(bars: PredictionBars) -> None:
    bars.set_columns(2)
    pictures = []
    for names in ("0123456789", "9876543210"):
        bars.set_labels(list(names))
        bars.set_probabilities(None, "Waiting")
        picture = bars.grab().toImage()
        middle = QFontMetrics(theme.font("body")).height() // 2
        half = picture.height() // 2
        pictures.append(picture.copy(40, half - middle, picture.width() - 40, 2 * middle))
    assert pictures[0] == pictures[1]  # the message is all that there is beside the first column


def test_a_spoilt_network_predicts_nothing(bars: PredictionBars) -> None:
    bars.set_probabilities([float("nan")] * 10)
    image = bars.grab().toImage()
    assert all(length(image, row, theme.colors.accent) == 0 for row in range(10))
    assert bars.accessibleDescription() == ""


def test_numbers_and_classes_must_match(bars: PredictionBars) -> None:
    with pytest.raises(ValueError, match="3 probabilities for 10 classes"):
        bars.set_probabilities([0.2, 0.3, 0.5])


def test_other_classes_begin_empty(bars: PredictionBars) -> None:
    bars.set_probabilities([0.1] * 10)
    bars.set_labels(["T-shirt", "A very long name of a class, longer than the widget is wide"])
    assert bars.accessibleDescription() == ""
    bars.set_probabilities([0.4, 0.6])
    assert not bars.grab().isNull()


def test_a_click_on_a_bar_chooses_its_class(qtbot: QtBot) -> None:
    bars = PredictionBars()
    qtbot.addWidget(bars)
    bars.set_labels([str(index) for index in range(10)])
    bars.resize(240, 200)
    bars.show()
    chosen: list[int] = []
    bars.chosen.connect(chosen.append)
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(80, 70))
    assert not chosen  # nothing is predicted
    bars.set_probabilities([0.1] * 10)
    for y in (1, 70, 199):
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(80, y))
    qtbot.mouseClick(bars, Qt.MouseButton.RightButton, pos=QPoint(80, 70))
    assert chosen == [0, 3, 9]


def test_of_a_hundred_classes_the_best_have_a_bar(bars: PredictionBars, qtbot: QtBot) -> None:
    bars.set_labels([f"class {n}" for n in range(100)])
    assert bars.sizeHint().height() == theme.px(18) * 12
    shares = [0.001] * 100
    shares[93], shares[40] = 0.6, 0.3
    bars.set_probabilities(shares)
    bars.resize(260, 12 * 18)
    image = bars.grab().toImage()
    assert length(image, 0, theme.colors.accent) > length(image, 1, theme.colors.track_mark) > 20
    with qtbot.waitSignal(bars.chosen) as told:
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(50, 18 + 9))
    assert told.args == [40]
    bars.set_probabilities(None, "Waiting")
    assert bars.accessibleDescription() == "Waiting"
    bars.grab()


def test_in_two_columns_a_click_finds_the_class(bars: PredictionBars, qtbot: QtBot) -> None:
    tall = bars.sizeHint().height()
    bars.set_columns(2)
    assert bars.sizeHint().height() == tall // 2
    bars.resize(260, 90)
    bars.set_probabilities([0.0] * 7 + [1.0] + [0.0] * 2)
    found: list[int] = []
    bars.chosen.connect(found.append)
    for place in range(10):
        where = bars.cell(place).center().toPoint()
        assert bars.rect().contains(where)
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=where)
    assert found == list(range(10))
    image, accent = bars.grab().toImage(), QColor(theme.colors.accent)
    cell = bars.cell(7).toRect()
    colored = [x for x in range(260) if image.pixelColor(x, cell.center().y()) == accent]
    assert colored
    assert cell.left() < colored[0] < colored[-1] < cell.right()


def test_long_names_stand_in_one_column(bars: PredictionBars) -> None:
    bars.set_labels(["airplane", "automobile", "bird", "cat"])
    tall = bars.sizeHint().height()
    bars.set_columns(2)
    assert bars.sizeHint().height() == tall


def test_where_there_is_no_room_for_a_bar_the_number_says_it_alone(bars: PredictionBars) -> None:
    bars.set_probabilities([0.0] * 9 + [1.0])
    bars.set_columns(2)
    for room, there in ((300, True), (150, False)):
        bars.resize(room, 120)
        image = bars.grab().toImage()
        width, height = image.width(), image.height()
        accent = QColor(theme.colors.accent)
        spots = ((x, y) for x in range(width) for y in range(height))
        assert any(image.pixelColor(x, y) == accent for x, y in spots) == there
