"""The client with a real engine process: two programs, MNIST, and a signal that nobody survives."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import psutil
import pytest
from PySide6.QtWidgets import QWidget

from cnnviz.data import datasets
from cnnviz.engine.protocol import Failed, Text
from cnnviz.layers import Conv2d
from cnnviz.presets import first_start
from tests.engine.desk import small_network
from ui.engine_client import EngineClient
from ui.engine_link import EngineLink
from ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QPaintEvent
    from pytestqt.qtbot import QtBot

PATIENCE = 90_000
"""Milliseconds until a machine with other work must have answered."""


class Room:
    """The network of the first start, and an engine that is up."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        project, weights = first_start()
        training = msgspec.structs.replace(project.training, epochs=1000)
        project = msgspec.structs.replace(project, training=training)
        self.session = Session(project, weights)
        self.client = EngineClient(self.session)
        self.troubles: list[str] = []
        self.client.trouble.connect(lambda message: self.troubles.append(str(message)))
        self.digit = datasets.test_images("mnist")[0]
        self.client.show_image(self.digit)
        with qtbot.waitSignal(self.client.probed, timeout=PATIENCE):
            self.client.start()

    def train(self, steps: int) -> None:
        """Begin a run and wait until it has come so far."""
        self.client.train()
        self.wait(lambda: self.client.training and self.client.progress.step >= steps)  # type: ignore[union-attr]

    def stop(self) -> None:
        with self.qtbot.waitSignal(self.client.settled, timeout=PATIENCE):
            self.client.stop()

    def wait(self, condition: object) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)  # type: ignore[arg-type]

    def answer(self) -> list[float]:
        """What the network makes of the digit, of the present state."""
        picture = self.client.picture
        self.client.show_image(self.digit)
        self.wait(lambda: self.client.picture is not picture and not self.client._in_flight)
        assert self.client.picture is not None
        return self.client.picture.probabilities


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    found = Room(qtbot)
    yield found
    found.client.close()


def test_the_trap(room: Room) -> None:
    """Learning survives a deleted layer, a number typed digit by digit, and a reset."""
    assert room.client.device in room.client.devices
    assert room.answer().index(max(room.answer())) == 7
    room.train(20)
    room.stop()
    learned = room.answer()
    session = room.session
    first = session.network.layers[0]
    session.delete(first.uid)
    room.answer()
    session.undo()
    assert room.answer() == learned
    assert isinstance(first, Conv2d)
    filters = first.filters
    for typed in (1, 13, filters):
        session.set_field(first.uid, "filters", typed)
    assert room.answer() == learned
    room.client.reset()
    fresh = room.answer()
    assert fresh != learned
    session.undo()
    assert room.answer() == learned
    session.undo()  # of the typing
    session.undo()  # of the run
    assert room.answer().index(max(room.answer())) == 7
    assert room.answer() not in (learned, fresh)
    assert not room.troubles


@pytest.mark.skipif(sys.platform == "win32", reason="needs a signal that cannot be caught")
def test_killed_while_it_trains(room: Room) -> None:
    session, before = room.session, room.session.state.weights
    room.train(1)
    room.wait(lambda: any(session.state.weights[key] is not before[key] for key in before))
    killed = room.client.process_id
    assert killed is not None
    with room.qtbot.waitSignal(room.client.trouble, timeout=PATIENCE):
        os.kill(killed, signal.SIGKILL)
    assert "unexpectedly" in room.troubles[0]
    assert not room.client.training
    snapshot = session.state.weights
    room.wait(lambda: room.client.device is not None)
    assert room.client.process_id not in (None, killed)
    assert not psutil.pid_exists(killed)
    room.answer()
    first = session.network.layers[0].uid
    session.select(first)
    room.wait(lambda: first in room.client.picture.weights)  # type: ignore[union-attr]
    assert room.client.picture is not None
    for name, values in room.client.picture.weights[first].items():
        assert np.array_equal(values, snapshot[first, name, values.shape])
    room.train(3)
    room.stop()
    assert len(room.troubles) == 1


def test_closing_while_it_is_still_coming_up(qtbot: QtBot) -> None:
    session = Session(first_start()[0], {})
    client = EngineClient(session)
    client.start()
    client.close()
    assert client.process_id is None
    client.start()  # and another one may follow
    client.close()


def test_a_system_that_starts_no_process(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little memory, or too many processes: it is said, and nothing hangs."""

    def refuses() -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("ui.engine_link.start", refuses)
    client = EngineClient(Session(first_start()[0], {}))
    troubles: list[str] = []
    client.trouble.connect(lambda message: troubles.append(str(message)))
    client.start()
    qtbot.waitUntil(lambda: len(troubles) == 4, timeout=PATIENCE)
    assert "4 times" in troubles[-1]
    client.train()
    client.close()


def test_closing_while_it_trains(room: Room) -> None:
    room.train(1)
    pid = room.client.process_id
    assert pid is not None
    room.client.close()
    assert not psutil.pid_exists(pid)
    assert not room.troubles
    room.session.edit(small_network(), room.session.undo_label)  # type: ignore[arg-type]
    room.client.show_image(room.digit)
    room.client.train()


class Curtain(QWidget):
    """Writes down when it is painted."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def paintEvent(self, event: QPaintEvent) -> None:
        self._seen.append("painted")


def test_what_the_engine_says_comes_in_its_order_and_after_painting(qtbot: QtBot) -> None:
    seen: list[str] = []
    curtain, link = Curtain(seen), EngineLink()
    qtbot.addWidget(curtain)
    with qtbot.waitExposed(curtain):
        curtain.show()
    qtbot.wait(50)
    seen.clear()
    link.received.connect(lambda failed: seen.append(str(failed.reason.message())))
    link.lost.connect(lambda: seen.append("lost"))
    for message in (Failed(Text("First", {})), Failed(Text("Second", {})), None):
        link._arrive(message)
    curtain.update()
    qtbot.waitUntil(lambda: "lost" in seen)
    assert seen == ["painted", "First", "Second", "lost"]
