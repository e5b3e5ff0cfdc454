"""From logits to probabilities with numbers that can be checked."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.explain.answers import softmax_table


@given(st.lists(st.floats(-300, 300), min_size=1, max_size=20))
def test_shares_are_those_of_pytorch(logits: list[float]) -> None:
    table = softmax_table(logits)
    assert table is not None
    expected = torch.tensor(logits, dtype=torch.float64).softmax(0).tolist()
    assert [row.share for row in table.rows] == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert [row.logit for row in table.rows] == logits
    assert table.total == pytest.approx(sum(row.power for row in table.rows))


def test_the_numbers_of_a_class() -> None:
    table = softmax_table([1.0, 2.0, 0.0])
    assert table is not None
    assert table.shift == 0
    assert [round(row.power, 3) for row in table.rows] == [2.718, 7.389, 1.0]
    assert round(table.total, 3) == 11.107
    assert [round(row.share, 3) for row in table.rows] == [0.245, 0.665, 0.09]


def test_large_logits_are_brought_down_first_and_spoilt_ones_have_no_table() -> None:
    table = softmax_table([1000.0, 999.0])
    assert table is not None
    assert table.shift == 1000
    assert [row.power for row in table.rows] == pytest.approx([1, math.exp(-1)])
    for spoilt in ([], [1.0, math.nan], [math.inf, 0.0]):
        assert softmax_table(spoilt) is None
