"""A line of any length is kept whole, and no part of it loses a peak."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.charts.curve import FINE, Growing, Line, Recording


def line_of(ys: np.ndarray, step: int = 1) -> Line:
    return Line.of(np.arange(len(ys)) * step, ys)


def test_short_lines_are_given_as_they_are() -> None:
    part = Line.of([0, 1, 2], [5, 4, 6]).part(0, 2, 100)
    assert part.xs.tolist() == [0, 1, 2]
    assert part.highs.tolist() == [5, 4, 6]
    assert part.lows is part.highs


@given(
    length=st.integers(1, 5000),
    cuts=st.lists(st.integers(0, 5000), max_size=8),
    columns=st.integers(1, 50),
    span=st.tuples(st.integers(-10, 5100), st.integers(0, 5100)),
    seed=st.integers(0, 5),
)
def test_a_part_has_the_extremes_of_all_that_lies_in_it(
    length: int, cuts: list[int], columns: int, span: tuple[int, int], seed: int
) -> None:
    ys = np.random.default_rng(seed).standard_normal(length).astype(np.float32)
    steps = np.arange(length)
    line = Line(steps_of(length))
    for piece in np.split(ys, sorted(cut for cut in cuts if cut < length)):
        line.extend(piece)
    left, right = span[0], span[0] + span[1]
    part = line.part(left, right, columns)
    inside = np.flatnonzero((steps >= left) & (steps <= right))
    if not len(inside):
        assert len(part.xs) <= 2
        return
    first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, length - 1)
    assert part.lows.min() == ys[first : last + 1].min()
    assert part.highs.max() == ys[first : last + 1].max()
    assert (np.diff(part.xs) >= 0).all()
    assert part.xs[0] == first
    for one, other in ((part.lows, np.fmin), (part.highs, np.fmax)):
        bins = np.searchsorted(part.xs, steps[first : last + 1], "right") - 1
        wanted = np.full(len(part.xs), np.nan, np.float32)
        for place, value in zip(bins, ys[first : last + 1], strict=True):
            wanted[place] = other(wanted[place], value)
        np.testing.assert_array_equal(one, wanted)


def steps_of(length: int) -> Growing:
    steps = Growing(np.uint32)
    steps.extend(np.arange(length, dtype=np.uint32))
    return steps


@given(length=st.integers(10_000, 400_000), columns=st.integers(50, 2000))
def test_a_part_is_fine_enough_and_never_much_more(length: int, columns: int) -> None:
    line = line_of(np.zeros(length, np.float32))
    part = line.part(0, length, columns)
    assert len(part.xs) >= min(length, FINE * columns)
    assert len(part.xs) <= 32 * FINE * columns + 2 * length / (FINE * columns)


@pytest.mark.parametrize("spoilt", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_not_finite_is_a_gap(spoilt: float) -> None:
    line = Line.of([0, 1, 2, 3], [1.0, spoilt, 2.0, spoilt])
    assert line.last == (2.0, 2.0)
    assert line.part(0, 9, 10).xs.tolist() == [0, 2]
    assert line.nearest(1) in ((0, 1.0), (2, 2.0))
    nothing = Line.of(np.arange(100), np.full(100, spoilt))
    assert nothing.last is None
    assert nothing.nearest(50) is None
    assert not len(nothing.part(0, 99, 1).xs)


@pytest.mark.parametrize(("step", "found"), [(-5, 0), (0, 0), (14, 10), (16, 20), (1e12, 990)])
def test_the_nearest_point_is_found(step: float, found: int) -> None:
    line = line_of(np.arange(100) / 4, 10)
    assert line.nearest(step) == (found, found / 40)
    assert Line.of([], []).nearest(3) is None


def test_lines_of_a_recording_have_the_same_steps() -> None:
    recording = Recording("loss", "accuracy")
    recording.append([1, 2], {"loss": [2.0, 1.0], "accuracy": [0.5, 0.75]})
    recording.append([3], {"loss": [0.5], "accuracy": [1.0]})
    assert len(recording) == 3
    assert recording.steps.tolist() == [1, 2, 3]
    assert recording.lines["loss"].ys.tolist() == [2.0, 1.0, 0.5]
    assert recording.lines["accuracy"].last == (3.0, 1.0)
    assert recording.lines["loss"].growing_steps is recording.lines["accuracy"].growing_steps


def test_what_was_read_before_stays_as_it_was() -> None:
    recording = Recording("loss")
    recording.append([1], {"loss": [2.0]})
    before = recording.lines["loss"].ys
    recording.append(np.arange(2, 5000), {"loss": np.zeros(4998)})
    assert before.tolist() == [2.0]
