"""The chart draws what it was given, says it in words and is zoomed by mouse and keys."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from tests.support.heard import heard
from ui.charts import painting
from ui.charts.chart import Chart
from ui.charts.content import Content, Series
from ui.charts.curve import Line, Recording
from ui.charts.sight import Sight
from ui.charts.speech import summary
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from ui.charts.painting import Painting

NO_KEY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    theme.set_mode("light")
    chart = Chart("Loss")
    qtbot.addWidget(chart)
    chart.resize(300, 180)
    chart.show()
    chart.sight.look(reach=0)
    return chart


def show(chart: Chart, **lines: tuple[object, object]) -> None:
    """Lines by name, in this order: training first, which may be smoothed."""
    names = {"train": "training", "test": "test"}
    chart.set_series(
        [
            Series(name, names[name], Line.of(*points), color, smooth=name == "train")  # type: ignore[arg-type]
            for color, (name, points) in enumerate(lines.items())
        ]
    )


def rows_of(image: QImage, color: str, column: int) -> list[int]:
    """Where in a column of pixels there is (nearly) this colour, below the head."""
    wanted = QColor(color)
    return [
        y
        for y in range(22, image.height() - 12)
        if abs(image.pixelColor(column, y).red() - wanted.red()) < 90
        and abs(image.pixelColor(column, y).blue() - wanted.blue()) < 90
    ]


def drawn(chart: Chart) -> Painting:
    return chart.painting()


def plot_of(chart: Chart) -> tuple[int, int]:
    """The first and the last column of pixels where lines run."""
    axes = chart.painting().axes
    assert axes is not None
    return int(axes.plot.left()), int(axes.plot.right())


def turn_wheel(chart: Chart, across: int, notches: int, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    place = QPointF(across, 90)
    event = QWheelEvent(
        place,
        QPointF(chart.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(chart, event)


# ---- painting


def test_a_falling_line_falls(chart: Chart) -> None:
    show(chart, train=(np.arange(1000), np.linspace(2.0, 0.0, 1000)))
    image = chart.grab().toImage()
    blue = theme.colors.series[0]
    heights = [np.mean(rows_of(image, blue, x)) for x in (60, 165, 270)]
    assert heights[0] < heights[1] < heights[2]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=2)


def test_series_have_their_own_colours(chart: Chart) -> None:
    show(chart, train=([0, 1], [0.4, 0.4]), test=([0, 1], [1.0, 1.0]))
    image = chart.grab().toImage()
    assert rows_of(image, theme.colors.series[0], 150)
    assert rows_of(image, theme.colors.series[1], 150)
    assert rows_of(image, theme.colors.series[0], 150) > rows_of(image, theme.colors.series[1], 150)


def test_a_dashed_line_has_gaps(chart: Chart) -> None:
    line = Line.of(np.arange(100), np.full(100, 0.5))
    chart.set_series([Series("train", "training", line, dash="dashed")])
    image = chart.grab().toImage()
    seen = [bool(rows_of(image, theme.colors.series[0], x)) for x in range(60, 290)]
    assert 0.3 < np.mean(seen) < 0.9


@pytest.mark.parametrize("projector", [False, True])
def test_a_dashed_piece_in_the_legend_has_a_gap(projector: bool) -> None:
    theme.set_projector(projector)
    on, off = painting._DASHES["dashed"]
    length, taken = painting._sample("dashed")
    assert length > painting._thickness() * (on + off + 1), "a part of a second dash is seen"
    assert taken > length
    assert painting._sample(None) == (0, 0)


def test_a_point_alone_can_be_seen(chart: Chart) -> None:
    show(chart, train=([3], [1.5]))
    image = chart.grab().toImage()
    assert rows_of(image, theme.colors.series[0], plot_of(chart)[0] + 1)


@pytest.mark.parametrize("values", [[0.0, 0.0], [-1.0, -3.0], [1e-9, 2e-9], [1e12, -1e12]])
@pytest.mark.parametrize("logarithmic", [False, True])
def test_every_range_can_be_painted(chart: Chart, values: list[float], logarithmic: bool) -> None:
    chart.set_content(Content("Loss", logarithmic=True))
    chart.sight.look(logarithmic=logarithmic)
    show(chart, train=([7, 7], values))
    image = chart.grab().toImage()
    assert rows_of(image, theme.colors.series[0], plot_of(chart)[0] + 1)


def test_a_million_points_are_drawn_as_few(chart: Chart) -> None:
    show(chart, train=(np.arange(1_000_000), np.ones(1_000_000)))
    axes = drawn(chart).axes
    assert axes is not None
    part = chart.series[0].line.part(0, 1e6, chart.width())
    assert len(axes.trace(part).points) <= chart.width()
    assert rows_of(chart.grab().toImage(), theme.colors.series[0], 150)


def test_a_mean_is_the_clear_line_and_what_it_is_of_stays_behind_it(chart: Chart) -> None:
    chart.sight.look(reach=100)
    show(chart, train=(np.arange(400), np.tile([0.2, 0.8], 200)))
    assert heard(chart) == "training 0.502"
    shown = drawn(chart).lines[0]
    assert shown.raw is not None
    assert shown.raw.ys.max() == np.float32(0.8)
    image = chart.grab().toImage()
    clear = rows_of(image, theme.colors.series[0], 200)
    assert 0 < len(clear) <= 6  # one line, not a saw-tooth from top to bottom
    chart.sight.look(reach=0)
    assert drawn(chart).lines[0].raw is None
    assert heard(chart) == "training 0.800"


def test_means_of_long_lines_are_made_bit_by_bit(chart: Chart, qtbot: QtBot) -> None:
    show(chart, train=(np.arange(300_000), np.ones(300_000)))
    chart.sight.look(reach=300)
    assert len(drawn(chart).lines[0].line) < 300_000
    qtbot.waitUntil(lambda: len(drawn(chart).lines[0].line) == 300_000)


def test_no_line_covers_the_numbers_of_the_scale(chart: Chart) -> None:
    chart.set_content(Content("Accuracy", percent=True))
    show(chart, train=(np.arange(400), np.ones(400)))
    image = chart.grab().toImage()
    scale = [image.pixelColor(x, y) for x in range(plot_of(chart)[0] - 3) for y in range(22, 160)]
    assert min(color.lightness() for color in scale) < 160  # there are numbers
    assert not [color for color in scale if color.blue() - color.red() > 100]


def test_peaks_beyond_the_scale_stay_inside_the_chart(chart: Chart) -> None:
    show(chart, train=(np.arange(100), np.where(np.arange(100) == 90, 40.0, 0.1)))
    image = chart.grab().toImage()
    assert rows_of(image, theme.colors.series[0], 272)
    head = [image.pixelColor(x, y) for x in range(220, 300) for y in range(18)]
    assert len({color.name() for color in head}) == 1


def test_the_shape_of_a_line_is_whole_at_the_top_of_the_plot(chart: Chart) -> None:
    chart.set_content(Content("Accuracy", percent=True))
    line = Line.of([0, 50, 100], [0.0, 1.0, 1.0])
    chart.set_series([Series("run", "Run 1", line, shape="square")])
    axes = chart.painting().axes
    assert axes is not None
    middle = axes.place(100, 1.0).y()
    image = chart.grab().toImage()
    rows = rows_of(image, theme.colors.series[0], int(axes.plot.right()) - 3)
    above, below = [row for row in rows if row + 0.5 < middle], [row + 0.5 > middle for row in rows]
    assert len(above) == sum(below) > 1


def test_what_is_hidden_catches_up_when_it_is_asked_for_or_shown(chart: Chart) -> None:
    recording = Recording("loss")
    line = recording.lines["loss"]
    chart.sight.look(reach=2)
    chart.set_series([Series("train", "training", line, smooth=True)])
    chart.set_content(Content("Loss", "Nothing yet"))
    chart.hide()
    recording.append([1, 2], {"loss": [1.0, 0.5]})
    chart.grow()
    assert heard(chart) == "training 0.509"
    picture = chart.painting(QSizeF(400, 200)).lines[0]
    assert picture.raw is line
    assert len(picture.line) == 2
    recording.append([3], {"loss": [0.5]})
    chart.grow()
    chart.show()
    assert len(drawn(chart).lines[0].line) == 3
    assert heard(chart).startswith("training 0.5")


def test_new_points_are_seen_after_a_while(chart: Chart, qtbot: QtBot) -> None:
    recording = Recording("loss")
    chart.set_series([Series("train", "training", recording.lines["loss"])])
    chart.set_content(Content("Loss", "Nothing yet"))
    assert heard(chart) == "Nothing yet"
    before = chart.grab().toImage()
    recording.append([1, 2], {"loss": [1.0, 0.5]})
    chart.grow()
    assert heard(chart) == "training 0.500"
    qtbot.waitUntil(lambda: chart.grab().toImage() != before)


# ---- words


def test_it_is_said_in_words(chart: Chart) -> None:
    chart.set_content(Content("Loss", "Nothing yet"))
    assert (chart.accessibleName(), heard(chart)) == ("Loss", "Nothing yet")
    show(chart, test=([0, 5], [0.5, 0.0581]))
    assert heard(chart) == "test 0.058"
    chart.set_content(Content("Loss", "Nothing yet", percent=True))
    show(chart, train=([1], [0.982]), test=([0, 5], [0.5, 0.0581]))
    assert heard(chart) == "training 98.2%, test 5.8%"
    chart.set_series([])
    assert heard(chart) == "Nothing yet"


def test_marks_stand_where_something_happened_and_say_what(chart: Chart) -> None:
    show(chart, train=([1, 51, 101], [3.0, 2.0, 1.0]))
    left, right = plot_of(chart)
    middle = (left + right) / 2
    without = chart.grab().toImage()
    chart.set_content(Content("Loss", marks=((51, "rate 0.1 → 0.01"), (500, "later"))))
    assert chart.grab().toImage() != without
    assert drawn(chart).marks_near(middle) == ["rate 0.1 → 0.01"]
    assert drawn(chart).marks_near(middle + 40) == []
    assert "rate 0.1 → 0.01" in heard(chart)
    chart.set_content(Content("Loss"))
    assert drawn(chart).marks_near(middle) == []
    assert "rate" not in heard(chart)


# ---- pointing


def test_pointing_reads_the_values_of_all_lines_there(chart: Chart, qtbot: QtBot) -> None:
    show(
        chart,
        train=(np.arange(101), np.arange(101) / 100),
        test=([0, 48, 100], [0.1, 0.2, 0.3]),
    )
    left, right = plot_of(chart)
    qtbot.mouseMove(chart, QPoint((left + right) // 2, 90))
    step = chart.sight.view.step
    found = {one.series.key: one for one in drawn(chart).readings(step)}
    assert found["train"].step == pytest.approx(50, abs=1)
    assert found["train"].value == pytest.approx(found["train"].step / 100)
    assert found["test"].step == 48
    assert found["test"].value == pytest.approx(0.2)
    assert [entry.words for entry in drawn(chart).entries] == [
        f"training {found['train'].value:.3f}",
        "test 0.200",
    ]
    assert heard(chart).startswith(f"step {found['train'].step:.0f}: training")
    before = chart.grab().toImage()
    qtbot.mouseMove(chart, QPoint(220, 90))
    assert chart.grab().toImage() != before
    QApplication.sendEvent(chart, QEvent(QEvent.Type.Leave))
    assert chart.sight.view.step is None


def test_charts_with_one_sight_are_pointed_at_and_zoomed_together(qtbot: QtBot) -> None:
    sight = Sight()
    one, other = Chart("Loss", sight), Chart("Accuracy", sight)
    for chart in (one, other):
        qtbot.addWidget(chart)
        chart.resize(300, 160)
        show(chart, train=(np.arange(1001), np.ones(1001)))
        chart.show()
    one.zoom(0.5, 0)
    assert drawn(other).span == (0, 500)
    qtbot.mouseMove(one, QPoint(150, 90))
    assert "step" in heard(other)


def test_the_arrow_keys_move_the_cross_hair(chart: Chart, qtbot: QtBot) -> None:
    show(chart, train=(np.arange(101), np.arange(101) / 100))
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.sight.view.step == 1
    qtbot.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert chart.sight.view.step == 11
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.sight.view.step == 10
    assert heard(chart).startswith("step 10: training 0.1")
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.sight.view.step == 100
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert drawn(chart).view.step is None
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert drawn(chart).view.step == 99


# ---- zooming


def test_dragging_zooms_and_a_double_click_shows_all(chart: Chart, qtbot: QtBot) -> None:
    show(chart, train=(np.arange(1001), np.linspace(9, 1, 1001)))
    left, right = plot_of(chart)
    start, end = left + (right - left) // 4, left + (right - left) // 2
    qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=QPoint(start, 80))
    qtbot.mouseMove(chart, QPoint(end, 80))
    during = chart.grab().toImage()
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=QPoint(end, 80))
    span = drawn(chart).span
    assert span is not None
    assert list(span) == pytest.approx([250, 500], abs=8)
    assert chart.grab().toImage() != during
    axes = drawn(chart).axes
    assert axes is not None
    assert axes.bounds.top == 8  # of what is seen, not of all
    qtbot.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(end, 80))
    assert drawn(chart).span == (0, 1000)


def test_a_click_alone_zooms_not(chart: Chart, qtbot: QtBot) -> None:
    show(chart, train=(np.arange(1001), np.ones(1001)))
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(150, 80))
    assert chart.sight.view.span is None


def test_the_wheel_zooms_to_the_pointer_and_with_shift_to_the_side(chart: Chart) -> None:
    show(chart, train=(np.arange(1001), np.ones(1001)))
    before = chart.painting().axes
    assert before is not None
    at = 100
    step = before.step_at(at)
    turn_wheel(chart, at, 2)
    after = chart.painting().axes
    assert after is not None
    assert after.bounds.right - after.bounds.left == pytest.approx(640)
    assert after.step_at(at) == pytest.approx(step)
    turn_wheel(chart, at, -1, Qt.KeyboardModifier.ShiftModifier)
    moved = drawn(chart).span
    assert moved is not None
    assert moved[0] > after.bounds.left
    turn_wheel(chart, at, -9)
    assert chart.sight.view.span is None


def test_in_a_column_that_scrolls_the_wheel_zooms_after_a_click_or_with_control(
    qtbot: QtBot,
) -> None:
    area, page, chart = QScrollArea(), QWidget(), Chart("Loss")
    qtbot.addWidget(area)
    column = QVBoxLayout(page)
    column.addWidget(chart)
    page.setFixedSize(280, 900)
    area.setWidget(page)
    area.resize(300, 200)
    area.show()
    show(chart, train=(np.arange(1001), np.ones(1001)))
    bar = area.verticalScrollBar()
    assert bar.maximum()
    turn_wheel(chart, 100, 1)
    assert drawn(chart).span == (0, 1000)
    turn_wheel(chart, 100, 1, Qt.KeyboardModifier.ControlModifier)
    assert drawn(chart).span != (0, 1000)
    chart.show_all()
    chart.setFocus()
    qtbot.waitUntil(chart.hasFocus)
    turn_wheel(chart, 100, 1)
    assert chart.sight.view.span is not None


def test_zooming_by_keys(chart: Chart, qtbot: QtBot) -> None:
    show(chart, train=(np.arange(1001), np.ones(1001)))
    chart.setFocus()
    QTest.keyClicks(chart, "++")
    span = drawn(chart).span
    assert span is not None
    assert span[1] - span[0] == pytest.approx(640)
    qtbot.keyClick(chart, Qt.Key.Key_PageDown)
    after = drawn(chart).span
    assert after is not None
    assert after[0] > span[0]
    QTest.keyClicks(chart, "-")
    wider = drawn(chart).span
    assert wider is not None
    assert wider[1] - wider[0] > after[1] - after[0]
    QTest.keyClicks(chart, "0")
    assert chart.sight.view.span is None


def test_an_empty_chart_is_not_zoomed(chart: Chart, qtbot: QtBot) -> None:
    chart.setFocus()
    QTest.keyClicks(chart, "+0")
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    turn_wheel(chart, 100, 2)
    qtbot.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(100, 80))
    assert chart.sight.view.span is None
    assert chart.sight.view.step is None


# ---- the legend


def test_a_click_on_a_name_hides_its_line_and_so_does_its_number(
    chart: Chart, qtbot: QtBot
) -> None:
    show(chart, train=([0, 1], [0.4, 0.4]), test=([0, 1], [1.0, 1.0]))
    place = drawn(chart).entries[1].rect.center().toPoint()
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=place)
    assert chart.sight.view.hidden == {"test"}
    assert heard(chart) == "training 0.400"
    assert not rows_of(chart.grab().toImage(), theme.colors.series[1], 150)
    assert [entry.words for entry in drawn(chart).entries] == ["training 0.400", "test"]
    chart.setFocus()
    QTest.keyClicks(chart, "2")
    assert not chart.sight.view.hidden
    QTest.keyClicks(chart, "12")
    assert chart.sight.view.hidden == {"train", "test"}
    assert drawn(chart).axes is None
    QTest.keyClicks(chart, "1")
    assert drawn(chart).view.hidden == {"test"}


def test_a_legend_without_room_for_all_is_painted_as_small_as_it_was_measured(
    chart: Chart,
) -> None:
    names = "training", "validation", "a name for which there is no room at all"
    chart.set_series(
        [Series(name, name, Line.of([0, 100], [n, n]), n) for n, name in enumerate(names)]
    )
    size = QSizeF(300, 180)
    entries = chart.painting(size).entries
    assert len(entries) == 2
    picture = QImage(300, 180, QImage.Format.Format_RGB32)
    picture.fill(theme.colors.surface)
    painter = QPainter(picture)
    chart.painting(size).paint(painter)
    painter.end()
    for before, after in pairwise(entries):
        middle = round((before.rect.right() + after.rect.left()) / 2)
        column = {picture.pixel(middle, y) for y in range(round(before.rect.height()) - 4)}
        assert len(column) == 1, "a gap between two words"


def test_where_the_head_has_no_room_the_values_stand_beside_the_cross_hair(chart: Chart) -> None:
    chart.set_series(
        [Series(f"r{n}", f"A long name {n}", Line.of([0, 100], [n, n]), n) for n in range(4)]
    )
    chart.sight.look(step=40.0)
    painting = chart.painting(QSizeF(300, 180))
    assert len(painting.entries) < len(painting.readings(40))
    with_box = chart.grab().toImage()
    color = theme.colors.series[3]
    left, right = plot_of(chart)
    middle = (left + right) // 2
    assert any(rows_of(with_box, color, x) for x in range(middle - 10, middle + 60))


# ---- for those who hear it


def test_who_comes_to_it_by_keyboard_hears_how_every_line_went(chart: Chart) -> None:
    chart.set_content(Content("Loss", "Nothing yet", marks=((3, "Step 3: rate 0.1 → 0.01"),)))
    show(chart, train=([1, 2, 3, 4], [2.0, 4.0, 0.5, 1.0]), test=([4], [1.5]))
    by_key = Qt.FocusReason.TabFocusReason
    QApplication.sendEvent(chart, QFocusEvent(QEvent.Type.FocusIn, by_key))
    assert heard(chart) == (
        "training: 2.000 at step 1, 1.000 at step 4; lowest 0.500 at step 3, highest 4.000 at step "
        "2; test: 1.500 at step 4, 1.500 at step 4; lowest 1.500 at step 4, highest 1.500 at step "
        "4; Step 3: rate 0.1 → 0.01"
    )
    before = heard(chart)
    chart.grow()
    assert heard(chart) == before
    QApplication.sendEvent(chart, QFocusEvent(QEvent.Type.FocusOut, by_key))
    chart.grow()
    assert heard(chart).startswith("training 1.000, test 1.500")
    chart.sight.look(hidden=frozenset({"train", "test"}))
    assert summary(chart.painting()).startswith("Nothing yet; ")


def test_the_tool_tip_does_not_cover_what_is_read(
    chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "ui.charts.chart.QToolTip.showText", lambda _place, words, *_: told.append(words)
    )
    chart.setToolTip("Drag to zoom")
    chart.set_content(Content("Loss", marks=((51, "rate 0.1 → 0.01"),)))
    show(chart, train=([1, 51, 101], [3.0, 2.0, 1.0]))
    left, right = plot_of(chart)

    def hover(across: int, down: int) -> bool:
        place = QPoint(across, down)
        help_wanted = QHelpEvent(QEvent.Type.ToolTip, place, chart.mapToGlobal(place))
        return QApplication.sendEvent(chart, help_wanted)

    assert hover((left + right) // 2, 90)
    assert told == ["rate 0.1 → 0.01"]
    assert hover(left + 30, 90)
    assert told == ["rate 0.1 → 0.01"]


def test_a_long_name_gives_way_to_its_number(chart: Chart) -> None:
    line = Line.of([0, 1], [0.5, 0.0014])
    chart.set_series([Series("long", "layer with a very long name indeed", line)])
    (whole,) = chart.painting().entries
    assert whole.words.endswith("name indeed 0.0014")
    (short,) = chart.painting(QSizeF(150, 120)).entries
    assert short.words.endswith("… 0.0014")
    assert short.rect.right() <= 150
