"""The line below one value: what goes first where there is little room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.inspector.pixel_actions import PixelActions
from ui.inspector.pixel_bar import PixelBar

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_the_speed_goes_first_and_then_the_words(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    bar = PixelBar(PixelActions(owner))
    qtbot.addWidget(bar)
    bar.set_views([("a", "δ handed back"), ("b", "Weights")], "What is worked out")
    bar.show_place((1, 0, 2, 3), (4, 3, 5, 5), ("Output map", "Input map", "Row", "Column"))
    bar.show()
    seen: list[tuple[bool, bool]] = []
    for width in range(1300, 500, -20):
        bar.resize(width, 34)
        shown = (not bar._speed.isHidden(), not bar._labels[0].isHidden())
        seen += [] if seen and seen[-1] == shown else [shown]
    assert seen == [(True, True), (False, True), (False, False)]
    assert bar.fields[3].accessibleName() == "Column"
    assert [field.value() for field in bar.fields] == [1, 0, 2, 3]
    bar.show_place((7,), (10,))
    assert [field.isHidden() for field in bar.fields] == [False, True, True, True]
    assert bar.fields[0].accessibleName() == "Value"


def test_views_that_find_no_room_as_tabs_are_a_list(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    bar = PixelBar(PixelActions(owner))
    qtbot.addWidget(bar)
    views = [(key, f"{key} in training") for key in "δγβuvw"]
    bar.set_views(views, "What is worked out")
    bar.show_place((1, 2, 3), (8, 5, 5))
    bar.show_view("β")
    bar.show()
    heard: list[str] = []
    bar.view_chosen.connect(heard.append)
    bar.resize(1300, 34)
    assert (bar.views.isVisible(), bar.listed_views.isVisible()) == (True, False)
    bar.resize(760, 34)
    assert (bar.views.isVisible(), bar.listed_views.isVisible()) == (False, True)
    assert bar.listed_views.value() == "β"
    bar.listed_views.edited.emit("u")
    bar.resize(1300, 34)
    assert bar.views.current() == "u"
    bar.views.setCurrentIndex(0)
    bar.resize(760, 34)
    assert bar.listed_views.value() == "δ"
    assert heard == ["u", "δ"]
    bar.show_views(False)
    assert not bar.listed_views.isVisible()
    assert not bar.views.isVisible()
