"""The batch that is being learned, asked for only while it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.engine.protocol import Studied, Study, Tensor, Text
from cnnviz.engine.protocol.studies import Learned, Lesson
from cnnviz.message import Message
from tests.support.fake_engine import progress
from tests.ui.sessions import only
from ui.i18n import language
from ui.outputs import batch_page
from ui.outputs.batch_page import BatchPage, short_loss
from ui.outputs.output_column import OutputColumn
from ui.studies import Studies
from ui.widgets.labels import Label
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session


def batch(step: int = 7, count: int = 3, channels: int = 1) -> Learned:
    return Learned(
        step=step,
        size=32,
        correct=30,
        loss=0.25,
        images=Tensor.of("", "", np.linspace(-1, 1, count * channels * 784).reshape(
            count, channels, 28, 28
        )),
        low=-1,
        high=1,
        places=list(range(100, 100 + count)),
        labels=[4] * count,
        predicted=[9, *[4] * (count - 1)],
        losses=[2.5 - i / 10 for i in range(count)],
    )  # fmt: skip


class Asked:
    """The column, its page of the batch, and all questions."""

    def __init__(self, qtbot: QtBot, session: Session, engine: FakeEngine) -> None:
        self.engine, self.step = engine, 0
        self.sent: list[Study] = []
        engine.studies = Studies(self._send, lambda: (1, self.step), engine)
        self.column = OutputColumn(session, engine.client)
        qtbot.addWidget(self.column)
        self.column.resize(300, 700)
        self.column.show()
        qtbot.waitExposed(self.column)
        self.page = only(BatchPage, self.column)
        self.thumbnails = only(Thumbnails, self.page)

    def _send(self, message: object) -> None:
        if isinstance(message, Study):
            self.sent.append(message)

    def answer(self, finding: Learned | None, note: Message | None = None) -> None:
        last = self.sent[-1]
        said = Text.of(note) if note else None
        self.engine.studies.take(Studied(last.id, last.slot, 1, self.step, finding, 1.0, said))

    def goes_on(self) -> None:
        """A picture of newer weights."""
        self.step += 1
        self.engine.probed.emit(None)

    @property
    def words(self) -> str:
        return only(Label, self.page).text()


@pytest.fixture
def asked(
    qtbot: QtBot, session: Session, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> Asked:
    monkeypatch.setattr(batch_page, "INTERVAL", 20)
    monkeypatch.setattr(OutputColumn, "_show_prediction", lambda self: None)
    return Asked(qtbot, session, engine)


def test_nothing_is_asked_while_it_is_not_seen(asked: Asked, qtbot: QtBot) -> None:
    asked.engine.run(progress("running"))
    asked.goes_on()
    qtbot.wait(60)
    assert asked.sent == []
    asked.column.show_tab("batch")
    assert [study.subject for study in asked.sent] == [Lesson()]
    asked.answer(batch())
    asked.goes_on()
    asked.column.show_tab("curves")
    asked.goes_on()
    qtbot.wait(60)
    assert len(asked.sent) == 1


def test_a_few_times_a_second_while_it_trains_and_after_one_step(
    asked: Asked, qtbot: QtBot
) -> None:
    asked.engine.run(progress("running"))
    asked.column.show_tab("batch")
    asked.answer(batch())
    for _ in range(50):
        asked.goes_on()
    qtbot.waitUntil(lambda: len(asked.sent) == 2)
    asked.answer(batch(50))
    qtbot.wait(60)
    assert len(asked.sent) == 2
    asked.engine.run(progress("paused"))
    asked.goes_on()
    qtbot.waitUntil(lambda: len(asked.sent) == 3)


def test_what_it_shows(asked: Asked) -> None:
    asked.column.show_tab("batch")
    assert "one step" in asked.words
    assert asked.sent == []  # there is no run
    asked.engine.run(progress("paused"))
    asked.engine.probed.emit(None)
    asked.page._ask()
    asked.answer(batch())
    assert "Step 7: 30 of 32 images right, mean loss 0.250" in asked.words
    assert "The 3 with the largest losses" in asked.words
    first, second = asked.thumbnails.item(0), asked.thumbnails.item(1)
    assert (first.text(), second.text()) == ("4 → 9\n2.500", "4\n2.400")
    assert "Training image 100" in first.toolTip()
    # From black at the least value to white at the greatest.
    light = [
        asked.thumbnails.item(row).icon().pixmap(36).toImage().pixelColor(at, at).lightness()
        for row, at in ((0, 0), (2, 35))
    ]
    assert light == [0, 255]
    asked.engine.forget_curves()
    assert asked.thumbnails.count() == 0


def test_one_stays_where_one_has_scrolled_to(asked: Asked, qtbot: QtBot) -> None:
    asked.engine.run(progress("running"))
    asked.column.show_tab("batch")
    asked.answer(batch(1, 60))
    bar = asked.thumbnails.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    at = bar.value()
    asked.goes_on()
    asked.page._ask()
    asked.answer(batch(2, 60))
    qtbot.wait(50)
    assert bar.value() == at > 0
    asked.goes_on()
    asked.page._ask()
    asked.answer(batch(3, 4, channels=3))
    assert asked.thumbnails.indices() == [100, 101, 102, 103]


def test_the_last_batch_of_a_run_that_is_over_stays(asked: Asked) -> None:
    asked.engine.run(progress("running"))
    asked.column.show_tab("batch")
    asked.answer(batch())
    asked.engine.run(progress("finished"))
    asked.goes_on()
    asked.page._ask()
    assert len(asked.sent) == 1
    language.set("zh_CN")
    assert "第 7 步" in asked.words
    assert asked.thumbnails.count() == 3


def test_a_note_of_the_engine_is_said_where_there_is_nothing_else(asked: Asked) -> None:
    asked.engine.run(progress("paused"))
    asked.column.show_tab("batch")
    asked.answer(None, Message("Make one step, and the batch that it has learned from is here."))
    assert "learned from" in asked.words


def test_a_small_loss_has_room_below_its_image() -> None:
    losses = (0.0, 4.5e-7, 0.00023, 0.0023, 0.5, 3.92)
    said = [short_loss(loss) for loss in losses]
    assert said == ["0", "4.5e−7", "2.3e−4", "0.0023", "0.500", "3.920"]
