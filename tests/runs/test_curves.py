"""Curves as arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnviz.runs import MAX_POINTS, NO_POINTS, Curve, Point


def points(first: int, last: int) -> list[Point]:
    return [Point(step, 1 / step, step / 1e6) for step in range(first, last + 1)]


def test_points_go_in_and_come_out_as_they_are() -> None:
    some = points(1, 5)

    assert Curve.of(some).points() == some
    assert NO_POINTS.points() == []
    assert NO_POINTS.last is None


def test_a_curve_grows_and_the_shorter_one_stays() -> None:
    short = Curve.of(points(1, 3))

    long = short.extended(points(4, 6))

    assert long.steps.tolist() == [1, 2, 3, 4, 5, 6]
    assert long.last == Point(6, 1 / 6, 6 / 1e6)
    assert len(short) == 3
    assert not long.loss.flags.writeable


def test_a_million_steps_stay_small_and_keep_their_first_and_their_order() -> None:
    curve = NO_POINTS
    for first in range(1, 1_000_001, 10_000):
        curve = curve.extended(points(first, first + 9999))

    assert len(curve) <= MAX_POINTS
    assert curve.thinned
    assert not Curve.of(points(1, 5)).thinned
    assert not NO_POINTS.thinned
    assert curve.steps[0] == 1
    assert np.all(np.diff(curve.steps) > 0)
    assert curve.steps[-1] > 900_000


@given(peak=st.integers(1, 100_000), low=st.integers(1, 100_000))
@settings(max_examples=20)
def test_no_peak_of_the_loss_goes(peak: int, low: int) -> None:
    losses = {peak: 40.0, low: -1.0}
    curve = NO_POINTS
    for first in range(1, 100_001, 5_000):
        steps = range(first, first + 5_000)
        curve = curve.extended([Point(step, losses.get(step, 1 / step), 0.5) for step in steps])
    assert len(curve) <= MAX_POINTS
    for step, loss in losses.items():
        assert curve.loss[curve.steps == step].tolist() == [loss]


@given(
    losses=arrays(np.float64, st.integers(1, 300), elements=st.floats(0, 10)),
    told=st.integers(1, 40),
)
def test_the_means_are_over_all_points_also_those_that_have_gone(
    losses: np.ndarray, told: int
) -> None:
    steps = np.arange(1, len(losses) + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnviz.runs.curves.MAX_POINTS", 20)
        curve = NO_POINTS
        for first in range(0, len(losses), told):
            some = slice(first, first + told)
            rows = zip(steps[some].tolist(), losses[some].tolist(), strict=True)
            curve = curve.extended([Point(step, loss, 1 - loss / 10) for step, loss in rows])
    assert curve.steps[-1] == steps[-1]
    begins = np.append(0, curve.steps[:-1])
    for begin, end, mean, share in zip(
        begins, curve.steps, curve.mean_loss, curve.mean_accuracy, strict=True
    ):
        assert np.isclose(mean, losses[begin:end].mean(), atol=1e-9)
        assert np.isclose(share, 1 - losses[begin:end].mean() / 10, atol=1e-9)
    assert curve.has_means == (not np.array_equal(curve.loss, curve.mean_loss))
    assert not curve.mean_loss.flags.writeable


def test_a_part_of_a_curve_ends_with_a_step() -> None:
    curve = Curve.of(points(1, 9))

    assert curve.until(4).steps.tolist() == [1, 2, 3, 4]
    assert curve.until(100) is curve
    assert len(curve.until(0)) == 0
