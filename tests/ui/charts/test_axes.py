"""Scales hold all that is to be seen and end at round numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ui.charts.axes import Axes, Bounds, Trace, bounds_of, round_up
from ui.charts.curve import Line, Part

PLOT = QRectF(40, 20, 200, 100)


def part(ys: object) -> Part:
    values = np.asarray(ys, np.float64)
    return Part(np.arange(len(values), dtype=float), values, values)


@pytest.mark.parametrize(
    ("value", "above"), [(2.3, 2.5), (0.0071, 0.008), (10, 10), (1.0, 1.0), (9.1, 10), (3e-7, 3e-7)]
)
def test_scales_end_at_round_numbers(value: float, above: float) -> None:
    assert round_up(value) == pytest.approx(above)


def test_one_step_that_went_wrong_does_not_press_the_rest_flat() -> None:
    losses = np.linspace(2.3, 1.9, 100)
    losses[50] = 1e6
    found = bounds_of([part(losses)], None)
    assert found is not None
    assert found.top == 5  # twice what is usual, rounded up
    found = bounds_of([part(np.linspace(2.3, 0.01, 100))], None)
    assert found is not None
    assert found.top == 2.5


def test_where_no_peak_is_a_mishap_all_of_them_are_seen() -> None:
    found = bounds_of([part([0.0, 2.0, 0.3, 0.2, 0.1])], None, whole=True)
    assert found == Bounds(0, 4, 0, 2)


@pytest.mark.parametrize(
    ("ys", "bottom"), [([0.96, 0.99], 0.95), ([0.3, 0.99], 0.0), ([0.81, 0.99], 0.8)]
)
def test_percentages_near_the_top_begin_there(ys: list[float], bottom: float) -> None:
    found = bounds_of([part(ys)], None, percent=True)
    assert found == Bounds(0, 1, bottom, 1.0)


def test_only_what_was_zoomed_to_decides_the_scale() -> None:
    found = bounds_of([part([9.0, 8.0, 0.4, 0.3, 0.2])], (2.0, 4.0))
    assert found == Bounds(2.0, 4.0, 0.0, 0.4)


@given(st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=30))
def test_a_logarithmic_scale_holds_all_that_is_near_the_highest(ys: list[float]) -> None:
    found = bounds_of([part(ys)], None, logarithmic=True)
    assert found is not None
    assert found.logarithmic
    assert found.top >= max(ys) * (1 - 1e-5)
    assert found.bottom < found.top
    assert found.bottom <= max(min(ys), found.top / 1e8) * (1 + 1e-5)
    assert 1 <= len(found.rules()) <= 9
    axes = Axes(found, PLOT)
    downs = axes.down(np.sort(np.array(ys)))
    assert (np.diff(downs) <= 1e-9).all()
    assert downs.max() <= PLOT.bottom() + 1e-6
    assert downs.min() >= PLOT.top() - 1e-2


def test_zeros_on_a_logarithmic_scale_lie_at_its_bottom() -> None:
    found = bounds_of([part([1.0, 0.0, 0.01])], None, logarithmic=True)
    assert found is not None
    assert (found.bottom, found.top) == (0.01, 1.0)
    assert Axes(found, PLOT).place(1, 0.0).y() == PLOT.bottom()
    assert bounds_of([part([0.0, 0.0])], None, logarithmic=True) == Bounds(0, 1, 0.0, 1.0)


def test_without_points_there_are_no_bounds() -> None:
    assert bounds_of([], None) is None
    assert bounds_of([part([])], (0.0, 9.0)) is None


@given(st.floats(40, 240))
def test_steps_and_columns_belong_to_each_other(across: float) -> None:
    axes = Axes(Bounds(100, 1100, 0, 1), PLOT)
    assert axes.place(axes.step_at(across), 0.5).x() == pytest.approx(across)


def test_of_many_points_the_extremes_of_each_column_are_drawn() -> None:
    ys = np.zeros(100_000)
    ys[50_001] = 1.0
    line = Line.of(np.arange(100_000), ys)
    axes = Axes(Bounds(0, 100_000, 0, 1), PLOT)
    drawn = axes.trace(line.part(0, 100_000, 200))
    assert len(drawn.points) <= 201
    assert len(drawn.saw) == 2 * len(drawn.points)
    peaks = drawn.saw[drawn.saw[:, 1] == PLOT.top()]
    assert peaks.tolist() == [[pytest.approx(140.5, abs=1), PLOT.top()]]


def test_few_points_are_drawn_as_they_are() -> None:
    axes = Axes(Bounds(0, 100, 0, 1), PLOT)
    drawn = axes.trace(line_part := Line.of([0, 50, 100], [0.0, 1.0, 0.5]).part(0, 100, 200))
    assert len(line_part.xs) == 3
    assert drawn.points.tolist() == [[40, 120], [140, 20], [240, 70]]
    assert not len(drawn.saw)


def test_on_a_sharp_screen_each_of_its_columns_is_drawn() -> None:
    line = Line.of(np.arange(100_000), np.tile([0.0, 1.0], 50_000))
    axes = Axes(Bounds(0, 100_000, 0, 1), PLOT)
    columns = axes.trace(line.part(0, 100_000, 400), sharpness=2.0).saw[::2, 0]
    assert np.diff(columns) == pytest.approx(0.5)


def test_a_column_goes_down_where_the_one_before_it_went_up() -> None:
    line = Line.of(np.arange(1000), np.tile([0.0, 1.0], 500))
    saw = Axes(Bounds(0, 1000, 0, 1), PLOT).trace(line.part(0, 1000, 200)).saw
    turns = saw[1:-1, 1].reshape(-1, 2)
    assert (turns[:, 0] == turns[:, 1]).all()


@pytest.mark.parametrize("width", [1.0, 1.5, 3.0, 5.0])
@pytest.mark.parametrize("sharpness", [1, 2])
def test_a_line_of_many_points_is_as_wide_as_one_of_few(width: float, sharpness: int) -> None:
    x = np.linspace(10, 790, 720)
    many = np.stack([x, 60 + 20 * np.sin(x / 100)], 1)
    pen = QPen(QColor("black"), width)
    inks = [_ink(Trace(points, np.empty((0, 2))), pen, sharpness) for points in (many, many[::6])]
    assert inks[0] == pytest.approx(inks[1], rel=0.25)


def test_a_line_that_begins_with_peaks_is_as_wide_behind_them() -> None:
    peaks = np.stack([np.linspace(10, 46, 7), 60 + 50 * (-1.0) ** np.arange(7)], 1)
    calm = np.stack([np.linspace(46, 790, 12), np.full(12, 110.0)], 1)
    pen = QPen(QColor("black"), 2.25)
    whole, *parts = (
        _ink(Trace(points, np.empty((0, 2))), pen, 1)
        for points in (np.concatenate([peaks, calm[1:]]), peaks[:4], peaks[3:], calm)
    )
    assert whole == pytest.approx(sum(parts), rel=0.15)


def _ink(trace: Trace, pen: QPen, sharpness: int) -> float:
    """How many pixels are black, greys as parts of one."""
    image = QImage(800 * sharpness, 120 * sharpness, QImage.Format.Format_Grayscale8)
    image.setDevicePixelRatio(sharpness)
    image.fill(255)
    painter = QPainter(image)
    trace.paint(painter, pen)
    painter.end()
    greys = np.frombuffer(image.constBits(), np.uint8)
    return float((255 - greys.astype(np.float64)).sum() / 255)
