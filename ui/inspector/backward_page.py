"""The way back of one image: all layers, one of them, one value, and back by clicking beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cnnviz.arithmetic import Absent, Place
from cnnviz.arithmetic.backward.loss import loss
from cnnviz.arithmetic.text import line
from cnnviz.explain import maps_behind
from cnnviz.explain.way_back import AT_REST, LOSS, WAY_BACK, first_step
from cnnviz.network import INPUT_UID
from ui.array_export import tabled
from ui.i18n import class_names, language, text, tr
from ui.inspector.backward_asking import SLOT, Asking
from ui.inspector.backward_movement import Movement
from ui.inspector.backward_stage import BackwardStage
from ui.inspector.backward_training import TRAINING_SLOT, InTraining
from ui.inspector.backward_where import Where, Zoom
from ui.inspector.backward_words import numbers_of, tiles_of, title_of
from ui.inspector.pixel_sliding import Sliding
from ui.inspector.taking_along import TakingAlong
from ui.inspector.way_back import (
    LOSS_UID,
    Course,
    Quantity,
    WorkedBack,
    axes_of,
    belongs,
    branch_of,
    next_index,
    quantities,
    reader_of,
    size_of,
    with_update,
    work_back,
    work_error,
)
from ui.numerals import significant

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent

    from cnnviz.export.arrays import Plate
    from cnnviz.export.tables import Tabled
    from ui.engine_client import EngineClient
    from ui.inspector.pixel_actions import PixelActions
    from ui.inspector.taking_along import Numbers
    from ui.session import Session


class BackwardPage(BackwardStage):
    """A rail with the zooms, and beside it what there is at each of them.

    It asks anew with every picture, so that it follows the pen, edits and a run.
    """

    left = Signal()
    """Beside all layers was clicked, or Escape pressed there."""
    told = Signal(object)
    """Message: a file that was written."""
    trouble = Signal(object)
    """Message: a file that cannot be written."""
    shown = Signal()
    """Something else is on show."""

    def __init__(
        self,
        session: Session,
        engine: EngineClient,
        actions: PixelActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(actions, parent)
        self._session, self._engine, self._actions = session, engine, actions
        self._asking, self._in_training = Asking(session, engine), InTraining(session, engine)
        self._where = Where()
        self._course: Course | None = None
        self._worked: WorkedBack | None = None
        self._movement = Movement()
        self._sliding = Sliding(self, actions, self.bar)
        self.along = TakingAlong(self, actions, self._numbers)
        self._connect()
        self.retranslate()

    # --- what is shown ------------------------------------------------------------------------

    @property
    def zoom(self) -> Zoom:
        """How near one looks."""
        return self._where.zoom

    @property
    def worked(self) -> WorkedBack | None:
        """The value that is shown, where one is."""
        return self._worked if self._where.zoom == "value" else None

    @property
    def course(self) -> Course | None:
        """The newest way back of the selected layer."""
        return self._course

    def show_zoom(self, zoom: Zoom) -> None:
        """Look at all layers, at the selected one, or at one value of it."""
        self._where.zoom = zoom
        if zoom == "layer":
            self._where.at_loss = False
        self._actions.slide.setChecked(False)
        self.show_picture()
        self.take_keyboard()

    def choose(self, uid: str, quantity: Quantity, place: Place) -> None:
        """Show one value of a layer, which becomes the selected one; or of the loss."""
        self._where.zoom, self._where.at_loss = "value", uid == LOSS_UID
        self._where.look_at(uid, quantity, place)
        if self._where.at_loss or uid == self._session.selection:
            self.show_picture()
        else:
            self._session.select(uid)
        self.take_keyboard()

    def take_keyboard(self) -> None:
        """Put the keyboard where the arrow keys have something to move."""
        value = self.value.keyboard_view
        views = {"all": self.strip, "layer": self.layer.handed, "value": value}
        views[self._where.zoom].setFocus()

    def refresh(self) -> None:
        """Show what is selected now."""
        self.rail.set_classes(class_names(self._session.dataset))
        self.show_picture()

    def show_picture(self) -> None:
        """Ask for the way back of the newest picture, and show what there is by now."""
        if not self.isVisible():
            return
        obstacle = self._asking.obstacle()
        if obstacle:
            self._course = None
            self._show_zoom()
            self.rail.show_loss("", "")
            self._show_message(obstacle)
            return
        self.rail.set_labelled(self._engine.input_label is not None)
        quantity, place = self._where.quantity(self._uid()), self._where.place(self._uid())
        self._asking.ask(self.rail.target, quantity, place, self._course)
        self._show()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        super().retranslate()
        self.show_picture()

    def _uid(self) -> str:
        return self._session.selection

    def _take(self, slot: str) -> None:
        if slot in {SLOT, TRAINING_SLOT} and self.isVisible():
            self._show()

    # --- showing ------------------------------------------------------------------------------

    def _show_message(self, words: str) -> None:
        self._worked = None
        self.message.setText(words)
        self._stack.setCurrentWidget(self.message)
        self._actions.set_enabled(False)

    def _show(self) -> None:
        course, note = self._asking.newest()
        if course is None:
            if note or self._stack.currentWidget() is not self.message:
                self._show_message(note or tr("The values are on their way."))
            return
        if not belongs(self._session.report, course):
            return  # of a network before the last edit
        self._course = course
        self._show_rail(course)
        if self._where.zoom == "all":
            self._show_all(course)
        elif self._where.at_loss:
            self._show_loss(course)
        elif self._uid() == INPUT_UID:
            self._show_message(
                tr(
                    "δ of the image is what the first layer hands back to it. Select a layer to "
                    "see how it comes about."
                )
            )
        elif course.uid == self._uid():
            if self._where.zoom == "layer":
                self._show_layer(course)
            else:
                self._show_value(course)
        self._actions.set_enabled(self.isVisible() and self.worked is not None)
        self.shown.emit()

    def _show_zoom(self) -> None:
        """Which zoom is on, and what of."""
        uid = self._uid()
        name = tr("Loss") if self._where.at_loss else ""
        if not name and uid != INPUT_UID:
            name = text(self._session.network.layer(uid).name)
        self.rail.show_zoom(self._where.zoom, name, value=bool(name))

    def _show_rail(self, course: Course) -> None:
        self._show_zoom()
        classes = class_names(self._session.dataset)
        answer = classes[course.target] if course.target < len(classes) else str(course.target)
        step = loss(self._session.project.training, course.logits, course.target)
        self.rail.show_loss(
            *(
                tr("Right: {name}\nloss {numbers}", name=answer, numbers=numbers)
                for numbers in (line(step, say=text), significant(step.result, 3))
            )
        )

    def _show_all(self, course: Course) -> None:
        tiles = tiles_of(self._session.report, course, self._session.project.training)
        chosen = LOSS_UID if self._where.at_loss else self._uid()
        self.strip.set_tiles(tiles, chosen, common=self.ranges.current() == "network")
        self._stack.setCurrentWidget(self._all)
        self._worked = None

    def _show_layer(self, course: Course) -> None:
        row = self._session.report.row(self._uid())
        self.layer.words.setText(f"{text(WAY_BACK[type(row.layer)])}\n\n{text(AT_REST)}")
        if course.uid not in course.deltas:
            found = work_back(self._session.report, course, course.uid, Quantity(), (0,))
            self._show_message(text(found.reason) if isinstance(found, Absent) else "")
            return
        self.layer.show_course(course, row, maps_behind(self._session.report, course.uid))
        self._stack.setCurrentWidget(self.layer)
        self._worked = None

    def _show_value(self, course: Course) -> None:
        report, uid = self._session.report, self._uid()
        row = report.row(uid)
        quantity, place = self._where.settle(report, course, row)
        if quantity.kind == "batch":
            found = self._in_training.work(course.target, row, quantity, place)
            before = self._worked
            known = before is not None and (before.row, before.quantity) == (row, quantity)
            if isinstance(found, Absent) and known:
                return  # another map of it is on show until this one is there
        else:
            found = work_back(report, course, uid, quantity, place)
        if isinstance(found, Absent):
            self._show_message(text(found.reason))
            return
        found = with_update(found, course, self._session.project.training, self._asking.rate())
        self._worked = found
        self.value.show_worked(found, self._remark(found, course))
        tabs = [(every.key, title_of(row, every)) for every in quantities(row)]
        self.bar.set_views(tabs, tr("What is worked out"))
        self.bar.show_view(quantity.key)
        self.bar.show_views(True)
        self.bar.show_place(place, size_of(report, row, quantity), axes_of(row, quantity))
        self._stack.setCurrentWidget(self._one)

    def _show_loss(self, course: Course) -> None:
        place = self._where.place(LOSS_UID) or (course.target,)
        index = min(place[0], len(course.logits) - 1)
        self._where.zoom = "value"
        names = class_names(self._session.dataset)
        worked = work_error(course, self._session.project.training, index, names)
        self._worked = worked
        self.value.show_worked(worked, text(LOSS))
        self.bar.show_views(False)
        self.bar.show_place((index,), (len(course.logits),), (tr("Class"),))
        self._stack.setCurrentWidget(self._one)

    # --- a step of the optimiser --------------------------------------------------------------

    def _remark(self, worked: WorkedBack, course: Course) -> str:
        if worked.quantity.kind == "batch":
            return self._in_training.remark()
        if not worked.learns or worked.row is None:
            return ""
        moved = self._movement.note(worked, course)
        training = self._session.project.training
        words = text(first_step(training.optimizer, self._asking.rate()))
        if worked.row.frozen:
            words = tr("The layer is frozen: training leaves its weights as they are.")
        return f"{moved}\n{words}" if moved else words

    # --- choosing -----------------------------------------------------------------------------

    def _enter_tile(self, uid: str) -> None:
        self._where.at_loss = uid == LOSS_UID
        self._where.zoom = "value" if self._where.at_loss else "layer"
        if self._where.at_loss or uid == self._session.selection:
            self.show_picture()
        else:
            self._session.select(uid)
        self.take_keyboard()

    def _choose_output(self, place: Place) -> None:
        """Ask how δ of the output came about: who reads it hands it back."""
        if self._where.at_loss:
            return
        uid, quantity = reader_of(self._session.report, self._uid())
        self.choose(uid, quantity, place)

    def _go_to(self, place: Place) -> None:
        worked = self._worked
        if worked is None:
            return
        uid = LOSS_UID if self._where.at_loss else self._uid()
        self._where.look_at(uid, worked.quantity, place)
        self.show_picture()

    def _size(self) -> tuple[int, ...]:
        worked, course = self._worked, self._course
        if worked is None or worked.row is None or course is None:
            return (0,) if course is None else course.logits.shape
        return size_of(self._session.report, worked.row, worked.quantity)

    def _edit_place(self, index: int, value: int) -> None:
        worked = self._worked
        if worked is not None:
            size = self._size()
            changed = (*worked.place[:index], value, *worked.place[index + 1 :])
            self._go_to(tuple(min(max(n, 0), m - 1) for n, m in zip(changed, size, strict=True)))

    def _choose_view(self, key: str) -> None:
        row = self._session.report.row(self._uid())
        for quantity in quantities(row):
            if quantity.key == key:
                self._where.look_at(self._uid(), quantity)
        self.show_picture()
        self.take_keyboard()

    def _enter_part(self, part: int) -> None:
        """Of a fork, go into a branch."""
        worked = self._worked
        if worked is not None and worked.quantity.kind == "fork":
            uid, quantity = branch_of(self._session.report, self._uid(), part)
            self.choose(uid, quantity, worked.place)

    def back(self) -> None:
        """One zoom further away."""
        if self._where.zoom == "all":
            self.left.emit()
        else:
            self.show_zoom("all" if self._where.zoom == "layer" or self._where.at_loss else "layer")

    # --- sliding ------------------------------------------------------------------------------

    def _step(self) -> None:
        """The next position that a weight has met, or the next value."""
        worked = self._worked
        if worked is not None and not self.value.next_position():
            self._go_to(next_index(worked.place, self._size()))

    def _rest(self) -> None:
        """Another layer has been selected."""
        self._actions.slide.setChecked(False)
        self._where.at_loss = False

    # --- taking the numbers along -------------------------------------------------------------

    def _numbers(self) -> Numbers | None:
        return None if self.worked is None else numbers_of(self.worked)

    @property
    def offers(self) -> bool:
        """Whether there are maps or numbers to be taken along."""
        return self._worked is not None or self._stack.currentWidget() is self.layer

    def plate(self) -> Plate | Tabled | None:
        """The numbers of the value, or maps of the layer, that is on show."""
        numbers = self._numbers()
        if numbers is not None:
            return tabled(numbers.words.partition("\n")[0], numbers.table)
        if self._stack.currentWidget() is self.layer:
            return self.layer.plate()
        return None

    def finish(self) -> None:
        """The program ends: wait for what is being written."""
        self.along.finish()
        self.layer.finish()

    def _connect(self) -> None:
        self._engine.studies.found.connect(self._take)
        self.rail.zoomed.connect(self.show_zoom)
        self.rail.target_chosen.connect(self.show_picture)
        self.strip.chosen.connect(self._enter_tile)
        self.ranges.selected.connect(lambda _: self._show())
        self.layer.chosen.connect(lambda quantity, place: self.choose(self._uid(), quantity, place))
        self.layer.output_chosen.connect(self._choose_output)
        self.layer.left.connect(self.back)
        self.value.place_chosen.connect(self._go_to)
        self.value.place_edited.connect(self._edit_place)
        self.value.output_entered.connect(self._choose_output)
        self.value.part_entered.connect(self._enter_part)
        self.bar.place_edited.connect(self._edit_place)
        self.bar.view_chosen.connect(self._choose_view)
        self._sliding.stepped.connect(self._step)
        self.along.told.connect(self.told)
        self.along.trouble.connect(self.trouble)
        for export in self.layer.exports:
            export.told.connect(self.told)
            export.refused.connect(self.trouble)
        self._session.selection_changed.connect(self._rest)
        language.changed.connect(self.retranslate)

    # --- Qt -----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.ranges.setMinimumWidth(self.ranges.sizeHint().width())
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._sliding.stop()
        self._asking.cancel()
        self._in_training.cancel()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._stack.currentWidget() is not self.message:
            self.back()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back()
        else:
            super().keyPressEvent(event)
