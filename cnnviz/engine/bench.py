"""What the engine has at hand: a network with live weights on a device, and the data it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.analysis import analyze
from cnnviz.augmentation import plain
from cnnviz.data.datasets import data_set, load_steps
from cnnviz.engine import device as devices
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import Model, build
from cnnviz.engine.features import FeatureBank
from cnnviz.engine.prepared import prepared_steps
from cnnviz.engine.protocol import FromEngine, Lend, Load, Ready, Text, Visit
from cnnviz.engine.sight import Sight
from cnnviz.message import Message, UserError
from cnnviz.preparation import Preparation, before_a_run

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    import numpy as np

    from cnnviz.analysis import TensorKey
    from cnnviz.data.datasets import Samples, Source
    from cnnviz.data.division import Division


LENT = 2
"""So many weights are held beside those that are looked at: one for each side of a comparison."""


class Bench:
    """One network on one device; what works at it finds here what it needs.

    send: says something to the window.
    """

    def __init__(self, send: Callable[[FromEngine], None], threads: int | None) -> None:
        self.send = send
        self.threads = devices.set_up_threads(threads)
        """With so many threads of the processor it is computed."""
        self._devices = devices.available()
        self.device, note = devices.choose(None, self._devices)
        self.loaded: Load | None = None
        self.trained: Model | None = None
        """The present network, which a run trains."""
        self._visited: Model | None = None
        """The same network with other weights, while those are looked at."""
        self.visited_step: int | None = None
        """The step of the weights that are looked at; None while they are the present ones."""
        self.visits = 0
        """Grows whenever other weights are looked at."""
        self.lent: dict[str, Model] = {}
        """The same network with weights that are held beside those that are looked at, by name."""
        self._spare: dict[TensorKey, torch.Tensor] = {}
        """What a network that could not be built would have held; the next one may keep it."""
        self.preparation = Preparation()
        """How the data are prepared."""
        self._samples: tuple[Source, Samples] | None = None
        self._division: tuple[Source, Preparation, Division] | None = None
        self._data: tuple[Source, str, Preparation, DeviceData] | None = None
        self._reader: tuple[object, Generator[None, None, None]] | None = None
        """What reads the data, and which."""
        self.moves = 0
        """Grows whenever the weights may have become others, or what the network sees of images."""
        self.features = FeatureBank()
        """What layers make of many images, for studies that come back to it."""
        self.tell(note)

    @property
    def model(self) -> Model | None:
        """The network that is looked at: the present one, or as it was at another step."""
        return self.trained if self._visited is None else self._visited

    @property
    def revision(self) -> int:
        """Of the present network; -1 before there is one."""
        return self.loaded.revision if self.loaded else -1

    @property
    def classes(self) -> int:
        """How many classes the present data set has."""
        return len(data_set(self.loaded.dataset).classes) if self.loaded else 0

    def tell(self, note: Message | None) -> None:
        """Say on which device and with how many threads it is computed."""
        text = Text.of(note) if note else None
        self.ready = Ready(self.device, self._devices, self.threads, text, devices.cores())
        self.send(self.ready)

    def build(self, load: Load) -> None:
        """Make this the present network.

        Raises:
            UserError, RuntimeError: it does not fit the device; its weights are kept for the next.
        """
        self.leave()
        self.lent.clear()
        live = self._spare if self.trained is None else dict(self.trained.tensors())
        wanted = set(load.keep)
        keep = {key: tensor for key, tensor in live.items() if key in wanted}
        given = {tensor.key: tensor.array() for tensor in load.tensors}
        self.loaded = load
        self.preparation = load.preparation
        self.features.clear()
        report = analyze(load.network, self.classes)
        try:
            devices.check_fits(report, self.device)
            self.trained = build(report, given, load.seed, device=self.device, keep=keep)
            self.prepare(load.preparation)
            self._spare = {}
        except Exception:
            self.trained = None
            self._spare = {key: torch.from_numpy(value.copy()) for key, value in given.items()}
            self._spare.update(keep)
            raise

    def prepare(self, preparation: Preparation) -> None:
        """Prepare images so from now on, for a look at once and for a run when it begins."""
        if plain(preparation) != plain(self.preparation):
            self.moves += 1
            self.features.clear()
        self.preparation = preparation
        for model in (self.trained, self._visited, *self.lent.values()):
            if model is not None and self.loaded is not None:
                name = data_set(self.loaded.dataset).name
                model.sight = Sight(model.sight.image, preparation, name)

    def visit(self, visit: Visit) -> None:
        """Look at other weights of the present network from now on.

        Raises:
            UserError, RuntimeError: there is no such network, or no room for it twice.
        """
        given = {tensor.key: tensor.array() for tensor in visit.tensors}
        self.moves, self.visits = self.moves + 1, self.visits + 1
        self.features.clear()
        if self._visited is None:
            self._visited = self._twin(given)
        else:
            with torch.no_grad():
                for key, tensor in self._visited.tensors():
                    if key in given:
                        tensor.copy_(torch.from_numpy(given[key].copy()))
        self.visited_step = visit.step

    def lend(self, lend: Lend) -> None:
        """Hold other weights of the present network at hand, under a name.

        Raises:
            UserError, RuntimeError: there is no such network, or no room for it once more.
        """
        self.lent.pop(lend.name, None)
        while len(self.lent) >= LENT:
            del self.lent[next(iter(self.lent))]
        self.lent[lend.name] = self._twin({one.key: one.array() for one in lend.tensors})

    def _twin(self, given: Mapping[TensorKey, np.ndarray]) -> Model:
        """The present network with other weights."""
        if self.loaded is None or self.trained is None:
            raise UserError(Message("This waits until the problem in the network is fixed."))
        report = analyze(self.loaded.network, self.classes)
        model = build(report, given, self.loaded.seed, device=self.device)
        model.sight = self.trained.sight
        return model

    def leave(self) -> None:
        """Look at the present weights again."""
        if self._visited is not None:
            self._visited, self.visited_step = None, None
            self.moves += 1
            self.features.clear()

    def renumber(self, load: Load, revision: int) -> Load:
        """The present network is that of another revision too; what it was loaded by then."""
        self.loaded = Load(
            revision, load.network, load.dataset, load.seed, [], [], self.preparation
        )
        return self.loaded

    def chosen(self, device: str) -> tuple[str, Message | None]:
        """The device that is meant, and what there is to say of the choice."""
        return devices.choose(device, self._devices)

    def move(self, device: str) -> None:
        """Compute on another device from now on."""
        self.device = device
        self._data = None
        self.features.clear()
        self.leave()
        self.lent.clear()
        if self.trained is not None:
            self.trained = self.trained.to(device)

    def use_threads(self, threads: int, free: int) -> None:
        """Compute with so many threads from now on; 0: with all cores but so many."""
        self.threads = devices.set_up_threads(threads or None, free)
        self.tell(None)

    def data(self, preparation: Preparation | None = None) -> Generator[None, None, DeviceData]:
        """The data of the present network, on its device; read in slices, the first time.

        preparation: None for the present one.
        """
        assert self.loaded is not None
        preparation = before_a_run(preparation or self.preparation)
        wanted = (self.loaded.dataset, self.device, preparation)
        while self._data is None or self._data[:3] != wanted:
            # Whoever wants the data reads on; what was read stays when one of them is gone.
            if self._reader is None or self._reader[0] != wanted:
                self._reader = (wanted, self._read(*wanted))
            try:
                next(self._reader[1])
            except StopIteration:
                self._reader = None
            except BaseException:
                self._reader = None
                raise
            else:
                yield
        return self._data[3]

    def _read(
        self, dataset: Source, device: str, preparation: Preparation
    ) -> Generator[None, None, None]:
        """Read the data and put them on the device."""
        samples = yield from self.samples()
        samples = yield from prepared_steps(samples, preparation, data_set(dataset).classes)
        self._data = (dataset, device, preparation, DeviceData(samples, device))

    def samples(self) -> Generator[None, None, Samples]:
        """The images of the present data set as they are; read in slices, the first time."""
        assert self.loaded is not None
        dataset = self.loaded.dataset
        if self._samples is None or self._samples[0] != dataset:
            self._samples = (dataset, (yield from load_steps(dataset)))
            if self._samples[1].note is not None:
                self.tell(self._samples[1].note)
        return self._samples[1]

    def division(self, samples: Samples, preparation: Preparation) -> Division:
        """Which images of the present data set are learned from where they are prepared so; the
        last one is kept."""
        assert self.loaded is not None
        wanted = (self.loaded.dataset, before_a_run(preparation))
        if self._division is None or self._division[:2] != wanted:
            classes = data_set(wanted[0]).classes
            found = preparation.divide(samples.train_labels, classes)
            self._division = (*wanted, found)
        return self._division[2]
