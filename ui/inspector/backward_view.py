"""The arithmetic of one δ or gradient: what is multiplied with what, and what it adds up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.arithmetic import Listed, Merged, Weighted, Window
from cnnviz.arithmetic.backward.values import INPUT
from cnnviz.arithmetic.digits import places_for, rounded
from cnnviz.arithmetic.others import FUNCTIONS
from cnnviz.arithmetic.text import line
from cnnviz.arithmetic.values import Outer, Shared, Tangent
from ui.i18n import text, tr
from ui.inspector.backward_captions import (
    factor_words,
    magnified,
    product_words,
    sum_words,
    window_words,
)
from ui.inspector.pixel_reading import total_places, verdict_on
from ui.inspector.way_back import limit_of
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.function_curve import FunctionCurve
from ui.widgets.labels import Label
from ui.widgets.number_grid import NumberGrid
from ui.widgets.number_table import NumberTable
from ui.widgets.step_lines import StepLines
from ui.widgets.sum_list import Line, SumList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QResizeEvent

    from ui.inspector.way_back import WorkedBack
    from ui.inspector.wordings import Wordings

NOTHING = np.zeros((0, 0))
_LEAST_LINES = 185
"""Pixels at scale 1, in which lines of arithmetic can still be read beside a table."""


class BackwardView(QWidget):
    """Three grids, a table or a curve; beside it a sum whose parts can be chosen, or lines."""

    part_chosen = Signal(int)
    """A filter, a window, or a branch of a sum."""
    pointed = Signal(int, int)
    """Row and column of the grids that is pointed at."""
    left = Signal()
    entered = Signal(int, int)
    """Row and column of the grids that was clicked twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grids = (NumberGrid(), NumberGrid(), NumberGrid())
        self.boxes = tuple(Captioned(grid) for grid in self.grids)
        self._signs = (Label("×", "title"), Label("=", "title"))
        self.table, self.curve = NumberTable(), FunctionCurve()
        self.sums, self.steps = SumList(), StepLines()
        self._worked: WorkedBack | None = None
        self._part = 0
        self._captions: tuple[Wordings, ...] = ((), (), ())
        side_by_side = QWidget()
        self._row = QHBoxLayout(side_by_side)
        self._row.setContentsMargins(0, 0, 0, 0)
        for box, sign in zip(self.boxes, (*self._signs, None), strict=True):
            self._row.addWidget(box, 1)
            if sign is not None:
                self._row.addWidget(sign)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        for widget in (side_by_side, self.table, self.curve, QWidget()):
            self._stack.addWidget(widget)
        told = QWidget()
        lines = QVBoxLayout(told)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.sums)
        lines.addWidget(self.steps)
        self._whole = QHBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(holder, 1)
        self._whole.addWidget(told)
        self._told, self._holder = told, holder
        self.sums.chosen.connect(self.part_chosen)
        self.grids[2].legible_changed.connect(self._tell_anew)
        for grid in self.grids:
            grid.pointed.connect(self._point)
            grid.left.connect(self._leave)
            grid.entered.connect(self.entered)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_worked(self, worked: WorkedBack, part: int, remark: str = "") -> None:
        """Show one δ or gradient; of a sum of parts one of them. remark: below the lines."""
        self._worked = worked
        picture = worked.flow.picture
        self._part = part
        rule = _SHOWN.get(type(picture))
        if rule is None:
            self._stack.setCurrentIndex(3)
        else:
            rule(self, worked)
        self._holder.setVisible(rule is not None)
        summed = isinstance(picture, Weighted | Shared | Merged) and not worked.learns
        self.sums.setVisible(summed)
        self.steps.setVisible(not summed)
        lists = isinstance(picture, Listed)  # which are narrow themselves
        roomy = rule is None or lists
        self._told.setMaximumWidth(theme.px(200 if summed else 16_000 if roomy else 420))
        self._whole.setStretch(1, 3 if lists else 0)
        self._share_width()
        if summed:
            self._show_sum(worked)
        else:
            self._show_lines(worked, remark)

    @property
    def shows_delta(self) -> bool:
        """Whether δ, or the part of it that counts, is on show as numbers."""
        return not self._holder.isHidden() and self._stack.currentIndex() < 2

    def _share_width(self) -> None:
        """The lines get what a table leaves, and never more than there is; a sum cannot wrap."""
        summed = self.steps.isHidden()
        lists = self._worked is not None and isinstance(self._worked.flow.picture, Listed)
        room = self.width() - self._whole.spacing()
        held = self._table_width(room) if lists else 0
        self._holder.setMinimumWidth(held)
        held = max(held, self._holder.minimumSizeHint().width())
        left = max(room - held, theme.px(100))
        self._told.setMinimumWidth(theme.px(200) if summed else min(theme.px(290), left))

    def _table_width(self, room: int) -> int:
        """All that it asks for up to a half, and beyond that what its columns need at least, as
        long as the lines can be read beside it."""
        table = self.table
        least = min(table.least_width(), room - theme.px(_LEAST_LINES))
        return min(table.sizeHint().width(), max(room // 2, least))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def parts(self, worked: WorkedBack) -> int:
        """How many parts there are to choose from."""
        picture = worked.flow.picture
        if isinstance(picture, Weighted):
            return len(picture.sums)
        if isinstance(picture, Shared):
            return len(picture.windows)
        return len(picture.values) if isinstance(picture, Merged) else 1

    def point_at(self, cell: tuple[int, int] | None) -> None:
        """Point at a cell of the grids from outside, and read it."""
        for grid in self.grids:
            grid.point_at(cell)
        self._write(cell)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.sums.set_remark_help(
            tr(
                "PyTorch adds up in float32, which has about seven digits. Here the same numbers "
                "are added up in float64."
            )
        )

    # --- grids --------------------------------------------------------------------------------

    def _show_weighted(self, worked: WorkedBack) -> None:
        picture = worked.flow.picture
        assert isinstance(picture, Weighted)
        if not picture.mapped:
            self._stack.setCurrentIndex(1)
            labels = [str(index) for index in worked.flow.reads.columns]
            columns = [v[0, 0] for v in (picture.patch, picture.weights, picture.products)]
            titles = (tr("unit"), *(text(name) for name in picture.factors), tr("product"))
            self.table.set_table(titles, labels, columns)
            return
        if not picture.products.size:
            self._set_grids((NOTHING,) * 3, ((), (tr("nothing reaches this place"),), ()))
            return
        which = self._part
        grids = tuple(v[which] for v in (picture.patch, picture.weights, picture.products))
        limits = tuple(limit_of(v) for v in (picture.patch, picture.weights, picture.products))
        first, second = factor_words(worked, picture, which)
        grey = worked.grey and picture.factors[0] == INPUT
        self._set_grids(grids, (first, second, ()), limits, hatched=~picture.inside, grey=grey)
        self._tell_sum(grids[2], float(picture.sums[which]), worked)

    def _tell_anew(self) -> None:
        """The digits of the products can be read now, or no longer."""
        picture = None if self._worked is None else self._worked.flow.picture
        if self._worked is None or not isinstance(picture, Weighted):
            return
        if picture.mapped and picture.products.size:
            products = picture.products[self._part]
            self._tell_sum(products, float(picture.sums[self._part]), self._worked)

    def _tell_sum(self, products: np.ndarray, part: float, worked: WorkedBack) -> None:
        """Below the products what they add up to; where their digits can be read, with what these
        do not add up by."""
        grid = self.grids[2]
        legible = grid.shows_numbers()
        words = sum_words(worked, products, part, grid.places, legible=legible)
        self._captions = (*self._captions[:2], words)
        grid.setAccessibleName(self._captions[2][0])
        self._write(None)

    def _show_shared(self, worked: WorkedBack) -> None:
        picture = worked.flow.picture
        assert isinstance(picture, Shared)
        if not picture.windows:
            self._set_grids((NOTHING,) * 3, ((), (tr("No window reads this value"),), ()))
            return
        window = picture.windows[self._part]
        largest = limit_of(window.handed)
        limits = (limit_of(window.values), limit_of(window.shares), largest)
        grids = (window.values, window.shares, window.handed)
        self._set_grids(
            grids, window_words(window), limits, hatched=~window.inside,
            signs=("→", "· δ ="), winner=window.winner,
        )  # fmt: skip
        for grid in self.grids:
            grid.point_at(window.cell)

    def _show_outer(self, worked: WorkedBack) -> None:
        picture = worked.flow.picture
        assert isinstance(picture, Outer)
        grids = (picture.delta[:, None], picture.x[None, :], picture.products)
        learned = (tr("gradient of the weights"), tr("gradient"))
        words = ((tr("δ of the units"), "δ"), (tr("inputs"),), learned)
        self._set_grids(grids, words, tuple(limit_of(v) for v in grids), signs=("·", "="))
        cells = ((picture.row, 0), (0, picture.column), (picture.row, picture.column))
        for grid, cell in zip(self.grids, cells, strict=True):
            grid.point_at(cell)

    def _show_window(self, worked: WorkedBack) -> None:
        picture = worked.flow.picture
        assert isinstance(picture, Window)
        height, width = picture.values.shape
        words = tr("δ of the {height}×{width} map", height=height, width=width)
        if picture.values.size == 1:
            words = tr("δ of the output")
        grids = (picture.values, NOTHING, NOTHING)
        self._set_grids(
            grids, ((words,), (), ()), (limit_of(picture.values), 1.0, 1.0), signs=("", "")
        )

    def _set_grids(
        self,
        grids: Sequence[np.ndarray],
        words: tuple[Wordings, ...],
        limits: Sequence[float] = (1.0, 1.0, 1.0),
        *,
        hatched: np.ndarray | None = None,
        signs: tuple[str, str] = ("×", "="),
        winner: tuple[int, int] | None = None,
        grey: bool = False,
    ) -> None:
        """Numbers too small for the places that a cell has room for are shown as tenths and more of
        a power of ten, which the caption names."""
        self._stack.setCurrentIndex(0)
        told = []
        for index, (grid, values) in enumerate(zip(self.grids, grids, strict=True)):
            factor, power = magnified(values)
            told.append(tuple(f"{one}{power}" for one in words[index]))
            masked = hatched if hatched is not None and hatched.shape == values.shape else None
            first = index == 0
            grid.set_values(
                values * factor, limits[index] * factor, hatched=masked if first else None,
                winner=winner if first else None, grey=grey and first,
            )  # fmt: skip
            grid.point_at(None)
            grid.setAccessibleName("".join(told[index][:1]))
            self.boxes[index].setVisible(bool(values.size) or not any(g.size for g in grids))
        self._captions = tuple(told)
        for sign, words_of, values in zip(self._signs, signs, grids[1:], strict=True):
            sign.setText(words_of)
            sign.set_role("title" if len(words_of) == 1 else "heading")
            sign.setVisible(bool(values.size))
        self._write(None)

    def _write(self, cell: tuple[int, int] | None) -> None:
        """The captions of the grids, or what is pointed at in them."""
        worked = self._worked
        picture = None if worked is None else worked.flow.picture
        words = self._captions
        pointed = cell is not None and isinstance(picture, Weighted) and picture.products.size
        if pointed and cell is not None and isinstance(picture, Weighted) and worked is not None:
            height, width = picture.inside.shape
            if cell[0] < height and cell[1] < width:
                words = product_words(worked, picture, self._part, cell)
        for box, caption in zip(self.boxes, words, strict=True):
            box.caption.choose(*(caption or ("",)))

    def _point(self, row: int, column: int) -> None:
        if isinstance(self._worked and self._worked.flow.picture, Weighted):
            self.point_at((row, column))
        self.pointed.emit(row, column)

    def _leave(self) -> None:
        if self._worked is not None and isinstance(self._worked.flow.picture, Weighted):
            self.point_at(None)
        self.left.emit()

    # --- tables and curves --------------------------------------------------------------------

    def _show_listed(self, worked: WorkedBack) -> None:
        picture = worked.flow.picture
        assert isinstance(picture, Listed)
        self._stack.setCurrentIndex(1)
        titles = (text(picture.rows_are), *(text(title) for title, _ in picture.columns))
        columns = [values for _, values in picture.columns]
        self.table.set_table(titles, picture.labels, columns, picture.mine)

    def _show_tangent(self, worked: WorkedBack) -> None:
        picture = worked.flow.picture
        assert isinstance(picture, Tangent)
        self._stack.setCurrentIndex(2)
        reach = max(4.0, abs(picture.x) * 1.15) if np.isfinite(picture.x) else 4.0
        xs = np.linspace(-reach, reach, 121)
        _, work = FUNCTIONS[picture.function]
        ys = np.array([work(float(x), picture.slope) for x in xs])
        self.curve.set_curve(xs, ys, picture.x, work(picture.x, picture.slope), picture.rise)

    def _show_merged(self, worked: WorkedBack) -> None:
        picture = worked.flow.picture
        assert isinstance(picture, Merged)
        self._stack.setCurrentIndex(1)
        labels = [tr("branch {n}", n=n) for n in range(1, len(picture.values) + 1)]
        self.table.set_table((tr("from"), tr("δ")), labels, [np.array(picture.values)], self._part)

    # --- sums and lines -----------------------------------------------------------------------

    def _show_sum(self, worked: WorkedBack) -> None:
        picture, flow = worked.flow.picture, worked.flow
        places = total_places(flow)
        if isinstance(picture, Weighted):
            terms = picture.sums.tolist()
            names = [tr("map {index}", index=index) for index in flow.reads.channels]
            if len(terms) == 1:
                names = [tr("products")]
        elif isinstance(picture, Shared):
            terms = [window.part for window in picture.windows]
            names = [
                tr("window {row}, {column}", row=window.row, column=window.column)
                for window in picture.windows
            ]
        else:
            assert isinstance(picture, Merged)
            terms = list(picture.values)
            names = [tr("branch {n}", n=n) for n in range(1, len(terms) + 1)]
        places = max(places, places_for(terms)) if terms else places
        made = rounded(terms, flow.value, places)
        lines = [Line(name, number) for name, number in zip(names, made.terms, strict=True)]
        more = []
        if made.remainder:
            help_text = tr("How far the digits that are shown here are from adding up.")
            more.append(Line(tr("rounding"), made.remainder, help_text))
        verdict = verdict_on(flow, worked.computed, places)
        self.sums.set_sum(lines, self._part, more, made.total, verdict)

    def _show_lines(self, worked: WorkedBack, more: str) -> None:
        flow = worked.flow
        steps = [(text(step.title), line(step, say=text)) for step in flow.steps]
        steps += [(text(step.title), line(step, say=text)) for step in worked.update]
        remark = verdict_on(flow, worked.computed)
        if worked.learns:
            remark = tr("Gradient: {verdict}", verdict=remark)
        self.steps.set_steps(steps, f"{remark}\n{more}" if more else remark)

    def _restyle(self) -> None:
        self._row.setSpacing(theme.px(8))
        self._whole.setSpacing(theme.px(14))


_SHOWN: dict[type, Callable[[BackwardView, WorkedBack], None]] = {
    Weighted: BackwardView._show_weighted,
    Shared: BackwardView._show_shared,
    Outer: BackwardView._show_outer,
    Window: BackwardView._show_window,
    Listed: BackwardView._show_listed,
    Tangent: BackwardView._show_tangent,
    Merged: BackwardView._show_merged,
}
"""What there is to be seen beside the lines, by what came about."""
