"""The page of the way back: its zooms, every layer, positions, steps of a run, taking along."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from cnnviz.arithmetic import Weighted
from cnnviz.export.arrays import Plate
from cnnviz.export.tables import Tabled
from cnnviz.layers import (
    Activation,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    LocallyConnected2d,
    Size,
)
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.project import Project
from tests.support.heard import heard
from tests.ui.room import IMAGE
from ui.i18n import language
from ui.inspector import Inspector
from ui.inspector.backward_captions import magnified
from ui.inspector.backward_rail import BackwardRail
from ui.inspector.way_back import LOSS_UID, Quantity, next_index, quantities, reader_of

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.room import Room
    from ui.inspector.backward_page import BackwardPage


@pytest.fixture
def drawer(qtbot: QtBot, real_room: Room) -> Inspector:
    """The drawer on a real engine, with the way back on show."""
    view = Inspector(real_room.session, real_room.client)
    qtbot.addWidget(view)
    view.resize(1280, 260)
    view.show()
    real_room.session.select("conv")
    view.show_tab("pixel")
    view._pixel_actions.backward.trigger()
    real_room.link.work()
    return view


@pytest.fixture
def page(drawer: Inspector) -> BackwardPage:
    return drawer.backward


def near(page: BackwardPage, room: Room, uid: str, quantity: Quantity | None = None) -> Any:
    """One value of a layer, the strongest."""
    room.session.select(uid)
    room.link.work()
    if quantity is not None:
        page._choose_view(quantity.key)
    page.show_zoom("value")
    room.link.work()
    assert page.worked is not None, page.message.text()
    return page.worked


def test_all_layers_then_one_then_one_value_and_back(
    page: BackwardPage, real_room: Room, qtbot: QtBot
) -> None:
    assert page.zoom == "all"
    uids = [tile.uid for tile in page.strip.tiles]
    assert uids[0] == "input"
    assert uids[-1] == LOSS_UID
    assert "conv" in uids
    assert "δ up to" in page.strip.accessibleDescription()
    where = page.strip.tile_rect(uids.index("pool")).center()
    qtbot.mouseClick(page.strip.viewport(), Qt.MouseButton.LeftButton, pos=where)
    real_room.link.work()
    assert (page.zoom, real_room.session.selection) == ("layer", "pool")
    grid = page.layer.handed
    qtbot.mouseClick(
        grid.viewport(), Qt.MouseButton.LeftButton, pos=grid._cell_rect((1, 2, 3)).center()
    )
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.place == (1, 2, 3)
    assert page.worked.agrees
    assert "✓" in page.value.view.sums.remark()
    for zoom in ("layer", "all"):
        qtbot.mouseClick(page, Qt.MouseButton.LeftButton, pos=QPoint(page.width() - 2, 2))
        assert page.zoom == zoom
    with qtbot.waitSignal(page.left):
        qtbot.keyClick(page, Qt.Key.Key_Escape)


def test_every_layer_and_every_gradient_agrees(
    page: BackwardPage, drawer: Inspector, real_room: Room
) -> None:
    for row in real_room.session.report.rows:
        for quantity in quantities(row):
            worked = near(page, real_room, row.layer.uid, quantity)
            assert worked.quantity == quantity
            assert worked.agrees
            assert bool(worked.update) == (quantity.kind == "tensor")
            assert not drawer.grab().isNull()


def test_the_switch_by_key_menu_and_mouse(drawer: Inspector, qtbot: QtBot) -> None:
    assert drawer._page() is drawer.backward
    drawer._directions.setCurrentIndex(0)
    assert drawer._page() is drawer.pixel
    assert drawer._pixel_actions.backward in drawer.actions_menu().actions()
    qtbot.keyClick(drawer, Qt.Key.Key_B)
    assert drawer._page() is drawer.backward
    drawer.show_tab("maps")
    assert not drawer._directions.isVisible()
    drawer._show_pixel((0, 1, 1))  # a value that was clicked is asked how it came about
    assert drawer._page() is drawer.pixel


def test_what_is_worked_out_can_be_chosen_from_the_first_value_on(
    page: BackwardPage, real_room: Room, qtbot: QtBot
) -> None:
    """The tabs had no height until another value was looked at."""
    tabs = page.bar.views
    near(page, real_room, "dense")
    qtbot.waitUntil(lambda: tabs.height() >= tabs.sizeHint().height() > 0, timeout=1000)
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(1).center())
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.quantity.key == tabs.tabData(1)


def test_the_loss_is_worked_out(page: BackwardPage, real_room: Room) -> None:
    page.strip.chosen.emit(LOSS_UID)
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.row is None
    assert page.worked.agrees
    before = page.worked.computed
    page.rail.classes.edited.emit(7)
    page.rail.classes.set_value(7)
    page.show_picture()
    real_room.link.work()
    page._edit_place(0, 7)
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.place == (7,)
    assert page.worked.computed < 0  # too little of the right class
    assert before != page.worked.computed
    assert "Right: 7" in page.rail.loss.text()
    page.back()
    assert page.zoom == "all"


def test_without_a_layer_the_middle_zoom_has_a_name_all_the_same(qtbot: QtBot) -> None:
    rail = BackwardRail()
    qtbot.addWidget(rail)
    rail.show_zoom("all", "", value=False)
    button = rail.buttons["layer"]
    assert (button.text(), button.accessibleName(), button.isEnabled()) == ("Layer", "Layer", False)
    assert "Choose a layer first" in button.toolTip()
    rail.show_zoom("all", "Conv", value=True)
    assert (button.text(), button.isEnabled()) == ("Conv", True)


def test_a_loss_near_0_is_not_cut_off_where_it_is_low(qtbot: QtBot) -> None:
    rail = BackwardRail()
    qtbot.addWidget(rail)
    rail.set_classes([str(name) for name in range(10)])
    whole = "Right: 5\nloss −ln 0.999999999274 = 0.000000000726"
    short = "Right: 5\nloss 7.26e−10"
    rail.show_loss(whole, short)
    rail.show()
    read: list[str] = []
    for height in range(400, 100, -2):
        rail.resize(rail.width(), height)
        rail._column.activate()
        if rail.loss.isVisible():
            read.append(rail.loss.text())
            assert rail.loss.height() >= rail.loss.heightForWidth(rail.loss.width())
    assert (read[0], read[-1]) == (whole, short)
    assert rail.loss.toolTip() == whole


def test_the_label_is_taken_to_be_right(page: BackwardPage, real_room: Room) -> None:
    real_room.client.show_image(IMAGE, 4)
    real_room.link.work()
    assert page.course is not None
    assert page.course.target == 4
    real_room.client.show_image(IMAGE)  # a drawing has none: what is predicted is
    real_room.link.work()
    picture = real_room.client.picture
    assert picture is not None
    assert page.course.target == int(np.argmax(picture.probabilities))


def test_the_pen_an_edit_and_another_language_are_followed(
    page: BackwardPage, real_room: Room
) -> None:
    worked = near(page, real_room, "conv", Quantity("tensor", name="weight"))
    real_room.client.show_image(np.full((28, 28), 200, np.uint8))
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.computed != worked.computed
    assert page.worked.place == worked.place
    real_room.session.set_field("conv", "kernel", Size(3, 3))
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.place[2:] <= (2, 2)
    assert page.worked.agrees
    language.set("zh_CN")
    assert page.bar.views.tabText(1) == "权重"
    real_room.session.set_field("conv", "kernel", Size(99, 99))
    assert page.message.isVisible()


def test_the_window_slides_over_input_and_delta(
    page: BackwardPage, real_room: Room, qtbot: QtBot
) -> None:
    worked = near(page, real_room, "conv", Quantity("tensor", name="weight"))
    picture = worked.flow.picture
    assert isinstance(picture, Weighted)
    page._actions.step.trigger()
    page._actions.step.trigger()
    sees, reads = worked.flow.sees, worked.flow.reads
    assert page.value.input._pointed == (sees.rows[0], sees.columns[1])
    assert page.value.output._pointed == (reads.rows[0], reads.columns[1])
    caption = page.value.view.boxes[2].caption.text()
    assert "by now" in caption
    where = page.value.output.cell_center(3, 2).toPoint()
    qtbot.mouseClick(page.value.output, Qt.MouseButton.LeftButton, pos=where)
    assert page.value.output._pointed == (3, 2)
    page.bar._actions.speeds.choose(4.0)
    page._actions.slide.trigger()
    qtbot.waitUntil(lambda: page.value.output._pointed == (3, 4))
    page._actions.slide.trigger()
    near(page, real_room, "conv", Quantity())
    place = page.worked.place if page.worked else ()
    page._actions.step.trigger()
    assert page.worked is not None
    assert page.worked.place == next_index(place, (1, 28, 28))


def test_one_asks_on_towards_the_loss(page: BackwardPage, real_room: Room) -> None:
    """From what a layer hands back to where the δ came from that it was made of."""
    near(page, real_room, "conv")
    seen = ["conv"]
    for _ in range(20):
        worked = page.worked
        assert worked is not None
        if worked.row is None:
            break
        delta = worked.delta
        page.value.output_entered.emit(tuple(0 for _ in delta.shape))
        real_room.link.work()
        seen.append(LOSS_UID if page.worked and page.worked.row is None else page._uid())
    assert seen[-1] == LOSS_UID
    assert [uid for uid in seen[:-1] if uid in real_room.session.report.places] == seen[:-1]


@pytest.mark.parametrize("merge", ["add", "concat", "multiply"])
def test_forks_lead_into_branches(
    page: BackwardPage, real_room: Room, merge: Literal["add", "concat", "multiply"]
) -> None:
    inner = (Conv2d(uid="inner", filters=3, kernel=Size(3, 3), padding="same"),)
    block = Branches(uid="block", merge=merge, branches=((), inner))
    real_room.session.edit(real_room.session.network.insert(1, block), Message("Insert"))
    for quantity in quantities(real_room.session.report.row("block")):
        assert near(page, real_room, "block", quantity).agrees
    near(page, real_room, "block", Quantity("fork"))
    page.value.view.sums.chosen.emit(1)
    real_room.link.work()
    assert real_room.session.selection == "inner"
    report = real_room.session.report
    assert reader_of(report, "inner") == ("block", Quantity("input", 1))
    assert reader_of(report, report.row("block").source) == ("block", Quantity("fork"))
    page.choose("block", Quantity("fork"), (0, 1, 1))
    real_room.link.work()
    page.value.view.sums.chosen.emit(0)
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.quantity == Quantity("input", 0)


def test_a_step_of_a_run_is_told(page: BackwardPage, real_room: Room) -> None:
    near(page, real_room, "dense", Quantity("tensor", name="bias"))
    assert "first step of a run" in page.value.view.steps.remark()
    real_room.client.step()
    real_room.link.work()
    assert "of the run has moved it from" in page.value.view.steps.remark()


def test_numbers_are_taken_along(
    page: BackwardPage, drawer: Inspector, real_room: Room, tmp_path: Path, qtbot: QtBot
) -> None:
    near(page, real_room, "conv", Quantity("tensor", name="weight"))
    page._actions.copy.trigger()
    words = QGuiApplication.clipboard().text()
    assert words.startswith("Conv — Weights [")
    assert "New weight" in words
    assert "PyTorch computed" in words
    told: list[str] = []
    drawer.told.connect(lambda message: told.append(str(message)))
    numbers = page._numbers()
    assert numbers is not None
    page.along.save(tmp_path / "t.csv", numbers.table)
    qtbot.waitUntil(lambda: bool(told))
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["map", "row", "column", "input", "δ", "product"]
    offered = drawer._plate()
    assert isinstance(offered, Tabled)
    assert offered.rows == numbers.table
    drawer.finish()


def test_the_maps_of_a_layer_are_taken_along(
    page: BackwardPage, drawer: Inspector, real_room: Room
) -> None:
    real_room.session.select("conv")
    real_room.link.work()
    page.show_zoom("layer")
    assert page.course is not None
    assert all(action.isEnabled() for action in drawer._exports.actions())
    page.layer.handed.setFocus()
    handed = drawer._plate()
    assert isinstance(handed, Plate)
    np.testing.assert_array_equal(handed.values, page.course.handed[0])
    page.layer.learned[0].setFocus()
    gradient = drawer._plate()
    assert isinstance(gradient, Plate)
    weight = page.course.gradients["weight"]
    np.testing.assert_array_equal(gradient.values.ravel(), weight.ravel())
    assert all(grid.actions() for grid in page.layer._grids)
    page.show_zoom("all")
    assert drawer._plate() is None


def test_what_is_missing_says_what_to_do(page: BackwardPage, real_room: Room) -> None:
    real_room.client.show_image(np.zeros((28, 28), np.uint8))
    real_room.link.work()
    assert "Draw a digit" in page.message.text()
    assert not page.rail.loss.text(), "that of another image would be wrong"
    real_room.client.show_image(IMAGE)
    real_room.session.select("input")
    real_room.link.work()
    assert page.zoom == "all"
    page.show_zoom("layer")
    real_room.link.work()
    assert "first layer hands back" in page.message.text()


def test_a_softmax_at_the_end_is_left_to_the_loss(page: BackwardPage, real_room: Room) -> None:
    network = real_room.session.network
    softmax = Activation(uid="s", function="softmax")
    real_room.session.edit(network.insert(len(network.layers), softmax), Message("Insert"))
    real_room.session.select("s")
    page.show_zoom("value")
    real_room.link.work()
    assert "left to the loss" in page.message.text()
    assert reader_of(real_room.session.report, network.layers[-1].uid)[0] == LOSS_UID


def test_a_disabled_layer_is_passed_by(page: BackwardPage, real_room: Room) -> None:
    network = real_room.session.network
    off = msgspec.structs.replace(network.layer("relu"), enabled=False)
    real_room.session.edit(network.replace("relu", off), Message("Disable"))
    real_room.session.select("relu")
    page.show_zoom("value")
    real_room.link.work()
    assert "disabled" in page.message.text()
    assert page.rail.buttons["layer"].text() == "ReLU", "not what was selected before"
    assert near(page, real_room, "conv").agrees
    assert reader_of(real_room.session.report, "conv")[0] != "relu"


def test_it_asks_only_while_it_is_on_show(drawer: Inspector, real_room: Room) -> None:
    drawer.show_tab("settings")
    real_room.link.work()
    before = real_room.client.studies.newest("backward")
    real_room.client.show_image(np.full((28, 28), 9, np.uint8))
    real_room.link.work()
    assert real_room.client.studies.newest("backward") is before


def test_small_numbers_are_read_by_a_power_of_ten(page: BackwardPage, real_room: Room) -> None:
    assert magnified(np.array([[0.5, -0.01]])) == (1.0, "")
    assert magnified(np.zeros((0, 0))) == (1.0, "")
    factor, words = magnified(np.array([[0.00000212, -1e-9]]))
    assert factor == pytest.approx(1e6)
    assert words == " ×10⁻⁶"
    near(page, real_room, "conv")
    small = page.worked
    assert small is not None
    scale = 1e-6
    picture = small.flow.picture
    assert isinstance(picture, Weighted)
    tiny = msgspec.structs.replace(
        picture,
        patch=picture.patch * scale,
        products=picture.products * scale,
        sums=picture.sums * scale,
    )
    flow = msgspec.structs.replace(small.flow, picture=tiny, value=small.flow.value * scale)
    page.value.view.show_worked(replace(small, flow=flow), 0)
    captions = [box.caption.text() for box in page.value.view.boxes]
    assert "×10⁻" in captions[0]
    assert "×10⁻" in captions[2]
    assert "×10⁻" not in captions[1]


# --- batch norm in training -----------------------------------------------------------------------
def in_training(page: BackwardPage, room: Room) -> Any:
    return near(page, room, "norm", Quantity("batch"))


def test_a_batch_norm_has_its_three_terms_in_training(page: BackwardPage, real_room: Room) -> None:
    worked = in_training(page, real_room)
    assert worked.agrees
    lines = page.value.view.steps.lines()
    direct, by_mean, by_variance, total = (step.result for step in worked.flow.steps[-4:])
    assert direct + by_mean + by_variance == pytest.approx(total)
    assert "PyTorch computed" in page.value.view.steps.remark()
    assert "training images as the batch" in page.value.view.steps.remark()
    assert len(lines) == len(worked.flow.steps)
    tabs = [page.bar.views.tabText(n) for n in range(page.bar.views.count())]
    assert "δ in training" in tabs
    at_rest = near(page, real_room, "norm", Quantity())
    assert at_rest.flow.value != pytest.approx(total)


@pytest.mark.parametrize("name", ["weight", "bias"])
def test_factor_and_offset_learn_from_all_images_of_the_batch(
    page: BackwardPage, real_room: Room, name: str
) -> None:
    worked = near(page, real_room, "norm", Quantity("batch", name=name))
    assert worked.agrees
    mine, _, others = worked.flow.steps[-1].pieces
    assert isinstance(mine, float)
    assert isinstance(others, float)
    assert mine + others == pytest.approx(worked.flow.value)
    remark = page.value.view.steps.remark()
    assert "Gradient: PyTorch computed" in remark
    assert "training images as the batch" in remark
    tabs = [page.bar.views.tabText(n) for n in range(page.bar.views.count())]
    assert ("γ in training" if name == "weight" else "β in training") in tabs
    other = (worked.place[0] + 1) % len(worked.result)
    page._edit_place(0, other)
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.place == (other,)
    assert page.worked.agrees


def test_another_map_of_the_batch_is_asked_for(page: BackwardPage, real_room: Room) -> None:
    worked = in_training(page, real_room)
    before = worked.place
    other = (before[0] + 1) % worked.result.shape[0]
    page._edit_place(0, other)
    assert page.worked is worked, "what is on show stays until the other map is there"
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.place == (other, *before[1:])
    assert page.worked.agrees


def test_a_frozen_batch_norm_does_in_training_what_it_does_at_rest(
    page: BackwardPage, real_room: Room
) -> None:
    assert Quantity("batch") in quantities(real_room.session.report.row("norm"))
    real_room.session.set_field("norm", "frozen", True)
    row = real_room.session.report.row("norm")
    assert Quantity("batch") not in quantities(row)


# --- another network ------------------------------------------------------------------------------
def test_another_network_with_the_same_names_has_a_way_back_of_its_own(
    page: BackwardPage, drawer: Inspector, real_room: Room
) -> None:
    """Where a file has no uids they are made from places, which all networks share."""
    worked = near(page, real_room, "dense")
    assert worked.result.ndim == 1
    layers = (Conv2d(uid="dense", filters=4, kernel=Size(3, 3)), Flatten(uid="flat"),
              Dense(uid="last", units=10))  # fmt: skip
    real_room.session.open(Project(Network(layers=layers)), {}, None)
    real_room.session.select("dense")
    drawer.show_tab("maps")
    drawer.show_tab("pixel")  # before the engine has said anything of it
    real_room.link.work()
    page.show_picture()
    real_room.link.work()
    assert page.worked is not None
    assert page.worked.result.shape == (1, 28, 28)
    assert page.worked.agrees


def test_a_weight_of_a_kernel_without_sharing_is_found_by_a_click(
    page: BackwardPage, real_room: Room
) -> None:
    layer = LocallyConnected2d(filters=2, kernel=Size(3, 2))
    real_room.session.insert([layer], 0)
    real_room.link.work()
    uid = real_room.session.network.layers[0].uid
    real_room.session.select(uid)
    page.show_zoom("layer")
    real_room.link.work()
    shape = real_room.session.report.row(uid).parameters["weight"]
    assert shape[1:] == (2, 6)
    chosen: list[tuple[int, ...]] = []
    page.layer.chosen.connect(lambda _, place: chosen.append(place))
    page.layer.learned[0].clicked.emit(5, 2, 1)  # third position, second filter
    assert chosen == [(2, 1, 5)]
    said = heard(page.layer.learned[0])
    assert said.startswith(f"{shape[0]} positions with 2 kernels of 3×2")
