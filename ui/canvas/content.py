"""What a card says, as a value: cards are touched only where it differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from cnnviz.data.greys import greys_of
from cnnviz.layers import Branches
from cnnviz.layers.branches import MERGE_NAMES
from ui.i18n import shape_text, text, tr
from ui.numerals import significant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.analysis import Row
    from cnnviz.layers import Shape
    from ui.session import Session

Status = Literal["live", "waiting", "problem", "off"]


@dataclass(frozen=True, slots=True)
class Content:
    """The texts of a card in the present language, and what decides how it is drawn.

    `result` is the bold line, the output's shape where it is known, and `note` the line below it.
    `shape` is None where there is nothing to show. `folded`: it stands for a whole block.
    `frozen`: what it has learned stays as it is.
    """

    family: str
    icon: str
    name: str
    detail: str
    result: str
    note: str
    shape: Shape | None
    status: Status = "live"
    folded: bool = False
    frozen: bool = False

    @property
    def off(self) -> bool:
        """Whether it is disabled, or in a disabled block."""
        return self.status == "off"

    @property
    def title(self) -> str:
        """Name and main numbers in one line."""
        return f"{self.name} {self.detail}".rstrip()

    @property
    def in_short(self) -> str:
        """What it says in two lines, for where it is too far away to be read."""
        return f"{self.title}\n{self.result}"


def layer_content(row: Row) -> Content:
    """The card of a layer; that of a block which stands open is the card of its merge."""
    layer = row.layer
    if isinstance(layer, Branches):
        return _content(row, text(MERGE_NAMES[layer.merge]), "", row.parameter_count)
    content = _content(row, text(layer.name), layer.detail, row.parameter_count)
    return replace(content, frozen=True) if row.frozen else content


def folded_content(row: Row, inside: Sequence[Row]) -> Content:
    """The card that stands for a block and everything in it."""
    layer = row.layer
    counts = [one.parameter_count or 0 for one in inside]
    whole = _content(row, text(layer.name), layer.detail, sum(counts))
    learned = [one.frozen for one in inside if one.tensors]
    whole = replace(whole, frozen=bool(learned) and all(learned))
    if any(one.problem is not None for one in inside):
        return replace(whole, result=tr("does not fit"), note="", status="problem", folded=True)
    return replace(whole, folded=True)


def _content(row: Row, name: str, detail: str, count: int | None) -> Content:
    family, icon = row.layer.family, row.layer.kind
    if row.off:
        note = "" if row.output is None else shape_text(row.output)
        return Content(family, icon, name, detail, tr("disabled"), note, None, "off")
    if row.problem is not None:
        note = "" if row.output is None else shape_text(row.output)
        return Content(family, icon, name, detail, tr("does not fit"), note, None, "problem")
    if row.output is None:
        return Content(family, icon, name, detail, tr("waiting"), "", None, "waiting")
    note = tr("{n:,} params", n=count) if count else "—"
    return Content(family, icon, name, detail, shape_text(row.output), note, row.output)


def block_title(block: Branches) -> str:
    """What stands on the frame of a block."""
    count, merge = len(block.branches), text(MERGE_NAMES[block.merge])
    if count == 1:
        branches = tr("{merge} 1 branch", merge=merge)
    else:
        branches = tr("{merge} {n:,} branches", merge=merge, n=count)
    if block.label:
        branches = f"{text(block.name)} · {branches[:1].lower()}{branches[1:]}"
    return branches if block.enabled else tr("{block} · disabled", block=branches)


def input_content(session: Session) -> Content:
    """The card of the input."""
    shape = session.network.input.shape
    greys = greys_of(session.dataset.name).of(session.network.input.channels)
    low, high = (significant(end, 3) for end in session.project.preparation.range(greys))
    title = text(session.dataset.title)
    values = f"{low}–{high}" if not low.startswith("−") else f"{low} … {high}"
    return Content("input", "input", tr("Input"), title, shape_text(shape), values, shape)
