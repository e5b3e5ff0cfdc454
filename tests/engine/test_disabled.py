"""Disabled layers in the engine: it computes, learns and answers as if they were not there."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import torch
from hypothesis import HealthCheck, given, settings

from cnnviz.analysis import analyze
from cnnviz.engine.batches import DeviceData
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.train import Run
from cnnviz.export.keras import keras_source
from cnnviz.export.pytorch import pytorch_source, pytorch_state
from cnnviz.files import open_project, save_project
from cnnviz.layers import (
    Activation,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool,
    Size,
)
from cnnviz.network import Network
from cnnviz.project import Project
from cnnviz.training import Training
from tests.engine.desk import samples
from tests.support.networks import partly_disabled, working_networks

CHAIN = Network(
    layers=(
        Conv2d(uid="conv", filters=4, kernel=Size(5, 5)),
        Activation(uid="relu"),
        MaxPool(uid="pool"),
        Branches(
            uid="block",
            branches=((Conv2d(uid="inner", filters=4, padding="same"), BatchNorm(uid="norm")), ()),
        ),
        Flatten(uid="flat"),
        Dense(uid="hidden", units=32),
        Dropout(uid="drop"),
        Dense(uid="out", units=10),
        Activation(uid="softmax", function="softmax"),
    )
)


def images_for(network: Network, count: int = 2) -> torch.Tensor:
    """(count, channels, height, width)"""
    image = network.input
    chance = torch.Generator().manual_seed(3)
    return torch.rand(count, image.channels, image.height, image.width, generator=chance)


@settings(
    max_examples=100,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
@given(both=partly_disabled(working_networks()))
def test_every_output_is_the_same_to_the_last_bit(both: tuple[Network, Network]) -> None:
    x = images_for(both[0])
    seen: list[dict[str, torch.Tensor]] = []
    for network in both:
        model = build(analyze(network), {}, seed=5)
        outputs: dict[str, torch.Tensor] = {}
        with torch.inference_mode():
            model.look(x, outputs.__setitem__)
        seen.append(outputs)
    assert list(seen[0]) == list(seen[1])
    for uid, values in seen[0].items():
        assert torch.equal(values, seen[1][uid]) or values.isnan().any()


def test_it_learns_what_the_network_without_it_learns() -> None:
    for uids in (["hidden"], ["block", "drop"], ["pool", "softmax"]):
        after = []
        for network in (CHAIN.with_enabled(uids, enabled=False), CHAIN.remove(uids)):
            model = build(analyze(network, 10), {}, 1)
            run = Run(model, DeviceData(samples(), "cpu"), Training(epochs=1, batch_size=16), 1)
            for _ in run.work:
                pass
            after.append(dict(learned(model)))
        assert after[0].keys() == after[1].keys()
        for key, values in after[0].items():
            assert np.array_equal(values, after[1][key])


def test_saved_disabled_opened_and_enabled_it_predicts_as_before(tmp_path: Path) -> None:
    x = images_for(CHAIN)
    whole = build(analyze(CHAIN, 10), {}, seed=2)
    with torch.no_grad():
        whole.train()(x)  # running statistics of its own
        for parameter in whole.parameters():
            parameter.add_(torch.rand(parameter.shape, generator=torch.Generator().manual_seed(1)))
    weights = dict(learned(whole))
    for uids in (["hidden"], ["block"], ["conv", "norm"]):
        path = tmp_path / "a.cnnviz"
        save_project(path, Project(CHAIN.with_enabled(uids, enabled=False)), weights)
        opened = open_project(path)
        assert opened.note is None
        network = opened.project.network.with_enabled(uids, enabled=True)
        again = build(analyze(network, 10), opened.weights, seed=9)
        with torch.inference_mode():
            assert torch.equal(again(x), whole.eval()(x))


def test_the_programs_are_those_without_it() -> None:
    uids = ["block", "hidden"]
    project = Project(CHAIN.with_enabled(uids, enabled=False))
    report = analyze(project.network, 10)
    bare = Project(CHAIN.remove(uids))
    model = build(report, {}, seed=1)
    for write in (pytorch_source, keras_source):
        source = write(project, report)
        assert "\nDisabled, and so left out: Add + 2, Dense 32.\n" in source
        lines = source.replace("Disabled, and so left out: Add + 2, Dense 32.\n", "")
        assert lines == write(bare, analyze(bare.network, 10))
    state = pytorch_state(report, dict(learned(model)))
    assert state is not None
    wanted = pytorch_state(analyze(bare.network, 10), dict(learned(model)))
    assert wanted is not None
    assert state.keys() == wanted.keys()


def test_a_softmax_before_a_disabled_end_is_part_of_the_loss() -> None:
    last = Dropout(uid="last", enabled=False)
    network = msgspec.structs.replace(CHAIN, layers=(*CHAIN.layers, last))
    model = build(analyze(network, 10), {}, seed=1)
    assert model.ends_in_softmax
    x = images_for(network)
    with torch.inference_mode():
        assert torch.equal(model(x), build(analyze(CHAIN, 10), {}, seed=1)(x))


def test_long_names_of_what_is_left_out_go_on_in_the_next_line() -> None:
    blocks = [Branches(uid=f"b{n}", label="w" * 60, enabled=False) for n in range(5)]
    project = Project(CHAIN.insert(0, *blocks))
    source = pytorch_source(project, analyze(project.network, 10))
    assert " and 2 more." in source.replace("\n", " ")
    assert max(map(len, source.splitlines())) <= 100
