"""The numbers in the middle of the sliding picture: the kernel, or the values under the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ui.inspector.sliding_values import MOST_TAPS, patch_of

if TYPE_CHECKING:
    from cnnviz.sliding import Sliding
    from ui.inspector.sliding_values import Values
    from ui.widgets.number_grid import NumberGrid


def show_kernel(
    grid: NumberGrid, sliding: Sliding, values: Values, place: tuple[int, int], *, picks: bool
) -> None:
    """Show the weights, or where there are none what the window at a place lies on.

    picks: whether the largest value is the winner.
    """
    down, across = sliding.kernel
    if values.kernel is not None and values.kernel.shape == (down, across):
        grid.set_values(values.kernel, values.kernel_limit)
        return
    if down * across > MOST_TAPS:
        grid.set_values(np.zeros((0, 0)), 1.0)
        return
    patch, there = patch_of(sliding, values, place)
    winner = np.unravel_index(np.where(there, patch, -np.inf).argmax(), patch.shape)
    grid.set_values(
        patch,
        1.0 if values.grey else values.source_limit,
        grey=values.grey and bool(there.all()),
        empty=~there,
        winner=(int(winner[0]), int(winner[1])) if picks and bool(there.any()) else None,
    )
