"""What screen readers are answered of values that change: always the present ones, and nothing is
worked out before they ask."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from tests.support.heard import heard
from ui.charts.chart import Chart
from ui.charts.content import Series
from ui.charts.curve import Recording
from ui.inspector.vector_view import VectorRow, VectorView
from ui.widgets import map_speech
from ui.widgets.folding import folded
from ui.widgets.map_grid import MapGrid
from ui.widgets.number_grid import NumberGrid
from ui.widgets.number_table import NumberTable
from ui.widgets.pixel_map import PixelMap
from ui.widgets.zoom_map import ZoomMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QAccessibleEvent
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from ui.colors import Floats


def _grid(widget: MapGrid, values: Floats) -> None:
    widget.set_maps(values[None])


def _map(widget: PixelMap | ZoomMap, values: Floats) -> None:
    widget.set_values(values, 1.0)


def _numbers(widget: NumberGrid, values: Floats) -> None:
    widget.set_values(values, 1.0)


def _vector(widget: VectorView, values: Floats) -> None:
    widget.set_rows([VectorRow("", values.reshape(-1), 1.0)])


def _table(widget: NumberTable, values: Floats) -> None:
    column = values.reshape(-1).astype(np.float64)
    widget.set_table(("map", "value"), [str(place) for place in range(column.size)], [column])


def _curve(widget: Chart, values: Floats) -> None:
    recording = Recording("loss")
    recording.append(range(1, 1 + values.size), {"loss": values.reshape(-1).tolist()})
    widget.set_series([Series("train", "training", recording.lines["loss"])])


ALL: list[tuple[type[QWidget], Callable[..., None]]] = [
    (MapGrid, _grid),
    (PixelMap, _map),
    (ZoomMap, _map),
    (NumberGrid, _numbers),
    (VectorView, _vector),
    (NumberTable, _table),
    (Chart, _curve),
]
OLD = np.array([[0.1, -0.5], [0.0, 0.25]], np.float32)
NEW = np.array([[0.1, -0.5], [0.0, 0.75]], np.float32)


@pytest.mark.parametrize(("made", "show"), ALL)
def test_without_the_keyboard_the_present_numbers_are_heard(
    qtbot: QtBot, made: type[QWidget], show: Callable[..., None]
) -> None:
    widget = made()
    qtbot.addWidget(widget)
    widget.show()
    show(widget, OLD)
    assert "0.25" in heard(widget)
    show(widget, NEW)
    assert not widget.hasFocus()
    assert "0.25" not in heard(widget)
    assert "0.75" in heard(widget)
    widget.setAccessibleDescription("Map 3")
    assert heard(widget).startswith("Map 3\n")


def test_a_stroke_looks_through_no_values_for_their_words(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Floats] = []
    find = map_speech.ends

    def ends(values: Floats, count: int | None = None) -> object:
        looked.append(values)
        return find(values, count)

    monkeypatch.setattr(map_speech, "ends", ends)
    for made, show in ALL[:3]:
        widget = made()
        qtbot.addWidget(widget)
        widget.show()
        show(widget, OLD)
        show(widget, NEW)
        assert not looked
        assert heard(widget)
        assert [values[..., 1, 1].item() for values in looked] == [0.75]
        looked.clear()


@pytest.fixture
def listening(qapp: QApplication) -> Iterator[None]:
    """A screen reader has asked for the accessibility tree."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def test_who_has_asked_is_told_once_that_there_are_other_words(
    qtbot: QtBot, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def hear(event: QAccessibleEvent) -> None:
        told.append(event.type().name)

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    view = PixelMap()
    qtbot.addWidget(view)
    view.set_values(OLD)
    assert not told, "nobody has asked"
    heard(view)
    view.set_values(OLD)
    assert not told, "the same words"
    for values in (NEW, OLD, NEW):
        view.set_values(values)
    assert told == ["DescriptionChanged"]
    heard(view)
    view.set_values(OLD)
    assert told == ["DescriptionChanged"] * 2


def test_of_a_folded_vector_the_empty_places_are_no_values(qtbot: QtBot) -> None:
    view = PixelMap()
    qtbot.addWidget(view)
    view.set_values(folded(np.arange(1, 20, dtype=np.float32)), count=19)  # 4 rows of 5
    assert heard(view) == ("19 values. Least: row 0, column 0: 1. Greatest: row 3, column 3: 19.")
    view.set_values(None)
    assert heard(view) == ""


def test_a_widget_that_goes_takes_its_interface_along(qtbot: QtBot, listening: None) -> None:
    view = PixelMap()
    view.set_values(OLD)
    heard(view)
    one = QAccessible.uniqueId(QAccessible.queryAccessibleInterface(view))
    view.deleteLater()
    QApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete)
    assert QAccessible.accessibleInterface(one) is None


_PROGRAM = """
import sys
import numpy as np
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from tests.support.heard import heard
from ui.widgets.map_grid import MapGrid
app = QApplication([])
QAccessible.setActive(True)
grids = [MapGrid() for _ in range(20)]
for grid in grids:
    grid.set_maps(np.ones((2, 3, 3), np.float32))
print(len({{heard(grid) for grid in grids}}), flush=True)
{end}
"""


@pytest.mark.parametrize("end", ["", "del grids, grid", "sys.exit(0)", "app.quit()"])
def test_a_program_ends_well_whoever_goes_first(end: str) -> None:
    """Qt deletes all interfaces that it still knows, and Python what it still holds."""
    program = [sys.executable, "-X", "faulthandler", "-c", _PROGRAM.format(end=end)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
