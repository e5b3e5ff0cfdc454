"""The page of one value: chosen in a map, followed with pen and training, read and taken along."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from cnnviz.analysis import analyze
from cnnviz.arithmetic.text import as_table
from cnnviz.layers import KINDS, Branches, Conv2d, Dense, Maps, Size
from cnnviz.message import Message
from cnnviz.network import Input, Network
from tests.support.fake_engine import FakeEngine
from ui.i18n import language
from ui.inspector import Inspector
from ui.inspector.pixel_page import PixelPage
from ui.inspector.pixel_reading import next_place, over

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from tests.ui.room import Room
    from ui.session import Session


@pytest.fixture
def drawer(qtbot: QtBot, real_room: Room) -> Inspector:
    """The drawer on a real engine, with the page on show."""
    view = Inspector(real_room.session, real_room.client)
    qtbot.addWidget(view)
    view.resize(1280, 240)
    view.show()
    real_room.session.select("conv")
    view.show_tab("pixel")
    real_room.link.work(0)
    return view


def page_of(drawer: Inspector) -> PixelPage:
    page = drawer.pixel
    assert page.worked is not None, page.message.text()
    return page


def test_a_click_on_a_value_of_a_map_leads_to_its_sum(
    drawer: Inspector, real_room: Room, qtbot: QtBot
) -> None:
    drawer.show_tab("maps")
    grid = drawer.maps.grid
    place = grid._cell_rect((2, 7, 5)).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    real_room.link.work(0)
    page = page_of(drawer)
    assert page.place() == (2, 7, 5)
    picture = real_room.client.picture
    assert picture is not None
    value = float(picture.maps["conv"][2, 7, 5])
    assert f"{value:+.3f}".replace("-", "−") == page.weighted.sums.total()
    assert "\N{NO-BREAK SPACE}✓" in page.weighted.sums.remark(), "never alone on a line"
    assert page.bar.fields[1].value() == 7
    assert "rows 14–18, columns 10–14" in page.source.accessibleDescription()


def test_every_layer_can_be_asked_and_agrees(drawer: Inspector, real_room: Room) -> None:
    for layer in real_room.session.network.layers:
        real_room.session.select(layer.uid)
        real_room.link.work(0)
        worked = page_of(drawer).worked
        assert worked is not None
        assert worked.row.layer == layer
        assert worked.agrees
        assert not drawer.grab().isNull()


def test_keys_fields_and_pointing_move_the_pixel(
    drawer: Inspector, real_room: Room, qtbot: QtBot
) -> None:
    page = page_of(drawer)
    page.choose("conv", (0, 3, 3))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
        qtbot.keyClick(page.output, key)
    assert page.place() == (1, 5, 4)
    qtbot.keyClick(page.output, Qt.Key.Key_PageUp)
    qtbot.keyClick(page.output, Qt.Key.Key_PageUp)
    assert page.place() == (0, 5, 4)
    page.bar.fields[2].edited.emit(1000)  # as far as there are columns
    assert page.place() == (0, 5, 11)
    where = page.output.cell_center(2, 9).toPoint()
    qtbot.mouseClick(page.output, Qt.MouseButton.LeftButton, pos=where)
    assert page.place() == (0, 2, 9)
    where = page.source.cell_center(12, 12).toPoint()  # the window around it begins at row 10
    qtbot.mouseClick(page.source, Qt.MouseButton.LeftButton, pos=where)
    assert page.place() == (0, 5, 5)


def test_the_pen_and_an_edit_are_followed(drawer: Inspector, real_room: Room) -> None:
    page = page_of(drawer)
    page.choose("conv", (1, 4, 4))
    before = page.weighted.sums.total()
    real_room.client.show_image(np.full((28, 28), 200, np.uint8))
    real_room.link.work(0)
    assert page.weighted.sums.total() != before
    assert page.place() == (1, 4, 4)
    real_room.session.set_field("conv", "kernel", Size(25, 25))
    real_room.link.work(0)
    assert page_of(drawer).place() == (1, 1, 1)  # the nearest that is still there
    real_room.session.set_field("conv", "kernel", Size(99, 99))
    assert page.worked is None
    assert "larger" in page.message.text() or "Mend" in page.message.text()


def test_channels_are_chosen_and_the_way_leads_back(
    drawer: Inspector, real_room: Room, qtbot: QtBot
) -> None:
    """From a value of the last layer to one that it was made of, and so on to the image."""
    real_room.session.select("dense")
    real_room.link.work(0)
    page = page_of(drawer)
    page.weighted.sums.chosen.emit(2)
    assert page.worked is not None
    channel = page.worked.account.reads.channels[2]
    assert f"map {channel}" in page.source.accessibleDescription()
    page.source.entered.emit(1, 2)
    real_room.link.work(0)
    assert real_room.session.selection == "flat"
    place = page.place()
    assert place is not None
    page.source.entered.emit(1, 2)
    real_room.link.work(0)
    assert page.place() == (channel, 1, 2)
    real_room.session.select("pool")
    real_room.link.work(0)
    worked = page_of(drawer).worked
    assert worked is not None
    page.window_view.entered.emit(0, 1)
    real_room.link.work(0)
    assert real_room.session.selection == "relu"
    reads = worked.account.reads
    assert page.place() == (reads.channels[0], reads.rows[0], reads.columns[1])
    real_room.session.select("conv")
    real_room.link.work(0)
    page.source.entered.emit(0, 0)  # the image itself has no arithmetic
    assert real_room.session.selection == "conv"


def test_all_maps_of_the_source_come_while_the_page_is_on_show(
    qtbot: QtBot, session: Session
) -> None:
    engine = FakeEngine(session)
    drawer = Inspector(session, engine.client)
    qtbot.addWidget(drawer)
    drawer.show()
    assert not engine.whole
    session.select("grouped")
    drawer.show_tab("pixel")
    assert list(engine.whole) == ["pool"]
    session.select("conv")
    assert list(engine.whole) == ["input"]
    drawer.show_tab("settings")
    assert not engine.whole
    session.select("input")
    drawer.show_tab("pixel")
    assert "Select a layer" in drawer.pixel.message.text()
    assert not drawer.pixel._actions.copy.isEnabled()


def test_it_slides_over_the_map(
    drawer: Inspector, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(drawer)
    page.choose("conv", (0, 0, 9))
    page._actions.step.trigger()
    assert page.place() == (0, 0, 10)
    page.bar._actions.speeds.choose(4.0)
    page._actions.slide.trigger()
    qtbot.waitUntil(lambda: page.place() == (0, 1, 0))
    page._actions.slide.trigger()
    place = page.place()
    qtbot.wait(150)
    assert page.place() == place
    page._actions.slide.trigger()
    drawer.show_tab("settings")
    assert not page.sliding.going
    assert next_place((1, 11, 11), page.worked.row) == (1, 0, 0) if page.worked else False


def test_numbers_are_taken_along(drawer: Inspector, tmp_path: Path, qtbot: QtBot) -> None:
    page = page_of(drawer)
    page.choose("conv", (1, 3, 4))
    page._actions.copy.trigger()
    words = QGuiApplication.clipboard().text()
    assert words.startswith("Conv — map 1, row 3, column 4\nSum of the products: ")
    assert "PyTorch computed" in words
    assert page.worked is not None
    told: list[str] = []
    for signal in (drawer.told, drawer.trouble):
        signal.connect(lambda message: told.append(str(message)))
    path = tmp_path / "t.csv"
    page.along.save(path, as_table(page.worked.account))
    qtbot.waitUntil(lambda: told == [f"Written: {path}"])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["map", "row", "column", "input", "weight", "product"]
    assert len(rows) == 25 + 3
    products = sum(float(row[5]) for row in rows[1:-1])
    assert products == pytest.approx(float(rows[-1][5]), abs=1e-9)
    page.along.save(tmp_path / "nowhere" / "t.csv", [["x"]])
    qtbot.waitUntil(lambda: len(told) == 2)
    drawer.finish()


def test_a_file_is_asked_for(drawer: Inspector, tmp_path: Path, qtbot: QtBot) -> None:
    page = page_of(drawer)
    page._actions.save.trigger()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "chosen.csv"))
    dialog.reject()
    qtbot.waitUntil((tmp_path / "chosen.csv").exists)
    drawer.finish()


def test_the_two_matrices(drawer: Inspector, qtbot: QtBot) -> None:
    page = page_of(drawer)
    page.choose("conv", (1, 0, 2))
    page.bar.views.setCurrentIndex(1)
    view = page.weighted.matrices
    assert view.isVisible()
    assert view.products.mark() == (2, 1)
    where = view.products.cell_center(5, 0).toPoint()
    qtbot.mouseClick(view.products, Qt.MouseButton.LeftButton, pos=where)
    assert page.place() == (0, 0, 5)
    where = view.filters.cell_center(3, 2).toPoint()
    qtbot.mouseClick(view.filters, Qt.MouseButton.LeftButton, pos=where)
    assert page.place() == (2, 0, 5)


def test_beside_it_is_the_way_back(drawer: Inspector, qtbot: QtBot) -> None:
    page = page_of(drawer)
    qtbot.mouseClick(page, Qt.MouseButton.LeftButton, pos=QPoint(3, page.height() // 2))
    assert drawer._tabs.current() == "maps"
    drawer.show_tab("pixel")
    qtbot.keyClick(page.output, Qt.Key.Key_Escape)
    assert drawer._tabs.current() == "maps"


@pytest.mark.parametrize("gap", ["beside the sums", "in the bar", "on the total"])
def test_ground_between_what_is_shown_is_beside_it(
    drawer: Inspector, qtbot: QtBot, gap: str
) -> None:
    page = page_of(drawer)
    total = page.weighted.sums._total
    places = {
        "beside the sums": page.weighted.sums.mapTo(
            page, QPoint(page.weighted.sums.width() // 2, 1)
        ),
        "in the bar": page.bar.mapTo(page, QPoint(page.bar.width() // 2, page.bar.height() // 2)),
        "on the total": total.mapTo(page, total.rect().center()),
    }
    qtbot.mouseClick(page, Qt.MouseButton.LeftButton, pos=places[gap])
    assert drawer._tabs.current() == ("pixel" if gap == "on the total" else "maps")


def pointed_at(page: PixelPage) -> tuple[int, int] | None:
    return page.source._pointed


def test_pointing_reads_a_product(drawer: Inspector) -> None:
    page = page_of(drawer)
    page.choose("conv", (0, 2, 2))
    plain = [box.caption.text() for box in page.weighted.boxes]
    page.weighted.kernel.pointed.emit(1, 2)
    words = [box.caption.text() for box in page.weighted.boxes]
    assert words[0] == "row 5, column 6"
    assert pointed_at(page) == (5, 6)
    assert words[2].startswith("= ")
    page.weighted.kernel.left.emit()
    assert pointed_at(page) is None
    assert [box.caption.text() for box in page.weighted.boxes] == plain


def test_it_speaks_chinese(drawer: Inspector) -> None:
    language.set("zh_CN")
    page = page_of(drawer)
    assert "PyTorch 的结果" in page.weighted.sums.remark()
    assert "第" in page.output.accessibleDescription()


def test_the_window_goes_to_where_one_points() -> None:
    tried = 0
    for kind in KINDS:
        layer = kind(uid="it")
        report = analyze(Network(input=Input(9, 7, 3)).with_layers([layer]))
        row = report.row("it")
        if isinstance(layer, Dense) or not isinstance(row.output, Maps):
            continue
        assert row.input is not None
        for cell in ((0, 0), (8, 6), (4, 3)):
            found = over(row, cell)
            assert found is not None
            spans = [layer.reads(row.input, axis, (n, n)) for axis, n in enumerate(found)]
            if spans[0] is not None and spans[1] is not None:
                tried += 1
                for axis, (first, last) in enumerate(spans):  # type: ignore[misc]
                    assert first - 3 <= cell[axis] <= last + 3
    assert tried > 30


def test_any_unit_of_a_very_large_layer(
    drawer: Inspector, real_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of which only some units are sent at a time."""
    row = real_room.session.report.row("dense")
    for place in ("cnnviz.engine.probe", "ui.inspector.pixel_reading"):
        monkeypatch.setattr(f"{place}.MAX_VALUES", 3 * row.parameters["weight"][1])
    page = drawer.pixel
    for unit in (0, 5, 9, 4):
        page.choose("dense", (unit,))
        real_room.link.work(0)
        worked = page_of(drawer).worked
        assert worked is not None
        assert worked.place == (unit,)
        assert worked.agrees
        assert len(worked.reading.tensors["weight"]) == 3
    drawer.show_tab("kernels")
    real_room.link.work(0)
    assert real_room.client.picture is not None
    assert real_room.client.picture.first == 0


