"""Movement that explains: short, interruptible, and none at all where the system asks for none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation
from PySide6.QtWidgets import QGraphicsObject

from ui.widgets.motion import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T", bound=QGraphicsObject)


class Slide(QObject):
    """Moves cards to new places together; a new move starts from where they are."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._paths: list[tuple[QGraphicsObject, QPointF, QPointF]] = []
        self._clock = QVariantAnimation(self)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._clock.valueChanged.connect(self._step)

    def start(self, targets: Mapping[T, QPointF], milliseconds: int) -> None:
        """Bring the cards to their targets; at once where the duration is 0."""
        self._clock.stop()
        places = ((card, card.pos(), end) for card, end in targets.items())
        self._paths = [(card, start, end) for card, start, end in places if start != end]
        if self._paths and duration(milliseconds):
            self._clock.setDuration(milliseconds)
            self._clock.start()
        else:
            self._step(1.0)

    def _step(self, along: float) -> None:
        for card, start, end in self._paths:
            # Between whole units a card that is kept as a picture would stay half a pixel aside.
            card.setPos((start + (end - start) * along).toPoint())
        if along == 1.0:
            self._paths = []
