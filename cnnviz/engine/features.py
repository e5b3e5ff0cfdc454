"""What layers make of many images, kept for as long as the weights are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from cnnviz.engine.slices import images_a_slice, outputs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.engine.build import Model

PLACES = 4
"""Maps are averaged to so many places along each side: where something is counts, but not to the
pixel, and a layer of VGG-16 becomes 8,192 numbers an image instead of three million."""
BUDGET = 512 << 20
"""Bytes, of all layers together: 60,000 images of 2,200 numbers, or 14,500 of 9,216."""
AT_ONCE = 1_500_000
"""Numbers of kept features that are handed out together: a few milliseconds to compare."""


def features_of(values: torch.Tensor) -> torch.Tensor:
    """(batch, channels, height, width) or (batch, length), as float32 (batch, numbers)."""
    if values.ndim == 4:
        height, width = (min(PLACES, side) for side in values.shape[2:])
        values = F.adaptive_avg_pool2d(values.float(), (height, width))
    return values.flatten(1).float()


def mixed(count: int) -> torch.Tensor:
    """The numbers below `count`, always in the same order of chance: the first of them stand for
    all, also where a data set has its images class by class. int64 (count,)."""
    raw = np.random.PCG64(0).random_raw(count)  # the same in every version of numpy
    return torch.from_numpy(np.argsort(raw, kind="stable"))


class Rows:
    """What a layer makes of the images of a set, in mixed order: of as many as there are by now.

    images: uint8 (count, height, width) or (…, channels), all of the set.
    """

    def __init__(
        self, uid: str, images: torch.Tensor, version: int, grown: Callable[[], None]
    ) -> None:
        """grown: is told when memory has been taken."""
        self.uid, self.version = uid, version
        self.order = mixed(len(images)).to(images.device)
        """(count,), which image a row is of."""
        self.done = 0
        """So many rows are kept."""
        self.room = len(images)
        """There is memory for so many."""
        self.made: dict[str, object] = {}
        """What others have made of them."""
        self._images, self._grown = images, grown
        self._kept: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self._images)

    @property
    def bytes(self) -> int:
        """How much memory they take once they are complete."""
        return 0 if self._kept is None else self._kept.nbytes

    @property
    def kept(self) -> torch.Tensor:
        """(done, numbers)"""
        assert self._kept is not None
        return self._kept[: self.done]

    def part(self, model: Model, first: int) -> torch.Tensor | None:
        """Some rows from `first` on: (some, numbers). What is not there is computed, a slice of
        work, and kept if it is next and there is room. None: the network has no such layer."""
        if first < self.done:
            return next(self.pieces(self.done, first))
        outputs = outputs_of(model, self._images[self.order[first : first + images_a_slice(model)]])
        if self.uid not in outputs:
            return None
        features = features_of(outputs[self.uid])
        if self._kept is None:
            self.room = min(self.room, max(1, BUDGET // max(1, features[0].nbytes)))
            # The system hands out memory as it is written to, so that room for all costs nothing.
            self._kept = features.new_empty(self.room, features.shape[1])
            self._grown()
        if first == self.done:
            fitting = features[: self.room - self.done]
            self._kept[self.done : self.done + len(fitting)] = fitting
            self.done += len(fitting)
        return features

    def pieces(self, count: int, first: int = 0) -> Iterator[torch.Tensor]:
        """Those that are kept, from `first` to before `count`, a few at a time: (some, numbers)."""
        kept = self.kept[:count]
        some = max(1, AT_ONCE // max(1, kept.shape[1]))
        for start in range(first, len(kept), some):
            yield kept[start : start + some]


class _Key(NamedTuple):
    uid: str
    images: int
    """Where the tensor of images is in memory: training or test."""
    size: int


class FeatureBank:
    """Features by layer, so that a study which the next stroke of the pen ends loses nothing."""

    def __init__(self) -> None:
        self._rows: dict[_Key, Rows] = {}

    def clear(self) -> None:
        """Another network, or another device."""
        self._rows.clear()

    def rows(self, uid: str, images: torch.Tensor, least: int, version: int) -> Rows:
        """What there is of a layer; those that were asked for longest ago make room for it.

        least: so many rows that have been begun with other weights are finished all the same: while
        a network learns, nothing else would ever come to an end. version: another number stands for
        other weights (PyTorch's own count of a tensor's changes does not notice its fused
        optimisers).
        """
        key = _Key(uid, images.data_ptr(), len(images))
        rows = self._rows.pop(key, None)
        if rows is None or (rows.version != version and rows.done >= min(least, rows.room)):
            self._rows = {k: kept for k, kept in self._rows.items() if kept.version == version}
            rows = Rows(uid, images, version, self._make_room)
        self._rows[key] = rows
        return rows

    def _make_room(self) -> None:
        while len(self._rows) > 1 and sum(each.bytes for each in self._rows.values()) > BUDGET:
            del self._rows[next(iter(self._rows))]
