"""Rows wrap as words do, and what is kept together wraps together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.widgets.flow_layout import FlowLayout

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def rows(qtbot: QtBot, width: int, *, keeping: bool = True, hidden: int | None = None) -> list[int]:
    """Which row each of four boxes of 50 pixels is in; the last is kept beside the third."""
    around = QWidget()
    qtbot.addWidget(around)
    flow = FlowLayout(around, spacing=10)
    boxes = [QWidget() for _ in range(4)]
    for box in boxes:
        box.setFixedSize(50, 20)
        flow.addWidget(box)
    flow.keep_together(boxes[3])
    flow.set_keeping(keeping)
    around.resize(width, 200)
    around.show()
    if hidden is not None:
        boxes[hidden].hide()
    assert flow.heightForWidth(width) >= 20
    flow.setGeometry(around.rect())
    return [box.y() // 30 for box in boxes]


def test_what_is_kept_together_goes_into_the_next_row_together(qtbot: QtBot) -> None:
    assert rows(qtbot, 230) == [0, 0, 0, 0]
    assert rows(qtbot, 229) == [0, 0, 1, 1]
    assert rows(qtbot, 229, keeping=False) == [0, 0, 0, 1]
    assert rows(qtbot, 60) == [0, 1, 2, 2]  # there it sticks out


def test_beside_one_that_is_hidden_it_is_kept_to_the_one_before(qtbot: QtBot) -> None:
    found = rows(qtbot, 169, hidden=2)
    assert [found[0], found[1], found[3]] == [0, 1, 1]
