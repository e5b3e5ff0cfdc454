"""What a study yields after each of its slices, and what most of them need."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

import torch

from cnnviz.engine.probe import at_rest
from cnnviz.message import Message
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol import Finding, Text

SLICE = 200_000_000
"""Multiply-adds of one slice: some ten milliseconds, between which others' turn is."""
LARGEST_SLICE = 256
"""Images, however small the network is."""


NOT_THERE = Message("This layer is not in the network.")


class Found(NamedTuple):
    """What has been found by now. done: 0 to 1, how much of the work is done."""

    finding: Finding | None = None
    done: float = 0.0
    note: Text | None = None


Work = Generator["Found | None", None, None]
"""Yields after each slice; None where there is nothing new to tell."""


def images_a_slice(model: Model) -> int:
    """How many images go through the network in one slice."""
    return max(1, min(LARGEST_SLICE, SLICE // max(1, model.multiply_adds)))


def outputs_of(model: Model, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """What every layer makes of images as they are stored, by uid; "input" is what it sees of them.

    images: uint8 (batch, height, width) or (…, channels), equalised as those of `DeviceData`.
    """
    outputs: dict[str, torch.Tensor] = {}
    with at_rest(model), torch.inference_mode():
        x = model.sight.seen(images)
        outputs[INPUT_UID] = x
        model.look(x.contiguous(memory_format=torch.channels_last), outputs.__setitem__)
    return outputs
