"""Gradients that vanish or explode on their way back, found in the figures of the layers.

The longer the chain, the more factors a gradient is a product of (Hochreiter, 1991; Bengio, Simard
and Frasconi, 1994). Measured on digits: the first layer of a LeNet gets 0.1 to 2 times as much as
its last one, weight for weight; behind three sigmoids it is 1e-3, behind six 3e-6, behind twenty
ReLUs of PyTorch's default start 1e-8.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol import Figures

VANISHED = 1e-5
"""What a weight of the first layer gets of what one of the last gets, at most."""
EXPLODED = 1e3
"""The length of all gradients together, at least; on digits it is 0.1 to 10."""
TIMES = 3
"""So many measurements in a row: one batch says little."""


class GradientWatch:
    """Hears the figures of a run and says what is wrong with its gradients."""

    def __init__(self, model: Model) -> None:
        self._counts = {
            row.layer.uid: sum(math.prod(shape) for shape in row.parameters.values())
            for row in model.layers
        }
        self._shares: list[float] = []
        self._lengths: list[float] = []
        self._vanishing: Message | None = None
        self._exploding: Message | None = None

    def hear(self, figures: Sequence[Figures]) -> None:
        """Newer figures."""
        for one in figures:
            found = [(row.uid, row.gradient) for row in one.layers if row.gradient is not None]
            if not found:
                continue
            typical = [length / math.sqrt(self._counts[uid] or 1) for uid, length in found]
            # None at all is another matter: ReLUs that are dead, or weights that begin at zero.
            share = typical[0] / typical[-1] if typical[0] and typical[-1] else 1.0
            self._shares = [*self._shares, share][-TIMES:]
            self._lengths = [*self._lengths, math.hypot(*(length for _, length in found))][-TIMES:]

    def message(self, *, clipped: bool) -> Message | None:
        """What there is to say of it. clipped: gradients are cut, however long they are."""
        enough = len(self._shares) == TIMES
        # Said as it was found: it would say another number each time.
        if not (enough and max(self._shares) < VANISHED):
            self._vanishing = None
        elif self._vanishing is None:
            self._vanishing = Message(
                "The gradients vanish on their way back: a weight of the first layer gets "
                "{times:,} times less than one of the last, so the first layers hardly learn. "
                "Batch norm between the layers, ReLU in the place of sigmoid or tanh, the start "
                "“Kaiming”, or blocks that skip layers let them through.",
                times=_rounded(1 / max(self._shares)),
            )
        if not (enough and min(self._lengths) > EXPLODED):
            self._exploding = None
        elif self._exploding is None:
            self._exploding = Message(
                "The gradients explode: together they are {length:,} long. Cut them (gradient "
                "clipping, say at 1), start from smaller weights, put batch norm between the "
                "layers, or take a smaller learning rate.",
                length=_rounded(min(self._lengths)),
            )
        return self._vanishing or (None if clipped else self._exploding)


def _rounded(value: float) -> int:
    """To one digit, as what swings so much is told."""
    size = 10 ** math.floor(math.log10(value)) if math.isfinite(value) and value > 0 else 1
    return round(min(value, 1e15) / size) * size
