"""Arithmetic in steps, beside what there is to be seen: a window, a curve, a table, branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz.arithmetic import Bent, Listed, Merged, Moved, Straight, Window
from cnnviz.arithmetic.digits import places_for, shown
from cnnviz.arithmetic.others import FUNCTIONS
from cnnviz.arithmetic.text import line
from ui.i18n import text, tr
from ui.inspector.pixel_reading import verdict
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.folding import folded
from ui.widgets.function_curve import FunctionCurve
from ui.widgets.labels import Label
from ui.widgets.number_grid import NumberGrid
from ui.widgets.number_table import NumberTable
from ui.widgets.pixel_map import PixelMap
from ui.widgets.step_lines import StepLines

if TYPE_CHECKING:
    from cnnviz.arithmetic import Place
    from ui.inspector.pixel_reading import Worked

MOST_MAPS = 6
"""So many branches are shown as maps beside each other."""


class WindowView(QWidget):
    """The values under a window with the winner or what is counted, and the lines beside them."""

    entered = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid, self.steps = NumberGrid(), StepLines()
        self.box = Captioned(self.grid)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.box)
        self._row.addWidget(self.steps, 1)
        self.grid.entered.connect(self.entered)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_worked(self, worked: Worked) -> None:
        """Show a window."""
        window = worked.account.picture
        assert isinstance(window, Window)
        grey = worked.grey(0)
        self.grid.set_values(
            window.values,
            worked.limits[0],
            grey=grey,
            hatched=~window.inside & window.counted,
            empty=~window.counted,
            winner=window.winner,
        )
        height, width = window.values.shape
        count = int(window.counted.sum())
        if window.winner is not None:
            words = tr("window {height}×{width}, the winner in red", height=height, width=width)
        elif count < window.values.size:
            words = tr(
                "window {height}×{width}, {n:,} values count", height=height, width=width, n=count
            )
        else:
            words = tr("window {height}×{width}", height=height, width=width)
        self.box.caption.setText(words)
        show_steps(self.steps, worked)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.grid.setAccessibleName(tr("Window"))

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(20))
        self.box.setMinimumWidth(theme.px(170))


class StepsView(QWidget):
    """The lines with the numbers, beside a curve or a table where there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve, self.table, self.steps = FunctionCurve(), NumberTable(), StepLines()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.curve, 2)
        self._row.addWidget(self.table)
        self._row.addWidget(self.steps, 3)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_worked(self, worked: Worked) -> None:
        """Show the steps, and what belongs beside them."""
        picture = worked.account.picture
        self.curve.setVisible(isinstance(picture, Bent | Straight))
        self.table.setVisible(isinstance(picture, Listed))
        if isinstance(picture, Bent | Straight):
            xs, ys = _curve(picture)
            family = worked.row.layer.family
            self.curve.set_curve(xs, ys, picture.x, worked.account.value, family=family)
        elif isinstance(picture, Listed):
            titles = (text(picture.rows_are), *(text(title) for title, _ in picture.columns))
            columns = [values for _, values in picture.columns]
            self.table.set_table(titles, picture.labels, columns, picture.mine)
        show_steps(self.steps, worked)

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(20))


class MergedView(QWidget):
    """The same place in the maps of all branches, side by side, and what becomes of it."""

    entered = Signal(int)
    """The branch whose map was clicked twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.maps = [PixelMap() for _ in range(MOST_MAPS)]
        self.boxes = [Captioned(view) for view in self.maps]
        self._signs = [Label("", "title") for _ in range(MOST_MAPS - 1)]
        self._first = 0
        self.steps = StepLines()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for index, box in enumerate(self.boxes):
            if index:
                self._row.addWidget(self._signs[index - 1])
            self._row.addWidget(box, 2)
            box.hide()
            self.maps[index].entered.connect(
                lambda *_, index=index: self.entered.emit(self._first + index)
            )
        self._row.addWidget(self.steps, 4)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_worked(self, worked: Worked) -> None:
        """Show the branches; of many the first."""
        picture = worked.account.picture
        sources = worked.reading.sources
        first = 0
        if isinstance(picture, Moved):  # so that the branch it comes from is among them
            first = min(max(picture.which - MOST_MAPS // 2, 0), max(len(sources) - MOST_MAPS, 0))
        for index, box in enumerate(self.boxes):
            branch = first + index
            box.setVisible(branch < len(sources))
            if index:
                self._signs[index - 1].setVisible(branch < len(sources))
                sign = picture.operator if isinstance(picture, Merged) else "∥"
                self._signs[index - 1].setText(sign)
            if branch < len(sources):
                self._show_branch(worked, branch, index)
        self._first = first
        show_steps(self.steps, worked)

    def _show_branch(self, worked: Worked, branch: int, index: int) -> None:
        picture, values = worked.account.picture, worked.reading.sources[branch]
        place: Place | None = None
        if isinstance(picture, Merged):
            place = picture.places[branch]
            value = shown(picture.values[branch], places_for(picture.values), plus=True)
            words = tr("branch {n}: {value}", n=branch + 1, value=value)
        else:
            assert isinstance(picture, Moved)
            before = sum(len(source) for source in worked.reading.sources[:branch])
            last = before + len(values) - 1
            words = tr("branch {n}: {first:,}–{last:,}", n=branch + 1, first=before, last=last)
            if branch == picture.which:
                place = picture.source
        view, limit = self.maps[index], worked.limits[branch]
        if values.ndim == 3:
            grey = worked.grey(branch)
            view.set_values(values[place[0] if place else 0], limit, grey=grey)
            view.set_mark((place[1], place[2]) if place else None)
        else:
            cells = folded(values)
            view.set_values(cells, limit, count=len(values))
            view.set_mark(divmod(place[0], cells.shape[1]) if place else None)
        self.boxes[index].caption.setText(words)
        view.setAccessibleName(words)

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(8))


def _curve(picture: Bent | Straight) -> tuple[np.ndarray, np.ndarray]:
    """Points of the function around zero, as far as the value is away from it."""
    reach = max(4.0, abs(picture.x) * 1.15) if np.isfinite(picture.x) else 4.0
    xs = np.linspace(-reach, reach, 121)
    if isinstance(picture, Straight):
        return xs, xs * picture.factor + picture.offset
    _, work = FUNCTIONS[picture.function]
    return xs, np.array([work(float(x), picture.slope) for x in xs])


def show_steps(view: StepLines, worked: Worked) -> None:
    """The lines of an account, and PyTorch's word on it."""
    account = worked.account
    steps = [(text(step.title), line(step, say=text)) for step in account.steps]
    view.set_steps(steps, verdict(worked))
