"""w ← w − η·g: what the optimiser makes of one gradient in the first step of a run.

The formulas are those of torch.optim (SGD, Adam, AdamW, RMSprop); what an optimiser remembers of
earlier steps is nothing then.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from cnnviz.arithmetic.digits import places_for
from cnnviz.arithmetic.values import Step
from cnnviz.explain.formula import decimal
from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.training import Training

    _Way = tuple[tuple[Step, ...], float, str | Message]
    """Steps from a gradient to what is taken off, times η; that number; and the rule."""


def update(
    training: Training,
    rate: float,
    weight: float,
    gradient: float,
    norm: float = 0.0,
    *,
    bias: bool = False,
) -> tuple[Step, ...]:
    """From a weight and its gradient to the weight after one step; the last line has it.

    rate: the learning rate of the step. norm: the length of all gradients together, which clipping
    is about. bias: whether it is one, and is called so.
    """
    steps: list[Step] = []
    if training.clipping and norm > training.clipping:
        share = training.clipping / (norm + 1e-6)
        pieces = (gradient, f" · {decimal(training.clipping)} / ", norm)
        gradient = gradient * share
        steps.append(Step(Message("g, clipped"), pieces, gradient))
    decay = training.weight_decay
    if decay and training.optimizer == "adamw":
        pieces_of = (weight, f" · (1 − {decimal(rate)} · {decimal(decay)})")
        weight = weight * (1 - rate * decay)
        steps.append(Step(Message("w, pulled towards zero by weight decay"), pieces_of, weight))
    elif decay:
        line = (gradient, f" + {decimal(decay)} · ", weight)
        gradient = gradient + decay * weight
        steps.append(Step(Message("g, with weight decay"), line, gradient))
    more, direction, rule = _RULES[training.optimizer](training, gradient)
    return (*steps, *more, _moved(weight, rate, direction, rule, bias=bias))


def _moved(
    weight: float, rate: float, direction: float, rule: str | Message, *, bias: bool
) -> Step:
    said = Message("New bias: {rule}", rule=rule)
    title = said if bias else Message("New weight: {rule}", rule=rule)
    change = rate * direction
    places = places_for((change,), 2) + 1  # so many that one sees it move
    return Step(title, (weight, f" − {decimal(rate)} · ", direction), weight - change, places)


def _sgd(training: Training, gradient: float) -> _Way:
    if not training.momentum:
        return (), gradient, "w − η · g"
    if not training.nesterov:  # the momentum is the first gradient
        return (), gradient, Message("w − η · b, with b = g")
    ahead = gradient + training.momentum * gradient
    line = (gradient, f" + {decimal(training.momentum)} · ", gradient)
    return (Step(Message("g + μ · b, with b = g"), line, ahead),), ahead, "w − η · (g + μ · b)"


def _adam(training: Training, gradient: float) -> _Way:
    """After one step, both means are corrected to g and g²."""
    direction = gradient / (abs(gradient) + training.epsilon)
    line = (gradient, " / (√(", gradient, f"²) + {decimal(training.epsilon)})")
    step = Step(Message("m / (√v + ε), with m = g, v = g²"), line, direction)
    return (step,), direction, "w − η · m / (√v + ε)"


def _rmsprop(training: Training, gradient: float) -> _Way:
    share = 1 - training.alpha
    direction = gradient / (sqrt(share) * abs(gradient) + training.epsilon)
    line = (gradient, f" / (√({decimal(share)} · ", gradient, f"²) + {decimal(training.epsilon)})")
    step = Step(Message("g / (√v + ε), with v = (1 − α) · g²"), line, direction)
    return (step,), direction, "w − η · g / (√v + ε)"


_RULES: dict[str, Callable[[Training, float], _Way]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adam,
    "rmsprop": _rmsprop,
}
