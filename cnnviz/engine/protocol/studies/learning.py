"""Learning: how weights start, how far a step may go, and what is learned from."""

from __future__ import annotations

from msgspec import Struct

from cnnviz.engine.protocol.values import Tensor
from cnnviz.preparation import Preparation
from cnnviz.training import Training


class Starts(Struct, frozen=True, tag=True):
    """The initial weights of a layer, as the seed has them."""

    uid: str


class Started(Struct, frozen=True, tag=True):
    """tensors: of the layer, by name."""

    tensors: list[Tensor]


class RangeTest(Struct, frozen=True, tag=True):
    """How the loss goes while the learning rate grows from step to step; see `cnnviz.range_test`.

    settings: of the run that it is for. The network itself learns nothing by it.
    """

    settings: Training


class RangeTested(Struct, frozen=True, tag=True):
    """rates: of the steps by now, lowest first. losses: at each of them, smoothed. rate: what is
    proposed; None where the loss falls nowhere, and before the test is over."""

    rates: list[float]
    losses: list[float]
    rate: float | None = None


class Outlook(Struct, frozen=True, tag=True):
    """What the network would see of training images that are prepared so, and how many they are.

    seed: which images are shown, and how chance changes them. count: how many are wanted.
    shift: as in `Training`.
    """

    preparation: Preparation
    seed: int
    count: int = 12
    shift: int = 0


class Foreseen(Struct, frozen=True, tag=True):
    """Some of the training images and what is made of them, and how many there are of each class.

    before, after: (images, channels, height, width), as they are (0 to 1) and as the network sees
    them (low to high). labels: their classes; taught: what it is told that they are.
    train, validation, test: how many there are of each class. there: of all training images.
    """

    before: Tensor
    after: Tensor
    low: float
    high: float
    labels: list[int]
    taught: list[int]
    train: list[int]
    validation: list[int]
    test: list[int]
    there: int


class Lesson(Struct, frozen=True, tag=True):
    """The batch that the present run has learned from last. count: how many images are wanted."""

    count: int = 60


class Learned(Struct, frozen=True, tag=True):
    """The images of a batch, those with the largest loss first, as they were in the step: with its
    dropout, and before it moved the weights.

    step: counted from 1. size: images in the batch. correct: how many were recognised. loss: the
    mean over the batch, which the curve shows.
    images: (count, channels, height, width), as the network saw them (low to high). places: their
    numbers in the training set. labels, predicted, losses: of each.
    """

    step: int
    size: int
    correct: int
    loss: float
    images: Tensor
    low: float
    high: float
    places: list[int]
    labels: list[int]
    predicted: list[int]
    losses: list[float]
