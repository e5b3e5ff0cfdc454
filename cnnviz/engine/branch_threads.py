"""Branches that learn apart, several at once, each in a thread of its own.

Two threads that share the work of a branch wait for each other after every operation: with the
network "Thorough" and two cores, two branches at once take a tenth less time than one after the
other (docs/decisions/0133-branches-that-learn-apart.md).
"""

from __future__ import annotations

import threading
from math import gcd
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from cnnviz.engine.quick_dropout import QuickDropout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Branch(NamedTuple):
    """What gives the logits of images (batch, channels, height, width), and the modules in it."""

    go: Callable[[torch.Tensor], torch.Tensor]
    modules: tuple[nn.Module, ...]


def _at_once(branches: int) -> int:
    """How many of so many branches are worked at, so that no thread waits for others."""
    return gcd(branches, torch.get_num_threads())


def can_part(branches: Sequence[Branch]) -> bool:
    """Whether several branches are to work at once: there are threads for it, and each can have its
    own chance, so that the result does not depend on which is first."""
    chancy = [
        module
        for branch in branches
        for module in branch.modules
        if isinstance(module, nn.modules.dropout._DropoutNd)
    ]
    own = all(isinstance(module, QuickDropout) and not module.standard for module in chancy)
    return own and _at_once(len(branches)) > 1


def part(x: torch.Tensor, branches: Sequence[Branch], shares: Sequence[slice]) -> torch.Tensor:
    """What each branch makes of its share of the images (batch, channels, height, width), in the
    order of the images; several at once, forward and back."""
    drops = [[m for m in branch.modules if isinstance(m, QuickDropout)] for branch in branches]
    try:
        for some in drops:
            chance = torch.Generator().manual_seed(int(torch.randint(2**62, ())))
            for drop in some:
                drop.chance = chance
        anchor = torch.zeros((), requires_grad=True)  # images need no gradient, the weights do
        y: torch.Tensor = _Parted.apply(x, anchor, branches, shares)  # type: ignore[no-untyped-call]
    finally:
        for drop in (drop for some in drops for drop in some):
            drop.chance = None
    return y


def in_order_of(shares: Sequence[slice], parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """What was made of shares of a batch, each (share, …), as the whole of it: (batch, …)."""
    y = parts[0].new_empty((sum(map(len, parts)), *parts[0].shape[1:]))
    for share, some in zip(shares, parts, strict=True):
        y[share] = some
    return y


class _Parted(torch.autograd.Function):
    """A graph for each branch, which a thread makes and one goes back through. The gradients of the
    weights stay with them, as always."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        anchor: torch.Tensor,
        branches: Sequence[Branch],
        shares: Sequence[slice],
    ) -> torch.Tensor:
        back = ctx.needs_input_grad[0]
        starts = [x[share].detach().requires_grad_(back) for share in shares]
        ends: dict[int, torch.Tensor] = {}

        def go(number: int) -> None:
            ends[number] = branches[number].go(starts[number])

        _all(go, len(branches))
        ctx.shares, ctx.starts = shares, starts
        ctx.ends = [ends[number] for number in range(len(branches))]
        return in_order_of(shares, [end.detach() for end in ctx.ends])

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, None, None, None]:
        def go(number: int) -> None:
            if ctx.ends[number].requires_grad:  # not all of it is frozen
                ctx.ends[number].backward(gradient[ctx.shares[number]])

        _all(go, len(ctx.ends))
        if not ctx.needs_input_grad[0]:
            return None, None, None, None
        return in_order_of(ctx.shares, [start.grad for start in ctx.starts]), None, None, None


def _all(go: Callable[[int], None], branches: int) -> None:
    """Do the work of every branch, with its number; some of them at once, each with its part of the
    threads of the processor.

    Raises:
        what one of them has raised, once all of them have come to an end.
    """
    count = _at_once(branches)
    each = torch.get_num_threads() // count
    low, enabled = torch.get_autocast_dtype("cpu"), torch.is_autocast_enabled("cpu")
    raised: list[BaseException] = []

    def work(first: int) -> None:
        torch.set_num_threads(each)  # this thread's, as is autocast
        try:
            with torch.autocast("cpu", low, enabled=enabled):
                for number in range(first, branches, count):
                    go(number)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
