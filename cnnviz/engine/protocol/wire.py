"""How messages go through the pipe: msgpack, and large arrays as they are."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import TYPE_CHECKING

import msgspec

from cnnviz.engine.protocol.asked import Bearing, ToEngine
from cnnviz.engine.protocol.told import FromEngine
from cnnviz.engine.protocol.values import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

encoder = msgspec.msgpack.Encoder()

APART = 1 << 20
"""Bytes from which an array goes through the pipe on its own, behind its message."""
_EMPTY = memoryview(b"")


def frames(message: ToEngine) -> Iterator[bytes | memoryview]:
    """What goes through the pipe to the engine: the message, then its large arrays as they are.

    In one piece all of it would be copied by a call that holds up every thread of the window: for
    VGG-16, half a second.
    """
    if not isinstance(message, Bearing):
        yield encoder.encode(message)
        return
    apart = [tensor.data.nbytes >= APART for tensor in message.tensors]
    tensors = [
        Tensor(tensor.uid, tensor.name, tensor.shape, _EMPTY) if large else tensor
        for tensor, large in zip(message.tensors, apart, strict=True)
    ]
    yield encoder.encode(msgspec.structs.replace(message, tensors=tensors))
    yield from (t.data for t, large in zip(message.tensors, apart, strict=True) if large)


def receive(take: Callable[[], bytes]) -> ToEngine:
    """The next message to the engine; `take` waits for the next piece from the pipe.

    Raises what `take` raises, and msgspec.DecodeError.
    """
    message = decode_to_engine(take())
    if not isinstance(message, Bearing):
        return message
    tensors = [
        Tensor(tensor.uid, tensor.name, tensor.shape, memoryview(take()))
        if prod(tensor.shape) and not tensor.data.nbytes
        else tensor
        for tensor in message.tensors
    ]
    return msgspec.structs.replace(message, tensors=tensors)


def decode_to_engine(data: bytes) -> ToEngine:
    """What the window said. Raises msgspec.DecodeError."""
    return _to_engine().decode(data)


def decode_from_engine(data: bytes) -> FromEngine:
    """What the engine said. Raises msgspec.DecodeError."""
    return _from_engine().decode(data)


# Each process needs one of the two, and the window not before it is painted.


@cache
def _to_engine() -> msgspec.msgpack.Decoder[ToEngine]:
    return msgspec.msgpack.Decoder(ToEngine)


@cache
def _from_engine() -> msgspec.msgpack.Decoder[FromEngine]:
    return msgspec.msgpack.Decoder(FromEngine)
