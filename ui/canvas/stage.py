"""The cards and frames that can be seen, as items of the scene: made when they come into sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF

from ui.canvas.block_frame import BlockFrame
from ui.canvas.card import Card
from ui.canvas.lanes import Arrangement, Frame
from ui.canvas.layout import Box
from ui.canvas.motion import Slide
from ui.canvas.roster import Looks
from ui.canvas.sketch import FAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PySide6.QtWidgets import QGraphicsObject

    from cnnviz.network import Place
    from ui.canvas.card_face import Selected
    from ui.canvas.row_view import RowView

_SLIDE_MS = 150
_AHEAD, _KEPT = 0.15, 1.0
"""How far outside the view cards are made, and how far they are kept, in sizes of the view."""


class Stage(QObject):
    """Items for what is near the view; from far away there are none, and a sketch is painted."""

    def __init__(self, view: RowView, dress: Callable[[Card], None]) -> None:
        """dress: gives a new card its values."""
        super().__init__(view)
        self._view, self._dress = view, dress
        self._looks = Looks({}, {}, {}, {})
        self._arrangement = Arrangement(())
        self._slide = Slide(self)
        self._current, self._selected = "", frozenset[str]()
        self._branch: Place | None = None
        self._carried: frozenset[str] = frozenset()
        self.cards: dict[str, Card] = {}
        self.frames: dict[str, BlockFrame] = {}

    @property
    def arrangement(self) -> Arrangement:
        """Where everything stands, or is sliding to."""
        return self._arrangement

    def card(self, uid: str) -> Card:
        """The card of a layer, made now if it is out of sight. Raises KeyError."""
        return self.cards.get(uid) or self._make_card(uid, self._arrangement)

    @property
    def looks(self) -> Looks:
        """How it looks."""
        return self._looks

    def show(self, arrangement: Arrangement, looks: Looks, *, animated: bool) -> None:
        """Let everything move to other places, and look as it is said."""
        before, self._arrangement, self._looks = self._arrangement, arrangement, looks
        for uid in self.cards.keys() - arrangement.boxes.keys():
            self._view.scene().removeItem(self.cards.pop(uid))
        for uid in self.frames.keys() - arrangement.frames.keys():
            self._view.scene().removeItem(self.frames.pop(uid))
        for uid, card in self.cards.items():
            card.set_face(self._looks.contents[uid], self._looks.faces[uid])
        self._fill(before if animated else arrangement, cull=not animated)
        for uid, frame in self.frames.items():
            self._set_frame(frame, arrangement.frames[uid])
        targets: dict[QGraphicsObject, QPointF] = {
            card: _corner(arrangement.boxes[uid]) for uid, card in self.cards.items()
        }
        for uid, card in self.cards.items():
            card.setZValue(_rank(arrangement.boxes[uid]))
        for uid, frame in self.frames.items():
            targets[frame] = _corner(arrangement.frames[uid].box)
        self._slide.start(targets, _SLIDE_MS if animated else 0)

    def follow_view(self) -> None:
        """The view has scrolled, zoomed or become another size: make and drop items."""
        self._fill(self._arrangement, cull=True)

    def select(self, current: str, selected: Iterable[str], branch: Place | None = None) -> None:
        """Frame the selected cards and blocks, and the empty branch that is chosen."""
        self._current, self._selected, self._branch = current, frozenset(selected), branch
        for item in self._items():
            item.set_selected(self.selected(item.uid))
        for uid, frame in self.frames.items():
            frame.set_chosen(self._chosen_in(uid))

    def _chosen_in(self, uid: str) -> int | None:
        branch = self._branch
        return branch.branch if branch is not None and branch.block == uid else None

    def selected(self, uid: str) -> Selected:
        """Whether a card belongs to the selection."""
        return "current" if uid == self._current else "also" if uid in self._selected else ""

    def carry(self, uids: Iterable[str]) -> None:
        """Let these stand back while a picture of them follows the pointer."""
        carried = frozenset(uids)
        if carried == self._carried:
            return
        self._carried = carried
        for item in self._items():
            item.set_carried(item.uid in carried)

    def restyle(self) -> None:
        """The theme has changed."""
        for uid in list(self.frames):
            self._view.scene().removeItem(self.frames.pop(uid))
        for card in self.cards.values():
            card.restyle()

    # --- inside -------------------------------------------------------------------------------

    def _items(self) -> Iterator[Card | BlockFrame]:
        yield from self.cards.values()
        yield from self.frames.values()

    def _fill(self, start: Arrangement, *, cull: bool) -> None:
        """Make what is missing; it begins where it stood in `start`, if it was there."""
        if self._view.zoom < FAR:
            self._drop(self.cards, ())
            self._drop(self.frames, ())
            return
        near, kept = self._sight(_AHEAD), self._sight(_KEPT)
        now = self._arrangement
        frames, cards = now.frames_near(near), now.cards_near(near)
        if start is not now:  # what slides out of sight, too
            cards += [uid for uid in start.cards_near(near) if uid in now.boxes]
        for uid in frames:
            if uid not in self.frames:
                self._make_frame(uid, start)
        for uid in cards:
            if uid not in self.cards:
                self._make_card(uid, start)
        if cull:
            self._drop(self.cards, now.cards_near(kept))
            self._drop(self.frames, now.frames_near(kept))
        zoom, view = self._view.zoom, self._view.viewport()
        for card in self.cards.values():
            card.fit_into(view.width() / zoom, view.height() / zoom)

    def _sight(self, further: float) -> Box:
        view, zoom = self._view.viewport().rect(), self._view.zoom
        corner = self._view.mapToScene(0, 0)
        width, height = view.width() / zoom, view.height() / zoom
        return Box(
            corner.x() - further * width,
            corner.y() - further * height,
            width * (1 + 2 * further),
            height * (1 + 2 * further),
        )

    def _drop(self, items: dict[str, Card] | dict[str, BlockFrame], kept: Iterable[str]) -> None:
        for uid in items.keys() - set(kept):
            self._view.scene().removeItem(items.pop(uid))

    def _make_card(self, uid: str, start: Arrangement) -> Card:
        card = Card(uid, self._looks.contents[uid], self._looks.faces[uid])
        card.setPos(_corner(start.boxes.get(uid) or self._arrangement.boxes[uid]))
        card.setZValue(_rank(self._arrangement.boxes[uid]))
        card.set_selected(self.selected(uid))
        card.set_carried(uid in self._carried)
        self.cards[uid] = card
        self._view.scene().addItem(card)
        self._dress(card)
        return card

    def _make_frame(self, uid: str, start: Arrangement) -> None:
        frame = BlockFrame(uid)
        place = start.frames.get(uid) or self._arrangement.frames[uid]
        self._set_frame(frame, self._arrangement.frames[uid])
        frame.setPos(_corner(place.box))
        frame.set_selected(self.selected(uid))
        frame.set_chosen(self._chosen_in(uid))
        frame.set_carried(uid in self._carried)
        self.frames[uid] = frame
        self._view.scene().addItem(frame)

    def _set_frame(self, frame: BlockFrame, place: Frame) -> None:
        looks, uid = self._looks, frame.uid
        off = looks.contents[uid].off
        frame.set_frame(place, looks.titles[uid], looks.depths[uid], off=off)


def _rank(box: Box) -> float:
    """An arrow is over what it leaves, and the frame of a selected card over the card above,
    whichever came first."""
    return box.left + box.top / 2**20


def _corner(box: Box) -> QPointF:
    return QPointF(box.left, box.top)
