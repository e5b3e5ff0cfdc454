"""The page of the curves: what can be done with it by mouse, keyboard and menu."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QWidget

from tests.support.fake_engine import point, progress
from tests.support.heard import heard
from tests.ui.sessions import only
from ui import settings
from ui.charts.chart import Chart
from ui.charts.export import ChartsExport
from ui.i18n import language
from ui.outputs.curves_menu import CurvesMenu
from ui.outputs.curves_page import CurvesPage
from ui.outputs.curves_window import CurvesWindow
from ui.outputs.output_column import OutputColumn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from cnnviz.message import Message
    from tests.support.fake_engine import FakeEngine
    from ui.export_actions import Offer
    from ui.session import Session


@pytest.fixture
def view(qtbot: QtBot, session: Session, engine: FakeEngine) -> Iterator[OutputColumn]:
    view = OutputColumn(session, engine.client)
    view.resize(300, 800)
    qtbot.addWidget(view)
    view.show()
    yield view
    view.finish()


@pytest.fixture
def run(engine: FakeEngine) -> FakeEngine:
    """A run that has gone some way."""
    train = [point(step, 2 / step, step / 300) for step in range(1, 301)]
    test = [point(step, 2.5 / step, step / 310) for step in (10, 100, 200, 300)]
    for place, rate in enumerate((0.1, 0.05, 0.01)):
        engine.run(progress(step=100 * place, learning_rate=rate))
    engine.run(progress(step=300), train, test)
    return engine


def page(view: OutputColumn) -> CurvesPage:
    return only(CurvesPage, view)


def menu(view: OutputColumn) -> CurvesMenu:
    return only(CurvesMenu, view)


def told(view: OutputColumn) -> list[Message]:
    said: list[Message] = []
    view.curves_export.told.connect(said.append)
    view.curves_export.refused.connect(said.append)
    return said


def offer(view: OutputColumn) -> Offer:
    found = view.curves_export.offered()
    assert found is not None
    return found


def smoothing(view: OutputColumn, reach: int) -> None:
    next(action for action in menu(view)._reaches if action.data() == reach).trigger()


def test_smoothing_is_chosen_in_the_menu_and_remembered(
    view: OutputColumn, run: FakeEngine
) -> None:
    loss = page(view).loss
    assert loss.painting().lines[0].raw is not None
    smoothing(view, 0)
    assert loss.painting().lines[0].raw is None
    assert settings.smoothing() == 0
    smoothing(view, 100)
    assert loss.painting().lines[0].line.last != loss.series[0].line.last
    assert settings.smoothing() == 100


def test_the_scale_of_the_loss_alone_becomes_logarithmic(
    view: OutputColumn, run: FakeEngine
) -> None:
    menu(view).logarithmic.trigger()
    found = {chart: chart.painting().axes for chart in (page(view).loss, page(view).accuracy)}
    assert [axes is not None and axes.bounds.logarithmic for axes in found.values()] == [
        True,
        False,
    ]
    assert settings.logarithmic_loss()
    menu(view).logarithmic.trigger()
    assert not settings.logarithmic_loss()


def test_the_learning_rate_is_shown_where_it_is_wanted(view: OutputColumn, run: FakeEngine) -> None:
    rate = page(view).rate
    assert not rate.isVisible()
    menu(view).rate.trigger()
    assert rate.isVisible()
    assert rate.series[0].line.steps.tolist() == [1, 101, 201]
    assert rate.series[0].line.ys.tolist() == pytest.approx([0.1, 0.05, 0.01])
    assert settings.learning_rate_curve()


def test_a_validation_curve_is_drawn_as_soon_as_there_is_one(
    view: OutputColumn, run: FakeEngine
) -> None:
    assert [series.key for series in page(view).loss.series] == ["train", "test"]
    run.run(progress(), validation=[point(300, 0.4, 0.8), point(301, 0.3, 0.9)])
    series = {series.key: series for series in page(view).accuracy.series}
    assert list(series) == ["train", "validation", "test"]
    assert len({one.color for one in series.values()}) == 3
    assert series["validation"].line.ys.tolist() == pytest.approx([0.8, 0.9])
    menu(view).lines["validation"].trigger()
    assert "validation" not in heard(page(view).loss)


def test_lines_are_switched_in_the_menu(view: OutputColumn, run: FakeEngine) -> None:
    menu(view).lines["test"].trigger()
    assert [one.series.key for one in page(view).loss.painting().lines] == ["train"]
    assert [one.series.key for one in page(view).accuracy.painting().lines] == ["train"]
    page(view).loss.sight.toggle("test")
    assert menu(view).lines["test"].isChecked()


def test_zooming_in_the_menu(view: OutputColumn, run: FakeEngine) -> None:
    actions = menu(view)
    assert not actions.whole.isEnabled()
    actions.nearer.trigger()
    span = page(view).accuracy.painting().span
    assert span is not None
    assert span[1] - span[0] == pytest.approx(149.5)
    actions.farther.trigger()
    assert page(view).loss.sight.view.span is None
    actions.nearer.trigger()
    actions.whole.trigger()
    assert page(view).loss.sight.view.span is None


def test_the_window_of_their_own_shows_the_same(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot
) -> None:
    menu(view).larger.trigger()
    window = only(CurvesWindow, view)
    qtbot.waitUntil(window.isVisible)
    page(view).loss.zoom(0.5)
    assert window.curves.loss.painting().span == page(view).loss.painting().span
    run.run(progress(step=301), [point(301, 0.5, 0.9)])
    assert window.curves.loss.series[0].line.last == (301.0, 0.5)
    language.set("zh_CN")
    assert window.windowTitle() != "Curves and runs"
    window.close()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".npy", ".csv"])
def test_the_curves_are_written(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot, tmp_path: Path, suffix: str
) -> None:
    said, path = told(view), tmp_path / f"curves{suffix}"
    view.curves_export.write(path, offer(view))
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].values == {"file": str(path)}
    data = path.read_bytes()
    if suffix == ".csv":
        rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
        assert [int(row["step"]) for row in rows] == list(range(1, 301))
        assert list(rows[0]) == [
            "step",
            "loss_train",
            "loss_train_mean",
            "loss_test",
            "accuracy_train",
            "accuracy_train_mean",
            "accuracy_test",
        ]
        assert float(rows[99]["loss_train"]) == np.float32(0.02) == float(rows[99]["loss_train"])
    elif suffix == ".svg":
        assert b"<svg" in data
    elif suffix == ".npy":
        records = np.load(path, allow_pickle=False)
        assert records["step"].tolist() == list(range(1, 301))
        assert records["loss_train"][99] == np.float32(0.02)
        assert np.isnan(records["loss_test"]).any()
    else:
        assert not QImage.fromData(data).isNull()


def test_the_numbers_are_those_of_the_steps_on_show(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot
) -> None:
    smoothing(view, 0)
    page(view).loss.sight.look(span=(100.0, 102.0), hidden=frozenset({"test"}))
    said = told(view)
    view.curves_export.copy.trigger()
    qtbot.waitUntil(lambda: bool(said))
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert rows[0] == ["step", "loss_train", "accuracy_train"]
    assert [row[:2] for row in rows[1:]] == [
        ["100", "0.02"],
        ["101", "0.01980198"],
        ["102", "0.019607844"],
    ]


def test_a_clipboard_is_not_filled_with_a_million_rows(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.charts.export.MOST_COPIED", 100)
    said = told(view)
    view.curves_export.copy.trigger()
    qtbot.waitUntil(lambda: bool(said))
    assert said[0].values == {"name": "curves", "every": 3, "n": 100}
    assert len(QGuiApplication.clipboard().text().splitlines()) == 101


def test_a_picture_is_copied(view: OutputColumn, run: FakeEngine, qtbot: QtBot) -> None:
    said = told(view)
    view.curves_export.copy_picture.trigger()
    qtbot.waitUntil(lambda: bool(said))
    assert not QGuiApplication.clipboard().image().isNull()


def test_without_curves_there_is_nothing_to_take_along(view: OutputColumn) -> None:
    said = told(view)
    for action in view.curves_export.actions():
        action.trigger()
    assert [str(message) for message in said] == [
        "There are no curves to take along yet. Press Train."
    ] * 3


def test_a_place_that_cannot_be_written_is_explained(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    said = told(view)
    for suffix in (".csv", ".svg"):
        view.curves_export.write(tmp_path / "none" / f"curves{suffix}", offer(view))
    qtbot.waitUntil(lambda: len(said) == 2)
    assert all("could not be written" in str(message) for message in said)


def test_writing_is_cancelled_and_leaves_nothing(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    steps = range(301, 60_000)
    run.run(progress(), [point(step, 1.0, 0.5) for step in steps])
    path = tmp_path / "curves.csv"
    view.curves_export.write(path, offer(view))
    only(QProgressDialog, view).canceled.emit()
    qtbot.waitUntil(lambda: not view.curves_export._writing.busy)
    assert list(tmp_path.iterdir()) == []


def test_the_dialog_offers_all_kinds_of_files(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    said = told(view)
    view.curves_export.save.trigger()
    dialog = only(QFileDialog, view)
    assert [words[-5:-1] for words in dialog.nameFilters()] == [".png", ".svg", ".npy", ".csv"]
    path = tmp_path / "mine.svg"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: bool(said))
    assert path.exists()


def test_the_menu_opens_from_the_corner_and_by_the_right_button(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot
) -> None:
    assert isinstance(page(view)._more, QWidget)
    page(view)._more.click()
    qtbot.waitUntil(menu(view).isVisible)
    menu(view).close()
    chart = only(CurvesPage, view).findChildren(Chart)[0]
    assert chart.contextMenuPolicy() == page(view).contextMenuPolicy()
    assert isinstance(view.curves_export, ChartsExport)


def test_the_copy_key_copies_from_the_chart(
    view: OutputColumn, run: FakeEngine, qtbot: QtBot
) -> None:
    said = told(view)
    qtbot.keyClick(page(view).loss, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(said))
    assert QGuiApplication.clipboard().text().startswith("step\tloss_train")


def test_a_new_run_is_seen_as_a_whole(view: OutputColumn, run: FakeEngine) -> None:
    page(view).loss.sight.look(span=(100.0, 200.0), step=150.0)
    run.forget_curves()
    now = page(view).loss.sight.view
    assert (now.span, now.step) == (None, None)
