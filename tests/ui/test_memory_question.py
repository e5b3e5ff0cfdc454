"""A run without memory for its next step: one line, two buttons, nothing without consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import torch
from PySide6.QtWidgets import QPushButton, QWidget

from cnnviz.engine import stepping
from cnnviz.engine.loss import loss_of
from cnnviz.engine.protocol import Text
from cnnviz.message import Message
from tests.engine.desk import same
from tests.support.fake_engine import progress
from tests.ui.room import Room, furnished
from tests.ui.sessions import engine, plain_look, session
from ui.i18n import language
from ui.memory_question import MemoryQuestion
from ui.widgets.banner import Banner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from cnnviz.project import Weights
    from cnnviz.training import Training
    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

__all__ = ["engine", "plain_look", "session"]

SAID = Message(
    "{device} has run out of memory in step {step:,}, with {n:,} images in a batch.",
    device="CUDA",
    step=901,
    n=128,
)
ASKING = progress("paused", exhausted=True, explanation=Text.of(SAID))


class Asked:
    def __init__(self, qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.banner = Banner(self.window)
        self.question = MemoryQuestion(session, engine.client, self.banner, self.window)
        self.window.show()

    def buttons(self) -> dict[str, QPushButton]:
        return {b.text(): b for b in self.banner._buttons}

    def press(self, words: str) -> None:
        self.buttons()[words].click()


@pytest.fixture
def asked(qtbot: QtBot, session: Session, engine: FakeEngine) -> Asked:
    asked = Asked(qtbot, session, engine)
    engine.come_up()
    return asked


def test_nothing_happens_before_a_person_has_chosen(
    asked: Asked, session: Session, engine: FakeEngine
) -> None:
    assert asked.banner.text() == ""
    engine.run(ASKING)
    assert asked.banner.text() == f"{SAID} The weights are safe."
    assert list(asked.buttons()) == ["Halve the batch and go on", "Stop"]
    assert engine.calls == []
    assert session.project.training.batch_size == 128


def test_half_of_the_batch_and_on(asked: Asked, session: Session, engine: FakeEngine) -> None:
    engine.run(ASKING)
    asked.press("Halve the batch and go on")
    assert engine.calls == ["stop"]
    engine.run(progress("stopped"))
    assert engine.calls == ["stop", "train"]
    assert session.project.training.batch_size == 64
    assert asked.banner.text() == ""
    engine.run(progress("stopped"))
    assert engine.calls == ["stop", "train"]
    session.undo()
    assert session.project.training.batch_size == 128


def test_stop_leaves_the_batch_as_it_is(asked: Asked, session: Session, engine: FakeEngine) -> None:
    engine.run(ASKING)
    asked.press("Stop")
    engine.run(progress("stopped"))
    assert engine.calls == ["stop"]
    assert session.project.training.batch_size == 128
    assert asked.banner.text() == ""


def test_a_run_that_goes_on_is_not_asked_about_any_more(asked: Asked, engine: FakeEngine) -> None:
    engine.run(ASKING)
    engine.run(progress("running"))
    assert asked.banner.text() == ""
    engine.run(ASKING)
    asked.banner.show_message("Something else")
    engine.run(progress("running"))
    assert asked.banner.text() == "Something else"


def test_one_image_has_no_half(asked: Asked, session: Session, engine: FakeEngine) -> None:
    one = msgspec.structs.replace(session.project.training, batch_size=1)
    session.set_training(one, Message("Batch size"))
    engine.run(ASKING)
    assert list(asked.buttons()) == ["Stop"]


def test_it_asks_in_the_language_of_the_window(
    asked: Asked, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.run(ASKING)
    before = list(asked.buttons().values())
    qtbot.waitUntil(lambda: not any(button.isHidden() for button in before))
    language.set("zh_CN")
    assert all(button.isHidden() for button in before)
    assert "内存不足" in asked.banner.text()
    assert list(asked.buttons()) == ["批大小减半并继续", "停止"]


def test_slow_motion_does_not_ask_again_and_again(asked: Asked, engine: FakeEngine) -> None:
    engine.slow.begin()
    engine.slow._began = engine.slow._asked = True
    engine.run(ASKING)
    assert not engine.slow.active


# ---- with a real engine


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


def moved_by_steps(session: Session) -> Weights:
    """All but running statistics, which have seen the images of a step that was not made."""
    return {key: w for key, w in session.state.weights.items() if "running" not in key[1]}


def test_half_of_the_batch_is_another_run_from_what_was_learned(
    qtbot: QtBot, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a device that holds no more than eight images from the second step on."""
    session, client = room.session, room.client
    window = QWidget()
    qtbot.addWidget(window)
    banner = Banner(window)
    question = MemoryQuestion(session, client, banner, window)
    real = loss_of
    learned: list[Weights] = []

    def small_device(settings: Training, logits: torch.Tensor, *more: Any) -> torch.Tensor:
        if len(logits) > 8 and learned and "sum" not in more:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(settings, logits, *more)

    batch = session.project.training.batch_size
    assert batch > 8
    client.step()
    room.link.work()
    learned.append(moved_by_steps(session))
    monkeypatch.setattr(stepping, "loss_of", small_device)
    size = batch
    while size > 8:
        client.train()
        room.link.work(40)
        assert "has run out of memory" in banner.text()
        assert client.paused
        assert same(moved_by_steps(session), learned[0])
        runs = len(session.runs.facts)
        question._halve()
        room.link.settle()
        size //= 2
        assert session.project.training.batch_size == size
        assert len(session.runs.facts) == runs + 1
    room.link.work(60)
    assert banner.text() == ""
    assert client.progress is not None
    assert client.progress.step > 0
    newest = session.runs.newest
    assert newest is not None
    assert newest.settings.batch_size == size
    client.stop()
    room.link.work()
    assert not same(moved_by_steps(session), learned[0])
