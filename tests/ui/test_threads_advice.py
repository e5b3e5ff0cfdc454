"""Other programs take the cores: one line, a button, and afterwards what it has brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from tests.support.fake_engine import progress
from tests.ui.sessions import engine, plain_look, session
from ui.i18n import language
from ui.threads_advice import ThreadsAdvice
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine

__all__ = ["engine", "plain_look", "session"]

CROWDED = progress("running", cores=0.4, images_per_second=1234.4)
ALONE = progress("running", cores=1.9, images_per_second=5000.0)


class Advised:
    def __init__(self, qtbot: QtBot, engine: FakeEngine) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.banner = Banner(self.window)
        self.advice = ThreadsAdvice(engine.client, self.banner, self.window)
        self.window.show()

    def buttons(self) -> list[Button]:
        return self.banner._buttons

    def words(self) -> list[str]:
        return [button.text() for button in self.buttons()]


@pytest.fixture
def advised(qtbot: QtBot, engine: FakeEngine) -> Advised:
    advised = Advised(qtbot, engine)
    engine.come_up()
    return advised


def test_alone_nothing_is_said(advised: Advised, engine: FakeEngine) -> None:
    engine.run(progress("running", images_per_second=5000.0))  # not known yet
    engine.run(ALONE)
    assert advised.banner.text() == ""


def test_with_one_thread_nothing_is_to_be_done(advised: Advised, engine: FakeEngine) -> None:
    engine.threads = 1
    engine.run(CROWDED)
    assert advised.banner.text() == ""


def test_one_thread_is_a_button_and_its_speed_is_told(advised: Advised, engine: FakeEngine) -> None:
    engine.run(CROWDED)
    assert "of 2 cores the training gets the time of 0.4" in advised.banner.text()
    assert advised.words() == ["Use one thread"]
    advised.buttons()[0].click()
    assert engine.calls == ["1 threads, 0 free"]
    assert advised.banner.text() == ""
    engine.run(CROWDED)  # before the engine has done so
    assert advised.banner.text() == ""
    engine.threads = 1
    engine.run(progress("running", images_per_second=1500.0))  # measured anew
    assert advised.banner.text() == ""
    engine.run(progress("running", cores=0.5, images_per_second=2345.6))
    said = "With one thread the training learns from 2,346 images a second; with 2 it were 1,234."
    assert advised.banner.text() == said
    assert advised.words() == ["Use all cores"]
    advised.buttons()[0].click()
    assert engine.calls[-1] == "0 threads, 0 free"
    engine.threads = 2
    engine.run(CROWDED)
    assert advised.banner.text() == "", "once a run"


def test_a_line_that_was_closed_stays_so_until_another_run(
    advised: Advised, engine: FakeEngine
) -> None:
    engine.run(CROWDED)
    advised.banner._close.click()
    engine.run(CROWDED)
    assert advised.banner.text() == ""
    engine.run(progress("running", run=2, cores=0.4, images_per_second=1234.4))
    assert advised.banner.text() != ""


def test_it_goes_with_the_run(advised: Advised, engine: FakeEngine) -> None:
    engine.run(CROWDED)
    engine.run(progress("finished"))
    assert advised.banner.text() == ""


def test_it_speaks_the_language_and_leaves_other_lines_alone(
    advised: Advised, engine: FakeEngine
) -> None:
    engine.run(CROWDED)
    language.set("zh_CN")
    assert "线程" in advised.banner.text()
    advised.banner.show_message("Something else")
    language.set("en")
    assert advised.banner.text() == "Something else"
    engine.run(progress("finished"))
    assert advised.banner.text() == "Something else"