def test_the_page_is_there_before_it_is_asked_for(
    qtbot: QtBot, session: Session, engine: DrawingEngine
) -> None:
    """Soon after the maps are on show; until it is on show itself, its actions are off."""
    drawer = Inspector(session, engine.client)
    qtbot.addWidget(drawer)
    drawer.show()
    engine.draw()
    drawer.show_tab("maps")
    qtbot.waitUntil(lambda: drawer.findChild(PixelPage) is not None)
    page = drawer.pixel
    assert not page.isVisible()
    assert not page._actions.step.isEnabled()
    drawer.show_tab("pixel")
    assert page._actions.step.isEnabled()
    drawer.show_tab("maps")
    assert not page._actions.step.isEnabled()


def test_weights_that_have_diverged_are_shown(drawer: Inspector, real_room: Room) -> None:
    page = page_of(drawer)
    picture = real_room.client.picture
    assert picture is not None
    for strange in (np.nan, np.inf, 3e38, 1e-40):
        for values in (picture.maps, picture.weights["conv"]):
            for name in values:
                filled = values[name].copy()
                filled[..., ::2] = strange
                values[name] = filled
        page.choose("conv", (0, 3, 3))
        assert not page.grab().isNull()
        page.bar.views.setCurrentIndex(1)
        assert not page.grab().isNull()
        page.bar.views.setCurrentIndex(0)


@pytest.mark.parametrize("merge", ["add", "concat", "multiply"])
def test_branches_stand_side_by_side(
    drawer: Inspector, real_room: Room, merge: Literal["add", "concat", "multiply"]
) -> None:
    branch = (Conv2d(uid="inner", filters=3, kernel=Size(3, 3), padding="same"),)
    block = Branches(uid="block", merge=merge, branches=((), branch))
    real_room.session.edit(real_room.session.network.insert(1, block), Message("Insert"))
    real_room.session.select("block")
    real_room.link.work(0)
    page = page_of(drawer)
    page.choose("block", (4 if merge == "concat" else 1, 2, 3))
    merged = page.merged
    assert merged.isVisible()
    assert not page.source.isVisible()
    assert page.worked is not None
    assert page.worked.agrees
    words = [box.caption.text() for box in merged.boxes if not box.isHidden()]
    assert len(words) == 2
    assert merged.maps[1].mark() == (2, 3)
    assert merged.maps[0].mark() == (None if merge == "concat" else (2, 3))
    merged.maps[1].entered.emit(2, 3)
    real_room.link.work(0)
    assert real_room.session.selection == "inner"
    assert page.place() == (1, 2, 3)
