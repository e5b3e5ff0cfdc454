"""A session and its engine client as the window has them, with an engine on the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.engine import bench, runner
from cnnviz.message import Message
from cnnviz.project import Project
from tests.engine.desk import LONG, RESTLESS, load_slowly, samples
from tests.ui.desk_link import DeskLink
from ui.engine_client import EngineClient
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.project import Weights

RATE = Message("Learning rate")
IMAGE = samples(0, 1).test_images[0]


class Room:
    """A session and its engine client, as the window has them."""

    def __init__(self) -> None:
        self.session = Session(Project(RESTLESS, training=LONG), {})
        self.client = EngineClient(self.session)
        self.troubles: list[str] = []
        self.client.trouble.connect(lambda message: self.troubles.append(str(message)))
        self.client.start()
        self.client.show_image(IMAGE)
        self.link.work()

    @property
    def link(self) -> DeskLink:
        return DeskLink.newest

    def begin(self, steps: int = 6) -> None:
        """A run under way, nothing of which has been told as a snapshot."""
        self.client.train()
        self.link.work(1)
        while self.client.progress is None or self.client.progress.step < steps:
            assert self.client.training
            self.link.work(1)

    def train(self, steps: int = 6) -> None:
        """A run that is over."""
        self.begin(steps)
        self.client.stop()
        self.link.work()

    def answer(self) -> list[float]:
        """What the network makes of the image now; asks for it and lets it arrive."""
        self.link.work(0)
        self.client.show_image(IMAGE)
        self.link.work(0)
        assert self.client.picture is not None
        return self.client.picture.probabilities

    def weights(self) -> Weights:
        """What the engine really computes with."""
        engine = self.link.engine
        assert engine is not None
        assert engine.bench.model is not None
        return {key: t.detach().numpy().copy() for key, t in engine.bench.model.tensors()}

    def known(self) -> Weights:
        """What the session would save: of the tensors of the present network."""
        keys = self.session.report.tensor_keys()
        weights = self.session.state.weights
        return {key: weights[key] for key in keys if key in weights}


def agree(room: Room) -> None:
    """The window believes of the engine what is true."""
    room.link.work(0)
    truly, known = room.weights(), room.known()
    for key, value in known.items():
        assert np.array_equal(truly[key], value), key


def furnished(monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A room for a fixture; its engine tells of every step."""
    monkeypatch.setattr("ui.engine_sync.EngineLink", DeskLink)
    monkeypatch.setattr("ui.glances.LIVE_SECONDS", 0.0)
    monkeypatch.setattr(bench, "load_steps", load_slowly)
    monkeypatch.setattr(runner, "PROGRESS_SECONDS", 0.0)
    found = Room()
    yield found
    found.client.close()
