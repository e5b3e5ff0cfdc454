"""Writes the networks of the literature into assets/presets, so that nobody types 50 layers.

    python -m scripts.write_presets

`tests/test_presets.py` proves that the files are what this writes. The small ones that are written
by hand (first-start, tiny, the two LeNets of today, AlexNet, VGG-16) are not touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cnnviz.assets import asset_path
from cnnviz.layers import KINDS, Layer
from cnnviz.network import Input, Network
from cnnviz.network_file import encode_document
from scripts.presets import branched, chains
from scripts.presets.parts import CIFAR, IMAGENET, MNIST, PADDED

if TYPE_CHECKING:
    from collections.abc import Sequence


def networks() -> dict[str, Network]:
    """Name of the file -> network."""

    def network(name: str, image: Input, layers: Sequence[Layer]) -> Network:
        return Network(name=name, input=image).with_layers(layers)

    def vgg(filters: tuple[int, ...], *, norm: bool) -> list[Layer]:
        return chains.vgg(*filters, norm=norm)

    return {
        "logistic-regression": network("Logistic regression", MNIST, chains.logistic_regression()),
        "perceptron": network("Perceptron 300", MNIST, chains.perceptron()),
        "lenet-1": network("LeNet-1", MNIST, chains.lenet_1()),
        "deeplearntoolbox": network("DeepLearnToolbox CNN", MNIST, chains.deep_learn_toolbox()),
        "lenet-5": network("LeNet-5", PADDED, chains.lenet_5()),
        "thorough": network("Thorough", MNIST, chains.thorough()),
        "tiny-vgg": network("Tiny VGG", Input(64, 64, 3), chains.tiny_vgg()),
        "all-convolutional": network("All-CNN-C", CIFAR, chains.all_convolutional()),
        "nin": network("Network in Network", CIFAR, chains.network_in_network()),
        "alexnet-2012": network("AlexNet 2012", Input(227, 227, 3), chains.alexnet_of_two_towers()),
        "zfnet": network("ZFNet", IMAGENET, chains.zfnet()),
        "vgg-11": network("VGG-11", IMAGENET, vgg(chains.VGG_11, norm=False)),
        "vgg-13": network("VGG-13", IMAGENET, vgg(chains.VGG_13, norm=False)),
        "vgg-19": network("VGG-19", IMAGENET, vgg(chains.VGG_19, norm=False)),
        "vgg-11-bn": network("VGG-11 with batch norm", IMAGENET, vgg(chains.VGG_11, norm=True)),
        "vgg-13-bn": network("VGG-13 with batch norm", IMAGENET, vgg(chains.VGG_13, norm=True)),
        "vgg-16-bn": network("VGG-16 with batch norm", IMAGENET, vgg(chains.VGG_16, norm=True)),
        "vgg-19-bn": network("VGG-19 with batch norm", IMAGENET, vgg(chains.VGG_19, norm=True)),
        "mobilenet-v1": network("MobileNet v1", IMAGENET, chains.mobilenet_v1()),
        **chains.a_million_units(),
        "googlenet": network("GoogLeNet", IMAGENET, branched.googlenet()),
        "googlenet-bn": network(
            "GoogLeNet with batch norm", IMAGENET, branched.googlenet_with_batch_norm()
        ),
        "resnet-18": network("ResNet-18", IMAGENET, branched.resnet(2, 2, 2, 2)),
        "resnet-34": network("ResNet-34", IMAGENET, branched.resnet(3, 4, 6, 3)),
        "resnet-50": network("ResNet-50", IMAGENET, branched.resnet(3, 4, 6, 3, deep=True)),
        "resnet-101": network("ResNet-101", IMAGENET, branched.resnet(3, 4, 23, 3, deep=True)),
        "densenet-121": network("DenseNet-121", IMAGENET, branched.densenet(6, 12, 24, 16)),
        "densenet-169": network("DenseNet-169", IMAGENET, branched.densenet(6, 12, 32, 32)),
        "squeezenet-1.0": network("SqueezeNet 1.0", IMAGENET, branched.squeezenet_1_0()),
        "squeezenet-1.1": network("SqueezeNet 1.1", IMAGENET, branched.squeezenet_1_1()),
        "mobilenet-v2": network("MobileNet v2", IMAGENET, branched.mobilenet_v2()),
        "efficientnet-b0": network("EfficientNet-B0", IMAGENET, branched.efficientnet_b0()),
        "resnet-20": network("ResNet-20", CIFAR, branched.resnet_for_cifar(3)),
        "densenet-40": network("DenseNet-40", CIFAR, branched.densenet_40()),
        "densenet-small": network("Small DenseNet", MNIST, branched.small_densenet()),
        "mobilenet-small": network("Small MobileNet", MNIST, branched.small_mobilenet()),
        "inception-small": network("Small Inception", Input(28, 28, 3), branched.small_inception()),
    }


def text(network: Network) -> str:
    """The network as JSON, a layer a line, without the settings that have their defaults."""
    document = msgspec.to_builtins(network)
    document["layers"] = [_set(layer) for layer in document["layers"]]
    return encode_document(document).decode()


_KINDS = {kind.__struct_config__.tag: msgspec.to_builtins(kind()) for kind in KINDS}
_ALWAYS = {"type", "filters", "kernel", "units", "merge", "branches"}


def _set(layer: dict[str, Any]) -> dict[str, Any]:
    usual = _KINDS[layer["type"]]
    found = {
        name: value for name, value in layer.items() if name in _ALWAYS or value != usual.get(name)
    }
    if "branches" in found:
        found["branches"] = [[_set(inner) for inner in branch] for branch in found["branches"]]
    return found


if __name__ == "__main__":
    for name, network in networks().items():
        asset_path("presets", f"{name}.json").write_text(text(network), encoding="utf-8")
