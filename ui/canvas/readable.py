"""The canvas in words for screen readers: which layers there are, and what is told of them when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from shiboken6 import Shiboken

from cnnviz.layers import Branches
from cnnviz.network import INPUT_UID, Place
from ui.canvas import navigation
from ui.canvas.accessible import LayerInterface, forget, tell
from ui.canvas.roster import within
from ui.canvas.speech import branch_in_words, problem_of, spoken, where_in_words
from ui.i18n import text, together, tr
from ui.widgets.speech import describe

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from PySide6.QtWidgets import QWidget

    from ui.canvas.card_row import CardRow
    from ui.canvas.content import Content
    from ui.canvas.layout import Box
    from ui.canvas.navigation import Spot
    from ui.canvas.roster import Roster
    from ui.session import Session


class Readable:
    """What screen readers find on a canvas. Until one asks, nothing is made."""

    def __init__(self, canvas: CardRow, session: Session, roster: Roster) -> None:
        self.canvas = canvas
        self._session, self._roster = session, roster
        self._spots: tuple[Spot, ...] | None = None
        self._contents: Mapping[str, Content] = {}
        self._told: Spot = ""
        self._marked: frozenset[Spot] = frozenset()
        made: dict[Spot, LayerInterface] = {}
        self._made = made
        # Held by the connection, and not by the canvas: it must outlive it by this call.
        canvas.destroyed.connect(lambda: forget(made))

    # --- what there is ------------------------------------------------------------------------

    @property
    def spots(self) -> tuple[Spot, ...]:
        """The input, and all layers that are not folded away, and empty branches, in the order of
        the network."""
        if self._spots is None:
            self._spots = tuple(navigation.spots(self._session.network, self._roster.folded))
        return self._spots

    @property
    def spot(self) -> Spot:
        """Where the keyboard is."""
        session = self._session
        return session.empty_branch or self._roster.shown_in.get(session.selection, INPUT_UID)

    @property
    def selected(self) -> frozenset[Spot]:
        """What is selected."""
        shown_in, branch = self._roster.shown_in, self._session.empty_branch
        if branch is not None:
            return frozenset({branch})
        chosen = (self._session.selection, *self._session.selected)
        return frozenset(shown_in[uid] for uid in chosen if uid in shown_in)

    @property
    def view(self) -> QWidget:
        """What the layers are seen in."""
        return self.canvas.viewport()

    @property
    def has_focus(self) -> bool:
        """Whether the keyboard is on the canvas."""
        return self.canvas.hasFocus()

    @property
    def alive(self) -> bool:
        """Whether there is still a canvas."""
        return Shiboken.isValid(self.canvas)

    def knows(self, spot: Spot) -> bool:
        """Whether there is still such a thing."""
        if isinstance(spot, Place):
            return spot in self.spots
        return spot in self._roster.contents and spot in self.canvas.arrangement.boxes

    def is_block(self, spot: Spot) -> bool:
        """Whether it can be folded or unfolded."""
        if isinstance(spot, Place) or not self._session.network.has(spot):
            return False
        return isinstance(self._session.network.layer(spot), Branches)

    def interface(self, spot: Spot) -> LayerInterface:
        """For the accessibility tree, always the same one."""
        made = self._made.get(spot)
        if made is None or not Shiboken.isValid(made):
            made = self._made[spot] = LayerInterface(self, spot)
            QAccessible.registerAccessibleInterface(made)
        return made

    # --- where it is --------------------------------------------------------------------------

    def box(self, spot: Spot) -> Box:
        """Where it stands on the canvas: of an open block, its frame."""
        arrangement = self.canvas.arrangement
        if isinstance(spot, Place):
            return arrangement.frames[spot.block].lanes[spot.branch].box
        frame = arrangement.frames.get(spot)
        return arrangement.boxes[spot] if frame is None else frame.box

    def sees(self, spot: Spot) -> bool:
        """Whether a part of it is in sight."""
        return self.canvas.in_sight(self.box(spot))

    def spot_at(self, at: QPoint) -> Spot | None:
        """What is at a point of the screen; None for bare paper and for what lies above it."""
        point = self.view.mapFromGlobal(at)
        if not self.view.rect().contains(point) or self.view.childAt(point) is not None:
            return None
        return self.canvas.uid_at(point)

    # --- in words -----------------------------------------------------------------------------

    def words(self, spot: Spot) -> str:
        """Its name, shape, parameters, problem and place."""
        network, report = self._session.network, self._session.report
        if isinstance(spot, Place):
            return branch_in_words(network, spot)
        row = None if spot == INPUT_UID else report.row(spot)
        inside = () if row is None else within(report, row)
        return spoken(self._roster.contents[spot], row, inside, where_in_words(network, spot))

    def more(self, spot: Spot) -> str:
        """The rule that its problem breaks, and how many others are selected with it."""
        said = []
        if not isinstance(spot, Place) and spot != INPUT_UID:
            row = self._session.report.row(spot)
            problem = problem_of(row, within(self._session.report, row))
            if problem is not None:
                said.append(text(problem.detail))
        count = len(self.selected)
        if count > 1 and spot == self.spot:
            said.append(tr("{n:,} selected", n=count))
        return together(said)

    # --- doing --------------------------------------------------------------------------------

    def choose(self, spot: Spot) -> None:
        """Select it."""
        if isinstance(spot, Place):
            self._session.select_branch(spot.block, spot.branch)
        else:
            self._session.select(spot)

    # --- telling ------------------------------------------------------------------------------

    def renew(self) -> None:
        """The network is another one, or is folded otherwise."""
        before, self._spots = self._spots, None
        contents, self._contents = self._contents, self._roster.contents
        gone = {spot for spot in self._made if not self.knows(spot)}
        active = QAccessible.isActive()
        for spot in gone if active else ():
            tell(self._made[spot], QAccessible.Event.ObjectDestroyed)
        forget(self._made, gone)
        if not active or before is None:
            return
        for spot in set(self.spots).difference(before):
            tell(self.interface(spot), QAccessible.Event.ObjectCreated)
        moved = self.spots != before
        for spot, layer in self._made.items():
            same = isinstance(spot, Place) or self._contents[spot] is contents.get(spot)
            if moved or not same:
                tell(layer, QAccessible.Event.NameChanged)

    def follow(self) -> None:
        """The selection, or what is to be said of it, may be another one."""
        spot, selected = self.spot, self.selected
        words, count = self.words(spot), len(selected)
        moved, self._told = spot != self._told, spot
        if QAccessible.isActive() and self.has_focus and moved:
            self._mark(selected)
            tell(self.interface(spot), QAccessible.Event.Focus)  # it is read out itself
            self.canvas.setAccessibleDescription(words)
            return
        self._mark(selected)
        if count > 1:
            words = tr("{n:,} selected: {words}", n=count, words=words)
        describe(self.canvas, words)

    def entered(self) -> None:
        """The keyboard has come to the canvas."""
        if QAccessible.isActive():
            tell(self.interface(self.spot), QAccessible.Event.Focus)

    def _mark(self, selected: Collection[Spot]) -> None:
        before, self._marked = self._marked, frozenset(selected)
        if not QAccessible.isActive():
            return
        for spot in before - self._marked:
            if spot in self._made:
                tell(self._made[spot], QAccessible.Event.SelectionRemove)
        for spot in self._marked - before:
            tell(self.interface(spot), QAccessible.Event.SelectionAdd)
