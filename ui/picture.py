"""What the network makes of an image, as the views show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct

from cnnviz.layers import Activation
from cnnviz.layers.activation import SQUEEZING
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report
    from cnnviz.engine.protocol import AsTrained, Probed

CARRIES_RANGE = frozenset({"activation", "pooling", "dropout"})
"""Families drawn in the colour range of the layer before, so that one sees what they do. Not
functions that squeeze all they read into a range of their own: a softmax of large logits would be
as good as black."""
FAINTEST = 1e-3
"""Less than a grey of 256."""


class Thinned(NamedTuple):
    """Maps (channels, height, width) of which every `step`-th value of each row and column is here,
    which is enough for a card."""

    values: np.ndarray
    step: int


class Picture(Struct, frozen=True, eq=False):
    """What the network makes of the present image, ready to be shown; arrays are read-only.

    maps: by uid, float32 (channels, height, width) or (length,); "input" is what the network sees.
    thinned: instead, of layers whose maps are seen on cards alone, and smaller than they are.
    channels: how many maps a layer really has; limits: the magnitude that the colour range ends at.
    weights: the tensors of the selected layer. first: the filter or unit that those of them begin
    with which are too large to be here as a whole.
    low, high: what black and white have become in what the network sees.
    as_trained: what layers did as they do in training alone; None where they did not.
    """

    revision: int
    step: int
    maps: dict[str, np.ndarray]
    channels: dict[str, int]
    limits: dict[str, float]
    probabilities: list[float]
    weights: dict[str, dict[str, np.ndarray]]
    first: int = 0
    low: float = 0.0
    high: float = 1.0
    as_trained: AsTrained | None = None
    thinned: dict[str, Thinned] = {}

    @property
    def greys(self) -> bool:
        """Whether what the network sees are greys, from 0 to 1; else they are numbers as others."""
        return (self.low, self.high) == (0, 1)

    @property
    def seen(self) -> np.ndarray | None:
        """What the network sees, as greys; None where that has not come yet."""
        values = self.maps.get(INPUT_UID)
        if values is None or self.greys:
            return values
        greys: np.ndarray = ((values - self.low) / (self.high - self.low)).clip(0, 1)
        return greys

    @property
    def inked(self) -> bool:
        """Whether there is anything in the image."""
        seen = self.seen
        return seen is not None and bool((seen > FAINTEST).any())


def blank(revision: int) -> Picture:
    """The picture of a network that has not been looked at yet."""
    return Picture(revision, 0, {}, {}, {}, [], {})


def picture_of(message: Probed, report: Report) -> Picture:
    """The engine's answer as a picture."""
    maps = {layer.uid: layer.array() for layer in message.layers if layer.step == 1}
    thinned = {
        layer.uid: Thinned(layer.array(), layer.step) for layer in message.layers if layer.step != 1
    }
    limits = {layer.uid: layer.limit for layer in message.layers}
    for row in report.rows:
        uid = row.layer.uid
        carries = row.layer.family in CARRIES_RANGE and not (
            isinstance(row.layer, Activation) and row.layer.function in SQUEEZING
        )
        if uid in limits and row.source != INPUT_UID and carries:
            limits[uid] = max(limits.get(row.source, 0.0), limits[uid])
    weights: dict[str, dict[str, np.ndarray]] = {}
    for tensor in message.weights:
        weights.setdefault(tensor.uid, {})[tensor.name] = tensor.array()
    channels = {layer.uid: layer.channels for layer in message.layers}
    return Picture(
        message.revision,
        message.step,
        maps,
        channels,
        limits,
        message.probabilities,
        weights,
        message.first,
        message.low,
        message.high,
        message.as_trained,
        thinned,
    )


def network_limit(picture: Picture) -> float:
    """The magnitude that the colours of all maps of the network end at, if they share one range."""
    layers = {uid for uid, values in picture.maps.items() if values.ndim == 3} | {*picture.thinned}
    limits = [picture.limits[uid] for uid in layers - {INPUT_UID} if uid in picture.limits]
    return max(limits, default=1.0)
