"""Keeps the bubble of a problem beside its card, where it covers nothing and is not cut off."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtWidgets import QApplication

from ui.canvas.bubble import Bubble
from ui.canvas.layout import MARGIN, Box, fits_below, place_bubble
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnnviz.analysis import Report
    from ui.canvas.lanes import Arrangement
    from ui.canvas.row_view import RowView


class Explanation(QObject):
    """The bubble over a view. It keeps its size when the view zooms, so that it can be read."""

    def __init__(self, view: RowView) -> None:
        super().__init__(view)
        self._view = view
        self._uid = ""
        self._inside = False
        self.bubble = Bubble(view.viewport())

    @property
    def uid(self) -> str:
        """The card that has the problem; "" where there is none."""
        return self._uid

    def set_report(self, report: Report, shown_in: Mapping[str, str], selection: str) -> bool:
        """Explain what keeps a network from working: of several problems that of the selection,
        else the first. Returns whether it is new.

        shown_in: the card that each layer is seen on.
        """
        old = self._uid, self.bubble.problem
        # A network without any layers has an invitation instead.
        known = report.problems if report.places else ()
        chosen = next((t for t in known if t.uid == selection), known[0] if known else None)
        self._uid = shown_in[chosen.uid] if chosen else ""
        self._inside = self._uid in report.places and "/" in report.row(self._uid).path
        self.bubble.set_problem(chosen.problem if chosen else None, chosen.fixes if chosen else ())
        return bool(self._uid) and old != (self._uid, self.bubble.problem)

    def room(self, card_width: float, card_height: float) -> tuple[float, float]:
        """Width and height of what must be kept free right of its card, in scene units.

        card_width, card_height: of that card, in scene units.
        """
        zoom, space = self._view.zoom, self._space()
        whole = round(self._view.free_width() - 2 * space)
        self.bubble.limit(None)
        self.bubble.shorten(False)
        self.bubble.fit_into(whole)
        if self._below(card_height * zoom):
            return 0.0, 0.0
        beside = round(whole - space - card_width * zoom)
        # As narrow as it can be, and with as many words, without buttons that are out of sight.
        for short, width in product((False, True), (beside, (beside + whole) // 2, whole)):
            self.bubble.shorten(short)
            self.bubble.fit_into(width)
            if self._is_low_enough():
                break
        fixes = len(self.bubble.buttons)
        while fixes > 1 and not self._is_low_enough():
            fixes -= 1
            self.bubble.limit(fixes)
        size = self.bubble.sizeHint()
        height = size.height() + 2 * space if self._inside else 0.0
        return (size.width() + space) / zoom, height / zoom

    def reach(self, card: Box) -> float:
        """How far to the right the bubble of a card reaches that it stands below, scene units."""
        return card.left + (self.bubble.sizeHint().width() + self._space()) / self._view.zoom

    def place(self, arrangement: Arrangement | None) -> None:
        """Put the bubble where it belongs among the cards; None: it would only be in the way."""
        box = arrangement.boxes.get(self._uid) if arrangement is not None and self._uid else None
        view = Box(0, 0, self._view.viewport().width(), self._view.viewport().height())
        card = None if box is None else self._in_view(box)
        if arrangement is None or card is None or not self._is_near(card, view):
            focus = QApplication.focusWidget()
            if focus is not None and self.bubble.isAncestorOf(focus):
                self._view.setFocus()  # else Qt gives the keyboard to whatever comes next
            self.bubble.hide()
            return
        size = self.bubble.sizeHint()
        # What is out of sight cannot be covered, and there may be hundreds of it.
        area = self._view.mapToScene(self._view.viewport().rect()).boundingRect()
        sight = Box(area.left(), area.top(), area.width(), area.height())
        others = [self._in_view(arrangement.boxes[uid]) for uid in arrangement.cards_near(sight)
                  if uid != self._uid]  # fmt: skip
        frames = [self._in_view(arrangement.frames[uid].box)
                  for uid in arrangement.frames_near(sight)]  # fmt: skip
        place = place_bubble(
            card,
            (size.width(), size.height()),
            view,
            [*others, *(frame for frame in frames if not card.within(frame))],
            self._space(),
            below=self._below(card.height),
            loose=not self._inside,
        )
        self.bubble.setGeometry(*(round(length) for length in place))
        self.bubble.show()

    def scroll_to(self, arrangement: Arrangement) -> None:
        """Bring the card with the problem and its bubble into sight."""
        space = round(MARGIN * theme.scale)
        self._view.ensureVisible(QRectF(*arrangement.boxes[self._uid]), space, 0)
        self.place(arrangement)
        corner = self._view.mapToScene(self.bubble.pos())
        zoom = self._view.zoom
        upright = (corner.y(), self.bubble.height() / zoom) if self._inside else (0, 0)
        place = QRectF(corner.x(), upright[0], self.bubble.width() / zoom, upright[1])
        card, most = arrangement.boxes[self._uid], (self._view.viewport().width() - space) / zoom
        if place.width() > most:  # as much of it as finds room beside half its card
            place = QRectF(card.middle, place.top(), most, place.height())
        self._view.ensureVisible(place, space // 2, 0)
        self.place(arrangement)

    def _below(self, card_height: float) -> bool:
        """Whether it stands below its card; within a block that would be on the next lane."""
        view, bubble = self._view.free_height(), self.bubble.sizeHint().height()
        return not self._inside and fits_below(view, card_height, bubble, self._space())

    def _is_near(self, card: Box, view: Box) -> bool:
        """Whether a card is in the view, or so little beside it that its bubble fills the view."""
        beside = 2 * self._space()
        return card._replace(left=card.left - beside, width=card.width + 2 * beside).meets(view)

    def _is_low_enough(self) -> bool:
        """Whether all of it can be seen at once."""
        return self.bubble.sizeHint().height() + 2 * self._space() <= self._view.free_height()

    def _in_view(self, box: Box) -> Box:
        corner = self._view.mapFromScene(QPointF(box.left, box.top))
        zoom = self._view.zoom
        return Box(corner.x(), corner.y(), box.width * zoom, box.height * zoom)

    def _space(self) -> float:
        return MARGIN * theme.scale / 2
