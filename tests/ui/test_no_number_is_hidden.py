"""No number ends behind "…" or an edge where one looks inside, in large type as on a projector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget

from tests.support.hidden_numbers import hidden_numbers, painted_numbers
from tests.support.inside_scenes import INSIDE
from tests.support.scenes import SCENES
from tests.support.stage import shown, stage
from ui.theme import theme
from ui.widgets.bars import PredictionBars
from ui.widgets.labels import ShortLabel
from ui.widgets.step_lines import StepLines

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LOOKED_AT = [*INSIDE, "statistics", "maps", "kernels", "pixel"]


def test_no_number_inside_is_hidden_in_large_type(qapp: QApplication) -> None:
    theme.set_scale(1.5)
    hidden = []
    with stage(qapp) as window:
        for name in LOOKED_AT:
            with shown(window, SCENES[name]) as seen, painted_numbers() as painted:
                seen.grab()
                hidden += [f"{name}: {line}" for line in (*hidden_numbers(seen), *painted)]
    assert not hidden, "\n".join(hidden)


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
    with painted_numbers() as found:
        bars.grab()
    assert "17" in "".join(found)
    assert QFontMetrics.elidedText is before
