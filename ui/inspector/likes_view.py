"""What a map or a unit likes best: test images, and a picture made for it; and class averages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz.engine.protocol.studies import Average, Averaged, Dream, Dreamt, Excited, Exciting
from cnnviz.explain import seen_by
from cnnviz.layers import Maps
from cnnviz.network import INPUT_UID
from ui.array_export import plate
from ui.colors import natural_limit
from ui.i18n import class_names, language, tr
from ui.numerals import significant
from ui.theme import theme
from ui.widgets.captioned import Captioned
from ui.widgets.fields import ChoiceField
from ui.widgets.labels import Label
from ui.widgets.number_fields import IntField
from ui.widgets.pixel_map import PixelMap
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from cnnviz.engine.protocol import Studied
    from cnnviz.explain import Seen
    from cnnviz.export.arrays import Plate
    from ui.engine_client import EngineClient
    from ui.session import Session

IMAGES, PICTURE, AVERAGE, INPUT = "likes images", "likes picture", "likes average", "likes input"
SLOTS = (IMAGES, PICTURE, AVERAGE, INPUT)
COUNT = 9
LEAST = 84
"""Pixels on the longer side of an image, below which the frame of the patch would cover it."""
_ORANGE = (224, 116, 20)
_SIDE, _SMALL, _WIDE = 140, 96, 1000
"""Of a picture, and where the page is not so wide; in pixels at scale 1."""


class LikesView(QWidget):
    """The nine test images with the largest value, framed where it is; beside them a picture that
    grows; and the average of a class, as the network sees it and in the map.

    `choices`, of the map and of the class, stand with the choice of the view, in a line above.
    """

    told = Signal()
    """Something else is on show."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self.number, self.classes = IntField(0, 0), ChoiceField()
        self._which = Label("", "label")
        self.images, self.picture = Thumbnails(side=52), PixelMap()
        self.mean, self.map = PixelMap(), PixelMap()
        self._boxes = [Captioned(view) for view in (self.picture, self.mean, self.map)]
        self._over = Label("", "label")
        self.choices = QWidget()
        self._top = QHBoxLayout(self.choices)
        self._top.setContentsMargins(0, 0, 0, 0)
        for widget in (self._which, self.number, self._over, self.classes):
            self._top.addWidget(widget)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.images, 1)
        for box in self._boxes:
            self._row.addWidget(box)
        Captioned.in_a_row(*self._boxes)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.number.edited.connect(lambda _: self.ask())
        self.classes.edited.connect(lambda _: self.ask())
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def ask(self) -> None:
        """Ask for all of it, for the selected layer and the present weights."""
        uid, number, studies = self._session.selection, self.number.value(), self._engine.studies
        self._offer_numbers(uid)
        label = self.classes.value()
        label = label if isinstance(label, int) else None
        studies.ask(AVERAGE, Average(uid, label))
        studies.ask(INPUT, Average(INPUT_UID, label))
        if uid != INPUT_UID:
            studies.ask(IMAGES, Exciting(uid, number, COUNT))
            studies.ask(PICTURE, Dream(uid, number))
        self.show_found()

    def leave(self) -> None:
        """Nobody looks any more."""
        for slot in SLOTS:
            self._engine.studies.cancel(slot)

    def show_found(self) -> None:
        """Show what has been found by now."""
        self._show_images()
        self._show_picture()
        self._show_average()
        self.told.emit()

    @property
    def searches(self) -> bool:
        """Whether there are test images to be found: an input excites nothing."""
        return self._session.selection != INPUT_UID

    def search(self) -> Studied | None:
        """The newest answer about the test images, and how much of them has been looked at."""
        return self._answer(IMAGES) if self.searches else None

    def plate(self) -> Plate | None:
        """The picture that grows, or the average where there is none."""
        found = self._of(PICTURE)
        if isinstance(found, Dreamt):
            values = found.image.array()
            return plate(tr("The picture it likes best"), values, None, (tr("map"), tr("row")))
        found = self._of(AVERAGE)
        if isinstance(found, Averaged):
            values = found.maps.array()
            axes = (tr("map"), tr("row")) if values.ndim == 3 else ()
            return plate(tr("Average of a class"), values, natural_limit(values), axes)
        return None

    def fit(self, width: int) -> None:
        """In a page so wide: where there is little room, the test images get more of it."""
        side = _SIDE if width >= theme.px(_WIDE) else _SMALL
        for box in self._boxes:
            box.setFixedWidth(theme.px(side))

    def retranslate(self) -> None:
        """Say everything in the present language."""
        names = class_names(self._session.dataset)
        named = [(i, tr("Class {name}", name=name)) for i, name in enumerate(names)]
        self.classes.set_choices([(None, tr("All classes")), *named])
        self.classes.setAccessibleName(tr("Class of the average"))
        self.classes.set_help(tr("Over which test images the average is taken"))
        self.number.setAccessibleName(tr("Map or unit"))
        self._which.setText(tr("Map or unit"))
        self._over.setText(tr("Average of"))
        self.images.setAccessibleName(tr("The test images that excite it most"))
        self.picture.setAccessibleName(tr("The picture it likes best"))
        self.mean.setAccessibleName(tr("Average of a class, as the network sees it"))
        self.map.setAccessibleName(tr("Average of the map"))
        self.show_found()

    # --- inside -------------------------------------------------------------------------------

    def _of(self, slot: str) -> object:
        """What was found, if it is of what is selected."""
        answer = self._answer(slot)
        return None if answer is None else answer.finding

    def _answer(self, slot: str) -> Studied | None:
        """The newest answer, if it is of what is selected."""
        studies, uid = self._engine.studies, self._session.selection
        about, newest = studies.about(slot), studies.newest(slot)
        if isinstance(about, Exciting | Dream):
            right = (about.uid, about.number) == (uid, self.number.value())
        else:
            right = isinstance(about, Average) and about.uid in {uid, INPUT_UID}
        return newest if right else None

    def _offer_numbers(self, uid: str) -> None:
        """As many maps or units as the layer has."""
        if uid == INPUT_UID:
            count = self._session.network.input.channels
        else:
            y = self._session.report.row(uid).output
            count = 1 if y is None else y.channels if isinstance(y, Maps) else y.length
        self.number.set_range(0, count - 1)
        if self.number.value() >= count:
            self.number.set_value(count - 1)

    def _show_images(self) -> None:
        found = self._of(IMAGES)
        if not isinstance(found, Excited):
            self.images.clear()
            return
        names, uid = class_names(self._session.dataset), self._session.selection
        shown = []
        for place, label, strength, row, column, image in zip(
            found.places,
            found.labels,
            found.strengths,
            found.rows,
            found.columns,
            found.images.array(),
            strict=True,
        ):
            seen = seen_by(self._session.report, uid, row, column)
            _, height, width = image.shape
            inside = None if seen is None else seen.inside(height, width)
            framed = _framed(image, inside)
            tip = tr(
                "Test image {number:,}, class {name}: {value} at row {row}, column {column}",
                number=place,
                name=names[label],
                value=significant(strength),
                row=row,
                column=column,
            )
            shown.append((place, framed, names[label], tip))
        self.images.show_images(shown)

    def _show_picture(self) -> None:
        found, box = self._of(PICTURE), self._boxes[0]
        box.setVisible(self.searches)
        if not isinstance(found, Dreamt):
            self.picture.set_values(None)
            box.caption.setText(tr("The picture it likes best"))
            return
        self.picture.set_values(np.asarray(found.image.array().mean(0), np.float32), grey=True)
        now = significant(found.strength, 3)
        box.caption.setText(tr("{value} after {steps} steps", value=now, steps=found.steps))
        words = tr(
            "The mean of the map is {now} for this picture, and was {before} for the noise that it "
            "began with.",
            now=now,
            before=significant(found.before, 3),
        )
        self.picture.setToolTip(words)
        self.picture.setAccessibleDescription(words)

    def _show_average(self) -> None:
        mean, maps = self._of(INPUT), self._of(AVERAGE)
        self._boxes[1].caption.setText(tr("Average image"))
        self._boxes[2].caption.setText(tr("Average of the map"))
        self._boxes[2].setVisible(self._session.selection != INPUT_UID)
        if isinstance(mean, Averaged) and mean.maps.array().ndim == 3:
            values = np.asarray(mean.maps.array().mean(0), np.float32)
            grey = bool(values.min() >= 0) and bool(values.max() <= 1)
            self.mean.set_values(values, natural_limit(values) or 1.0, grey=grey)
            self._boxes[1].caption.setText(tr("Average of {n:,} images", n=mean.images))
        else:
            self.mean.set_values(None)
        number = self.number.value()
        if isinstance(maps, Averaged) and number < len(maps.maps.array()):
            whole = maps.maps.array()
            values = whole[number] if whole.ndim == 3 else whole[number : number + 1, None]
            self.map.set_values(np.asarray(values, np.float32), natural_limit(whole) or 1.0)
            if whole.ndim == 1:
                value = significant(float(whole[number]))
                self._boxes[2].caption.setText(tr("On average {value}", value=value))
        else:
            self.map.set_values(None)

        for box, view in zip(self._boxes[1:], (self.mean, self.map), strict=True):
            view.setAccessibleDescription("" if view.values is None else box.caption.text())

    def _restyle(self) -> None:
        px = theme.px
        self._top.setSpacing(px(6))
        self.number.setFixedWidth(px(62))
        self._row.setSpacing(px(10))


def _framed(image: np.ndarray, patch: Seen | None) -> np.ndarray:
    """An image (channels, height, width), 0 to 1, as bytes (height, width, 3), large enough for an
    orange frame around a patch."""
    pixels = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
    colours = pixels if len(pixels) == 3 else np.repeat(pixels[:1], 3, 0)
    times = max(1, -(-LEAST // max(colours.shape[1:])))
    large = np.moveaxis(colours, 0, 2).repeat(times, 0).repeat(times, 1)
    if patch is not None and patch.top <= patch.bottom and patch.left <= patch.right:
        top, left = patch.top * times, patch.left * times
        bottom, right = (patch.bottom + 1) * times - 1, (patch.right + 1) * times - 1
        thick = 2
        for rows, columns in (
            (slice(top, top + thick), slice(left, right + 1)),
            (slice(bottom + 1 - thick, bottom + 1), slice(left, right + 1)),
            (slice(top, bottom + 1), slice(left, left + thick)),
            (slice(top, bottom + 1), slice(right + 1 - thick, right + 1)),
        ):
            large[rows, columns] = _ORANGE
    return large
