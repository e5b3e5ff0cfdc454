"""How the data are prepared, in a panel that shows what the network will see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import QHBoxLayout

from cnnviz.augmentation import classic, plain
from cnnviz.engine.protocol.studies import Foreseen, Outlook
from cnnviz.explain.prepared import counted, objections
from cnnviz.message import Message
from cnnviz.preparation import GROUPS
from ui.able import allow_widget
from ui.forms.classes import ClassesEditor
from ui.forms.training_words import DATA_FIELDS
from ui.i18n import language, text, tr
from ui.training.outlook_view import COLUMNS, ROWS, OutlookView
from ui.training.pop_up import PopUp
from ui.widgets.buttons import Button
from ui.widgets.labels import Label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnviz.preparation import Preparation
    from ui.engine_client import EngineClient
    from ui.session import Session

SLOT = "outlook"
"""Of the study that looks ahead."""


class DataPanel(PopUp):
    """The full form, derived from the declarations, beside images before and after; what is seen of
    them follows every change."""

    def __init__(self, session: Session, engine: EngineClient, parent: QWidget) -> None:
        super().__init__(2, parent)
        self._session, self._engine = session, engine
        self._fields = {field.name: field for field in DATA_FIELDS}
        self._seed = 0
        self._found: tuple[Outlook, Foreseen] | None = None
        left, right = self.stacks
        for title, names in GROUPS:
            self.add_heading(left, title)
            # The classes have a line of their own, because they take more room than a number.
            for some in (names[:1], names[1:]) if "classes" in names else (names,):
                columns = 1 if "classes" in some else 2
                form = self.add_form(left, [self._fields[name] for name in some], columns=columns)
                form.edited.connect(self._apply)
                form.finished.connect(session.end_field)
        self._classic, self._plain = Button(), Button(quiet=True)
        self._classic.clicked.connect(lambda: self._take(classic, self._classic))
        self._plain.clicked.connect(lambda: self._take(plain, self._plain))
        row = QHBoxLayout()
        row.addWidget(self._classic)
        row.addWidget(self._plain)
        row.addStretch(1)
        left.addLayout(row)
        self.add_heading(right, Message("What the network will see"))
        self.view = OutlookView()
        self._others = Button(icon="dice")
        self._others.clicked.connect(self._show_others)
        self._counts, self._wrong = Label(role="muted"), Label(role="danger")
        right.addWidget(self.view)
        line = QHBoxLayout()
        line.addWidget(self._others)
        line.addStretch(1)
        right.addLayout(line)
        for label in (self._counts, self._wrong):
            label.setWordWrap(True)
            right.addWidget(label)
        for stack in self.stacks:
            stack.addStretch(1)
        session.changed.connect(self._follow)
        engine.probed.connect(self._look_again)
        engine.studies.found.connect(self._hear)
        language.changed.connect(self.retranslate)
        self.refresh()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Prepare the data"))
        self.name_headings()
        self._classic.setText(tr("±10 % as in the classic papers"))
        self._plain.setText(tr("No changes"))
        self._others.setText(tr("Other images"))
        self._others.setToolTip(tr("Other images of the data set, and other random changes"))
        self.note.setText(
            tr(
                "Drag the title of a number to change it as with a slider. Changes to "
                "the choice of images and to CLAHE count from the next run on; all "
                "others act on a run at once, and the curves mark where."
            )
        )
        self.refresh()

    def refresh(self) -> None:
        """Show the session's values, and only the settings that have a meaning now."""
        preparation, known = self._session.project.preparation, self._session.dataset
        for form, names in self.forms:
            values = {name: getattr(preparation, name) for name in names}
            if "classes" in names:
                editor = form.editor("classes")
                assert isinstance(editor, ClassesEditor)
                editor.set_classes(known.classes, known.names)
            form.set_values(values, [name for name in names if preparation.shown(name)])
        beginning = plain(preparation) == preparation
        chosen = Message("That is chosen already")
        allow_widget(
            self._classic,
            None if classic(preparation) != preparation else chosen,
            tr(
                "Shifted and scaled by up to 10 %, turned by up to 5°, as Cireşan and others did "
                "when networks first read digits and signs better than people (2012)"
            ),
        )
        allow_widget(
            self._plain,
            chosen if beginning else None,
            tr("Show the training images as they are"),
        )
        self._show()
        self._look()
        self.fit()

    def pop_up(self, below: QWidget) -> None:
        self.refresh()
        super().pop_up(below)
        self._look()

    # --- inside -------------------------------------------------------------------------------

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()

    def _apply(self, name: str, value: object) -> None:
        preparation = self._session.project.preparation
        changed = msgspec.structs.replace(preparation, **{name: value})
        self._session.set_preparation(changed, self._fields[name].title)

    def _take(self, way: object, button: Button) -> None:
        assert callable(way)
        preparation: Preparation = way(self._session.project.preparation)
        self._session.end_field()
        self._session.set_preparation(preparation, GROUPS[2][0])
        self._session.end_field()
        button.setFocus()

    def _wanted(self) -> Outlook:
        project = self._session.project
        shift = project.training.shift
        return Outlook(project.preparation, self._seed, COLUMNS * ROWS, shift)

    def _look(self) -> None:
        """Ask what would be seen, where somebody looks."""
        if not self.isVisible():
            return
        if self._found is None:
            self._counts.setText(tr("The images are being read…"))
            self._make_room()
            self.fit()
        self._engine.studies.ask(SLOT, self._wanted())

    def _look_again(self) -> None:
        """Nothing can be asked before there is a first picture of the network."""
        if self._found is None or self._found[0] != self._wanted():
            self._look()

    def _show_others(self) -> None:
        self._seed += 1
        self._look()

    def _hear(self, slot: str) -> None:
        if slot != SLOT:
            return
        studies = self._engine.studies
        answer, asked = studies.newest(SLOT), studies.about(SLOT)
        if answer is None or not isinstance(asked, Outlook):
            return
        if isinstance(answer.finding, Foreseen):
            self._found = asked, answer.finding
            self.view.show_images(answer.finding, self._session.dataset.names)
            self._show()
        elif answer.note is not None:
            self._counts.clear()
            self._wrong.setText(text(answer.note.message()))
            self._wrong.show()
            self._make_room()
        self.fit()

    def _show(self) -> None:
        """Say how many images there are, and what is wrong with that."""
        if self._found is None:
            return
        asked, found = self._found
        known = self._session.dataset
        if len(known.classes) != len(found.train):  # of another data set
            return
        counts = counted(found.train, found.validation, found.test, found.there)
        self._counts.setText("\n".join(map(text, counts)))
        wrong = objections(
            asked.preparation,
            known.classes,
            found.train,
            found.validation,
            found.test,
            self._session.project.training.batch_size,
        )
        self._wrong.setText("\n".join(map(text, wrong)))
        self._wrong.setVisible(bool(wrong))
        self._make_room()

    def _make_room(self) -> None:
        """As much as the words need; a layout does not ask words that wrap."""
        width = self.view.sizeHint().width()
        for label in (self._counts, self._wrong):
            label.setFixedWidth(width)
            label.setMinimumHeight(max(0, label.heightForWidth(width)))  # −1 without words
