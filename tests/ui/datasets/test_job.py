from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from cnnviz.message import Message, UserError
from ui.datasets.job import Job

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytestqt.qtbot import QtBot


class Heard:
    """All that a job has told."""

    def __init__(self, job: Job) -> None:
        self.said: list[tuple[str, object]] = []
        job.stepped.connect(lambda step: self.said.append(("step", step)))
        job.done.connect(lambda result: self.said.append(("done", result)))
        job.failed.connect(lambda message: self.said.append(("failed", str(message))))
        job.ended.connect(lambda: self.said.append(("ended", None)))


def test_steps_then_the_result(qtbot: QtBot) -> None:
    def steps() -> Generator[int, None, str]:
        yield from range(1000)
        return "here"

    job = Job(steps)
    heard = Heard(job)
    with qtbot.waitSignal(job.ended):
        job.start()
    assert heard.said[-2:] == [("done", "here"), ("ended", None)]
    assert heard.said[-3] == ("step", 999)  # the last one is always told,
    assert len(heard.said) < 100  # and not every one


def test_trouble_is_a_sentence(qtbot: QtBot) -> None:
    def steps() -> Generator[int, None, None]:
        yield 1
        raise UserError(Message("It is not there."))

    job = Job(steps)
    heard = Heard(job)
    with qtbot.waitSignal(job.ended):
        job.start()
    assert heard.said[-2:] == [("failed", "It is not there."), ("ended", None)]


def test_cancelled_it_tells_nothing_but_its_end(qtbot: QtBot) -> None:
    closed = threading.Event()

    def steps() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    job = Job(steps)
    heard = Heard(job)
    job.start()
    qtbot.waitUntil(lambda: bool(heard.said), timeout=20_000)
    heard.said.clear()
    with qtbot.waitSignal(job.ended):
        job.cancel()
    assert heard.said == [("ended", None)]
    assert closed.is_set()


def test_a_job_that_hangs_does_not_hold_the_program(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.datasets.job._LAST_SECONDS", 0.01)
    go_on = threading.Event()

    def steps() -> Generator[int, None, None]:
        go_on.wait()
        yield 1

    job = Job(steps)
    heard = Heard(job)
    job.start()
    job.close()
    job.close()  # a window may be closed twice
    go_on.set()
    qtbot.wait(50)
    assert heard.said == []
