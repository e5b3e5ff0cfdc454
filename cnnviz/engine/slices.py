"""Many images through the network, a slice at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.device import in_order
from cnnviz.engine.probe import at_rest
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.engine.build import Model

SLICE = 200_000_000
"""Multiply-adds of one slice: some ten milliseconds, between which others' turn is."""
LARGEST_SLICE = 256
"""Images, however small the network is."""


def images_a_slice(model: Model) -> int:
    """How many images go through the network in one slice."""
    return max(1, min(LARGEST_SLICE, SLICE // max(1, model.multiply_adds)))


def outputs_of(model: Model, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """What every layer makes of images as they are stored, by uid; "input" is what it sees of them.

    images: uint8 (batch, height, width) or (…, channels), equalised as those of `DeviceData`.
    """
    return outputs_of_seen(model, model.sight.seen(images))


def outputs_of_seen(model: Model, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """The same of what the network sees: float32 (batch, channels, height, width)."""
    outputs = {INPUT_UID: x}
    with at_rest(model), torch.inference_mode():
        model.look(in_order(x), outputs.__setitem__)
    return outputs
