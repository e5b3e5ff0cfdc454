"""What the window and the engine say to each other: msgpack, typed, never pickle. No torch here.

The window is the one that knows; the engine holds one network with live weights, and tells what it
learned. A `revision` names a state of the window's history, so that late answers find their place.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from msgspec import Struct

from cnnviz.analysis import TensorKey
from cnnviz.confusion import Examination
from cnnviz.data.datasets import Source
from cnnviz.explain.answers import Method
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.project import Weights
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        values = np.ascontiguousarray(values, dtype=np.float32)
        return cls(uid, name, values.shape, values.reshape(-1).view(np.uint8).data)

    @property
    def key(self) -> TensorKey:
        """By what the tensor is known."""
        return self.uid, self.name, self.shape

    def array(self) -> np.ndarray:
        """The values, read-only."""
        values = np.frombuffer(self.data, np.float32).reshape(self.shape)
        values.flags.writeable = False
        return values


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


def _plain(value: Any) -> int | float | str:
    if isinstance(value, int) and abs(value) >= 2**63:  # more than msgpack has room for
        return float(value)
    return value if isinstance(value, int | float | str) else str(value)


# --- from the window to the engine -----------------------------------------------------------


class Load(Struct, frozen=True, tag=True):
    """Make this the present network; a run of the one before it ends.

    `keep`: tensors to take over live from the present network. `tensors`: values to set. All others
    start from the seed.
    """

    revision: int
    network: Network
    dataset: Source
    seed: int
    keep: list[TensorKey]
    tensors: list[Tensor]


class Probe(Struct, frozen=True, tag=True):
    """Show what the network makes of an image.

    image: uint8, (height, width, channels), as large as the data set's images.
    max_maps: how many feature maps of each layer are wanted, by default as many as a card holds. Of
    `uid`, the selected layer, all are, and its weights too; of very large ones the first.
    whole: layers of which all maps are wanted as well, such as what the selected one reads.
    first: of tensors that are too large, the filters or units from this one on are wanted.
    """

    id: int
    image: bytes
    height: int
    width: int
    channels: int
    uid: str = ""
    max_maps: int = 24
    whole: tuple[str, ...] = ()
    first: int = 0


class Explain(Struct, frozen=True, tag=True):
    """Show which pixels make the network answer as it does; ends what an earlier one began.

    image, height, width, channels: as in `Probe`.
    target: a class; None takes the one that is predicted.
    uid: the layer whose maps Grad-CAM weighs; "" takes the last with maps of more than one value.
    """

    id: int
    image: bytes
    height: int
    width: int
    channels: int
    method: Method
    target: int | None = None
    uid: str = ""


class Train(Struct, frozen=True, tag=True):
    """Start a run of `revision`, or go on with the paused one of the same revision.

    steps: pause again after so many; None trains to the end of the last epoch.
    to_epoch: pause again after the present epoch and its measurement.
    """

    revision: int
    settings: Training
    steps: int | None = None
    to_epoch: bool = False


class Settings(Struct, frozen=True, tag=True):
    """Change what can change while a run goes on."""

    settings: Training


class Pause(Struct, frozen=True, tag=True):
    """Hold the run after the present step; it can go on as if nothing had happened."""


class Stop(Struct, frozen=True, tag=True):
    """End the run; the weights stay as they are."""


class UseDevice(Struct, frozen=True, tag=True):
    """Move to another device, one of those that `Ready` named."""

    device: str


class UseThreads(Struct, frozen=True, tag=True):
    """Leave so many cores to other programs from now on."""

    free: int


class Quit(Struct, frozen=True, tag=True):
    """End the process."""


ToEngine = Load | Probe | Explain | Train | Settings | Pause | Stop | UseDevice | UseThreads | Quit


# --- from the engine to the window -----------------------------------------------------------


class Ready(Struct, frozen=True, tag=True):
    """The engine is up, on this device; also the answer to `UseDevice` and `UseThreads`."""

    device: str
    devices: list[str]
    threads: int
    note: Text | None = None


class Activations(Struct, frozen=True, array_like=True):
    """What one layer makes of the probed image.

    shape: (channels, height, width) of the maps in `data`, or (length,) of a vector; at most
    `max_maps` channels unless the layer is the selected one or was asked for as a whole.
    channels: how many the layer really has.
    limit: the largest magnitude over the whole layer, for its colour range.
    """

    uid: str
    shape: tuple[int, ...]
    channels: int
    limit: float
    data: memoryview

    def array(self) -> np.ndarray:
        """The values as float32, read-only."""
        values = np.frombuffer(self.data, np.float32).reshape(self.shape)
        values.flags.writeable = False
        return values


class Probed(Struct, frozen=True, tag=True):
    """The answer to a `Probe`: what the network sees, every layer that works, and the classes.

    layers: the first has the uid "input" and holds what the network sees (0 to 1).
    probabilities: empty while the network is broken.
    weights: the tensors of the selected layer. first: the filter or unit that those begin with
    which are too large to be sent as a whole.
    """

    id: int
    revision: int
    step: int
    layers: list[Activations]
    probabilities: list[float]
    weights: list[Tensor]
    first: int = 0


class Explained(Struct, frozen=True, tag=True):
    """The answer to an `Explain`, and with a method that takes its time, one after each slice.

    shape: (height, width) of the values in `data`, float32, as large as the network's input; empty
    where there are none, which `note` explains.
    target: the class that is explained. logits: of all classes, before the softmax.
    uid, cells: the layer whose maps were weighed, and their (height, width); for Grad-CAM alone.
    side, top, left: the grey square of occlusion, in pixels, and where it was last.
    done: how much of the work is done, 0 to 1.
    """

    id: int
    method: Method
    revision: int = -1
    step: int = 0
    shape: tuple[int, ...] = ()
    data: memoryview = memoryview(b"")
    target: int = 0
    logits: list[float] = []
    uid: str = ""
    cells: tuple[int, ...] = ()
    side: int = 0
    top: int = 0
    left: int = 0
    done: float = 1.0
    note: Text | None = None

    def array(self) -> np.ndarray | None:
        """The values (height, width), read-only; None where there are none."""
        if not self.shape:
            return None
        values = np.frombuffer(self.data, np.float32).reshape(self.shape)
        values.flags.writeable = False
        return values


class Point(Struct, frozen=True, array_like=True):
    """One place of the curves. step counts from 1 after the first step; 0 is before it."""

    step: int
    loss: float
    accuracy: float


class Changed(Struct, frozen=True, array_like=True):
    """A setting of training that was changed after so many steps of the run."""

    step: int
    field: str
    before: int | float | str | bool
    after: int | float | str | bool


RunState = Literal["loading", "running", "paused", "finished", "stopped", "failed"]


class Progress(Struct, frozen=True, tag=True):
    """How a run stands; sent at most some thirty times a second, and when its state changes.

    train, test: the points since the last Progress of this run. `explanation` says why it failed,
    or why it finished before its last step, `warning` what is odd about it at present.
    run: counts the runs of this engine; a new number starts new curves.
    learning_rate: of the next step. gradient_norm: of the last step, before clipping.
    memory: bytes that the engine holds on its device.
    changes: all that was changed in this run.
    """

    revision: int
    run: int
    state: RunState
    step: int
    steps: int
    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float | None
    images_per_second: float | None
    seconds_left: float | None
    train: list[Point] = []
    test: list[Point] = []
    explanation: Text | None = None
    learning_rate: float | None = None
    gradient_norm: float | None = None
    memory: int = 0
    changes: list[Changed] = []
    warning: Text | None = None


class Examined(Struct, frozen=True, tag=True):
    """The answers to all test images, after each epoch; as in `cnnviz.confusion.Examination`."""

    revision: int
    run: int
    step: int
    labels: memoryview
    predicted: memoryview
    confidence: memoryview

    @classmethod
    def of(cls, revision: int, run: int, found: Examination) -> Examined:
        """Wrap what was found."""
        arrays = (found.labels, found.predicted, found.confidence)
        views = (values.view(np.uint8).data for values in arrays)
        return cls(revision, run, found.step, *views)

    def examination(self) -> Examination:
        """The answers as arrays, read-only."""
        return Examination(
            self.step,
            np.frombuffer(self.labels, np.uint8),
            np.frombuffer(self.predicted, np.uint8),
            np.frombuffer(self.confidence, np.float32),
        )


class Snapshot(Struct, frozen=True, tag=True):
    """What `revision` has learned by now: all its tensors.

    final: nothing will change any more until something is said to the engine.
    """

    revision: int
    step: int
    tensors: list[Tensor]
    final: bool

    def weights(self) -> Weights:
        """The tensors as arrays of their own."""
        return {tensor.key: tensor.array() for tensor in self.tensors}


class Failed(Struct, frozen=True, tag=True):
    """Something that was asked could not be done; the engine goes on."""

    reason: Text


FromEngine = Ready | Probed | Explained | Progress | Examined | Snapshot | Failed

encoder = msgspec.msgpack.Encoder()


APART = 1 << 20
"""Bytes from which an array goes through the pipe on its own, behind its message."""
_EMPTY = memoryview(b"")


def frames(message: ToEngine) -> Iterator[bytes | memoryview]:
    """What goes through the pipe to the engine: the message, then its large arrays as they are.

    In one piece all of it would be copied by a call that holds up every thread of the window: for
    VGG-16, half a second.
    """
    if not isinstance(message, Load):
        yield encoder.encode(message)
        return
    apart = [tensor.data.nbytes >= APART for tensor in message.tensors]
    tensors = [
        Tensor(tensor.uid, tensor.name, tensor.shape, _EMPTY) if large else tensor
        for tensor, large in zip(message.tensors, apart, strict=True)
    ]
    yield encoder.encode(msgspec.structs.replace(message, tensors=tensors))
    yield from (t.data for t, large in zip(message.tensors, apart, strict=True) if large)


def receive(take: Callable[[], bytes]) -> ToEngine:
    """The next message to the engine; `take` waits for the next piece from the pipe.

    Raises what `take` raises, and msgspec.DecodeError.
    """
    message = decode_to_engine(take())
    if not isinstance(message, Load):
        return message
    tensors = [
        Tensor(tensor.uid, tensor.name, tensor.shape, memoryview(take()))
        if prod(tensor.shape) and not tensor.data.nbytes
        else tensor
        for tensor in message.tensors
    ]
    return msgspec.structs.replace(message, tensors=tensors)


def decode_to_engine(data: bytes) -> ToEngine:
    """What the window said. Raises msgspec.DecodeError."""
    return _to_engine().decode(data)


def decode_from_engine(data: bytes) -> FromEngine:
    """What the engine said. Raises msgspec.DecodeError."""
    return _from_engine().decode(data)


# Each process needs one of the two, and the window not before it is painted.


@cache
def _to_engine() -> msgspec.msgpack.Decoder[ToEngine]:
    return msgspec.msgpack.Decoder(ToEngine)


@cache
def _from_engine() -> msgspec.msgpack.Decoder[FromEngine]:
    return msgspec.msgpack.Decoder(FromEngine)
