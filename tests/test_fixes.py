"""The nearest possible value of an impossible setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnviz.fixes import possible
from cnnviz.layers import Border, Conv2d, GroupNorm, Layer, Maps, MaxPool, Problem, Size, Vector

if TYPE_CHECKING:
    from cnnviz.layers import Shape


def problem_of(layer: Layer, x: Shape) -> Problem | None:
    found = layer.output_shape(x)
    return found if isinstance(found, Problem) else None


sizes = st.builds(Size, st.integers(1, 12), st.integers(1, 12))
paddings = st.just("valid") | st.builds(Border, st.integers(0, 3), st.integers(0, 3))
images = st.builds(Maps, st.integers(1, 12), st.integers(1, 12), st.just(2))


@given(sizes, sizes, paddings, images)
def test_a_window_that_does_not_fit_is_told_the_largest_that_does(
    kernel: Size, dilation: Size, padding: Border, x: Maps
) -> None:
    conv = Conv2d(kernel=kernel, dilation=dilation, padding=padding)
    problem = problem_of(conv, x)
    assume(problem is not None)
    assert problem is not None
    found = possible(conv, problem)
    assert "kernel" in found or kernel == Size(1, 1)  # one pixel fits into any image
    for name, value in found.items():
        mended = msgspec.structs.replace(conv, **{name: value})
        assert problem_of(mended, x) is None
        if not isinstance(value, Size):
            continue
        before = getattr(conv, name).pair
        for axis in (0, 1):  # nothing between the value and the impossible one is possible
            assert value.pair[axis] <= before[axis]
            if value.pair[axis] < before[axis]:
                pair = list(value.pair)
                pair[axis] += 1
                larger = msgspec.structs.replace(conv, **{name: Size(*pair)})
                assert problem_of(larger, x) is not None


@pytest.mark.parametrize(
    ("layer", "x", "wanted"),
    [
        (
            Conv2d(kernel=Size(40, 3), padding=Border(1, 1)),
            Maps(28, 28, 1),
            {"kernel": Size(30, 3), "padding": "same"},
        ),
        (
            Conv2d(kernel=Size(3, 3), dilation=Size(9, 9)),
            Maps(9, 28, 1),
            {"kernel": Size(1, 3), "dilation": Size(4, 9), "padding": "same"},
        ),
        (Conv2d(filters=6, groups=4), Maps(28, 28, 8), {"filters": 8, "groups": 2}),
        (Conv2d(filters=8, groups=3), Maps(28, 28, 8), {"groups": 2}),
        (Conv2d(filters=24, groups=99), Maps(28, 28, 36), {"groups": 12}),
        (GroupNorm(groups=7), Maps(28, 28, 24), {"groups": 6}),
        (GroupNorm(groups=23), Vector(24), {"groups": 12}),  # not 24 with one value each
        (
            MaxPool(kernel=Size(2, 2), padding=Border(2, 0)),
            Maps(8, 8, 1),
            {"padding": Border(1, 0)},
        ),
    ],
)
def test_numbers_come_before_rules(layer: Layer, x: Maps, wanted: dict[str, object]) -> None:
    problem = problem_of(layer, x)
    assert problem is not None
    assert list(possible(layer, problem).items()) == list(wanted.items())


def test_what_another_layer_is_needed_for_is_no_setting() -> None:
    problem = problem_of(Conv2d(), Vector(784))
    assert problem is not None
    assert problem.repairs
    assert possible(Conv2d(), problem) == {}
