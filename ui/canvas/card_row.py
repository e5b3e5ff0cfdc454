"""The network as a row of cards: follows the session, folds blocks, and opens gaps."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize

from cnnviz.network import INPUT_UID, Place
from ui.canvas import sketch
from ui.canvas.accessible import offer_layers
from ui.canvas.ahead import Ahead
from ui.canvas.beacon import Beacon
from ui.canvas.explanation import Explanation
from ui.canvas.lanes import GAP_UID, Arrangement, Thing, with_behind, with_room
from ui.canvas.layout import MARGIN, Box, hull
from ui.canvas.overview import Overview
from ui.canvas.placeholder import Invitation, Placeholder
from ui.canvas.readable import Readable
from ui.canvas.roster import Roster, blocks
from ui.canvas.row_view import RowView
from ui.canvas.spots import Spots
from ui.canvas.stage import Stage
from ui.i18n import language, tr
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from PySide6.QtGui import QFocusEvent, QPainter, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from cnnviz.fixes import Fix
    from ui.canvas.bubble import Bubble
    from ui.canvas.card import Card
    from ui.engine_client import EngineClient
    from ui.picture import Picture
    from ui.session import Session
    from ui.session_state import Change

_NARROWEST, _LOWEST, _LOWEST_OF_ALL = 200, 166, 60
"""At scale 1: so large a view is at least; the last is its height where there is little room."""


class CardRow(RowView):
    """A card for each layer, the same one as long as it is near the view; lanes for branches."""

    def __init__(
        self, session: Session, engine: EngineClient, parent: QWidget | None = None
    ) -> None:
        offer_layers(CardRow)
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._gap: tuple[Place, float, float] | None = None
        self._things: tuple[Thing, ...] = ()
        self._arrangement = Arrangement(())
        self._standing = self._low = False
        self._resized: list[str] | None = None
        """What was seen as the view became another size while everything was put in its place."""

        self._landing, self._invitation = Placeholder(), Invitation()
        self._beacon = Beacon()
        for item in (self._landing, self._invitation, self._beacon):
            self.scene().addItem(item)
        self._spots = Spots(session)
        self._roster = Roster()
        self._roster.begin(session.report)
        self.readable = Readable(self, session, self._roster)
        """What screen readers find here."""
        self._stage = Stage(self, self._dress)
        self._overview = Overview(self)
        self._ahead = Ahead(self, lambda: self._roster.unfold_ahead(session, self.free_height()))
        self._explanation = Explanation(self)
        self._explanation.bubble.chosen.connect(self._mend)

        session.changed.connect(self._on_changed)
        session.selection_changed.connect(self._on_selected)
        session.selected_changed.connect(self._on_selected_changed)
        engine.probed.connect(self._show_values)
        session.spot.changed.connect(self._mark_spot)
        engine.slow.changed.connect(self._light)
        theme.changed.connect(self._restyle)
        language.changed.connect(self.retranslate)
        self._claim_room()
        self.retranslate()

    # --- for the parts of the canvas, and for tests -------------------------------------------

    @property
    def bubble(self) -> Bubble:
        """The explanation of the network's problem; hidden where there is none."""
        return self._explanation.bubble

    @property
    def arrangement(self) -> Arrangement:
        """Where everything stands while no gap is open."""
        return self._arrangement

    @property
    def open_place(self) -> Place | None:
        """Where the gap is open for what is being dragged."""
        return None if self._gap is None else self._gap[0]

    def card(self, uid: str) -> Card:
        """The card of a layer, or of the input. Raises KeyError where none is shown."""
        return self._stage.card(uid)

    def know_of_palette(self, seen: bool) -> None:
        """Whether there is a palette to drag layers from, as an empty network says."""
        self._invitation.palette_seen = seen
        if not self._session.network.layers:
            self._arrange(animated=False)

    def uid_at(self, at: QPoint) -> str | None:
        """The layer, or the input, whose card or title is at a point of the view."""
        point = self.mapToScene(at)
        return self._arrangement.uid_at(point.x(), point.y())

    # --- following the session ----------------------------------------------------------------

    def retranslate(self) -> None:
        """Set all texts."""
        self.setAccessibleName(tr("Network"))
        self._roster.forget()
        self._sync(animated=False)

    def _on_changed(self, change: Change) -> None:
        if change.opened:
            self._roster.begin(change.report)
        old, new = change.old.project.preparation, change.new.project.preparation
        if change.report is not change.old_report or new.scaling != old.scaling:
            self._sync(animated=not change.opened)
        if change.opened and change.report.problem is None:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().minimum())

    def _sync(self, *, animated: bool) -> None:
        """Make cards and network agree."""
        self._roster.update(self._session)
        self._present(animated=animated)

    def _present(self, *, animated: bool) -> None:
        """Show what the roster says."""
        session = self._session
        trouble = self._explanation.set_report(
            session.report, self._roster.shown_in, session.selection
        )
        self._arrange(animated=animated)
        self.readable.renew()
        for card in self._stage.cards.values():
            self._dress(card)
        if trouble:
            self._bring_into_sight(self._explanation.uid)
        self._mark_selection()

    def _show_values(self, picture: Picture) -> None:
        for card in self._stage.cards.values():
            self._dress(card, picture)

    def _dress(self, card: Card, picture: Picture | None = None) -> None:
        card.show_picture(picture or self._engine.picture)
        card.picture.set_spot(*self._spots.of(card.uid))

    def _mark_spot(self) -> None:
        self._spots.find()
        for card in self._stage.cards.values():
            card.picture.set_spot(*self._spots.of(card.uid))

    def _light(self) -> None:
        """Show what is going on in slow motion, and go along."""
        lit, boxes = self._engine.slow.lit, self._arrangement.boxes
        shown = boxes.get(self._roster.shown_in.get(lit.uid, "")) if lit is not None else None
        if lit is not None and not lit.uid:
            shown = hull([box for uid, box in boxes.items() if uid != INPUT_UID])
        elif shown is not None:
            self.ensureVisible(QRectF(*shown), theme.px(MARGIN), 0)
        if lit is None or shown is None:
            self._beacon.hide()
        else:
            self._beacon.light(lit.phase, shown)

    # --- the selection ------------------------------------------------------------------------

    def _on_selected(self, uid: str) -> None:
        if self._roster.shown_in.get(uid, uid) != uid:
            self._roster.unfold_around(self._session.report, uid)
            self._sync(animated=True)
        elif len(self._session.report.problems) > 1:
            self._sync(animated=True)  # that of the selection is the one to explain
        self._bring_into_sight(uid)

    def _on_selected_changed(self) -> None:
        branch = self._session.empty_branch
        if branch is not None and self.is_folded(branch.block):
            # Chosen as it was added: where the next layer goes is to be seen.
            self._roster.folded.discard(branch.block)
            self._sync(animated=True)
        else:
            self._mark_selection()

    def _seen(self, before: QSize | None = None) -> list[str]:
        """Those of the selection and the explained problem that are in the view, to stay there when
        sizes change; before: the view's size until now, where it is another already."""
        size = before if before is not None and before.isValid() else self.viewport().size()
        area = self.mapToScene(QRect(QPoint(), size)).boundingRect()
        boxes, explained = self._arrangement.boxes, self._explanation.uid
        words = {explained} if explained and not self.bubble.isHidden() else set()
        both = dict.fromkeys((self._session.selection, explained))
        return [uid for uid in both if uid in boxes
                and (uid in words or area.intersects(QRectF(*boxes[uid])))]  # fmt: skip

    def _sees(self, uid: str) -> bool:
        box = self._arrangement.boxes.get(uid)
        return box is not None and self.in_sight(box)

    def in_sight(self, box: Box) -> bool:
        """Whether a part of something is in the view."""
        area = self.mapToScene(self.viewport().rect()).boundingRect()
        return area.intersects(QRectF(*box))

    def _bring_into_sight(self, uid: str) -> None:
        if uid == self._explanation.uid:
            self._explanation.scroll_to(self._arrangement)
        elif uid in self._arrangement.boxes:
            box, margin = self._arrangement.boxes[uid], theme.px(MARGIN)
            free = self.viewport().height() - ceil(box.height * self.zoom)
            # With the frame around it, but not at the cost of its own edge.
            self.ensureVisible(QRectF(*box), margin, min(margin, max(free // 2, 0)))

    def _bring_branch_into_sight(self, place: Place) -> None:
        frame = self._arrangement.frames.get(place.block)
        if frame is not None:
            margin = theme.px(MARGIN)
            self.ensureVisible(QRectF(*frame.lanes[place.branch].box), margin, margin)

    def _mark_selection(self) -> None:
        """Frame the selected cards, and tell screen readers about the one that is shown."""
        session, shown_in = self._session, self._roster.shown_in
        uid = shown_in.get(session.selection)
        if uid is None:
            return  # a change is on its way
        cards = {shown_in[u] for u in session.selected if u in shown_in}
        branch = session.empty_branch
        self._stage.select("" if branch else uid, cards, branch)
        if self.zoom < sketch.FAR:
            self.viewport().update()
        if branch is not None:
            self._bring_branch_into_sight(branch)
        self.readable.follow()

    def open_menu(self) -> None:
        """For a canvas that has a menu of what the keyboard is at."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.readable.entered()

    # --- folding ------------------------------------------------------------------------------

    @property
    def folded(self) -> Collection[str]:
        """The blocks that are shown as one card."""
        return self._roster.folded

    def is_folded(self, uid: str) -> bool:
        """Whether a block is shown as one card."""
        return uid in self._roster.folded

    def toggle_fold(self, uid: str) -> None:
        """Show a block as one card, or its lanes again."""
        self._fold({uid} ^ self._roster.folded if uid else self._roster.folded)

    def fold_all(self) -> None:
        """Show every block as one card."""
        self._fold(set(blocks(self._session.report)))

    def unfold_all(self) -> None:
        """Show the lanes of every block."""
        self._fold(set())

    def _fold(self, folded: set[str]) -> None:
        seen = self._sees(self._roster.shown_in[self._session.selection])
        self._roster.folded = set(folded)
        self._roster.update(self._session)
        shown_in = self._roster.shown_in
        shown = shown_in[self._session.selection]
        branch = self._session.empty_branch
        # What is seen as selected is selected, and no layer that is hidden in a block.
        if branch is None or shown != branch.block or shown in folded:
            self._session.select(shown, *(shown_in[uid] for uid in self._session.selected))
        self._present(animated=True)
        if seen:
            self._bring_into_sight(shown)

    # --- where things stand -------------------------------------------------------------------

    def open_gap(self, place: Place | None, width: float = 0, height: float = 0) -> None:
        """Show that something is going to land at a place; None: nothing is."""
        gap = None if place is None else (place, width, height)
        if gap != self._gap:
            self._gap = gap
            self._stand(animated=True)

    def carry(self, uids: Iterable[str]) -> None:
        """Let cards stand back while a picture of them follows the pointer; none: it is over."""
        self._stage.carry(uids)

    def _arrange(self, *, animated: bool) -> None:
        """Work out anew how large everything is and where it stands."""
        report, roster, unit = self._session.report, self._roster, theme.scale
        uid = self._explanation.uid
        things = roster.things(report, self.free_height())
        if uid:
            room = self._explanation.room(roster.faces[uid].width, roster.faces[uid].height)
            things = with_behind(things, uid, room)
        self._things = things
        self._arrangement = Arrangement(things, unit)
        self._want_sides()
        self._stand(animated=animated)
        if roster.folded:
            self._ahead.wait()

    def _want_sides(self) -> None:
        """Large maps on small cards need not come as they are; but as for a picture in a file,
        where the view is zoomed out."""
        self._engine.want_sides(self._roster.sides(max(1.0, self.zoom) * self.devicePixelRatioF()))

    def _stand(self, *, animated: bool) -> None:
        """Bring the items to where they belong now, with the gap where one is open.

        Where a scroll bar or the strip comes or goes with it, Qt tells of the view's new size at
        once, in the midst of it. Then everything is worked out again afterwards, and not inside,
        where what is half done would go on with what held before.
        """
        self._standing = True
        try:
            self._put(animated=animated)
        finally:
            self._standing = False
        seen, self._resized = self._resized, None
        if seen is not None:
            self._arrange(animated=animated)
            for uid in seen:
                self._bring_into_sight(uid)

    def _put(self, *, animated: bool) -> None:
        arrangement = self._arrangement
        if self._gap is not None:
            place, width, height = self._gap
            first, *rest = self._things
            landing = Thing(GAP_UID, width, height)
            things = (first, *with_room(tuple(rest), place, landing))
            arrangement = Arrangement(things, theme.scale, self._arrangement)
            box = arrangement.boxes.pop(GAP_UID)
            self._landing.setPos(box.left, box.top)
            self._landing.show_as(width, height, "", strong=True)
        else:
            self._landing.hide()
        bounds = arrangement.bounds
        end = bounds.right
        if self._session.network.layers or self._gap is not None:
            self._invitation.hide()
        else:
            end = self._invitation.invite(end)
        if self._explanation.uid:
            below = arrangement.boxes[self._explanation.uid]
            end = max(end, self._explanation.reach(below))
        self.setSceneRect(0, bounds.top, ceil(end), bounds.height)
        self.fit_bars()
        self._stage.show(arrangement, self._roster.looks(), animated=animated)
        self._place_bubble()
        if self._gap is None:
            self._overview.show_network(arrangement, self._stage.looks, end)
        if self.zoom < sketch.FAR:
            self.viewport().update()

    def _place_bubble(self) -> None:
        # While something is dragged the cards are not where they were, and nobody reads it.
        self._explanation.place(self._arrangement if self._gap is None else None)

    def _restyle(self) -> None:
        """Follow a change of the theme: colours, type and all sizes."""
        seen = self._seen()
        self._claim_room()
        self._stage.restyle()
        self._arrange(animated=False)
        for uid in seen:
            self._bring_into_sight(uid)
        self.viewport().update()

    def do_with_less(self, low: bool) -> None:
        """Claim less room in a window that is low for its type."""
        self._low = low
        self._claim_room()

    def _claim_room(self) -> None:
        lowest = _LOWEST_OF_ALL if self._low else _LOWEST
        self.setMinimumSize(theme.px(_NARROWEST), theme.px(lowest))

    def zoom_changed(self) -> None:
        if self._explanation.uid:
            self._arrange(animated=False)  # the bubble keeps its size, and the rest makes room
        else:
            self._want_sides()
            self._stage.follow_view()
            self._overview.show_part()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        seen = self._seen(event.oldSize())
        super().resizeEvent(event)
        self._overview.find_room()
        if self._standing:
            self._resized = seen
            return
        self._arrange(animated=False)
        for uid in seen:
            self._bring_into_sight(uid)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._stage.follow_view()
        self._overview.show_part()
        self._place_bubble()

    def draw_far(self, painter: QPainter, area: QRectF | QRect) -> None:
        if self.zoom < sketch.FAR:
            box = Box(area.x(), area.y(), area.width(), area.height())
            stage = self._stage
            sketch.paint(painter, box, stage.arrangement, stage.looks, stage.selected)

    def _mend(self, fix: Fix) -> None:
        # The button is about to go, and the keyboard would move on to New in the tool bar.
        self.setFocus()
        self._session.fix(fix)
