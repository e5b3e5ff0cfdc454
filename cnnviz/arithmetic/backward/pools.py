"""Pooling on the way back: δ of a window goes to its winner, or is spread over what it has read.

The spreading is a Kronecker product of δ with the pattern of shares (Bouvrie, "Notes on
Convolutional Neural Networks", 2006, section 3.2).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from cnnviz.arithmetic import pools
from cnnviz.arithmetic.backward.values import DELTA, Flow
from cnnviz.arithmetic.backward.windows import bias_of_map, correlated
from cnnviz.arithmetic.norms import own
from cnnviz.arithmetic.values import Reads, Share, Shared, Step, Window
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from cnnviz.arithmetic.backward.values import Return
    from cnnviz.arithmetic.values import Account, Piece, Reading
    from cnnviz.layers import Layer, Subsampling

MOST_NAMED = 6
"""Windows that a line names one by one."""


def handed_on(
    forward: Callable[[Any, Reading], Account],
    layer: Layer,
    back: Return,
    *,
    factor: float | None = None,
) -> Flow:
    """What the windows that have read a value hand back to it, by how each came about.

    factor: of the window's sum, where the layer takes that and not the mean.
    """
    x, y = back.maps
    channel, row, column = back.place
    windows = []
    for down in _reading(layer, x, 0, y.height, row):
        for across in _reading(layer, x, 1, y.width, column):
            place = (channel, down, across)
            there = msgspec.structs.replace(back.reading, place=place)
            windows.append(_share(forward(layer, there), back, place, factor))
    parts = [window.part for window in windows]
    total = float(sum(parts))
    reads = Reads(
        (channel,),
        tuple(dict.fromkeys(window.row for window in windows)),
        tuple(dict.fromkeys(window.column for window in windows)),
    )
    absolute = sum(map(abs, parts))
    steps = (_step(windows, parts, total),)
    return Flow(reads, Shared(tuple(windows)), steps, total, absolute, own(x, back.place))


def _reading(layer: Layer, x: Any, axis: int, count: int, at: int) -> list[int]:
    """The rows or columns of the output whose windows have read a row or column."""
    found = []
    for place in range(count):
        span = layer.reads(x, axis, (place, place))
        if span is None or span[0] <= at <= span[1]:
            found.append(place)
    return found


def _share(
    account: Account, back: Return, place: tuple[int, int, int], factor: float | None
) -> Share:
    window = account.picture
    assert isinstance(window, Window)
    rows, columns = account.reads.rows, account.reads.columns
    cell = (rows.index(back.place[1]), columns.index(back.place[2]))
    if window.winner is not None:
        shares = np.zeros(window.values.shape)
        shares[window.winner] = 1.0
    elif factor is not None:
        shares = window.inside * factor
    else:
        shares = window.inside / max(int(window.counted.sum()), 1)
    delta = float(back.delta[place])
    return Share(
        place[1], place[2], account.reads, window.values, shares, window.inside, delta, cell,
        window.winner,
    )  # fmt: skip


def _step(windows: list[Share], parts: list[float], total: float) -> Step:
    title = Message("Handed back by the windows that read it")
    if not windows:
        return Step(Message("No window reads this value"), (), 0.0)
    if len(windows) == 1:
        window = windows[0]
        return Step(title, (window.delta, " · ", float(window.shares[window.cell])), total)
    pieces: list[Piece] = []
    for part in parts if len(parts) <= MOST_NAMED else [total]:
        pieces += [part] if not pieces else [" + ", part]
    return Step(title, tuple(pieces), total)


max_pool = partial(handed_on, pools.max_pool)
avg_pool = partial(handed_on, pools.avg_pool)
adaptive_avg_pool = partial(handed_on, pools.adaptive_avg_pool)
global_avg_pool = partial(handed_on, pools.global_avg_pool)
global_max_pool = partial(handed_on, pools.global_max_pool)


def subsampling(layer: Subsampling, back: Return) -> Flow:
    """Each value of a window counts by the coefficient of its map."""
    factor = back.reading.number("weight", back.place[0])
    return handed_on(pools.subsampling, layer, back, factor=factor)


def subsampling_gradient(layer: Subsampling, back: Return) -> Flow:
    """Of the coefficient: the sums of all windows, each times its δ; of the bias Σδ."""
    if back.name == "bias":
        return bias_of_map(back)
    x, y = back.maps
    channel = back.place[0]
    values = back.reading.x[channel].astype(np.float64)
    stride, kernel = layer.step, layer.kernel
    views = np.lib.stride_tricks.sliding_window_view(values, kernel.pair)
    views = views[:: stride.height, :: stride.width][: y.height, : y.width]
    reads = Reads((channel,), tuple(range(y.height)), tuple(range(y.width)))
    sees = Reads((channel,), tuple(range(x.height)), tuple(range(x.width)))
    return correlated(
        reads,
        sees,
        views.sum((2, 3)),
        back.delta[channel],
        factors=(Message("sum of the window"), DELTA),
        sizes=np.abs(views).sum((2, 3)),
    )
