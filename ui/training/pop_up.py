"""A panel of settings that pops up below its button, in columns where the screen has room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.forms.fields_form import FieldsForm
from ui.i18n import text
from ui.theme import theme
from ui.widgets import screen_room
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from cnnviz.layers import Field
    from cnnviz.message import Message

TITLES = 112
"""The width of a title at scale 1, so that the fields of all groups stand in line."""


class PopUp(QFrame):
    """Forms in columns, with a note below; Escape closes it. What is in a form is the owner's."""

    def __init__(self, columns: int, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("panel", "popup")
        self._below: QWidget = parent
        self.headings: list[tuple[Label, Message]] = []
        self.forms: list[tuple[FieldsForm, tuple[str, ...]]] = []
        self._in_line: dict[QVBoxLayout, list[FieldsForm]] = {}
        """The forms of each stack, whose columns stand below each other."""
        self._page = QWidget()
        self._page.setProperty("page", True)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._page)
        self.stacks = [QVBoxLayout() for _ in range(columns)]
        for stack in self.stacks:
            self._columns.addLayout(stack)
        self.note = Label(role="caption")
        self.note.setWordWrap(True)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._scroll, 1)
        self._column.addWidget(self.note)
        theme.changed.connect(self._restyle)
        self._restyle()

    def add_heading(self, stack: QVBoxLayout, title: Message) -> Label:
        """A heading, which `name_headings` names."""
        heading = Label(role="heading")
        stack.addWidget(heading)
        self.headings.append((heading, title))
        return heading

    def add_form(
        self, stack: QVBoxLayout, fields: Sequence[Field], *, columns: int = 2
    ) -> FieldsForm:
        """A form of some settings, so many a row."""
        form = FieldsForm(titles=TITLES, columns=columns)
        form.set_fields(fields)
        stack.addWidget(form)
        self.forms.append((form, tuple(field.name for field in fields)))
        self._in_line.setdefault(stack, []).append(form)
        return form

    def name_headings(self) -> None:
        """In the present language."""
        for heading, title in self.headings:
            heading.setText(text(title))

    def pop_up(self, below: QWidget) -> None:
        """Open below a widget, within its screen, with the first field ready."""
        self._below = below
        self.show()
        self.fit()
        QTimer.singleShot(0, self, self.fit)  # fields that stand in line only now may need more
        self.forms[0][0].focus_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def fit(self) -> None:
        """As large as its settings need, and within the screen: there in one column if need be."""
        if not self.isVisible():
            return
        self._line_up()
        self._columns.activate()  # a stack within it does not know yet what has become higher
        room = screen_room.of(self._below)
        margins = self._column.contentsMargins()
        beside = margins.left() + margins.right() + theme.px(12)
        self._columns.activate()  # or columns within it would give the size that they had
        for direction in (QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom):
            self._columns.setDirection(direction)
            page = self._page.sizeHint()
            width = page.width() + beside
            if width <= room.width():
                break
        self.note.setMaximumWidth(page.width())
        height = page.height() + self.note.heightForWidth(page.width())
        height += margins.top() + margins.bottom() + self._column.spacing() + 2
        self.resize(min(width, room.width()), min(height, room.height()))
        below = self._below
        corner = QPoint(below.width() - self.width(), below.height() + theme.px(4))
        self.move(screen_room.place_over(below.mapToGlobal(corner), self.size(), below))

    def _line_up(self) -> None:
        """Give the columns of the forms of a stack the same widths."""
        for forms in self._in_line.values():
            widths = [form.natural_widths() for form in forms]
            most = max(map(len, widths))
            rows = [one for one in widths if len(one) == most]  # one alone may go right across
            common = [max(column) for column in zip(*rows, strict=True)]
            for form, own in zip(forms, widths, strict=True):
                form.set_least_widths(common if len(own) == most else common[:1])

    def _restyle(self) -> None:
        px = theme.px
        self._column.setContentsMargins(px(16), px(12), px(10), px(10))
        self._column.setSpacing(px(8))
        self._columns.setContentsMargins(0, 0, px(6), 0)
        self._columns.setSpacing(px(28))
        for stack in self.stacks:
            stack.setSpacing(px(7))
