"""The sliding picture: window and output move each other, and it is said what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from cnnviz.layers import (
    AdaptiveAvgPool,
    AvgPool,
    Border,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    LocallyConnected2d,
    MaxPool,
    Size,
    Subsampling,
    TransposedConv2d,
)
from cnnviz.message import Message
from cnnviz.network import Input, Network
from cnnviz.project import Project
from cnnviz.sliding import sliding_of
from tests.ui.inspector.fakes import DrawingEngine
from ui.i18n import language
from ui.inspector import Inspector
from ui.inspector.sliding_values import values_of
from ui.session import Session
from ui.theme import theme

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from ui.inspector.sliding_picture import SlidingPicture


def pointed_at(session: Session) -> tuple[str, int, int] | None:
    """Asked anew each time: a type checker takes it for the same value."""
    return session.spot.place


@pytest.fixture
def inspector(inspector: Inspector, engine: DrawingEngine) -> Inspector:
    engine.draw()
    return inspector


@pytest.fixture
def picture(inspector: Inspector) -> SlidingPicture:
    return inspector.settings.picture


def painted(picture: SlidingPicture) -> np.ndarray:
    image = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).copy()


def test_it_stands_beside_the_settings_of_windows_only(
    inspector: Inspector, session: Session, picture: SlidingPicture
) -> None:
    assert picture.isVisible()
    assert inspector.settings.formulas.isVisible()
    for uid, there in (("relu", False), ("pool", True), ("dense", False), ("input", False)):
        session.select(uid)
        assert picture.isVisible() == there


def test_a_position_is_said_to_everybody(session: Session, picture: SlidingPicture) -> None:
    picture.output.chosen.emit(3, 5)
    words = "Row 3, column 5 reads rows 3–7, columns 5–9"
    assert picture.place == (3, 5)
    assert picture.bar.words.text() == words
    for widget in (picture, picture.source, picture.output):
        assert widget.accessibleDescription() == words
    language.set("zh_CN")
    assert picture.bar.words.text() == "第 3 行第 5 列读取第 3–7 行、第 5–9 列"


def test_dragging_the_window_moves_the_output_and_the_other_way_round(
    picture: SlidingPicture, qtbot: QtBot
) -> None:
    source, output = picture.source, picture.output
    start, end = source.cell_center(10, 10).toPoint(), source.cell_center(14, 18).toPoint()
    qtbot.mousePress(source, Qt.MouseButton.LeftButton, pos=start)
    assert picture.place == (8, 8)
    qtbot.mouseMove(source, end)
    qtbot.mouseRelease(source, Qt.MouseButton.LeftButton, pos=end)
    assert picture.place == (12, 16)
    assert output.mark() == (12, 16)
    assert picture.bar.words.text() == "Row 12, column 16 reads rows 12–16, columns 16–20"
    assert output._lit is None
    qtbot.mousePress(output, Qt.MouseButton.LeftButton, pos=output.cell_center(2, 3).toPoint())
    assert picture.place == (2, 3)
    assert (tuple(source._rows), tuple(source._columns)) == ((2, 3, 4, 5, 6), (3, 4, 5, 6, 7))


def test_keys_move_it_and_stop_at_the_edge(picture: SlidingPicture, qtbot: QtBot) -> None:
    for widget in (picture.source, picture.output):
        picture._go_to((0, 0))
        qtbot.keyClick(widget, Qt.Key.Key_Right)
        qtbot.keyClick(widget, Qt.Key.Key_Down)
        qtbot.keyClick(widget, Qt.Key.Key_Down)
        assert picture.place == (2, 1)
        qtbot.keyClick(widget, Qt.Key.Key_End)
        qtbot.keyClick(widget, Qt.Key.Key_Right)
        assert picture.place == (23, 23)
        qtbot.keyClick(widget, Qt.Key.Key_Home)
        assert picture.place == (0, 0)


def test_it_plays_at_its_speed_and_steps_back_and_on(
    inspector: Inspector, picture: SlidingPicture, session: Session, qtbot: QtBot
) -> None:
    actions = inspector._sliding
    actions.forward.trigger()
    assert picture.place == (0, 1)
    actions.back.trigger()
    actions.back.trigger()
    assert picture.place == (23, 23)
    picture.bar._actions.speeds.choose(16)
    qtbot.keyClick(picture.output, Qt.Key.Key_Space)
    assert actions.play.isChecked()
    qtbot.waitUntil(lambda: picture.place not in {(23, 23), (0, 0)})
    session.select("pool")
    assert not actions.play.isChecked()
    assert not picture.bar.playing


def test_with_reduced_motion_nothing_glides(picture: SlidingPicture, inspector: Inspector) -> None:
    theme.set_reduced_motion(True)
    inspector._sliding.forward.trigger()
    assert picture.source._glide.state() != picture.source._glide.State.Running
    assert picture.source._frame.left() == 1


def test_a_weight_lights_all_that_it_multiplies(picture: SlidingPicture, qtbot: QtBot) -> None:
    plain = painted(picture)
    picture.kernel.pointed.emit(1, 2)
    assert picture.bar.words.text() == (
        "The weight in row 1, column 2 multiplies 576 values of the input"
    )
    assert picture.source._pointed == (1, 2)
    lit = picture.source._lit
    assert lit is not None
    assert [row for row in range(28) if lit[0](row)] == list(range(1, 25))
    assert not np.array_equal(painted(picture), plain)
    picture.kernel.left.emit()
    assert np.array_equal(painted(picture), plain)


def test_a_value_shows_whom_it_serves(picture: SlidingPicture, session: Session) -> None:
    session.set_field("conv", "stride", Size(2, 2))
    picture.source.pointed.emit((6, 7))
    lit = picture.output._lit
    assert lit is not None
    assert [row for row in range(12) if lit[0](row)] == [1, 2, 3]
    assert [column for column in range(12) if lit[1](column)] == [2, 3]
    assert picture.bar.words.text() == (
        "Row 6, column 7 of the input is read for rows 1–3, columns 2–3"
    )
    picture.source.pointed.emit(None)
    assert "reads rows" in picture.bar.words.text()
    assert picture.output._lit is None


def test_it_follows_every_setting_at_once(
    session: Session, picture: SlidingPicture, engine: DrawingEngine
) -> None:
    for field, value, words in (
        ("kernel", Size(3, 3), "rows 4–6, columns 5–7"),
        ("stride", Size(2, 2), "rows 8–10, columns 10–12"),
        ("dilation", Size(2, 2), "rows 8, 10, 12, columns 10, 12, 14"),
        ("padding", Border(1, 1), "rows 7, 9, 11, columns 9, 11, 13"),
        ("padding", "same", "rows 7, 9, 11, columns 9, 11, 13"),
    ):
        session.set_field("conv", field, value)
        picture._go_to((4, 5))
        assert words in picture.bar.words.text()
        assert "Input 0: 28×28" in picture._boxes["source"].caption.text()


def test_it_shows_what_a_value_would_give_and_goes_back(
    inspector: Inspector, session: Session, picture: SlidingPicture
) -> None:
    plain = painted(picture)
    inspector.settings.form.considered.emit("padding", "same")
    assert "with padding" in picture.bar.words.text()
    assert picture._boxes["output"].caption.text() == "Output 0: 28×28"
    assert picture.output._known() is None  # nobody has computed with it yet
    inspector.settings.form.considered.emit("padding", None)
    assert np.array_equal(painted(picture), plain)
    inspector.settings.form.considered.emit("kernel", Size(40, 40))
    assert picture.bar.words.text() == "The window does not fit."
    session.select("pool")
    assert picture._considered is None


def test_a_kernel_that_does_not_fit_hangs_over(
    session: Session, picture: SlidingPicture, inspector: Inspector
) -> None:
    session.set_field("conv", "kernel", Size(30, 31))
    assert picture.isVisible()
    assert picture.bar.words.text().startswith("The 30×31 kernel is larger than its 28×28 input.")
    assert picture._boxes["output"].caption.text() == "No output"
    assert picture.source.cells.border == (0, 2, 0, 3)
    assert not inspector._sliding.play.isEnabled()
    picture._step(1, 0)
    assert picture.place == (0, 0)


def test_values_of_the_present_drawing_stand_in_the_grids(
    picture: SlidingPicture, engine: DrawingEngine, session: Session
) -> None:
    drawn = engine.draw(3)
    np.testing.assert_array_equal(picture.source._known(), drawn.maps["input"][0])
    np.testing.assert_array_equal(picture.output._known(), drawn.maps["conv"][0])
    np.testing.assert_array_equal(picture.kernel._values, drawn.weights["conv"]["weight"][0, 0])
    session.select("grouped")
    drawn = engine.draw(4)
    picture.output.maps_moved.emit(3)
    picture.source.maps_moved.emit(2)
    np.testing.assert_array_equal(picture.source._known(), drawn.maps["pool"][6])
    np.testing.assert_array_equal(picture.output._known(), drawn.maps["grouped"][3])
    np.testing.assert_array_equal(picture.kernel._values, drawn.weights["grouped"]["weight"][3, 2])
    picture.source.maps_moved.emit(99)
    np.testing.assert_array_equal(picture.source._known(), drawn.maps["pool"][7])
    session.select("pool")
    drawn = engine.draw(5)
    picture.output.maps_moved.emit(2)
    picture._go_to((1, 2))
    patch = drawn.maps["relu"][2, 2:4, 4:6]
    np.testing.assert_array_equal(picture.kernel._values, patch)
    assert picture.kernel._winner == divmod(int(patch.argmax()), 2)


def test_before_there_are_values_the_grids_are_empty_and_say_why(
    qtbot: QtBot, session: Session
) -> None:
    view = Inspector(session, DrawingEngine(session).client)
    qtbot.addWidget(view)
    view.resize(1900, 400)
    view.show()
    picture = view.settings.picture
    assert picture.source._known() is None
    assert "The engine is starting…" in picture.bar.words.text()
    assert picture.kernel._empty.all()


def test_what_is_never_read_is_said_and_hatched(
    session: Session, picture: SlidingPicture, inspector: Inspector
) -> None:
    inspector.resize(1900, 400)
    QApplication.processEvents()
    session.set_field("pool", "kernel", Size(5, 5))
    session.select("pool")
    assert "Never read: 4 of 24 rows, 4 of 24 columns" in picture.bar.words.text()
    covered = picture.source.cells.covered
    assert covered is not None
    assert [row for row in range(24) if not covered[0](row)] == [20, 21, 22, 23]


def test_the_field_is_drawn_on_the_image_through_all_layers(
    session: Session, picture: SlidingPicture, inspector: Inspector
) -> None:
    inspector.resize(1900, 400)
    QApplication.processEvents()
    assert not picture._boxes["image"].isVisible()  # the input is the image
    session.select("grouped")
    assert picture._boxes["image"].isVisible()
    picture._go_to((0, 3))  # rows −1–1, columns 2–4 of the pooling, 2 apart, each of 6 pixels
    assert (picture.image._rows[0], picture.image._rows[-1]) == (-2, 7)
    assert (picture.image._columns[0], picture.image._columns[-1]) == (4, 13)
    assert picture.image.cells.border == (2, 0, 0, 0)
    assert pointed_at(session) == ("grouped", 0, 3)
    inspector.show_tab("maps")
    assert pointed_at(session) is None


def test_the_picture_can_be_put_away_and_is_chosen_where_it_is_narrow(
    inspector: Inspector, picture: SlidingPicture
) -> None:
    page = inspector.settings
    inspector._sliding.shown.setChecked(False)
    assert not picture.isVisible()
    assert not page.views.isVisible()
    inspector._sliding.shown.setChecked(True)
    assert picture.isVisible()
    inspector.resize(1000, 300)
    QApplication.processEvents()
    assert page.views.isVisible()
    assert page.formulas.isVisible()
    assert not picture.isVisible()
    page.views.setCurrentIndex(1)
    assert picture.isVisible()
    assert not page.formulas.isVisible()
    assert picture.width() > 300


WINDOWS: list[Layer] = [
    Conv2d(filters=4, kernel=Size(5, 3), stride=Size(2, 2), padding="same"),
    Conv2d(filters=6, kernel=Size(3, 3), dilation=Size(2, 2), groups=3),
    Conv2d(filters=3, kernel=Size(1, 1)),
    Conv2d(filters=2, connections=((0,), (1, 2))),
    TransposedConv2d(filters=6, kernel=Size(3, 2), stride=Size(3, 2), groups=3),
    TransposedConv2d(filters=2, kernel=Size(4, 4), stride=Size(2, 2), padding="same"),
    LocallyConnected2d(filters=2, kernel=Size(3, 3), stride=Size(2, 2)),
    MaxPool(kernel=Size(3, 3), padding=Border(1, 1), rounding="ceil"),
    AvgPool(kernel=Size(2, 2), padding="same"),
    AdaptiveAvgPool(size=Size(5, 3)),
    GlobalAvgPool(),
    GlobalMaxPool(),
    Subsampling(),
]


@pytest.mark.parametrize("layer", WINDOWS, ids=lambda layer: f"{layer.kind} {layer.detail}")
def test_every_kind_in_colour_and_behind_another_layer(layer: Layer, qtbot: QtBot) -> None:
    for before in ((), (Conv2d(filters=3, padding="same"),)):
        network = Network(input=Input(13, 12, 3)).with_layers([*before, layer, Flatten()])
        session = Session(Project(network), {})
        engine = DrawingEngine(session)
        view = Inspector(session, engine.client)
        qtbot.addWidget(view)
        view.resize(1600, 320)
        view.show()
        uid = session.network.layers[len(before)].uid
        session.select(uid)
        drawn = engine.draw()
        picture, row = view.settings.picture, session.report.row(uid)
        sliding = sliding_of(row.layer, row.input)
        assert sliding is not None
        assert picture.isVisible()
        picture._go_to((1, 1))
        picture.kernel.pointed.emit(0, 0)
        assert len(np.unique(painted(picture))) > 8
        window, positions = picture._roles()
        assert (window is picture.output) == isinstance(layer, TransposedConv2d)
        assert window._known() is not None
        assert positions._known() is not None
        values = values_of(row, drawn, 1, 1, picture.place)
        if "weight" in row.parameters and sliding.weighted:
            assert values.kernel is not None
            assert values.kernel.shape == sliding.kernel
        assert values.source is not None
        np.testing.assert_array_equal(values.source, drawn.maps[row.source][values.channel])
        view.close()


def test_the_kernel_of_a_transposed_convolution_is_that_between_the_two_maps() -> None:
    layer = TransposedConv2d(uid="it", filters=6, kernel=Size(2, 2), groups=3)
    session = Session(Project(Network(input=Input(5, 5, 6)).with_layers([layer])), {})
    session.select("it")
    drawn = DrawingEngine(session).draw()
    row = session.report.row("it")
    weight = drawn.weights["it"]["weight"]  # (input maps, filters of a group, 2, 2)
    for filter_ in range(6):
        for number in range(2):
            values = values_of(row, drawn, filter_, number, (0, 0))
            assert values.channel == filter_ // 2 * 2 + number
            np.testing.assert_array_equal(values.kernel, weight[values.channel, filter_ % 2])


def test_what_the_value_sees_follows_the_settings(
    picture: SlidingPicture, session: Session, inspector: Inspector
) -> None:
    session.set_field("conv", "padding", "same")
    assert pointed_at(session) is None  # nobody has pointed yet
    picture.output.chosen.emit(26, 3)
    assert pointed_at(session) == ("conv", 26, 3)
    session.set_field("conv", "stride", Size(2, 2))
    assert pointed_at(session) == ("conv", 13, 3)
    session.set_field("conv", "kernel", Size(99, 99))
    session.set_field("conv", "padding", "valid")
    assert pointed_at(session) is None
    session.undo()
    assert pointed_at(session) == ("conv", 13, 3)
    session.select("pool")
    assert pointed_at(session) is None


def test_of_a_large_input_it_is_said_which_part_is_drawn(
    picture: SlidingPicture, session: Session, inspector: Inspector
) -> None:
    layers = (Conv2d(uid="first", padding="same"), Conv2d(uid="second", padding="same"))
    session.edit(Network(input=Input(224, 200, 1), layers=layers), Message("Open"))
    session.select("second")
    picture._go_to((100, 150))
    caption = picture._boxes["source"].caption
    part = picture.source.part
    assert part is not None
    rows, columns = part
    ends = f"rows {rows[0]}–{rows[-1]} of 224, columns {columns[0]}–{columns[-1]} of 200"
    assert caption.text() == f"Input 0: {ends}"
    assert not caption.is_cut
    assert picture._boxes["image"].caption.text() == "Image", "which is drawn whole"
    inspector.resize(inspector.width() + 300, inspector.height() + 100)
    wider = picture.source.part
    assert wider is not None
    assert len(wider[1]) > len(columns)
    assert f"of 224, columns {wider[1][0]}–{wider[1][-1]} of 200" in caption.text()
    language.set("zh_CN")
    assert "224 行中第 " in caption.text()


def test_what_has_been_too_large_before_does_not_take_the_room_of_what_fits(
    picture: SlidingPicture, session: Session
) -> None:
    layer = session.selected_layer
    assert isinstance(layer, Conv2d)
    larger = structs.replace(layer, padding="same")

    def said() -> str:
        return picture._boxes["output"].caption.text()

    def crowded(height: int) -> bool:
        """Whether all of the output fits, but no more of a larger one, as its caption is longer."""
        picture.consider(None)
        picture.setFixedSize(400, height)
        whole = said() == "Output 0: 24×24"
        picture.consider(larger)
        QApplication.processEvents()  # the layout has seen that the caption is longer
        part = picture.output.part
        return whole and part is not None and len(part[0]) < 24

    assert any(crowded(height) for height in range(120, 220))  # fonts differ
    picture.consider(None)
    assert said() == "Output 0: 24×24"


def test_a_misfit_that_is_too_long_is_said_in_short(
    session: Session, picture: SlidingPicture
) -> None:
    session.set_field("conv", "kernel", Size(60, 60))
    session.set_field("conv", "dilation", Size(9, 9))
    words = picture.bar.words
    words.setFixedWidth(200)
    session.set_field("conv", "filters", 9)
    assert words.text() == "The window does not fit."
    assert words.toolTip().startswith("The kernel reaches over 532×532")
    words.setFixedWidth(1000)
    picture.bar.say(*picture.bar._said)
    assert words.text() == words.toolTip()
