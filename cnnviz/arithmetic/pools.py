"""Pooling: the window, and its winner, its mean or its sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.values import Account, Reads, Step, Window
from cnnviz.arithmetic.windows import patch_of, slid
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.arithmetic.values import Piece, Reading
    from cnnviz.layers import (
        AdaptiveAvgPool,
        AvgPool,
        GlobalAvgPool,
        GlobalMaxPool,
        MaxPool,
        Subsampling,
    )
    from cnnviz.layers.pooling import Pool

MOST_SHOWN = 9
"""Values of a window that a line names one by one."""


def max_pool(layer: MaxPool, reading: Reading) -> Account:
    """The largest value of the window; padding never wins."""
    return _largest(reading, _reads(layer, reading))


def avg_pool(layer: AvgPool, reading: Reading) -> Account:
    """The mean of the window. Under "same" only of what exists; explicit padding counts as 0."""
    x, _ = reading.maps
    reads = _reads(layer, reading)
    if layer.padding == "same":
        return _mean(reading, reads)
    axes = []
    for at, size, border in zip(
        (reads.rows, reads.columns), (x.height, x.width), layer.ends(x), strict=True
    ):
        places = np.array(at)  # beyond the padding, where rounding up leads, nothing is counted
        axes.append(places < size + border[1])
    return _mean(reading, reads, axes[0][:, None] & axes[1])


def adaptive_avg_pool(layer: AdaptiveAvgPool, reading: Reading) -> Account:
    """The mean of a window as large as the sizes ask for: ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉ − 1."""
    x, y = reading.maps
    channel, row, column = reading.place
    rows = range(row * x.height // y.height, -(-(row + 1) * x.height // y.height))
    columns = range(column * x.width // y.width, -(-(column + 1) * x.width // y.width))
    return _mean(reading, Reads((channel,), tuple(rows), tuple(columns)))


def global_avg_pool(layer: GlobalAvgPool, reading: Reading) -> Account:
    """The mean of the whole map."""
    return _mean(reading, _whole(reading))


def global_max_pool(layer: GlobalMaxPool, reading: Reading) -> Account:
    """The largest value of the whole map."""
    return _largest(reading, _whole(reading))


def subsampling(layer: Subsampling, reading: Reading) -> Account:
    """The sum of the window, times the map's coefficient, plus its bias."""
    channel, row, column = reading.place
    reads = Reads(
        (channel,),
        slid(row, layer.step.height, 0, layer.kernel.height),
        slid(column, layer.step.width, 0, layer.kernel.width),
    )
    patch, inside = patch_of(reading.x, reads)
    factor, bias = reading.number("weight", channel), reading.number("bias", channel)
    total = float(patch.sum())
    value = total * factor + bias
    steps = (
        Step(Message("Sum of the window"), added(patch[0], inside), total),
        Step(
            Message("Times the coefficient, plus the bias"),
            (total, " · ", factor, " + ", bias),
            value,
        ),
    )
    absolute = float(np.abs(patch).sum()) * abs(factor) + abs(bias)
    return Account(reads, Window(patch[0], inside, inside), steps, value, absolute)


def _reads(layer: Pool, reading: Reading) -> Reads:
    x, _ = reading.maps
    channel, row, column = reading.place
    above, left = layer.ends(x)
    return Reads(
        (channel,),
        slid(row, layer.step.height, above[0], layer.kernel.height),
        slid(column, layer.step.width, left[0], layer.kernel.width),
    )


def _whole(reading: Reading) -> Reads:
    x, _ = reading.maps
    return Reads((reading.place[0],), tuple(range(x.height)), tuple(range(x.width)))


def _largest(reading: Reading, reads: Reads) -> Account:
    patch, inside = patch_of(reading.x, reads)
    values = patch[0]
    winner = int(np.argmax(np.where(inside, values, -np.inf)))
    place = divmod(winner, values.shape[1])
    value = float(values[place])
    pieces: list[Piece] = ["max("]
    some = values[inside].tolist()
    pieces += _listed(some, ", ") if len(some) <= MOST_SHOWN else ["…"]
    step = Step(Message("Largest value of the window"), (*pieces, ")"), value)
    picture = Window(values, inside, inside, (place[0], place[1]))
    return Account(reads, picture, (step,), value, abs(value))


def _mean(reading: Reading, reads: Reads, counted: np.ndarray | None = None) -> Account:
    patch, inside = patch_of(reading.x, reads)
    values = patch[0]
    counted = inside if counted is None else counted
    count, total = int(counted.sum()), float(values.sum())
    steps = (
        Step(Message("Sum of the window"), added(values, counted), total),
        Step(Message("Divided by their number"), (total, f" / {count:,}"), total / count),
    )
    absolute = float(np.abs(values).sum()) / count
    return Account(reads, Window(values, inside, counted), steps, total / count, absolute)


def added(values: np.ndarray, counted: np.ndarray) -> tuple[Piece, ...]:
    """The pieces of a line that adds up those of the values that are counted."""
    some = values[counted].tolist()
    return tuple(_listed(some, " + ")) if len(some) <= MOST_SHOWN else ("Σ",)


def _listed(values: list[float], between: str) -> list[Piece]:
    pieces: list[Piece] = []
    for value in values:
        pieces += [value] if not pieces else [between, value]
    return pieces
