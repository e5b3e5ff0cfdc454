"""However one zooms, there is something to be seen and nothing beyond the ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.charts.zooming import LEAST, moved, stretched

WHOLE = (1.0, 1000.0)


@given(
    left=st.floats(1, 900),
    size=st.floats(1e-6, 100),
    factor=st.floats(0.01, 100),
    around=st.floats(0, 1),
)
def test_a_zoom_stays_inside_and_keeps_its_place(
    left: float, size: float, factor: float, around: float
) -> None:
    span = (left, left + size)
    middle = left + around * size
    found = stretched(span, WHOLE, factor, middle)
    if found is None:
        assert size * factor >= 99
        return
    assert WHOLE[0] <= found[0] < found[1] <= WHOLE[1]
    free = found[0] > WHOLE[0] and found[1] < WHOLE[1]
    if free:
        assert found[1] - found[0] >= LEAST - 1e-6
        assert (middle - found[0]) / (found[1] - found[0]) == pytest.approx(around, abs=1e-3)


def test_a_short_run_can_be_zoomed_not_at_all() -> None:
    assert stretched((1.0, 3.0), (1.0, 3.0), 0.5, 2.0) is None


@given(left=st.floats(1, 900), size=st.floats(5, 99), share=st.floats(-20, 20))
def test_panning_keeps_the_size(left: float, size: float, share: float) -> None:
    found = moved((left, left + size), WHOLE, share)
    assert found is not None
    assert found[1] - found[0] == pytest.approx(size)
    assert WHOLE[0] <= found[0]
    assert found[1] <= WHOLE[1]
