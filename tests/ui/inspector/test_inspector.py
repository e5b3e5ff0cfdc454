"""The drawer shows what is selected, explains it, and lets everything be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QWidget

from cnnviz.export.arrays import Plate
from cnnviz.layers import KINDS, Border, Maps, Size
from ui import i18n
from ui.i18n import language
from ui.inspector import Inspector
from ui.inspector.formula_view import FormulaView
from ui.inspector.reading import sight
from ui.inspector.tabs import TABS
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from tests.ui.room import Room
    from ui.session import Session


def pointed_at(session: Session) -> tuple[str, int, int] | None:
    """Asked anew each time: a type checker takes it for the same value."""
    return session.spot.place


@pytest.fixture
def inspector(qtbot: QtBot, session: Session, engine: DrawingEngine) -> Inspector:
    view = Inspector(session, engine.client)
    qtbot.addWidget(view)
    view.resize(1440, 270)
    view.show()
    return view


def spoken(inspector: Inspector) -> str:
    return inspector.settings.formulas.accessibleDescription()


def painted(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).copy()


# --- settings --------------------------------------------------------------------------------


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


def test_every_kind_of_layer_in_every_tab_language_and_theme(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    seen = set()
    for mode, code, scale in (("light", "en", 1.0), ("dark", "zh_CN", 1.5)):
        theme.set_mode("dark" if mode == "dark" else "light")
        language.set(code)
        theme.set_scale(scale)
        for layer in session.network.layers:
            session.select(layer.uid)
            seen.add(type(layer))
            look_at_all_tabs(inspector, engine)
        for kind in set(KINDS) - seen:  # those that the network has none of
            session.insert([kind()], 1)
            look_at_all_tabs(inspector, engine)
            session.undo()


def look_at_all_tabs(inspector: Inspector, engine: DrawingEngine) -> None:
    """Something is painted everywhere, and what lies under the pointer can be read."""
    engine.draw()
    for tab in ("settings", "kernels", "maps", "pixel"):
        inspector.show_tab(tab)
        assert len(np.unique(painted(inspector))) > 8
    inspector.show_tab("kernels")
    page = inspector.kernels
    if page._stack.currentWidget() is page.grid:
        assert page.read_map(0, 0, 0, 0.5)
    elif page._stack.currentWidget() is page.vectors:
        assert page.read_vector(0, 0, 0.5)


class _Windows(QObject):
    """Notes what is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget)
        if shown and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


def test_no_page_is_shown_as_a_window_while_it_is_made(
    inspector: Inspector, engine: DrawingEngine, qapp: QApplication
) -> None:
    windows = _Windows()
    qapp.installEventFilter(windows)
    engine.draw()
    for tab in TABS:
        inspector.show_tab(tab)
    qapp.removeEventFilter(windows)
    assert windows.seen == []


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


