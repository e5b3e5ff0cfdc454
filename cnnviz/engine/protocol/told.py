"""What the engine says to the window."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from cnnviz.engine.protocol.studies import Finding
from cnnviz.engine.protocol.values import Activations, Answers, AsTrained, Tensor, Text, floats
from cnnviz.explain.answers import Method
from cnnviz.project import Weights
from cnnviz.runs import Changed, Place, Point, RunState


class Ready(Struct, frozen=True, tag=True):
    """The engine is up, on this device; also the answer to `UseDevice` and `UseThreads`.

    threads: those of the processor that it computes with. cores: those that it could have.
    """

    device: str
    devices: list[str]
    threads: int
    note: Text | None = None
    cores: int = 1

    @property
    def crowded(self) -> bool:
        """Whether a run computes with all cores: while anything else has one of them, all of its
        threads wait."""
        return self.device == "cpu" and self.threads >= self.cores


class Probed(Struct, frozen=True, tag=True):
    """The answer to a `Probe`: what the network sees, every layer that works, and the classes.

    layers: the first has the uid "input" and holds what the network sees (low to high).
    probabilities: empty while the network is broken.
    weights: the tensors of the selected layer. first: the filter or unit that those begin with
    which are too large to be sent as a whole.
    as_trained: None where all layers did what they do where the network is used.
    """

    id: int
    revision: int
    step: int
    layers: list[Activations]
    probabilities: list[float]
    weights: list[Tensor]
    first: int = 0
    low: float = 0.0
    high: float = 1.0
    as_trained: AsTrained | None = None


class Explained(Struct, frozen=True, tag=True):
    """The answer to an `Explain`, and with a method that takes its time, one after each slice.

    shape: (height, width) of the values in `data`, float32, as large as the network's input; empty
    where there are none, which `note` explains.
    target: the class that is explained. logits: of all classes, before the softmax.
    uid, cells: the layer whose maps were weighed, and their (height, width); for Grad-CAM alone.
    side: of the grey square of occlusion, in pixels. tops, lefts: where it has been by now, in that
    order; shares: the probability of the class with it there.
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
    tops: list[int] = []
    lefts: list[int] = []
    shares: list[float] = []
    done: float = 1.0
    note: Text | None = None

    def array(self) -> np.ndarray | None:
        """The values (height, width), read-only; None where there are none."""
        return floats(self.data, self.shape) if self.shape else None


class Studied(Struct, frozen=True, tag=True):
    """One answer to a `Study`; a study that takes its time sends one after each slice.

    finding: what has been found by now; None where nothing has, which `note` may explain, or where
    this slice has brought nothing new.
    done: how much of the work is done, 0 to 1. A study that goes on until it is forgotten, such as
    a picture that grows while one looks, never comes to 1.
    """

    id: int
    slot: str
    revision: int
    step: int
    finding: Finding | None = None
    done: float = 1.0
    note: Text | None = None


class Histogram(Struct, frozen=True, array_like=True):
    """How values are spread: counts in bins of the same width, from `low` to `high`."""

    low: float
    high: float
    counts: list[int]


class LayerFigures(Struct, frozen=True, array_like=True):
    """How a layer was at a step of a run; None where it has no such thing.

    gradient: the length of the gradients of all its weights together, before they were cut.
    ratio: how far the step moved its weights, against their own length.
    dead: of ReLUs, the share of maps or units that were zero for all images looked at.
    weights, outputs: of its first tensor, and of what it made of those images.
    """

    uid: str
    gradient: float | None = None
    ratio: float | None = None
    dead: float | None = None
    weights: Histogram | None = None
    outputs: Histogram | None = None


class Figures(Struct, frozen=True, array_like=True):
    """The layers of the network after a step, in its order; those without figures are left out."""

    step: int
    layers: list[LayerFigures]


class Progress(Struct, frozen=True, tag=True):
    """How a run stands; sent at most some thirty times a second, and when its state changes.

    train, test, validation: the points since the last Progress of this run; of validation there are
    some where images have been put aside. `explanation` says why it failed,
    or why it finished before its last step, `warning` what is odd about it at present.
    run: counts the runs of this engine; a new number starts new curves.
    learning_rate: of the next step. gradient_norm: of the last step, before clipping.
    memory: bytes that the engine holds on its device.
    changes: all that was changed in this run.
    seconds: spent in training and evaluating by now.
    figures: those of the layers since the last Progress of this run.
    exhausted: whether it is paused because there was no memory for the next step, as the
    explanation says.
    cores: so many cores' time the engine had over the last seconds; None where it is not known, or
    another device than the processor trains.
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
    seconds: float = 0.0
    validation: list[Point] = []
    figures: list[Figures] = []
    exhausted: bool = False
    cores: float | None = None


class Examined(Struct, frozen=True, tag=True):
    """The answers to all test images after an epoch of a run."""

    revision: int
    run: int
    answers: Answers


class Snapshot(Struct, frozen=True, tag=True):
    """What `revision` has learned by now: all its tensors.

    final: nothing will change any more until something is said to the engine.
    place, memory: where the run stands and what its optimiser remembers, where it can be gone on
    with from here; see `cnnviz.runs.Standing`.
    """

    revision: int
    step: int
    tensors: list[Tensor]
    final: bool
    place: Place | None = None
    memory: list[Tensor] = []

    def weights(self) -> Weights:
        """The tensors as arrays of their own."""
        return {tensor.key: tensor.array() for tensor in self.tensors}


class Passed(Struct, frozen=True, tag=True):
    """The weights of a run after one of the steps that are kept: all tensors of its network."""

    revision: int
    run: int
    step: int
    tensors: list[Tensor]


class Failed(Struct, frozen=True, tag=True):
    """Something that was asked could not be done; the engine goes on."""

    reason: Text


FromEngine = Ready | Probed | Explained | Studied | Progress | Examined | Snapshot | Passed | Failed
