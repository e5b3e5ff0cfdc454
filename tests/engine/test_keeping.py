"""How often the weights of a run are told."""

from __future__ import annotations

import pytest

from cnnviz.engine.keeping import seconds_between


@pytest.mark.parametrize(
    ("took", "seconds"),
    [
        (0.001, 2.0),  # of a small network as often as anybody could want
        (0.02, 4.0),  # half a percent of the time
        (1.0, 60.0),  # but every minute,
        (4.0, 200.0),  # unless that would take more than 2 % of it
    ],
)
def test_what_takes_long_comes_seldom(took: float, seconds: float) -> None:
    assert seconds_between(took) == pytest.approx(seconds)
