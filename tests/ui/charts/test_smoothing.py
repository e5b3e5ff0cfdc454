"""The exponential mean is what its formula says, however the points arrive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.runs import NO_POINTS, Point
from cnnviz.runs.curves import _thin
from ui.charts.curve import Line, Recording
from ui.charts.smoothing import Smoothed


def ys_of(smoothed: Smoothed) -> np.ndarray:
    return smoothed.line.ys.astype(np.float64)


def formula(steps: np.ndarray, ys: np.ndarray, reach: float) -> np.ndarray:
    """One point after the other."""
    mean, means, first = float(ys[0]), [], steps[0]
    for index, (step, value) in enumerate(zip(steps, ys, strict=True)):
        passed = step - steps[index - 1] if index else 0.0
        far = min(max((step - first) / 4, 1e-9), reach)
        mean += (1 - np.exp(-min(passed / far, 8.0))) * (float(value) - mean)
        means.append(mean)
    return np.array(means)


@given(
    gaps=st.lists(st.integers(0, 40), min_size=1, max_size=300),
    cuts=st.lists(st.integers(0, 300), max_size=4),
    reach=st.sampled_from([10, 30, 1000]),
    seed=st.integers(0, 5),
)
def test_it_is_the_formula(gaps: list[int], cuts: list[int], reach: int, seed: int) -> None:
    steps = np.cumsum(gaps).astype(float)
    ys = np.random.default_rng(seed).standard_normal(len(steps)).astype(np.float32)
    recording = Recording("loss")
    smoothed = Smoothed(recording.lines["loss"], reach)
    parts = sorted(cut for cut in cuts if cut < len(steps))
    for part in np.split(np.arange(len(steps)), parts):
        recording.append(steps[part], {"loss": ys[part]})
        assert smoothed.catch_up()
    np.testing.assert_allclose(ys_of(smoothed), formula(steps, ys, reach), atol=1e-5)
    assert smoothed.line.steps.tolist() == steps.tolist()


def test_it_takes_in_only_so_much_at_once() -> None:
    raw = Line.of(np.arange(1000), np.ones(1000))
    smoothed = Smoothed(raw, 30)
    assert not smoothed.catch_up(400)
    assert len(smoothed.line) == 400
    assert not smoothed.catch_up(400)
    assert smoothed.catch_up(400)
    assert smoothed.line.ys.tolist() == pytest.approx([1.0] * 1000)


def test_a_steep_start_is_followed() -> None:
    steps = np.arange(400)
    smoothed = Smoothed(Line.of(steps, np.exp(-steps / 20)), 300)
    smoothed.catch_up()
    assert abs(smoothed.line.ys[40] - np.exp(-2)) < 0.12


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
def test_gaps_change_nothing(spoilt: float) -> None:
    smoothed = Smoothed(Line.of([0, 1, 2, 3, 4], [spoilt, spoilt, 1.0, spoilt, 1.0]), 30)
    smoothed.catch_up()
    assert np.isnan(smoothed.line.ys[:2]).all()
    assert smoothed.line.ys[2:].tolist() == pytest.approx([1.0, 1.0, 1.0])
    nothing = Smoothed(Line.of([0, 1], [spoilt, spoilt]), 30)
    assert nothing.catch_up()
    assert nothing.line.last is None


def test_a_line_with_fewer_points_has_the_same_mean() -> None:
    steps = np.arange(20_000)
    ys = 1 + np.sin(steps / 3000)
    all_of_it, some = (Smoothed(Line.of(steps[::every], ys[::every]), 300) for every in (1, 50))
    assert all_of_it.catch_up()
    assert some.catch_up()
    np.testing.assert_allclose(ys_of(some)[20:], ys_of(all_of_it)[::50][20:], atol=0.02)


def test_a_long_run_that_is_kept_is_smoothed_as_the_whole_one() -> None:
    """Of which the lowest and the highest points stay: their middle lies above the mean."""
    random = np.random.default_rng(0)
    steps = np.arange(1, 80_001)
    losses = random.lognormal(0, 1, len(steps)) / np.sqrt(1 + steps / 1000)
    points = map(Point, steps.tolist(), losses.tolist(), [0.5] * len(steps))
    curve = NO_POINTS.extended(list(points))
    while len(curve) > 5000:  # as if it had gone on
        curve = _thin(curve)
    whole = Smoothed(Line.of(steps, losses), 1000)
    kept = Smoothed(Line.of(curve.steps, curve.loss, curve.mean_loss), 1000)
    extremes = Smoothed(Line.of(curve.steps, curve.loss), 1000)
    for smoothed in (whole, kept, extremes):
        while not smoothed.catch_up():
            pass
    at = curve.steps - 1
    late = at > 4000
    ratio = (ys_of(kept) / ys_of(whole)[at])[late]
    assert abs(ratio - 1).max() < 0.02
    assert (ys_of(extremes) / ys_of(whole)[at])[late].mean() > 1.2


def test_points_of_their_own_follow_those_with_means() -> None:
    recording = Recording("loss")
    recording.append([4, 8], {"loss": [9.0, 1.0]}, {"loss": [3.0, 3.0]})
    recording.append([9], {"loss": [3.0]})
    smoothed = Smoothed(recording.lines["loss"], 10)
    assert smoothed.catch_up()
    assert smoothed.line.ys.tolist() == [3.0, 3.0, 3.0]
    assert recording.lines["loss"].ys.tolist() == [9.0, 1.0, 3.0]
