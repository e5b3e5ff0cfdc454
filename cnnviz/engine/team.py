"""Several processes that train one network together, on one machine or on many: who computes what,
and their sums. PyTorch's `torchrun` starts them.

Each process has the whole network and all of the data. Of every batch it takes a share, and what
the shares have found is added up, so that all of them make the step of the whole batch.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

import torch
from torch import distributed
from torch.nn.modules.batchnorm import _BatchNorm

from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from torch import nn

PATIENCE = timedelta(minutes=5)
"""How long to wait for another process, which may still be reading its data."""
BUCKET = 1 << 22
"""Values that are sent together; while some are on their way the next ones are put together."""
_NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What `torchrun` tells each process it starts."""


class LostError(UserError):
    """Another process of the team has ended, or does not answer."""


class Team:
    """One process's view of all that train together.

    rank: its number, of 0 to size - 1. beside: how many of them share this machine. device: where
    this one computes.

    leaving: somebody wants this process to end. agreed: all have learned, after the same step, that
    one of them wants to.
    """

    def __init__(self, rank: int, size: int, beside: int, device: str) -> None:
        self.rank, self.size, self.beside, self.device = rank, size, beside, device
        self.leaving = self.agreed = False
        self._before: torch.Tensor | None = None  # how many wanted to leave at the last step

    @property
    def leads(self) -> bool:
        """Whether it is the one that prints and saves."""
        return self.rank == 0

    def share(self, count: int, least: int = 1) -> tuple[slice, float]:
        """Which images of a batch are this process's, and what part of the batch they are.

        Shares are as equal as can be, of at least so many images; a process for which none are left
        looks at the first ones, and they count as nothing there.
        """
        sharers = max(1, min(self.size, count // least))
        if self.rank >= sharers:
            return slice(0, min(least, count)), 0.0
        start, end = (count * place // sharers for place in (self.rank, self.rank + 1))
        return slice(start, end), (end - start) / count

    def add(self, *tensors: torch.Tensor) -> None:
        """Put into each tensor the sum of what it is in all processes; all of the same type.

        Raises:
            LostError: another process is gone.
        """
        with _losing(), torch.no_grad():
            sent = []
            for bucket in _buckets(tensors):
                flat = torch.cat([tensor.reshape(-1) for tensor in bucket])
                sent.append((bucket, flat, distributed.all_reduce(flat, async_op=True)))
            for bucket, flat, work in sent:
                work.wait()
                parts = torch.split(flat, [tensor.numel() for tensor in bucket])
                for tensor, part in zip(bucket, parts, strict=True):
                    tensor.copy_(part.view(tensor.shape))

    def pool(
        self, part: float, learned: Sequence[torch.Tensor], kept: Sequence[torch.Tensor],
        told: torch.Tensor,
    ) -> None:  # fmt: skip
        """Make of what each process has found in its part of a batch what the batch has to say.

        learned: gradients of the part's loss, counted as that part. kept: moving means and
        variances, which become their mean over the parts. told: sums.

        Raises:
            LostError: another process is gone.
        """
        with torch.no_grad():
            for values in kept:
                values.mul_(part)
        leaving = torch.full((), float(self.leaving), device=told.device)
        self.add(told, leaving, *kept, *learned)
        # On a device the value of the step before is read, for which nobody has to wait.
        known = leaving if told.device.type == "cpu" else self._before
        self._before = leaving
        self.agreed = self.agreed or (known is not None and bool(known))

    def hand_out(self, tensors: Iterable[torch.Tensor]) -> None:
        """Let all begin with the tensors of the first process, whose last digits may differ."""
        with _losing(), torch.no_grad():
            for tensor in tensors:
                distributed.broadcast(tensor, 0)

    def check_same(self, *parts: bytes | memoryview) -> None:
        """Make sure that all were started with the same.

        Raises:
            UserError: they were not.
        """
        state = hashlib.sha256(torch.__version__.encode())
        for part in parts:
            state.update(part)
        number = int.from_bytes(state.digest()[:7], "big")
        most = torch.tensor([number, -number])
        with _losing():
            distributed.all_reduce(most, distributed.ReduceOp.MAX)
        if most.tolist() != [number, -number]:
            raise UserError(
                Message(
                    "The processes that are to train together differ in their network, settings, "
                    "data or PyTorch. Start all of them with the same command and the same files."
                )
            )


@contextmanager
def joined(wanted: str | None) -> Iterator[Team | None]:
    """The team that this process was started for; None where it is alone.

    When all is well all of them leave together: the others wait while the first one saves. The
    process is to end by `leave`.

    wanted: the device that was asked for; by default each process takes a GPU of its own, where
    there are some.

    Raises:
        UserError: it cannot take part.
    """
    if any(name not in os.environ for name in _NAMES) or os.environ["WORLD_SIZE"] == "1":
        yield None
        return
    if not distributed.is_available():
        raise UserError(Message("This build of PyTorch cannot train with several processes."))
    rank, size, place, beside = (int(os.environ[name]) for name in _NAMES[:4])
    device = _device(wanted, torch.cuda.device_count(), place, beside)
    if device != "cpu":
        torch.cuda.set_device(device)
    with _losing():
        ways = "gloo" if device == "cpu" else "cpu:gloo,cuda:nccl"
        distributed.init_process_group(ways, timeout=PATIENCE)
    yield Team(rank, size, beside, device)
    with suppress(LostError), _losing():  # who is gone by now has said why
        distributed.all_reduce(torch.zeros(()))


def leave(code: int) -> NoReturn:
    """End this process, which may be one of a team.

    Nothing is taken down: gloo aborts a process that does so at the moment when another one does
    (seen with PyTorch 2.13 in one of four runs: "terminate called without an active exception").
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def kept_by_norms(model: nn.Module) -> list[torch.Tensor]:
    """The moving means and variances that a model in training changes at every step."""
    norms = [part for part in model.modules() if isinstance(part, _BatchNorm) and part.training]
    found = [values for norm in norms for values in (norm.running_mean, norm.running_var)]
    return [values for values in found if values is not None]


def _device(wanted: str | None, gpus: int, place: int, beside: int) -> str:
    """Where the process with this place, of so many on this machine, computes."""
    if wanted == "cpu" or (wanted is None and not gpus):
        return "cpu"
    if wanted is not None:
        raise UserError(
            Message(
                "Of several processes each takes a GPU of its own. Leave the device out, or "
                "choose cpu."
            )
        )
    if beside > gpus:
        raise UserError(
            Message(
                "There are {gpus} GPUs here for {processes} processes. Start one for each GPU, or "
                "choose cpu as the device.",
                gpus=gpus,
                processes=beside,
            )
        )
    return f"cuda:{place}"


def _buckets(tensors: Sequence[torch.Tensor]) -> Iterator[list[torch.Tensor]]:
    bucket: list[torch.Tensor] = []
    for tensor in filter(torch.numel, tensors):
        if bucket and sum(one.numel() for one in bucket) + tensor.numel() > BUCKET:
            yield bucket
            bucket = []
        bucket.append(tensor)
    if bucket:
        yield bucket


@contextmanager
def _losing() -> Iterator[None]:
    """Say it in a sentence where another process is gone."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise LostError(
            Message(
                "Another of the processes that train together has ended or does not answer, so "
                "this one ends, too."
            )
        ) from error
