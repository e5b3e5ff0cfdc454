from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cnnviz.layers import Dense
from cnnviz.runs import Changed
from tests.support.fake_engine import point, progress
from tests.support.heard import heard
from tests.ui.sessions import only
from ui.charts.chart import Chart
from ui.i18n import language
from ui.outputs.output_column import ROOM_BESIDE, TABS, OutputColumn
from ui.theme import theme
from ui.widgets.bars import PredictionBars
from ui.widgets.labels import Label
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.session import Session

IMAGE = np.zeros((28, 28), np.uint8)


@pytest.fixture
def view(qtbot: QtBot, session: Session, engine: FakeEngine) -> OutputColumn:
    view = OutputColumn(session, engine.client)
    qtbot.addWidget(view)
    engine.show_image(IMAGE)
    return view


def bars(view: OutputColumn) -> PredictionBars:
    return only(PredictionBars, view)


def charts(view: OutputColumn) -> dict[str, Chart]:
    return {chart.accessibleName(): chart for chart in view.findChildren(Chart)}


def points(chart: Chart, name: str) -> list[tuple[float, Any]]:
    """What the chart has to draw of a line."""
    line = next(series.line for series in chart.series if series.key == name)
    steps, values = line.steps.tolist(), line.ys.tolist()
    return [(step, pytest.approx(value)) for step, value in zip(steps, values, strict=True)]


def test_it_waits_for_the_engine_and_then_predicts(view: OutputColumn, engine: FakeEngine) -> None:
    assert bars(view).accessibleDescription() == "The engine is starting…"
    engine.come_up()
    assert bars(view).accessibleDescription() == "The network is being built…"
    engine.answer()
    assert bars(view).accessibleDescription() == "5: 99.1\N{NO-BREAK SPACE}%"


def test_a_broken_network_is_named_and_the_prediction_comes_back_when_it_is_mended(
    view: OutputColumn, session: Session, engine: FakeEngine
) -> None:
    engine.come_up()
    engine.answer()
    session.set_field("out", "units", 7)
    assert bars(view).accessibleDescription() == "Waits until Dense is fixed"
    engine.answer([])
    assert bars(view).accessibleDescription() == "Waits until Dense is fixed"
    session.undo()
    engine.answer()
    assert bars(view).accessibleDescription() == "5: 99.1\N{NO-BREAK SPACE}%"


def test_a_network_without_layers_waits_for_some(
    view: OutputColumn, session: Session, engine: FakeEngine
) -> None:
    engine.come_up()
    session.edit(session.network.with_layers(()), session.state.label)
    assert bars(view).accessibleDescription() == "Waits until the network has layers"


def test_the_engine_dies_and_the_prediction_says_so(view: OutputColumn, engine: FakeEngine) -> None:
    engine.come_up()
    engine.answer()
    engine.device = None
    engine.trouble.emit(None)
    assert bars(view).accessibleDescription() == "The engine is starting…"


def test_curves_show_the_points_that_came(view: OutputColumn, engine: FakeEngine) -> None:
    loss, accuracy = charts(view)["Loss"], charts(view)["Accuracy"]
    assert heard(loss) == "Press Train to see the curves"
    engine.run(
        progress(), train=[point(1, 2.3, 0.1), point(2, 2.1, 0.2)], test=[point(0, 2.4, 0.05)]
    )
    engine.run(progress(), train=[point(3, 1.5, 0.5)])
    assert points(loss, "train") == [(1, 2.3), (2, 2.1), (3, 1.5)]
    assert points(accuracy, "train") == [(1, 0.1), (2, 0.2), (3, 0.5)]
    assert points(loss, "test") == [(0, 2.4)]
    assert points(accuracy, "test") == [(0, 0.05)]
    assert "test 5.0%" in heard(accuracy)


def test_a_new_run_begins_with_empty_charts(view: OutputColumn, engine: FakeEngine) -> None:
    engine.run(progress(), train=[point(1, 2.3, 0.1)])
    engine.forget_curves()
    loss = charts(view)["Loss"]
    assert heard(loss) == "Press Train to see the curves"
    engine.run(progress(), train=[point(1, 2.2, 0.1)])
    assert points(loss, "train") == [(1, 2.2)]


