"""What a network makes of images: of many together, or of one beside others."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from cnnviz.engine.protocol.values import Activations, Look, Tensor


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


class Nearest(Struct, frozen=True, tag=True):
    """Which training images are most like one to a layer: nearest by what it makes of them.

    uid: the layer. count: how many are wanted.
    """

    uid: str
    look: Look
    count: int = 12


class Neighbours(Struct, frozen=True, tag=True):
    """The nearest of `among` training images, the nearest first; there are `whole`.

    places: their numbers in the training set. distances: Euclidean, between what the layer makes of
    them. images: (count, channels, height, width), what the network sees of them.
    """

    among: int
    whole: int
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

    look: an image whose place among them is wanted as well. images: how many of them; 0 for all.
    """

    uid: str
    projection: Projection
    look: Look | None = None
    images: int = 0


class Embedded(Struct, frozen=True, tag=True):
    """points: (images, 2), in no unit, of `whole` test images. places, labels: their numbers in the
    test set, and their classes. shares: of the variance that the two axes of a PCA show; empty for
    t-SNE.
    at: where the image is that was to be looked at; empty where none was.
    rounds: of t-SNE, by now.
    """

    points: Tensor
    whole: int
    places: list[int]
    labels: list[int]
    shares: list[float] = []
    at: list[float] = []
    rounds: int = 0


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
