"""One δ or gradient: the input at the left, the arithmetic, and δ of the output at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz.arithmetic import Listed, Weighted
from cnnviz.arithmetic.values import Shared
from cnnviz.layers import Maps
from ui.i18n import tr
from ui.inspector.backward_view import BackwardView
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.folding import folded
from ui.widgets.pixel_map import PixelMap

if TYPE_CHECKING:
    from cnnviz.arithmetic import Place
    from ui.inspector.way_back import WorkedBack
    from ui.inspector.wordings import Wordings

NARROW, TIGHT = 900, 760
"""Of the page, in pixels at scale 1: below the first the maps beside the numbers are smaller, below
the second those make room that the grids show parts of anyway."""


class BackwardValue(QWidget):
    """δ comes from the right and goes to the left, as the layers stand on the canvas."""

    place_chosen = Signal(object)
    """Another place of what is worked out."""
    place_edited = Signal(int, int)
    """Which number of the place, and its new value."""
    output_entered = Signal(object)
    """A place in δ of the output whose own arithmetic is asked for."""
    part_entered = Signal(int)
    """A branch of a fork."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input, self.output, self.kernel = PixelMap(), PixelMap(), PixelMap()
        self._input_box, self._output_box = Captioned(self.input), Captioned(self.output)
        self._kernel_box = Captioned(self.kernel)
        self.view = BackwardView()
        self._worked: WorkedBack | None = None
        self._remark = ""
        self._room = 0
        self._part = 0
        self._position: tuple[int, int] | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._input_box)
        self._row.addWidget(self._kernel_box)
        self._row.addWidget(self.view, 1)
        self._row.addWidget(self._output_box)
        ends = (self._input_box, self._kernel_box, self._output_box)
        Captioned.in_a_row(*ends, *self.view.boxes)
        self.input.chosen.connect(self._choose_input)
        self.input.moved.connect(self._move)
        self.input.maps_moved.connect(self._move_map)
        self.kernel.chosen.connect(self._choose_kernel)
        self.kernel.moved.connect(self._move)
        self.kernel.maps_moved.connect(self._move_map)
        self.output.chosen.connect(self._choose_output)
        self.output.entered.connect(self._enter_output)
        self.output.moved.connect(self._move_position)
        self.view.part_chosen.connect(self._choose_part)
        self.view.pointed.connect(self._point)
        self.view.left.connect(self._point_at_none)
        self.view.entered.connect(self._enter_cell)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_worked(self, worked: WorkedBack, remark: str) -> None:
        """Show one δ or gradient, and a remark below its lines."""
        before = self._worked
        same = before is not None and (before.row, before.quantity) == (
            worked.row, worked.quantity
        )  # fmt: skip
        if not same or before is None or before.place != worked.place:
            self._part = _first_part(worked)
        self._part = max(0, min(self._part, self.view.parts(worked) - 1))
        self._worked, self._remark = worked, remark
        self._position = self._position if same else None
        self._show()

    def next_position(self) -> bool:
        """Go on to the next position that a weight has met; False where there is none to go to."""
        worked = self._worked
        picture = None if worked is None else worked.flow.picture
        if worked is None or not worked.learns or not isinstance(picture, Weighted):
            return False
        height, width = picture.inside.shape
        if height * width < 2:
            return False
        row, column = self._position or (0, -1)
        place = (row * width + column + 1) % (height * width)
        self._point(*divmod(place, width))
        self.view.point_at(self._position)
        return True

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.view.retranslate()
        self.kernel.setAccessibleName(tr("Gradient of the kernel"))

    # --- showing ------------------------------------------------------------------------------

    def _show(self) -> None:
        worked = self._worked
        if worked is None:
            return
        self.view.show_worked(worked, self._part, self._remark)
        self._show_ends(worked)
        self._show_input(worked)
        self._show_output(worked)
        self._show_kernel(worked)
        for view in (self.input, self.output):
            view.point_at(None)
        if worked.learns and self._position is not None:
            self.view.point_at(self._position)
            self._mark_position(worked, self._position)

    def _show_ends(self, worked: WorkedBack) -> None:
        """The map that is read and δ of the output, as far as there is room."""
        tight = self._room < theme.px(TIGHT) and self.view.shows_delta
        learns_kernel = worked.learns and worked.result.ndim != 2
        self._output_box.setVisible(worked.row is not None and not tight)
        self._input_box.setVisible(
            not learns_kernel or (worked.quantity.name != "bias" and not tight)
        )

    @property
    def keyboard_view(self) -> PixelMap:
        """The map in which the arrow keys choose what is worked out."""
        return self.kernel if self._input_box.isHidden() else self.input

    def set_room(self, width: int) -> None:
        """So many pixels there are, though what is shown may need more and scroll."""
        self._room = width
        self._restyle()
        if self._worked is not None:
            self._show_ends(self._worked)

    def _show_input(self, worked: WorkedBack) -> None:
        values = worked.seen if worked.learns else worked.result
        limit = worked.limits[1 if worked.learns else 2]
        sees = worked.flow.sees
        if values.ndim == 3:
            index = sees.channels[0] if worked.learns else worked.place[0]
            index = min(index, len(values) - 1)
            self.input.set_values(values[index], limit, grey=worked.grey)
            if worked.learns:
                whole = len(sees.rows) * len(sees.columns) > 1
                self.input.set_window(sees.rows if whole else (), sees.columns if whole else ())
                self.input.set_mark(None if whole else (sees.rows[0], sees.columns[0]))
                wordings: Wordings = (tr("input, map {index}", index=index),)
            else:
                self.input.set_window((), ())
                self.input.set_mark((worked.place[1], worked.place[2]))
                row, column = worked.place[1:]
                words = tr("δ of the input: map {map}, row {row}, column {column}",
                           map=index, row=row, column=column)  # fmt: skip
                wordings = words, f"δ: {tr('map {index}', index=index)}: {row}, {column}"
        else:
            index = sees.columns[0] if worked.learns else worked.place[0]
            cells = folded(values)
            self.input.set_values(cells, limit, count=len(values), grey=worked.grey)
            self.input.set_window((), ())
            self.input.set_mark(divmod(index, cells.shape[1]))
            wordings = (tr("input, value {index}", index=index),)
            if not worked.learns:
                wordings = tr("δ of the input: value {index}", index=index), f"δ {index}"
            if worked.row is None:
                wordings = (tr("δ of the outputs: class {index}", index=index),)
        self._input_box.caption.choose(*wordings)
        self.input.setAccessibleName(wordings[0])
        self.input.setAccessibleDescription(f"{wordings[0]}: {significant(worked.computed)}")

    def _show_output(self, worked: WorkedBack) -> None:
        delta, reads = worked.delta, worked.flow.reads
        if delta.ndim == 3:
            index = min(self._output_map(worked), len(delta) - 1)
            self.output.set_values(delta[index], worked.limits[0])
            rows, columns = reads.rows, reads.columns
            if isinstance(worked.flow.picture, Shared) and worked.flow.picture.windows:
                window = worked.flow.picture.windows[self._part]
                self.output.set_mark((window.row, window.column))
                self.output.set_window((), ())
            elif len(rows) * len(columns) == 1:
                self.output.set_window((), ())
                self.output.set_mark((rows[0], columns[0]))
            else:
                self.output.set_mark(None)
                self.output.set_window(rows, columns)
            wordings = tr("δ of the output, map {index}", index=index), f"δ {index}"
        else:
            cells = folded(delta)
            self.output.set_values(cells, worked.limits[0], count=len(delta))
            self.output.set_window((), ())
            one = reads.columns[0] if len(reads.columns) == 1 else None
            self.output.set_mark(None if one is None else divmod(one, cells.shape[1]))
            wordings = tr("δ of the output"), "δ"
            if one is not None:
                wordings = tr("δ of the output, value {index}", index=one), f"δ {one}"
        self._output_box.caption.choose(*wordings)
        self.output.setAccessibleName(wordings[0])
        self.output.setAccessibleDescription(wordings[0])

    def _show_kernel(self, worked: WorkedBack) -> None:
        result, place = worked.result, worked.place
        given = worked.learns and result.ndim != 2
        self._kernel_box.setVisible(given)
        if not given:
            return
        if result.ndim == 1:
            cells = folded(result)
            self.kernel.set_values(cells, worked.limits[2], count=len(result))
            self.kernel.set_mark(divmod(place[0], cells.shape[1]))
            words = tr("gradient, all {n:,}", n=len(result))
        else:
            values = result[place[:-2]]
            self.kernel.set_values(values, worked.limits[2])
            self.kernel.set_mark((place[-2], place[-1]))
            words = tr("gradient {index}", index=", ".join(map(str, place[:-2])))
        self._kernel_box.caption.setText(words)
        self.kernel.setAccessibleDescription(f"{words}: {significant(worked.computed)}")

    def _output_map(self, worked: WorkedBack) -> int:
        """Which map of δ is shown: that of the part, or among neighbours the value's own."""
        channels = worked.flow.reads.channels
        if isinstance(worked.flow.picture, Listed) and not worked.learns:
            return worked.place[0]
        if not channels:
            return 0
        return channels[self._part if self._many(worked) else 0]

    def _many(self, worked: WorkedBack) -> bool:
        """Whether the parts of a sum are maps of the output."""
        picture = worked.flow.picture
        return isinstance(picture, Weighted) and picture.mapped and not worked.learns

    # --- choosing -----------------------------------------------------------------------------

    def _choose_input(self, row: int, column: int) -> None:
        worked = self._worked
        if worked is None or worked.learns:
            return
        if worked.result.ndim == 3:
            self.place_chosen.emit((worked.place[0], row, column))
        else:
            self.place_chosen.emit((row * folded(worked.result).shape[1] + column,))

    def _choose_kernel(self, row: int, column: int) -> None:
        worked = self._worked
        if worked is None:
            return
        if worked.result.ndim == 1:
            self.place_chosen.emit((row * folded(worked.result).shape[1] + column,))
        else:
            self.place_chosen.emit((*worked.place[:-2], row, column))

    def _choose_output(self, row: int, column: int) -> None:
        """For a gradient another position; for δ a value that the window there has read."""
        worked = self._worked
        if worked is None or worked.row is None:
            return
        if worked.learns:
            self._go_to_position(row, column)
            return
        x, layer = worked.row.input, worked.row.layer
        if not isinstance(x, Maps) or len(worked.place) != 3 or worked.delta.ndim != 3:
            return
        place = []
        for axis, (at, size) in enumerate(((row, x.height), (column, x.width))):
            span = layer.reads(x, axis, (at, at))
            middle = worked.place[1 + axis] if span is None else sum(span) // 2
            place.append(min(max(middle, 0), size - 1))
        self.place_chosen.emit((worked.place[0], *place))

    def _enter_output(self, row: int, column: int) -> None:
        worked = self._worked
        if worked is None or worked.row is None:
            return
        place: Place
        if worked.delta.ndim == 3:
            place = (self._output_map(worked), row, column)
        else:
            place = (row * folded(worked.delta).shape[1] + column,)
        if all(n < m for n, m in zip(place, worked.delta.shape, strict=True)):
            self.output_entered.emit(place)

    def _enter_cell(self, row: int, column: int) -> None:
        """A δ in the patch was clicked twice: how did it come about?"""
        worked = self._worked
        if worked is None or not self._many(worked):
            return
        down, across = (axis[at] for axis, at in zip(worked.flow.taps, (row, column), strict=True))
        if down is not None and across is not None and min(down, across) >= 0:
            self._enter_output(down, across)

    def _choose_part(self, part: int) -> None:
        worked = self._worked
        if worked is not None and worked.quantity.kind == "fork":
            self.part_entered.emit(part)
            return
        self._part = part
        self._show()

    def _move(self, down: int, right: int) -> None:
        worked = self._worked
        if worked is None:
            return
        if len(worked.place) == 1:
            columns = folded(worked.result).shape[1] if worked.result.ndim == 1 else 1
            step = down * columns + right if columns > 1 else down + right
            self.place_edited.emit(0, worked.place[0] + step)
        elif down:
            self.place_edited.emit(len(worked.place) - 2, worked.place[-2] + down)
        else:
            self.place_edited.emit(len(worked.place) - 1, worked.place[-1] + right)

    def _move_map(self, by: int) -> None:
        worked = self._worked
        if worked is not None and len(worked.place) > 2:
            axis = len(worked.place) - 3
            self.place_edited.emit(axis, worked.place[axis] + by)

    # --- positions of a weight ----------------------------------------------------------------

    def _go_to_position(self, row: int, column: int) -> None:
        worked = self._worked
        picture = None if worked is None else worked.flow.picture
        if isinstance(picture, Weighted) and worked is not None:
            reads = worked.flow.reads
            if row in reads.rows and column in reads.columns:
                self._point(reads.rows.index(row), reads.columns.index(column))
                self.view.point_at(self._position)

    def _move_position(self, down: int, right: int) -> None:
        worked = self._worked
        picture = None if worked is None else worked.flow.picture
        if worked is None or not isinstance(picture, Weighted):
            return
        if not worked.learns:
            self._move(down, right)
            return
        height, width = picture.inside.shape
        row, column = self._position or (0, 0)
        self._point(min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1))
        self.view.point_at(self._position)

    def _point(self, row: int, column: int) -> None:
        """Show where in input and output a cell of the grids stands."""
        worked = self._worked
        if worked is None or not isinstance(worked.flow.picture, Weighted):
            return
        if worked.learns:
            self._position = (row, column)
            self._mark_position(worked, self._position)
            return
        down, across = (
            axis[at] if at < len(axis) else None
            for axis, at in zip(worked.flow.taps, (row, column), strict=True)
        )
        inside = down is not None and across is not None
        self.output.point_at((down, across) if inside else None)  # type: ignore[arg-type]

    def _mark_position(self, worked: WorkedBack, cell: tuple[int, int]) -> None:
        reads, sees = worked.flow.reads, worked.flow.sees
        for view, places in ((self.output, reads), (self.input, sees)):
            row, column = cell
            if row < len(places.rows) and column < len(places.columns):
                view.point_at((places.rows[row], places.columns[column]))

    def _point_at_none(self) -> None:
        if self._worked is not None and not self._worked.learns:
            self.output.point_at(None)

    # --- Qt -----------------------------------------------------------------------------------

    def _restyle(self) -> None:
        wide = self._room >= theme.px(NARROW)
        self._row.setSpacing(theme.px(14))
        for box in (self._input_box, self._output_box):
            box.setFixedWidth(theme.px(150 if wide else 116))
        self._kernel_box.setFixedWidth(theme.px(110 if wide else 84))


def _first_part(worked: WorkedBack) -> int:
    """The part of a sum that is shown first: that with the most to say."""
    picture = worked.flow.picture
    if isinstance(picture, Shared):
        parts = [abs(window.part) for window in picture.windows]
    elif isinstance(picture, Weighted):
        parts = np.abs(picture.sums).tolist()
    else:
        return 0
    return parts.index(max(parts)) if parts and np.isfinite(parts).all() else 0
