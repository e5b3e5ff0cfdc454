"""A network as it is trained: dropout drops values, batch norm goes by the batch at hand.

Neither PyTorch's chance nor the running statistics are touched, so that a run notices nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional as F

from cnnviz.engine.build import derived_seed
from cnnviz.engine.modules import FrozenBatchNorm1d, FrozenBatchNorm2d
from cnnviz.engine.protocol import AsTrained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.build import Model

    Hook = Callable[[nn.Module, tuple[torch.Tensor], torch.Tensor], torch.Tensor]

MOST, LEAST = 31, 7
"""Training images that go along with the one that is looked at, in a small network and in a large
one: the fewer, the less their mean and variance say."""
EFFORT = 5_000_000_000
"""Multiply-adds of a look, for which a large network takes fewer of them."""

_FROZEN = (FrozenBatchNorm1d, FrozenBatchNorm2d)


def norms_of(model: Model) -> list[str]:
    """The uids of the batch norms that are otherwise in training; frozen ones are not."""
    return [uid for uid, module in _modules(model) if _by_batch(module)]


def companions(model: Model, data: DeviceData, seed: int) -> torch.Tensor:
    """What the network sees of the images that are drawn: (count, channels, height, width).

    They are as they come, without augmentation.
    """
    return model.sight.seen(data.train_images[drawn(model, data, seed)])


def drawn(model: Model, data: DeviceData, seed: int) -> torch.Tensor:
    """Places (count,) of training images drawn by chance, to make a batch with another image."""
    affordable = EFFORT // max(1, model.multiply_adds) - 1
    count = max(LEAST, min(MOST, affordable))
    generator = torch.Generator().manual_seed(derived_seed(seed, "companions"))
    places = torch.randint(len(data.train_images), (count,), generator=generator)
    return places.to(data.train_images.device)


@contextmanager
def as_trained(model: Model, seed: int, together: int) -> Iterator[AsTrained]:
    """For a while the model, which is at rest, does what it does in training.

    seed: of what is dropped; each layer draws from a seed of its own, so that it drops the same
    whatever happens before it. together: images in the batch.
    """
    drops, norms, handles = [], [], []
    for uid, module in _modules(model):
        if isinstance(module, nn.Dropout | nn.Dropout2d) and module.p > 0:
            drops.append(uid)
            handles.append(module.register_forward_hook(_dropper(derived_seed(seed, uid, "drop"))))
        elif _by_batch(module) and together > 1:
            norms.append(uid)
            handles.append(module.register_forward_hook(_normalise))
    try:
        yield AsTrained(drops, norms, together)
    finally:
        for handle in handles:
            handle.remove()


def _modules(model: Model) -> Iterator[tuple[str, nn.Module]]:
    for row, block in zip(model.layers, model.blocks, strict=True):
        for module in block:
            yield row.layer.uid, module


def _by_batch(module: nn.Module) -> bool:
    return isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and not isinstance(module, _FROZEN)


def _dropper(seed: int) -> Hook:
    """Srivastava et al., 2014: what is kept is divided by the share that is kept."""

    def drop(module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> torch.Tensor:
        x = inputs[0]
        assert isinstance(module, nn.Dropout | nn.Dropout2d)
        shape = (*x.shape[:2], 1, 1) if isinstance(module, nn.Dropout2d) else x.shape
        generator = torch.Generator().manual_seed(seed)
        kept = torch.rand(shape, generator=generator).to(x.device) >= module.p
        return x * kept / max(1 - module.p, 1e-9)  # at a rate of 1 nothing is kept

    return drop


def _normalise(
    module: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor
) -> torch.Tensor:
    """Ioffe and Szegedy, 2015: by the mean and variance of the batch, not remembered."""
    assert isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)
    return F.batch_norm(
        inputs[0], None, None, module.weight, module.bias, training=True, eps=module.eps
    )
