"""A network: the input and the chain of layers. Every edit returns a new network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Struct

from cnnviz.layers import LIMIT, Activation, AnyLayer, Branches, Layer, Maps

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

VERSION = 1
MAX_LAYERS = 10_000
MAX_DEPTH = 50
"""So deep branches may be nested."""
INPUT_UID = "input"
"""How views and problems name the input, which is not a layer."""


class Input(Struct, frozen=True, forbid_unknown_fields=True):
    """The size of the image that the network takes, in pixels and channels."""

    height: Annotated[int, msgspec.Meta(ge=1, le=LIMIT)] = 28
    width: Annotated[int, msgspec.Meta(ge=1, le=LIMIT)] = 28
    channels: Annotated[int, msgspec.Meta(ge=1, le=LIMIT)] = 1

    @property
    def shape(self) -> Maps:
        """The same as a shape."""
        return Maps(self.height, self.width, self.channels)


class Place(Struct, frozen=True):
    """A place in a chain: before what stands at position `index` now.

    block: the uid of the Branches that the chain is in, "" for the network's own chain.
    branch: which of its branches, from 0.
    """

    index: int
    block: str = ""
    branch: int = 0


class Network(Struct, frozen=True, forbid_unknown_fields=True):
    """An input and the layers that it goes through, first to last. Each layer has its own uid.

    `layers` is the network's own chain; Branches in it hold further chains. Where an edit takes a
    place, a number is a position in the network's own chain.
    """

    format: Literal["cnnviz-network"] = "cnnviz-network"
    version: int = VERSION
    name: str = ""
    input: Input = Input()
    layers: tuple[AnyLayer, ...] = ()

    # --- looking ------------------------------------------------------------------------------

    def walk(self) -> Iterator[tuple[str, Layer]]:
        """Every layer of every depth with its path, such as "3/1/0": layer 0 of branch 1 of node 3.

        Branches come before what is in them.
        """
        yield from _walk(self.layers, "")

    def place(self, uid: str) -> Place:
        """Where a layer stands. Raises KeyError where there is none of that uid."""
        place = _find(self.layers, uid, "", 0)
        if place is None:
            raise KeyError(uid)
        return place

    def layer(self, uid: str) -> Layer:
        """The layer of that uid, of any depth. Raises KeyError."""
        place = self.place(uid)
        return self.chain(place.block, place.branch)[place.index]

    def has(self, uid: str) -> bool:
        """Whether there is a layer of that uid, of any depth."""
        return _find(self.layers, uid, "", 0) is not None

    def chain(self, block: str = "", branch: int = 0) -> tuple[Layer, ...]:
        """The layers of the network's own chain, or of a branch. Raises KeyError, IndexError."""
        if not block:
            return self.layers
        found = self.layer(block)
        if not isinstance(found, Branches):
            raise KeyError(block)
        return found.branches[branch]

    def inside(self, uid: str) -> set[str]:
        """The uids of all layers within a Branches, its own left out; none for other kinds."""
        return {layer.uid for _, layer in _walk((self.layer(uid),), "") if layer.uid != uid}

    @property
    def last(self) -> Layer | None:
        """The last layer of the network's own chain that is computed: it gives the answer."""
        return next((layer for layer in reversed(self.layers) if layer.enabled), None)

    @property
    def ensemble(self) -> Branches | None:
        """The block of added branches that gives the answer, if one does; a softmax may follow."""
        computed = [layer for layer in self.layers if layer.enabled]
        if computed and isinstance(computed[-1], Activation) and computed[-1].function == "softmax":
            computed.pop()
        last = computed[-1] if computed else None
        return last if isinstance(last, Branches) and last.merge == "add" else None

    def without_disabled(self) -> Network:
        """What is computed: without the disabled layers, and what is in those that are blocks."""
        layers = _mapped(self.layers, lambda layer: (layer,) if layer.enabled else ())
        return self if layers is self.layers else self.with_layers(layers)

    # --- editing ------------------------------------------------------------------------------

    def with_layers(self, layers: Iterable[Layer]) -> Network:
        """The same input with other layers."""
        return msgspec.structs.replace(self, layers=tuple(layers))

    def with_input(self, image: Input) -> Network:
        """The same layers behind another input."""
        return msgspec.structs.replace(self, input=image)

    def insert(self, place: Place | int, *layers: Layer) -> Network:
        """With layers put in at a place. Raises KeyError, IndexError: there is no such chain."""
        place = _place(place)
        return self._with_chain(
            place, lambda chain: (*chain[: place.index], *layers, *chain[place.index :])
        )

    def remove(self, uids: Iterable[str]) -> Network:
        """Without the layers of these uids, of any depth, and what is in them."""
        gone = set(uids)
        return self.with_layers(
            _mapped(self.layers, lambda layer: () if layer.uid in gone else (layer,))
        )

    def move(self, uids: Iterable[str], place: Place | int) -> Network:
        """With these layers, in their order, put before what stands at a place now.

        What is within a moved block goes with it. A block cannot go into itself: the network is
        then returned as it is. Raises KeyError, IndexError where there is no such chain.
        """
        place = _place(place)
        chain = self.chain(place.block, place.branch)
        moving = set(uids)
        within: set[str] = set()
        outer = ""
        for path, layer in self.walk():
            if outer and path.startswith(outer):
                within.add(layer.uid)
            elif layer.uid in moving:
                outer = f"{path}/"
        if place.block and place.block in moving | within:
            return self
        moving -= within
        moved = [layer for _, layer in self.walk() if layer.uid in moving]
        before = sum(layer.uid not in moving for layer in chain[: place.index])
        return self.remove(moving).insert(Place(before, place.block, place.branch), *moved)

    def replace(self, uid: str, *layers: Layer) -> Network:
        """With other layers in the place of one. Raises KeyError."""
        place = self.place(uid)
        return self._with_chain(
            place, lambda chain: (*chain[: place.index], *layers, *chain[place.index + 1 :])
        )

    def with_enabled(self, uids: Iterable[str], *, enabled: bool) -> Network:
        """With these layers enabled or disabled; of a block it is enough to name the block."""
        chosen = set(uids)

        def set_(layer: Layer) -> tuple[Layer]:
            if layer.uid not in chosen or layer.enabled == enabled:
                return (layer,)
            return (msgspec.structs.replace(layer, enabled=enabled),)

        layers = _mapped(self.layers, set_)
        return self if layers is self.layers else self.with_layers(layers)

    def _with_chain(
        self, place: Place, change: Callable[[tuple[Layer, ...]], Sequence[Layer]]
    ) -> Network:
        """With the chain of a place changed."""
        if not place.block:
            return self.with_layers(change(self.layers))
        block = self.layer(place.block)
        if not isinstance(block, Branches):
            raise KeyError(place.block)
        branches = [
            tuple(change(chain)) if number == place.branch else chain
            for number, chain in enumerate(block.branches)
        ]
        if not 0 <= place.branch < len(branches):
            raise IndexError(place.branch)
        changed = msgspec.structs.replace(block, branches=tuple(branches))
        return self.with_layers(
            _mapped(self.layers, lambda layer: (changed if layer.uid == block.uid else layer,))
        )

    def named(self, new_uid: Callable[[], str]) -> Network:
        """With a uid for every layer that has none, or has that of a layer before it."""
        seen: set[str] = set()

        def own(layer: Layer) -> tuple[Layer]:
            uid = layer.uid
            while not uid or uid in seen:
                uid = new_uid()
            seen.add(uid)
            return (layer if uid == layer.uid else msgspec.structs.replace(layer, uid=uid),)

        layers = _mapped(self.layers, own)
        return self if layers is self.layers else self.with_layers(layers)


