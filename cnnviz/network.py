"""A network: the input and the chain of layers. Every edit returns a new network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec
from msgspec import Struct

from cnnviz.layers import LIMIT, AnyLayer, Layer, Maps
from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

VERSION = 1
MAX_LAYERS = 10_000
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


class Network(Struct, frozen=True, forbid_unknown_fields=True):
    """An input and the layers that it goes through, first to last. Each layer has its own uid."""

    format: Literal["cnnviz-network"] = "cnnviz-network"
    version: int = VERSION
    name: str = ""
    input: Input = Input()
    layers: tuple[AnyLayer, ...] = ()

    def index(self, uid: str) -> int:
        """Where a layer stands. Raises KeyError where there is none of that uid."""
        for index, layer in enumerate(self.layers):
            if layer.uid == uid:
                return index
        raise KeyError(uid)

    def layer(self, uid: str) -> Layer:
        """The layer of that uid. Raises KeyError."""
        return self.layers[self.index(uid)]

    def with_layers(self, layers: Iterable[Layer]) -> Network:
        """The same input with other layers."""
        return msgspec.structs.replace(self, layers=tuple(layers))

    def insert(self, index: int, *layers: Layer) -> Network:
        """With layers put in before position `index`."""
        return self.with_layers((*self.layers[:index], *layers, *self.layers[index:]))

    def remove(self, uids: Iterable[str]) -> Network:
        """Without the layers of these uids."""
        gone = set(uids)
        return self.with_layers(layer for layer in self.layers if layer.uid not in gone)

    def move(self, uids: Iterable[str], index: int) -> Network:
        """With these layers, in their order, put before what stands at position `index` now."""
        moving = set(uids)
        before = [layer for layer in self.layers[:index] if layer.uid not in moving]
        after = [layer for layer in self.layers[index:] if layer.uid not in moving]
        moved = [layer for layer in self.layers if layer.uid in moving]
        return self.with_layers((*before, *moved, *after))

    def replace(self, uid: str, *layers: Layer) -> Network:
        """With other layers in the place of one. Raises KeyError."""
        index = self.index(uid)
        return self.with_layers((*self.layers[:index], *layers, *self.layers[index + 1 :]))

    def with_input(self, image: Input) -> Network:
        """The same layers behind another input."""
        return msgspec.structs.replace(self, input=image)

    def named(self, new_uid: Callable[[], str]) -> Network:
        """With a uid for every layer that has none, or has that of a layer before it."""
        seen: set[str] = set()
        layers = []
        for layer in self.layers:
            uid = layer.uid
            while not uid or uid in seen:
                uid = new_uid()
            seen.add(uid)
            layers.append(layer if uid == layer.uid else msgspec.structs.replace(layer, uid=uid))
        return self.with_layers(layers)


def named_by_place(network: Network) -> Network:
    """With uids from the places in the chain, as a file without uids gets them."""
    taken = {layer.uid for layer in network.layers}
    layers: list[Layer] = []
    for index, layer in enumerate(network.layers):
        uid = layer.uid or str(index)
        while not layer.uid and uid in taken:
            uid += "'"
        taken.add(uid)
        layers.append(layer if layer.uid else msgspec.structs.replace(layer, uid=uid))
    return network.with_layers(layers)


class _Header(Struct):
    format: str = ""
    version: Annotated[int, msgspec.Meta(ge=1)] = VERSION


def decode_network(data: bytes | str) -> Network:
    """Read a network from JSON.

    Raises:
        UserError: what was found, what was expected and where, in one sentence.
    """
    check_header(data, "cnnviz-network", VERSION)
    return checked(decode_json(data, Network))


def encode_network(network: Network) -> bytes:
    """The network as readable JSON, a layer a line, as in `assets/presets`."""
    document = msgspec.to_builtins(network)
    layers = [_without_empty(layer) for layer in document.pop("layers")]
    head = _line(document)[:-1]
    lines = ",\n  ".join(map(_line, layers))
    return f'{head},\n "layers": [\n  {lines}]}}\n'.encode()


def _line(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value).decode(), indent=0)


def _without_empty(layer: dict[str, object]) -> dict[str, object]:
    # Older versions know no frozen layers, and read a file without any.
    return {
        name: value
        for name, value in layer.items()
        if value not in (None, (), {}) and (name != "frozen" or value)
    }


def checked(network: Network) -> Network:
    """The network with all its uids, after the checks that JSON types cannot make.

    Raises:
        UserError: too many layers, or a uid that occurs twice.
    """
    if len(network.layers) > MAX_LAYERS:
        raise UserError(
            Message(
                "The network has {n:,} layers; at most {limit:,} are allowed. Remove some.",
                n=len(network.layers),
                limit=MAX_LAYERS,
            )
        )
    uids = [layer.uid for layer in network.layers if layer.uid]
    if len(set(uids)) < len(uids):
        twice = next(uid for index, uid in enumerate(uids) if uid in uids[:index])
        raise UserError(
            Message(
                "Two layers have the uid {uid}; each needs its own. Change or remove one of them.",
                uid=repr(twice),
            )
        )
    if INPUT_UID in uids:
        raise UserError(
            Message("A layer has the uid 'input', which belongs to the input. Choose another.")
        )
    return named_by_place(network)


def check_header(data: bytes | str, expected: str, version: int) -> None:
    """Refuse another format or a newer version before looking at the rest.

    Raises:
        UserError: with the sentence to show.
    """
    header = decode_json(data, _Header)
    if header.format != expected:
        raise UserError(
            Message(
                'The file\'s "format" is {found}, but {expected} was expected. Choose a file that '
                "CNNviz has written.",
                found=repr(header.format) if header.format else "missing",
                expected=repr(expected),
            )
        )
    if header.version > version:
        raise UserError(
            Message(
                "The file has version {found}; this program reads version {known}. "
                "Use a newer CNNviz.",
                found=header.version,
                known=version,
            )
        )


def decode_json(data: bytes | str, expected: type[T]) -> T:
    """Strict JSON of a known type.

    Raises:
        UserError: what was found, what was expected, and the place.
    """
    try:
        return msgspec.json.decode(data, type=expected)
    except msgspec.ValidationError as error:
        raise UserError(
            Message(
                "The file does not hold what it should: {reason}. Mend it there, or choose "
                "another file.",
                reason=str(error),
            )
        ) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UserError(
            Message("The file is not valid JSON: {reason}.", reason=str(error))
        ) from None
