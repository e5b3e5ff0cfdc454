"""An engine on the desk: no process, no pipe, but every message packed and unpacked as there."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from cnnviz.analysis import analyze
from cnnviz.data.datasets import Samples
from cnnviz.engine.build import build
from cnnviz.engine.protocol import (
    FromEngine,
    Load,
    Probe,
    Progress,
    Snapshot,
    Tensor,
    ToEngine,
    Train,
    decode_from_engine,
    decode_to_engine,
    encoder,
)
from cnnviz.engine.worker import Engine
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool,
    Size,
)
from cnnviz.network import Network
from cnnviz.project import Weights
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from cnnviz.analysis import TensorKey

T = TypeVar("T")

TRAIN, TEST = 96, 40


def samples(train: int = TRAIN, test: int = TEST) -> Samples:
    """Noise with a bright patch whose place tells the class: soon learned, no file read."""
    generator = np.random.default_rng(0)

    def some(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = generator.integers(0, 60, (count, 28, 28), np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = divmod(int(label), 4)
            image[2 + 8 * row : 8 + 8 * row, 1 + 7 * column : 7 + 7 * column] = 255
        return images, labels

    return Samples(*some(train), *some(test))


def load_slowly(name: str) -> Generator[None, None, Samples]:
    """In the place of `load_steps`."""
    assert name == "mnist"
    for _ in range(3):
        yield
    return samples()


def small_network(*more: Layer, filters: int = 3) -> Network:
    """A convolution, what `more` there is, and ten units; the uids are the names of the kinds."""
    layers = (
        Conv2d(uid="conv", filters=filters, kernel=Size(5, 5), stride=Size(2, 2)),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        *more,
        Flatten(uid="flat"),
        Dense(uid="dense", units=10),
    )
    return Network().with_layers(layers)


RESTLESS = small_network(BatchNorm(uid="norm"), Dropout(uid="drop"))
"""With running statistics, and with chance."""

QUICK = Training(optimizer="sgd", learning_rate=0.05, batch_size=32, epochs=2)
LONG = msgspec.structs.replace(QUICK, epochs=1000)


class Desk:
    """An engine and all that it has said."""

    def __init__(self) -> None:
        self.said: list[FromEngine] = []
        self.engine = Engine(self._hear, threads=1)
        self.revision = 0
        self.probes = 0

    def _hear(self, message: FromEngine) -> None:
        self.said.append(decode_from_engine(encoder.encode(message)))

    def tell(self, *messages: ToEngine) -> None:
        """Say something, as it would arrive."""
        for message in messages:
            self.engine.handle(decode_to_engine(encoder.encode(message)))

    def load(
        self,
        network: Network,
        weights: Weights | None = None,
        keep: Iterable[TensorKey] = (),
        seed: int = 0,
    ) -> None:
        """Make a network the present one, of a new revision."""
        self.revision += 1
        tensors = [Tensor.of(k[0], k[1], value) for k, value in (weights or {}).items()]
        self.tell(Load(self.revision, network, "mnist", seed, list(keep), tensors))

    def train(self, settings: Training = QUICK, steps: int | None = None) -> None:
        """Begin a run or go on with it."""
        self.tell(Train(self.revision, settings, steps))

    def tell_train(self, *, to_epoch: bool, settings: Training) -> None:
        """Begin or go on, to the end of the epoch or of the run."""
        self.tell(Train(self.revision, settings, to_epoch=to_epoch))

    def work(self, slices: int | None = None) -> int:
        """Let it work for some slices, or until there is nothing more to do; how many it were."""
        done = 0
        while self.engine.busy and (slices is None or done < slices):
            self.engine.advance()
            done += 1
        return done

    def probe(self, uid: str = "", image: np.ndarray | None = None, max_maps: int = 64) -> None:
        """Ask for a look at an image."""
        self.probes += 1
        shown = samples(0, 1).test_images[0] if image is None else image
        self.tell(Probe(self.probes, shown.tobytes(), 28, 28, 1, uid, max_maps))

    def all(self, kind: type[T]) -> list[T]:
        """All that it has said of one kind."""
        return [message for message in self.said if isinstance(message, kind)]

    def last(self, kind: type[T]) -> T:
        """The last that it has said of one kind."""
        return self.all(kind)[-1]

    def weights(self) -> Weights:
        """What the last snapshot holds."""
        return self.last(Snapshot).weights()

    def states(self) -> list[str]:
        """The states that the runs have been in, without repetition."""
        found: list[str] = []
        for progress in self.all(Progress):
            if found[-1:] != [progress.state]:
                found.append(progress.state)
        return found


def same(one: Weights, other: Weights) -> bool:
    """Whether the tensors are equal to the last bit."""
    return set(one) == set(other) and all(np.array_equal(one[key], other[key]) for key in one)


def start_of(network: Network, seed: int = 0) -> Weights:
    """Where a network starts."""
    model = build(analyze(network), {}, seed)
    return {key: tensor.detach().numpy().copy() for key, tensor in model.tensors()}


def begin(desk: Desk, steps: int = 4) -> None:
    """A long run, some steps in."""
    desk.load(RESTLESS)
    desk.train(LONG)
    while desk.engine.runner.run is None or desk.engine.runner.run.step < steps:
        desk.work(1)


def points(desk: Desk) -> list[tuple[int, float]]:
    """Steps and losses of all curves that it has told."""
    return [(point.step, point.loss) for message in desk.all(Progress) for point in message.train]


def sums(desk: Desk) -> list[float]:
    """A number for each parameter that changes when it does."""
    assert desk.engine.bench.model is not None
    return [float(parameter.detach().sum()) for parameter in desk.engine.bench.model.parameters()]


def keys(*networks: Network) -> list[TensorKey]:
    """The tensors that all of them have."""
    found = [analyze(network).tensor_keys() for network in networks]
    return [key for key in found[0] if all(key in other for other in found[1:])]
