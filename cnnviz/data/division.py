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
    """As `divided`, as arrays of the data set's own types."""
    train, aside, taught = divided(labels, list(classes), images, share, number, noise, seed)
    taught.flags.writeable = False
    return Division(train, aside, taught)


# Exported scripts print these functions as they stand, so they need nothing but numpy.


def divided(
    labels: np.ndarray,
    classes: list[int],
    images: int = 0,
    share: float = 0.0,
    number: int = 0,
    noise: float = 0.0,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choose among training images by their labels (count,), each class by itself.

    classes: those that are learned, by number. share, number: of the images of each class this
    share (0 to 1) is put aside, or so many of all classes together. images: how many of the rest
    are learned from; 0 for all. noise: the share (0 to 1) of these whose label is made that of
    another of the classes. The same seed chooses the same; and of fewer images, some of those that
    are chosen where more are wanted.

    Returns the images that are learned from, those that are put aside, both by their numbers, and
    the labels that the first are taught with.
    """
    # The same in every version of numpy: only the raw numbers of a generator are promised to stay.
    order = np.argsort(np.random.PCG64(seed).random_raw(len(labels)), kind="stable")
    each = [order[labels[order] == label] for label in classes]  # in the order of chance
    sizes = [len(group) for group in each]
    aside = [round(share * size) for size in sizes] if share else fair(number, sizes)
    rest = [group[count:] for group, count in zip(each, aside, strict=True)]
    sizes = [len(group) for group in rest]
    wanted = fair(images, sizes) if images else sizes
    nothing = np.empty(0, np.int64)
    train = [group[:count] for group, count in zip(rest, wanted, strict=True)]
    chosen = np.sort(np.concatenate([*train, nothing]))
    kept = [group[:count] for group, count in zip(each, aside, strict=True)]
    return (
        chosen,
        np.sort(np.concatenate([*kept, nothing])),
        mislabelled(labels, chosen, classes, noise, seed),
    )


def fair(number: int, sizes: list[int]) -> list[int]:
    """How many to take of each group so that there are `number`, or all there are.

    All give the same where they can; what small ones lack comes from the others. Where it does not
    come out even the first groups give one more.
    """
    taken = [0] * len(sizes)
    left = min(number, sum(sizes))
    while left:
        some = [index for index, size in enumerate(sizes) if taken[index] < size]
        equal = left // len(some)
        if not equal:
            for index in some[:left]:
                taken[index] += 1
            break
        for index in some:
            more = min(equal, sizes[index] - taken[index])
            taken[index] += more
            left -= more
    return taken


def mislabelled(
    labels: np.ndarray, chosen: np.ndarray, classes: list[int], noise: float, seed: int
) -> np.ndarray:
    """The labels of the chosen images, a share of them made another of the classes."""
    taught: np.ndarray = labels[chosen]
    count = round(noise * len(chosen))
    if count and len(classes) > 1:
        # Images keep their chance of being hit, however many are chosen beside them.
        raw = np.random.PCG64([seed, 1]).random_raw(2 * len(labels)).reshape(2, -1)
        hit = np.argsort(raw[0][chosen], kind="stable")[:count]
        names = np.sort(np.asarray(classes, dtype=taught.dtype))
        step = 1 + (raw[1][chosen[hit]] % np.uint64(len(names) - 1)).astype(np.int64)
        taught[hit] = names[(np.searchsorted(names, taught[hit]) + step) % len(names)]
    return taught
