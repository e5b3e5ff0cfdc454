"""Where in a network the values come from that a layer works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.layers import Branches, Shape

if TYPE_CHECKING:
    from cnnviz.analysis import Report


class Source(Struct, frozen=True):
    """A layer (or the input) whose output is read, and the shape of that."""

    uid: str
    shape: Shape


def sources_of(report: Report, uid: str) -> tuple[Source, ...]:
    """What a layer reads, of branches the ends of all of them; nothing where it does not work.

    Raises KeyError.
    """
    row = report.row(uid)
    if row.input is None or row.output is None:
        return ()
    own = Source(row.source, row.input)
    if row.off or not isinstance(row.layer, Branches):
        return (own,)
    found = []
    for branch in row.layer.computed:
        shape = report.row(branch[-1].uid).output if branch else None
        found.append(own if shape is None else Source(branch[-1].uid, shape))
    return tuple(found)
