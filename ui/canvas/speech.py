"""The canvas in words: what screen readers say of the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers import Branches
from cnnviz.network import INPUT_UID
from ui.canvas.content import block_title
from ui.i18n import shape_text, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.analysis import Row
    from cnnviz.layers import Problem
    from cnnviz.network import Network, Place
    from ui.canvas.content import Content


def spoken(content: Content, row: Row | None, inside: Sequence[Row], where: str) -> str:
    """The card in words, for screen readers; `where`: its place in words.

    inside: the rows of a block's layers, whose parameters and problems are those of the block.
    """
    if row is None:
        return tr("{name}, {shape}, {where}", name=content.title, shape=content.result, where=where)
    name = block_title(row.layer) if isinstance(row.layer, Branches) else content.title
    if content.frozen:
        name = tr("{name}, frozen", name=name)
    if row.off:
        name = tr("{name}, disabled", name=name)
        if row.output is None:
            return tr("{name}, {where}", name=name, where=where)
        shape = shape_text(row.output)
        return tr("{name}, passes {shape} on, {where}", name=name, shape=shape, where=where)
    problem = problem_of(row, inside)
    if problem is not None:
        return tr(
            "{name}, does not fit: {headline} {where}",
            name=name,
            headline=problem.headline,
            where=where,
        )
    if row.output is None:
        return tr("{name}, waiting, {where}", name=name, where=where)
    return tr(
        "{name}, output {shape}, {n:,} parameters, {where}",
        name=name,
        shape=shape_text(row.output),
        n=sum(one.parameter_count or 0 for one in (row, *inside)),
        where=where,
    )


def problem_of(row: Row, inside: Sequence[Row]) -> Problem | None:
    """What keeps a layer from working, or the first of those in a block."""
    return next((one.problem for one in (row, *inside) if one.problem is not None), None)


def branch_in_words(network: Network, place: Place) -> str:
    """An empty branch that is chosen, for screen readers."""
    block = network.layer(place.block)
    return tr(
        "empty branch {branch:,} of {branches:,} in {block}, the next layer goes here",
        branch=place.branch + 1,
        branches=len(block.branches) if isinstance(block, Branches) else 0,
        block=block.name,
    )


def where_in_words(network: Network, uid: str) -> str:
    """The place of a layer, or of the input, for screen readers, from the innermost outwards."""
    if uid == INPUT_UID:
        return tr("{place:,} of {count:,}", place=0, count=len(network.layers))
    place = network.place(uid)
    count = len(network.chain(place.block, place.branch))
    if not place.block:
        return tr("{place:,} of {count:,}", place=place.index + 1, count=count)
    block = network.layer(place.block)
    branches = len(block.branches) if isinstance(block, Branches) else 0
    return tr(
        "branch {branch:,} of {branches:,}, layer {place:,} of {count:,} in {block}",
        branch=place.branch + 1,
        branches=branches,
        place=place.index + 1,
        count=count,
        block=block.name,
    )
