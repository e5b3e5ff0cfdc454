"""What is said to the engine: look, explain, study, train."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.engine.protocol import (
    Explain,
    Lend,
    Pause,
    Stop,
    TakeBack,
    Tensor,
    Train,
    UseDevice,
    UseThreads,
)
from cnnviz.engine.protocol.studies import Backward, Look
from ui import settings
from ui.engine_sync import EngineSync

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.explain.answers import Method
    from cnnviz.project import Weights


class EngineClient(EngineSync):
    """The engine as the views have it: what they may ask of it, and what is known of it."""

    def show_image(self, image: NDArray[np.uint8], label: int | None = None) -> None:
        """Let the network look at another image, (height, width) or (height, width, 3) uint8.

        label: its class, where that is known.
        """
        self._image, self._label = np.ascontiguousarray(image, dtype=np.uint8), label
        self._probe()

    def look_as_trained(self, seed: int | None) -> None:
        """Let dropout and batch norm do what they do in training, with this seed of chance; None:
        look at the network as it is used."""
        if seed != self._as_trained:
            self._as_trained = seed
            self._probe()

    def want_whole(self, uids: tuple[str, ...], first: int = 0) -> None:
        """Ask for all maps of these layers from now on, beside those of the selected one.

        first: of weights that are too large, those of the filters or units from this one on.
        """
        missing = set(uids) - set(self._whole)
        coming = self._in_flight or self._wanted  # a picture that was asked for without them
        asked = first != self._first or any(coming or not self._has_whole(uid) for uid in missing)
        self._whole, self._first = uids, first
        if asked:
            self._probe()

    def want_sides(self, sides: dict[str, int]) -> None:
        """So many values across are enough from now on for the maps on cards; see
        `protocol.Probe`."""
        self._sides = sides
        if not self._in_flight and self._too_coarse():
            self._probe()

    def _has_whole(self, uid: str) -> bool:
        picture = self._picture
        there = picture is not None and uid in picture.maps
        return picture is not None and there and len(picture.maps[uid]) >= picture.channels[uid]

    def explain(self, method: Method, target: int | None = None, uid: str = "") -> None:
        """Ask which pixels of the present image make a class win; see `protocol.Explain`.

        To be asked again with every new picture: what has been answered costs nothing.
        """
        if self._ready is None or self._picture is None:
            return
        what = Explain(0, self._image.tobytes(), *self._size, method, target, uid)
        self._explanations.ask(what, self._revision, self._picture.step)

    def leave_unexplained(self) -> None:
        """End the explanation that is under way; what was found of it stays."""
        self._explanations.cancel()

    def go_back(self, target: int, uid: str, column: int = 0) -> None:
        """Ask for the way back of the present image, of which the class `target` is right; the
        answer comes in the slot "backward". See `protocol.studies.Backward`.

        To be asked again with every new picture: what has been answered costs nothing.
        """
        training = self._session.project.training
        subject = Backward(
            Look.of(self._image),
            target,
            training.loss,
            training.label_smoothing,
            uid,
            column,
            clipped=training.clipping > 0,
        )
        self.studies.ask("backward", subject)

    def lend(self, name: str, weights: Weights) -> None:
        """Let the engine hold other weights of the present network at hand; see `protocol.Beside`.

        Two at a time; where it does not have them any more, it says so.
        """
        tensors = [Tensor.of(uid, tensor, value) for (uid, tensor, _), value in weights.items()]
        self._say(Lend(name, tensors))

    def take_back(self) -> None:
        """No lent weights are asked about any more."""
        self._say(TakeBack())

    def train(self) -> None:
        """Start a run, or go on with the paused one."""
        self._train(None)

    def step(self) -> None:
        """Train a single step."""
        self._train(1)

    def finish_epoch(self) -> None:
        """Train to the end of the epoch and its measurement, and pause there."""
        self._train(None, to_epoch=True)

    def quick_start(self) -> None:
        """Another network with the settings that it learns with the soonest, and a run of it.

        All of it is one step that undo takes back.
        """
        if self._ready is None:
            return
        self._session.quick_start()
        self._begins = self._revision
        self._expect()
        self._holdings.train()
        project = self._session.project
        self._say(Train(self._revision, project.training, preparation=project.preparation))

    def pause(self) -> None:
        """Hold the run where it is."""
        self._say(Pause())

    def stop(self) -> None:
        """End the run; the weights stay."""
        self._say(Stop())

    def reset(self) -> None:
        """Back to the initial weights of the seed; undo brings the learning back."""
        self._session.reset_weights()

    def renew(self) -> None:
        """Other initial weights, of the next seed; undo brings the learning back."""
        self._session.renew_weights()

    def use_device(self, device: str) -> None:
        """Compute on another device."""
        self._say(UseDevice(device))

    def use_threads(self, threads: int, free: int = 0) -> None:
        """Compute with so many threads of the processor; 0: with all cores but `free`."""
        settings.set_threads(threads, free)
        self._say(UseThreads(threads, free))

    def _train(self, steps: int | None, *, to_epoch: bool = False) -> None:
        if self._ready is None or self._session.report.problem is not None:
            return
        if not (self.paused or self.training or self._begins == self._revision):
            self._time.leave()
            self._session.begin_training()
            self._load(edit=True)
            self._revision = self._begins = self._session.state.revision
            self._expect()
        self._holdings.train()
        project = self._session.project
        self._say(Train(self._revision, project.training, steps, to_epoch, project.preparation))
