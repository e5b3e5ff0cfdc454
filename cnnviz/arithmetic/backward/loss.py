"""The loss of one image, and the error that it hands to each output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.arithmetic.backward.values import Flow
from cnnviz.arithmetic.digits import places_for
from cnnviz.arithmetic.others import softmax_values
from cnnviz.arithmetic.values import Listed, Reads, Step
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.arithmetic.values import Floats
    from cnnviz.training import Training


NEARLY = 0.999
"""Above it a share is said with as many places as its loss."""


def wanted(training: Training, classes: int, target: int) -> Floats:
    """What the probabilities should be: 1 for the target, less what label smoothing takes away."""
    right = np.zeros(classes)
    right[target] = 1.0
    if training.loss == "mean_squared_error":
        return right
    smoothing = training.label_smoothing
    return right * (1 - smoothing) + smoothing / classes


def error(training: Training, logits: Floats, target: int, index: int) -> Flow:
    """δ of one logit: ∂L/∂z.

    Cross entropy and softmax together leave probability − target (Bridle, 1990). The squared error
    of the probabilities goes back through the softmax.

    logits: (classes,). target: the class that is right. index: the logit.
    """
    z = logits.astype(np.float64)
    shares, right = softmax_values(z), wanted(training, len(z), target)
    away = shares - right
    share = float(shares[index])
    columns = [(Message("logit"), z), (Message("probability"), shares), (Message("target"), right)]
    if training.loss == "mean_squared_error":
        n = len(z)
        total = float((shares * away).sum())
        every = 2 / n * shares * (away - total)
        value = float(every[index])
        steps: tuple[Step, ...] = (
            Step(
                Message("Difference: probability − target"),
                (share, " − ", float(right[index])),
                float(away[index]),
                places_for((float(away[index]),)),
            ),
            Step(Message("Sum of the probabilities, each times its difference"), ("Σ",), total),
            Step(
                Message("Through the square, the mean and the softmax"),
                (f"2 / {n} · ", share, " · (", float(away[index]), " − ", total, ")"),
                value,
            ),
        )
        size = float((shares * (shares + right)).sum())
        absolute = 2 / n * share * (share + float(right[index]) + size)
    else:
        every, value = away, float(away[index])
        steps = (
            Step(
                Message("Error: probability − target"),
                (share, " − ", float(right[index])),
                value,
                places_for((value,)),
            ),
        )
        absolute = share + float(right[index])
    columns.append((Message("error δ"), every))
    picture = Listed(Message("class"), tuple(map(str, range(len(z)))), tuple(columns), index)
    reads = Reads(columns=(index,))
    return Flow(reads, picture, steps, value, absolute, reads)


def loss(training: Training, logits: Floats, target: int) -> Step:
    """The loss of the image, and how it is worked out."""
    shares = softmax_values(logits.astype(np.float64))
    right = wanted(training, len(shares), target)
    if training.loss == "mean_squared_error":
        value = float(((shares - right) ** 2).mean())
        title = Message("Loss: mean of the squared differences")
        return Step(title, (f"Σ(p − t)² / {len(shares)}",), value)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = logits.astype(np.float64) - logits.max()
        logs = logs - np.log(np.exp(logs).sum())
        value = float(-(right * logs).sum())
    title = Message("Loss: cross entropy")
    if training.label_smoothing:
        return Step(title, ("−Σ t · ln p",), value)
    share = float(shares[target])
    # Of a share near 1 three digits would say that nothing was wrong at all.
    places = places_for((value,)) if NEARLY < share < 1 else None
    return Step(title, ("−ln ", share), value, places)
