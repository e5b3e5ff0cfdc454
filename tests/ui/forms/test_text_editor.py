"""A block is renamed in its form, as one step, and its frame follows every keystroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cnnviz.layers import Branches, Conv2d
from cnnviz.network import Network
from cnnviz.project import Project
from ui.canvas.content import block_title
from ui.forms import SettingsForm
from ui.session import Session
from ui.widgets.text_field import TextField

if TYPE_CHECKING:
    pass

BLOCK = Branches(uid="block", branches=((Conv2d(uid="conv", padding="same"),), ()))


@pytest.fixture
def session() -> Session:
    return Session(Project(Network(layers=(BLOCK,))), {})


@pytest.fixture
def line(form: SettingsForm) -> TextField:
    found = form.findChild(TextField)
    assert found is not None
    found.setFocus()
    return found


def block(session: Session) -> Branches:
    found = session.network.layer("block")
    assert isinstance(found, Branches)
    return found


def test_what_is_typed_is_its_name_at_once(line: TextField, session: Session) -> None:
    assert line.placeholderText() == "Add"
    assert line.accessibleName() == "Name"
    QTest.keyClicks(line, "Stem")
    assert block(session).label == "Stem"
    assert block_title(block(session)) == "Stem · add 2 branches"
    line.setCursorPosition(2)
    QTest.keyClicks(line, "x")
    assert block(session).label == "Stxem"
    assert line.cursorPosition() == 3
    line.clear()
    assert block(session).label == "Stxem"  # by the program, not by a person
    line.setText("S")
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    assert block_title(block(session)) == "Add 2 branches"


def test_the_keystrokes_are_one_step_that_the_program_takes_back(
    line: TextField, session: Session
) -> None:
    QTest.keyClicks(line, "Stem")
    assert str(session.undo_label) == "Rename the block"
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == "Stem"  # the line keeps its hands off
    session.undo()
    assert block(session).label == ""
    assert line.text() == ""
    session.redo()
    assert line.text() == "Stem"


def test_no_longer_than_a_file_may_have_it(line: TextField, session: Session) -> None:
    QTest.keyClicks(line, "m" * 70)
    assert len(block(session).label) == 60
