"""What folded blocks would show is known before it is asked for, and is the same then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnnviz.layers import Conv2d, Dense, Flatten
from cnnviz.network import Network
from tests.ui.rearranging import NESTED
from ui.canvas import roster
from ui.canvas.roster import LONG
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.canvas.support import Made
    from ui.canvas.canvas import Canvas

BLOCKS = LONG // 3
BROKEN = Network(
    layers=(Conv2d(filters=8), *(NESTED.layers[1] for _ in range(BLOCKS)), Flatten(), Dense())
)
"""Begins folded, and its last layer has a problem, which needs room behind its card."""


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Nothing slides, so that pictures can be compared."""
    before = theme.reduced_motion
    theme.set_reduced_motion(True)
    yield
    theme.set_reduced_motion(before)


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by what is worked out."""
    found: list[str] = []

    def counted(name: str, do: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **more: object) -> object:
            found.append(name)
            return do(*args, **more)

        return call

    for name in ("layer_content", "folded_content", "measure"):
        monkeypatch.setattr(roster, name, counted(name, getattr(roster, name)))
    return found


def looked_ahead(qtbot: QtBot, canvas: Canvas, worked_out: list[str]) -> None:
    """Wait until all is calm."""
    qtbot.waitUntil(lambda: worked_out.count("measure") >= 5 * BLOCKS)
    qtbot.waitUntil(lambda: not canvas._ahead.under_way)


def test_after_a_while_nothing_is_left_to_be_worked_out(
    made: Made, qtbot: QtBot, worked_out: list[str]
) -> None:
    _, canvas = made(BROKEN)
    assert worked_out.count("measure") < 2 * BLOCKS, "what is folded is not waited for"
    looked_ahead(qtbot, canvas, worked_out)
    worked_out.clear()
    canvas.unfold_all()
    canvas.fold_all()
    assert not worked_out
    assert len(canvas.arrangement.frames) == 0


def test_what_was_worked_out_ahead_looks_the_same(
    made: Made, qtbot: QtBot, worked_out: list[str]
) -> None:
    session, canvas = made(BROKEN)
    session.set_field(session.network.layers[0].uid, "filters", 12)  # all that follows changes
    worked_out.clear()
    looked_ahead(qtbot, canvas, worked_out)
    session.set_field(session.network.layers[0].uid, "filters", 10)  # and once more, unforeseen
    canvas.unfold_all()
    other, at_once = made(BROKEN)
    other.set_field(other.network.layers[0].uid, "filters", 10)
    at_once.unfold_all()
    assert len(canvas.arrangement.frames) == 2 * BLOCKS
    assert canvas.arrangement.frames == at_once.arrangement.frames
    assert canvas.arrangement.boxes == at_once.arrangement.boxes
    for uid in (session.network.layers[1].uid, session.network.layers[-1].uid):
        session.select(uid)
        other.select(uid)
        assert canvas.grab().toImage() == at_once.grab().toImage()


def test_an_undo_in_between_is_not_overtaken(
    made: Made, qtbot: QtBot, worked_out: list[str]
) -> None:
    session, canvas = made(BROKEN)
    before = list(canvas.arrangement.boxes.values())
    session.set_field(session.network.layers[0].uid, "filters", 12)
    worked_out.clear()
    canvas._ahead._calm.timeout.emit()
    between = canvas._ahead.under_way  # its two steps
    session.undo()
    assert (between, canvas._ahead.under_way) == (True, False)
    looked_ahead(qtbot, canvas, worked_out)
    assert list(canvas.arrangement.boxes.values()) == before
    assert {content.shape for content in canvas._roster.contents.values() if content.folded}
    worked_out.clear()
    canvas.unfold_all()
    assert not worked_out
