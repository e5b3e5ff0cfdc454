"""Branches that learn apart, several at once in threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec
import pytest
import torch
from torch import nn

from cnnviz.engine.branch_threads import Branch, can_part, part
from cnnviz.engine.build import Model
from cnnviz.engine.optimizing import lay_out
from cnnviz.layers import (
    BatchNorm,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Size,
)
from cnnviz.network import Network
from cnnviz.training import Training
from tests.engine.desk import QUICK
from tests.engine.runs import finish, identical, model_of, run_of, state

WAYS = 4
APART = msgspec.structs.replace(QUICK, branches_apart=True, batch_size=32)


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def network(*more: Layer, trunk: bool = False, frozen: int = -1) -> Network:
    """Four branches, with layers of a kind that draws chance in each."""
    branches: list[tuple[Layer, ...]] = [
        (
            Conv2d(filters=6, kernel=Size(5, 5), stride=Size(3, 3), frozen=number == frozen),
            BatchNorm(frozen=number == frozen),
            *more,
            Flatten(),
            Dense(units=10, frozen=number == frozen),
        )
        for number in range(WAYS)
    ]
    first = (Conv2d(filters=2),) if trunk else ()
    fields = {"type": "branches", "merge": "add", "branches": msgspec.to_builtins(branches)}
    built = Network().with_layers((*first, msgspec.convert(fields, Branches)))
    uids = iter(range(1000))
    return built.named(lambda: f"n{next(uids)}")


def gradients(model: Model, x: torch.Tensor, threads: int) -> list[torch.Tensor]:
    """What the model makes of images, branch by branch, and all gradients of it."""
    torch.set_num_threads(threads)
    model.zero_grad(set_to_none=True)
    x = x.clone().requires_grad_()
    y = model.apart(x, 1)
    (y * torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view(y.shape)).sum().backward()
    assert x.grad is not None
    return [y.detach(), x.grad, *(p.grad for p in model.parameters() if p.grad is not None)]


def at_once(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the threads in which convolutions work, as they come."""
    found: set[str] = set()
    forward = nn.Conv2d.forward

    def noted(self: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
        found.add(threading.current_thread().name)
        return forward(self, x)

    monkeypatch.setattr(nn.Conv2d, "forward", noted)
    return found


@pytest.mark.parametrize("trunk", [False, True])
@pytest.mark.parametrize("frozen", [-1, 2])
@pytest.mark.parametrize("images", [8, 11])
def test_they_learn_what_they_learn_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, trunk: bool, frozen: int, images: int
) -> None:
    model = model_of(network(trunk=trunk, frozen=frozen)).double().train()
    x = torch.rand(images, 1, 28, 28, generator=torch.Generator().manual_seed(0)).double()
    alone = gradients(model, x, 1)
    names = at_once(monkeypatch)
    found = gradients(model, x, 2)
    assert len(names - {threading.current_thread().name}) == 2
    assert len(alone) == len(found)
    for mine, theirs in zip(found, alone, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-12)
    assert torch.get_num_threads() == 2


def test_a_run_is_repeated_to_the_last_bit_whichever_is_first() -> None:
    built = network(Dropout(rate=0.5))
    runs = [run_of(built, APART) for _ in range(2)]
    curves = [finish(run) for run in runs]
    assert curves[0] == curves[1]
    assert identical(*(state(run.model) for run in runs))


def test_each_branch_drops_other_values_and_later_draws_as_ever() -> None:
    model = model_of(network(Dropout(rate=0.5))).train()
    drops = [module for module in model.modules() if isinstance(module, nn.Dropout)]
    masks: list[torch.Tensor] = []
    for drop in drops:
        drop.register_forward_hook(lambda _, given, y: masks.append((y == 0) & (given[0] != 0)))
    model.apart(torch.rand(16, 1, 28, 28))
    assert len(masks) == WAYS
    assert not any(torch.equal(one, masks[0]) for one in masks[1:])
    assert all(getattr(drop, "chance", 0) is None for drop in drops)


def test_in_bfloat16_each_thread_computes_in_it() -> None:
    model = model_of(network()).train()
    seen = set()
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda _m, _x, y: seen.add(y.dtype))
    with torch.autocast("cpu", torch.bfloat16):
        model.apart(torch.rand(8, 1, 28, 28)).float().sum().backward()
    assert seen == {torch.bfloat16}


@pytest.mark.parametrize(
    ("built", "training", "threads"),
    [
        (network(ChannelDropout()), Training(), 2),
        (network(Dropout()), Training(precision="reference"), 2),
        (network(), Training(), 3),
        (network(), Training(), 1),
    ],
    ids=["chance of another kind", "a reference", "three threads", "one thread"],
)
def test_where_they_cannot_they_go_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, built: Network, training: Training, threads: int
) -> None:
    names = at_once(monkeypatch)
    model = model_of(built).train()
    lay_out(model, training)
    torch.set_num_threads(threads)
    model.apart(torch.rand(8, 1, 28, 28)).sum().backward()
    assert names == {threading.current_thread().name}


def test_what_one_raises_is_raised_and_no_thread_is_left() -> None:
    def fails(_: torch.Tensor) -> torch.Tensor:
        raise MemoryError("no room")

    branches = [Branch(lambda x: x.flatten(1), ()), Branch(fails, ())]
    assert can_part(branches)
    before = threading.active_count()
    with pytest.raises(MemoryError, match="no room"):
        part(torch.rand(4, 1, 2, 2), branches, [slice(0, None, 2), slice(1, None, 2)])
    assert threading.active_count() == before
