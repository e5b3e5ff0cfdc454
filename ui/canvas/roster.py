"""What each card says, how large it is, and in which chain it stands: worked out where something
differs, for all layers, whether they can be seen or not."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from cnnviz.layers import Branches, Vector
from cnnviz.network import INPUT_UID
from ui.canvas.card_face import CHROME, measure, title_width
from ui.canvas.content import block_title, folded_content, input_content, layer_content
from ui.canvas.lanes import Thing, heights
from ui.canvas.layout import MARGIN, enough, room_for_maps, room_in_lane
from ui.i18n import class_names
from ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Mapping, Sequence

    from cnnviz.analysis import Report, Row
    from cnnviz.layers import Layer
    from ui.canvas.card_face import Face
    from ui.canvas.content import Content
    from ui.session import Session

T = TypeVar("T")

_ROUNDING = 6.0
"""What frames in frames may need for being as high as whole units, so that nothing must scroll."""
LONG = 60
"""Networks of more layers begin with their blocks folded."""


class Looks(NamedTuple):
    """What is shown at one time, by uid: it stays as it is while the roster goes on."""

    contents: Mapping[str, Content]
    faces: Mapping[str, Face]
    titles: Mapping[str, str]
    depths: Mapping[str, int]


_Wanted: TypeAlias = "tuple[Content, float, tuple[str, ...], float]"
"""What the measures of a card depend on: its content, room for maps, labels, and the scale."""


class Roster:
    """Contents and faces of all cards that the canvas shows.

    folded: the blocks that are shown as one card; what is in them has no card.
    """

    def __init__(self) -> None:
        self.contents: dict[str, Content] = {}
        self.faces: dict[str, Face] = {}
        self.titles: dict[str, str] = {}
        self.depths: dict[str, int] = {}
        self.shown_in: dict[str, str] = {}
        """By uid, the card that a layer is seen on: its own, or that of the folded block around."""
        self.folded: set[str] = set()
        self._said: dict[tuple[str, bool], tuple[tuple[Row, ...], Content]] = {}
        """By uid and whether it stands for a block: what a card says, and the rows it says it of.
        What a fold hides is remembered, too."""
        self._made_for: dict[tuple[str, bool], tuple[_Wanted, Face]] = {}
        """How large that card is, and what decides it."""
        self._counts: dict[str, int] = {}

    # --- folding ------------------------------------------------------------------------------

    def begin(self, report: Report) -> None:
        """Another project has been opened: fold the blocks of a long network."""
        self.folded = set(blocks(report)) if len(report.rows) > LONG else set()

    def unfold_around(self, report: Report, uid: str) -> bool:
        """Open the blocks around a layer, so that it has a card; returns whether any was folded."""
        around = set()
        while uid and uid != INPUT_UID:
            uid = report.network.place(uid).block
            around.add(uid)
        closed = around & self.folded
        self.folded -= closed
        return bool(closed)

    # --- what cards say -----------------------------------------------------------------------

    def forget(self) -> None:
        """All texts are out of date: the language has changed."""
        self._said.clear()

    def update(self, session: Session) -> None:
        """Follow the session; a card whose row is the same keeps its content."""
        report = session.report
        rows = {row.layer.uid: row for row in report.rows}
        contents: dict[str, Content] = {INPUT_UID: input_content(session)}
        self.titles, self.depths, self.shown_in = {}, {}, {INPUT_UID: INPUT_UID}
        inside, holder = "", ""
        for uid, row in rows.items():
            if inside and row.path.startswith(inside):
                self.shown_in[uid] = holder
                continue
            self.shown_in[uid] = uid
            inside = ""
            if isinstance(row.layer, Branches):
                self.depths[uid] = row.path.count("/")
                self.titles[uid] = block_title(row.layer)
                if uid in self.folded:
                    inside, holder = f"{row.path}/", uid
                    contents[uid] = self._content(row, *within(report, row), folded=True)
                    continue
            contents[uid] = self._content(row)
        self.folded &= rows.keys()
        self.contents = contents
        _prune(self._said, rows.keys())
        _prune(self._made_for, {INPUT_UID, *rows})
        self._labels = _labels(session, report)

    def _content(self, row: Row, *inside: Row, folded: bool = False) -> Content:
        """What a card says, worked out again only where a row that it speaks of differs."""
        key, rows = (row.layer.uid, folded), (row, *inside)
        said = self._said.get(key)
        if said is None or said[0] != rows:
            content = folded_content(row, inside) if folded else layer_content(row)
            said = self._said[key] = rows, content
        return said[1]

    def looks(self) -> Looks:
        """All of it as it is now."""
        return Looks(self.contents, self.faces, self.titles, self.depths)

    def sides(self, pixels: float) -> dict[str, int]:
        """By uid, how many values across are enough for the maps on each card, where a unit is so
        many pixels of the screen; 0 for what has no card."""
        found = {uid: 0 for uid, shown in self.shown_in.items() if shown != uid}
        for uid, face in self.faces.items():
            if face.grid is not None and uid != INPUT_UID:
                found[uid] = ceil(enough(face.grid.cell_width * pixels))
        return found

    # --- where they stand ---------------------------------------------------------------------

    def things(self, report: Report, room: float) -> tuple[Thing, ...]:
        """The input and the network's own chain, measured for a view of that height."""
        self._counts = {}
        maps = room_for_maps(room, CHROME * theme.scale, theme.scale)
        self.faces = {}
        image = self._face(INPUT_UID, maps)
        first = Thing(INPUT_UID, image.width, image.height)
        inside = room - 2 * MARGIN * theme.scale - _ROUNDING
        return first, *self._chain(report.network.layers, inside, maps)

    def _chain(self, layers: Sequence[Layer], room: float, maps: float) -> tuple[Thing, ...]:
        """room: how high the chain may be; maps: how high the feature maps of a card in it."""
        things, unit = [], theme.scale
        for layer in layers:
            uid = layer.uid
            face = self._face(uid, maps)
            if not isinstance(layer, Branches) or uid in self.folded:
                folded = uid in self.folded
                things.append(Thing(uid, face.width, face.height, folded=folded))
                continue
            counts = [self._count(branch) for branch in layer.branches]
            lanes = tuple(
                self._chain(branch, height, room_in_lane(height, CHROME * unit, unit))
                for branch, height in zip(layer.branches, heights(counts, room, unit), strict=True)
            )
            title = title_width(self.titles[uid])
            things.append(Thing(uid, face.width, face.height, lanes, title))
        return tuple(things)

    def unfold_ahead(self, session: Session, room: float) -> Generator[None]:
        """Work out and remember what all blocks would show in a view of that height; in two steps,
        neither of which changes anything else."""
        ahead, report = Roster(), session.report
        ahead._said, ahead._made_for = self._said, self._made_for
        ahead.update(session)
        yield
        ahead.things(report, room)

    def _count(self, layers: Sequence[Layer]) -> int:
        """How many lanes stand one above the other in a chain."""
        most = 1 if layers else 0
        for layer in layers:
            if isinstance(layer, Branches) and layer.uid not in self.folded:
                count = self._counts.get(layer.uid)
                if count is None:
                    count = self._counts[layer.uid] = sum(map(self._count, layer.branches))
                most = max(most, count)
        return most

    def _face(self, uid: str, room: float) -> Face:
        """The measures of a card, worked out again only where they could differ."""
        content = self.contents[uid]
        labels = self._labels.get(uid, ())
        key, wanted = (uid, content.folded), (content, room, labels, theme.scale)
        made = self._made_for.get(key)
        if made is None or made[0] != wanted:
            made = wanted, measure(content, room, labels, single=uid == INPUT_UID)
            self._made_for[key] = made
        self.faces[uid] = made[1]
        return made[1]


def blocks(report: Report) -> list[str]:
    """The uids of all blocks, outer ones first."""
    return [row.layer.uid for row in report.rows if isinstance(row.layer, Branches)]


def within(report: Report, row: Row) -> list[Row]:
    """The rows of all layers in a block, at any depth; none where it is no block."""
    start, path = report.places[row.layer.uid] + 1, f"{row.path}/"
    found = []
    for inner in report.rows[start:]:
        if not inner.path.startswith(path):
            break
        found.append(inner)
    return found


def _prune(known: dict[tuple[str, bool], T], uids: Collection[str]) -> None:
    """Forget what is no longer there, once it has become much."""
    if len(known) > 3 * len(uids):
        for key in [key for key in known if key[0] not in uids]:
            del known[key]


def _labels(session: Session, report: Report) -> dict[str, tuple[str, ...]]:
    """The last card says which class each of its values is for, if there are as many."""
    classes, last = class_names(session.dataset), report.network.last
    if last is None or report.row(last.uid).output != Vector(len(classes)):
        return {}
    return {last.uid: classes}
