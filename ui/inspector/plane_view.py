"""The test images as points in a plane; the one that is chosen stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz.engine.protocol.studies import Pictured, Pictures
from ui.i18n import class_names, language, tr
from ui.inspector.near_view import pixels
from ui.inspector.plane_export import plane_offer
from ui.theme import theme
from ui.widgets.fields import ChoiceField
from ui.widgets.scatter import Scatter
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from cnnviz.engine.protocol.studies import Embedded
    from ui.array_export import Offered
    from ui.engine_client import EngineClient
    from ui.session import Session

SLOT = "alike image"
MANY = (1000, 2500, 0)
"""How many images t-SNE may be asked to place; 0 for all. On two cores a thousand take a second or
two, 2,500 some four, and ten thousand most of a minute."""


class PlaneView(QWidget):
    """`classes`, which are looked at, and `many`, how many images are placed, stand with the choice
    of the view, in a line above."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._finding: Embedded | None = None
        self.classes, self.many = ChoiceField(), ChoiceField()
        self.many.set_value(MANY[1])
        self.plane, self.one = Scatter(), Thumbnails()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.plane, 1)
        row.addWidget(self.one)
        self.classes.edited.connect(lambda _: self.plane.set_only(self._only()))
        self.plane.chosen.connect(self._ask_for)
        engine.studies.found.connect(self._take)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def refresh(self) -> None:
        """The classes may be others."""
        names = class_names(self._session.dataset)
        named = [(i, tr("Class {name}", name=name)) for i, name in enumerate(names)]
        self.classes.set_choices([(None, tr("All classes")), *named])

    def show_found(self, finding: Embedded | None) -> None:
        """Show these points; None for an empty plane."""
        self._finding = finding
        if finding is None:
            self.plane.set_points(np.zeros((0, 2), np.float32), [], ())
            self.plane.set_here(())
            return
        names = class_names(self._session.dataset)
        self.plane.set_points(finding.points.array(), finding.labels, names)
        self.plane.set_only(self._only())
        self.plane.set_here(finding.at)

    @property
    def offers(self) -> bool:
        """Whether there are points."""
        return self._finding is not None

    def plate(self) -> Offered | None:
        """The plane, with the places of its images."""
        if self._finding is None:
            return None
        return plane_offer(self.plane, self._finding, class_names(self._session.dataset))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self.classes.setAccessibleName(tr("Class"))
        self.classes.set_help(tr("Look at the points of one class"))
        self.many.set_choices(
            [(n, tr("{n:,} images", n=n) if n else tr("All images")) for n in MANY]
        )
        self.many.setAccessibleName(tr("How many images"))
        self.many.set_help(tr("The more images are placed, the longer it takes"))
        self.plane.setAccessibleName(tr("Map of the test images"))
        self.one.setAccessibleName(tr("The chosen test image"))
        self.refresh()

    def _only(self) -> int | None:
        value = self.classes.value()
        return value if isinstance(value, int) else None

    # --- one image ----------------------------------------------------------------------------

    def _ask_for(self, index: int) -> None:
        if self._finding is not None and index < len(self._finding.places):
            self._engine.studies.ask(SLOT, Pictures((self._finding.places[index],)))
            self._show_one()

    def _take(self, slot: str) -> None:
        if slot == SLOT and self.isVisible():
            self._show_one()

    def _show_one(self) -> None:
        studies = self._engine.studies
        answer, about = studies.newest(SLOT), studies.about(SLOT)
        if answer is None or not isinstance(about, Pictures):
            return
        if not isinstance(answer.finding, Pictured) or not answer.finding.labels:
            return
        name = class_names(self._session.dataset)[answer.finding.labels[0]]
        tip = tr("Test image {number:,}, class {name}", number=about.places[0], name=name)
        self.one.show_images(
            [(about.places[0], pixels(answer.finding.images.array())[0], name, tip)]
        )
        self.one.setAccessibleDescription(tip)

    def _restyle(self) -> None:
        self.one.setFixedWidth(theme.px(64))
