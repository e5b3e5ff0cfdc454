"""What messages hold: arrays, images, answers and texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct

from cnnviz.analysis import TensorKey
from cnnviz.confusion import Examination
from cnnviz.message import Message

MAX_VALUES = 1 << 22
"""Of one tensor in a picture. The first dense layer of VGG-16 has 25 times as many: 400 MB."""


class Tensor(Struct, frozen=True, array_like=True):
    """An array on its way: float32, C order. `uid` and `name` say whose it is."""

    uid: str
    name: str
    shape: tuple[int, ...]
    data: memoryview

    @classmethod
    def of(cls, uid: str, name: str, values: np.ndarray) -> Tensor:
        """Wrap an array; the data are not copied where they are float32 in C order already."""
        values = np.asarray(values, np.float32, order="C")  # ascontiguousarray knows no shape ()
        return cls(uid, name, values.shape, values.reshape(-1).view(np.uint8).data)

    @property
    def key(self) -> TensorKey:
        """By what the tensor is known."""
        return self.uid, self.name, self.shape

    def array(self) -> np.ndarray:
        """The values, read-only."""
        return floats(self.data, self.shape)


class Activations(Struct, frozen=True, array_like=True):
    """What one layer makes of the probed image.

    shape: (channels, height, width) of the maps in `data`, or (length,) of a vector; at most
    `max_maps` channels unless they are 1×1, the layer is the selected one or it was asked for as a
    whole.
    channels: how many the layer really has.
    limit: the largest magnitude over the whole layer, for its colour range.
    step: in `data` is every so-manyth value of each row and column; 0: there are no maps in it.
    """

    uid: str
    shape: tuple[int, ...]
    channels: int
    limit: float
    data: memoryview
    step: int = 1

    def array(self) -> np.ndarray:
        """The values as float32, read-only."""
        return floats(self.data, self.shape)


class Answers(Struct, frozen=True, tag=True):
    """A `cnnviz.confusion.Examination` on its way."""

    step: int
    labels: memoryview
    predicted: memoryview
    confidence: memoryview
    places: memoryview | None = None

    @classmethod
    def of(cls, found: Examination) -> Answers:
        """Wrap what was found."""
        arrays = (found.labels, found.predicted, found.confidence)
        labels, predicted, confidence = (values.view(np.uint8).data for values in arrays)
        places = None if found.places is None else found.places.view(np.uint8).data
        return cls(found.step, labels, predicted, confidence, places)

    def examination(self) -> Examination:
        """The answers as arrays, read-only."""
        return Examination(
            self.step,
            np.frombuffer(self.labels, np.uint8),
            np.frombuffer(self.predicted, np.uint8),
            np.frombuffer(self.confidence, np.float32),
            None if self.places is None else np.frombuffer(self.places, np.int64),
        )


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


class AsTrained(Struct, frozen=True, array_like=True):
    """Which layers have done what they do in training alone, by uid.

    dropouts: those that drop at random. norms: those that normalise by the batch.
    together: images in that batch; the others are training images.
    """

    dropouts: list[str]
    norms: list[str]
    together: int


class Text(Struct, frozen=True, array_like=True):
    """A `Message` on its way."""

    template: str
    values: dict[str, Any]

    @classmethod
    def of(cls, message: Message) -> Text:
        """Wrap a message; values that are messages themselves become English."""
        return cls(message.template, {n: _plain(value) for n, value in message.values.items()})

    def message(self) -> Message:
        """The message again."""
        return Message(self.template, **self.values)


def floats(data: memoryview, shape: tuple[int, ...]) -> np.ndarray:
    """Values that have arrived, as float32, read-only."""
    values = np.frombuffer(data, np.float32).reshape(shape)
    values.flags.writeable = False
    return values


def _plain(value: Any) -> int | float | str:
    if isinstance(value, int) and abs(value) >= 2**63:  # more than msgpack has room for
        return float(value)
    return value if isinstance(value, int | float | str) else str(value)
