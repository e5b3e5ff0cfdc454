"""One value of a layer's output: how it came about, with all numbers, and where it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.arithmetic import Absent, Place, Weighted, Window, dims
from cnnviz.arithmetic.sources import sources_of
from cnnviz.arithmetic.text import as_table, as_text
from cnnviz.layers import Branches, Conv2d, Maps
from cnnviz.network import INPUT_UID
from ui.array_export import tabled
from ui.i18n import language, text, tr
from ui.inspector.pixel_bar import PixelBar
from ui.inspector.pixel_ends import OutputView, SourceView
from ui.inspector.pixel_reading import (
    Worked,
    branch_place,
    clamped,
    first_wanted,
    moved,
    next_place,
    output_place,
    source_place,
    strongest,
    window_place,
    work,
)
from ui.inspector.pixel_sliding import MILLISECONDS, Sliding
from ui.inspector.pixel_steps import MergedView, StepsView, WindowView
from ui.inspector.pixel_weighted import WeightedView
from ui.inspector.reading import absence
from ui.inspector.taking_along import Numbers, TakingAlong
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.labels import Label
from ui.widgets.sideways import Sideways

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent

    from cnnviz.export.tables import Tabled
    from ui.engine_client import EngineClient
    from ui.inspector.pixel_actions import PixelActions
    from ui.session import Session

ENDS = ((1050, 184), (900, 124), (0, 108))
"""From so wide a page on, in pixels at scale 1, the maps at both ends are so wide."""


class PixelPage(QWidget):
    """Input with the window, the arithmetic, and output with the value that it makes."""

    left = Signal()
    """Beside everything was clicked, or Escape pressed: back to the maps."""
    told = Signal(object)
    """Message: a table that was written."""
    trouble = Signal(object)
    """Message: a table that cannot be written."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        actions: PixelActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._engine, self._actions = session, engine, actions
        self._places: dict[str, Place] = {}
        self._channel = 0
        self._worked: Worked | None = None
        self._source_box, self._output_box = SourceView(), OutputView()
        self.source, self.output = self._source_box.map, self._output_box.map
        self.weighted, self.window_view = WeightedView(), WindowView()
        self.steps, self.merged = StepsView(), MergedView()
        self.bar = PixelBar(actions)
        self.message = Label("", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.sliding = Sliding(self, actions, self.bar)
        self.along = TakingAlong(self, actions, self._numbers)
        self._lay_out()
        self._connect()
        self._restyle()
        self.retranslate()

    @property
    def worked(self) -> Worked | None:
        """What is shown now."""
        return self._worked

    def place(self) -> Place | None:
        """Where the value is that is shown."""
        return None if self._worked is None else self._worked.place

    def choose(self, uid: str, place: Place) -> None:
        """Show another value of a layer, which becomes the selected one."""
        self._places[uid] = place
        if uid == self._session.selection:
            self.show_picture()
        else:
            self._session.select(uid)

    def refresh(self) -> None:
        """Show what is selected now."""
        self._want()
        self.show_picture()

    def show_picture(self, milliseconds: int = 0) -> None:
        """Show the newest values; the window glides to its place in so long."""
        uid, picture = self._session.selection, self._engine.picture
        if uid == INPUT_UID:
            self._show_message(
                tr(
                    "The input is the image itself. Select a layer to see how its values come "
                    "about."
                )
            )
            return
        missing = absence(self._session, self._engine)
        if missing or picture is None:
            self._show_message(missing)
            return
        values = picture.maps.get(uid)
        row = self._session.report.row(uid)
        place = clamped(self._places[uid], row) if uid in self._places else None
        if place is None:
            if values is None or row.output is None or values.shape[1:] != dims(row.output)[1:]:
                self._show_message("")
                return
            place = strongest(values)
        self._places[uid] = place
        self._want()
        found = work(self._session.report, picture, uid, place)
        if isinstance(found, Absent):
            self._show_message(text(found.reason))
            return
        self._show(found, milliseconds)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("One pixel"))
        self.weighted.retranslate()
        self.window_view.retranslate()
        self.bar.set_views(
            [("window", tr("Window")), ("matrices", tr("Matrices"))],
            tr("View of the convolution"),
            tr("The window with its kernel, or all patches and filters as two matrices (im2col)"),
        )
        self.show_picture()

    # --- making -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        # From the outside in: whatever gets another parent is told so with all that is in it.
        self._stack = QStackedLayout(self)
        self._content, pictures, middle = QWidget(self), QWidget(self), QWidget(self)
        self._stack.addWidget(self._content)
        self._stack.addWidget(self.message)
        self._column = QVBoxLayout(self._content)
        self._column.addWidget(Sideways(pictures, self._content), 1)
        self._column.addWidget(self.bar)
        self._pictures = QHBoxLayout(pictures)
        self._pictures.setContentsMargins(0, 0, 0, 0)
        self._pictures.addWidget(self._source_box)
        self._pictures.addWidget(middle, 1)
        self._pictures.addWidget(self._output_box)
        self._middle = QStackedLayout(middle)
        for view in (self.weighted, self.window_view, self.steps, self.merged):
            self._middle.addWidget(view)
        ends = (self._source_box, self._output_box)
        Captioned.in_a_row(*ends, *self.weighted.boxes, *self.weighted.matrices.boxes,
                           self.window_view.box, *self.merged.boxes)  # fmt: skip

    def _connect(self) -> None:
        self.source.chosen.connect(self._choose_window)
        self.source.entered.connect(self._enter_source)
        self.output.chosen.connect(self._choose_output)
        for view in (self.source, self.output):
            view.moved.connect(self._move)
            view.maps_moved.connect(self._move_map)
        self.weighted.channel_chosen.connect(self._choose_channel)
        self.weighted.entered.connect(self._enter_window)
        self.weighted.pointed.connect(self._point_at_source)
        self.weighted.left.connect(self._source_box.point_at_none)
        self.weighted.matrices.chosen.connect(self._choose_in_matrices)
        self.window_view.entered.connect(self._enter_window)
        self.merged.entered.connect(self._enter_branch)
        self.bar.place_edited.connect(self._edit_place)
        self.bar.view_chosen.connect(lambda _: self.show_picture())
        self.sliding.stepped.connect(self._step)
        self.along.told.connect(self.told)
        self.along.trouble.connect(self.trouble)
        self._session.selection_changed.connect(self._rest)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)

    def _restyle(self) -> None:
        self._column.setContentsMargins(theme.px(14), theme.px(8), theme.px(14), theme.px(8))
        self._column.setSpacing(theme.px(6))
        self._pictures.setSpacing(theme.px(20))
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, the numbers in the middle get more of it."""
        room = self.width() / theme.scale
        width = next(width for least, width in ENDS if room >= least)
        for box in (self._source_box, self._output_box):
            box.setFixedWidth(theme.px(width))

    # --- showing ------------------------------------------------------------------------------

    def _show_message(self, words: str) -> None:
        self._worked = None
        self.message.setText(words)
        self._stack.setCurrentWidget(self.message)
        self._actions.set_enabled(False)

    def _show(self, worked: Worked, milliseconds: int) -> None:
        self._worked = worked
        account, picture = worked.account, worked.account.picture
        count = len(account.reads.channels)
        self._channel = min(self._channel, count - 1) if isinstance(picture, Weighted) else 0
        side_by_side = isinstance(worked.row.layer, Branches)
        convolves = isinstance(worked.row.layer, Conv2d)
        as_matrices = convolves and self.bar.views.current() == "matrices"
        if isinstance(picture, Weighted):
            self._middle.setCurrentWidget(self.weighted)
            self.weighted.show_worked(worked, self._channel, matrices=as_matrices)
        elif isinstance(picture, Window):
            self._middle.setCurrentWidget(self.window_view)
            self.window_view.show_worked(worked)
        elif side_by_side:
            self._middle.setCurrentWidget(self.merged)
            self.merged.show_worked(worked)
        else:
            self._middle.setCurrentWidget(self.steps)
            self.steps.show_worked(worked)
        self._source_box.setVisible(not side_by_side)
        if not side_by_side:
            self._source_box.show_worked(worked, self._channel, milliseconds)
        self._output_box.show_worked(worked)
        assert worked.row.output is not None
        self.bar.show_place(worked.place, dims(worked.row.output))
        self.bar.show_views(convolves)
        self._stack.setCurrentWidget(self._content)
        self._actions.set_enabled(self.isVisible())

    # --- choosing -----------------------------------------------------------------------------

    def _go_to(self, place: Place, milliseconds: int = 0) -> None:
        self._places[self._session.selection] = place
        self.show_picture(milliseconds)

    def _choose_output(self, row: int, column: int) -> None:
        if self._worked is not None:
            self._go_to(output_place(self._worked, row, column))

    def _choose_window(self, row: int, column: int) -> None:
        """Move the window to where somebody points in the input."""
        place = None if self._worked is None else window_place(self._worked, row, column)
        if place is not None:
            self._go_to(place)

    def _choose_in_matrices(self, position: int, filter_: int) -> None:
        worked = self._worked
        if worked is not None and isinstance(worked.row.output, Maps):
            self._go_to((filter_, *divmod(position, worked.row.output.width)))

    def _choose_channel(self, channel: int) -> None:
        self._channel = channel
        self.show_picture()

    def _move(self, down: int, right: int) -> None:
        if self._worked is not None:
            self._go_to(moved(self._worked.place, self._worked.row, down, right), MILLISECONDS // 2)

    def _move_map(self, by: int) -> None:
        worked = self._worked
        if worked is not None and len(worked.place) > 1:
            self._edit_place(0, worked.place[0] + by)

    def _edit_place(self, index: int, value: int) -> None:
        worked = self._worked
        if worked is not None:
            changed = (*worked.place[:index], value, *worked.place[index + 1 :])
            self._go_to(clamped(changed, worked.row) or worked.place)

    def _point_at_source(self, row: int, column: int) -> None:
        """Show in the input which value of it is pointed at in the window."""
        if self._worked is not None:
            reads = self._worked.account.reads
            self._source_box.point_at(reads.rows[row], reads.columns[column])

    # --- one layer back -----------------------------------------------------------------------

    def _enter_window(self, row: int, column: int) -> None:
        """Ask how a value of the window came about."""
        if self._worked is not None:
            reads = self._worked.account.reads
            self._enter_source(reads.rows[row], reads.columns[column])

    def _enter_source(self, row: int, column: int) -> None:
        if self._worked is not None:
            found = source_place(self._worked, self._channel, row, column)
            if found is not None:
                self.choose(*found)

    def _enter_branch(self, branch: int) -> None:
        found = None if self._worked is None else branch_place(self._worked, branch)
        if found is not None:
            self.choose(*found)

    # --- sliding ------------------------------------------------------------------------------

    def _step(self, milliseconds: int) -> None:
        if self._worked is not None:
            self._go_to(next_place(self._worked.place, self._worked.row), milliseconds)

    def _rest(self) -> None:
        self._actions.slide.setChecked(False)
        self._channel = 0

    # --- taking the numbers along -------------------------------------------------------------

    @property
    def offers(self) -> bool:
        """Whether there are numbers to be taken along."""
        return self._stack.currentWidget() is not self.message and self._worked is not None

    def plate(self) -> Tabled | None:
        """The numbers of the value on show."""
        numbers = self._numbers() if self.offers else None
        return None if numbers is None else tabled(numbers.words.partition("\n")[0], numbers.table)

    def _numbers(self) -> Numbers | None:
        worked = self._worked
        if worked is None:
            return None
        heading = f"{text(worked.row.layer.name)} — {self._output_box.caption.text()}"
        words = as_text(worked.account, worked.computed, text)
        return Numbers(f"{heading}\n{words}", as_table(worked.account, text))

    def finish(self) -> None:
        """The program ends: wait for a table that is being written."""
        self.along.finish()

    # --- Qt -----------------------------------------------------------------------------------

    def _want(self) -> None:
        """Ask for all maps of what the selected layer reads, while this is on show, and for the
        weights that the value is made with."""
        uid, report = self._session.selection, self._session.report
        if uid == INPUT_UID or not self.isVisible():
            self._engine.want_whole(())
            return
        place = self._places.get(uid)
        row = report.row(uid)
        first = first_wanted(row, self._engine.picture, place) if place is not None else 0
        self._engine.want_whole(tuple(source.uid for source in sources_of(report, uid)), first)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._actions.set_enabled(False)
        self._engine.want_whole(())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._worked is not None and _is_ground(self.childAt(event.position().toPoint())):
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _is_ground(child: QWidget | None) -> bool:
    """Whether nothing is to be seen there: the page, or a widget that only holds others."""
    only_here = Qt.FindChildOption.FindDirectChildrenOnly
    return child is None or bool(child.findChildren(QWidget, options=only_here))
