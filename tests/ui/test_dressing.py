"""Another style in sight: nothing of it is seen before all is, and nobody is told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui import stillness
from ui.dressing import dress_in_sight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

LARGE = "QLabel { padding: 20px; }"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The windows answer after each widget."""
    monkeypatch.setattr(stillness, "_SLICE", 0.0)


@pytest.fixture(autouse=True)
def _plain(qapp: QApplication) -> Iterator[None]:
    yield
    qapp.setStyleSheet("")


class Told(QObject):
    """Counts the events of a kind that widgets get."""

    def __init__(self, kind: QEvent.Type, *widgets: QWidget) -> None:
        super().__init__()
        self._kind = kind
        self.widgets: list[QObject] = []
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == self._kind:
            self.widgets.append(watched)
        return False


class Room:
    """A window with a label in three layouts, another one on a page that is not shown, a third one
    in a splitter that hides it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.label, self.elsewhere, self.aside = QLabel("A"), QLabel("B"), QLabel("C")
        inner, self.outer = QWidget(), QWidget()
        pages, splitter = QStackedWidget(), QSplitter()
        QHBoxLayout(inner).addWidget(self.label)
        QHBoxLayout(self.outer).addWidget(inner)
        for page in (self.outer, self.elsewhere):
            pages.addWidget(page)
        for part in (QWidget(), self.aside):
            splitter.addWidget(part)
        column = QVBoxLayout(self.window)
        for part in (pages, splitter):
            column.addWidget(part)
        self.levels = [self.window, pages, self.outer, inner]
        self.window.show()
        pages.setCurrentIndex(1)
        pages.setCurrentIndex(0)
        qtbot.waitUntil(self.aside.isVisible)
        self.aside.hide()
        QCoreApplication.processEvents()


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    return Room(qtbot)


def steps_of(app: QApplication, told: list[str] | None = None) -> Iterator[None]:
    """The steps of a change to a sheet that makes labels larger, with Qt's own work in between."""

    def announce() -> Iterator[None]:
        if told is not None:
            told.append("announced")
        yield

    for _ in dress_in_sight(app, lambda: app.setStyleSheet(LARGE), announce):
        QCoreApplication.processEvents()
        yield


def heights(*labels: QLabel) -> set[int]:
    """How high labels want to be."""
    return {label.sizeHint().height() for label in labels}


def test_everything_keeps_its_place_until_all_of_it_is_dressed(
    qapp: QApplication, room: Room
) -> None:
    before = room.window.geometry(), room.label.geometry()
    told: list[str] = []
    held = 0
    for _ in steps_of(qapp, told):
        if not told:
            held += 1
            assert not room.window.updatesEnabled()
            assert (room.window.geometry(), room.label.geometry()) == before
        elif room.window.updatesEnabled():
            assert room.label.height() >= room.label.sizeHint().height() > before[1].height()
    assert held > 5
    assert told == ["announced"]
    assert room.window.updatesEnabled()


def test_each_widget_is_told_of_the_style_once(
    qapp: QApplication, room: Room, qtbot: QtBot
) -> None:
    never_shown = QLabel("D")
    qtbot.addWidget(never_shown)
    every = [room.window, *room.window.findChildren(QWidget), never_shown]
    told = Told(QEvent.Type.StyleChange, *every)
    for _ in steps_of(qapp):
        pass
    assert set(told.widgets) == set(every)
    assert len(told.widgets) == len(every)


def test_what_is_not_shown_follows_when_the_picture_is_there(
    qapp: QApplication, room: Room
) -> None:
    told = Told(QEvent.Type.StyleChange, room.label, room.elsewhere, room.aside)
    for _ in steps_of(qapp):
        if not room.window.updatesEnabled():
            assert room.elsewhere not in told.widgets
    assert told.widgets[-1] is room.elsewhere
    assert heights(room.elsewhere) == heights(room.label)


def test_what_is_shown_meanwhile_is_dressed(qapp: QApplication, room: Room) -> None:
    steps = steps_of(qapp)
    for _ in range(3):
        next(steps)
    late = QLabel("E", room.window)
    late.show()
    room.aside.show()
    for _ in steps:
        pass
    assert heights(late, room.aside) == heights(room.label)


class Sleeve(QWidget):
    """As large as what is in it, which it arranges by hand; it asks for its room when it is told of
    a style, and not again."""

    def __init__(self, label: QLabel) -> None:
        super().__init__()
        self._label = label
        label.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return self._label.sizeHint()


def test_sizes_that_were_asked_for_too_early_are_not_kept(
    qapp: QApplication, room: Room, qtbot: QtBot
) -> None:
    sleeve = Sleeve(QLabel("D"))
    layout = room.window.layout()
    assert layout is not None
    layout.addWidget(sleeve)
    sleeve.show()
    qtbot.wait(10)
    for _ in steps_of(qapp):
        layout.sizeHint()
    assert sleeve.sizeHint().height() == sleeve.height() == room.label.sizeHint().height()


def test_layouts_are_done_from_the_inside_out_and_once(qapp: QApplication, room: Room) -> None:
    """By itself Qt does the outer ones first, and again for each inner one that grows."""
    told = Told(QEvent.Type.LayoutRequest, *room.levels)
    for _ in steps_of(qapp):
        pass
    assert told.widgets == room.levels[::-1]


def test_a_layout_that_is_never_done_does_not_hold_the_window(
    qapp: QApplication, room: Room
) -> None:
    class Restless(QWidget):
        def event(self, event: QEvent) -> bool:
            if event.type() == QEvent.Type.LayoutRequest and self.restless:
                QCoreApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))
            return super().event(event)

        restless = True

    restless = Restless(room.window)
    restless.show()
    QCoreApplication.postEvent(restless, QEvent(QEvent.Type.LayoutRequest))
    steps = dress_in_sight(qapp, lambda: qapp.setStyleSheet(LARGE), lambda: ())
    for _ in range(1000):
        QCoreApplication.sendPostedEvents(restless, QEvent.Type.LayoutRequest)
        if next(steps, "end") == "end":
            break
    restless.restless = False
    assert room.window.updatesEnabled()


@pytest.mark.parametrize("after", [1, 4, 12])
def test_given_up_it_leaves_all_dressed(qapp: QApplication, room: Room, after: int) -> None:
    steps = steps_of(qapp)
    for _ in range(after):
        next(steps)
    assert not room.window.updatesEnabled()
    steps.close()  # type: ignore[attr-defined]
    assert room.window.updatesEnabled()
    for widget in (room.label, room.elsewhere, room.aside):
        assert widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished)
    qapp.setStyleSheet("")
    qapp.setStyleSheet(LARGE)
    assert len(heights(room.label, room.elsewhere, room.aside)) == 1


def test_what_is_gone_meanwhile_is_passed_over(qapp: QApplication, room: Room) -> None:
    steps = steps_of(qapp)
    next(steps)
    room.outer.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for _ in steps:
        pass
    assert room.window.updatesEnabled()