def test_a_layer_that_waits_says_for_whom(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.set_field("conv", "kernel", Size(40, 40))
    engine.draw()
    session.select("out")
    assert spoken(inspector).startswith("Waiting for Conv to be mended")
    inspector.show_tab("maps")
    assert inspector.maps.message.text() == "Waiting for Conv to be mended."
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


def test_keys_choose_the_tabs(inspector: Inspector, qtbot: QtBot) -> None:
    inspector.activateWindow()
    qtbot.waitUntil(inspector.isActiveWindow)
    for key, page in (
        (Qt.Key.Key_2, inspector.kernels),
        (Qt.Key.Key_3, inspector.maps),
        (Qt.Key.Key_4, inspector.pixel),
        (Qt.Key.Key_1, inspector.settings),
    ):
        qtbot.keyClick(inspector, key, Qt.KeyboardModifier.ControlModifier)
        assert page.isVisible()
    titles = [action.text() for action in inspector.actions_menu().actions()]
    assert titles[:4] == ["Settings", "Kernels", "Feature maps", "One pixel"]


def test_kernels_beside_the_formulas_need_room_and_a_convolution(
    inspector: Inspector, session: Session, engine: DrawingEngine, qtbot: QtBot
) -> None:
    inspector._sliding.shown.setChecked(False)
    inspector.resize(1800, 420)
    glance = inspector.settings.kernels
    assert not glance.isVisible()  # there is no picture yet
    engine.draw()
    assert glance.isVisible()
    inspector.resize(900, 270)
    qtbot.waitUntil(lambda: not glance.isVisible())
    inspector.resize(1800, 420)
    qtbot.waitUntil(glance.isVisible)
    session.select("relu")
    engine.draw()
    assert not glance.isVisible()


# --- kernels ---------------------------------------------------------------------------------


def test_no_picture_and_no_weights_are_said_in_words(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    inspector.show_tab("kernels")
    assert inspector.kernels.message.text() == "The engine is starting…"
    session.select("pool")
    assert inspector.kernels.message.text().startswith("Max pool has no weights")
    session.select("input")
    assert inspector.kernels.message.text().startswith("The input has no weights")
    engine.draw()
    session.select("conv")
    engine.draw()
    assert inspector.kernels.grid.isVisible()


def test_where_only_the_first_kernels_are_there_it_is_said(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    for uid, size in (("conv", "5×5×1"), ("out", "6")):
        session.select(uid)
        inspector.show_tab("kernels")
        whole = engine.draw()
        count = len(whole.weights[uid]["weight"])
        assert "first" not in inspector.kernels.counts.text()
        tensors = {**whole.weights[uid], "weight": whole.weights[uid]["weight"][:3]}
        engine.picture = msgspec.structs.replace(whole, weights={uid: tensors})
        engine.probed.emit(engine.picture)
        assert inspector.kernels.counts.text() == f"the first 3 of {count}, each {size}"


def test_a_kernel_value_tells_its_place_and_bias(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    inspector.show_tab("kernels")
    picture = engine.draw()
    weights = picture.weights["conv"]
    inspector.kernels.grid.hovered.emit(3, 2, 1, float(weights["weight"][3, 0, 2, 1]))
    assert inspector.kernels.reading.text() == (
        f"filter 3, channel 0, row 2, column 1: {significant(weights['weight'][3, 0, 2, 1])}\n"
        f"bias: {significant(weights['bias'][3])}"
    )
    # Filters 2 and 3 of 4 are the second of two groups, which sees channels 4 to 7.
    session.select("grouped")
    engine.draw()
    inspector.kernels.grid.hovered.emit(2 * 4 + 1, 0, 0, 1.0)
    assert inspector.kernels.reading.text().startswith("filter 2, channel 5,")


def test_kernels_follow_training(inspector: Inspector, engine: DrawingEngine) -> None:
    inspector.show_tab("kernels")
    engine.draw(0)
    before = painted(inspector.kernels.grid.viewport())
    engine.draw(1)
    assert not np.array_equal(painted(inspector.kernels.grid.viewport()), before)


def test_only_the_visible_tab_follows_the_engine(
    inspector: Inspector, engine: DrawingEngine
) -> None:
    inspector.show_tab("maps")
    engine.draw(0)
    inspector.show_tab("kernels")
    limit = inspector.maps.grid.limit()
    engine.draw(1)
    assert inspector.maps.grid.limit() == limit
    inspector.show_tab("maps")
    assert inspector.maps.grid.limit() != limit


def test_dense_weights_fold_back_to_the_maps_before_them(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("dense")
    inspector.show_tab("kernels")
    picture = engine.draw()
    maps = session.report.row("flat").input
    assert isinstance(maps, Maps)
    weight = picture.weights["dense"]["weight"]
    unit, channel, row, column = 2, 3, 1, 4
    flat = channel * maps.height * maps.width + row * maps.width + column
    grid = inspector.kernels.grid
    assert grid.isVisible()
    assert grid._maps is not None
    assert grid._maps[unit * maps.channels + channel, row, column] == weight[unit, flat]
    grid.hovered.emit(unit * maps.channels + channel, row, column, float(weight[unit, flat]))
    assert inspector.kernels.reading.text().startswith("unit 2, map 3, row 1, column 4: ")


def test_a_dense_layer_behind_another_one_is_a_row_a_unit(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("out")
    inspector.show_tab("kernels")
    picture = engine.draw()
    weights = picture.weights["out"]
    vectors = inspector.kernels.vectors
    assert vectors.isVisible()
    assert [row.label for row in vectors._rows] == [f"unit {index}" for index in range(10)]
    vectors.hovered.emit(4, 5, float(weights["weight"][4, 5]))
    assert inspector.kernels.reading.text() == (
        f"unit 4, input 5: {significant(weights['weight'][4, 5])}\n"
        f"bias: {significant(weights['bias'][4])}"
    )


def test_batch_norm_shows_its_four_vectors(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("norm")
    inspector.show_tab("kernels")
    picture = engine.draw()
    rows = inspector.kernels.vectors._rows
    assert [row.label for row in rows] == ["factor", "offset", "running mean", "running variance"]
    for row, values in zip(rows, picture.weights["norm"].values(), strict=True):
        assert row.values is values
    inspector.kernels.vectors.hovered.emit(2, 1, 0.5)
    assert inspector.kernels.reading.text() == "running mean of map 1: 0.5"


# --- feature maps -----------------------------------------------------------------------------


def test_a_value_of_a_map_tells_its_place_and_what_it_sees(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    inspector.show_tab("maps")
    engine.draw()
    inspector.maps.grid.hovered.emit(3, 5, 7, -0.25)
    assert inspector.maps.reading.text() == (
        "map 3, row 5, column 7: −0.25\nsees rows 5–9, columns 7–11 of the input"
    )
    session.select("grouped")
    engine.draw()
    inspector.maps.grid.hovered.emit(0, 0, 11, 1.0)
    assert inspector.maps.reading.text().endswith("of the input, and padding")


def test_the_input_is_grey_and_without_a_range(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("input")
    inspector.show_tab("maps")
    engine.draw()
    pixels = painted(inspector.maps.grid.viewport()).reshape(-1, 4)[:, :3].astype(int)
    greys = np.abs(pixels - pixels.mean(axis=1, keepdims=True)).max(axis=1) < 1
    assert greys.mean() > 0.95  # frames and captions have a hue
    assert not inspector.maps._range.isVisible()


def test_vectors_show_cells_and_tell_where_they_come_from(
    inspector: Inspector, session: Session, engine: DrawingEngine, qtbot: QtBot
) -> None:
    session.select("flat")
    inspector.show_tab("maps")
    picture = engine.draw()
    vectors = inspector.maps.vectors
    assert vectors.isVisible()
    vectors.hovered.emit(0, 144 + 2 * 12 + 5, 1.0)
    assert inspector.maps.reading.text() == "value 173: 1\nfrom map 1, row 2, column 5"
    session.select("out")
    picture = engine.draw()
    qtbot.mouseMove(vectors.viewport(), vectors._lines[0].rect(7).center())
    shown = significant(float(picture.maps["out"][7]))
    qtbot.waitUntil(lambda: inspector.maps.reading.text().startswith(f"value 7: {shown}"))


def test_vectors_can_be_read_with_the_keys(
    inspector: Inspector, session: Session, engine: DrawingEngine, qtbot: QtBot
) -> None:
    session.select("out")
    inspector.show_tab("maps")
    picture = engine.draw()
    vectors = inspector.maps.vectors
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(vectors, key)
    assert vectors.cursor_cell() == (0, 1)
    shown = significant(float(picture.maps["out"][1]))
    assert vectors.accessibleDescription() == f"Value 1: {shown}"
    qtbot.keyClick(vectors, Qt.Key.Key_Down)
    assert vectors.cursor_cell() == (0, 1)


def test_a_range_for_each_map_shows_that_of_the_map_pointed_at(
    inspector: Inspector, engine: DrawingEngine
) -> None:
    inspector.show_tab("maps")
    picture = engine.draw()
    page = inspector.maps
    scale = page._scale
    assert scale._limit == pytest.approx(picture.limits["conv"])
    page._range.set_current("map")
    page._range.selected.emit("map")
    assert scale._limit is None
    page.grid._set_cell((2, 0, 0))
    assert scale._limit == pytest.approx(float(np.abs(picture.maps["conv"][2]).max()))


def test_the_window_of_an_edit_between_two_pictures_is_no_error(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    """The picture is older than the network for a moment, in every tab and for every layer."""
    engine.draw()
    for tab in ("settings", "kernels", "maps"):
        inspector.show_tab(tab)
        for uid in ("conv", "dense", "out", "flat"):
            session.select(uid)
            engine.draw()
            session.set_field("conv", "filters", 3)
            session.set_field("conv", "padding", Border(2, 1))
            session.delete("flat") if uid == "dense" else None
            painted(inspector)
            session.undo()
            session.undo()
            if uid == "dense":
                session.undo()


class Marked(dict[str, str]):
    """A language in which every template stands in angle quotes."""

    def get(self, template: str, default: Any = None) -> Any:
        return f"«{template}»"


def test_every_text_follows_the_language(
    inspector: Inspector,
    session: Session,
    engine: DrawingEngine,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    for layer in session.network.layers:
        session.select(layer.uid)
        engine.draw()
        qtbot.wait(1)  # what belonged to the layer before is deleted later
        for tab in ("settings", "kernels", "maps"):
            inspector.show_tab(tab)
            language.set("en")
            before = texts(inspector)
            with monkeypatch.context() as patch:
                patch.setattr(i18n, "_catalogue", lambda code: Marked())
                language.set("zh_CN")
                unmarked = [text for text in texts(inspector) if "«" not in text]
            assert unmarked == []
            language.set("en")
            assert texts(inspector) == before


def texts(inspector: Inspector) -> list[str]:
    """All words that can be seen or are said."""
    labels = [widget.text() for widget in inspector.findChildren(QLabel) if widget.isVisible()]
    boxes = [widget.text() for widget in inspector.findChildren(QCheckBox) if widget.isVisible()]
    said = [w.accessibleName() for w in inspector.findChildren(QWidget) if w.isVisible()]
    found = [*labels, *boxes, *said, *spoken(inspector).splitlines()]
    return sorted(text for text in found if re.search(r"[a-z]{3}", text) and text not in QTS_OWN)


QTS_OWN = {f"Scroll {way}" for way in ("Left", "Right", "Up", "Down")}


def test_everything_that_takes_the_focus_has_a_name(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    for layer in session.network.layers:
        session.select(layer.uid)
        engine.draw()
        for tab in ("settings", "kernels", "maps"):
            inspector.show_tab(tab)
            for widget in inspector.findChildren(QWidget):
                visible = widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                if visible and widget.focusProxy() is None:
                    text = widget.text() if isinstance(widget, Button) else ""
                    assert widget.accessibleName() or text, widget


# --- words -----------------------------------------------------------------------------------


def test_what_a_value_sees_is_cut_at_the_image(session: Session) -> None:
    report = session.report
    assert sight(report, "conv", 0, 23) == "sees rows 0–4, columns 23–27 of the input"
    assert sight(report, "input", 3, 4) == ""
    session.set_field("conv", "padding", Border(9, 0))
    assert sight(session.report, "conv", 0, 0) == "sees nothing but padding"


# --- numbers to take along -------------------------------------------------------------------


def test_what_is_on_show_can_be_taken_along(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    picture = engine.draw()
    actions = inspector._exports.actions()
    inspector.show_tab("settings")
    assert not any(action.isEnabled() for action in actions)
    inspector.show_tab("maps")
    assert all(action.isEnabled() for action in actions)
    plate = inspector._plate()
    assert isinstance(plate, Plate)
    np.testing.assert_array_equal(plate.values, picture.maps["conv"])
    assert plate.limit == picture.limits["conv"]
    assert plate.name == "Conv 5×5 · 8 Feature maps"
    inspector.maps.grid.set_range_mode("map")
    own = inspector._plate()
    assert isinstance(own, Plate)
    assert isinstance(own.limit, np.ndarray)
    inspector.show_tab("kernels")
    plate = inspector._plate()
    assert isinstance(plate, Plate)
    assert plate.values.shape == (8, 5, 5)
    assert plate.axes == ("filter", "row")
    session.select("relu")
    assert inspector._plate() is None
    assert not any(action.isEnabled() for action in actions)
    inspector.show_tab("maps")
    session.select("input")
    plate = inspector._plate()
    assert isinstance(plate, Plate)
    assert plate.limit is None


def test_answers_that_come_later_can_be_taken_along_as_soon_as_they_are_there(
    qtbot: QtBot, real_room: Room
) -> None:
    view = Inspector(real_room.session, real_room.client)
    qtbot.addWidget(view)
    view.resize(1440, 270)
    view.show()
    real_room.link.work()
    buttons = [button for button, _ in view._along]
    assert not any(button.isVisible() for button in buttons)
    for tab, choose in (
        ("why", None),
        ("alike", None),
        ("alike", "pca"),
        ("alike", "likes"),
    ):
        view.show_tab(tab)
        if choose is not None:
            keys = [view.alike.views.tabData(i) for i in range(view.alike.views.count())]
            view.alike.views.setCurrentIndex(keys.index(choose))
        assert not any(action.isEnabled() for action in view._exports.actions())
        real_room.link.work()
        assert all(action.isEnabled() for action in view._exports.actions())
        assert all(button.isVisible() and button.isEnabled() for button in buttons)
        assert view._plate() is not None
        assert all(button.accessibleName() for button in buttons)
    real_room.session.select("dense")  # the answers of another layer are not there yet
    assert not any(button.isEnabled() for button in buttons)
    real_room.link.work()
    assert all(button.isEnabled() for button in buttons)
    view.show_tab("settings")
    assert not any(button.isVisible() for button in buttons)


def test_vectors_and_grouped_kernels_are_taken_along_as_they_are(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    session.select("grouped")
    inspector.show_tab("kernels")
    picture = engine.draw()
    plate = inspector._plate()
    assert isinstance(plate, Plate)
    np.testing.assert_array_equal(plate.values, picture.weights["grouped"]["weight"])
    assert plate.columns == 4
    session.select("out")
    inspector.show_tab("maps")
    picture = engine.draw()
    plate = inspector._plate()
    assert isinstance(plate, Plate)
    np.testing.assert_array_equal(plate.values, picture.maps["out"])
    inspector.hide()
    assert not inspector._exports.copy.isEnabled()


# --- the same place everywhere ---------------------------------------------------------------


def test_pointing_at_a_value_marks_its_place_in_all_maps(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    engine.draw()
    inspector.show_tab("maps")
    page = inspector.maps
    inspector.maps.grid.hovered.emit(2, 5, 6, 0.5)
    assert pointed_at(session) == ("conv", 5, 6)
    assert page.grid.spot == (5, 6)
    before = painted(page.grid)
    session.spot.point_at("pool", 1, 1)
    assert page.grid.spot == (2, 2)
    assert not np.array_equal(painted(page.grid), before)
    page.grid.left.emit()
    assert pointed_at(session) is None
    assert page.grid.spot is None


def test_who_points_at_a_map_has_its_input_at_hand(
    inspector: Inspector, session: Session, engine: DrawingEngine
) -> None:
    engine.draw()
    session.select("pool")
    inspector.show_tab("maps")
    asked = [engine.whole]
    inspector.maps.grid.hovered.emit(0, 1, 1, 0.0)
    asked.append(engine.whole)
    inspector.show_tab("settings")
    asked.append(engine.whole)
    assert asked == [(), ("relu",), ()], "a click asks for its arithmetic next"
