"""Buttons, labels, tabs, the banner and the layout that wraps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget

from ui.theme import theme
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button, IconButton
from ui.widgets.flow_layout import FlowLayout
from ui.widgets.labels import Label
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

TABS = [("settings", "Settings"), ("kernels", "Kernels"), ("maps", "Feature maps")]


# ---- buttons and labels


def test_icons_follow_the_theme(qtbot: QtBot) -> None:
    theme.set_mode("light")
    buttons = [Button("Train", "play"), IconButton("undo")]
    for button in buttons:
        qtbot.addWidget(button)
    light = [button.icon().pixmap(16).toImage() for button in buttons]
    theme.set_mode("dark")
    dark = [button.icon().pixmap(16).toImage() for button in buttons]
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_a_tip_names_the_button_and_its_keys(qtbot: QtBot) -> None:
    button = IconButton("undo")
    qtbot.addWidget(button)
    button.set_tip("Undo", QKeySequence("Ctrl+Z"))
    assert (button.accessibleName(), button.toolTip()) == ("Undo", "Undo (Ctrl+Z)")


def test_a_menu_makes_room_for_its_arrow(qtbot: QtBot) -> None:
    theme.apply(QApplication.instance())  # type: ignore[arg-type]
    button = Button("MNIST")
    qtbot.addWidget(button)
    before = button.sizeHint().width()
    menu = QMenu(button)
    button.setMenu(menu)
    assert button.sizeHint().width() > before


def test_a_label_changes_its_look(qtbot: QtBot) -> None:
    theme.apply(QApplication.instance())  # type: ignore[arg-type]
    label = Label("Epoch")
    qtbot.addWidget(label)
    label.ensurePolished()
    body = label.fontMetrics().height()
    label.set_role("caption")
    assert label.fontMetrics().height() < body


# ---- tabs


def test_choosing_a_tab_tells_its_key(qtbot: QtBot) -> None:
    tabs = PillTabs()
    qtbot.addWidget(tabs)
    with qtbot.assertNotEmitted(tabs.selected):
        tabs.set_tabs(TABS)
        tabs.set_current("kernels")
    assert tabs.current() == "kernels"
    with qtbot.waitSignal(tabs.selected) as signal:
        qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(2).center())
    assert signal.args == ["maps"]


def test_tabs_that_come_and_go_leave_the_present_one(qtbot: QtBot) -> None:
    tabs = PillTabs()
    qtbot.addWidget(tabs)
    tabs.set_tabs(TABS)
    tabs.set_current("maps")
    with qtbot.assertNotEmitted(tabs.selected):
        tabs.set_tabs([("settings", "设置"), ("maps", "特征图")])
        assert tabs.current() == "maps"
        tabs.set_tabs([("settings", "设置")])
    assert tabs.current() == "settings"
    tabs.set_current("no such tab")
    assert tabs.current() == "settings"


# ---- banner


def test_a_banner_says_one_thing_and_offers_what_can_be_done(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.isHidden()
    pressed: list[str] = []
    banner.show_message("Old", "info", [("Old action", lambda: pressed.append("old"))])
    banner.show_message("The engine stopped.", "error", [("Restart", lambda: pressed.append("go"))])
    assert banner.text() == banner.accessibleName() == "The engine stopped."
    visible = [b for b in banner.findChildren(QPushButton) if b in banner._buttons]
    assert [button.text() for button in visible] == ["Restart"]
    visible[0].click()
    assert pressed == ["go"]
    with qtbot.waitSignal(banner.closed):
        banner._close.click()
    assert banner.text() == ""


def test_the_owner_closes_quietly(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.show_message("Saving", closable=False)
    assert banner._close.isHidden()
    with qtbot.assertNotEmitted(banner.closed):
        banner.clear()
    assert banner.isHidden()


# ---- flow


def chips(layout: FlowLayout, *widths: int) -> list[QWidget]:
    widgets = []
    for width in widths:
        chip = QWidget()
        chip.setFixedSize(width, 20)
        layout.addWidget(chip)
        widgets.append(chip)
    return widgets


def test_rows_wrap_as_words_do(qtbot: QtBot) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    layout = FlowLayout(area, spacing=6)
    one, two, three = chips(layout, 100, 80, 60)
    area.show()
    layout.setGeometry(QRect(0, 0, 190, 200))
    assert [chip.geometry().topLeft().toTuple() for chip in (one, two, three)] == [
        (0, 0), (106, 0), (0, 26),
    ]  # fmt: skip
    assert layout.heightForWidth(190) == 46
    assert layout.heightForWidth(300) == 20
    assert layout.heightForWidth(10) == 72


def test_hidden_chips_leave_no_gap(qtbot: QtBot) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    layout = FlowLayout(area, spacing=6)
    one, two, three = chips(layout, 100, 80, 60)
    area.show()
    two.hide()
    layout.setGeometry(QRect(0, 0, 190, 200))
    assert three.x() == 106
    assert one.x() == 0


def test_chips_can_be_taken_out(qtbot: QtBot) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    layout = FlowLayout(area)
    one, two = chips(layout, 10, 20)
    assert [layout.itemAt(i).widget() for i in range(2)] == [one, two]  # type: ignore[union-attr]
    assert layout.itemAt(2) is None
    layout.removeWidget(one)
    assert layout.count() == 1
    one.deleteLater()
