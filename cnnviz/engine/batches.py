"""Images on the device, and how they are made to fit a network's input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

if TYPE_CHECKING:
    from cnnviz.data.datasets import Samples
    from cnnviz.network import Input

LARGEST_PADDING = 0.25
"""Images up to this share smaller than the input are padded with zeros, not resized, as LeCun did
for LeNet-5 (28×28 digits in 32×32)."""


class DeviceData:
    """A data set as uint8 tensors on the device: batches are picked by index, without copies."""

    def __init__(self, samples: Samples, device: torch.device | str) -> None:
        self.train_images = torch.from_numpy(samples.train_images.copy()).to(device)
        self.train_labels = torch.from_numpy(samples.train_labels.copy()).to(device).long()
        self.test_images = torch.from_numpy(samples.test_images.copy()).to(device)
        self.test_labels = torch.from_numpy(samples.test_labels.copy()).to(device).long()


def fit(images: torch.Tensor, image: Input) -> torch.Tensor:
    """What the network sees of uint8 images (batch, height, width) or (…, channels).

    Values become 0 to 1. Slightly smaller images are padded with zeros around the centre, other
    sizes are resized; grey is repeated over the channels, colours are averaged to grey.

    Returns:
        float32 (batch, channels, height, width)
    """
    x = images.float().mul_(1 / 255)
    x = x.unsqueeze(1) if x.ndim == 3 else x.movedim(-1, 1)  # (batch, channels, height, width)
    rows, columns = image.height - x.shape[2], image.width - x.shape[3]
    pads = (
        0 <= rows <= LARGEST_PADDING * x.shape[2] and 0 <= columns <= LARGEST_PADDING * x.shape[3]
    )
    if pads and (rows or columns):
        x = F.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))
    elif rows or columns:
        size = (image.height, image.width)
        x = F.interpolate(x, size, mode="bilinear", antialias=True).clamp_(0, 1)
    if x.shape[1] != image.channels:
        x = x.mean(1, keepdim=True).expand(-1, image.channels, -1, -1)
    return x
