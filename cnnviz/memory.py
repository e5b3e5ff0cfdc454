"""How much memory looking at a network and training it take, in bytes, in float32.

Weights, gradients and the optimiser's own numbers are exact. Of the activations every output counts
once for each image of the batch, together with what some kinds keep beside it (`Layer.kept`): that
is what the backward pass may need. PyTorch frees some of it early, such as the input of a ReLU; in
the known networks it keeps between half of this and all of it (`tests/test_memory.py`). What it
holds for a moment only, while one layer is worked out, is left out: the process of ResNet-18,
ResNet-20, MobileNet v2 and a small DenseNet grew by 15 to 30 % more on the CPU (`ROOM`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cnnviz.analysis import BYTES_PER_VALUE
from cnnviz.optimizers import numbers_kept

if TYPE_CHECKING:
    from cnnviz.analysis import Report
    from cnnviz.training import Training


ROOM = 0.75
"""The share of the free memory that a network may take up by these numbers."""


class Memory(Struct, frozen=True):
    """Bytes that one step of training holds.

    weights: all parameters, and the buffers. gradients: one number for each parameter that is
    trained. optimizer: what the optimiser remembers of each. activations: of the whole batch.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.activations


def looking_memory(report: Report) -> int:
    """Bytes of the weights, and of all outputs for one image."""
    return BYTES_PER_VALUE * (report.parameters + report.buffers) + report.activation_bytes


def training_memory(report: Report, training: Training) -> Memory:
    """What a step needs with this optimiser and this size of a batch."""
    gradients = BYTES_PER_VALUE * report.trainable
    beside = sum(
        row.layer.kept(row.input, row.output)
        for row in report.rows
        if row.input is not None and row.output is not None and not row.off
    )
    return Memory(
        BYTES_PER_VALUE * (report.parameters + report.buffers),
        gradients,
        gradients * numbers_kept(training),
        training.batch_size * (report.activation_bytes + BYTES_PER_VALUE * beside),
    )
