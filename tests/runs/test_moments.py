"""Which steps are kept, and which give way."""

from __future__ import annotations

from itertools import islice, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.project import Weights
from cnnviz.runs import RUN_BYTES, Moment, is_scheduled, most_moments, next_scheduled, thinned
from cnnviz.runs.moments import scheduled_steps, total_bytes


def moments(*steps: int) -> list[Moment]:
    return [Moment(step, {}) for step in steps]


def test_the_steps_are_log_spaced_and_begin_with_every_one() -> None:
    first = list(islice(scheduled_steps(), 16))

    assert first == [0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300]


def test_a_step_of_any_size_is_found() -> None:
    assert [step for step in range(120) if is_scheduled(step)] == list(
        islice(scheduled_steps(), 13)
    )
    assert next_scheduled(-1) == 0
    assert next_scheduled(10) == 15
    assert next_scheduled(69_999) == 70_000


def test_a_run_of_ten_million_steps_has_few_moments() -> None:
    assert sum(1 for step in islice(scheduled_steps(), 60) if step <= 10_000_000) < 50


def test_large_networks_have_few_moments_or_none() -> None:
    assert most_moments(RUN_BYTES // 10) == 9  # and the initial weights
    assert most_moments(RUN_BYTES // 2) == 1
    assert most_moments(RUN_BYTES) == 0
    assert most_moments(4 * 138_357_544) == 0  # VGG-16


@given(st.sets(st.sampled_from(list(islice(scheduled_steps(), 40))), min_size=1), st.integers(1, 9))
def test_what_is_thinned_is_in_order_and_keeps_the_newest(steps: set[int], most: int) -> None:
    before = sorted(steps)

    kept = [moment.step for moment in thinned(moments(*before), most)]

    assert len(kept) == min(most, len(before))
    assert kept == sorted(set(kept) & steps)
    assert kept[-1] == before[-1]


def test_the_beginning_and_step_ten_give_way_last() -> None:
    steps = list(islice(scheduled_steps(), 30))

    kept = [moment.step for moment in thinned(moments(*steps), 4)]

    assert kept[:2] == [0, 10]


def test_the_densest_give_way_first() -> None:
    steps = [0, 10, 100, 1000, 1100, 10_000]

    assert [moment.step for moment in thinned(moments(*steps), 5)] in (
        [0, 10, 100, 1000, 10_000],
        [0, 10, 100, 1100, 10_000],
    )
    gaps = [b / a for a, b in pairwise([10, 100, 1000, 10_000])]
    assert gaps == [10, 10, 10]


def test_an_array_that_is_shared_counts_once() -> None:
    array = np.zeros(10, np.float32)
    one: Weights = {("a", "weight", (10,)): array}

    assert total_bytes([one, dict(one), {("b", "bias", (10,)): array.copy()}]) == 80
