"""What is shown adds up as it is shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.arithmetic.digits import alone, places_for, rounded, shown
from cnnviz.arithmetic.text import line, number
from cnnviz.arithmetic.values import Step
from cnnviz.message import Message

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


def read(words: str) -> Decimal:
    return Decimal(words.replace("−", "-").replace(",", "")) if words else Decimal(0)


@given(st.lists(numbers, max_size=90), st.integers(0, 6), st.integers(0, 3))
def test_terms_and_remainder_are_the_total(terms: list[float], places: int, more: int) -> None:
    made = rounded(terms, sum(terms), places, total_places=places + more)
    assert sum(map(read, made.terms), Decimal(0)) + read(made.remainder) == read(made.total)


@given(numbers, st.integers(0, 6), st.booleans())
def test_never_a_negative_zero(value: float, places: int, plus: bool) -> None:
    words = shown(value, places, plus=plus)
    assert "-" not in words
    if not read(words):
        assert not words.startswith(("−", "+"))
    elif value < 0:
        assert words.startswith("−")
    else:
        assert words.startswith("+") == plus


def test_signs_and_separators() -> None:
    assert shown(-0.004, 2) == "0.00"
    assert shown(1.8084, 3, plus=True) == "+1.808"
    assert shown(-12345.678, 1) == "−12,345.7"
    assert shown(float("nan"), 2) == "NaN"
    assert shown(float("-inf"), 2) == "−∞"


def test_the_remainder_is_told() -> None:
    made = rounded([0.004, 0.004, 0.004], 0.012, 2)
    assert made.terms == ("0.00", "0.00", "0.00")
    assert (made.remainder, made.total) == ("+0.01", "+0.01")
    assert rounded([1.5, 2.5], 4.0, 1).remainder == ""
    assert rounded([float("inf"), 1.0], float("inf"), 2).remainder == ""


@pytest.mark.parametrize(
    ("largest", "places"),
    [(0.0, 3), (0.5, 3), (12.0, 3), (250.0, 2), (2e5, 0), (0.02, 4), (3e-5, 7)],
)
def test_places_follow_the_largest(largest: float, places: int) -> None:
    assert places_for([0.0, -largest]) == places


def test_a_line_puts_negative_numbers_in_brackets() -> None:
    step = Step(Message("Times"), (-0.5, " · ", -1.25, " + ", 3.0), 3.625)
    assert line(step) == "−0.500 · (−1.250) + 3 = 3.625"
    assert line(Step(Message("Same"), (0.25,), 0.25)) == "0.250"
    assert number(1e-5) == "0.0000100"


def test_a_tiny_number_has_an_exponent() -> None:
    assert number(-4.03e-8) == "−4.03e−8"
    assert number(9.999e-7) == "1.00e−6"
    assert number(1e-300, 6) == "1.00000e−300"
    assert alone(2.5e-7, plus=True) == "+2.50e−7"
    assert alone(-2.5e-7, plus=True) == "−2.50e−7"
    assert alone(0.0) == "0.000"
    step = Step(Message("Times"), ("√(", 2e-7, "²)", " · ", -4e-8), -8e-15)
    assert line(step) == "√((2.00e−7)²) · (−4.00e−8) = −8.00e−15"


def test_the_numbers_of_a_tiny_sum_have_one_exponent() -> None:
    step = Step(Message("Sum"), (-2.624e-7, " + ", 5.104e-7, " + ", -9.9e-9), 2.381e-7)
    assert line(step) == "−2.62e−7 + 5.10e−7 + (−0.10e−7) = 2.38e−7"
    step = Step(Message("Sum"), (2.004e-7, " + ", 1.004e-7), 3.008e-7)
    assert line(step) == "2.00e−7 + 1.00e−7 + (0.01e−7 of rounding) = 3.01e−7"


def test_a_sum_adds_up_as_it_is_shown() -> None:
    step = Step(Message("Sum"), (1.2344, " + ", -0.0014, " + ", 0.0004), 1.2334)
    assert line(step) == "1.234 + (−0.001) + 0.000 = 1.233"
    step = Step(Message("Sum"), (1.2344, " + ", 0.0004), 1.2348)
    assert line(step) == "1.234 + 0.000 + (0.001 of rounding) = 1.235"


def test_a_negative_number_that_is_raised_stands_in_brackets() -> None:
    step = Step(Message("v"), (-0.5, " / (√(", -0.5, "²) + ", 1e-8, ")"), -1.0)
    assert line(step) == "−0.500 / (√((−0.500)²) + 1.00e−8) = −1"
    assert line(Step(Message("v"), (0.5, "²"), 0.25)) == "0.500² = 0.250"
    assert line(Step(Message("v"), (-0.5, "^2 · ", -1.0), -0.25)) == "(−0.500)^2 · (−1) = −0.250"
    assert line(Step(Message("v"), (), 0.25)) == "0.250"
