"""The chart draws what it was given, says it in words and stays fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage

from ui.theme import theme
from ui.widgets.chart import Chart, _round_up
from ui.widgets.series import BUCKETS

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    theme.set_mode("light")
    chart = Chart("Loss")
    qtbot.addWidget(chart)
    chart.set_legend("train", "training")
    chart.set_legend("test", "test")
    chart.resize(300, 180)
    chart.show()
    return chart


def rows_of(image: QImage, color: str, column: int) -> list[int]:
    """Where in a column of pixels there is (nearly) this colour, below the head."""
    wanted = QColor(color)
    return [
        y
        for y in range(22, image.height() - 12)
        if abs(image.pixelColor(column, y).red() - wanted.red()) < 90
        and abs(image.pixelColor(column, y).blue() - wanted.blue()) < 90
    ]


def left(chart: Chart) -> int:
    """Where the plot begins, right of the numbers of the scale."""
    return int(chart._plot(chart._bounds(chart._lines())).left())


def test_a_falling_line_falls(chart: Chart) -> None:
    chart.append("train", np.arange(1000), np.linspace(2.0, 0.0, 1000))
    image = chart.grab().toImage()
    blue = theme.colors.series[0]
    heights = [np.mean(rows_of(image, blue, x)) for x in (60, 165, 270)]
    assert heights[0] < heights[1] < heights[2]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=2)


def test_series_have_their_own_colours(chart: Chart) -> None:
    chart.append("test", [0, 1], [1.0, 1.0])
    chart.append("train", [0, 1], [0.4, 0.4])
    image = chart.grab().toImage()
    assert rows_of(image, theme.colors.series[0], 150)
    assert rows_of(image, theme.colors.series[1], 150)
    assert rows_of(image, theme.colors.series[0], 150) > rows_of(image, theme.colors.series[1], 150)


def test_it_is_said_in_words(chart: Chart) -> None:
    chart.set_empty_text("Nothing yet")
    assert (chart.accessibleName(), chart.accessibleDescription()) == ("Loss", "Nothing yet")
    chart.append("test", [0, 5], [0.5, 0.0581])
    assert chart.accessibleDescription() == "test 0.058"
    chart.set_percent(True)
    chart.set_series("train", [1], [0.982])
    assert chart.accessibleDescription() == "training 98.2%, test 5.8%"
    chart.clear()
    assert chart.accessibleDescription() == "Nothing yet"


def test_setting_a_series_replaces_it(chart: Chart) -> None:
    chart.append("train", [0, 1], [9.0, 9.0])
    chart.set_series("train", [0], [1.0])
    assert chart.accessibleDescription() == "training 1.000"


def test_a_point_alone_can_be_seen(chart: Chart) -> None:
    chart.append("train", [3], [1.5])
    assert rows_of(chart.grab().toImage(), theme.colors.series[0], left(chart) + 1)


@pytest.mark.parametrize("values", [[0.0, 0.0], [-1.0, -3.0], [1e-9, 2e-9], [1e12, -1e12]])
def test_every_range_can_be_painted(chart: Chart, values: list[float]) -> None:
    chart.append("train", [7, 7], values)
    assert rows_of(chart.grab().toImage(), theme.colors.series[0], left(chart) + 1)


def test_pointing_reads_the_values_there(chart: Chart, qtbot: QtBot) -> None:
    chart.append("train", np.arange(101), np.arange(101) / 100)
    qtbot.mouseMove(chart, QPoint((left(chart) + chart.width()) // 2, 90))
    shown = chart._value_at_pointer(chart._points())
    assert shown["train"][0] == pytest.approx(50, abs=1)
    before = chart.grab().toImage()
    qtbot.mouseMove(chart, QPoint(220, 90))
    assert chart.grab().toImage() != before


def test_a_million_points_stay_few(chart: Chart) -> None:
    for start in range(0, 1_000_000, 50_000):
        chart.append("train", np.arange(start, start + 50_000), np.ones(50_000))
    assert sum(len(xs) for xs, _ in chart._points().values()) <= 2 * BUCKETS + 2
    assert rows_of(chart.grab().toImage(), theme.colors.series[0], 150)


@pytest.mark.parametrize(
    ("value", "above"), [(2.3, 2.5), (0.0071, 0.008), (10, 10), (1.0, 1.0), (9.1, 10), (3e-7, 3e-7)]
)
def test_scales_end_at_round_numbers(value: float, above: float) -> None:
    assert _round_up(value) == pytest.approx(above)


def test_a_mean_is_the_clear_line_and_what_it_is_of_stays_behind_it(chart: Chart) -> None:
    chart.set_legend("train", "training", 30)
    noise = np.tile([0.2, 0.8], 200)
    chart.append("train", np.arange(400), noise)
    assert chart.accessibleDescription() == "training 0.500"
    shown = chart._value_at_pointer(chart._lines())
    assert shown == {}
    _, means = chart._lines()["train"]
    assert means[-1] == pytest.approx(0.5)
    assert chart._points()["train"][1].max() == 0.8
    image = chart.grab().toImage()
    clear = rows_of(image, theme.colors.series[0], 200)
    assert len(clear) <= 6  # one line, not a saw-tooth from top to bottom


def test_no_line_covers_the_numbers_of_the_scale(chart: Chart) -> None:
    chart.set_percent(True)
    chart.append("train", np.arange(400), np.ones(400))
    image = chart.grab().toImage()
    scale = [image.pixelColor(x, y) for x in range(left(chart) - 3) for y in range(22, 160)]
    assert min(color.lightness() for color in scale) < 160  # there are numbers
    assert not [color for color in scale if color.blue() - color.red() > 100]


def test_peaks_beyond_the_scale_stay_inside_the_chart(chart: Chart) -> None:
    chart.set_legend("train", "training", 100)
    chart.append("train", np.arange(100), np.where(np.arange(100) == 90, 40.0, 0.1))
    image = chart.grab().toImage()
    assert rows_of(image, theme.colors.series[0], 275)
    head = [image.pixelColor(x, y) for x in range(220, 300) for y in range(18)]
    assert len({color.name() for color in head}) == 1


def test_one_step_that_went_wrong_does_not_press_the_rest_flat(chart: Chart) -> None:
    losses = np.linspace(2.3, 1.9, 100)
    losses[50] = 1e6
    chart.append("train", np.arange(100), losses)
    assert chart._bounds(chart._lines()).bottom() == 5  # twice what is usual, rounded up
    chart.set_series("train", np.arange(100), np.linspace(2.3, 0.01, 100))
    assert chart._bounds(chart._lines()).bottom() == 2.5


def test_marks_stand_where_something_happened_and_say_what(qtbot: QtBot) -> None:
    chart = Chart("Loss")
    qtbot.addWidget(chart)
    chart.resize(300, 160)
    chart.set_series("train", [1, 51, 101], [3.0, 2.0, 1.0])
    bounds = chart._bounds(chart._lines())
    plot = chart._plot(bounds)
    middle = plot.center().x()
    without = chart.grab().toImage()
    chart.set_marks([(51, "rate 0.1 → 0.01"), (500, "later")])
    assert chart.grab().toImage() != without
    assert chart._marks_near(middle) == ["rate 0.1 → 0.01"]
    assert chart._marks_near(middle + 40) == []
    assert "rate 0.1 → 0.01" in chart.accessibleDescription()
    chart.clear()
    assert chart._marks_near(middle) == []
    assert "rate" not in chart.accessibleDescription()
