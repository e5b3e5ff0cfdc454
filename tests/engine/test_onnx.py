"""ONNX files compute what the engine computes; skipped where the extra packages are missing."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from cnnviz.analysis import analyze
from cnnviz.data.greys import GREYS
from cnnviz.engine import onnx as room
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.engine.onnx import onnx_bytes
from cnnviz.engine.onnx_process import onnx_elsewhere
from cnnviz.explain.prepared import input_words
from cnnviz.layers import (
    KINDS,
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Border,
    Branches,
    ChannelDropout,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LocallyConnected2d,
    LocalResponseNorm,
    MaxPool,
    Sides,
    Size,
    Subsampling,
    TransposedConv2d,
    ZeroPadding,
)
from cnnviz.message import UserError
from cnnviz.network import Input, Network, named_by_place
from cnnviz.preparation import Preparation
from tests.export.blocks import BLOCKS

if TYPE_CHECKING:
    from cnnviz.project import Weights

needs_onnx = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in room.PACKAGES),
    reason='needs onnx and onnxscript: pip install "cnnviz[onnx]"',
)


def ending(*layers: Layer) -> Network:
    chain = [*layers, Flatten(), Dense(units=10)]
    return named_by_place(Network(input=Input(13, 11, 3)).with_layers(chain))


CONVOLUTIONS = ending(
    Conv2d(filters=6, stride=Size(2, 1), padding="same", groups=3),
    LayerNorm(),
    Conv2d(filters=4, connections=((0, 3), (1,), (2, 5), (4,)), padding=Border(1, 0)),
    Activation(function="scaled_tanh"),
    TransposedConv2d(filters=4, kernel=Size(4, 2), padding="same"),
    GroupNorm(groups=2),
    LocallyConnected2d(filters=2, stride=Size(2, 2)),
    Activation(function="prelu"),
)
POOLS = ending(
    ZeroPadding(padding=Sides(1, 2, 0, 1)),
    MaxPool(kernel=Size(3, 2), stride=Size(2, 1), padding="same"),
    BatchNorm(),
    AvgPool(kernel=Size(2, 2), stride=Size(1, 2), padding="same"),
    LocalResponseNorm(),
    Subsampling(stride=Size(1, 1)),
    ChannelDropout(),
    AdaptiveAvgPool(size=Size(3, 2)),
    Dropout(),
    Branches(merge="concat", branches=((GlobalAvgPool(),), (GlobalMaxPool(),))),
)
NETWORKS = {"convolutions": CONVOLUTIONS, "pools": POOLS, "blocks": BLOCKS}


def weights_of(network: Network) -> Weights:
    """As after some learning: statistics too are no longer what they start as."""
    chance = np.random.default_rng(0)
    weights = learned(build(analyze(network), {}, seed=3))
    return {
        key: values + chance.uniform(0.05, 0.2, values.shape).astype(np.float32)
        if key[1] in ("bias", "running_mean", "running_var")
        else values
        for key, values in weights.items()
    }


def check(model: bytes, network: Network, weights: Weights) -> None:
    import onnx
    from onnx.reference import ReferenceEvaluator

    loaded = onnx.load_model_from_string(model)
    onnx.checker.check_model(loaded)
    ours = build(analyze(network), weights, seed=0)
    image = network.input
    chance = torch.Generator().manual_seed(0)
    x = torch.rand(3, image.channels, image.height, image.width, generator=chance)
    with torch.inference_mode():
        wanted = ours(x).softmax(1) if ours.ends_in_softmax else ours(x)
    (found,) = ReferenceEvaluator(loaded).run(None, {"images": x.numpy()})
    assert isinstance(found, np.ndarray)
    scale = max(1.0, float(wanted.abs().max()))
    np.testing.assert_allclose(found / scale, wanted.numpy() / scale, atol=1e-5)
    (output,) = loaded.graph.output
    assert output.name == ("probabilities" if ours.ends_in_softmax else "logits")


@needs_onnx
@pytest.mark.parametrize("name", list(NETWORKS))
def test_onnx_computes_what_the_engine_computes(name: str) -> None:
    """For any number of images, from a network that was exported with two."""
    network = NETWORKS[name]
    weights = weights_of(network)
    check(onnx_bytes(analyze(network, 10), weights, 0), network, weights)


def test_no_kind_is_missing() -> None:
    rows = [row for network in NETWORKS.values() for row in analyze(network, 10).rows]
    assert {type(row.layer) for row in rows} == set(KINDS)
    assert all(row.problem is None for row in rows)


@needs_onnx
def test_in_a_process_of_its_own() -> None:
    weights = weights_of(BLOCKS)
    about = input_words(Preparation(scaling="standardised"), GREYS["mnist"])
    model = onnx_elsewhere(BLOCKS, weights, 0, about, lambda: False)
    assert model is not None
    check(model, BLOCKS, weights)
    import onnx

    assert "less the mean (0.1307)" in onnx.load_model_from_string(model).doc_string


@needs_onnx
def test_the_process_leaves_nothing_of_which_python_complains(tmp_path: Path) -> None:
    """A semaphore that a process leaves behind is told on standard error when its parent ends."""
    script = tmp_path / "export.py"
    script.write_text(
        "from cnnviz.engine.onnx_process import onnx_elsewhere\n"
        "from cnnviz.presets import preset\n"
        "if __name__ == '__main__':\n"
        "    print(len(onnx_elsewhere(preset('lenet-1'), {}, 0, '', lambda: False)))\n"
    )
    root = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=root, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 1000
    assert not done.stderr


def test_a_cancelled_one_is_given_up_at_once() -> None:
    """The process is gone too; a test that leaves one behind fails."""
    assert onnx_elsewhere(BLOCKS, {}, 0, "", lambda: True) is None


def test_missing_packages_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(UserError, match="pip install onnx no_such_package"):
        onnx_bytes(analyze(BLOCKS, 10), {}, 0)


@needs_onnx
def test_what_no_file_can_hold_is_a_sentence() -> None:
    """Said before anything is allocated."""
    network = ending(Flatten(), Dense(units=2_000_000))
    with pytest.raises(UserError, match="at most 2 GB"):
        onnx_bytes(analyze(network, 10), {}, 0)
