"""Disabling and the engine: what was learned comes back with the layer, also during a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.ui.room import Room, agree, furnished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


def hidden(room: Room) -> str:
    """A layer that has learned, and without which the others fit, or nearly."""
    rows = [row for row in room.session.report.rows if row.tensors]
    return rows[len(rows) // 2].layer.uid


def test_disabled_and_enabled_it_answers_as_before(room: Room) -> None:
    session = room.session
    room.train()
    before, learned = room.answer(), room.weights()
    uid = hidden(room)
    session.set_enabled(uid, enabled=False)
    room.link.work()
    assert not any(key[0] == uid for key in room.weights())
    agree(room)
    session.set_enabled(uid, enabled=True)
    room.link.work()
    assert room.answer() == before
    assert all(np.array_equal(learned[key], values) for key, values in room.weights().items())
    agree(room)
    session.undo()
    session.undo()
    room.link.work()
    assert room.answer() == before


def test_in_the_middle_of_a_run_it_is_an_edit_like_any_other(room: Room) -> None:
    session = room.session
    uid = hidden(room)
    room.begin()
    session.set_enabled(uid, enabled=False)
    room.link.work(1)
    room.link.work()
    assert not room.troubles
    agree(room)
    session.undo()
    room.link.work()
    assert any(key[0] == uid for key in room.weights())
    agree(room)
