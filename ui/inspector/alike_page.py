"""What a layer finds alike: the nearest training images, and the test images in a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from cnnviz.engine.protocol.studies import (
    Embed,
    Embedded,
    Look,
    Nearest,
    Neighbours,
    Pictured,
    Pictures,
)
from cnnviz.explain.likeness import VIEWS, hidden_layer
from ui.array_export import plate
from ui.i18n import class_names, language, text, tr
from ui.inspector.choice_bar import ChoiceBar
from ui.inspector.likes_view import SLOTS, LikesView
from ui.inspector.plane_export import plane_offer
from ui.inspector.reading import waiting
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.fields import ChoiceField
from ui.widgets.labels import Label, ShortLabel
from ui.widgets.prose import Prose
from ui.widgets.scatter import Scatter
from ui.widgets.tabs import PillTabs
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent

    from cnnviz.engine.protocol import Studied, Subject
    from cnnviz.explain.likeness import View
    from ui.array_export import Offered
    from ui.engine_client import EngineClient
    from ui.inspector.wordings import Wordings
    from ui.session import Session

SLOT, IMAGE_SLOT = "alike", "alike image"
COUNT = 12
"""Neighbours."""
NEAR = 56
"""Pixels at scale 1 that the side of one of them has: all stand in a row."""


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
        self.views, self.layers, self.classes = PillTabs(), ChoiceField(), ChoiceField()
        self.layers.set_value("last")
        self.stop = Button(quiet=True)
        self.caption, self.words = ShortLabel("", "caption", lines=2), Prose()
        self.near, self.plane, self.one = Thumbnails(side=NEAR), Scatter(), Thumbnails()
        self.likes = LikesView(session, engine)
        self.message = Label("", "muted")
        self._lay_out()
        self.views.selected.connect(self._choose_view)
        self.layers.edited.connect(lambda _: self.show_picture())
        self.classes.edited.connect(lambda _: self.plane.set_only(self._only()))
        self.stop.clicked.connect(self._stop_or_go_on)
        self.plane.chosen.connect(self._show_one)
        self.likes.told.connect(self.told)
        engine.studies.found.connect(self._take)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def refresh(self) -> None:
        """Show what is selected now."""
        names = class_names(self._session.dataset)
        named = [(i, tr("Class {name}", name=name)) for i, name in enumerate(names)]
        self.classes.set_choices([(None, tr("All classes")), *named])
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
        return self._stack.currentWidget() is self._content and self.plate() is not None

    def plate(self) -> Offered | None:
        """The plane with the places of its images; or the nearest images."""
        if self.views.current() == "likes":
            return self.likes.plate()
        finding = self._finding()
        if isinstance(finding, Neighbours):
            images = finding.images.array()
            axes, beside = (tr("image"), tr("map"), tr("row")), 6 * images.shape[1]
            return plate(tr("Nearest training images"), images, None, axes, columns=beside)
        if not isinstance(finding, Embedded):
            return None
        return plane_offer(self.plane, finding, class_names(self._session.dataset))

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
        self.classes.setAccessibleName(tr("Class"))
        self.classes.set_help(tr("Look at the points of one class"))
        self.near.setAccessibleName(tr("Nearest training images"))
        self.plane.setAccessibleName(tr("Map of the test images"))
        self.one.setAccessibleName(tr("The chosen test image"))
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
                return Embed(self.uid, "tsne", look if image.any() else None)
        return Nearest(self.uid, look, COUNT)

    def _choose_view(self, view: str) -> None:
        self._stopped = None
        if view != "likes":
            self.likes.leave()
        self.show_picture()

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

    def _finding(self) -> object:
        answer = self._answer()
        return None if answer is None else answer.finding

    def _take(self, slot: str) -> None:
        if not self.isVisible():
            return
        if slot == SLOT:
            self._show()
        elif slot == IMAGE_SLOT:
            self._show_image()
        elif slot in SLOTS and self.views.current() == "likes":
            self.likes.show_found()
            self.caption.choose(*self._likes_caption())

    def _show(self) -> None:
        if self._stack.currentWidget() is not self._content:
            return
        view, answer = cast("View", self.views.current()), self._answer()
        finding = None if answer is None else answer.finding
        page = {"near": self.near, "likes": self.likes}.get(view, self._map)
        self._pages.setCurrentWidget(page)
        self.layers.setVisible(view != "likes")
        self.likes.choices.setVisible(view == "likes")
        self.classes.setVisible(view in {"pca", "tsne"})
        self._bar.fit()
        words = VIEWS[view]
        self.words.setText(f"{text(words.shows)}\n\n{text(words.limits)}")
        if view == "likes":
            self.caption.choose(*self._likes_caption())
            self.stop.hide()
            self.told.emit()
            return
        if isinstance(finding, Neighbours):
            self._show_near(finding)
        elif isinstance(finding, Embedded):
            self._show_plane(finding)
        elif view == "near":
            self.near.clear()
        else:
            self.plane.set_points(np.zeros((0, 2), np.float32), [], ())
            self.plane.set_here(())
        self.caption.choose(*self._caption(answer))
        busy = answer is None or answer.done < 1
        self.stop.setVisible(busy or self._stopped is not None)
        self.stop.setText(tr("Go on") if self._stopped is not None else tr("Stop"))
        self.told.emit()

    def _caption(self, answer: Studied | None) -> Wordings:
        """What was found."""
        if self._stopped is not None:
            return (tr("Stopped"),)
        if answer is None:
            return (tr("Looking at the images…"),)
        if answer.note is not None:
            return (text(answer.note.message()),)
        finding, classes = answer.finding, class_names(self._session.dataset)
        if isinstance(finding, Neighbours):
            counts = np.bincount(finding.labels, minlength=len(classes))
            most = int(counts.argmax())
            count, many, name = int(counts[most]), len(finding.labels), classes[most]
            whole = tr(
                "{n} of the {all} nearest are of class {name} ({among:,} training images)",
                n=count,
                all=many,
                name=name,
                among=finding.among,
            )
            of = {"n": count, "all": many, "name": name}
            return (
                whole,
                tr("{n} of {all} are of class {name}", **of),
                tr("{name}: {n} of {all}", **of),
            )
        if not isinstance(finding, Embedded):
            return _looking(answer.done)
        if finding.shares:
            share = 100 * sum(finding.shares)
            whole = tr(
                "{n:,} test images; the two axes show {share:.0f} % of the variance",
                n=len(finding.labels),
                share=share,
            )
            return whole, tr("{share:.0f} % of the variance", share=share)
        if answer.done == 1:
            many = len(finding.labels)
            return tr("{n:,} test images", n=many), f"{many:,}"
        whole = tr(
            "{n:,} test images, round {round:,}", n=len(finding.labels), round=finding.rounds
        )
        return whole, tr("round {round:,}", round=finding.rounds)

    def _likes_caption(self) -> Wordings:
        """How many of the test images have been looked at for those that excite a map most."""
        if not self.likes.searches:
            return (tr("Select a layer to see what its maps like"),)
        answer = self.likes.search()
        if answer is None:
            return (tr("Looking at the images…"),)
        if answer.note is not None:
            return (text(answer.note.message()),)
        return _looking(answer.done) if answer.done < 1 else ("",)

    def _show_near(self, finding: Neighbours) -> None:
        classes, pixels = class_names(self._session.dataset), _bytes(finding.images.array())
        self.near.show_images(
            (
                place,
                image,
                classes[label],
                tr(
                    "Training image {number:,}, class {name}, distance {distance}",
                    number=place,
                    name=classes[label],
                    distance=significant(distance),
                ),
            )
            for place, image, label, distance in zip(
                finding.places, pixels, finding.labels, finding.distances, strict=True
            )
        )

    def _show_plane(self, finding: Embedded) -> None:
        self.plane.set_points(
            finding.points.array(), finding.labels, class_names(self._session.dataset)
        )
        self.plane.set_only(self._only())
        self.plane.set_here(finding.at)
        self.plane.setAccessibleDescription(self._whereabouts(finding))

    def _whereabouts(self, finding: Embedded) -> str:
        """In words, which class the drawn image lies among."""
        if not finding.at:
            return ""
        squares = ((finding.points.array() - finding.at) ** 2).sum(1)
        near = np.argsort(squares, kind="stable")[:COUNT]
        counts = np.bincount(np.asarray(finding.labels)[near])
        return tr(
            "The present image lies among images of class {name}",
            name=class_names(self._session.dataset)[int(counts.argmax())],
        )

    def _only(self) -> int | None:
        value = self.classes.value()
        return value if isinstance(value, int) else None

    # --- one image ----------------------------------------------------------------------------

    def _show_one(self, index: int) -> None:
        finding = self._finding()
        if isinstance(finding, Embedded) and index < len(finding.places):
            self._engine.studies.ask(IMAGE_SLOT, Pictures((finding.places[index],)))
            self._show_image()

    def _show_image(self) -> None:
        studies = self._engine.studies
        answer, about = studies.newest(IMAGE_SLOT), studies.about(IMAGE_SLOT)
        if answer is None or not isinstance(about, Pictures):
            return
        if not isinstance(answer.finding, Pictured) or not answer.finding.labels:
            return
        name = class_names(self._session.dataset)[answer.finding.labels[0]]
        tip = tr("Test image {number:,}, class {name}", number=about.places[0], name=name)
        self.one.show_images(
            [(about.places[0], _bytes(answer.finding.images.array())[0], name, tip)]
        )
        self.one.setAccessibleDescription(tip)

    # --- making -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        choices = (self.layers, self.classes, self.likes.choices)
        self._bar = ChoiceBar(self.views, choices, self.caption, self.stop)
        self._map = QWidget()
        beside = QHBoxLayout(self._map)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.plane, 1)
        beside.addWidget(self.one)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.near)
        self._pages.addWidget(self._map)
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
        self.one.setFixedWidth(px(64))
        self.words.setMinimumWidth(px(190))


def _looking(done: float) -> Wordings:
    """How many of the images have been looked at; done: 0 to 1."""
    percent = 100 * done
    return tr("Looking at the images: {percent:.0f} %", percent=percent), f"{percent:.0f} %"


def _alike(one: Subject, other: Subject) -> bool:
    """Whether two questions are of the same kind and layer, of whatever image."""
    if isinstance(one, Nearest) and isinstance(other, Nearest):
        return one.uid == other.uid
    if isinstance(one, Embed) and isinstance(other, Embed):
        return (one.uid, one.projection) == (other.uid, other.projection)
    return False


def _bytes(images: np.ndarray) -> np.ndarray:
    """(count, channels, height, width), 0 to 1, as bytes (count, height, width) or (…, 3)."""
    whole = np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)
    return np.moveaxis(whole, 1, 3) if whole.shape[1] == 3 else whole.mean(1).astype(np.uint8)
