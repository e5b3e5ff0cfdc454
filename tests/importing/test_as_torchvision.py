"""A ResNet as torchvision writes it, and ours with its weights, give the same answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import safetensors.torch
import torch
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.engine.build import build
from cnnviz.importing.matching import match
from cnnviz.importing.tensor_file import open_tensors
from cnnviz.transfer import IMAGENET_DEVIATION, IMAGENET_MEAN, with_normaliser
from tests.importing import networks

if TYPE_CHECKING:
    from pathlib import Path

WIDTH = 4


class BasicBlock(nn.Module):
    """torchvision.models.resnet.BasicBlock."""

    expansion = 1

    def __init__(self, before: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample = shortcut(before, filters, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """torchvision.models.resnet.Bottleneck."""

    expansion = 4

    def __init__(self, before: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, filters, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.conv3 = nn.Conv2d(filters, 4 * filters, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * filters)
        self.downsample = shortcut(before, 4 * filters, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(torch.relu(self.bn2(self.conv2(y)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


def shortcut(before: int, after: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and before == after:
        return None
    return nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))


class ResNet(nn.Module):
    """torchvision.models.resnet.ResNet, narrower."""

    def __init__(self, block: type[BasicBlock | Bottleneck], sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        before = WIDTH
        for stage, size in enumerate(sizes):
            layers = []
            for number in range(size):
                stride = 2 if stage and not number else 1
                layers.append(block(before, WIDTH * 2**stage, stride))
                before = WIDTH * 2**stage * block.expansion
            self.add_module(f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(before, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for name, stage in self.named_children():
            if name.startswith("layer"):
                x = stage(x)
        y: torch.Tensor = self.fc(x.mean((2, 3)))
        return y


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_the_same_answers(block: type[BasicBlock | Bottleneck], tmp_path: Path) -> None:
    torch.manual_seed(0)
    sizes = (2, 1, 2, 1)
    theirs = ResNet(block, sizes).train()
    for _ in range(3):  # so that the running statistics are other than at the beginning
        theirs(torch.randn(8, 3, 64, 64))
    theirs.eval()
    path = tmp_path / "resnet.safetensors"
    safetensors.torch.save_file(theirs.state_dict(), path)
    report = analyze(networks.resnet(sizes, bottleneck=block is Bottleneck, width=WIDTH))
    matching = match(report, open_tensors(path))
    assert matching.family == "ResNet"
    assert not matching.missing
    assert not matching.unused
    taken = dict(matching.read())
    ours = build(report, taken, 0)
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)
    network, known = with_normaliser(report.network)
    normalised = analyze(network)
    ours = build(normalised, {**taken, **known}, 0)
    images = torch.rand(2, 3, 64, 64)
    mean, deviation = (
        torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_DEVIATION)
    )
    with torch.inference_mode():
        expected = theirs((images - mean) / deviation)
        assert torch.allclose(ours(images), expected, atol=1e-5)
    # The names stay where they were, also for the next file.
    again = match(normalised, open_tensors(path))
    assert (again.family, len(again.matches)) == ("ResNet", len(matching.matches))
    assert with_normaliser(network)[0] == network
