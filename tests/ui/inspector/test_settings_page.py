"""The settings of the selected layer: formulas, problems, and what stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from cnnviz.explain import explain
from cnnviz.layers import Size
from tests.ui.inspector.looks import painted, spoken
from ui.inspector import Inspector
from ui.inspector.formula_view import FormulaView
from ui.inspector.problem_box import ProblemBox
from ui.inspector.settings_page import ProblemScroll
from ui.theme import theme
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from ui.session import Session


def test_the_formulas_are_those_of_the_selected_layer(
    inspector: Inspector, session: Session
) -> None:
    assert "= 24" in spoken(inspector)
    assert "5·5·1·8 weights + 8 biases = 208" in spoken(inspector)
    session.select("out")
    assert "6·10 weights + 10 biases = 70" in spoken(inspector)
    session.select("input")
    assert "28·28·1 = 784" in spoken(inspector)


def test_the_formulas_follow_an_edit_at_once(inspector: Inspector, session: Session) -> None:
    session.set_field("conv", "kernel", Size(3, 3))
    assert "3·3·1·8 weights + 8 biases = 80" in spoken(inspector)


def test_a_number_and_its_field_point_at_each_other(inspector: Inspector, qtbot: QtBot) -> None:
    formulas, form = inspector.settings.formulas, inspector.settings.form
    run = next(run for run in formulas._runs if run.role == "stride")
    plain = painted(form._labels["stride"])
    qtbot.mouseMove(formulas.viewport(), run.rect.center().toPoint())
    qtbot.waitUntil(lambda: not np.array_equal(painted(form._labels["stride"]), plain))
    qtbot.mouseMove(formulas.viewport(), QPoint(1, formulas.viewport().height() - 1))
    qtbot.waitUntil(lambda: np.array_equal(painted(form._labels["stride"]), plain))

    before = painted(formulas.viewport())
    form.pointed.emit("kernel")
    assert not np.array_equal(painted(formulas.viewport()), before)
    form.pointed.emit("")
    assert np.array_equal(painted(formulas.viewport()), before)


def test_formulas_go_into_columns_before_they_scroll(qtbot: QtBot, inspector: Inspector) -> None:
    formulas: FormulaView = inspector.settings.formulas
    lefts = []
    for height in (600, 250):
        inspector.resize(1900, height)
        qtbot.wait(1)
        titles = [run.rect.left() for run in formulas._runs if run.kind == "title"]
        lefts.append(len({left for left in titles if left % 1 < 1 and left in _starts(titles)}))
        assert formulas.verticalScrollBar().maximum() == 0
    assert lefts[0] < lefts[1]


def _starts(lefts: list[float]) -> set[float]:
    """Where the first word of a title stands again and again: the columns."""
    return {left for left in lefts if lefts.count(left) > 1}


def test_no_text_of_a_formula_leaves_the_view(inspector: Inspector, session: Session) -> None:
    formulas = inspector.settings.formulas
    for width in (700, 1000, 1440):
        inspector.resize(width, 300)
        for layer in session.network.layers:
            session.select(layer.uid)
            for run in formulas._runs:
                space = theme.px(6) if run.text.endswith(" ") else 1  # nobody sees where it ends
                assert run.rect.right() <= formulas.viewport().width() + space


def test_a_problem_is_shown_with_its_fixes_and_mended(
    inspector: Inspector, session: Session
) -> None:
    session.set_field("conv", "kernel", Size(40, 40))
    box = inspector.settings.problem
    assert box.isVisible()
    labels = [button.text() for button in box.findChildren(Button) if button.isVisibleTo(box)]
    assert labels == [str(fix.label) for fix in session.report.fixes]
    next(b for b in box.findChildren(Button) if b.text().startswith("Kernel")).click()
    assert session.report.row("conv").problem is None
    assert not box.isVisible()


@pytest.mark.parametrize("height", [110, 300])
def test_a_problem_scrolls_where_it_finds_no_room(
    inspector: Inspector, session: Session, height: int
) -> None:
    session.set_field("conv", "kernel", Size(40, 40))
    inspector.resize(600, height)
    QApplication.processEvents()
    box = inspector.settings.problem
    assert box.height() >= box.heightForWidth(box.width())
    bar = inspector.settings._problem.verticalScrollBar()
    assert (bar.maximum() > 0) == (height == 110)


def test_a_problem_is_whole_again_when_there_is_room_again(qtbot: QtBot, session: Session) -> None:
    window, box = QWidget(), ProblemBox()
    qtbot.addWidget(window)
    scroll = ProblemScroll(box)
    column = QVBoxLayout(window)
    column.addWidget(scroll)
    column.addStretch()
    session.set_field("conv", "groups", 3)
    found = explain(session.report, "conv")
    box.show_problem(next(f for f in found if f.problem), session.report.fixes)
    scroll.show()
    window.show()
    for width in range(300, 400, 2):
        for height in (50, 300):
            window.resize(width, height)
            QApplication.processEvents()
        assert scroll.verticalScrollBar().maximum() == 0, f"at {width}"


def test_a_layer_that_waits_says_for_whom(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.set_field("conv", "kernel", Size(40, 40))
    engine.draw()
    session.select("out")
    assert spoken(inspector).startswith("Waiting for Conv to be fixed")
    inspector.show_tab("maps")
    assert inspector.maps.message.text() == "Waiting for Conv to be fixed."
    session.select("conv")
    assert "larger than its 28×28 input" in inspector.maps.message.text()


def test_enter_on_the_canvas_leads_into_the_first_field(inspector: Inspector, qtbot: QtBot) -> None:
    inspector.show_tab("maps")
    inspector.activateWindow()
    qtbot.waitUntil(inspector.isActiveWindow)
    inspector.show_settings()
    focused = inspector.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Filters"


def test_kernels_beside_the_formulas_need_room_and_a_convolution(
    inspector: Inspector, session: Session, engine: DrawingEngine, qtbot: QtBot
) -> None:
    inspector._sliding.shown.setChecked(False)
    inspector.resize(1800, 420)
    glance = inspector.settings.kernels
    assert not glance.isVisible()  # there is no picture yet
    engine.draw()
    assert glance.isVisible()
    assert glance.grid.maps is not None
    inspector.resize(900, 270)
    qtbot.waitUntil(lambda: not glance.isVisible())
    inspector.resize(1800, 420)
    qtbot.waitUntil(glance.isVisible)
    session.select("relu")
    engine.draw()
    assert not glance.isVisible()


def test_the_formulas_have_their_width_whatever_was_selected_before(
    inspector: Inspector, session: Session, engine: DrawingEngine, qtbot: QtBot
) -> None:
    inspector.resize(1280, 220)
    engine.draw()
    qtbot.wait(1)
    picture = inspector.settings.picture
    wide = picture.width()
    session.select("input")
    qtbot.wait(1)
    session.select("conv")
    qtbot.wait(1)
    assert picture.isVisible()
    assert picture.width() == wide
