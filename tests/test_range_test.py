"""What losses at growing learning rates say."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from cnnviz.range_test import HIGHEST, LOWEST, falls, judge, over, rates


def valley(rate: float) -> float:
    """A loss that is flat, falls around 1e-3, and explodes above 0.1."""
    return 2.3 - 2 / (1 + (1e-3 / rate) ** 2) + (rate / 0.1) ** 2


def test_rates_grow_by_the_same_factor_between_the_limits() -> None:
    found = rates(50)
    assert found[0] == pytest.approx(LOWEST)
    assert found[-1] == pytest.approx(HIGHEST)
    factors = [after / before for before, after in pairwise(found)]
    assert factors == pytest.approx([factors[0]] * len(factors))
    assert len(rates(1)) == 1


def test_the_proposal_is_a_tenth_of_the_rate_with_the_lowest_loss() -> None:
    tried = rates()
    tested = judge([valley(rate) for rate in tried], tried)
    lowest = tested.rates[tested.losses.index(min(tested.losses))]
    assert tested.rate is not None
    assert tested.rate == pytest.approx(lowest / 10, rel=0.06)
    assert 1e-4 < tested.rate < 1e-2


def test_smoothing_counts_no_loss_before_the_first() -> None:
    assert judge([2.0, 2.0, 2.0], rates()).losses == pytest.approx([2.0, 2.0, 2.0])
    assert judge([2.0, 1.0], rates()).losses[1] == pytest.approx((0.9 * 2 + 1) / 1.9)


def test_where_nothing_falls_nothing_is_proposed() -> None:
    assert judge([2.3] * 50, rates()).rate is None
    assert judge([], rates()).rate is None
    assert judge([2.3], rates()).rate is None
    assert judge([2.0, 3.0, 9.0], rates()).rate is None
    assert not any(map(falls, ([2.3] * 50, [], [2.3], [2.0, 3.0, 9.0])))


def test_what_is_no_number_ends_it() -> None:
    losses = [2.0, 1.0, math.nan, 1.0]
    assert over(losses)
    assert len(judge(losses, rates()).losses) == 2
    assert not over(losses[:2])
    assert not over([])
    assert over([1.0] * 30 + [100.0])


def test_a_batch_without_a_mistake_at_the_start_does_not_end_it() -> None:
    losses = [0.002] + [0.02] * 20  # of a network that has learned
    assert not any(over(losses[:steps]) for steps in range(len(losses) + 1))
    assert over(losses + [2.0] * 5)


def test_no_rate_is_proposed_that_was_not_tried() -> None:
    tried = rates()
    assert judge([0.02] + [0.001] * 4 + [1.0] * 5, tried).rate is None  # learned already
    assert falls([0.02, 0.001])
