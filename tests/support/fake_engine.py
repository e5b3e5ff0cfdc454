"""An engine client without an engine: the same signals and commands, steered by the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal

from cnnviz.engine.protocol import Progress, Ready
from cnnviz.runs import Point
from ui.layer_history import LayerHistory
from ui.picture import Picture
from ui.run_view import extend, no_curves
from ui.slow_motion import SlowMotion
from ui.studies import Studies
from ui.time_machine import TimeMachine

if TYPE_CHECKING:
    from cnnviz.confusion import Examination
    from cnnviz.engine.protocol import Explained, Figures, ToEngine
    from cnnviz.explain.answers import Method
    from cnnviz.project import Weights
    from cnnviz.runs import RunState
    from ui.engine_client import EngineClient
    from ui.session import Session


def progress(state: RunState = "running", **values: Any) -> Progress:
    """How a run stands; what is not given is the middle of the second of five epochs."""
    start: dict[str, Any] = {
        "step": 900,
        "steps": 2345,
        "epoch": 2,
        "epochs": 5,
        "batch": 431,
        "batches": 469,
        "loss": 0.058,
        "images_per_second": None,
        "seconds_left": None,
    }
    return Progress(revision=1, state=state, **({"run": 1} | start | values))


def point(step: int, loss: float, accuracy: float) -> Point:
    """One place of a curve."""
    return Point(step, loss, accuracy)


class FakeEngine(QObject):
    """Notes what it is told in `calls` and `images`; says what the test lets it say."""

    ready = Signal(object)
    probed = Signal(object)
    explained = Signal()
    progress_changed = Signal(object)
    curves_changed = Signal()
    curves_cleared = Signal()
    measured = Signal()
    examined = Signal()
    trouble = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.calls: list[str] = []
        self.images: list[np.ndarray] = []
        self.input_label: int | None = None
        self.as_trained: int | None = None
        self.lent: dict[str, Weights] = {}
        self.whole: tuple[str, ...] = ()
        self.first = 0
        self.sides: dict[str, int] = {}
        self.picture: Picture | None = None
        self.explanation: Explained | None = None
        self.questions: list[tuple[Method, int | None, str]] = []
        self.progress: Progress | None = None
        self.device: str | None = None
        self.devices: list[str] = []
        self.threads, self.cores = 0, 2
        self.curves = no_curves()
        self.layers = LayerHistory()
        self.examination: Examination | None = None
        self.said: list[ToEngine] = []
        self.input_image = np.zeros((28, 28), np.uint8)
        self.studies = Studies(self.said.append, lambda: None, self)
        self.slow = SlowMotion(session, self.client, self)
        self.progress_changed.connect(self.slow.follow)
        self.time = TimeMachine(session, self.said.append, lambda: None, self.studies, self)

    @property
    def client(self) -> EngineClient:
        """The same, as the views ask for it."""
        return cast("EngineClient", self)

    # ---- as the views know it

    @property
    def training(self) -> bool:
        return self.progress is not None and self.progress.state in {"loading", "running"}

    @property
    def paused(self) -> bool:
        return self.progress is not None and self.progress.state == "paused"

    def show_image(self, image: np.ndarray, label: int | None = None) -> None:
        self.images.append(image)
        self.input_label = label

    def look_as_trained(self, seed: int | None) -> None:
        self.as_trained = seed

    def want_whole(self, uids: tuple[str, ...], first: int = 0) -> None:
        self.whole, self.first = uids, first

    def want_sides(self, sides: dict[str, int]) -> None:
        self.sides = sides

    def lend(self, name: str, weights: Weights) -> None:
        self.lent[name] = weights

    def take_back(self) -> None:
        self.lent.clear()

    def explain(self, method: Method, target: int | None = None, uid: str = "") -> None:
        self.questions.append((method, target, uid))

    def leave_unexplained(self) -> None:
        self.calls.append("leave unexplained")

    def train(self) -> None:
        self.calls.append("train")

    def pause(self) -> None:
        self.calls.append("pause")

    def step(self) -> None:
        self.calls.append("step")

    def stop(self) -> None:
        self.calls.append("stop")

    def reset(self) -> None:
        self.calls.append("reset")
        self._session.reset_weights()

    def finish_epoch(self) -> None:
        self.calls.append("to epoch")

    def quick_start(self) -> None:
        self.calls.append("quick start")
        self._session.quick_start()

    def renew(self) -> None:
        self.calls.append("renew")
        self._session.renew_weights()

    def use_threads(self, threads: int, free: int = 0) -> None:
        self.calls.append(f"{threads} threads, {free} free")

    def use_device(self, name: str) -> None:
        self.calls.append(f"use {name}")

    # ---- for the test

    def measure(self, *figures: Figures) -> None:
        """Newer figures of the layers."""
        self.layers.add(figures)
        self.measured.emit()

    def forget_curves(self) -> None:
        """The curves belong to the weights no longer, or another run begins."""
        self.progress = None
        self.curves, self.layers = no_curves(), LayerHistory()
        self.curves_cleared.emit()

    def come_up(self, device: str = "cpu", devices: tuple[str, ...] = ("cpu",)) -> None:
        """The engine is there."""
        self.device, self.devices, self.threads = device, list(devices), 2
        self.ready.emit(Ready(device, list(devices), 2))

    def answer(self, probabilities: list[float] | None = None) -> None:
        """A picture of the newest image."""
        values = [0.001] * 10 if probabilities is None else probabilities
        if probabilities is None:
            values[5] = 0.991
        maps = {"input": self.images[-1][None].astype(np.float32) / 255}
        self.picture = Picture(0, 0, maps, {"input": 1}, {"input": 1.0}, values, {})
        self.probed.emit(self.picture)

    def run(
        self,
        progress: Progress,
        train: list[Point] | None = None,
        test: list[Point] | None = None,
        validation: list[Point] | None = None,
    ) -> None:
        """How the run stands now, with new points of its curves."""
        self.progress = progress
        new = msgspec.structs.replace(
            progress, train=train or [], test=test or [], validation=validation or []
        )
        extend(self.curves, new)
        if train or test or validation:
            self.curves_changed.emit()
        self.progress_changed.emit(progress)
