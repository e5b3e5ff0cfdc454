"""What stands around the views and opens above them: menus, dialogs, questions and lines."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QWidget

from cnnviz.layers import Conv2d
from cnnviz.message import Message
from cnnviz.recovery import Orphan
from tests.support.stage import PATIENCE, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.stage import Scene
    from ui.main_window import MainWindow
    from ui.widgets.banner import Level


def _menu(number: int, *under: int) -> Scene:
    """A menu of the bar, and a submenu of it (the so-manieth of those that it has)."""

    def show(window: MainWindow) -> None:
        bar = window.menuBar()
        action = bar.actions()[number]
        menu = action.menu()
        assert isinstance(menu, QMenu)
        menu.popup(bar.mapToGlobal(bar.actionGeometry(action).bottomLeft()))
        for place in under:
            inner = [one for one in menu.actions() if one.menu() is not None][place]
            menu.setActiveAction(inner)
            sub = inner.menu()
            assert isinstance(sub, QMenu)
            corner = menu.mapToGlobal(menu.actionGeometry(inner).topRight())
            if not sub.isVisible():
                sub.popup(corner)
            menu = sub

    return show


def _context(window: MainWindow) -> None:
    window.session.select(window.session.network.layers[1].uid)
    window.canvas.setFocus()
    window.canvas.open_menu()


def _palette_menu(number: int) -> Scene:
    """What hides behind the arrow of a chip."""

    def show(window: MainWindow) -> None:
        chips = [chip for chip in window.palette_bar._more.values() if chip.isVisible()]
        if chips:  # a projector needs no palette
            chips[number].click()

    return show


def _filtered(window: MainWindow) -> None:
    field = window.palette_bar.findChild(QLineEdit)
    assert field is not None
    field.setText("pool")


def _finder(typed: str) -> Scene:
    def show(window: MainWindow) -> None:
        window.help.find.trigger()
        assert window.help.finder is not None
        field = window.help.finder.findChild(QLineEdit)
        assert field is not None
        field.setText(typed)

    return show


def _dialog(do: Callable[[MainWindow], object]) -> Scene:
    def show(window: MainWindow) -> QWidget | None:
        do(window)
        work()
        return _dialogs()[0]

    return show


def _dialogs() -> list[QWidget]:
    every = QApplication.topLevelWidgets()
    return [one for one in every if isinstance(one, QDialog) and one.isVisible()]


def _unsaved(window: MainWindow) -> None:
    window.session.insert([Conv2d(filters=4)], 1)
    window.menus.new.trigger()


def _import(window: MainWindow) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    with TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        arrays = {
            f"{uid}.{name}": np.zeros(shape, np.float32)
            for uid, name, shape in window.session.report.tensor_keys()
        }
        arrays["features.9.weight"] = np.zeros((8, 8, 3, 3), np.float32)
        save_file(arrays, path)
        window.transfer.importer.look(path)
        end = monotonic() + PATIENCE
        while monotonic() < end and not _dialogs():
            work()


def _say(level: Level, message: Message) -> Scene:
    return lambda window: window.tell(message, level)


def _orphan(window: MainWindow) -> None:
    original = Path("/home/ada/lessons/my network.cnnviz")
    window.remarks.offer_lost_work(Orphan(Path("x"), original, 1.7e9))


def _hidden(key: str) -> Scene:
    def show(window: MainWindow) -> None:
        window._panels[key].setChecked(False)

    return show


MENUS = ("file", "edit", "insert", "input", "data", "training", "view", "help")

WINDOW: dict[str, Scene] = {
    **{f"menu {name}": _menu(number) for number, name in enumerate(MENUS)},
    "menu presets": _menu(0, 0),
    "menu presets first": _menu(0, 0, 0),
    "menu export": _menu(0, 2),
    "menu move": _menu(1, 0),
    "menu block": _menu(1, 1),
    "menu insert first": _menu(2, 0),
    "menu view first": _menu(6, 0),
    "menu theme": _menu(6, 2),
    "menu of a card": _context,
    "palette menu": _palette_menu(0),
    "palette filtered": _filtered,
    "finder commands": _finder("zoom"),
    "finder layers": _finder("conv"),
    "finder nothing": _finder("qqqq"),
    "export dialog": _dialog(lambda window: window.menus.exports["pytorch"].trigger()),
    "unsaved": _dialog(_unsaved),
    "import": _dialog(_import),
    "line info": _say("info", Message("Written: {file}", file="/home/ada/lessons/lenet.py")),
    "line error": _say(
        "error",
        Message(
            "Something went wrong that should not have. Your work is still here; saving it is "
            "a good idea. Details are in {file}.",
            file="/home/ada/.local/share/CNNviz/CNNviz/cnnviz.log",
        ),
    ),
    "line recovery": _orphan,
}
