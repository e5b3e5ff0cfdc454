"""Exported Keras programs have the shapes, the counts and the values of the engine."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from cnnviz.analysis import analyze
from cnnviz.export.keras import keras_source
from cnnviz.export.keras_calls import WRITERS
from cnnviz.layers import (
    KINDS,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GroupNorm,
    Layer,
    MaxPool,
    Shape,
    Size,
    TransposedConv2d,
    Vector,
)
from cnnviz.message import UserError
from cnnviz.network import Input, Network, named_by_place
from cnnviz.presets import PRESETS, preset
from cnnviz.project import Project
from cnnviz.training import Training
from tests.export.blocks import BLOCKS, FIRST
from tests.export.keras_desk import check_in_keras, run_in_keras
from tests.export.test_pytorch import EVERYTHING, PADDED, RESIZED, SMALL, write_idx
from tests.support.networks import SINGLES, fitting

ODD = (
    Conv2d(filters=4, stride=Size(2, 1), dilation=Size(2, 2), padding="same"),
    Conv2d(filters=6, groups=3, stride=Size(1, 2)),
    Conv2d(filters=6, groups=3, stride=Size(2, 2), bias=False),
    Conv2d(filters=2, connections=((2, 0), (1,)), stride=Size(2, 3), dilation=Size(2, 1)),
    TransposedConv2d(filters=4, kernel=Size(2, 3), stride=Size(3, 2)),
    TransposedConv2d(filters=6, kernel=Size(3, 2), groups=3, dilation=Size(2, 3), padding="same"),
    TransposedConv2d(filters=3, groups=3, stride=Size(4, 3), padding="same"),
    TransposedConv2d(filters=3, kernel=Size(4, 4), padding=Border(1, 2), bias=False),
    MaxPool(kernel=Size(3, 2), stride=Size(2, 3), rounding="ceil", padding=Border(1, 1)),
    AvgPool(kernel=Size(3, 2), stride=Size(2, 3), rounding="ceil", padding=Border(1, 1)),
    AvgPool(kernel=Size(2, 2), rounding="ceil"),
    AvgPool(kernel=Size(2, 3), stride=Size(1, 2), padding="same"),
    AdaptiveAvgPool(size=Size(14, 3)),
    AdaptiveAvgPool(),
)
"""Where Keras needs a helping layer, or another way than PyTorch's."""


def between(layer: Layer, image: Input, *before: Layer) -> Network:
    chain = [*before, layer, Flatten(), Dense(units=10)]
    return named_by_place(Network(input=image).with_layers(chain))


