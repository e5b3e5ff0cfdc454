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
