"""Looking: one forward pass of one image with every layer kept."""

from __future__ import annotations

import math
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.engine.as_trained import as_trained
from cnnviz.engine.device import in_order
from cnnviz.engine.muting import muted
from cnnviz.engine.protocol import MAX_VALUES, Activations, Probe, Probed, Tensor
from cnnviz.network import INPUT_UID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol import Explain
    from cnnviz.engine.protocol.studies import Look

SMALL = 20_000_000
"""Multiply-adds up to which one thread is as fast as many, and does not wait for a busy core."""


@contextmanager
def at_rest(model: Model) -> Iterator[None]:
    """The model as it is used, not as it is trained, and numbers to read; afterwards all is as it
    was."""
    training, threads = model.training, torch.get_num_threads()
    if training:  # going through all modules takes as long as a small network
        model.eval()
    if model.multiply_adds < SMALL:
        torch.set_num_threads(1)
    # On newer GPUs cuDNN rounds what it multiplies to 10 bits: too coarse for numbers to read.
    coarse, torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.allow_tf32, False
    try:
        yield
    finally:
        if training:
            model.train()
        torch.set_num_threads(threads)
        torch.backends.cudnn.allow_tf32 = coarse


def seen(model: Model, asked: Probe | Explain | Look, device: str) -> torch.Tensor:
    """What the network sees of the image that is asked about: (1, channels, height, width)."""
    raw = np.frombuffer(asked.image, np.uint8)
    raw = raw.reshape(1, asked.height, asked.width, asked.channels)
    return model.sight.look(raw, device)


@torch.inference_mode()
def look(
    model: Model,
    probe: Probe,
    *,
    revision: int,
    step: int,
    device: str,
    others: torch.Tensor | None = None,
) -> Probed:
    """Answer a probe. Draws no random numbers of PyTorch's and leaves the model as it was.

    others: what the network sees of the images that make a batch with this one, (count, channels,
    height, width), where it is looked at as it is trained.
    """
    x = seen(model, probe, device)
    layers = [_activations(INPUT_UID, x, probe)]
    seed, together = probe.as_trained, 1 if others is None else 1 + len(others)
    mode = nullcontext() if seed is None else as_trained(model, seed, together)
    with at_rest(model), muted(model, probe.muted), mode as found:
        if others is not None:
            x = torch.cat([x, others])
        x = in_order(x)
        y = model.look(x, lambda uid, values: layers.append(_activations(uid, values, probe)))
    probabilities = []
    if model.complete and y is not None:
        probabilities = (y if model.ends_in_softmax else y.softmax(1))[0].tolist()
    weights, first = [], 0
    for (uid, name, _), tensor in model.tensors():
        if uid == probe.uid:
            start = min(probe.first, len(tensor) - most(tensor))
            first = max(first, start)
            part = tensor.detach()[start : start + most(tensor)]
            weights.append(Tensor.of(uid, name, part.cpu().contiguous().numpy()))
    low, high = model.sight.range
    return Probed(probe.id, revision, step, layers, probabilities, weights, first, low, high, found)


def most(tensor: torch.Tensor) -> int:
    """How many maps, filters or units one can look at."""
    return min(len(tensor), max(1, MAX_VALUES * len(tensor) // max(1, tensor.numel())))


def _activations(uid: str, x: torch.Tensor, probe: Probe) -> Activations:
    whole = uid == probe.uid or uid in probe.whole
    whole = whole or x.shape[2:] == (1, 1)  # small cells on a card, as of a vector: as many fit
    return activations(uid, x, probe.max_maps, whole=whole, side=probe.sides.get(uid))


def activations(
    uid: str, x: torch.Tensor, max_maps: int, *, whole: bool, side: int | None = None
) -> Activations:
    """What there is to be seen of the values of a layer for the first image of a batch: (batch,
    channels, height, width) or (batch, length). whole: all maps, as far as one can look at them.
    side: else so many values across are enough; see `Probe`."""
    values = x[0]  # (channels, height, width) or (length,)
    limit = _largest(values)
    if not math.isfinite(limit):  # where all neighbours are 0, local response norm divides by k
        limit = _largest(values.nan_to_num(0, 0, 0))
    channels, step = values.shape[0], 1
    if values.ndim == 3 and whole:
        values = values[: most(values)]
    elif values.ndim == 3:
        step = 1 if side is None else thinning(values.shape[2], side)
        # Thinned out where they are: what is not sent need not be brought into order either.
        values = values[:max_maps, ::step, ::step] if step else values[:0]
    tensor = Tensor.of(uid, "", values.cpu().float().contiguous().numpy())
    return Activations(uid, tensor.shape, channels, limit, tensor.data, step)


def thinning(width: int, side: int) -> int:
    """Every how-manyth value leaves at least `side` of `width`, in powers of two, so that maps
    which are drawn a little larger are not other ones; 0 where none is wanted."""
    return 1 << max(0, (width // side).bit_length() - 1) if side else 0


def _largest(values: torch.Tensor) -> float:
    """The largest magnitude; not a number where one of the values is none."""
    if values.ndim == 3 and not values.is_contiguous():
        values = values.permute(1, 2, 0)  # as they lie in memory: one pass, fifteen times as fast
    low, high = torch.aminmax(values)
    return max(float(high), -float(low))
