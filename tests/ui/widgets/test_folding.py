"""A vector as cells."""

from __future__ import annotations

import numpy as np
import pytest

from ui.widgets.folding import folded


@pytest.mark.parametrize(
    ("length", "shape"), [(1, (1, 1)), (16, (16, 1)), (17, (4, 5)), (18, (4, 5)), (400, (20, 20))]
)
def test_a_vector_is_a_column_or_about_a_square(length: int, shape: tuple[int, int]) -> None:
    values = np.arange(1, length + 1, dtype=np.float32)
    cells = folded(values)
    assert cells.shape == shape
    assert np.array_equal(cells.reshape(-1)[:length], values), "row by row"
    assert not cells.reshape(-1)[length:].any()