def _place(place: Place | int) -> Place:
    return Place(place) if isinstance(place, int) else place


def _walk(layers: Sequence[Layer], before: str) -> Iterator[tuple[str, Layer]]:
    for index, layer in enumerate(layers):
        path = f"{before}{index}"
        yield path, layer
        if isinstance(layer, Branches):
            for number, branch in enumerate(layer.branches):
                yield from _walk(branch, f"{path}/{number}/")


def _find(layers: Sequence[Layer], uid: str, block: str, branch: int) -> Place | None:
    for index, layer in enumerate(layers):
        if layer.uid == uid:
            return Place(index, block, branch)
        if isinstance(layer, Branches):
            for number, inner in enumerate(layer.branches):
                place = _find(inner, uid, layer.uid, number)
                if place is not None:
                    return place
    return None


def _mapped(
    layers: tuple[Layer, ...], change: Callable[[Layer], Collection[Layer]]
) -> tuple[Layer, ...]:
    """The chain with every layer changed, blocks before what is in them; the very same tuple where
    nothing has changed, so that what is equal stays identical."""
    found: list[Layer] = []
    for layer in layers:
        for new in change(layer):
            if isinstance(new, Branches):
                inner = tuple(_mapped(branch, change) for branch in new.branches)
                same = all(a is b for a, b in zip(inner, new.branches, strict=True))
                new = new if same else msgspec.structs.replace(new, branches=inner)  # noqa: PLW2901
            found.append(new)
    same = len(found) == len(layers) and all(a is b for a, b in zip(found, layers, strict=True))
    return layers if same else tuple(found)


def renamed(layers: Sequence[Layer], new_uid: Callable[[], str]) -> tuple[Layer, ...]:
    """The layers, and all that is in them, with new uids: as copies, or as something new."""
    return _mapped(tuple(layers), lambda layer: (msgspec.structs.replace(layer, uid=new_uid()),))


def named_by_place(network: Network) -> Network:
    """With uids from the places in the network, as a file without uids gets them."""
    taken = {layer.uid for _, layer in network.walk()}
    paths = iter([path for path, _ in network.walk()])

    def own(layer: Layer) -> tuple[Layer]:
        uid = layer.uid or next(paths)
        if layer.uid:
            next(paths)
            return (layer,)
        while uid in taken:
            uid += "'"
        taken.add(uid)
        return (msgspec.structs.replace(layer, uid=uid),)

    return network.with_layers(_mapped(network.layers, own))
