"""Weights find their places: by our names, by torchvision's, by order and shape."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine.build import build
from cnnviz.engine.inline import learned
from cnnviz.export.pytorch import pytorch_state
from cnnviz.importing.matching import Matching, match, sizes
from cnnviz.importing.tensor_file import open_tensors
from cnnviz.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, MaxPool, Size
from cnnviz.message import UserError
from cnnviz.network import Input, Network, named_by_place
from cnnviz.presets import preset
from cnnviz.transfer import with_normaliser
from cnnviz.weights_file import encode_weights
from tests.importing import networks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnnviz.analysis import Report
    from cnnviz.project import Weights

SMALL = named_by_place(
    Network(
        input=Input(16, 16, 3),
        layers=(
            Conv2d(filters=4),
            BatchNorm(),
            Activation(),
            MaxPool(),
            Conv2d(filters=8),
            Activation(),
            Flatten(),
            Dense(units=10),
        ),
    )
)


def file_of(tensors: Mapping[str, np.ndarray], folder: Path) -> Path:
    path = folder / "w.safetensors"
    safetensors.numpy.save_file(dict(tensors), path)
    return path


def matched(report: Report, path: Path) -> Matching:
    return match(report, open_tensors(path))


def taken(matching: Matching) -> Weights:
    return dict(matching.read())


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def test_our_own_names(tmp_path: Path) -> None:
    report = analyze(SMALL)
    weights = learned(build(report, {}, 1))
    stored = encode_weights(report, weights)
    assert stored is not None
    path = tmp_path / "w.safetensors"
    path.write_bytes(stored)
    matching = matched(report, path)
    assert matching.way == "own"
    assert not matching.missing
    assert not matching.unused
    assert same(taken(matching), weights)


def test_an_exported_script_s_weights_go_back_by_order(tmp_path: Path) -> None:
    report = analyze(SMALL)
    weights = learned(build(report, {}, 1))
    state = pytorch_state(report, weights)
    assert state is not None
    matching = matched(report, file_of(state, tmp_path))
    assert same(taken(matching), weights)


def test_torchvision_s_names_whatever_the_order_in_the_file(tmp_path: Path) -> None:
    """Of a network in which many shapes are alike, so that order alone would not do."""
    network = networks.resnet((2, 2, 2, 2), bottleneck=False)
    report = analyze(network)
    weights = learned(build(report, {}, 1))
    names = dict(resnet_by_walk(network))
    state = {f"{names[uid]}.{tensor}": weights[uid, tensor, s] for uid, tensor, s in weights}
    matching = matched(report, file_of(state | {"bn1.num_batches_tracked": np.array(7)}, tmp_path))
    assert (matching.way, matching.family) == ("torchvision", "ResNet")
    assert same(taken(matching), weights)
    assert not matching.unused


def resnet_by_walk(network: Network) -> list[tuple[str, str]]:
    """(uid, torchvision's name), put together in torchvision's own order of construction."""
    ordered = [layer for _, layer in network.walk() if isinstance(layer, Conv2d | BatchNorm)]
    names = list(
        dict.fromkeys(
            name.rpartition(".")[0]
            for name in networks.resnet_names((2, 2, 2, 2), bottleneck=False)
            if not name.startswith("fc")
        )
    )
    head = next(layer for layer in network.layers if isinstance(layer, Dense))
    return [
        *zip([layer.uid for layer in ordered], names, strict=True),
        (head.uid, "fc"),
    ]


def test_a_head_of_another_size_stays_and_says_why(tmp_path: Path) -> None:
    network = networks.resnet((1, 1, 1, 1), bottleneck=True)
    report = analyze(network)
    weights = learned(build(report, {}, 1))
    names = list(networks.resnet_names((1, 1, 1, 1), bottleneck=True))
    state = {our_name(network, key): values for key, values in weights.items()}
    assert sorted(state) == sorted(names)
    state["fc.weight"] = np.zeros((1000, state["fc.weight"].shape[1]), np.float32)
    state["fc.bias"] = np.zeros(1000, np.float32)
    state["extra.weight"] = np.zeros(3, np.float32)
    state["layer1.0.bn1.running_mean"] = state["layer1.0.bn1.running_mean"].astype(np.int64)
    matching = matched(report, file_of(state, tmp_path))
    assert matching.family == "ResNet"
    reasons = {miss.name + sizes(miss.shape): str(miss.reason) for miss in matching.missing}
    assert len(matching.missing) == 3
    assert f"fc.weight has the shape 1000×{state['fc.weight'].shape[1]}" in reasons.values()
    assert "layer1.0.bn1.running_mean holds no decimal numbers" in reasons.values()
    unused = {miss.name: str(miss.reason) for miss in matching.unused}
    assert unused.keys() == {"fc.weight", "fc.bias", "extra.weight", "layer1.0.bn1.running_mean"}
    assert unused["layer1.0.bn1.running_mean"] == "its numbers are of the type I64"


def our_name(network: Network, key: tuple[str, str, tuple[int, ...]]) -> str:
    from cnnviz.importing.torchvision_names import resnet

    return f"{resnet(network)[key[0]]}.{key[1]}"


def test_wrappers_and_the_old_names_of_densenet(tmp_path: Path) -> None:
    from cnnviz.importing.torchvision_names import densenet

    network = networks.densenet((2, 2))
    report = analyze(network)
    weights = learned(build(report, {}, 1))
    names = densenet(network)
    state = {}
    for (uid, tensor, shape), values in weights.items():
        name = f"{names[uid]}.{tensor}"
        for part in ("norm1", "norm2", "conv1", "conv2"):
            name = name.replace(f".{part}.", f".{part[:-1]}.{part[-1]}.")
        state[f"module.{name}"] = values
        assert shape == values.shape
    assert "module.features.denseblock1.denselayer1.norm.1.weight" in state
    matching = matched(report, file_of(state, tmp_path))
    assert matching.family == "DenseNet"
    assert same(taken(matching), weights)


class Theirs(nn.Module):
    """A network as somebody else would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 8, 3)
        self.fc = nn.Linear(8 * 5 * 5, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        y: torch.Tensor = self.fc(torch.relu(self.conv2(x)).flatten(1))
        return y


def test_by_order_and_shape_it_computes_what_theirs_computes(tmp_path: Path) -> None:
    theirs = Theirs().eval()
    path = tmp_path / "w.safetensors"
    safetensors.torch.save_file(theirs.state_dict(), path)
    report = analyze(SMALL)
    matching = matched(report, path)
    assert matching.way == "order"
    assert not matching.missing
    ours = build(report, taken(matching), 0)
    x = torch.randn(2, 3, 16, 16)
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    tensors = {"a.weight": np.zeros((4, 3, 3, 3), np.float32), "b.weight": np.zeros(3, np.float32)}
    report = analyze(SMALL)
    matching = matched(report, file_of(tensors, tmp_path))
    assert matching.way == "order"
    assert [one.key[:2] for one in matching.matches] == [("0", "weight")]
    assert [miss.name for miss in matching.unused] == ["b.weight"]
    assert len(matching.missing) == len(report.tensor_keys()) - 1
    with pytest.raises(UserError, match="None of the 1 tensors"):
        matched(report, file_of({"b.weight": np.zeros(3, np.float32)}, tmp_path))


def test_a_broken_network_takes_what_it_can(tmp_path: Path) -> None:
    broken = SMALL.replace("4", Conv2d(uid="4", kernel=Size(40, 40)))
    report = analyze(broken)
    whole = learned(build(analyze(SMALL), {}, 1))
    path = tmp_path / "w.safetensors"
    path.write_bytes(encode_weights(analyze(SMALL), whole) or b"")
    assert {one.key[0] for one in matched(report, path).matches} == {"0", "1"}


def test_a_normaliser_in_front_is_not_counted(tmp_path: Path) -> None:
    """AlexNet and VGG number their layers from the first on."""
    network, known = with_normaliser(preset("alexnet"))
    assert network.layers[0].uid == "normalise"
    assert analyze(network).trainable == analyze(preset("alexnet")).parameters
    tensors = {"features.0.weight": np.zeros((64, 3, 11, 11), np.float32)}
    matching = matched(analyze(network), file_of(tensors, tmp_path))
    assert [one.key[:2] for one in matching.matches] == [("0", "weight")]
    assert {miss.uid for miss in matching.missing} >= {"normalise"}
    assert {key[:2] for key in known} == {
        ("normalise", "running_mean"), ("normalise", "running_var"),
    }  # fmt: skip
