"""What the engine can look into at leisure: a subject for each study, and what is found.

A study is one struct of each here, and one generator in `cnnviz.engine.studies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from cnnviz.engine.protocol.values import Activations, Answers, Tensor
from cnnviz.preparation import Preparation
from cnnviz.training import Loss, Training

if TYPE_CHECKING:
    import numpy as np


class Average(Struct, frozen=True, tag=True):
    """What a layer makes of the test images of a class, on average.

    uid: the layer; "input" is what the network sees. label: a class; None takes all of them.
    """

    uid: str
    label: int | None = None


class Averaged(Struct, frozen=True, tag=True):
    """maps: (channels, height, width) or (length,), the mean over `images` images."""

    images: int
    maps: Tensor


class Exciting(Struct, frozen=True, tag=True):
    """Which test images excite a map of a layer most, or a unit.

    uid: the layer. number: the map or unit. count: how many images are wanted.
    """

    uid: str
    number: int
    count: int = 9


class Excited(Struct, frozen=True, tag=True):
    """The most exciting of `seen` test images, the strongest first.

    places: their numbers in the test set. labels: their classes. strengths: the largest value of
    the map. rows, columns: where in the map it stands; 0 for a unit.
    images: (count, channels, height, width), what the network sees of them.
    """

    seen: int
    places: list[int]
    labels: list[int]
    strengths: list[float]
    rows: list[int]
    columns: list[int]
    images: Tensor


class Starts(Struct, frozen=True, tag=True):
    """The initial weights of a layer, as the seed has them."""

    uid: str


class Started(Struct, frozen=True, tag=True):
    """tensors: of the layer, by name."""

    tensors: list[Tensor]


class Dream(Struct, frozen=True, tag=True):
    """The picture that a map or unit likes best; it grows while one looks.

    uid, number: as in `Exciting`. seed: of the noise that it begins with, and of the jitter.
    """

    uid: str
    number: int
    seed: int = 0


class Dreamt(Struct, frozen=True, tag=True):
    """image: (channels, height, width), 0 to 1, after so many steps. strength: the mean of the map
    for it; before: for the noise at the beginning."""

    steps: int
    image: Tensor
    strength: float
    before: float


class Muted(Struct, frozen=True, tag=True):
    """How well the test images are recognised without some maps, and with all.

    maps: (uid, number) of what is 0.
    """

    maps: tuple[tuple[str, int], ...]


class Accuracies(Struct, frozen=True, tag=True):
    """Counts of each class over the `images` test images seen by now: how many there are, how many
    are recognised with all maps, and how many without those that are muted."""

    images: int
    there: list[int]
    whole: list[int]
    without: list[int]


class Look(Struct, frozen=True, array_like=True):
    """An image to hold against others: as in `Probe`."""

    image: bytes
    height: int
    width: int
    channels: int

    @classmethod
    def of(cls, image: np.ndarray) -> Look:
        """Of an image as it comes: uint8 (height, width) or (height, width, channels)."""
        height, width, *channels = image.shape
        return cls(image.tobytes(), height, width, channels[0] if channels else 1)


class Nearest(Struct, frozen=True, tag=True):
    """Which training images are most like one to a layer: nearest by what it makes of them.

    uid: the layer. count: how many are wanted.
    """

    uid: str
    look: Look
    count: int = 12


class Neighbours(Struct, frozen=True, tag=True):
    """The nearest of `among` training images, the nearest first.

    places: their numbers in the training set. distances: Euclidean, between what the layer makes of
    them. images: (count, channels, height, width), what the network sees of them.
    """

    among: int
    places: list[int]
    labels: list[int]
    distances: list[float]
    images: Tensor


class Pictures(Struct, frozen=True, tag=True):
    """Test images by their numbers, as the network sees them."""

    places: tuple[int, ...]


class Pictured(Struct, frozen=True, tag=True):
    """images: (count, channels, height, width), 0 to 1. labels: their classes."""

    images: Tensor
    labels: list[int]


Projection = Literal["pca", "tsne"]


class Embed(Struct, frozen=True, tag=True):
    """Test images as points in a plane, near each other where a layer finds them alike.

    look: an image whose place among them is wanted as well.
    """

    uid: str
    projection: Projection
    look: Look | None = None


class Embedded(Struct, frozen=True, tag=True):
    """points: (images, 2), in no unit. places, labels: the numbers of the test images, and their
    classes. shares: of the variance that the two axes of a PCA show; empty for t-SNE.
    at: where the image is that was to be looked at; empty where none was.
    rounds: of t-SNE, by now.
    """

    points: Tensor
    places: list[int]
    labels: list[int]
    shares: list[float] = []
    at: list[float] = []
    rounds: int = 0


class Backward(Struct, frozen=True, tag=True):
    """The way back for one image: δ of every layer, and all that a layer does with it.

    target: the class that is right. loss, label_smoothing: as in `Training`.
    uid: the layer of which everything is wanted; "" none.
    column: of a dense layer's weights that are too large, the inputs from this one on are wanted.
    max_maps: how many maps of δ are wanted of each layer; of `uid` all are.
    clipped: whether the length of all gradients together is wanted.
    """

    look: Look
    target: int
    loss: Loss
    label_smoothing: float
    uid: str = ""
    column: int = 0
    max_maps: int = 8
    clipped: bool = False


class WentBack(Struct, frozen=True, tag=True):
    """What goes back through a network that is at rest: with running statistics, without dropout.

    logits: of all classes. loss: of this image. norm: of all gradients, 0 where it was not wanted.
    deltas: δ of the output of every layer, and of what the network sees ("input"); the last
    softmax, which is left to the loss, has none.
    The rest is that of `uid`. sources: what it reads, and handed: δ of that, as far as this layer
    hands it back; of a block those are the ends of its branches, and forked is δ of its input and
    then what each branch hands back to that. tensors, gradients: by name; also of frozen layers.
    column: the input that weights and gradients of a dense layer begin with.
    """

    target: int
    logits: list[float]
    loss: float
    norm: float
    deltas: list[Activations]
    sources: list[Tensor] = []
    handed: list[Tensor] = []
    forked: list[Tensor] = []
    tensors: list[Tensor] = []
    gradients: list[Tensor] = []
    column: int = 0


class BackwardInTraining(Struct, frozen=True, tag=True):
    """The way back through a batch norm with a batch: this image, and training images by chance.

    target, loss, label_smoothing: as in `Backward`; of the others the label is right, and the loss
    is the mean over all. uid: the batch norm. number: the map, or the value of a vector, of which
    the whole batch is wanted. seed: which images are drawn, and what dropout drops.
    """

    look: Look
    target: int
    loss: Loss
    label_smoothing: float
    uid: str
    number: int
    seed: int = 0


class WentBackInTraining(Struct, frozen=True, tag=True):
    """loss: the mean over the batch. delta: δ of what the layer gives, handed: of what it reads;
    both of the first image, all maps. x: what the layer reads, deltas: δ of what it gives; both of
    map `number` and the whole batch, (images, height, width), of a vector (images, 1, 1). factor:
    of that map; 1 where the layer learns none."""

    number: int
    factor: float
    loss: float
    delta: Tensor
    handed: Tensor
    x: Tensor
    deltas: Tensor


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


class Examine(Struct, frozen=True, tag=True):
    """The answers to all test images with the weights that are visited; told once all are there.

    step: of those weights; where others are visited meanwhile, nothing is found.
    """

    step: int


class Beside(Struct, frozen=True, tag=True):
    """What a layer makes of an image, to be held beside what it makes of another, or with others.

    uid: the layer; "input" is what the network sees. weights: the name of those that were lent; ""
    takes those that are looked at.
    """

    look: Look
    uid: str
    weights: str = ""


class SeenBeside(Struct, frozen=True, tag=True):
    """maps: of the layer, as many as can be looked at. probabilities: of all classes.
    low, high: what black and white have become in what the network sees."""

    maps: Activations
    probabilities: list[float]
    low: float
    high: float


class Lacking(Struct, frozen=True, tag=True):
    """The weights of this name have not been lent, or the network is another one by now."""

    weights: str


Subject = (
    Examine
    | Beside
    | Average
    | Starts
    | Exciting
    | Dream
    | Muted
    | Nearest
    | Embed
    | Pictures
    | Backward
    | BackwardInTraining
    | RangeTest
    | Outlook
    | Lesson
)
Finding = (
    Answers
    | SeenBeside
    | Lacking
    | Averaged
    | Started
    | Excited
    | Dreamt
    | Accuracies
    | Neighbours
    | Embedded
    | Pictured
    | WentBack
    | WentBackInTraining
    | RangeTested
    | Foreseen
    | Learned
)
