"""A session and an engine for the input column, and the column itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.inputs.column import Column
from tests.ui.sessions import engine, plain_look, session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

__all__ = ["engine", "plain_look", "session"]


@pytest.fixture
def column(qtbot: QtBot, session: Session, engine: FakeEngine) -> Iterator[Column]:
    """After the test images are there, and the first of them on show."""
    column = Column(qtbot, session, engine)
    qtbot.waitUntil(lambda: bool(engine.images))
    yield column
    column.view.finish()