def any_layers() -> dict[str, Network]:
    """Some of each kind, with any settings."""
    found: dict[str, Network] = {}

    @seed(7)
    @settings(max_examples=80, database=None, phases=[Phase.generate], deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.sampled_from(SINGLES).flatmap(fitting))
    def collect(pair: tuple[Layer, Shape]) -> None:
        layer, x = pair
        if isinstance(x, Vector):
            halves = (2, x.length // 2) if x.length % 2 == 0 else (1, x.length)
            network = between(layer, Input(1, *halves), Flatten())
        else:
            network = between(layer, Input(x.height, x.width, x.channels))
        if analyze(network).problem is None:
            found[f"any_{len(found)}_{layer.kind}"] = network

    collect()
    return found


NETWORKS = {
    "everything": EVERYTHING,
    "padded": PADDED,
    "resized": RESIZED.with_input(Input(20, 40, 3)),
    "blocks": BLOCKS,
    "block_first": FIRST,
    "lenet_5": preset("lenet-5"),
    "group_norm_of_a_vector": between(
        GroupNorm(groups=3), Input(4, 5, 3), MaxPool(stride=Size(1, 1)), Flatten()
    ),
    **{f"odd_{index}": between(layer, Input(7, 9, 3)) for index, layer in enumerate(ODD)},
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one Keras found of all networks: it takes seconds to start."""
    return run_in_keras(tmp_path_factory.mktemp("keras"), NETWORKS | any_layers())


@pytest.mark.parametrize("name", list(NETWORKS))
def test_keras_computes_what_the_engine_computes(name: str, found: dict[str, Any]) -> None:
    check_in_keras(analyze(NETWORKS[name]), found[name])


def test_so_it_does_for_any_settings(found: dict[str, Any]) -> None:
    networks = any_layers()
    assert len(networks) > 40
    for name, network in networks.items():
        check_in_keras(analyze(network), found[name])


def test_no_kind_is_missing() -> None:
    assert set(WRITERS) == set(KINDS)


def run(script: Path, *arguments: str) -> str:
    """What the program prints, run by itself with PyTorch under Keras."""
    return subprocess.run(
        [sys.executable, "-I", str(script), *arguments],
        env={**os.environ, "KERAS_BACKEND": "torch", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
        cwd=script.parent,
    ).stdout


def test_the_program_learns_on_its_own(tmp_path: Path) -> None:
    """From images that are easy to tell apart: as many white rows as the label says."""
    import numpy as np

    for part, count in (("train", 257), ("t10k", 40)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = (np.arange(28)[None, :, None] < 2 * labels[:, None, None]) * np.uint8(255)
        images = np.repeat(images, 28, 2).astype(np.uint8)
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", labels)
    training = Training(optimizer="sgd", epochs=10, batch_size=32, learning_rate=0.05)
    source = keras_source(Project(PADDED, training=training), analyze(PADDED, 10))
    script = tmp_path / "learns.py"
    script.write_text(source, encoding="utf-8")
    printed = run(script, "--data", str(tmp_path))
    assert "9,910 parameters" in printed
    assert "test accuracy 1.0000" in printed
    assert "cnnviz" not in source.replace("CNNviz", "")


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_the_optimiser_has_the_settings_of_training(optimizer: Any) -> None:
    training = Training(optimizer, learning_rate=0.03, momentum=0.8, weight_decay=1e-4)
    source = keras_source(Project(SMALL, training=training), analyze(SMALL, 10))
    (call,) = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and "keras.optimizers." in ast.unparse(node.func)
    ]
    assert ast.unparse(call.func).lower() == f"keras.optimizers.{optimizer}"
    given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert given["learning_rate"] == 0.03
    assert given["weight_decay"] == 1e-4
    assert given.get("momentum") == (0.8 if optimizer in ("sgd", "rmsprop") else None)


def test_what_the_training_loop_leaves_out_is_named() -> None:
    training = Training(schedule="cosine", label_smoothing=0.1, branches_apart=True)
    source = keras_source(Project(SMALL, training=training), analyze(SMALL, 10))
    assert "# Left out here: schedule, label smoothing, branches apart.\n" in source
    assert "Left out" not in keras_source(Project(SMALL), analyze(SMALL, 10))


def test_a_chain_is_sequential_and_branches_are_functional() -> None:
    chain = keras_source(Project(SMALL), analyze(SMALL, 10))
    assert "return keras.Sequential([" in chain
    assert "keras.Model(inputs, x)" not in chain
    source = keras_source(Project(BLOCKS), analyze(BLOCKS, 10))
    assert "x = layers.Concatenate()([a, b, c, d])" in source
    assert "c = layers.Add()([ca, c])" in source
    assert source.count("x = residual_block(x)") == 2
    assert "# Inception\n" in source


def test_padding_by_numbers_is_called_same_where_it_is() -> None:
    network = between(Conv2d(filters=4, padding=Border(1, 1)), Input(7, 9, 3))
    assert 'layers.Conv2D(4, 3, padding="same"),' in keras_source(
        Project(network), analyze(network)
    )
    strided = Conv2d(filters=4, stride=Size(2, 2), padding=Border(1, 1))
    network = between(strided, Input(8, 8, 3))  # SAME has 0 and 1 here
    assert "layers.ZeroPadding2D(1)," in keras_source(Project(network), analyze(network))


def test_names_of_branches_are_names() -> None:
    """Also where there are more branches than letters, and where two letters are Python's own."""
    many = Branches(merge="concat", branches=((BatchNorm(),),) * 40)
    nested = Branches(merge="concat", branches=((many,),) * 22)
    network = named_by_place(Network(input=Input(2, 2, 1)).with_layers([nested]))
    source = keras_source(Project(network), analyze(network))
    assigned = [
        node.targets[0].id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    assert len({name for name in assigned if name != "x"}) >= 40


BY_HAND = re.compile(
    r" +kernel_initializer=keras\.initializers\.Constant\("
    r"np\.reshape\(\[[-\d., ]+\], \([\d, ]+\)\)\),"
)
"""Weights by hand (of "two-inputs") stand in one line, as they were given, and with their shape."""


@pytest.mark.parametrize("name", list(PRESETS))
def test_known_networks_are_programs(name: str) -> None:
    network = preset(name)
    source = keras_source(Project(network), analyze(network))
    ast.parse(source)
    program = source.splitlines()[1:]  # the first line has the name, however long
    assert [line for line in program if len(line) > 100 and not BY_HAND.fullmatch(line)] == []


def test_a_network_that_does_not_work_is_not_exported() -> None:
    network = SMALL.insert(1, Conv2d())
    with pytest.raises(UserError, match="fixed"):
        keras_source(Project(network), analyze(network, 10))


@given(st.text())
def test_a_name_cannot_get_out_of_the_docstring(name: str) -> None:
    network = Network(name=name, layers=SMALL.layers)
    plain = ast.parse(keras_source(Project(SMALL), analyze(SMALL, 10)))
    tree = ast.parse(keras_source(Project(network), analyze(network, 10)))
    assert ast.get_docstring(tree) is not None
    assert ast.dump(ast.Module(tree.body[1:], [])) == ast.dump(ast.Module(plain.body[1:], []))
