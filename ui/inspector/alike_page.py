"""What a layer finds alike: the nearest training images, and the test images in a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.engine.protocol.studies import (
    Embed,
    Embedded,
    Look,
    Nearest,
    Neighbours,
)
from cnnviz.explain.likeness import VIEWS, hidden_layer
from ui.i18n import class_names, language, text, tr
from ui.inspector.alike_words import found_words, looking
from ui.inspector.choice_bar import ChoiceBar
from ui.inspector.likes_view import SLOTS, LikesView
from ui.inspector.near_view import NearView
from ui.inspector.plane_view import PlaneView
from ui.inspector.reading import waiting
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.fields import ChoiceField
from ui.widgets.labels import Label, ShortLabel
from ui.widgets.prose import Prose
from ui.widgets.tabs import PillTabs

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent

    from cnnviz.engine.protocol import Studied, Subject
    from cnnviz.explain.likeness import View
    from ui.array_export import Offered
    from ui.engine_client import EngineClient
    from ui.inspector.wordings import Wordings
    from ui.session import Session

SLOT = "alike"
COUNT = 12
"""Neighbours."""


class AlikePage(QWidget):
    """Follows the pen: what has been found of the many images stays, and the drawn one moves."""

    told = Signal()
    """Something else is on show."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._stopped: Subject | None = None
        self._before: tuple[Studied, Subject | None] | None = None
        """The newest answer in which there was something, and to what."""
        self.views, self.layers = PillTabs(), ChoiceField()
        self.layers.set_value("last")
        self.stop = Button(quiet=True)
        self.caption, self.words = ShortLabel("", "caption", lines=2), Prose()
        self.near, self.map = NearView(session), PlaneView(session, engine)
        self.likes = LikesView(session, engine)
        self.message = Label("", "muted")
        self._lay_out()
        self.views.selected.connect(self._choose_view)
        self.layers.edited.connect(lambda _: self.show_picture())
        self.map.many.edited.connect(lambda _: self._begin_anew())
        self.stop.clicked.connect(self._stop_or_go_on)
        self.likes.told.connect(self.told)
        engine.studies.found.connect(self._take)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def refresh(self) -> None:
        """Show what is selected now."""
        self.map.refresh()
        self.show_picture()

    def show_picture(self) -> None:
        """Ask for what is alike to the present image."""
        obstacle = self._obstacle()
        if obstacle:
            self.message.setText(obstacle)
            self._stack.setCurrentWidget(self.message)
            self.told.emit()
            return
        self._stack.setCurrentWidget(self._content)
        if self.views.current() == "likes":
            self.likes.ask()
            self._show()
            return
        subject = self._subject()
        if self._stopped is None or not _alike(subject, self._stopped):
            self._stopped = None
            self._engine.studies.ask(SLOT, subject)
        self._show()

    @property
    def offers(self) -> bool:
        """Whether there are points or images to be taken along."""
        if self._stack.currentWidget() is not self._content:
            return False
        match self.views.current():
            case "likes":
                return self.likes.plate() is not None
            case "near":
                return self.near.offers
        return self.map.offers  # a table of ten thousand rows is not made for each stroke

    def plate(self) -> Offered | None:
        """The plane with the places of its images; or the nearest images."""
        match self.views.current():
            case "likes":
                return self.likes.plate()
            case "near":
                return self.near.plate()
        return self.map.plate()

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.setAccessibleName(tr("What is alike"))
        self.views.set_tabs([(key, text(words.title)) for key, words in VIEWS.items()])
        self.views.setAccessibleName(tr("View"))
        self.layers.set_choices(
            [("last", tr("Last hidden layer")), ("selected", tr("Selected layer"))]
        )
        self.layers.setAccessibleName(tr("To which layer"))
        self.layers.set_help(tr("Images are alike if this layer makes nearly the same of them"))
        self.message.setAccessibleName(tr("What is alike"))
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._engine.studies.cancel(SLOT)
        self.likes.leave()

    # --- asking -------------------------------------------------------------------------------

    def _obstacle(self) -> str:
        """Why nothing is to be seen, and what to do; "" where there is something."""
        sentence = waiting(self._session, self._engine)
        if sentence:
            return sentence
        if self.views.current() == "near" and not self._engine.input_image.any():
            return tr(
                "Draw a digit or choose a test image to see which training images are like it."
            )
        return ""

    @property
    def uid(self) -> str:
        """The layer by which images are alike."""
        if self.layers.value() == "selected":
            return self._session.selection
        return hidden_layer(self._session.report)

    def _subject(self) -> Subject:
        image = self._engine.input_image
        look = Look.of(image)
        match self.views.current():
            case "pca":
                return Embed(self.uid, "pca", look if image.any() else None)
            case "tsne":
                many = cast("int", self.map.many.value())
                return Embed(self.uid, "tsne", look if image.any() else None, many)
        return Nearest(self.uid, look, COUNT)

    def _begin_anew(self) -> None:
        self._stopped = None
        self.show_picture()

    def _choose_view(self, view: str) -> None:
        if view != "likes":
            self.likes.leave()
        self._begin_anew()

    def _stop_or_go_on(self) -> None:
        """What takes its time can be ended, and begun again where it was."""
        if self._stopped is None:
            self._stopped = self._subject()
            self._engine.studies.cancel(SLOT)
        else:
            self._stopped = None
            self._engine.studies.ask(SLOT, self._subject())
        self._show()

    # --- showing ------------------------------------------------------------------------------

    def _answer(self) -> Studied | None:
        """The newest answer to a question of this kind."""
        about = self._engine.studies.about(SLOT)
        if about is None or not _alike(about, self._subject()):
            return None
        return self._engine.studies.newest(SLOT)

    def _finding(self, answer: Studied | None) -> object:
        """What was found; while a network learns what was found before, until there is more."""
        about = self._engine.studies.about(SLOT)
        if answer is None or answer.note is not None:
            return None
        if answer.finding is not None:
            self._before = answer, about
            return answer.finding
        if self._before is None:
            return None
        before, asked = self._before
        same = about == asked if isinstance(about, Nearest) else _alike(about, asked)
        return before.finding if same and before.revision == answer.revision else None

    def _take(self, slot: str) -> None:
        if not self.isVisible():
            return
        if slot == SLOT:
            self._show()
        elif slot in SLOTS and self.views.current() == "likes":
            self.likes.show_found()
            self.caption.choose(*self._likes_caption())

    def _show(self) -> None:
        if self._stack.currentWidget() is not self._content:
            return
        view, answer = cast("View", self.views.current()), self._answer()
        page = {"near": self.near, "likes": self.likes}.get(view, self.map)
        self._pages.setCurrentWidget(page)
        self.layers.setVisible(view != "likes")
        self.likes.choices.setVisible(view == "likes")
        self.map.classes.setVisible(view in {"pca", "tsne"})
        self.map.many.setVisible(view == "tsne")
        self._bar.fit()
        self.words.setText(f"{text(VIEWS[view].shows)}\n\n{text(VIEWS[view].limits)}")
        if view == "likes":
            self.caption.choose(*self._likes_caption())
            self.stop.hide()
            self.told.emit()
            return
        finding = self._finding(answer)
        if view == "near":
            self.near.show_found(finding if isinstance(finding, Neighbours) else None)
        else:
            self.map.show_found(finding if isinstance(finding, Embedded) else None)
        stopped = self._stopped is not None
        if stopped and (answer is None or answer.finding is None):
            self.caption.choose(tr("Stopped"))
        else:
            self.caption.choose(*found_words(answer, class_names(self._session.dataset)))
        busy = answer is None or answer.done < 1
        self.stop.setVisible(busy or stopped)
        self.stop.setText(tr("Go on") if stopped else tr("Stop"))
        self.told.emit()

    def _likes_caption(self) -> Wordings:
        """How many of the test images have been looked at for those that excite a map most."""
        if not self.likes.searches:
            return (tr("Select a layer to see what its maps like"),)
        answer = self.likes.search()
        if answer is None:
            return (tr("Looking at the images…"),)
        if answer.note is not None:
            return (text(answer.note.message()),)
        return looking(answer.done) if answer.done < 1 else ("",)

    # --- making -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        choices = (self.layers, self.map.many, self.map.classes, self.likes.choices)
        self._bar = ChoiceBar(self.views, choices, self.caption, self.stop)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.near)
        self._pages.addWidget(self.map)
        self._pages.addWidget(self.likes)
        self._row = QHBoxLayout()
        self._row.addWidget(pages, 3)
        self._row.addWidget(self.words, 1)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._column.addWidget(self._bar)
        self._column.addLayout(self._row, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.message)
        self._stack.addWidget(self._content)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.likes.fit(self.width())

    def _restyle(self) -> None:
        px = theme.px
        self._column.setContentsMargins(px(14), px(8), px(14), px(8))
        self._column.setSpacing(px(6))
        self._row.setSpacing(px(14))
        self.words.setMinimumWidth(px(190))


def _alike(one: Subject | None, other: Subject | None) -> bool:
    """Whether two questions are of the same kind and layer, of whatever image."""
    if isinstance(one, Nearest) and isinstance(other, Nearest):
        return one.uid == other.uid
    if isinstance(one, Embed) and isinstance(other, Embed):
        return (one.uid, one.projection, one.images) == (other.uid, other.projection, other.images)
    return False
