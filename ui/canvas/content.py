"""What a card says, as a value: cards are touched only where it differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cnnviz.layers import Maps
from ui.i18n import text, tr

if TYPE_CHECKING:
    from cnnviz.analysis import Row
    from cnnviz.layers import Shape
    from ui.session import Session

Status = Literal["live", "waiting", "problem"]


@dataclass(frozen=True, slots=True)
class Content:
    """The texts of a card in the present language, and what decides how it is drawn.

    `result` is the bold line, the output's shape where it is known, and `note` the line below it.
    `shape` is None where there is nothing to show.
    """

    family: str
    icon: str
    name: str
    detail: str
    result: str
    note: str
    shape: Shape | None
    status: Status = "live"

    @property
    def title(self) -> str:
        """Name and main numbers in one line."""
        return f"{self.name} {self.detail}".rstrip()


def layer_content(row: Row) -> Content:
    """The card of a layer."""
    layer = row.layer
    name = text(layer.name)
    if row.problem is not None:
        note = "" if row.output is None else _shape(row.output)
        return Content(
            layer.family, layer.kind, name, layer.detail, tr("does not fit"), note, None, "problem"
        )
    if row.output is None:
        return Content(
            layer.family, layer.kind, name, layer.detail, tr("waiting"), "", None, "waiting"
        )
    return Content(
        layer.family,
        layer.kind,
        name,
        layer.detail,
        _shape(row.output),
        tr("{n:,} params", n=row.parameter_count) if row.parameter_count else "—",
        row.output,
    )


def input_content(session: Session) -> Content:
    """The card of the input."""
    shape = session.network.input.shape
    return Content(
        "input", "input", tr("Input"), text(session.dataset.title), _shape(shape), "0–1", shape
    )


def spoken(content: Content, row: Row | None, place: int, count: int) -> str:
    """The card in words, for screen readers: position `place` of `count`."""
    where = tr("{place:,} of {count:,}", place=place, count=count)
    if row is None:
        return tr("{name}, {shape}, {where}", name=content.title, shape=content.result, where=where)
    if row.problem is not None:
        return tr(
            "{name}, does not fit: {headline} {where}",
            name=content.title,
            headline=row.problem.headline,
            where=where,
        )
    if row.output is None:
        return tr("{name}, waiting, {where}", name=content.title, where=where)
    return tr(
        "{name}, output {shape}, {n:,} parameters, {where}",
        name=content.title,
        shape=content.result,
        n=row.parameter_count,
        where=where,
    )


def _shape(shape: Shape) -> str:
    if isinstance(shape, Maps):
        return f"{shape.height:,}×{shape.width:,}×{shape.channels:,}"
    return f"{shape.length:,}"
