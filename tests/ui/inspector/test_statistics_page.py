"""The page of statistics: the selected layer among all, as the run goes on."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from cnnviz.engine.protocol import Figures, Histogram, LayerFigures
from cnnviz.layers import Size
from cnnviz.network import INPUT_UID
from tests.support.fake_engine import progress
from tests.support.heard import heard
from ui.charts.export import ChartsExport
from ui.charts.picture import SHARPNESS
from ui.i18n import language
from ui.inspector.statistics_page import StatisticsPage

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.support.fake_engine import FakeEngine
    from ui.charts.chart import Chart
    from ui.charts.histogram_map import HistogramMap
    from ui.session import Session


def figures(step: int) -> Figures:
    weights = Histogram(-0.5, 0.5, [1, 5, 5, 1])
    outputs = Histogram(0.0, 2.0, [5, 3, 2, 1])
    return Figures(
        step,
        [
            LayerFigures("conv", 0.5 / step, 1e-3, None, weights, outputs),
            LayerFigures("relu", dead=0.125, outputs=outputs),
            LayerFigures("out", 2.0 / step, 2e-3, None, weights, outputs),
        ],
    )


@pytest.fixture
def shown() -> list[StatisticsPage]:
    """The page, as soon as there is one."""
    return []


@pytest.fixture
def exports(qtbot: QtBot, shown: list[StatisticsPage]) -> ChartsExport:
    owner = QWidget()
    qtbot.addWidget(owner)

    def charts() -> list[Chart | HistogramMap]:
        return shown[0].shown()

    return ChartsExport(charts, owner, statistics=True)


@pytest.fixture
def page(
    qtbot: QtBot,
    session: Session,
    engine: FakeEngine,
    exports: ChartsExport,
    shown: list[StatisticsPage],
) -> StatisticsPage:
    page = StatisticsPage(session, engine.client, exports)
    qtbot.addWidget(page)
    shown[:] = [page]
    page.resize(1600, 190)
    page.show()
    session.select("conv")
    page.refresh()
    return page


def loud(chart: Chart) -> list[str]:
    return [series.key for series in chart.series if not series.quiet]


def test_before_a_run_it_waits(page: StatisticsPage) -> None:
    for widget in (page.gradients, page.ratios, page.weights, page.outputs):
        assert heard(widget) == "Press Train to see how the layers do"


def test_a_layer_that_does_not_work_says_so(
    page: StatisticsPage, session: Session, engine: FakeEngine
) -> None:
    engine.run(progress())
    engine.measure(figures(1), figures(50))
    session.set_field("conv", "kernel", Size(40, 40))
    for uid, said in (("conv", "Settings"), ("out", "Waiting for Conv")):
        session.select(uid)
        page.refresh()
        for widget in (page.weights, page.outputs):
            assert said in widget._content.empty


def test_the_selected_layer_stands_out_among_all(
    page: StatisticsPage, session: Session, engine: FakeEngine
) -> None:
    engine.run(progress())
    engine.measure(figures(1), figures(50))
    assert [series.key for series in page.gradients.series] == ["conv", "out"]
    assert loud(page.gradients) == loud(page.ratios) == ["conv"]
    assert heard(page.gradients) == "9 Dense 0.040, 1 Conv 0.0100"
    entries = page.gradients.painting().entries
    assert [entry.words for entry in entries] == ["1 Conv 0.0100", "9 Dense 0.040"]
    assert entries[0].ink != entries[1].ink
    session.select("out")
    page.refresh()
    assert loud(page.gradients) == ["out"]
    ratios = [float(series.line.ys[-1]) for series in page.ratios.series]
    assert ratios == pytest.approx([2e-3, 1e-3])
    assert page.ratios.painting().entries[0].words.startswith("9 Dense")  # in narrow ones, too


def test_the_spread_of_weights_and_outputs_follows_the_run(
    page: StatisticsPage, engine: FakeEngine
) -> None:
    engine.measure(figures(1))
    assert page.weights.accessibleDescription().startswith("step 1: −0.5 to 0.5")
    assert page.outputs.accessibleDescription().startswith("step 1: 0 to 2")
    engine.measure(figures(50))
    assert page.weights.accessibleDescription().startswith("step 50: ")
    engine.forget_curves()
    assert page.weights.accessibleDescription() == "Press Train to see how the layers do"
    assert not page.gradients.series


def test_of_relus_it_shows_how_many_are_dead(
    page: StatisticsPage, session: Session, engine: FakeEngine
) -> None:
    engine.measure(figures(1))
    assert page.weights.isVisible()
    assert not page.dead.isVisible()
    session.select("relu")
    page.refresh()
    assert page.dead.isVisible()
    assert heard(page.dead) == "2 ReLU 12.5%"
    session.select("flat")
    page.refresh()
    assert page.weights.accessibleDescription() == "It has no weights that learn"
    session.select(INPUT_UID)
    page.refresh()
    assert page.outputs.accessibleDescription() == "The input is not measured"


def test_all_of_it_speaks_the_other_language(page: StatisticsPage) -> None:
    language.set("zh_CN")
    names = [chart.accessibleName() for _, chart in page.charts()]
    assert names == ["梯度范数", "更新 / 权重", "失活的 ReLU"]
    assert page.weights.accessibleName() == "权重"


SPREADS = ["weights_conv", "outputs_conv"]


def titles() -> list[str]:
    """Of the table: the lines of all layers, and the histograms of the selected one."""
    lines = ["gradient_conv", "gradient_out", "ratio_conv", "ratio_out"]
    parts = ["low", "high", "count_0", "count_1", "count_2", "count_3"]
    return sorted(["step", *lines, *(f"{name}_{part}" for name in SPREADS for part in parts)])


def test_the_numbers_of_lines_and_histograms_are_copied(
    page: StatisticsPage, exports: ChartsExport, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.measure(figures(1), figures(50))
    said: list[object] = []
    exports.told.connect(said.append)
    exports.copy.trigger()
    qtbot.waitUntil(lambda: bool(said))
    rows = list(csv.DictReader(QGuiApplication.clipboard().text().splitlines(), delimiter="\t"))
    assert sorted(rows[0]) == titles()
    assert [row["step"] for row in rows] == ["1", "50"]
    assert [rows[1][f"outputs_conv_{part}"] for part in ("low", "high", "count_0", "count_3")] == [
        "0.0", "2.0", "5", "1",
    ]  # fmt: skip
    exports.finish()


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".png", ".svg"])
def test_all_of_the_page_is_written(
    page: StatisticsPage,
    exports: ChartsExport,
    engine: FakeEngine,
    qtbot: QtBot,
    tmp_path: Path,
    suffix: str,
) -> None:
    engine.measure(figures(1), figures(50))
    said: list[object] = []
    exports.told.connect(said.append)
    found, path = exports.offered(), tmp_path / f"statistics{suffix}"
    assert found is not None
    exports.write(path, found)
    qtbot.waitUntil(lambda: bool(said))
    if suffix == ".npy":
        records = np.load(path, allow_pickle=False)
        assert records["step"].tolist() == [1, 50]
        assert records["weights_conv_count"].tolist() == [[1, 5, 5, 1]] * 2
        assert records["weights_conv_low"].tolist() == [-0.5, -0.5]
        assert records["gradient_out"].tolist() == pytest.approx([2, 0.04])
    elif suffix == ".csv":
        head = path.read_text("utf-8-sig").splitlines()[0]
        assert sorted(head.split(",")) == titles()
    elif suffix == ".svg":
        words = path.read_text("utf-8")
        assert all(f">{title}<" in words for title in ("Gradient norm", "Weights", "Outputs"))
    else:
        image = QImage(str(path))
        shown = sum(chart.height() for chart in page.shown())
        assert len(page.shown()) == 4
        assert image.height() > SHARPNESS * shown
    exports.finish()


def test_before_a_run_nothing_is_taken_along(page: StatisticsPage, exports: ChartsExport) -> None:
    said: list[object] = []
    exports.refused.connect(said.append)
    for action in exports.actions():
        action.trigger()
    assert len(said) == 3
