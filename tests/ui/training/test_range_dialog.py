"""The range test in a window: begins at once, proposes, is taken as an edit, leaves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cnnviz import range_test
from cnnviz.engine.protocol import Forget
from cnnviz.range_test import HIGHEST, LOWEST, rates
from tests.ui.room import furnished
from ui.training.range_chart import RangeChart
from ui.training.range_dialog import SLOT, RangeDialog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.room import Room


@pytest.fixture
def real_room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    yield from furnished(monkeypatch)


@pytest.fixture
def dialog(qtbot: QtBot, real_room: Room) -> Iterator[RangeDialog]:
    real_room.session.reset_weights()
    real_room.link.work()
    parent = QWidget()
    qtbot.addWidget(parent)
    found = RangeDialog(real_room.session, real_room.client, parent)
    found.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    found.show()
    yield found
    parent.close()


def test_it_proposes_a_rate_that_is_taken_and_undone(
    dialog: RangeDialog, real_room: Room, qtbot: QtBot
) -> None:
    assert "Testing" in dialog.verdict.text()
    assert not dialog.again.isEnabled()
    weights = real_room.weights()
    real_room.link.work()
    rate = dialog.proposed
    assert rate is not None
    assert LOWEST < rate < HIGHEST
    assert f"{rate:g}" in dialog.verdict.text()
    assert dialog.again.isEnabled()
    for key, value in real_room.weights().items():
        assert (value == weights[key]).all(), "the network itself learns nothing"
    before = real_room.session.project.training.learning_rate
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert real_room.session.project.training.learning_rate == rate != before
    assert not dialog.isVisible()
    real_room.session.undo()
    assert real_room.session.project.training.learning_rate == before


def test_closing_it_ends_the_test(dialog: RangeDialog, real_room: Room, qtbot: QtBot) -> None:
    real_room.link.work(12)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert Forget(SLOT) in real_room.link.to_engine
    assert real_room.client.studies.newest(SLOT) is None


def test_it_tests_again(dialog: RangeDialog, real_room: Room, qtbot: QtBot) -> None:
    real_room.link.work()
    first = dialog.proposed
    qtbot.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    assert dialog.proposed is None
    real_room.link.work()
    assert dialog.proposed == first, "the same batches, the same weights"


def test_an_engine_that_has_forgotten_is_asked_again(dialog: RangeDialog, real_room: Room) -> None:
    real_room.client.studies.forget()
    real_room.client.ready.emit(None)
    real_room.link.work()
    assert dialog.proposed is not None
    dialog.hide()
    real_room.client.ready.emit(None)
    real_room.link.work()
    assert real_room.client.studies.newest(SLOT) is None, "nobody wants to know any more"


@pytest.mark.parametrize(
    ("losses", "said"), [([0.02, 0.001, 0.5], "by chance"), ([0.02, 0.02, 0.5], "never falls")]
)
def test_it_says_why_it_proposes_nothing(
    dialog: RangeDialog,
    real_room: Room,
    monkeypatch: pytest.MonkeyPatch,
    losses: list[float],
    said: str,
) -> None:
    tested = range_test.judge(losses, rates())
    monkeypatch.setattr(range_test, "judge", lambda losses, tried: tested)
    monkeypatch.setattr(range_test, "over", lambda losses: True)
    dialog.again.setEnabled(True)
    dialog.again.click()
    real_room.link.work()
    assert dialog.proposed is None
    assert said in dialog.verdict.text()


def test_rates_stand_where_their_decades_do(qtbot: QtBot) -> None:
    chart = RangeChart()
    qtbot.addWidget(chart)
    chart.resize(500, 220)
    tried = rates()
    chart.show_test(tried, [2.3] * len(tried), 1e-3)
    places = [chart.place(rate, 2.3) for rate in (LOWEST, 1e-3, HIGHEST)]
    assert places[0].x() < places[1].x() < places[2].x() <= chart.width()
    gaps = [chart.place(10.0**p, 0).x() - chart.place(10.0 ** (p - 1), 0).x() for p in (-4, -1)]
    assert gaps[0] == pytest.approx(gaps[1])
    assert chart.place(1e-3, 1.0).y() > chart.place(1e-3, 2.0).y()
    assert chart.place(1e-3, 1e9).y() >= 0, "what explodes stays in the picture"
    chart.grab()
