"""What changes much is seen as one change, whoever else changes something at the same time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from ui import stillness as room
from ui.stillness import Turns, calmly, stillness

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from PySide6.QtGui import QPaintEvent
    from pytestqt.qtbot import QtBot


class Window(QWidget):
    """A window with a label, which notes what the label says whenever it paints."""

    def __init__(self) -> None:
        super().__init__()
        self.label = QLabel("short")
        row = QHBoxLayout(self)
        row.addWidget(self.label)
        row.addStretch(1)
        self.resize(600, 60)
        self.painted: list[str] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(self.label.text())


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    found = Window()
    qtbot.addWidget(found)
    with qtbot.waitExposed(found):
        found.show()
    qtbot.waitUntil(lambda: bool(found.painted))
    QCoreApplication.processEvents()
    found.painted.clear()
    return found


def saying(window: Window, words: str) -> Callable[[], None]:
    """Something that changes the label, which then wants another width."""

    def say() -> None:
        window.label.setText(words)
        window.update()

    return say


def test_changes_come_in_turns_and_are_seen_together(window: Window, qtbot: QtBot) -> None:
    width = window.label.width()
    calmly(saying(window, "longer"), saying(window, "longer still"))
    assert window.label.text() == "longer"  # the first is done at once, and the next one later
    QApplication.sendPostedEvents()
    assert (window.label.text(), window.label.width()) == ("longer", width)
    assert not window.updatesEnabled()
    qtbot.waitUntil(window.updatesEnabled)
    assert window.label.width() == window.label.sizeHint().width() > width
    qtbot.waitUntil(lambda: bool(window.painted))
    assert set(window.painted) == {"longer still"}


def test_two_at_once_are_seen_together(window: Window, qtbot: QtBot) -> None:
    """A theme and a language chosen in one go."""
    with stillness:
        calmly(saying(window, "one"), saying(window, "two"))
        qtbot.wait(50)
        assert window.label.text() == "two"
        assert not window.updatesEnabled()
    assert window.updatesEnabled()
    qtbot.waitUntil(lambda: "two" in window.painted)
    assert "one" not in window.painted


def test_what_was_not_laid_out_is_in_the_end(window: Window, qtbot: QtBot) -> None:
    with stillness:
        saying(window, "longer")()
        QCoreApplication.processEvents()
        assert window.label.width() < window.label.sizeHint().width()
    qtbot.waitUntil(lambda: window.label.width() == window.label.sizeHint().width())


def test_styles_are_kept_quiet_only_when_asked(window: Window) -> None:
    told: list[QEvent.Type] = []

    class Listening(QLabel):
        def changeEvent(self, event: QEvent) -> None:
            told.append(event.type())

    label = Listening()
    with stillness:
        with stillness.silence():
            QCoreApplication.sendEvent(label, QEvent(QEvent.Type.StyleChange))
        assert not told
        QCoreApplication.sendEvent(label, QEvent(QEvent.Type.StyleChange))
    assert told == [QEvent.Type.StyleChange]


def counted(done: list[int]) -> Generator[None]:
    """Five steps."""
    try:
        for step in range(5):
            done.append(step)
            yield
    finally:
        done.append(-1)


def test_one_step_a_turn(qtbot: QtBot) -> None:
    done: list[int] = []
    turns = Turns()
    with qtbot.waitSignal(turns.ended):
        turns.begin(counted(done))
        assert done == [0]
        assert turns.under_way
        QApplication.sendPostedEvents()
        assert done == [0]
    assert done == [0, 1, 2, 3, 4, -1]
    assert not turns.under_way


def test_steps_that_are_given_up_end_at_once(qtbot: QtBot) -> None:
    done: list[int] = []
    turns = Turns()
    turns.begin(counted(done))
    with qtbot.assertNotEmitted(turns.ended, wait=30):
        turns.give_up()
        assert done == [0, -1]
    assert not turns.under_way


def test_a_step_that_fails_is_the_last_and_holds_nothing(window: Window) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    def steps() -> Generator[None]:
        with stillness:
            fail()
            yield

    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        turns.begin(steps())
    assert not turns.under_way
    assert window.updatesEnabled()


def test_where_it_is_always_busy_it_comes_to_its_end_all_the_same(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And others are served between two steps."""
    monkeypatch.setattr(room, "_SLICE", 0.002)
    served: list[int] = []
    done: list[int] = []

    def serve() -> None:
        time.sleep(0.01)
        served.append(len(done))

    busy = QTimer()
    busy.timeout.connect(serve)
    busy.start()
    turns = Turns()
    with qtbot.waitSignal(turns.ended):
        turns.begin(counted(done))
    busy.stop()
    assert set(served) >= {1, 2, 3, 4, 5}
