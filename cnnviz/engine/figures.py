"""Figures of every layer now and then during a run: how its gradients, weights and outputs are.

Everything is computed on the device and left there until the run is read anyway: no step waits for
it. It draws no random numbers and changes nothing: with it and without it a run learns the same.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

import torch

from cnnviz.engine.protocol import Figures, Histogram, LayerFigures
from cnnviz.layers import Activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.engine.build import Model

EVERY = 50
"""Steps between two measurements, at least."""
FIRST = (1, 2, 5, 10, 20, 35)
"""The beginning, where most happens, is measured more often."""
SHARE = 0.01
"""Of the time of training at most; where a measurement takes long, the next one comes later."""
IMAGES, FEWEST = 64, 4
"""Of the batch, for the outputs of the layers."""
WORK = 2_000_000_000
"""Multiply-adds for them; of a large network fewer images are looked at."""
BINS = 40
MOST = 1 << 14
"""Values of a histogram, evenly from all over; more would hardly change it."""
MOST_WEIGHTS = 1 << 18
"""Weights of a tensor of which the way that a step takes is measured: a copy of all of VGG-16 would
be half a gigabyte."""
_DIE = {"relu", "relu6"}
"""Activations that let nothing through, and no gradient, while what they read is negative."""


class Before(NamedTuple):
    """What has to be known from before the weights move: of each tensor its gradient's length, and
    some of its values."""

    gradients: list[torch.Tensor]
    weights: list[torch.Tensor]
    started: float


class LayerWatch:
    """Measures a model that is trained; `take` hands over what there is since the last time."""

    def __init__(self, model: Model, weights: Sequence[torch.nn.Parameter]) -> None:
        learning = {id(weight) for weight in weights}
        self._model = model
        self._owners: list[tuple[str, list[torch.nn.Parameter]]] = []
        for row, block in zip(model.layers, model.blocks, strict=True):
            own = [weight for weight in block.parameters() if id(weight) in learning]
            if own:
                self._owners.append((row.layer.uid, own))
        self._weights = [weight for _, own in self._owners for weight in own]
        self._die = {
            row.layer.uid
            for row in model.layers
            if isinstance(row.layer, Activation) and row.layer.function in _DIE
        }
        self._images = min(IMAGES, max(FEWEST, WORK // max(model.multiply_adds, 1)))
        self._next = 0
        self._found: list[_Found] = []

    def before(self, step: int) -> Before | None:
        """After the gradients of a step are there, and before they are cut; None: it is not due."""
        if step < self._next and step not in FIRST:
            return None
        started = time.perf_counter()
        gradients = [
            weight.new_zeros(()) if weight.grad is None else torch.linalg.vector_norm(weight.grad)
            for weight in self._weights
        ]
        with torch.no_grad():
            weights = [_some(weight, MOST_WEIGHTS).clone() for weight in self._weights]
        return Before(gradients, weights, time.perf_counter() - started)

    @torch.inference_mode()
    def after(self, step: int, before: Before, images: torch.Tensor, pace: float) -> None:
        """When the weights have moved: `images` are those of the batch as the network sees them.

        pace: seconds that a step takes.
        """
        started = time.perf_counter()
        moved, lengths, spreads = [], [], []
        for weight, old in zip(self._weights, before.weights, strict=True):
            new = _some(weight, MOST_WEIGHTS)
            moved.append(torch.linalg.vector_norm(new - old))
            lengths.append(torch.linalg.vector_norm(old))
        for _, own in self._owners:
            spreads.append(_spread(own[0]))
        outputs: dict[str, _Spread] = {}
        silent: dict[str, torch.Tensor] = {}

        def see(uid: str, values: torch.Tensor) -> None:
            outputs[uid] = _spread(values)
            if uid in self._die:
                others = [axis for axis in range(values.ndim) if axis != 1]
                silent[uid] = (values.amax(others) <= 0).float().mean()

        training = self._model.training
        self._model.eval()
        self._model.look(images[: self._images], see)
        self._model.train(training)
        numbers = torch.stack([*before.gradients, *moved, *lengths, *silent.values()])
        self._found.append(_Found(step, numbers, spreads, outputs, tuple(silent)))
        took = before.started + time.perf_counter() - started
        self._next = step + max(EVERY, round(took / (SHARE * pace)) if pace else 0)

    def take(self) -> list[Figures]:
        """The figures since the last call; waits for the device."""
        found, self._found = self._found, []
        return [self._figures(one) for one in found]

    # --- inside -------------------------------------------------------------------------------

    def _figures(self, found: _Found) -> Figures:
        count = len(self._weights)
        numbers = found.numbers.cpu().double()  # MPS has no float64
        gradients, moved, lengths, silent = (
            part.tolist()
            for part in (numbers[:count], numbers[count : 2 * count],
                         numbers[2 * count : 3 * count], numbers[3 * count :])
        )  # fmt: skip
        dead = dict(zip(found.silent, silent, strict=True))
        of_layer: dict[str, LayerFigures] = {
            uid: LayerFigures(uid, outputs=_read(spread), dead=dead.get(uid))
            for uid, spread in found.outputs.items()
        }
        at = 0
        for (uid, own), spread in zip(self._owners, found.weights, strict=True):
            own_places = slice(at, at + len(own))
            at += len(own)
            length = _together(lengths[own_places])
            known = of_layer.get(uid, LayerFigures(uid))
            of_layer[uid] = LayerFigures(
                uid,
                gradient=_together(gradients[own_places]),
                ratio=_together(moved[own_places]) / length if length else None,
                weights=_read(spread),
                outputs=known.outputs,
                dead=known.dead,
            )
        order = [row.layer.uid for row in self._model.rows]
        return Figures(found.step, [of_layer[uid] for uid in order if uid in of_layer])


class _Spread(NamedTuple):
    """A histogram on the device: the edges of the first and the last bin, and the counts."""

    low: torch.Tensor
    high: torch.Tensor
    counts: torch.Tensor


class _Found(NamedTuple):
    """What one measurement has left on the device.

    numbers: of each tensor its gradient's length, then how far it moved, then its length; then for
    each uid of `silent` the share of its maps that say nothing.
    """

    step: int
    numbers: torch.Tensor
    weights: list[_Spread]
    outputs: dict[str, _Spread]
    silent: tuple[str, ...]


def _some(values: torch.Tensor, most: int) -> torch.Tensor:
    """Up to so many of the values, evenly from all over: (n,)."""
    flat = values.detach().reshape(-1)
    return flat[:: -(-flat.numel() // most)] if flat.numel() > most else flat


def _spread(values: torch.Tensor) -> _Spread:
    """A histogram of some of the values, without waiting for the device."""
    some = _some(values, MOST).float().nan_to_num()
    low, high = some.amin(), some.amax()
    width = (high - low).clamp_min(1e-30)
    places = ((some - low) * (BINS / width)).long().clamp_(0, BINS - 1)
    counts = torch.zeros(BINS, device=some.device)
    return _Spread(low, high, counts.scatter_add_(0, places, torch.ones_like(some)))


def _read(spread: _Spread) -> Histogram:
    counts = spread.counts.int().tolist()
    return Histogram(float(spread.low), float(spread.high), counts)


def _together(lengths: Sequence[float]) -> float:
    """The length of several vectors as one."""
    return math.hypot(*lengths)
