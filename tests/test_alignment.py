"""Sequences side by side, against the textbook's table."""

from __future__ import annotations

import random
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cnnviz.alignment import align, common, rising

words = st.text("abc", max_size=12)


def longest(left: str, right: str) -> int:
    """The length of a longest common subsequence, by the recurrence of any textbook."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, one in enumerate(left, start=1):
        for j, other in enumerate(right, start=1):
            table[i][j] = (
                table[i - 1][j - 1] + 1 if one == other else max(table[i - 1][j], table[i][j - 1])
            )
    return table[-1][-1]


@given(words, words)
def test_as_many_as_can_be_go_together(left: str, right: str) -> None:
    pairs = common(left, right)
    assert len(pairs) == longest(left, right)
    assert all(left[i] == right[j] for i, j in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@given(words, words)
def test_everything_stands_in_the_merged_list_once_and_in_order(left: str, right: str) -> None:
    merged = align([(left, right), (left.replace("b", "a"), right.replace("b", "a"))])
    assert [i for i, _ in merged if i is not None] == list(range(len(left)))
    assert [j for _, j in merged if j is not None] == list(range(len(right)))
    assert (None, None) not in merged


def test_a_strict_level_goes_before_a_loose_one() -> None:
    left, right = ["conv 8", "relu", "conv 16"], ["conv 16", "relu"]
    kinds = [[word.split()[0] for word in side] for side in (left, right)]
    assert align([(left, right)])[0] == (0, None)
    assert align([(left, right), (kinds[0], kinds[1])]) == [(0, 0), (1, 1), (2, None)]


@given(st.lists(st.integers(0, 30), unique=True, max_size=9))
def test_what_has_kept_its_order(numbers: list[int]) -> None:
    kept = rising(numbers)
    in_place = [number for number in numbers if number in kept]
    assert in_place == sorted(in_place)
    assert len(kept) == len(common(numbers, sorted(numbers)))


def test_the_largest_networks_take_no_time() -> None:
    draw = random.Random(1)
    left, right = (draw.choices("abcdef", k=10_000) for _ in range(2))
    started = time.process_time()
    common(left, right)
    assert time.process_time() - started < 1
