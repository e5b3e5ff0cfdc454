"""Histograms over time: what is dark has many values, in its place and at its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt

from ui.charts.content import Content
from ui.charts.histogram_map import HistogramMap
from ui.charts.histograms import Histograms
from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from pytestqt.qtbot import QtBot


def histograms(*values: object, bins: int = 40) -> Histograms:
    """Of arrays, measured at steps 0, 100, 200, ..."""
    found = [np.histogram(np.asarray(some, float), bins) for some in values]
    return Histograms(
        100 * np.arange(len(found), dtype=np.float64),
        np.array([edges[0] for _, edges in found]),
        np.array([edges[-1] for _, edges in found]),
        np.array([counts for counts, _ in found], float),
    )


NORMAL = np.random.default_rng(0).normal(0.5, 0.1, 10_000)


def test_columns_are_times_and_rows_values_the_highest_above() -> None:
    found = histograms(NORMAL, NORMAL + 1)
    low, high = found.range
    assert (low, high) == (0, 2)
    picture = found.picture(100, 200)
    darkest = picture.argmax(axis=0)
    values = high - (high - low) * (darkest + 0.5) / 200
    assert values[:90] == pytest.approx(0.5, abs=0.06)
    assert values[-1] == pytest.approx(1.5, abs=0.06) or len(found) == 2
    assert picture.max() == 1
    assert picture.min() == 0


def test_the_median_is_numpys() -> None:
    found = histograms(NORMAL, NORMAL**2)
    for time, values in enumerate((NORMAL, NORMAL**2)):
        width = (values.max() - values.min()) / 40
        assert found.median(time) == pytest.approx(np.median(values), abs=width)


def test_one_far_value_does_not_press_all_else_together() -> None:
    found = histograms(np.append(NORMAL, 1000.0), bins=100_000)
    assert found.range[1] <= 1


@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(0, 1e6),
    counts=st.lists(st.integers(0, 1000), min_size=3, max_size=3),
    times=st.integers(1, 3),
)
def test_whatever_the_values_every_time_is_seen(
    low: float, width: float, counts: list[int], times: int
) -> None:
    counts = [*counts, 1]
    found = Histograms(
        10 * np.arange(times, dtype=np.float64),
        np.full(times, low),
        np.full(times, low + width),
        np.tile(np.array(counts, float), (times, 1)),
    )
    picture = found.picture(30, 20)
    assert np.isfinite(picture).all()
    assert (picture.max(axis=0) == 1).all()
    assert found.range[0] < found.range[1]


@pytest.fixture
def view(qtbot: QtBot) -> HistogramMap:
    theme.set_mode("light")
    view = HistogramMap("Weights")
    view.set_content(Content("Weights", "Nothing yet", "weights"))
    qtbot.addWidget(view)
    view.resize(300, 160)
    view.show()
    return view


def darkest(image: QImage, column: int) -> int:
    return min(range(24, 140), key=lambda row: image.pixelColor(column, row).red())


def test_it_is_painted_and_said(view: HistogramMap) -> None:
    assert view.accessibleDescription() == "Nothing yet"
    before = view.grab().toImage()
    view.set_histograms(histograms(NORMAL, NORMAL + 1, NORMAL + 1))
    image = view.grab().toImage()
    assert image != before
    assert darkest(image, 80) > darkest(image, 250) + 20
    assert view.accessibleName() == "Weights"
    assert view.accessibleDescription().startswith("step 200: 1.1")
    view.set_histograms(None)
    assert view.accessibleDescription() == "Nothing yet"


def test_pointing_and_the_arrow_keys_read_other_times(view: HistogramMap, qtbot: QtBot) -> None:
    view.set_histograms(histograms(NORMAL, NORMAL + 1, NORMAL + 2))
    qtbot.mouseMove(view, QPoint(60, 80))
    assert view.accessibleDescription().startswith("step 0: ")
    pointed = view.grab().toImage()
    view.point(None)
    assert view.grab().toImage() != pointed
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.accessibleDescription().startswith("step 200: ")
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.accessibleDescription().startswith("step 100: ")
    for _ in range(5):
        qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.accessibleDescription().startswith("step 0: ")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.accessibleDescription().startswith("step 200: ")


def test_what_is_pointed_at_stays_inside_when_there_are_fewer(view: HistogramMap) -> None:
    view.set_histograms(histograms(NORMAL, NORMAL, NORMAL))
    view.point(2)
    view.set_histograms(histograms(NORMAL))
    assert view.accessibleDescription().startswith("step 0: ")


def test_the_theme_changes_the_ground(view: HistogramMap) -> None:
    view.set_histograms(histograms(NORMAL, NORMAL))
    light = view.grab().toImage()
    theme.set_mode("dark")
    dark = view.grab().toImage()
    assert dark.pixelColor(200, 30).lightness() < light.pixelColor(200, 30).lightness()


def test_what_the_shades_mean_is_said_until_one_is_pointed_at(qtbot: QtBot) -> None:
    view = HistogramMap("Weights")
    qtbot.addWidget(view)
    view.resize(300, 200)
    head = view.painting().plot.top() - 2

    def written() -> int:
        """Pixels of the head that are not background, right of the title."""
        picture = view.grab().toImage()
        ground = picture.pixel(picture.width() - 1, 0)
        across, down = range(80, picture.width()), range(int(head))
        return sum(picture.pixel(x, y) != ground for x in across for y in down)

    assert not written()
    view.set_histograms(histograms(NORMAL, NORMAL))
    assert written()
    view.resize(120, 200)
    assert not written()  # there is no room for it
