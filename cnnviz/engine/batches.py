"""Images on the device, and how they are made to fit a network's input."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from cnnviz.data.fitting import padding_to_fit

if TYPE_CHECKING:
    import numpy as np

    from cnnviz.data.datasets import Samples
    from cnnviz.network import Input


class DeviceData:
    """A data set as uint8 tensors on the device: batches are picked by index, without copies."""

    def __init__(self, samples: Samples, device: torch.device | str) -> None:
        self.note = samples.note
        """What of the data set could not be used; None where all could."""
        self.train_images = _shared(samples.train_images).to(device)
        self.train_labels = _shared(samples.train_labels).to(device).long()
        self.test_images = _shared(samples.test_images).to(device)
        self.test_labels = _shared(samples.test_labels).to(device).long()


def _shared(values: np.ndarray) -> torch.Tensor:
    """A tensor in the memory of a read-only array, to which nobody writes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that PyTorch knows no read-only tensors
        return torch.from_numpy(values)


def fit(images: torch.Tensor, image: Input) -> torch.Tensor:
    """What the network sees of uint8 images (batch, height, width) or (…, channels).

    Values become 0 to 1. Slightly smaller images are padded with zeros around the centre, other
    sizes are resized; grey is repeated over the channels, colours are averaged to grey.

    Returns:
        float32 (batch, channels, height, width)
    """
    x = images.float().mul_(1 / 255)
    x = x.unsqueeze(1) if x.ndim == 3 else x.movedim(-1, 1)  # (batch, channels, height, width)
    size = image.height, image.width
    padding = padding_to_fit((x.shape[2], x.shape[3]), size)
    if padding is None:
        x = F.interpolate(x, size, mode="bilinear", antialias=True).clamp_(0, 1)
    elif any(padding):
        x = F.pad(x, padding)
    if x.shape[1] != image.channels:
        x = x.mean(1, keepdim=True).expand(-1, image.channels, -1, -1)
    return x
