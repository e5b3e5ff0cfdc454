"""Runs whose settings change on the way, and runs that cannot go on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.stepping import DivergenceError
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool, Size
from cnnviz.message import UserError
from cnnviz.network import Input, Network
from cnnviz.training import Training
from tests.engine.desk import QUICK, RESTLESS, TEST, TRAIN, samples, small_network
from tests.engine.runs import finish, identical, run_of, state

if TYPE_CHECKING:
    pass


# --- changes on the way -----------------------------------------------------------------------


def test_a_learning_rate_applies_from_the_next_step() -> None:
    """At a rate of 0 nothing moves any more; back at the old one it goes on as if nothing was."""
    for optimizer in ("sgd", "rmsprop"):
        training = msgspec.structs.replace(QUICK, optimizer=optimizer, learning_rate=0.01)
        run = run_of(small_network(), training)
        next(run.work)
        before = state(run.model)
        run.change(msgspec.structs.replace(training, learning_rate=0.0))
        next(run.work)
        assert identical(state(run.model), before)
        run.change(training)
        next(run.work)
        assert not identical(state(run.model), before)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("begin", [0.0, 0.9])
def test_every_setting_may_change_on_the_way(optimizer: str, begin: float) -> None:
    """The first steps as one was told, the rest as one is told then: PyTorch's own group."""
    training = msgspec.structs.replace(
        QUICK, optimizer=optimizer, momentum=begin, learning_rate=1e-3, nesterov=True
    )
    changed = msgspec.structs.replace(
        training, learning_rate=2e-3, momentum=0.9 - begin, weight_decay=0.01, epochs=3
    )
    run = run_of(small_network(), training)
    next(run.work)
    run.change(changed)
    assert run.steps == 9
    finish(run)
    assert run.step == 9
    (group,) = run.optimizer.param_groups
    assert group["lr"] == 2e-3
    assert group["weight_decay"] == 0.01
    if optimizer in {"sgd", "rmsprop"}:
        assert group["momentum"] == pytest.approx(0.9 - begin)
    if optimizer == "sgd":
        assert group["nesterov"] == (begin == 0)
    assert run.settings == changed


def test_what_cannot_change_on_the_way_stays() -> None:
    run = run_of(small_network())
    next(run.work)
    run.change(Training(optimizer="adamw", batch_size=7, epochs=2))
    assert run.settings.optimizer == "sgd"
    assert run.settings.batch_size == 32
    finish(run)
    assert run.images == 2 * TRAIN


def test_fewer_epochs_than_are_done_end_the_run() -> None:
    run = run_of(small_network(), msgspec.structs.replace(QUICK, epochs=50))
    for _ in run.work:
        if run.step == 5:
            run.change(msgspec.structs.replace(QUICK, epochs=1))
    assert run.epoch == 2  # the one that had begun is finished
    assert run.step == 6


# --- trouble ----------------------------------------------------------------------------------


def test_a_loss_that_is_no_number_is_explained() -> None:
    training = msgspec.structs.replace(QUICK, learning_rate=1000.0, epochs=30)
    linear = small_network().remove(["relu"])
    run = run_of(linear, training)
    with pytest.raises(DivergenceError) as trouble:
        finish(run)
    said = str(trouble.value)
    assert "rate 1000 " in said
    assert "Try 100." in said
    points, _, _ = run.take_points()
    assert [point.step for point in points] == list(range(1, len(points) + 1))
    assert all(math.isfinite(point.loss) for point in points)


def test_a_network_without_weights_is_not_trained() -> None:
    network = Network(input=Input(1, 1, 10)).with_layers([Flatten(uid="f")])
    assert analyze(network, 10).problem is None
    with pytest.raises(UserError, match="no weights"):
        run_of(network)


def test_a_last_batch_of_one_is_left_out_where_there_is_batch_norm() -> None:
    """Its variance would be nothing; everything else takes the batch as it is."""
    data = DeviceData(samples(train=33), "cpu")
    vector = Network().with_layers([Flatten(uid="f"), BatchNorm(uid="n"), Dense(uid="d", units=10)])
    run = run_of(vector, data=data)
    assert run.batches == 1
    finish(run)
    assert run.images == 2 * 32
    plain = run_of(small_network(), data=data)
    assert plain.batches == 2
    finish(plain)
    assert plain.images == 2 * 33


def test_batch_norm_with_batches_of_one_works_on_maps() -> None:
    run = run_of(RESTLESS, msgspec.structs.replace(QUICK, batch_size=1, epochs=1))
    assert run.batches == TRAIN
    assert len(finish(run)) == TRAIN


def test_a_batch_larger_than_the_data_is_all_of_them() -> None:
    run = run_of(small_network(), msgspec.structs.replace(QUICK, batch_size=60_000))
    assert run.batches == 1
    finish(run)
    assert run.images == 2 * TRAIN


def test_softmax_at_the_end_is_not_applied_twice() -> None:
    """The same losses as without it."""
    ended = small_network()
    ended = ended.with_layers([*ended.layers, Activation(uid="s", function="softmax")])
    assert finish(run_of(ended)) == finish(run_of(small_network()))


@pytest.mark.parametrize("function", ["relu", "leaky_relu", "elu", "gelu", "silu", "tanh"])
def test_every_kind_of_layer_can_be_trained(function: str) -> None:
    layers = [
        Conv2d(uid="a", filters=4, kernel=Size(3, 3), padding="same", stride=Size(3, 3)),
        Activation(uid="b", function=function),  # type: ignore[arg-type]
        BatchNorm(uid="c"),
        MaxPool(uid="d", kernel=Size(2, 2), padding="same", stride=Size(1, 1)),
        Conv2d(uid="e", filters=6, kernel=Size(3, 2), groups=2, dilation=Size(1, 2)),
        Dropout(uid="f", rate=0.2),
        Flatten(uid="g"),
        Dense(uid="h", units=10),
    ]
    run = run_of(Network().with_layers(layers))
    before = state(run.model)
    finish(run)
    for name, tensor in state(run.model).items():
        assert not torch.equal(tensor, before[name]), name
    assert len(run.data.test_labels) == TEST
