"""Work beside the window: its answers come in the window's thread, and in their turn."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from cnnviz.message import Message, UserError
from ui.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    import pytest
    from pytestqt.qtbot import QtBot


class AtOnce(ThreadPoolExecutor):
    """Is done with each job before anybody could wait for it."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(work, *args, **kwargs)
        future.exception()  # waits
        return future


def test_an_answer_never_comes_before_the_question_was_put(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", AtOnce)
    background = Background()
    told: list[tuple[int, object]] = []
    background.run(
        threading.get_ident,
        lambda worker: told.append((threading.get_ident(), worker)),
        lambda error: None,
    )
    assert not told
    qtbot.waitUntil(lambda: bool(told))
    window, worker = told[0]
    assert window == threading.get_ident() != worker
    assert not background.busy
    background.close()


def test_what_the_work_refuses_is_told(qtbot: QtBot) -> None:
    background = Background()
    told: list[str] = []

    def refuse() -> None:
        raise UserError(Message("The run is finished."))

    background.run(refuse, lambda _: None, lambda error: told.append(str(error)))
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["The run is finished."]
    background.close()


def test_nothing_is_told_any_more_once_it_is_closed(qtbot: QtBot) -> None:
    background = Background()
    told: list[object] = []
    background.run(lambda: 1, told.append, lambda error: None)
    background.close()
    qtbot.wait(20)
    assert told == []
