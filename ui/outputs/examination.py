"""What the network makes of all test images: the confusion matrix, and its mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.i18n import class_names, language, tr
from ui.theme import theme
from ui.widgets.confusion_grid import ConfusionGrid
from ui.widgets.labels import Label
from ui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from ui.engine_client import EngineClient
    from ui.session import Session

    Images = Callable[[int], np.ndarray | None]

MOST = 120
"""So many images are shown at most."""
ROW = 76
"""So high is a row of them."""


class ExaminationPage(QWidget):
    """A heading, and images of which a person may choose one; drawn only while it is seen."""

    wanted = Signal(int)
    """The index of the test image to be looked at."""

    def __init__(self, session: Session, engine: EngineClient) -> None:
        super().__init__()
        self._session, self._engine = session, engine
        self._images: Images = lambda _: None
        self._stale = True
        self._line = Label(role="caption")
        self._line.setWordWrap(True)
        self._thumbnails = Thumbnails()
        self._thumbnails.wanted.connect(self.wanted)
        self._thumbnails.setMinimumHeight(theme.px(ROW))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._line)
        self._column.addWidget(self._thumbnails, 1)
        engine.examined.connect(self._renew)
        theme.changed.connect(self._restyle)
        language.changed.connect(self._renew)

    def set_images(self, images: Images) -> None:
        """Where the test images are to be had."""
        self._images = images
        self._renew()

    def showEvent(self, event: object) -> None:
        if self._stale:
            self._renew()

    def _restyle(self) -> None:
        self._thumbnails.setMinimumHeight(theme.px(ROW))
        self._renew()

    def _renew(self) -> None:
        self._stale = not self.isVisible()
        if not self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show the answers of the present run."""
        raise NotImplementedError

    def _show(self, indices: np.ndarray) -> None:
        """The first of these images, each with what it is and what it was taken for."""
        found, names = self._engine.examination, class_names(self._session.dataset)
        shown = []
        for answer in [] if found is None else indices[:MOST].tolist():
            index = 0 if found is None else found.place(answer)
            image = self._images(index)
            if found is None or image is None:
                continue
            label, predicted = names[found.labels[answer]], names[found.predicted[answer]]
            tip = tr(
                "Test image {index:,}: {label}, taken for {predicted} ({confidence:.0%})",
                index=index,
                label=label,
                predicted=predicted,
                confidence=float(found.confidence[answer]),
            )
            shown.append((index, image, f"{label} → {predicted}", tip))
        self._thumbnails.show_images(shown)

    def _waits(self) -> str:
        if self._engine.time.step is not None:
            return tr("Testing the network as it was on all test images…")
        if self._engine.training:
            return tr(
                "The network is tested on all test images after each epoch; where epochs "
                "are short, after several of them."
            )
        return tr(
            "Press Train: after each epoch the network is tested on all test images; "
            "where epochs are short, after several of them."
        )


class ConfusionPage(ExaminationPage):
    """The matrix, and below it the images of the chosen cell."""

    opened = Signal(QRect, QRect)
    """Where the cell that a person chose is on this page, and the first row of its images."""

    def __init__(self, session: Session, engine: EngineClient) -> None:
        super().__init__(session, engine)
        self._grid = ConfusionGrid()
        self._grid.chosen.connect(self._open_cell)
        self._column.insertWidget(0, self._grid)

    def refresh(self) -> None:
        names, found = class_names(self._session.dataset), self._engine.examination
        counts = None if found is None else found.confusion(len(names))
        self._grid.setVisible(counts is not None)
        self._grid.set_counts(counts, names)
        self._thumbnails.setAccessibleName(tr("Images of the chosen cell"))
        self._show_cell(*self._grid.cell)

    def _open_cell(self, label: int, predicted: int) -> None:
        self._show_cell(label, predicted)
        QTimer.singleShot(0, self, self._tell_opened)  # once the page is as high as it needs to be

    def _tell_opened(self) -> None:
        cell = self._grid.cell_rect.translated(self._grid.pos())
        images = self._thumbnails.geometry()
        images.setHeight(min(images.height(), theme.px(ROW)))
        self.opened.emit(cell, images)

    def _show_cell(self, label: int, predicted: int) -> None:
        found = self._engine.examination
        if found is None:
            self._line.setText(self._waits())
            self._thumbnails.clear()
            return
        self._line.setText(self._grid.accessibleDescription())
        self._show(found.in_cell(label, predicted))


class MistakesPage(ExaminationPage):
    """All that was taken for something else, the most confident first."""

    def refresh(self) -> None:
        found = self._engine.examination
        self._thumbnails.setAccessibleName(tr("Mistakes"))
        if found is None:
            self._line.setText(self._waits())
            self._thumbnails.clear()
            return
        wrong = found.mistakes()
        self._line.setText(
            tr(
                "{n:,} of {all:,} test images wrong after step {step:,}; the most confident first",
                n=len(wrong),
                all=len(found.labels),
                step=found.step,
            )
        )
        self._show(wrong)
