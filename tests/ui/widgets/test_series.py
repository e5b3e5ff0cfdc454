"""A line of any length stays small, and keeps its peaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.widgets.series import BUCKETS, BoundedSeries, RunningMean


def test_short_lines_are_kept_as_they_are() -> None:
    series = BoundedSeries()
    series.append([0, 1, 2], [5, 4, 6])
    xs, ys = series.points()
    assert list(zip(xs.tolist(), ys.tolist(), strict=True)) == [(0, 5), (1, 4), (2, 6)]
    assert series.last == (2, 6)


@given(
    length=st.integers(1, 12_000),
    cuts=st.lists(st.integers(0, 12_000), max_size=8),
    seed=st.integers(0, 5),
)
def test_how_points_arrive_makes_no_difference(length: int, cuts: list[int], seed: int) -> None:
    xs = np.arange(length, dtype=float)
    ys = np.random.default_rng(seed).standard_normal(length).round(1)  # rounded: with ties
    whole, pieces = BoundedSeries(), BoundedSeries()
    whole.append(xs, ys)
    for part in np.split(np.arange(length), sorted(cut for cut in cuts if cut < length)):
        pieces.append(xs[part], ys[part])
    for one, other in zip(whole.points(), pieces.points(), strict=True):
        np.testing.assert_array_equal(one, other)


@given(length=st.integers(1, 50_000), peak=st.integers(0, 49_999))
def test_no_peak_disappears_and_x_never_falls(length: int, peak: int) -> None:
    peak %= length
    ys = np.zeros(length)
    ys[peak] = 1.0
    series = BoundedSeries()
    series.append(np.arange(length), ys)
    xs, shown = series.points()
    assert len(xs) <= len(series) <= 2 * BUCKETS + 2
    assert shown.max() == 1.0
    assert xs[shown.argmax()] == peak
    assert (np.diff(xs) >= 0).all()


def test_a_million_points_one_by_one_hundred_stay_bounded() -> None:
    series = BoundedSeries()
    for start in range(0, 1_000_000, 5000):
        steps = np.arange(start, start + 5000)
        series.append(steps, np.sin(steps / 1e4))
    xs, ys = series.points()
    assert len(xs) <= 2 * BUCKETS + 2
    asked = np.arange(0, 1_000_000, 1000)
    assert np.abs(np.interp(asked, xs, ys) - np.sin(asked / 1e4)).max() < 0.1


@pytest.mark.parametrize("spoilt", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_left_out(spoilt: float) -> None:
    series = BoundedSeries()
    series.append([0, 1, 2], [1.0, spoilt, 2.0])
    assert set(series.points()[1].tolist()) == {1.0, 2.0}
    series.append([3], [spoilt])
    assert series.last == (2.0, 2.0)


def test_clearing() -> None:
    series = BoundedSeries()
    series.append(np.arange(5000), np.arange(5000))
    series.clear()
    assert len(series) == 0
    assert series.last is None


@given(
    steps=st.lists(st.integers(0, 9), min_size=1, max_size=200),
    cut=st.integers(0, 200),
    span=st.integers(1, 40),
    seed=st.integers(0, 5),
)
def test_a_running_mean_is_the_mean_of_what_came_last(
    steps: list[int], cut: int, span: int, seed: int
) -> None:
    xs = np.cumsum(steps).astype(float)
    ys = np.random.default_rng(seed).standard_normal(len(xs))
    mean = RunningMean(span)
    found = np.concatenate([mean.append(xs[:cut], ys[:cut])[1], mean.append(xs[cut:], ys[cut:])[1]])
    spans = np.clip((xs - xs[0]) / 4, 1, span)
    wanted = [ys[: n + 1][xs[: n + 1] > x - spans[n]].mean() for n, x in enumerate(xs)]
    assert found == pytest.approx(np.array(wanted))


def test_a_running_mean_forgets_a_huge_value_and_skips_what_is_no_number() -> None:
    xs, means = RunningMean(2).append([0, 7, 8, 9, 10], [1e30, np.nan, np.inf, 0.5, 0.7])
    assert xs.tolist() == [0, 9, 10]
    assert means.tolist() == pytest.approx([1e30, 0.5, 0.6])
