"""Branches in exported PyTorch programs, blocks that repeat, and how their weights start."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.export.pytorch import pytorch_source, pytorch_state
from cnnviz.layers import (
    Border,
    Conv2d,
    Dense,
    Flatten,
    Initialisation,
    LocallyConnected2d,
    Size,
    Subsampling,
    TransposedConv2d,
)
from cnnviz.layers.initialisation import Recipe
from cnnviz.network import Input, Network, named_by_place
from cnnviz.presets import PRESETS, preset
from cnnviz.project import Project
from tests.export.blocks import BLOCKS, FIRST
from tests.export.test_pytorch import exported


@pytest.mark.parametrize("network", [BLOCKS, FIRST], ids=lambda network: network.name)
def test_blocks_compute_what_the_engine_computes(tmp_path: Path, network: Network) -> None:
    report = analyze(network, 10)
    assert report.problem is None
    ours = build(report, {}, seed=5)
    image = network.input
    chance = torch.Generator().manual_seed(0)
    x = torch.rand(4, image.channels, image.height, image.width, generator=chance)
    ours.train()(x)  # so that the running statistics are no longer what they start as
    ours.eval()
    theirs = exported(tmp_path, network).build()
    state = pytorch_state(report, learned(ours))
    assert state is not None
    assert {name: tuple(t.shape) for name, t in theirs.state_dict().items()} == {
        name: values.shape for name, values in state.items()
    }
    assert sum(p.numel() for p in theirs.parameters()) == report.parameters
    theirs.load_state_dict({name: torch.from_numpy(v.copy()) for name, v in state.items()})
    theirs.eval()
    with torch.no_grad():
        found, wanted = theirs(x), ours(x)
    assert torch.allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_a_block_that_repeats_is_a_function(tmp_path: Path) -> None:
    source = pytorch_source(Project(BLOCKS), analyze(BLOCKS, 10))
    functions = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert functions[:3] == ["residual_block", "squeeze_and_excitation_block", "build"]
    assert source.count("residual_block(),") == 2
    assert source.count("squeeze_and_excitation_block(),") == 2  # one of them in another block
    model = exported(tmp_path, BLOCKS).build()
    parameters = list(model.parameters())
    assert len({id(p) for p in parameters}) == len(parameters), "copies do not share weights"


def test_labels_and_shapes_are_comments() -> None:
    source = pytorch_source(Project(BLOCKS), analyze(BLOCKS, 10))
    assert "Concat(  # Inception\n" in source
    assert "Add(  # # 名\n" in source
    assert re.search(r"nn\.Conv2d\(2, 3, 3, padding=1, bias=False\), +# \(3, 12, 10\)", source)
    assert max(map(len, source.splitlines())) <= 100


@pytest.mark.parametrize("name", list(PRESETS))
def test_lines_of_known_networks_are_not_longer_than_a_hundred(name: str) -> None:
    network = preset(name)
    source = pytorch_source(Project(network), analyze(network))
    ast.parse(source)
    assert [line for line in source.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize("recipe", [*get_args(Recipe)])
def test_weights_start_as_the_layer_says(tmp_path: Path, recipe: Recipe) -> None:
    kernel = Initialisation(recipe, 0.25, tuple(float(n) for n in range(9)))
    network = named_by_place(
        Network(
            input=Input(8, 8, 4),
            layers=(
                Conv2d(filters=16, initialisation=kernel),
                Conv2d(filters=16, groups=4, padding="same", initialisation=kernel),
                Conv2d(filters=2, connections=((0, 3), (1,)), padding="same"),
                Conv2d(
                    filters=16,
                    connections=tuple((n % 2,) for n in range(16)),
                    padding="same",
                    initialisation=kernel,
                ),
                LocallyConnected2d(filters=8),
                LocallyConnected2d(filters=4, padding=Border(1, 1), initialisation=kernel),
                TransposedConv2d(
                    filters=4, kernel=Size(3, 3), stride=Size(1, 1), groups=2, initialisation=kernel
                ),
                Subsampling(stride=Size(1, 1)),
                Flatten(),
                Dense(units=10),
                Dense(units=10),
            ),
        )
    )
    report = analyze(network)
    last = report.rows[-2].layer
    size = report.row(last.uid).input
    assert size is not None
    unit = Initialisation(recipe, -0.5, (2.0, -1.0) * (size.size // 2))
    network = network.replace(last.uid, Dense(uid=last.uid, units=10, initialisation=unit))
    report = analyze(network, 10)
    assert report.problem is None
    torch.manual_seed(0)
    model = exported(tmp_path, network).build()
    tensors = dict(model.named_parameters())
    for index, row in enumerate(report.rows):
        for name, shape in row.parameters.items():
            assert row.input is not None
            start = row.layer.start(name, row.input)
            values = tensors[f"{index}.{name}"].detach().numpy()
            assert values.shape == shape
            if start.kind == "constant":
                wanted = np.resize(np.array(start.numbers, np.float32), shape)
                np.testing.assert_array_equal(values, wanted)
            elif start.kind == "uniform" and values.size > 8:
                assert 0.7 * start.numbers[0] < np.abs(values).max() <= 1.001 * start.numbers[0]
            elif values.size > 50:
                assert values.std() == pytest.approx(start.numbers[0], rel=0.3)
