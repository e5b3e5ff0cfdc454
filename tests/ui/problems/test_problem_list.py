"""The counter is there only when it has something to count, and its list leads out of problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from cnnviz.analysis import analyze
from cnnviz.layers import Branches, Conv2d, Dense, Flatten, Size
from cnnviz.network import Network
from cnnviz.project import Project
from tests.ui.sessions import plain_look, small_session
from ui.i18n import language
from ui.problems.counter import ProblemCounter
from ui.session import Session
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

__all__ = ["plain_look"]

BLOCK = Branches(
    uid="block",
    merge="concat",
    branches=(
        (Conv2d(uid="large", kernel=Size(40, 40)),),
        (Dense(uid="dense", units=3),),
        (Conv2d(uid="fine", padding="same"),),
    ),
)


@pytest.fixture
def session() -> Session:
    """Two problems beside each other, and a block that waits for both."""
    return Session(Project(Network(layers=(BLOCK, Flatten(uid="flat"), Dense(uid="out")))), {})


@pytest.fixture
def counter(qtbot: QtBot, session: Session) -> ProblemCounter:
    counter = ProblemCounter(session)
    qtbot.addWidget(counter)
    return counter


def buttons(counter: ProblemCounter) -> list[Button]:
    return list(counter.list._buttons)


def labels(counter: ProblemCounter) -> list[str]:
    found = counter.list._page.findChildren(QLabel)
    return [label.text() for label in found if label.isVisible()]


def test_it_is_there_only_when_there_are_problems(qtbot: QtBot) -> None:
    session = small_session()
    counter = ProblemCounter(session)
    qtbot.addWidget(counter)
    assert counter.isHidden()
    assert not counter.action.isEnabled()
    assert counter.action.statusTip() == "The network has no problem"
    session.set_field("conv", "kernel", Size(40, 40))
    assert not counter.isHidden()
    assert counter.text() == "1"
    assert counter.accessibleName() == "1 problem"
    session.undo()
    assert counter.isHidden()


def test_the_list_has_all_of_them_with_all_ways_out(
    counter: ProblemCounter, session: Session
) -> None:
    assert counter.accessibleName() == "2 problems"
    counter.action.trigger()
    words = [button.text() for button in buttons(counter)]
    wanted = []
    for trouble in session.report.problems:
        wanted += [session.report.row(trouble.uid).layer, *(str(f.label) for f in trouble.fixes)]
    assert len(words) == len(wanted)
    assert {word for word in wanted if isinstance(word, str)} <= set(words)
    assert words[0] == "1.1.1  Conv 40×40 · 16"
    for trouble in session.report.problems:
        assert str(trouble.problem.headline) in labels(counter)
    counter.list.hide()


def test_a_way_out_says_where_it_leads(
    counter: ProblemCounter, session: Session, qtbot: QtBot
) -> None:
    counter.action.trigger()
    fixes = [fix for trouble in session.report.problems for fix in trouble.fixes]
    qtbot.waitUntil(lambda: not counter.list._unknown)
    left = [len(analyze(fix.network, 10).problems) for fix in fixes]
    said = [word for word in labels(counter) if word.startswith("leaves") or "works" in word]
    assert [word == "leaves 1 problem" for word in said] == [n == 1 for n in left]
    counter.list.hide()


def test_choosing_a_problem_selects_its_layer(
    counter: ProblemCounter, session: Session, qtbot: QtBot
) -> None:
    counter.action.trigger()
    qtbot.mouseClick(buttons(counter)[0], Qt.MouseButton.LeftButton)
    assert session.selection == "large"
    assert counter.list.isHidden()


def test_mending_goes_on_until_the_last(
    counter: ProblemCounter, session: Session, qtbot: QtBot
) -> None:
    counter.action.trigger()
    fix = next(button for button in buttons(counter) if button.text().startswith("Padding same"))
    qtbot.keyClick(fix, Qt.Key.Key_Space)
    assert counter.text() == "1"
    assert counter.list.isVisible()
    while session.report.problems:
        ways = [button for button in buttons(counter) if not button.property("quiet")]
        if ways:
            ways[0].click()
        else:  # maps and a vector side by side: nothing can be said but that they do not fit
            session.delete("block")
    assert counter.list.isHidden()
    assert counter.isHidden()


def test_keys_and_chinese(counter: ProblemCounter, qtbot: QtBot) -> None:
    language.set("zh_CN")
    counter.action.trigger()
    first = buttons(counter)[0]
    assert QApplication.focusWidget() in {first, None}  # the offscreen platform has no popups
    assert "卷积" in first.text()
    qtbot.waitUntil(lambda: not counter.list._unknown)
    assert any("之后" in word for word in labels(counter))
    qtbot.keyClick(counter.list, Qt.Key.Key_Escape)
    assert counter.list.isHidden()
