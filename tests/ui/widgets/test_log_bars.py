"""Bars on a logarithmic scale: as long as the number of digits says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor

from ui.theme import theme
from ui.widgets.log_bars import LogBars, decades_for, power_of_ten

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize(
    ("largest", "decades"), [(1, 1), (10, 1), (11, 2), (1000, 3), (10**12, 12)]
)
def test_the_scale_ends_at_the_next_power_of_ten(largest: int, decades: int) -> None:
    assert decades_for(largest) == decades


def test_powers_are_written_as_people_write_them() -> None:
    assert [power_of_ten(n) for n in (0, 1, 2, 12)] == ["1", "10", "10²", "10¹²"]


def test_a_bar_of_a_third_of_the_digits_is_a_third_as_long(qtbot: QtBot) -> None:
    bars = LogBars()
    qtbot.addWidget(bars)
    bars.set_bars([("Dense", 10**12, True), ("Local", 10**8, False), ("Shared", 10**4, False)])
    bars.resize(614, bars.sizeHint().height())  # 50 pixels a power
    bars.show()
    picture = bars.grab().toImage()
    grey, blue = QColor(theme.colors.arrow).rgb(), QColor(theme.colors.accent).rgb()
    longest = dict.fromkeys((grey, blue), 0)
    for y in range(picture.height()):
        for color in longest:
            row = [x for x in range(picture.width()) if picture.pixel(x, y) == color]
            longest[color] = max(longest[color], len(row))
    assert longest[blue] == pytest.approx(600, abs=4)
    assert longest[grey] == pytest.approx(400, abs=4)
    assert bars.accessibleDescription().startswith("Dense: 1,000,000,000,000; Local: 100,000,000")
