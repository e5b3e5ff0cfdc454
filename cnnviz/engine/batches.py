"""Images on the device, and how they are made to fit a network's input."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from cnnviz.data.fitting import padding_to_fit
from cnnviz.engine.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.data.datasets import Samples
    from cnnviz.network import Input


class DeviceData:
    """A data set as uint8 tensors on the device: batches are picked by index, without copies.

    validation_images, validation_labels: what was put aside, often nothing.
    train_places, test_places: which of the data set's images these are, int64; None where they are
    all.
    """

    def __init__(self, samples: Samples, device: torch.device | str) -> None:
        self.note = samples.note
        """What of the data set could not be used; None where all could."""

        def moved(values: NDArray[np.uint8]) -> torch.Tensor:
            return _shared(values).to(device)

        self.train_images = moved(samples.train_images)
        self.train_labels = moved(samples.train_labels).long()
        self.test_images = moved(samples.test_images)
        self.test_labels = moved(samples.test_labels).long()
        self.validation_images, self.validation_labels = self.test_images[:0], self.test_labels[:0]
        self.train_places: NDArray[np.int64] | None = None
        self.test_places: NDArray[np.int64] | None = None
        if isinstance(samples, Prepared):
            self.train_places, self.test_places = samples.train_places, samples.test_places
            if samples.validation_images is not None and samples.validation_labels is not None:
                self.validation_images = moved(samples.validation_images)
                self.validation_labels = moved(samples.validation_labels).long()

    def train_numbers(self, chosen: torch.Tensor) -> list[int]:
        """Which of the data set's training images some of these are, by their numbers (count,)."""
        return _numbers(chosen, self.train_places)

    def test_numbers(self, chosen: torch.Tensor) -> list[int]:
        """The same of test images."""
        return _numbers(chosen, self.test_places)


def _numbers(chosen: torch.Tensor, places: NDArray[np.int64] | None) -> list[int]:
    numbers: list[int] = chosen.tolist()
    return numbers if places is None else [int(places[number]) for number in numbers]


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
