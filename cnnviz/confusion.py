"""Which classes a network takes for which, counted from its answers to all test images."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


class Examination(Struct, frozen=True, eq=False):
    """Answers to images after so many steps, one value an image.

    labels, predicted: uint8 (count,). confidence: float32 (count,), of the predicted class.
    places: which of the data set's test images these are; None where they are all, in order.
    """

    step: int
    labels: NDArray[np.uint8]
    predicted: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    places: Numbers | None = None

    def place(self, answer: int) -> int:
        """Which of the data set's test images an answer is about."""
        return answer if self.places is None else int(self.places[answer])

    def confusion(self, classes: int) -> Numbers:
        """How many images of a class (row) were taken for a class (column)."""
        pairs = self.labels.astype(np.int64) * classes + self.predicted
        return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)

    def in_cell(self, label: int, predicted: int) -> Numbers:
        """The images of one cell of the confusion matrix, the most confident first."""
        return self._by_confidence((self.labels == label) & (self.predicted == predicted))

    def mistakes(self) -> Numbers:
        """The images that were taken for something else, the most confident first."""
        return self._by_confidence(self.labels != self.predicted)

    def _by_confidence(self, chosen: NDArray[np.bool_]) -> Numbers:
        places = np.flatnonzero(chosen)
        return places[np.argsort(-self.confidence[places], kind="stable")]


def accuracies(confusion: Numbers) -> NDArray[np.float64]:
    """The share of each class that was recognised; nan for a class without images."""
    count = confusion.sum(axis=1).astype(np.float64)
    count[count == 0] = np.nan
    found: NDArray[np.float64] = np.diag(confusion) / count
    return found
