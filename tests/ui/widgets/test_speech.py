"""What screen readers are told: by events, which are written down here instead of read out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from cnnviz.layers import Size
from tests.ui.sessions import engine, plain_look, session
from ui.canvas.canvas import Canvas
from ui.forms import SettingsForm
from ui.widgets.banner import Banner
from ui.widgets.speech import announce, describe

if TYPE_CHECKING:
    from PySide6.QtGui import QAccessibleEvent
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

__all__ = ["engine", "plain_look", "session"]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read out, in its order; with an exclamation mark where it interrupts."""
    said: list[str] = []

    def hear(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            urgent = event.politeness() == QAccessible.AnnouncementPoliteness.Assertive
            said.append(event.message() + "!" * urgent)

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return said


def test_a_description_is_read_out_once(qtbot: QtBot, heard: list[str]) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    describe(widget, "hidden")
    widget.show()
    describe(widget, "one")
    describe(widget, "one")
    describe(widget, "two")
    assert heard == ["one", "two"]
    assert widget.accessibleDescription() == "two"
    announce(widget, "stop", urgent=True)
    assert heard[-1] == "stop!"


def test_a_message_is_read_out_and_an_error_at_once(qtbot: QtBot, heard: list[str]) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.show_message("It is saved.")
    banner.show_message("The disk is full.", "error")
    assert heard == ["It is saved.", "The disk is full.!"]


def test_the_selected_card_is_read_out_and_what_an_edit_makes_of_it(
    qtbot: QtBot, session: Session, engine: FakeEngine, heard: list[str]
) -> None:
    canvas = Canvas(session, engine.client)
    qtbot.addWidget(canvas)
    canvas.show()
    uid = session.network.layers[0].uid
    session.select("input")
    session.select(uid)
    assert heard[-1].startswith("Conv 5×5 · 8, output 24×24×8, 208 parameters, 1 of")
    session.set_field(uid, "filters", 9)
    assert heard[-1].startswith("Conv 5×5 · 9, output 24×24×9, 234 parameters, 1 of")
    session.set_field(uid, "kernel", Size(40, 40))
    assert "does not fit: The 40×40 kernel is larger than its 28×28 input." in heard[-1]
    before = len(heard)
    session.set_field(session.network.layers[-1].uid, "bias", False)  # another card
    assert len(heard) == before


def test_a_preview_and_an_impossible_value_are_read_out(
    qtbot: QtBot, session: Session, heard: list[str]
) -> None:
    form = SettingsForm(session)
    qtbot.addWidget(form)
    form.show()
    form.editor("kernel").considered.emit(Size(7, 7))
    assert heard[-1] == "Kernel 7 → 22×22×8, 400 parameters"
    form.editor("filters").set_value(0)
    form.editor("filters").changed(0)
    assert heard[-1] == "Filters must be at least 1."
