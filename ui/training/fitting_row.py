"""A row that shows as many of its widgets as there is room for, the important ones first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme


@dataclass(slots=True)
class _Place:
    widget: QWidget
    rank: int
    gap: int
    wanted: bool = True


class FittingRow(QWidget):
    """Widgets side by side, in the middle of the room; what does not fit is hidden.

    Those of rank 0 always stay; of the others the highest rank goes first.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: list[_Place] = []
        self._rooms: list[QSize] = []
        self._tall: int | None = None
        """Of what is shown in the present width."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._arrange)

    def add(self, widget: QWidget, rank: int = 0, gap: int = 8) -> None:
        """Append a widget, `gap` pixels at scale 1 after the one before it."""
        widget.setParent(self)
        self._places.append(_Place(widget, rank, gap))
        self.updateGeometry()

    def set_wanted(self, widget: QWidget, wanted: bool) -> None:
        """Show a widget where there is room, or not at all."""
        place = next(place for place in self._places if place.widget is widget)
        if place.wanted != wanted:
            place.wanted = wanted
            self.updateGeometry()
            self._arrange()

    def sizeHint(self) -> QSize:
        hint = self._size([place for place in self._places if place.wanted])
        return hint if self._tall is None else QSize(hint.width(), self._tall)

    def minimumSizeHint(self) -> QSize:
        height = self.sizeHint().height()
        least = self._size([place for place in self._places if place.wanted and not place.rank])
        return QSize(least.width(), height)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            rooms = [_room(place.widget) for place in self._places]
            if rooms != self._rooms:  # a widget needs more or less room now
                self._rooms = rooms
                self.updateGeometry()
                self._arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _size(self, places: list[_Place]) -> QSize:
        hints = [_room(place.widget) for place in places]
        return QSize(_width(places, hints), max((hint.height() for hint in hints), default=0))

    def _arrange(self) -> None:
        shown = [place for place in self._places if place.wanted]
        hints = [_room(place.widget) for place in shown]
        while (width := _width(shown, hints)) > self.width():
            least = max(range(len(shown)), key=lambda index: shown[index].rank)
            if not shown[least].rank:
                break
            del shown[least], hints[least]
        tall = max((hint.height() for hint in hints), default=0)
        if tall != self._tall:
            self._tall = tall
            self.updateGeometry()
        left = max(0, (self.width() - width) // 2)
        for place in self._places:
            place.widget.setVisible(place in shown)
        for index, (place, hint) in enumerate(zip(shown, hints, strict=True)):
            left += theme.px(place.gap) if index else 0
            top = (self.height() - hint.height()) // 2
            place.widget.setGeometry(QRect(left, top, hint.width(), hint.height()))
            left += hint.width()


def _width(places: list[_Place], rooms: list[QSize]) -> int:
    """Of the places side by side, with the gaps before all but the first."""
    gaps = sum(theme.px(place.gap) for place in places[1:])
    return sum(room.width() for room in rooms) + gaps


def _room(widget: QWidget) -> QSize:
    return widget.sizeHint().expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())
