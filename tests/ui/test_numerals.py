"""Numbers are short, honest and without exponents where people write none."""

from __future__ import annotations

import math

import pytest

from ui.numerals import figure, power_of_ten, significant, size_words


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (-0.0, 4, "0"),
        (-0.23149, 4, "−0.2315"),
        (12.0, 4, "12"),
        (-0.6, 3, "−0.6"),
        (0.00012, 3, "0.00012"),
        (0.0000123456, 4, "0.00001235"),
        (0.00001, 4, "0.00001"),
        (1234.5, 3, "1234"),
        (987_654.3, 4, "987654"),
        (1.5e9, 3, "1.5e9"),
        (1e-9, 4, "1e−9"),
        (math.nan, 4, "NaN"),
        (-math.inf, 4, "−∞"),
    ],
)
def test_significant_digits(value: float, digits: int, shown: str) -> None:
    assert significant(value, digits) == shown


def test_where_there_is_little_room_small_numbers_have_an_exponent_sooner() -> None:
    assert significant(0.00012, 3, tiny=1e-3) == "1.20e−4"
    assert significant(-0.0000123, 2, tiny=1e-3) == "−1.2e−5"
    assert significant(0.0, 2, tiny=1e-3) == "0"
    assert significant(0.0123, 3, tiny=1e-3) == "0.0123"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.000"),
        (-0.0, "0.000"),
        (2.3026, "2.303"),
        (0.0258, "0.026"),
        (0.0095, "0.0095"),
        (0.001, "0.0010"),
        (0.00095, "0.00095"),
        (0.0000042, "0.0000042"),
        (4.2e-9, "4.2e−9"),
        (4567.8, "4,568"),
        (456.78, "456.8"),
        (812_345.6, "8.1e5"),
        (-3e12, "−3.0e12"),
        (math.nan, "NaN"),
    ],
)
def test_figures_keep_their_places(value: float, shown: str) -> None:
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("power", "shown"),
    [(-6, "10⁻⁶"), (-3, "0.001"), (0, "1"), (1, "10"), (3, "1,000"), (12, "10¹²")],
)
def test_powers_of_ten(power: int, shown: str) -> None:
    assert power_of_ten(power) == shown


def test_sizes_have_a_unit_that_suits_them() -> None:
    assert [size_words(n) for n in (0, 16_384, 170_052_171)] == ["0 KB", "16 KB", "170 MB"]
