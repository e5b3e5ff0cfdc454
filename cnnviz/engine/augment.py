"""Images that differ a little each time, so that a network cannot learn them by heart."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from cnnviz.engine.build import derived_seed


def shifted(x: torch.Tensor, limit: int, seed: int, step: int) -> torch.Tensor:
    """All images of a batch, moved together by up to `limit` pixels along each axis.

    Zeros come in at the edges. How far is a matter of (seed, step) alone, so that a run can be gone
    on with anywhere. x: (batch, channels, height, width).
    """
    if not limit:
        return x
    chance, ways = derived_seed(seed, "shift", str(step)), 2 * limit + 1
    down, right = chance % ways - limit, chance // ways % ways - limit
    height, width = x.shape[2:]
    down, right = min(max(down, -height), height), min(max(right, -width), width)
    return F.pad(x, (right, -right, down, -down))
