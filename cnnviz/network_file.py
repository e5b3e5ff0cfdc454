"""A network as JSON, as in `assets/presets`: readable, a layer a line."""

from __future__ import annotations

from typing import Any

import msgspec

from cnnviz.layers import Branches
from cnnviz.message import Message, UserError
from cnnviz.network import INPUT_UID, MAX_DEPTH, MAX_LAYERS, VERSION, Network, named_by_place
from cnnviz.strict_json import check_header, decode_json


def decode_network(data: bytes | str) -> Network:
    """Read a network from JSON.

    Raises:
        UserError: what was found, what was expected and where, in one sentence.
    """
    check_header(data, "cnnviz-network", VERSION)
    return checked(decode_json(data, Network))


def encode_network(network: Network) -> bytes:
    """The network as readable JSON, a layer a line, as in `assets/presets`."""
    return encode_document(msgspec.to_builtins(network))


def encode_document(document: dict[str, Any]) -> bytes:
    """A network that is plain dicts and lists already, perhaps without what may be left out."""
    layers = document["layers"]
    head = _line({name: value for name, value in document.items() if name != "layers"})[:-1]
    lines = ",\n  ".join(_layer_lines(layer, "  ") for layer in layers)
    return f'{head},\n "layers": [\n  {lines}]}}\n'.encode()


_USUAL = {"frozen": False, "enabled": True}


def _layer_lines(layer: dict[str, object], indent: str) -> str:
    """A layer on a line, what is in a block on lines of its own, further in."""
    # Older versions know neither frozen nor disabled layers, and read a file without any.
    shown = {
        name: value
        for name, value in layer.items()
        if value not in (None, "", (), [], {}) and value is not _USUAL.get(name)
    }
    branches = shown.pop("branches", None)
    if not isinstance(branches, tuple | list):
        return _line(shown)
    inner = indent + "  "
    lines = []
    for branch in branches:
        text = f",\n{inner} ".join(_layer_lines(one, f"{inner} ") for one in branch)
        lines.append(f"{inner}[{text}]")
    return _line(shown)[:-1] + ', "branches": [\n' + ",\n".join(lines) + "]}"


def _line(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value).decode(), indent=0)


def checked(network: Network) -> Network:
    """The network with all its uids, after the checks that JSON types cannot make.

    Raises:
        UserError: too many layers, branches nested too deep, or a uid that occurs twice.
    """
    walked = list(network.walk())
    for path, layer in walked:
        if isinstance(layer, Branches) and path.count("/") >= 2 * MAX_DEPTH:
            raise UserError(
                Message(
                    "The branches of the network are nested more than {limit} deep, at {place}. "
                    "Take some apart.",
                    limit=MAX_DEPTH,
                    place=_place_in_file(path.split("/")[0]),
                )
            )
    layers = [layer for _, layer in walked]
    if len(layers) > MAX_LAYERS:
        raise UserError(
            Message(
                "The network has {n:,} layers; at most {limit:,} are allowed. Remove some.",
                n=len(layers),
                limit=MAX_LAYERS,
            )
        )
    places: dict[str, str] = {}
    for path, layer in walked:
        if layer.uid == INPUT_UID:
            raise UserError(
                Message(
                    "The layer at {place} has the uid 'input', which belongs to the input. "
                    "Choose another.",
                    place=_place_in_file(path),
                )
            )
        if layer.uid in places:
            raise UserError(
                Message(
                    "Two layers have the uid {uid}, at {first} and {second}; each needs its own. "
                    "Change or remove one of them.",
                    uid=repr(layer.uid),
                    first=_place_in_file(places[layer.uid]),
                    second=_place_in_file(path),
                )
            )
        if layer.uid:
            places[layer.uid] = path
    return named_by_place(network)


def _place_in_file(path: str) -> str:
    """The place of a layer as msgspec names places: 3/1/0 is $.layers[3].branches[1][0]."""
    first, *others = path.split("/")
    pairs = zip(others[::2], others[1::2], strict=True)
    return f"$.layers[{first}]" + "".join(f".branches[{a}][{b}]" for a, b in pairs)
