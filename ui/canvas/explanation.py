"""Keeps the bubble of a problem beside its card, where it covers nothing and is not cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF

from ui.canvas.bubble import Bubble
from ui.canvas.layout import MARGIN, SPACING, Box, fits_below, place_bubble
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnnviz.analysis import Report
    from ui.canvas.row_view import RowView


class Explanation(QObject):
    """The bubble over a view. It keeps its size when the view zooms, so that it can be read."""

    def __init__(self, view: RowView) -> None:
        super().__init__(view)
        self._view = view
        self._uid = ""
        self.bubble = Bubble(view.viewport())

    @property
    def uid(self) -> str:
        """The layer that has the problem; "" where there is none."""
        return self._uid

    def set_report(self, report: Report, uids: Sequence[str]) -> bool:
        """Explain what keeps a network of these layers from working; returns whether it is new."""
        old = self._uid, self.bubble.problem
        known = report.problem_uid in uids
        self._uid = report.problem_uid if known else ""
        self.bubble.set_problem(report.problem if known else None, report.fixes if known else ())
        return bool(self._uid) and old != (self._uid, self.bubble.problem)

    def reserve(
        self, uids: Sequence[str], sizes: Sequence[tuple[float, float]]
    ) -> dict[int, float]:
        """What the row must keep free before its things (or behind the last), in scene units.

        uids, sizes: of the things in the row, with their width and height.
        """
        if not self._uid:
            return {}
        index = uids.index(self._uid)
        zoom, space, size = self._view.zoom, self._space(), self.bubble.sizeHint()
        card_height = sizes[index][1] * zoom
        if not self._below(card_height):
            return {index + 1: (size.width() + space) / zoom}
        behind = sum(width + SPACING * theme.scale for width, _ in sizes[index + 1 :])
        return {len(sizes): max(0.0, size.width() / zoom - sizes[index][0] - behind)}

    def place(self, boxes: Mapping[str, Box]) -> None:
        """Put the bubble where it belongs among the things of the row (scene units)."""
        view = Box(0, 0, self._view.viewport().width(), self._view.viewport().height())
        shown = {uid: self._in_view(box) for uid, box in boxes.items()} if self._uid else {}
        card = shown.pop(self._uid, None)
        if card is None or not card.meets(view):
            self.bubble.hide()
            return
        size = self.bubble.sizeHint()
        place = place_bubble(
            card,
            (size.width(), size.height()),
            view,
            list(shown.values()),
            self._space(),
            below=self._below(card.height),
        )
        self.bubble.setGeometry(*(round(length) for length in place))
        self.bubble.show()

    def scroll_to(self, boxes: Mapping[str, Box]) -> None:
        """Bring the card with the problem and its bubble into sight."""
        box = boxes[self._uid]
        space = round(MARGIN * theme.scale)
        self._view.ensureVisible(QRectF(*box), space, 0)
        self.place(boxes)
        corner = self._view.mapToScene(self.bubble.pos())
        width = self.bubble.width() / self._view.zoom
        self._view.ensureVisible(QRectF(corner.x(), 0, width, 0), space // 2, 0)
        self.place(boxes)

    def _below(self, card_height: float) -> bool:
        view, bubble = self._view.viewport().height(), self.bubble.sizeHint().height()
        return fits_below(view, card_height, bubble, self._space())

    def _in_view(self, box: Box) -> Box:
        corner = self._view.mapFromScene(QPointF(box.left, box.top))
        zoom = self._view.zoom
        return Box(corner.x(), corner.y(), box.width * zoom, box.height * zoom)

    def _space(self) -> float:
        return MARGIN * theme.scale / 2
