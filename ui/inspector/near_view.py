"""The training images that are nearest to the present one, in a row, the nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ui.array_export import plate
from ui.i18n import class_names, language, tr
from ui.numerals import significant
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnviz.engine.protocol.studies import Neighbours
    from cnnviz.export.arrays import Plate
    from ui.session import Session

SIDE = 56
"""Pixels at scale 1 that the side of an image has: all stand in a row."""


class NearView(Thumbnails):
    """Nearer ones are shown as they are found."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, side=SIDE)
        self._session = session
        self._finding: Neighbours | None = None
        language.changed.connect(self.retranslate)
        self.retranslate()

    def show_found(self, finding: Neighbours | None) -> None:
        """Show these images; None for none. The same once more cost a stroke nothing."""
        if finding is not None and finding is self._finding:
            return
        self._finding = finding
        if finding is None:
            self.clear()
            return
        classes, shown = class_names(self._session.dataset), pixels(finding.images.array())
        self.renew_images(
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
                finding.places, shown, finding.labels, finding.distances, strict=True
            )
        )

    @property
    def offers(self) -> bool:
        """Whether there are images."""
        return self._finding is not None

    def plate(self) -> Plate | None:
        """The images, to be taken along."""
        if self._finding is None:
            return None
        images = self._finding.images.array()
        axes, beside = (tr("image"), tr("map"), tr("row")), 6 * images.shape[1]
        return plate(tr("Nearest training images"), images, None, axes, columns=beside)

    def retranslate(self) -> None:
        """Say everything in the present language."""
        self._finding = None  # each image is to be described anew
        self.setAccessibleName(tr("Nearest training images"))


def pixels(images: np.ndarray) -> np.ndarray:
    """(count, channels, height, width), 0 to 1, as bytes (count, height, width) or (…, 3)."""
    whole = np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)
    return np.moveaxis(whole, 1, 3) if whole.shape[1] == 3 else whole.mean(1).astype(np.uint8)
