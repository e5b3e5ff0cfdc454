"""Branches at the end that learn apart, each from images of its own."""

from __future__ import annotations

import msgspec
import pytest
import torch

from cnnviz.engine.optimizing import draw_from
from cnnviz.layers import Activation, BatchNorm, Branches, Conv2d, Dense, Flatten, Layer, Size
from cnnviz.network import Network
from tests.engine.desk import QUICK, small_network
from tests.engine.runs import finish, model_of, run_of

APART = msgspec.structs.replace(QUICK, branches_apart=True)


def voters(count: int = 3, *, merge: str = "add", norm: bool = False) -> Branches:
    """Branches of a dense layer each, whose uids are their numbers."""
    branches: list[tuple[Layer, ...]] = [
        (
            *([BatchNorm(uid=f"norm{number}")] if norm else []),
            Flatten(uid=f"flat{number}"),
            Dense(uid=f"dense{number}", units=10),
        )
        for number in range(count)
    ]
    return msgspec.convert(
        {
            "type": "branches",
            "uid": "all",
            "merge": merge,
            "branches": msgspec.to_builtins(branches),
        },
        Branches,
    )


def network(last: Branches, *more: Layer) -> Network:
    """A convolution for all of the branches, then them."""
    first = Conv2d(uid="conv", filters=3, kernel=Size(5, 5), stride=Size(4, 4))
    return Network().with_layers((first, last, *more))


@pytest.mark.parametrize("first", [0, 1, 5])
def test_each_image_goes_through_one_branch_alone(first: int) -> None:
    model = model_of(network(voters()))
    x = torch.rand(10, 1, 28, 28)
    kept: dict[str, torch.Tensor] = {}
    model.look(x, kept.__setitem__)
    found = model.apart(x, first)
    assert found.shape == (10, 10)
    for place, logits in enumerate(found):
        expected = kept[f"dense{(first + place) % 3}"][place]
        assert torch.allclose(logits, expected, atol=1e-6)
        assert not torch.allclose(logits, kept["all"][place], atol=1e-3)


def test_each_branch_learns_from_its_own_images_and_what_is_before_from_all() -> None:
    model = model_of(network(voters()))
    x = torch.rand(9, 1, 28, 28, requires_grad=True)
    model.apart(x)[1::3].sum().backward()
    learned = {
        row.layer.uid
        for row, block in zip(model.layers, model.blocks, strict=True)
        if any(p.grad is not None and bool(p.grad.any()) for p in block.parameters())
    }
    assert learned == {"conv", "dense1"}
    assert x.grad is not None
    assert x.grad.flatten(1).any(1).tolist() == [place % 3 == 1 for place in range(9)]


@pytest.mark.parametrize(
    ("built", "images"),
    [
        (small_network(), 8),
        (network(voters(merge="concat"), Dense(uid="end", units=10)), 8),
        (network(voters(), Activation(uid="relu")), 8),
        (network(voters()), 5),
    ],
    ids=["no branches", "not added", "not at the end", "too few images"],
)
def test_others_learn_as_ever(built: Network, images: int) -> None:
    model = model_of(built)
    x = torch.rand(images, 1, 28, 28)
    assert torch.equal(model.apart(x), model(x))


def test_a_softmax_or_a_disabled_layer_may_follow() -> None:
    off = Activation(uid="off", enabled=False)
    for more in ((Activation(uid="soft", function="softmax"),), (off,)):
        model = model_of(network(voters(), *more))
        x = torch.rand(6, 1, 28, 28)
        assert not torch.allclose(model.apart(x), model(x), atol=1e-3)


def test_a_run_makes_the_steps_of_a_loop_by_hand() -> None:
    built, training = network(voters(norm=True)), msgspec.structs.replace(APART, batch_size=33)
    run, hand = run_of(built, training), run_of(built, training)
    losses = [point.loss for point in finish(run)]
    hand.model.train()
    optimizer = torch.optim.SGD(hand.model.parameters(), training.learning_rate, training.momentum)
    expected = []
    for epoch in range(training.epochs):
        for indices in torch.split(hand.order(epoch), training.batch_size):
            draw_from(0, torch.device("cpu"))
            x = hand.model.sight.seen(hand.data.train_images[indices])
            labels = hand.data.train_labels[indices]
            optimizer.zero_grad()
            loss = torch.zeros(())
            shared = hand.model.get_submodule("0")(x)
            for number in range(3):
                y = shared[number::3]
                for place in range(3):
                    y = hand.model.get_submodule(f"1/{number}/{place}")(y)
                loss = loss + torch.nn.functional.cross_entropy(
                    y, labels[number::3], reduction="sum"
                )
            (loss / len(indices)).backward()
            optimizer.step()
            expected.append(loss.item() / len(indices))
    assert losses == pytest.approx(expected, rel=1e-4)
    assert losses[-1] < losses[0]
