"""Frozen layers and the engine: what was learned before stays, also across undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.message import Message
from cnnviz.transfer import body, head, with_frozen, with_new_head
from tests.ui.room import Room, agree, furnished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


def test_transfer_learning(room: Room) -> None:
    session = room.session
    room.train()
    learned = room.weights()
    session.edit(with_new_head(session.report, 10), Message("New head"))
    network = with_frozen(session.network, body(session.report), frozen=True)
    session.edit(network, Message("Freeze"))
    room.link.work()
    last = head(session.network)
    assert last is not None
    before = room.weights()
    kept = {key for key in learned if key in before}
    assert kept == {key for key in before if key[0] != last.uid}
    room.train()
    after = room.weights()
    for key in after:
        assert np.array_equal(before[key], after[key]) == (key[0] != last.uid), key
        if key in kept:
            assert np.array_equal(after[key], learned[key])
    agree(room)


def test_thawing_goes_on_from_what_was_learned(room: Room) -> None:
    session = room.session
    room.train()
    uids = body(session.report)
    session.edit(with_frozen(session.network, uids, frozen=True), Message("Freeze"))
    room.train()
    frozen = room.weights()
    session.undo()  # the run
    session.undo()  # freezing
    session.redo()
    session.redo()
    agree(room)
    assert all(np.array_equal(frozen[key], value) for key, value in room.weights().items())
    session.edit(with_frozen(session.network, uids, frozen=False), Message("Unfreeze"))
    room.train()
    thawed = room.weights()
    assert any(not np.array_equal(frozen[key], thawed[key]) for key in frozen if key[0] in uids)
    agree(room)
