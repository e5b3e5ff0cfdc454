"""Where in a network the values come from that a layer works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.layers import Shape
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.analysis import Report


class Source(Struct, frozen=True):
    """A layer (or the input) whose output is read, and the shape of that."""

    uid: str
    shape: Shape


def sources_of(report: Report, uid: str) -> tuple[Source, ...]:
    """What a layer reads; nothing where it does not work. Raises KeyError."""
    index = report.network.index(uid)
    row = report.rows[index]
    if row.input is None or row.output is None:
        return ()
    before = report.rows[index - 1].layer.uid if index else INPUT_UID
    return (Source(before, row.input),)
