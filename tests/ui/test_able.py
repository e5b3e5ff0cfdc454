"""Whatever is not possible now says why, in the language of now."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QPushButton, QTabBar, QToolTip

from cnnviz.layers import Branches, Size
from cnnviz.message import Message
from cnnviz.network import Network
from cnnviz.presets import preset
from cnnviz.project import Project
from ui.able import allow, allow_widget, tell_reasons
from ui.canvas.context_menu import context_menu
from ui.i18n import language
from ui.inspector.tabs import TABS
from ui.main_window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytestqt.qtbot import QtBot
UI = Path(__file__).parents[2] / "ui"
REASON = Message("Select a layer first")


@pytest.fixture
def action(qapp: QApplication) -> QAction:
    return QAction("Delete")


def test_the_reason_is_said_in_the_language_of_now(action: QAction) -> None:
    allow(action, REASON)
    assert not action.isEnabled()
    assert action.statusTip() == "Select a layer first"
    language.set("zh_CN")
    assert action.statusTip() == "请先选中一层"
    allow(action, None)
    assert action.isEnabled()
    assert action.statusTip() == ""
    language.set("en")
    assert action.statusTip() == ""


def test_a_button_says_it_instead_of_what_it_does(qtbot: QtBot) -> None:
    button = QPushButton("Train")
    qtbot.addWidget(button)
    allow_widget(button, REASON, "Learn from the images")
    assert not button.isEnabled()
    assert button.toolTip() == button.accessibleDescription() == "Select a layer first"
    allow_widget(button, None, "Learn from the images")
    assert button.isEnabled()
    assert button.toolTip() == "Learn from the images"


def tip_at(menu: QMenu, action: QAction) -> str:
    """What the mouse is told that rests on a line."""
    menu.resize(menu.sizeHint())  # where its lines are is known from now on
    place = menu.actionGeometry(action).center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, menu.mapToGlobal(place))
    QApplication.sendEvent(menu, event)
    return QToolTip.text()


def test_a_menu_shows_why_a_line_is_off(qtbot: QtBot) -> None:
    menu = QMenu()
    inner = menu.addMenu("Move")
    lines = [menu.addAction("Copy"), inner.addAction("Move left")]
    lines[0].setToolTip("Copies")
    qtbot.addWidget(menu)
    tell_reasons(menu)
    tell_reasons(menu)  # more than once is no harm
    for line in lines:
        allow(line, REASON)
    menu.popup(QPoint(50, 50))
    assert tip_at(menu, lines[0]) == "Select a layer first"
    menu.setToolTipsVisible(True)
    allow(lines[0], None)
    assert tip_at(menu, lines[0]) == "Copies"
    menu.close()
    inner.popup(QPoint(50, 50))
    assert tip_at(inner, lines[1]) == "Select a layer first"
    inner.close()
    QToolTip.hideText()


# --- all of the program ------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "_closing", True))
    window.show()
    return window


def situations(window: MainWindow) -> Iterator[str]:
    """Where many things are not possible."""
    session = window.session
    yield "as it opens"
    for tab in TABS:
        window.inspector.show_tab(tab)
        yield f"the tab {tab}"
    session.set_field(session.network.layers[0].uid, "kernel", Size(99, 99))
    yield "a problem"
    session.select("input")
    yield "the input selected"
    session.select(*(layer.uid for layer in session.network.layers))
    yield "all selected"
    session.open(Project(preset("inception-small")), {}, None)
    block = next(layer for _, layer in session.network.walk() if isinstance(layer, Branches))
    session.select(block.uid)
    yield "a block selected"
    session.select(block.branches[0][0].uid)
    yield "a layer in a block selected"
    session.select(session.network.layers[0].uid, block.branches[0][0].uid)
    yield "layers of two rows selected"
    session.add_branch(block.uid)
    yield "an empty branch selected"
    session.open(Project(Network()), {}, None)
    yield "no layers"


def every(window: MainWindow) -> Iterator[tuple[QMenu | None, QAction]]:
    """All actions of the window, in menus and out of them."""
    for action in window.findChildren(QAction):
        yield None, action
    menus = [top.menu() for top in window.menuBar().actions()]
    menus.append(context_menu(window, window.session, window.canvas._commands, None))
    for menu in menus:
        assert isinstance(menu, QMenu)
        yield from inside(menu)


def inside(menu: QMenu) -> Iterator[tuple[QMenu, QAction]]:
    menu.aboutToShow.emit()
    for action in menu.actions():
        inner = action.menu()
        if not action.isSeparator():
            yield menu, action
        if isinstance(inner, QMenu):
            yield from inside(inner)


def test_every_action_that_is_off_says_why(window: MainWindow) -> None:
    off: set[str] = set()
    for situation in situations(window):
        tips: dict[int, set[str]] = {}
        for code in ("en", "zh_CN"):
            language.set(code)
            for menu, action in every(window):
                if not action.isEnabled() and not action.isSeparator():
                    where = f"{action.text()} ({situation})"
                    assert action.statusTip(), where
                    tips.setdefault(id(action), set()).add(action.statusTip())
                    off.add(where)
                    if menu is not None:
                        assert tip_at(menu, action) == action.statusTip(), where
        language.set("en")
        for button in window.findChildren(QAbstractButton):
            scrolls = isinstance(button.parent(), QTabBar)  # Qt's own
            if button.isVisible() and not button.isEnabled() and not scrolls:
                where = f"{button.accessibleName() or button.text()} ({situation})"
                assert button.accessibleDescription(), where
                assert button.accessibleDescription() in button.toolTip(), where
        assert all(len(words) == 2 for words in tips.values()), tips
    QToolTip.hideText()
    assert len(off) > 100


def switched(tree: ast.AST) -> Iterable[int]:
    """Lines in which an action is switched on or off past `allow`."""
    made = {"action"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            call = ast.unparse(node.value.func)
            if call.rpartition(".")[2] in {"QAction", "addAction", "_action", "_add", "_mover"}:
                made |= {ast.unparse(target) for target in node.targets}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            known = ast.unparse(node.func.value) in made
            if node.func.attr in {"setEnabled", "setDisabled"} and known:
                yield node.lineno


def test_no_action_is_switched_off_without_a_reason() -> None:
    assert list(switched(ast.parse("copy = menu.addAction('x')\ncopy.setEnabled(False)"))) == [2]
    found = [
        f"{path.relative_to(UI)}:{line}"
        for path in sorted(UI.rglob("*.py"))
        if path.name != "able.py"
        for line in switched(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found
