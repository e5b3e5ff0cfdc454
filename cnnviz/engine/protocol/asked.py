"""What the window says to the engine."""

from __future__ import annotations

from msgspec import Struct

from cnnviz.analysis import TensorKey
from cnnviz.data.datasets import Source
from cnnviz.engine.protocol.studies import Subject
from cnnviz.engine.protocol.values import Tensor
from cnnviz.explain.answers import Method
from cnnviz.network import Network
from cnnviz.preparation import Preparation
from cnnviz.runs import Place
from cnnviz.training import Training


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
    preparation: Preparation = Preparation()


class Probe(Struct, frozen=True, tag=True):
    """Show what the network makes of an image.

    image: uint8, (height, width, channels), as large as the data set's images.
    max_maps: how many feature maps of each layer are wanted, by default as many as a card holds. Of
    `uid`, the selected layer, and of maps of 1×1 all are; its weights too; of very large ones the
    first.
    whole: layers of which all maps are wanted as well, such as what the selected one reads.
    first: of tensors that are too large, the filters or units from this one on are wanted.
    muted: (uid, number) of maps, or units, that are 0 for now.
    sides: by uid, how many values across are enough for the maps of a layer of which not all are
    wanted, as small as they are drawn; 0: none of them is. They come thinned out, see
    `Activations`; those of other layers as they are.
    as_trained: let dropout and batch norm do what they do in training, with this seed of chance;
    None: what they do where the network is used.
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
    muted: tuple[tuple[str, int], ...] = ()
    as_trained: int | None = None
    sides: dict[str, int] = {}


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


class LeaveUnexplained(Struct, frozen=True, tag=True):
    """End the explanation that is under way, if there is one."""


class Study(Struct, frozen=True, tag=True):
    """Look into something that takes its time, beside all else; see `studies`.

    slot: who asks. Another question of the same slot ends the one before it.
    """

    id: int
    slot: str
    subject: Subject


class Forget(Struct, frozen=True, tag=True):
    """End the study of this slot, if there is one."""

    slot: str


class Train(Struct, frozen=True, tag=True):
    """Start a run of `revision`, or go on with the paused one of the same revision.

    steps: pause again after so many; None trains to the end of the last epoch.
    to_epoch: pause again after the present epoch and its measurement.
    """

    revision: int
    settings: Training
    steps: int | None = None
    to_epoch: bool = False
    preparation: Preparation = Preparation()


class Resume(Struct, frozen=True, tag=True):
    """Put the present network where a run of it stood; the run is paused there.

    tensors: what its optimiser remembered; see `cnnviz.runs.Standing`.
    """

    revision: int
    place: Place
    tensors: list[Tensor]


class Visit(Struct, frozen=True, tag=True):
    """Look at these weights of the present network in the place of its own, from now on.

    Its own are left alone, and a run of it goes on. step: the step that the weights are of.
    """

    step: int
    tensors: list[Tensor]


class Leave(Struct, frozen=True, tag=True):
    """Look at the present weights again."""


class Lend(Struct, frozen=True, tag=True):
    """Weights of the present network that will be asked about by their name; see `Beside`.

    The two that were lent last are kept, as long as the network is the present one.
    """

    name: str
    tensors: list[Tensor]


class TakeBack(Struct, frozen=True, tag=True):
    """Nobody asks about lent weights any more."""


class Settings(Struct, frozen=True, tag=True):
    """Change what can change while a run goes on, and how images are prepared for a look."""

    settings: Training
    preparation: Preparation = Preparation()


class Pause(Struct, frozen=True, tag=True):
    """Hold the run after the present step; it can go on as if nothing had happened."""


class Stop(Struct, frozen=True, tag=True):
    """End the run; the weights stay as they are."""


class UseDevice(Struct, frozen=True, tag=True):
    """Move to another device, one of those that `Ready` named."""

    device: str


class UseThreads(Struct, frozen=True, tag=True):
    """Compute with so many threads from now on; 0: with all cores but `free`."""

    threads: int = 0
    free: int = 0


class Quit(Struct, frozen=True, tag=True):
    """End the process."""


Bearing = Load | Resume | Visit | Lend
"""What has arrays with it: its `tensors`."""

ToEngine = (
    Bearing
    | Probe
    | Explain
    | Study
    | Forget
    | LeaveUnexplained
    | Train
    | Leave
    | TakeBack
    | Settings
    | Pause
    | Stop
    | UseDevice
    | UseThreads
    | Quit
)
