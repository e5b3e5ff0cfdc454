"""The quiet parts of the input column: what the network sees, and the totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from cnnviz.explain import totals
from ui.i18n import language, text, tr
from ui.theme import theme
from ui.widgets.labels import Label
from ui.widgets.mosaic import mosaic
from ui.widgets.pixels import colour_image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    from cnnviz.message import Message
    from ui.session import Session
    from ui.session_state import Change


class SeenPicture(QWidget):
    """The network's input as it is, pixel by pixel: (channels, height, width), 0 black to 1 white.

    Three channels are the red, green and blue of one picture; others stand side by side.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def set_values(self, values: NDArray[np.float32]) -> None:
        """Show an input."""
        columns = int(np.ceil(np.sqrt(len(values))))
        coloured = len(values) == 3
        self._image = colour_image(values) if coloured else mosaic(values, columns, grey=True)
        self.update()

    def image(self) -> QImage:
        """What is shown, one pixel a value."""
        return self._image

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("What the network sees"))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(56), theme.px(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(self.rect(), theme.px(2), theme.px(2))
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), QColor("black"))
        if not self._image.isNull():
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = self.rect()
            place.setSize(size)
            place.moveCenter(self.rect().center())
            painter.drawImage(place, self._image)
        if theme.dark:  # where black alone has no edge
            painter.setClipping(False)
            painter.strokePath(outline, QPen(QColor(theme.colors.border_soft), theme.line()))


class Totals(QWidget):
    """What the whole network has, needs and sees: parameters, memory, receptive field and so on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: list[tuple[Label, Label]] = []
        self._shown: tuple[tuple[Message, str, Message], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        session.changed.connect(self._follow)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._restyle()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self._shown = ()
        self._show()

    def _follow(self, change: Change) -> None:
        trained_alike = change.new.project.training == change.old.project.training
        if change.report is not change.old_report or not trained_alike:
            self._show()

    def _show(self) -> None:
        found = totals(self._session.report, self._session.project.training)
        for labels in self._rows[len(found) :]:
            for label in labels:
                label.hide()
        before, self._shown = self._shown, found
        for index, (title, value, words) in enumerate(found):
            if before[index : index + 1] == ((title, value, words),):
                continue
            if index == len(self._rows):
                self._rows.append((Label(role="label"), Label(role="number")))
                self._grid.addWidget(self._rows[index][0], index, 0)
                right = Qt.AlignmentFlag.AlignRight
                self._grid.addWidget(self._rows[index][1], index, 1, right)
            name, number = self._rows[index]
            name.setText(text(title))
            number.setText(value)
            number.setAccessibleName(f"{text(title)}: {value}")
            for label in (name, number):
                label.show()
                label.setToolTip(text(words))
                label.setAccessibleDescription(text(words))

    def _restyle(self) -> None:
        self._grid.setVerticalSpacing(theme.px(3))
