"""Settings in two columns. The form holds no truth: it shows values and tells of edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.forms.checks import complaint, nearest
from ui.forms.editors import Editor, shown
from ui.forms.field_label import FieldLabel
from ui.forms.kinds import EDITORS
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.speech import announce

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cnnviz.layers import Field, Layer, Shape
    from cnnviz.message import Message

COLUMNS = 2
_SLIDERS = {"stride": (1, 6), "padding": (0, 5), "dilation": (1, 6)}
"""What dragging teaches, and between which numbers there is a groove; others can be typed."""


class FieldsForm(QWidget):
    """The settings of a layer or of the input.

    A value that is impossible stays in its editor, in red and with the reason, until the focus
    leaves; it is never told. All others are told at every keystroke.
    """

    edited = Signal(str, object)
    """The name of the field and its new value, which is within the limits."""
    considered = Signal(str, object)
    """The name of a field and the value that a person is about to choose; None: no longer."""
    finished = Signal()
    """The focus has left a field."""
    pointed = Signal(str)
    """The field under the pointer or with the focus; empty where there is none."""

    def __init__(
        self, parent: QWidget | None = None, *, titles: int = 68, columns: int = COLUMNS
    ) -> None:
        """titles: the least width of the titles, in pixels at scale 1. columns: settings a row."""
        super().__init__(parent)
        self._titles, self._columns = titles, columns
        self._made: dict[object, tuple[dict[str, FieldLabel], dict[str, Editor]]] = {}
        self._labels: dict[str, FieldLabel] = {}
        self._editors: dict[str, Editor] = {}
        self._values: dict[str, Any] = {}
        self._complaints: dict[str, Message] = {}
        self._remarks: dict[str, Message] = {}
        self._shown: tuple[str, ...] = ()
        self._pointed = ""
        self._grid = QGridLayout()
        self._none = Label("", "muted")
        self._problem = Label("", "danger")
        self._problem.setWordWrap(True)
        self._nearest = Button()
        self._nearest.clicked.connect(self._take_nearest)
        self._trouble = QWidget(self)
        row = QHBoxLayout(self._trouble)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._problem, 1)
        row.addWidget(self._nearest)
        self._trouble.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._none)
        column.addLayout(self._grid)
        column.addStretch(1)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def set_fields(self, fields: Sequence[Field]) -> None:
        """Show other settings, or the same of another layer; what was typed before is gone."""
        for name in self._shown:
            for widget in (self._labels[name], self._editors[name]):
                self._grid.removeWidget(widget)
                widget.hide()
        self._values, self._complaints, self._remarks, self._shown = {}, {}, {}, ()
        key = tuple((field.name, field.kind, field.title, field.help) for field in fields)
        if key not in self._made:
            self._made[key] = self._make(fields)
        self._labels, self._editors = self._made[key]
        for editor in self._editors.values():
            editor.begin()
        self._restyle()
        self._none.setVisible(not fields)
        self._point("")
        self.retranslate()

    def _make(self, fields: Sequence[Field]) -> tuple[dict[str, FieldLabel], dict[str, Editor]]:
        """Widgets for settings. They are kept, because making them takes longer than a frame."""
        labels, editors = {}, {}
        for field in fields:
            label, editor = FieldLabel(self), EDITORS[field.kind](field)
            editor.setParent(self)
            editor.edited.connect(self._edited)
            editor.considered.connect(self._considered)
            label.setBuddy(editor)
            label.set_draggable(editor.can_step)
            if editor.can_step and field.name in _SLIDERS:
                label.show_slider(field.name, *_SLIDERS[field.name])
            label.dragged.connect(editor.step)
            label.released.connect(self.finished)
            for widget in (label, editor):
                widget.hide()
                widget.installEventFilter(self)
            labels[field.name], editors[field.name] = label, editor
        return labels, editors

    def set_values(
        self,
        values: Mapping[str, Any],
        shown: Collection[str],
        automatic: Collection[str] = (),
    ) -> None:
        """Show values where they differ from those shown before, and only the fields `shown`.

        `automatic` are those with the value that the layer finds itself where they are empty.
        """
        names = tuple(name for name in self._editors if name in shown)
        for name, value in values.items():
            if self._values.get(name) == value and name in self._complaints:
                continue  # somebody is typing there
            self._complain(name, None)
            self._editors[name].set_value(value)
            self._labels[name].set_value(value)
        for name, editor in self._editors.items():
            editor.set_automatic(name in automatic)
        self._values = dict(values)
        if names != self._shown:
            self._shown = names
            self._place()

    def set_surroundings(self, layer: Layer, x: Shape | None) -> None:
        """Tell the editors what layer they belong to, and what it receives."""
        for editor in self._editors.values():
            editor.set_surroundings(layer, x)

    def set_remarks(self, remarks: Mapping[str, Message]) -> None:
        """Show settings in red that are within their limits and cannot be all the same, with the
        reason. Ways out of that are shown elsewhere."""
        if remarks != self._remarks:
            self._remarks = dict(remarks)
            self._show_complaints()

    def highlight(self, name: str) -> None:
        """Point out one setting, because its number is pointed at elsewhere."""
        for field, label in self._labels.items():
            label.set_highlighted(field == name)

    def natural_widths(self) -> list[int]:
        """What its columns need now: titles and editors in turn, in pixels."""
        widths = [0] * (2 * self._columns)
        for index, name in enumerate(self._shown):
            title = 2 * (index % self._columns)
            for place, widget in ((title, self._labels[name]), (title + 1, self._editors[name])):
                widths[place] = max(widths[place], widget.sizeHint().width())
        return widths

    def set_least_widths(self, widths: Sequence[int]) -> None:
        """Give the columns at least these widths, so that they line up with those of others."""
        usual = self._usual_widths()
        for place, least in enumerate(widths):
            column = 3 * (place // 2) + place % 2
            self._grid.setColumnMinimumWidth(column, max(least, usual[place % 2]))

    def focus_first(self) -> None:
        """Bring the keyboard into the first field."""
        for name in self._shown:
            editor = self._editors[name]
            editor.setFocus()
            proxy = editor.focusProxy()
            while proxy is not None and proxy.focusProxy() is not None:
                proxy = proxy.focusProxy()
            select = getattr(proxy, "selectAll", None)
            if select is not None:
                select()
            return

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._none.setText(tr("There is nothing to set here."))
        for name, editor in self._editors.items():
            self._labels[name].setText(text(editor.field.title))
            words = text(editor.field.help)
            if editor.can_step:
                words += "\n" + tr("Drag to the left or to the right to change it.")
            self._labels[name].setToolTip(words)
            editor.retranslate()
        self._show_complaints()

    # --- inside -------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # an editor may have another height now
            self._level_titles()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Enter, QEvent.Type.Leave}:
            self._point(self._name_at(watched) if event.type() == QEvent.Type.Enter else "")
        return super().eventFilter(watched, event)

    def _edited(self, value: object) -> None:
        editor = self.sender()
        if isinstance(editor, Editor):
            name = editor.field.name
            self._complain(name, complaint(editor.field, value))
            if name not in self._complaints:
                self._values[name] = value
                self.edited.emit(name, value)

    def editor(self, name: str) -> Editor:
        """The editor of a field. Raises KeyError."""
        return self._editors[name]

    def _considered(self, value: object) -> None:
        editor = self.sender()
        if isinstance(editor, Editor):
            fine = value is not None and complaint(editor.field, value) is None
            self.considered.emit(editor.field.name, value if fine else None)

    def _complain(self, name: str, reason: Message | None) -> None:
        if self._complaints.get(name) == reason:
            return
        if reason is None:
            del self._complaints[name]
        else:
            self._complaints[name] = reason
            announce(self._editors[name], text(reason))
        self._show_complaints()

    def _show_complaints(self) -> None:
        for name, editor in self._editors.items():
            reason = self._complaints.get(name) or self._remarks.get(name)
            editor.set_problem(text(reason) if reason is not None else None)
        self._grid.removeWidget(self._trouble)
        self._trouble.setVisible(bool(self._complaints))
        if not self._complaints:
            return
        name, first = next(iter(self._complaints.items()))
        editor = self._editors[name]
        self._problem.setText(text(first))
        value = nearest(editor.field, editor.value())
        self._nearest.setText(tr("Use {value}", value=shown(value)))
        QWidget.setTabOrder(editor, self._nearest)
        row = 2 * (self._shown.index(name) // self._columns) + 1
        self._grid.addWidget(self._trouble, row, 0, 1, 3 * self._columns)

    def _take_nearest(self) -> None:
        """The closest value that the field can have, in place of the impossible one."""
        name = next(iter(self._complaints))
        editor = self._editors[name]
        value = nearest(editor.field, editor.value())
        editor.setFocus()
        self._complain(name, None)
        self._values[name] = value
        editor.set_value(value)
        self.edited.emit(name, value)

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        left, entered = self._name_at(old), self._name_at(new)
        if left and left != entered:
            if left in self._complaints:  # what cannot be makes way for what is
                self._complain(left, None)
                self._editors[left].set_value(self._values[left])
            self.finished.emit()
        if left or entered:
            self._point(entered)

    def _name_at(self, widget: QObject | None) -> str:
        """The field that a widget belongs to."""
        if widget is self._nearest and self._complaints:
            return next(iter(self._complaints))
        for name, editor in self._editors.items():
            inside = isinstance(widget, QWidget) and editor.isAncestorOf(widget)
            if widget is editor or widget is self._labels[name] or inside:
                return name
        return ""

    def _point(self, name: str) -> None:
        """Under the pointer, or else with the focus."""
        name = name or self._name_at(QApplication.focusWidget())
        if name != self._pointed:
            self._pointed = name
            self.pointed.emit(name)

    def _place(self) -> None:
        """Give every shown field its place, row by row."""
        for name in self._editors:
            for widget in (self._labels[name], self._editors[name]):
                self._grid.removeWidget(widget)
                widget.setVisible(name in self._shown)
        for index, name in enumerate(self._shown):
            row, column = divmod(index, self._columns)
            label, editor = self._labels[name], self._editors[name]
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(label, 2 * row, 3 * column, top)  # between: what is wrong
            self._grid.addWidget(editor, 2 * row, 3 * column + 1, top)

    def _level_titles(self) -> None:
        """All first lines are as high as the highest, and every title stands beside its own."""
        highest = max((editor.line_height() for editor in self._editors.values()), default=0)
        for name, editor in self._editors.items():
            editor.center_line(highest)
            self._labels[name].setMinimumHeight(highest)

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(theme.px(5))
        self._grid.setVerticalSpacing(theme.px(7))
        for label in (*self._labels.values(), self._none):
            label.setContentsMargins(theme.px(4), theme.px(2), theme.px(4), theme.px(2))
        for editor in self._editors.values():
            editor.restyle()
        self._level_titles()
        self.set_least_widths([0] * (2 * self._columns))
        self._grid.setColumnStretch(3 * self._columns, 1)
        self._problem.setMaximumWidth(theme.px(400))

    def _usual_widths(self) -> tuple[int, int]:
        """The least width of a title and of an editor."""
        return theme.px(self._titles), theme.px(112)
