"""How an image comes to be what a network sees: one way for training, testing, drawing and looking.

bytes → (equalised) → 0 to 1, in the network's size → (changed by chance) → scaled
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.data.equalisation import equalised
from cnnviz.data.greys import greys_of
from cnnviz.engine.batches import fit
from cnnviz.preparation import DEVIATIONS, LEAST_DEVIATION, Preparation

if TYPE_CHECKING:
    from cnnviz.network import Input


class Sight:
    """What a network with this input sees of the images of a data set that are prepared so.

    dataset: the name of the data set; its greys are those that an image is standardised by.
    """

    def __init__(
        self, image: Input, preparation: Preparation | None = None, dataset: str = "mnist"
    ) -> None:
        self.image, self.preparation = image, preparation or Preparation()
        self._greys = greys_of(dataset).of(image.channels)
        self._moved: tuple[torch.Tensor, torch.Tensor] | None = None
        """Mean and deviation of them (channels, 1, 1), on the device that was last asked for."""

    def equalised(self, images: np.ndarray) -> np.ndarray:
        """uint8 images (count, height, width) or (…, channels) with their contrast equalised, where
        that is wanted. It is done once and for all, before images go to a device."""
        settings = self.preparation
        if not settings.equalisation:
            return images
        return equalised(images, settings.tiles, settings.clip_limit)

    def fitted(self, images: torch.Tensor) -> torch.Tensor:
        """Equalised images as `fit` makes them: 0 to 1, (batch, channels, height, width)."""
        return fit(images, self.image)

    def scaled(self, x: torch.Tensor) -> torch.Tensor:
        """Values from 0 to 1 as the network sees them."""
        scaling = self.preparation.scaling
        if scaling == "standardised":
            mean, deviation = self._greys_on(x.device)
            return (x - mean) / deviation
        if scaling in DEVIATIONS:
            mean = x.mean((1, 2, 3), keepdim=True)  # (batch, 1, 1, 1)
            deviation = x.std((1, 2, 3), keepdim=True, correction=0).clamp(min=LEAST_DEVIATION)
            return ((x - mean) / (DEVIATIONS[scaling] * deviation)).clamp(-1, 1)
        return x

    def _greys_on(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Put there once: numbers that come from Python let a step wait for the device."""
        if self._moved is None or self._moved[0].device != device:
            with torch.inference_mode(False):  # for those who go back through them, too
                mean, deviation = (torch.tensor(v).view(-1, 1, 1).to(device) for v in self._greys)
            self._moved = mean, deviation
        return self._moved

    def seen(self, images: torch.Tensor) -> torch.Tensor:
        """What the network sees of equalised images: (batch, channels, height, width)."""
        return self.scaled(self.fitted(images))

    def look(self, images: np.ndarray, device: torch.device | str) -> torch.Tensor:
        """What the network sees of images as they come, on a device."""
        return self.seen(torch.from_numpy(self.equalised(images).copy()).to(device))

    @property
    def range(self) -> tuple[float, float]:
        """What black and white become, or the least and the greatest value of any image."""
        return self.preparation.range(self._greys)
