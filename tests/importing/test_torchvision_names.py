"""Our layers get the names that torchvision publishes for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cnnviz.analysis import analyze
from cnnviz.importing.torchvision_names import Names, densenet, mobilenet_v2, resnet, sequential
from cnnviz.presets import PRESETS, preset
from tests.importing import networks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cnnviz.network import Network


def named(network: Network, rule: Callable[[Network], Names]) -> list[str]:
    names = rule(network)
    return [f"{names[uid]}.{name}" for uid, name, _ in analyze(network).tensor_keys()]


def agree(found: Iterable[str], expected: Iterable[str]) -> None:
    found, expected = list(found), list(expected)
    assert len(set(found)) == len(found)
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("alexnet", {"features": (0, 3, 6, 8, 10), "classifier": (1, 4, 6)}),
        ("vgg-11", {"features": (0, 3, 6, 8, 11, 13, 16, 18), "classifier": (0, 3, 6)}),
        (
            "vgg-16",
            {
                "features": (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28),
                "classifier": (0, 3, 6),
            },
        ),
    ],
)
def test_alexnet_and_vgg(name: str, places: dict[str, tuple[int, ...]]) -> None:
    """The places of the layers with weights in torchvision's alexnet and vgg."""
    agree(
        named(preset(name), sequential),
        [f"{room}.{n}.{t}" for room, ns in places.items() for n in ns for t in ("weight", "bias")],
    )


def test_vgg_with_batch_norm() -> None:
    found = named(preset("vgg-16-bn"), sequential)
    convs = (0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40)
    expected = [f"features.{n}.{t}" for n in convs for t in ("weight", "bias")]
    expected += [f"features.{n + 1}.{t}" for n in convs for t in networks.NORM]
    expected += [f"classifier.{n}.{t}" for n in (0, 3, 6) for t in ("weight", "bias")]
    agree(found, expected)


@pytest.mark.parametrize("bottleneck", [False, True])
@pytest.mark.parametrize("sizes", [(2, 2, 2, 2), (3, 4, 6, 3)])
def test_resnet(sizes: tuple[int, ...], bottleneck: bool) -> None:
    network = networks.resnet(sizes, bottleneck=bottleneck)
    agree(named(network, resnet), networks.resnet_names(sizes, bottleneck=bottleneck))


def test_densenet() -> None:
    sizes = (3, 2, 4, 2)
    agree(named(networks.densenet(sizes), densenet), networks.densenet_names(sizes))


def test_mobilenet_v2() -> None:
    agree(named(networks.mobilenet(), mobilenet_v2), networks.mobilenet_names())


def test_names_that_anybody_knows() -> None:
    """A few, letter by letter, as they stand in the published files."""
    assert {
        "conv1.weight", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
        "layer4.2.bn3.running_var", "fc.bias",
    } <= set(named(networks.resnet((3, 4, 6, 3), bottleneck=True), resnet))  # fmt: skip
    assert {
        "features.conv0.weight", "features.denseblock1.denselayer1.norm1.weight",
        "features.transition3.conv.weight", "features.norm5.bias", "classifier.weight",
    } <= set(named(networks.densenet((6, 12, 24, 16)), densenet))  # fmt: skip
    assert {
        "features.0.0.weight", "features.1.conv.0.0.weight", "features.1.conv.1.weight",
        "features.2.conv.3.running_mean", "classifier.1.bias",
    } <= set(named(networks.mobilenet(), mobilenet_v2))  # fmt: skip


SIZES = {
    "resnet-18": ((2, 2, 2, 2), False),
    "resnet-34": ((3, 4, 6, 3), False),
    "resnet-50": ((3, 4, 6, 3), True),
    "resnet-101": ((3, 4, 23, 3), True),
}


@pytest.mark.parametrize("name", [name for name in SIZES if name in PRESETS])
def test_the_presets_of_resnet(name: str) -> None:
    sizes, bottleneck = SIZES[name]
    agree(named(preset(name), resnet), networks.resnet_names(sizes, bottleneck=bottleneck))


DENSE = {"densenet-121": (6, 12, 24, 16), "densenet-169": (6, 12, 32, 32)}


@pytest.mark.parametrize("name", [name for name in DENSE if name in PRESETS])
def test_the_presets_of_densenet(name: str) -> None:
    agree(named(preset(name), densenet), networks.densenet_names(DENSE[name]))
