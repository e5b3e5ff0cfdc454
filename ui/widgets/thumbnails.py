"""Small images with captions; one that is chosen is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from ui.theme import theme
from ui.widgets.pixels import qimage

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

_INDEX = Qt.ItemDataRole.UserRole
SIDE = 36
"""Of an image, in pixels at scale 1."""


class Thumbnails(QListWidget):
    """A grid that scrolls; the arrow keys go through it, Enter or a click chooses."""

    wanted = Signal(int)
    """The index of the chosen image."""

    def __init__(self, parent: QWidget | None = None, *, side: int = SIDE, lines: int = 1) -> None:
        """side: of an image, in pixels at scale 1. lines: of a caption."""
        super().__init__(parent)
        self._side, self._lines = side, lines
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.itemClicked.connect(self._tell)
        self.itemActivated.connect(self._tell)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_images(self, images: Iterable[tuple[int, np.ndarray, str, str]]) -> None:
        """Show (index, image, caption, tool tip) and nothing else.

        Images are uint8, (height, width) or (height, width, 3).
        """
        self.clear()
        self.renew_images(images)

    def renew_images(self, images: Iterable[tuple[int, np.ndarray, str, str]]) -> None:
        """As `show_images`, but one stays where one has scrolled to: they change all the time."""
        count = 0
        for row, (index, image, caption, tip) in enumerate(images):
            if row == self.count():
                QListWidgetItem(self).setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            item = self.item(row)
            item.setSizeHint(
                self.gridSize()
            )  # else captions have the room that the first one needs
            item.setIcon(QIcon(_pixmap(image, theme.px(self._side))))
            item.setText(caption)
            item.setData(_INDEX, index)
            item.setToolTip(tip)
            count = row + 1
        while self.count() > count:
            self.takeItem(self.count() - 1)

    def indices(self) -> list[int]:
        """Of the images on show, in their order."""
        return [int(self.item(row).data(_INDEX)) for row in range(self.count())]

    def _tell(self, item: QListWidgetItem) -> None:
        self.wanted.emit(int(item.data(_INDEX)))

    def _restyle(self) -> None:
        side = theme.px(self._side)
        self.setIconSize(QSize(side, side))
        height = side + self._lines * self.fontMetrics().height() + theme.px(8)
        self.setGridSize(QSize(side + theme.px(14), height))
        for row in range(self.count()):
            self.item(row).setSizeHint(self.gridSize())


def _pixmap(image: np.ndarray, side: int) -> QPixmap:
    how = Qt.AspectRatioMode.KeepAspectRatio
    return QPixmap.fromImage(qimage(image).scaled(side, side, how))
