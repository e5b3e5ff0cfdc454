"""A vector as a picture: cells in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ui.colors import Floats


def folded(values: Floats) -> Floats:
    """A vector (length,) as cells: one column of at most 16, else about as wide as high."""
    length = len(values)
    columns = 1 if length <= 16 else int(np.ceil(np.sqrt(length)))
    rows = -(-length // columns)
    cells = np.zeros(rows * columns, np.float32)
    cells[:length] = values
    return cells.reshape(rows, columns)
