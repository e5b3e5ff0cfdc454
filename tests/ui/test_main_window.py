"""The window as a whole: every action has words and keys, languages and themes change live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox, QWidget

from cnnviz.engine.protocol import Text
from cnnviz.layers import Conv2d, Maps, Size
from cnnviz.message import Message
from cnnviz.presets import PRESETS, preset
from cnnviz.project import Project
from tests.support.fake_engine import progress
from tests.support.listener import Listener
from ui import settings
from ui.finder.commands import commands_of, plain
from ui.i18n import language, text
from ui.inspector.tabs import TABS
from ui.main_window import MainWindow
from ui.outputs.output_column import TABS as OUTPUT_TABS
from ui.shortcuts import ShortcutSheet
from ui.theme import theme
from ui.training.range_dialog import RangeDialog

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    theme.apply(QApplication.instance())  # type: ignore[arg-type]
    window = MainWindow()
    # qtbot closes it; what a test has left unsaved is not asked about then.
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.show()
    return window


def actions(window: MainWindow) -> list[QAction]:
    def inside(menu: QMenu) -> list[QAction]:
        found = []
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu):
                found += inside(inner)
            elif not action.isSeparator():
                found.append(action)
        return found

    menus = [top.menu() for top in window.menuBar().actions()]
    return [action for menu in menus if isinstance(menu, QMenu) for action in inside(menu)]


def next_language(window: MainWindow, qtbot: QtBot) -> None:
    """Speak the other language, and wait until all of the window does."""
    heard = Listener(language.changed)
    window.menus.next_language()
    qtbot.waitUntil(lambda: heard.times == 1 and window.updatesEnabled())


@pytest.mark.parametrize("panel", ["input", "output", "detail", "layers"])
def test_the_keyboard_goes_to_the_network_from_a_panel_that_goes(
    window: MainWindow, qtbot: QtBot, panel: str
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    fields = {
        "input": window.inputs,
        "output": window.outputs,
        "detail": window.inspector.settings.form,
        "layers": window.palette_bar,
    }
    inside = fields[panel].findChildren(QWidget)
    next(
        w for w in inside if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    ).setFocus()
    window._panels[panel].trigger()
    assert QApplication.focusWidget() is window.canvas


def test_every_action_has_words_and_no_keys_twice(window: MainWindow) -> None:
    every = actions(window)
    assert len(every) > 50
    assert all(action.text() for action in every)
    keys = [key.toString() for action in every for key in action.shortcuts() if not key.isEmpty()]
    assert len(keys) == len(set(keys)), sorted(k for k in keys if keys.count(k) > 1)


def test_a_change_of_language_reaches_everything(window: MainWindow, qtbot: QtBot) -> None:
    english = {action.text() for action in actions(window)}
    next_language(window, qtbot)
    assert language.code == "zh_CN"
    assert settings.language() == "zh_CN"
    # What stays: names of networks, functions and languages, and percentages.
    names = {"Leaky ReLU", "Batch norm", *(str(known.title) for known in PRESETS.values())}
    same = {text for text in english & {a.text() for a in actions(window)} if " " in text}
    assert same <= names
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert "预测" in labels
    next_language(window, qtbot)
    assert {action.text() for action in actions(window)} == english


def test_themes_and_sizes_change_live_and_are_remembered(window: MainWindow) -> None:
    window.menus.toggle_theme()
    assert theme.dark
    assert settings.theme_mode() == "dark"
    window.menus.larger.trigger()
    assert theme.scale == 1.25
    assert settings.scale() == 1.25
    window.menus.smaller.trigger()
    window.menus.smaller.trigger()
    assert theme.scale == 1.0


def test_language_and_theme_in_one_breath(window: MainWindow, qtbot: QtBot) -> None:
    """Qt forgets what was to be painted when a window stops painting for a moment."""
    painted = Painted(window)
    window.canvas.viewport().installEventFilter(painted)
    for _ in range(2):
        painted.times = 0
        window.menus.next_language()
        window.menus.toggle_theme()
        qtbot.waitUntil(lambda: theme.settled)
        qtbot.waitUntil(lambda: painted.times > 0)


def test_one_range_test_at_a_time(window: MainWindow) -> None:
    test = next(action for action in actions(window) if action.text().startswith("Range test"))
    test.setEnabled(True)
    test.trigger()
    test.trigger()
    (dialog,) = window.findChildren(RangeDialog)
    dialog.close()


class Painted(QObject):
    """Counts how often a widget is painted."""

    times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() == QEvent.Type.Paint
        return False


def test_undo_names_its_step(window: MainWindow) -> None:
    uid = window.session.network.layers[0].uid
    window.session.set_field(uid, "filters", 5)
    assert window.menus.undo.text() == "Undo: Change Filters of Conv"
    window.menus.undo.trigger()
    assert window.session.network.layers[0].filters == 8  # type: ignore[union-attr]
    assert not window.menus.undo.isEnabled()
    assert window.menus.redo.text() == "Redo: Change Filters of Conv"


def test_the_title_names_the_file_and_what_is_unsaved(window: MainWindow) -> None:
    window.session.rename("Mine")
    assert window.windowTitle().startswith("Mine[*]")
    assert window.isWindowModified()


def test_panels_hide_and_come_back(window: MainWindow) -> None:
    panels = (window.inputs, window.outputs, window.inspector, window.palette_bar)
    for action, panel in zip(window._panels.values(), panels, strict=True):
        action.trigger()
        assert not panel.isVisible()
        action.trigger()
        assert panel.isVisible()


def test_a_crash_is_a_line_and_the_window_goes_on(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window.report_crash(tmp_path / "log")
    assert "saving it is a good idea" in window.banner.text()
    next_language(window, qtbot)
    assert "建议保存" in window.banner.text()


def test_the_sheet_of_keys_says_what_the_menus_say(window: MainWindow, qtbot: QtBot) -> None:
    sheet = ShortcutSheet(window.menuBar(), window)
    words = [label.text() for label in sheet.findChildren(QLabel)]
    assert {"Ctrl+Z", "F5", "Save", "Shift+F10"} <= set(words)
    for action in actions(window):
        keys = [key.toString() for key in action.shortcuts() if not key.isEmpty()]
        if keys:
            assert words[words.index(plain(action.text())) + 1] == ", ".join(keys)
    sheet.deleteLater()


def test_every_action_of_the_window_is_in_its_menus(window: MainWindow) -> None:
    """Also what the pages have that are made when they are first shown: what is not in the menus
    is neither in the command palette nor to be had by keyboard everywhere."""
    for tab in TABS:
        window.inspector.show_tab(tab)
    for tab in OUTPUT_TABS:
        window.outputs.show_tab(tab)
    in_menus = {command.words for command in commands_of(window.menuBar())}
    menus = {plain(menu.title()) for menu in window.findChildren(QMenu)}
    others = {plain(action.text()) for action in window.findChildren(QAction)} - menus - in_menus
    assert others <= {""}  # the pictures in fields


def test_closing_asks_about_unsaved_work(window: MainWindow) -> None:
    window.session.rename("Mine")
    window.close()
    assert window.isVisible()
    box = window.findChildren(QMessageBox)[-1]
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert window.isVisible()


def test_everything_that_takes_the_keyboard_has_a_name(window: MainWindow) -> None:
    """A screen reader says the name of what has the focus."""
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy().value & 1
        and not (widget.accessibleName() or getattr(widget, "text", str)())
        and widget.focusProxy() is None
        and not widget.objectName().startswith("qt_")
    ]
    assert not [f"{type(w).__name__} in {type(w.parent()).__name__}" for w in nameless]


def test_message_of_trouble_is_shown(window: MainWindow, qtbot: QtBot) -> None:
    window.engine.trouble.emit(Message("The engine could not do this: {reason}", reason="x"))
    assert window.banner.text() == "The engine could not do this: x"
    next_language(window, qtbot)
    assert window.banner.property("banner") == "error"


def test_a_run_that_is_left_is_not_to_be_resumed(window: MainWindow) -> None:
    window.engine.trouble.emit(Message("The engine could not do this: {reason}", reason="x"))
    window.engine.run_left.emit()
    assert not window.banner.text()
    window.tell(Message("Written: {file}", file="x"))
    window.engine.run_left.emit()
    assert window.banner.text() == "Written: x"


def test_trouble_is_over_when_training_goes_on(window: MainWindow) -> None:
    window.engine.trouble.emit(Message("The engine could not do this: {reason}", reason="x"))
    window.engine.progress_changed.emit(progress("paused"))
    assert window.banner.text()
    window.engine.progress_changed.emit(progress("running"))
    assert not window.banner.text()
    window.tell(Message("Written: {file}", file="x"))
    window.engine.progress_changed.emit(progress("running"))
    assert window.banner.text() == "Written: x"


def test_channels_are_said_first_or_last_everywhere(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.open(Project(preset("lenet-5")), {}, None)
    last = session.network.layers[-1]
    session.set_field(last.uid, "units", 7)  # a problem, whose text may have a shape in it
    block = next(layer for layer in session.network.layers if isinstance(layer, Conv2d))
    session.select(block.uid)

    def said() -> str:
        labels = [label.text() for label in window.findChildren(QLabel)]
        named = [widget.accessibleDescription() for widget in window.findChildren(QWidget)]
        contents = [
            window.canvas.card(layer.uid).content.result for layer in session.network.layers
        ]
        return "\n".join([*labels, *named, *contents])

    def turn() -> None:
        heard = Listener(language.changed)
        window.menus.channels_first.trigger()
        qtbot.waitUntil(lambda: heard.times == 1 and window.updatesEnabled())

    assert "28×28×6" in said()
    turn()
    assert "6×28×28" in said()
    assert "28×28×6" not in said()
    assert settings.channels_first()
    message = Message("The network ends in {shape} maps", shape=Maps(2, 3, 4))
    assert text(message).endswith("4×2×3 maps")
    turn()
    assert "6×28×28" not in said()
    assert not settings.channels_first()


def test_a_run_that_ends_early_is_explained_until_the_next_one(window: MainWindow) -> None:
    why = Message("The run has ended early: for {n:,} epochs the loss on the test images has not "
                  "become lower.", n=3)  # fmt: skip
    window.engine.progress_changed.emit(progress("finished", explanation=Text.of(why)))
    assert window.banner.text() == str(why)
    assert window.banner.property("banner") == "info"
    window.engine.progress_changed.emit(progress("running"))
    assert not window.banner.text()


def test_a_mistake_is_shown_to_the_network(window: MainWindow, qtbot: QtBot) -> None:
    window.inputs.load_test_images()
    qtbot.waitUntil(lambda: window.inputs.test_image(9) is not None, timeout=20_000)
    window.outputs.image_wanted.emit(9)
    image = window.inputs.test_image(9)
    assert image is not None
    assert np.array_equal(window.engine.input_image, image)


def test_what_the_training_bar_tells_stands_across_the_top(window: MainWindow) -> None:
    window.training.told.emit(Message("Written: {file}", file="x"))
    assert window.banner.text() == "Written: x"


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_top_bar_is_not_cut_off_at_large_type(
    window: MainWindow, qtbot: QtBot, code: str
) -> None:
    """Also with a problem, at 1280 pixels and type of one and a half."""
    window.session.set_field(window.session.network.layers[0].uid, "kernel", Size(60, 60))
    language.set(code)
    theme.set_scale(1.5)
    qtbot.wait(50)
    assert window.top_bar.minimumSizeHint().width() <= 1280


def test_a_large_map_gets_room_and_gives_it_back(window: MainWindow) -> None:
    window.resize(1280, 720)
    QApplication.processEvents()
    before = window._rows.sizes()
    window.inspector.enlarged.emit(True)
    assert window._rows.sizes()[1] > 0.5 * sum(before)
    window.inspector.enlarged.emit(False)
    assert window._rows.sizes() == before
    window.inspector.enlarged.emit(False)
    assert window._rows.sizes() == before


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_three_columns_fit_into_a_small_window_with_the_largest_type(
    window: MainWindow, qtbot: QtBot, code: str
) -> None:
    language.set(code)
    window.resize(1280, 720)
    for scale in (1.5, 2.0):
        theme.set_scale(scale)
        qtbot.waitUntil(lambda: theme.settled)
        qtbot.wait(20)
        outputs = window.outputs
        right = outputs.mapTo(window, outputs.rect().topRight()).x()
        assert right < window.width() == 1280


def test_another_project_is_painted_in_a_turn_of_its_own(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    window.session.open(Project(preset("lenet-tutorial")), {}, None)
    assert window.inspector.settings.form.isVisible()
    assert not window.updatesEnabled()
    qtbot.waitUntil(window.updatesEnabled)
    layer = window.session.network.layers[0].uid
    window.session.set_field(layer, "filters", 3)
    assert window.updatesEnabled()  # an edit is painted at once


def test_the_settings_of_training_come_when_they_are_made(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    window.training._open_panel()
    panel = window.training._panel
    assert not panel.isVisible()
    qtbot.waitUntil(panel.isVisible)
    panel.hide()
    window.training._open_panel()
    assert panel.isVisible()
