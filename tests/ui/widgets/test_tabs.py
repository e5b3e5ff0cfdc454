"""Tabs that yield to what stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ui.theme import theme
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from ui.theme import Mode

WORDS = ("Settings", "Kernels", "Feature maps", "One pixel", "Statistics")


@pytest.mark.parametrize("mode", ["light", "contrast_light"])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_they_stand_nearer_to_each_other_where_room_is_scarce(
    qtbot: QtBot, qapp: QApplication, scale: float, mode: Mode
) -> None:
    theme.set_mode(mode)
    theme.apply(qapp, scale)
    tabs = PillTabs()
    qtbot.addWidget(tabs)
    tabs.set_tabs([(word, word) for word in WORDS])
    tabs.show()
    roomy = tabs.sizeHint().width()
    tabs.yield_to(roomy + 40)
    assert tabs.sizeHint().width() == roomy
    tabs.yield_to(roomy - 1)
    assert tabs.sizeHint().width() < roomy - 20
    tabs.yield_to(roomy + 40)
    assert tabs.sizeHint().width() == roomy
    near = tabs.needed(compact=True)
    tabs.yield_to(near - 1)
    assert tabs.font().pixelSize() < theme.font().pixelSize()
    assert tabs.sizeHint().width() < near
    tabs.yield_to(roomy)
    assert tabs.font().pixelSize() == theme.font().pixelSize()
