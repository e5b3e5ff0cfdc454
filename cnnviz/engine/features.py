"""What layers make of many images, kept for as long as the weights are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.nn import functional as F

from cnnviz.engine.slices import images_a_slice, outputs_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.engine.build import Model

PLACES = 4
"""Maps are averaged to so many places along each side: where something is counts, but not to the
pixel, and a layer of VGG-16 becomes 8,192 numbers an image instead of three million."""


def features_of(values: torch.Tensor) -> torch.Tensor:
    """(batch, channels, height, width) or (batch, length), as float32 (batch, numbers)."""
    if values.ndim == 4:
        height, width = (min(PLACES, side) for side in values.shape[2:])
        values = F.adaptive_avg_pool2d(values.float(), (height, width))
    return values.flatten(1).float()


class _Key(NamedTuple):
    uid: str
    images: int
    """Where the tensor of images is in memory: training or test."""
    first: int
    """So many of them."""


class Rows:
    """Features of the first images, as many as there are by now, and what was made of them."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.parts: list[torch.Tensor] = []
        self.done = 0
        self.made: dict[str, object] = {}

    def all(self) -> torch.Tensor:
        """(images, numbers)"""
        if len(self.parts) > 1:
            self.parts = [torch.cat(self.parts)]
        return self.parts[0]


class FeatureBank:
    """Features by layer, so that a study which the next stroke of the pen ends loses nothing."""

    def __init__(self) -> None:
        self._rows: dict[_Key, Rows] = {}

    def clear(self) -> None:
        """Another network, or another device."""
        self._rows.clear()

    def fill(
        self, model: Model, uid: str, images: torch.Tensor, count: int, version: int
    ) -> Generator[float, None, Rows | None]:
        """What a layer makes of the first `count` images; yields the share that is done.

        version: another number stands for other weights (PyTorch's own count of a tensor's changes
        does not notice its fused optimisers). What has been begun is finished, even if the weights
        move on meanwhile; once it is complete other weights begin it anew. None: the network has no
        such layer.
        """
        key = _Key(uid, images.data_ptr(), count)
        rows = self._rows.get(key)
        if rows is None or (rows.done == count and rows.version != version):
            self._rows = {k: kept for k, kept in self._rows.items() if kept.version == version}
            rows = self._rows[key] = Rows(version)
        while rows.done < count:
            part = images[rows.done : min(rows.done + images_a_slice(model), count)]
            outputs = outputs_of(model, part)
            if uid not in outputs:
                return None
            rows.parts.append(features_of(outputs[uid]))
            rows.done += len(part)
            yield rows.done / count
        return rows
