"""Which images of a data set are learned from, and which are put aside to judge by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """The training images of a data set, divided. Indices are in the order of the data set.

    train, validation: which images are learned from, and which are put aside; int64 (count,).
    labels: of those that are learned from, as they are taught, wrong ones among them; as the data
        set's.
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    labels: NDArray[np.uint8]


def divide(
    labels: NDArray[np.uint8],
    classes: Sequence[int],
    *,
    images: int = 0,
    share: float = 0.0,
    number: int = 0,
    noise: float = 0.0,
    seed: int = 0,
) -> Division:
    """Choose among training images by their labels (count,), each class by itself.

    classes: those that are learned, by number. share, number: of the images of each class this
    share (0 to 1) is put aside, or so many of all classes together. images: how many of the rest
    are learned from; 0 for all. noise: the share (0 to 1) of these whose label is made that of
    another of the classes. The same seed chooses the same; and of fewer images, some of those that
    are chosen where more are wanted.
    """
    order = _shuffled(len(labels), seed)
    each = [order[labels[order] == label] for label in classes]  # in the order of chance
    sizes = [len(group) for group in each]
    aside = [round(share * size) for size in sizes] if share else fair(number, sizes)
    validation = [group[:count] for group, count in zip(each, aside, strict=True)]
    rest = [group[count:] for group, count in zip(each, aside, strict=True)]
    sizes = [len(group) for group in rest]
    wanted = fair(images, sizes) if images else sizes
    train = [group[:count] for group, count in zip(rest, wanted, strict=True)]
    chosen = _sorted(train)
    taught = _mislabelled(labels, chosen, classes, order, noise, seed)
    return Division(chosen, _sorted(validation), taught)


def fair(number: int, sizes: Sequence[int]) -> list[int]:
    """How many to take of each group so that there are `number`, or all there are.

    All give the same where they can; what small ones lack comes from the others. Where it does not
    come out even the first groups give one more.
    """
    taken = [0] * len(sizes)
    left = min(number, sum(sizes))
    while left:
        open_ = [index for index, size in enumerate(sizes) if taken[index] < size]
        equal = left // len(open_)
        if not equal:
            for index in open_[:left]:
                taken[index] += 1
            break
        for index in open_:
            more = min(equal, sizes[index] - taken[index])
            taken[index] += more
            left -= more
    return taken


def _shuffled(count: int, seed: int) -> NDArray[np.int64]:
    """The numbers up to `count` in an order of chance, the same in every version of numpy: only
    the raw numbers of a generator are promised to stay."""
    raw = np.random.PCG64(seed).random_raw(count)
    return np.argsort(raw, kind="stable").astype(np.int64)


def _sorted(groups: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.sort(np.concatenate([*groups, np.empty(0, np.int64)]))


def _mislabelled(
    labels: NDArray[np.uint8],
    chosen: NDArray[np.int64],
    classes: Sequence[int],
    order: NDArray[np.int64],
    noise: float,
    seed: int,
) -> NDArray[np.uint8]:
    """The labels of the chosen images, a share of them made another of the classes."""
    taught = labels[chosen]
    count = round(noise * len(chosen))
    if count and len(classes) > 1:
        # Images keep their chance of being hit, however many are chosen beside them.
        raw = np.random.PCG64([seed, 1]).random_raw(2 * len(order)).reshape(2, -1)
        hit = np.argsort(raw[0][chosen], kind="stable")[:count]
        names = np.asarray(classes, dtype=taught.dtype)
        place = np.searchsorted(np.sort(names), taught[hit])
        step = 1 + (raw[1][chosen[hit]] % np.uint64(len(names) - 1)).astype(np.int64)
        taught[hit] = np.sort(names)[(place + step) % len(names)]
    taught.flags.writeable = False
    return taught
