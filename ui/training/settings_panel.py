"""All settings of training in a panel that pops up below its button, with the planned schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from cnnviz.training import GROUPS
from ui.forms.fields_form import FieldsForm
from ui.forms.training_words import FIELDS
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.training.schedule_curve import ScheduleCurve
from ui.training.settings import apply
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from ui.engine_client import EngineClient
    from ui.session import Session

TITLES = 112
"""The width of a title at scale 1, so that the fields of all groups stand in line."""
LEFT = 3
"""So many groups stand in the left column; the seed goes with the last of them."""


class SettingsPanel(QFrame):
    """The full form, derived from the declarations; what has no meaning now is not there."""

    def __init__(self, session: Session, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("panel", "popup")
        self._session, self._engine = session, engine
        self._fields = {field.name: field for field in FIELDS}
        self._below: QWidget = parent
        self._headings: list[Label] = []
        self._forms: list[FieldsForm] = []
        self._names: list[tuple[str, ...]] = []
        self._page = QWidget()
        self._page.setProperty("page", True)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._page)
        self._stacks: list[QVBoxLayout] = []
        for groups in (GROUPS[:LEFT], GROUPS[LEFT:]):
            stack = QVBoxLayout()
            for number, (_, names) in enumerate(groups):
                seed = ("seed",) if len(self._stacks) == 0 and number == LEFT - 1 else ()
                self._add_group(stack, (*names, *seed))
            self._stacks.append(stack)
            self._columns.addLayout(stack, 1)
        self._curve = ScheduleCurve(session, engine)
        self._stacks[1].addWidget(self._curve, 1)
        self._stacks[0].addStretch(1)
        self._note = Label(role="caption")
        self._note.setWordWrap(True)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._page)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._scroll, 1)
        self._column.addWidget(self._note)
        session.changed.connect(self.refresh)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.refresh()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Training settings"))
        for heading, (title, _) in zip(self._headings, GROUPS, strict=True):
            heading.setText(text(title))
        self._note.setText(
            tr(
                "During a run the optimizer, the batch size and the seed count from the next run "
                "on; everything else changes at once, and the curves mark where."
            )
        )

    def refresh(self) -> None:
        """Show the session's values, and only the settings that have a meaning now."""
        project = self._session.project
        training = project.training
        for form, names in zip(self._forms, self._names, strict=True):
            values = {
                name: project.seed if name == "seed" else getattr(training, name) for name in names
            }
            form.set_values(values, [name for name in names if training.shown(name)])
        if self.isVisible():
            self._fit()

    def pop_up(self, below: QWidget) -> None:
        """Open below a widget, within its screen, with the first field ready."""
        self._below = below
        self.refresh()
        self._curve.refresh()
        self.show()
        self._fit()
        self._forms[0].focus_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    # --- inside -------------------------------------------------------------------------------

    def _add_group(self, stack: QVBoxLayout, names: tuple[str, ...]) -> None:
        heading, form = Label(role="heading"), FieldsForm(titles=TITLES)
        form.set_fields([self._fields[name] for name in names])
        form.edited.connect(self._apply)
        form.finished.connect(self._session.end_field)
        stack.addWidget(heading)
        stack.addWidget(form)
        self._headings.append(heading)
        self._forms.append(form)
        self._names.append(names)

    def _apply(self, name: str, value: object) -> None:
        apply(self._session, self._fields[name], value)

    def _fit(self) -> None:
        """As large as its settings need, and within the screen: there in one column if need be."""
        room = self._below.screen().availableGeometry()
        margins = self._column.contentsMargins()
        beside = margins.left() + margins.right() + theme.px(12)
        for direction in (QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom):
            self._columns.setDirection(direction)
            page = self._page.sizeHint()
            width = page.width() + beside
            if width <= room.width():
                break
        self._note.setMaximumWidth(page.width())
        height = page.height() + self._note.heightForWidth(page.width())
        height += margins.top() + margins.bottom() + self._column.spacing() + 2
        self.resize(min(width, room.width()), min(height, room.height()))
        corner = QPoint(self._below.width(), self._below.height() + theme.px(4))
        place = self._below.mapToGlobal(corner)
        left = min(max(place.x() - self.width(), room.left()), room.right() - self.width())
        top = min(place.y(), room.bottom() - self.height())
        self.move(max(left, room.left()), max(top, room.top()))

    def _restyle(self) -> None:
        px = theme.px
        self._column.setContentsMargins(px(16), px(12), px(10), px(10))
        self._column.setSpacing(px(8))
        self._columns.setContentsMargins(0, 0, px(6), 0)
        self._columns.setSpacing(px(28))
        for stack in self._stacks:
            stack.setSpacing(px(7))
