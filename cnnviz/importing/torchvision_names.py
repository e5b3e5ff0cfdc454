"""What torchvision calls the layers of its networks, derived from where they stand in ours.

Each rule knows one family and gives a name for each layer with tensors, such as "features.0", and
none where the network cannot be of that family; the
names of the tensors themselves ("weight", "running_mean") are PyTorch's in both. The names are
those of the state dicts that torchvision publishes (torchvision.models: alexnet.py, vgg.py,
resnet.py, densenet.py, mobilenetv2.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers import (
    Activation,
    AdaptiveAvgPool,
    BatchNorm,
    Branches,
    Conv2d,
    Dense,
    Flatten,
    GlobalAvgPool,
    Layer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnnviz.network import Network

Names = dict[str, str]
"""uid of a layer -> its name in a state dict."""


def sequential(network: Network) -> Names:
    """AlexNet and VGG: everything before the flatten is counted from 0, and all behind it again.

    torchvision pools adaptively between the two without counting it.
    """
    names: Names = {}
    room, place = "features", 0
    for layer in network.layers:
        if isinstance(layer, Flatten):
            room, place = "classifier", 0
        elif not isinstance(layer, AdaptiveAvgPool | GlobalAvgPool):
            names[layer.uid] = f"{room}.{place}"
            place += 1
    return names


def resnet(network: Network) -> Names:
    """A stem, four stages of residual blocks, and fc. A block that halves begins a new stage."""
    if not any(isinstance(layer, Branches) for layer in network.layers):
        return {}
    names = _numbered(network.layers, "")
    stage = block = 0
    for layer in network.layers:
        if isinstance(layer, Dense):
            names[layer.uid] = "fc"
        if not isinstance(layer, Branches):
            continue
        main, shortcut = _roles(layer)
        if not stage or any(conv.stride.pair != (1, 1) for conv in _convs(shortcut)):
            stage, block = stage + 1, 0
        prefix = f"layer{stage}.{block}."
        names |= _numbered(main, prefix)
        weighted = [inner for inner in shortcut if isinstance(inner, Conv2d | BatchNorm)]
        names |= {inner.uid: f"{prefix}downsample.{n}" for n, inner in enumerate(weighted)}
        block += 1
    return names


def _numbered(layers: Sequence[Layer], prefix: str) -> Names:
    """conv1, bn1, conv2, bn2 …, in their order."""
    names: Names = {}
    for word, kind in (("conv", Conv2d), ("bn", BatchNorm)):
        found = [layer for layer in layers if isinstance(layer, kind)]
        names |= {layer.uid: f"{prefix}{word}{n}" for n, layer in enumerate(found, start=1)}
    return names


def _roles(block: Branches) -> tuple[Sequence[Layer], Sequence[Layer]]:
    """The branch that does the work, and the other one."""
    by_length = sorted(block.branches, key=len)
    return by_length[-1], by_length[0] if len(by_length) > 1 else ()


def _convs(layers: Sequence[Layer]) -> list[Conv2d]:
    return [layer for layer in layers if isinstance(layer, Conv2d)]


def densenet(network: Network) -> Names:
    """A stem, dense blocks with transitions between them, a last norm, and the classifier."""
    names: Names = {}
    if not any(isinstance(layer, Branches) for layer in network.layers):
        return names
    weighted = [
        layer for layer in network.layers if isinstance(layer, Branches | BatchNorm | Conv2d)
    ]
    block = number = 0
    for place, layer in enumerate(weighted):
        following = weighted[place + 1] if place + 1 < len(weighted) else None
        if isinstance(layer, Branches):
            if not place or not isinstance(weighted[place - 1], Branches):
                block, number = block + 1, 0
            number += 1
            inner, _ = _roles(layer)
            prefix = f"features.denseblock{block}.denselayer{number}."
            names |= {
                uid: prefix + name.replace("bn", "norm")
                for uid, name in _numbered(inner, "").items()
            }
        elif not block:
            names[layer.uid] = "features.conv0" if isinstance(layer, Conv2d) else "features.norm0"
        elif isinstance(layer, Conv2d):
            names[layer.uid] = f"features.transition{block}.conv"
        elif isinstance(following, Conv2d):
            names[layer.uid] = f"features.transition{block}.norm"
        else:
            names[layer.uid] = f"features.norm{block + 1}"
    names |= {layer.uid: "classifier" for layer in network.layers if isinstance(layer, Dense)}
    return names


def mobilenet_v2(network: Network) -> Names:
    """A stem, inverted residual blocks, each up to a convolution without an activation, a last
    convolution, and the classifier behind a dropout."""
    names: Names = {}
    block: list[_Unit] = []
    place = 0
    units = list(_units([layer for _, layer in network.walk()]))
    for number, unit in enumerate(units):
        if number == 0:
            names |= unit.named("features.0.0", "features.0.1")
            place = 1
            continue
        block.append(unit)
        if unit.activated:
            continue
        prefix = f"features.{place}.conv."
        for step, inner in enumerate(block[:-1]):
            names |= inner.named(f"{prefix}{step}.0", f"{prefix}{step}.1")
        last = len(block) - 1
        names |= unit.named(f"{prefix}{last}", f"{prefix}{last + 1}")
        block, place = [], place + 1
    for unit in block:
        names |= unit.named(f"features.{place}.0", f"features.{place}.1")
        place += 1
    names |= {layer.uid: "classifier.1" for layer in network.layers if isinstance(layer, Dense)}
    return names


class _Unit:
    """A convolution, the batch norm behind it, and whether an activation follows."""

    def __init__(self, conv: Conv2d) -> None:
        self.conv = conv
        self.norm = ""
        self.activated = False

    def named(self, conv: str, norm: str) -> Names:
        return {self.conv.uid: conv, **({self.norm: norm} if self.norm else {})}


def _units(layers: Sequence[Layer]) -> Iterator[_Unit]:
    unit = None
    for layer in layers:
        if isinstance(layer, Conv2d):
            if unit is not None:
                yield unit
            unit = _Unit(layer)
        elif unit is not None and isinstance(layer, BatchNorm):
            unit.norm = layer.uid
        elif unit is not None and isinstance(layer, Activation):
            unit.activated = True
    if unit is not None:
        yield unit


RULES: dict[str, Callable[[Network], Names]] = {
    "AlexNet, VGG": sequential,
    "ResNet": resnet,
    "DenseNet": densenet,
    "MobileNet v2": mobilenet_v2,
}
"""By the families that they name."""
