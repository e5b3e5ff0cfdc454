"""Layers as text: a network as files have it, which can be sent in a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from cnnviz.message import Message, UserError
from cnnviz.network import VERSION, Input, Network, renamed
from cnnviz.network_file import checked, encode_network
from cnnviz.reasons import reason_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.layers import Layer

MAX_LENGTH = 8_000_000
"""Characters of a text that is looked at."""


def written(layers: Sequence[Layer], image: Input) -> str:
    """A network of these layers. They have no uids, because a copy is something new."""
    nameless = renamed(layers, lambda: "")
    return encode_network(Network(input=image).with_layers(nameless)).decode()


def read(text: str) -> Network:
    """The network in a text: as a file has it, or only its list of layers, or a single one; alone,
    or between the marks that messages put around a program.

    Raises:
        UserError: why it is no network, in a sentence.
    """
    marked = re.search(r"```\w*\n(.*?)```", text, re.DOTALL)
    text = (marked[1] if marked else text).strip()
    nothing = UserError(
        Message(
            "The clipboard holds no network. Copy layers of a network, or the text of a network "
            "file, and paste that."
        )
    )
    if not text.startswith(("{", "[")) or len(text) > MAX_LENGTH:
        raise nothing
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise nothing from None
    if isinstance(content, dict) and "type" in content:
        content = [content]
    if isinstance(content, list):
        content = {"format": "cnnviz-network", "layers": content}
    if "format" not in content:
        raise nothing
    version = content.get("version", VERSION)
    if isinstance(version, int) and version > VERSION:
        raise UserError(
            Message(
                "The text has version {found}; this program reads version {known}. Use a newer "
                "CNNviz.",
                found=version,
                known=VERSION,
            )
        )
    try:
        network = checked(msgspec.json.decode(msgspec.json.encode(content), type=Network))
    except msgspec.ValidationError as error:
        raise UserError(
            Message("The text cannot be pasted: {reason}.", reason=reason_of(error))
        ) from None
    except RecursionError:
        raise UserError(
            Message("The text cannot be pasted: {reason}.", reason=Message("it is nested too deep"))
        ) from None
    if not network.layers:
        raise nothing
    return network
