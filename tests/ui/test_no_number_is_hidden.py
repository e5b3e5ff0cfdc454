"""A number behind "…" or an edge is found.

All scenes are looked through for one in `test_nothing_is_cut` and in the same in large type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from tests.support.hidden_numbers import hidden_numbers
from ui.widgets.bars import PredictionBars
from ui.widgets.labels import ShortLabel
from ui.widgets.step_lines import StepLines

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_a_hidden_number_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    label, lines = ShortLabel("δ of the output, map 12", parent=window), StepLines(window)
    label.setGeometry(0, 0, label.fontMetrics().horizontalAdvance("δ of the output"), 20)
    lines.setGeometry(0, 40, 200, 60)
    lines.set_steps([("Sum", "1 + 2 = 3")], "")
    window.resize(600, 100)
    window.show()
    qtbot.waitExposed(window)
    (found,) = hidden_numbers(window)
    assert "12" in found
    label.choose("δ of the output, map 12", "δ 12")
    assert not hidden_numbers(window)
    label.choose("δ of the output, map 12", "12 is what this is too wide for")
    assert not hidden_numbers(window), "the number is before the …"
    lines.set_steps([("Sum", "1" * 60)], "")
    qtbot.waitUntil(lambda: len(hidden_numbers(window)) == 1)


def test_a_number_that_is_painted_and_shortened_is_found(qtbot: QtBot) -> None:
    bars = PredictionBars()
    qtbot.addWidget(bars)
    before = QFontMetrics.elidedText
    bars.set_labels(["a class with a long name and the number 17"])
    bars.resize(120, 30)
    assert "17" in "".join(hidden_numbers(bars))
    assert QFontMetrics.elidedText is before
