"""Random edits of a network with blocks, as a person could make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten, MaxPool
from cnnviz.network import Network, Place

if TYPE_CHECKING:
    from ui.session import Session

INNER = Branches(
    uid="inner",
    label="Inner",
    merge="concat",
    branches=((Conv2d(uid="a", filters=4, padding="same"), Activation(uid="b")), ()),
)
OUTER = Branches(
    uid="outer",
    label="Inception",
    merge="concat",
    branches=(
        (Conv2d(uid="c", filters=4, padding="same"), INNER),
        (BatchNorm(uid="d"),),
        (),
    ),
)
NESTED = Network(
    layers=(
        Conv2d(uid="first", filters=8),
        OUTER,
        MaxPool(uid="pool"),
        Flatten(uid="flat"),
        Dense(uid="out", units=10),
    )
)
"""A block with a block in its first branch, and empty branches in both."""

KINDS = (Conv2d(), MaxPool(), Flatten(), Activation(), BatchNorm(), INNER)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(
            ["insert", "delete", "duplicate", "move", "wrap", "unwrap", "add", "remove", "field",
             "disable", "undo", "redo"]
        ),
        st.lists(st.integers(0, 99), min_size=1, max_size=3),
        st.integers(0, 99),
    ),
    max_size=12,
)  # fmt: skip


def present(session: Session) -> list[str]:
    """The uids of all layers."""
    return [layer.uid for _, layer in session.network.walk()]


def places(network: Network) -> list[Place]:
    """Everywhere something can be put."""
    found = [Place(index) for index in range(len(network.layers) + 1)]
    for _, layer in network.walk():
        if isinstance(layer, Branches):
            for number, branch in enumerate(layer.branches):
                found += [Place(index, layer.uid, number) for index in range(len(branch) + 1)]
    return found


def do(session: Session, edit: str, which: list[int], where: int) -> None:
    """One edit; what it cannot be done with is left alone."""
    everywhere, uids = places(session.network), present(session)
    place = everywhere[where % len(everywhere)]
    if edit == "insert":
        session.insert([KINDS[number % len(KINDS)] for number in which], place)
    elif edit == "undo":
        session.undo()
    elif edit == "redo":
        session.redo()
    elif uids:
        chosen = [uids[number % len(uids)] for number in which]
        _with(session, edit, chosen, place, where)


def _with(session: Session, edit: str, chosen: list[str], place: Place, where: int) -> None:
    layer = session.network.layer(chosen[0])
    if edit == "delete":
        session.delete(*chosen)
    elif edit == "duplicate":
        session.duplicate(*chosen)
    elif edit == "move":
        session.move(chosen, place)
    elif edit == "disable":
        session.set_enabled(*chosen, enabled=where % 2 == 0)
    elif edit == "wrap":
        session.wrap(chosen[0])
    elif edit == "field" and isinstance(layer, Conv2d):
        session.set_field(layer.uid, "filters", where + 1)
    elif isinstance(layer, Branches):
        if edit == "unwrap":
            session.unwrap(layer.uid)
        elif edit == "add":
            session.add_branch(layer.uid)
        elif edit == "remove":
            session.remove_branch(layer.uid, where % len(layer.branches))
        elif edit == "field":
            session.set_field(layer.uid, "merge", ("add", "concat", "multiply")[where % 3])
