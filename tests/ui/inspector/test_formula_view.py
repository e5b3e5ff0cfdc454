"""Each formula has a button that opens its paragraph, by mouse and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QImage, QPaintEvent, QRegion

from cnnviz.explain import explain
from ui.i18n import language
from ui.inspector.formula_layout import lay_out
from ui.inspector.formula_view import FormulaView, WhyButton

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from ui.session import Session


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> FormulaView:
    view = FormulaView()
    qtbot.addWidget(view)
    view.resize(420, 240)
    view.show()
    view.set_formulas(explain(session.report, "conv"))
    return view


def buttons(view: FormulaView) -> list[WhyButton]:
    return [button for button in view.findChildren(WhyButton) if not button.isHidden()]


def test_a_button_for_each_formula(view: FormulaView, session: Session) -> None:
    names = [button.accessibleName() for button in buttons(view)]
    assert names == [f"{f.title}: why?" for f in explain(session.report, "conv")]
    view.set_formulas(explain(session.report, "flat"))
    assert len(buttons(view)) == len(explain(session.report, "flat"))


def test_buttons_stand_beside_their_titles_also_after_scrolling(view: FormulaView) -> None:
    def tops() -> list[int]:
        return [button.geometry().top() for button in buttons(view)]

    titles = [run for run in view._runs if run.kind == "title"]
    for button, title in zip(buttons(view), titles, strict=True):
        assert abs(button.geometry().center().y() - title.rect.center().y()) <= 2
        assert button.geometry().left() >= title.rect.right()
    before = tops()
    bar = view.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    assert tops() == [top - bar.maximum() for top in before]


def test_it_opens_by_mouse_and_goes_with_escape(qtbot: QtBot, view: FormulaView) -> None:
    qtbot.mouseClick(buttons(view)[1], Qt.MouseButton.LeftButton)
    assert view._note.isVisible()
    assert view._note.accessibleName() == "Parameters"
    assert "weight sharing" in view._note.accessibleDescription()
    qtbot.keyClick(view._note, Qt.Key.Key_Escape)
    assert not view._note.isVisible()


def test_it_opens_by_keyboard_in_chinese(qtbot: QtBot, view: FormulaView) -> None:
    language.set("zh_CN")
    button = buttons(view)[1]
    assert button.text() == "为什么？"
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert "权重共享" in view._note.accessibleDescription()
    note = view._note
    assert note.height() >= note._column.heightForWidth(note.width())
    view._note.hide()


@pytest.mark.parametrize("width", [200, 260, 300, 340, 380, 420])
def test_a_result_stands_in_one_line_with_its_equals_sign(session: Session, width: int) -> None:
    runs, _ = lay_out(explain(session.report, "conv"), width, 1000)
    signs = [place for place, run in enumerate(runs) if run.text.strip() == "="]
    assert signs
    for place in signs:
        assert runs[place + 1].kind == "result"
        assert runs[place + 1].rect.top() == runs[place].rect.top()


class Regions(QObject):
    """What of a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.painted = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.painted += event.region()
        return False


def pixels(view: FormulaView) -> np.ndarray:
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint32)
    return flat.reshape(image.height(), image.width()).copy()


def test_only_what_differs_is_painted(view: FormulaView, session: Session, qtbot: QtBot) -> None:
    regions = Regions(view.viewport())
    for name, value in (("filters", 13), ("padding", "same"), ("filters", 1000)):
        qtbot.wait(20)
        before = pixels(view)
        regions.painted = QRegion()
        session.set_field("conv", name, value)
        view.set_formulas(explain(session.report, "conv"))
        qtbot.wait(20)
        painted = QRegion(regions.painted)  # without the next grab
        places = np.argwhere(pixels(view) != before).tolist()
        assert places
        assert all(painted.contains(QPoint(x, y)) for y, x in places)
        assert painted.xored(QRegion(view.viewport().rect())) != QRegion()
