"""The drawer shows what is selected in its tabs, and lets everything be read and taken along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QWidget

from cnnviz.export.arrays import Plate
from cnnviz.layers import KINDS, Border
from tests.ui.inspector.looks import painted, spoken
from ui import i18n
from ui.i18n import language
from ui.inspector import Inspector
from ui.inspector.reading import sight
from ui.inspector.tabs import TABS
from ui.theme import theme
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.inspector.fakes import DrawingEngine
    from tests.ui.room import Room
    from ui.session import Session


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


# --- words ----------------------------------------------------------------------


def test_what_a_value_sees_is_cut_at_the_image(session: Session) -> None:
    report = session.report
    assert sight(report, "conv", 0, 23) == "sees rows 0–4, columns 23–27 of the input"
    assert sight(report, "input", 3, 4) == ""
    session.set_field("conv", "padding", Border(9, 0))
    assert sight(session.report, "conv", 0, 0) == "sees nothing but padding"


# --- numbers to take along ----------------------------------------------------------------------


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