def test_curves_that_were_there_before_the_view_are_shown(
    qtbot: QtBot, session: Session, engine: FakeEngine
) -> None:
    engine.run(progress(), train=[point(1, 2.3, 0.1)])
    view = OutputColumn(session, engine.client)
    qtbot.addWidget(view)
    assert points(charts(view)["Loss"], "train") == [(1, 2.3)]


def test_the_language_changes_while_it_runs(
    view: OutputColumn, session: Session, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {
        "Prediction": "预测",
        "Loss": "损失",
        "Dense": "全连接",
        "Waits until {layer} is fixed": "等待“{layer}”的问题解决",
    }
    monkeypatch.setattr("ui.i18n._catalogue", lambda code: words)
    engine.come_up()
    session.edit(session.network.replace("out", Dense(units=3)), session.state.label)
    language.set("zh_CN")
    assert "预测" in [label.text() for label in view.findChildren(Label)]
    assert "损失" in charts(view)
    assert bars(view).accessibleDescription() == "等待“全连接”的问题解决"


def test_the_curves_mark_where_a_setting_was_changed(
    view: OutputColumn, engine: FakeEngine
) -> None:
    changes = [
        Changed(30, "learning_rate", 0.002, 0.01),
        Changed(40, "nesterov", False, True),
        Changed(50, "schedule", "constant", "cosine"),
        Changed(1200, "epochs", 5, 1000),
    ]
    engine.run(progress(changes=changes), train=[point(1, 2.0, 0.1), point(60, 1.0, 0.5)])
    for chart in charts(view).values():
        assert list(chart.content.marks) == [
            (30, "Step 30: Learning rate 0.002 → 0.01"),
            (40, "Step 40: Nesterov off → on"),
            (50, "Step 50: Schedule Constant → Cosine"),
            (1200, "Step 1,200: Epochs 5 → 1,000"),
        ]
    engine.forget_curves()
    assert all(not chart.content.marks for chart in charts(view).values())


@pytest.mark.parametrize("code", ["en", "zh_CN"])
@pytest.mark.usefixtures("dressed")
def test_the_tabs_are_not_scrolled(view: OutputColumn, qtbot: QtBot, code: str) -> None:
    """However narrow the column is made, and however large the type is."""
    tabs = only(PillTabs, view)
    language.set(code)
    view.show()
    for scale in (1.0, 1.5, 2.0):
        theme.set_scale(scale)
        qtbot.waitUntil(lambda: theme.settled)
        assert view.minimumWidth() >= tabs.sizeHint().width() + 2 * theme.px(14)
    view.fit(1280)
    room = 1280 - theme.px(ROOM_BESIDE)
    assert view.minimumWidth() <= max(theme.px(200), room)  # all of a small window is not its
    view.fit(1920)
    assert view.minimumWidth() >= tabs.sizeHint().width() + 2 * theme.px(14)


def test_in_a_low_window_the_prediction_takes_two_columns_and_a_chosen_tab_comes_into_sight(
    view: OutputColumn, qtbot: QtBot
) -> None:
    view.show()
    view.resize(340, 900)
    tall = view._bars.sizeHint().height()
    view.resize(340, 240)
    assert view._bars.sizeHint().height() < tall
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
    assert view.verticalScrollBar().value() == 0
    view._tabs.setCurrentIndex(1)
    view._tabs.setCurrentIndex(0)
    qtbot.waitUntil(lambda: view.verticalScrollBar().value() > 0)
    assert not view._tabs.visibleRegion().isEmpty()
    assert view.curves.loss.visibleRegion().boundingRect().height() > 60


def test_a_wide_page_that_is_not_on_show_takes_no_room(view: OutputColumn, qtbot: QtBot) -> None:
    view.show()
    page = view._stack.widget(TABS.index("runs"))
    assert page is not None
    page.setMinimumWidth(2000)
    view.show_tab("runs")
    qtbot.waitUntil(lambda: view.horizontalScrollBar().maximum() > 0)
    view.show_tab("curves")
    qtbot.waitUntil(lambda: view.horizontalScrollBar().maximum() == 0)


def test_a_high_page_that_is_not_on_show_scrolls_nothing_away(
    view: OutputColumn, qtbot: QtBot
) -> None:
    view.show()
    view.resize(340, 900)
    view._time_bar.show()
    view._time_bar._words.setText("The network has changed since this run. " * 2)
    page = view._stack.widget(TABS.index("runs"))
    assert page is not None
    page.setMinimumHeight(2000)
    view.show_tab("runs")
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
    view.show_tab("curves")
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() == 0)
