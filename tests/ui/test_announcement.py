"""Hundreds of listeners: told in their order, in slices, and forgotten with their objects."""

from __future__ import annotations

import gc
import sys
import time
import weakref
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QWidget
from shiboken6 import delete

from tests.support.listener import Listener
from ui.announcement import Announcement
from ui.stillness import exhaust

if TYPE_CHECKING:
    import pytest
    from PySide6.QtWidgets import QApplication


def test_all_are_told_in_their_order() -> None:
    announcement, told = Announcement(), list[int]()
    for number in range(5):
        announcement.connect(partial(told.append, number))
    announcement.emit()
    announcement.emit()
    assert told == [*range(5), *range(5)]


def test_slow_listeners_are_told_in_slices_and_all_of_them() -> None:
    announcement, told = Announcement(), list[int]()

    def hear(number: int) -> None:
        time.sleep(0.004)
        told.append(number)

    for number in range(8):
        announcement.connect(partial(hear, number))
    counts = [len(told) for _ in announcement.steps()]
    assert counts  # it stopped in between
    assert all(0 < count < 8 for count in counts)
    assert told == [*range(8)]


def test_a_listener_is_forgotten_with_its_object(qapp: QApplication) -> None:
    announcement = Announcement()
    heard, stays = Listener(announcement), Listener(announcement)
    hidden: list[QWidget] = []

    class Listening(QWidget):
        def hear(self) -> None:
            hidden.append(self)

    widget, label = Listening(), QLabel()
    label.setText("words")
    announcement.connect(widget.hear)
    announcement.connect(label.clear)  # a method of Qt's own
    announcement.emit()
    assert hidden == [widget]
    assert not label.text()
    assert (heard.times, stays.times) == (1, 1)
    del heard
    gc.collect()
    delete(widget)  # Python still holds what Qt has deleted
    delete(label)
    announcement.emit()
    assert len(hidden) == 1
    assert stays.times == 2
    assert len(announcement._listeners) == 1


def test_one_that_goes_while_others_are_told_is_passed_over() -> None:
    announcement, others = Announcement(), dict[str, Listener]()
    announcement.connect(lambda: others.pop("one"))
    others["one"] = Listener(announcement)
    weak = weakref.ref(others["one"])
    announcement.emit()
    assert weak() is None


def test_one_listeners_fault_is_told_and_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: faults.append(kind))
    announcement = Announcement()
    announcement.connect(lambda: 1 // 0)
    heard = Listener(announcement)
    exhaust(announcement.steps())
    assert heard.times == 1
    assert faults == [ZeroDivisionError]
