"""ONNX made in a process of its own, so that neither the window nor a training run waits for it.

Importing this module does not import torch.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from cnnviz.analysis import analyze
from cnnviz.engine.protocol import Tensor, Text
from cnnviz.message import Message, UserError
from cnnviz.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from cnnviz.project import Weights

POLL_SECONDS = 0.05


class _Job(Struct, frozen=True):
    network: Network
    seed: int
    tensors: list[Tensor]
    about: str


class _Made(Struct, frozen=True, tag=True):
    model: bytes


class _Refused(Struct, frozen=True, tag=True):
    reason: Text


def onnx_elsewhere(
    network: Network, weights: Weights, seed: int, about: str, cancelled: Callable[[], bool]
) -> bytes | None:
    """The ONNX file of a network that works; None where it was cancelled, which ends the process.

    about: what it says of itself.

    Takes some seconds and belongs into a thread.

    Raises:
        UserError: as `onnx_bytes` does, or the process died.
    """
    import multiprocessing  # slow to import, and few need it

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run, args=(theirs,), name="cnnviz onnx", daemon=True)
    process.start()
    theirs.close()
    try:
        known = set(analyze(network).tensor_keys())
        tensors = [Tensor.of(*key[:2], weights[key]) for key in known if key in weights]
        ours.send_bytes(msgspec.msgpack.encode(_Job(network, seed, tensors, about)))
        while not ours.poll(POLL_SECONDS):
            if cancelled():
                return None
        answer = msgspec.msgpack.decode(ours.recv_bytes(), type=_Made | _Refused)
    except (EOFError, OSError) as error:
        raise UserError(
            Message("The program that makes ONNX files has ended unexpectedly. Try again.")
        ) from error
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()
    if isinstance(answer, _Refused):
        raise UserError(answer.reason.message())
    return answer.model


def run(connection: Connection) -> None:
    """What the new process does."""
    from tqdm import tqdm

    from cnnviz.engine.inline import explaining  # torch belongs to the new process alone
    from cnnviz.engine.onnx import onnx_bytes

    # The exporter's bars would have a lock among processes, a semaphore of the system, which stays
    # behind when this one is ended, and of which Python would complain when the window closes.
    tqdm.set_lock(RLock())
    job = msgspec.msgpack.decode(connection.recv_bytes(), type=_Job)
    weights = {tensor.key: tensor.array() for tensor in job.tensors}
    answer: _Made | _Refused
    try:
        with explaining("cpu"):
            answer = _Made(onnx_bytes(analyze(job.network), weights, job.seed, job.about))
    except UserError as error:
        answer = _Refused(Text.of(error.message))
    connection.send_bytes(msgspec.msgpack.encode(answer))
