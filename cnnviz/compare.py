"""Two networks, or a network and its state before, layer by layer and in sum."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from msgspec import Struct

from cnnviz.alignment import align, rising
from cnnviz.analysis import Report, Row
from cnnviz.layers import Branches
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from cnnviz.layers import Layer

Aspect = Literal[
    "settings", "place", "output", "parameters", "multiply_adds", "receptive_field", "problem"
]
Verdict = Literal["equal", "changed", "left", "right"]


_APART = {"uid", "branches"}


class Pair(Struct, frozen=True, gc=False):
    """A layer of each side, or of one side alone."""

    left: Row | None
    right: Row | None
    differs: tuple[Aspect, ...] = ()
    """In what two layers differ that go together."""

    @property
    def verdict(self) -> Verdict:
        """Whether both are equal, changed, or there is only one."""
        if self.left is None:
            return "right"
        if self.right is None:
            return "left"
        return "changed" if self.differs else "equal"


class Total(Struct, frozen=True):
    """A number of each network as a whole; None where there is none."""

    name: str
    """What it is called in JSON."""
    title: Message
    left: int | None
    right: int | None
    partial: tuple[bool, bool] = (False, False)
    """Whether a side could not be counted to its end, so that its number is a lower bound."""

    @property
    def difference(self) -> int | None:
        """Right minus left."""
        return None if self.left is None or self.right is None else self.right - self.left

    @property
    def ratio(self) -> float | None:
        """Right divided by left; None where there is nothing to divide by."""
        return self.right / self.left if self.left and self.right is not None else None


class Comparison(Struct, frozen=True):
    """`pairs` in the order of both networks, each layer of each exactly once."""

    left: Report
    right: Report
    pairs: tuple[Pair, ...]
    totals: tuple[Total, ...]

    def count(self, verdict: Verdict) -> int:
        """How many pairs there are of that verdict."""
        return sum(pair.verdict == verdict for pair in self.pairs)


def compare(left: Report, right: Report, *, same_origin: bool = False) -> Comparison:
    """Put two networks side by side.

    same_origin: whether both are states of one project. Layers then go together by their uid, also
    where one has moved; otherwise by their order, what is alike first and then what is of one kind.
    """
    if same_origin:
        pairs = _by_uid(left.rows, right.rows)
    else:
        sides = [_nodes(side.network.layers, iter(side.rows)) for side in (left, right)]
        pairs = _by_order(*sides)
    return Comparison(left, right, tuple(pairs), _totals(left, right))


def changed_settings(left: Layer, right: Layer) -> tuple[str, ...]:
    """The names of the fields in which two layers of one kind differ.

    uids do not count, nor what is in a block: that is compared on its own.
    """
    return tuple(
        name
        for name in left.__struct_fields__
        if name not in _APART and getattr(left, name) != getattr(right, name)
    )


def _by_uid(left: Sequence[Row], right: Sequence[Row]) -> Iterator[Pair]:
    places = {row.layer.uid: place for place, row in enumerate(left)}
    partners = [places.get(row.layer.uid) for row in right]
    met = [place for place in partners if place is not None]
    gone, in_order = set(range(len(left))).difference(met), rising(met)
    i = 0
    for row, partner in zip(right, partners, strict=True):
        if partner in in_order:
            # What is gone is shown where it stood: before the next layer that has stayed.
            yield from (Pair(left[place], None) for place in range(i, partner) if place in gone)
            i = partner + 1
        if partner is None:
            yield Pair(None, row)
        else:
            yield _pair(left[partner], row, moved=partner not in in_order)
    yield from (Pair(left[place], None) for place in range(i, len(left)) if place in gone)


class _Node(NamedTuple):
    """A layer in its chain, and the chains in it if it is a block."""

    row: Row
    bare: Layer
    """The layer without uids, which say nothing about what it does."""
    branches: tuple[tuple[_Node, ...], ...]

    @property
    def kind(self) -> Hashable:
        """What can stand for another of its kind: blocks must merge in the same way."""
        layer = self.bare
        return (type(layer), layer.merge) if isinstance(layer, Branches) else type(layer)


def _nodes(layers: Sequence[Layer], rows: Iterator[Row]) -> tuple[_Node, ...]:
    """rows: those of the layers and of all that is in them, in the order of a report."""
    found = []
    for layer in layers:
        row, bare = next(rows), msgspec.structs.replace(layer, uid="")
        branches: tuple[tuple[_Node, ...], ...] = ()
        if isinstance(layer, Branches):
            branches = tuple(_nodes(branch, rows) for branch in layer.branches)
            inner = tuple(tuple(node.bare for node in branch) for branch in branches)
            bare = msgspec.structs.replace(bare, branches=inner)
        found.append(_Node(row, bare, branches))
    return tuple(found)


def _by_order(left: Sequence[_Node], right: Sequence[_Node]) -> Iterator[Pair]:
    # Blocks and layers with weights are the skeleton; ReLUs and pools, all alike, fill it in.
    keys: tuple[Callable[[_Node], Hashable], ...] = (
        lambda node: (node.kind, node.row.output, *node.row.parameters.items()),
        lambda node: node.bare,
        lambda node: node.kind,
    )
    levels = [(_skeleton(left, key), _skeleton(right, key)) for key in keys]
    levels += [([key(node) for node in left], [key(node) for node in right]) for key in keys[1:]]
    for i, j in align(levels):
        if i is None or j is None:
            yield from _alone(None if i is None else left[i], None if j is None else right[j])
            continue
        yield _pair(left[i].row, right[j].row, moved=False)
        for one, other in zip_longest(left[i].branches, right[j].branches, fillvalue=()):
            yield from _by_order(one, other)


def _alone(left: _Node | None, right: _Node | None) -> Iterator[Pair]:
    """A layer of one side, and all that is in it."""
    node = left or right
    if node is None:
        return
    yield Pair(left and left.row, right and right.row)
    for branch in node.branches:
        for inner in branch:
            yield from _alone(left and inner, right and inner)


def _skeleton(nodes: Sequence[_Node], key: Callable[[_Node], Hashable]) -> list[Hashable]:
    """The keys of blocks and of layers with weights; others are like nothing on the other side."""
    return [key(node) if node.row.parameters or node.branches else id(nodes) for node in nodes]


def _pair(left: Row, right: Row, *, moved: bool) -> Pair:
    return Pair(left, right, tuple(_differences(left, right, moved=moved)))


def _differences(left: Row, right: Row, *, moved: bool) -> Iterator[Aspect]:
    if type(left.layer) is not type(right.layer) or changed_settings(left.layer, right.layer):
        yield "settings"
    if moved:
        yield "place"
    if left.output != right.output:
        yield "output"
    if left.parameter_count != right.parameter_count:
        yield "parameters"
    if left.multiply_adds != right.multiply_adds:
        yield "multiply_adds"
    if sees(left) != sees(right):
        yield "receptive_field"
    if (left.problem is None) != (right.problem is None):
        yield "problem"


def sees(row: Row) -> tuple[int, int] | None:
    """Height and width of the receptive field in pixels; None where it is not known."""
    field = row.receptive_field
    return None if field is None else (field.height, field.width)


def _totals(left: Report, right: Report) -> tuple[Total, ...]:
    partial = (_partial(left), _partial(right))
    counted = [
        ("layers", Message("Layers"), _computed(left), _computed(right)),
        ("parameters", Message("Parameters"), left.parameters, right.parameters),
        ("trainable", Message("Trainable"), left.trainable, right.trainable),
        ("buffers", Message("Running statistics"), left.buffers, right.buffers),
        ("multiply_adds", Message("Multiply-adds"), left.multiply_adds, right.multiply_adds),
        (
            "activation_bytes",
            Message("Activations, bytes"),
            left.activation_bytes,
            right.activation_bytes,
        ),
        ("depth", Message("Depth"), left.depth, right.depth),
    ]
    hidden = set()  # what would say nothing new
    if not left.buffers and not right.buffers:
        hidden.add("buffers")
    if not any(row.frozen for row in (*left.rows, *right.rows)):
        hidden.add("trainable")
    made = [
        Total(name, title, one, other, (False, False) if name == "layers" else partial)
        for name, title, one, other in counted
        if name not in hidden
    ]
    fields = [report.receptive_field for report in (left, right)]
    heights = [None if field is None else field.height for field in fields]
    widths = [None if field is None else field.width for field in fields]
    if heights == widths:
        made.append(Total("sees", Message("Sees, px"), heights[0], heights[1], partial))
    else:
        made += [
            Total("sees_height", Message("Sees, rows"), heights[0], heights[1], partial),
            Total("sees_width", Message("Sees, columns"), widths[0], widths[1], partial),
        ]
    return tuple(made)


def _computed(report: Report) -> int:
    """How many layers are not skipped."""
    return sum(not row.off for row in report.rows)


def _partial(report: Report) -> bool:
    return any(row.output is None for row in report.rows)
