"""The images of a data set as a run wants them: chosen, put aside, mislabelled, equalised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.data.datasets import Samples
from cnnviz.data.equalisation import equalised

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

    from cnnviz.preparation import Preparation

EQUALISED_AT_ONCE = 200
"""Images; small ones take some 10 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared(Samples):
    """As `Samples`, after all that is done before a run begins.

    validation_images, validation_labels: what was put aside, perhaps none.
    train_places, test_places: which of the data set's images these are, int64; None where they are
    all.
    """

    validation_images: NDArray[np.uint8] | None = None
    validation_labels: NDArray[np.uint8] | None = None
    train_places: NDArray[np.int64] | None = None
    test_places: NDArray[np.int64] | None = None


def prepared_steps(
    samples: Samples, preparation: Preparation, classes: Sequence[str]
) -> Generator[None, None, Samples]:
    """Prepare the images of a data set with these classes, in steps of a few milliseconds.

    What is not changed is not copied; by default that is all.
    """
    division = preparation.divide(samples.train_labels, classes)
    if len(division.train) < len(samples.train_labels) or preparation.label_noise:
        samples = Prepared(
            samples.train_images[division.train],
            division.labels,
            samples.test_images,
            samples.test_labels,
            samples.note,
            train_places=division.train,
            validation_images=samples.train_images[division.validation],
            validation_labels=samples.train_labels[division.validation],
        )
        yield
    chosen = np.isin(samples.test_labels, preparation.chosen(classes))
    if isinstance(samples, Prepared) and not chosen.all():
        samples = replace(
            samples,
            test_images=samples.test_images[chosen],
            test_labels=samples.test_labels[chosen],
            test_places=np.flatnonzero(chosen),
        )
        yield
    if preparation.equalisation:
        done: dict[str, Any] = {}
        for name in ("train_images", "validation_images", "test_images"):
            images = getattr(samples, name, None)
            if images is not None:
                done[name] = yield from _equalised_steps(images, preparation)
        samples = replace(samples, **done)
    return samples


def _equalised_steps(
    images: NDArray[np.uint8], preparation: Preparation
) -> Generator[None, None, NDArray[np.uint8]]:
    done = np.empty_like(images)
    for start in range(0, len(images), EQUALISED_AT_ONCE):
        some = slice(start, start + EQUALISED_AT_ONCE)
        done[some] = equalised(images[some], preparation.tiles, preparation.clip_limit)
        yield
    return done
