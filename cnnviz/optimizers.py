"""The optimizers by PyTorch's names: what each is told of the settings, and what it remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.layers.shapes import Call
from cnnviz.training import ADAMS, WITH_MOMENTUM

if TYPE_CHECKING:
    from cnnviz.training import Training


def optimizer_keywords(training: Training) -> dict[str, object]:
    """All that PyTorch's optimiser is told beside the weights, by its own names."""
    keywords: dict[str, object] = {"lr": training.learning_rate}
    momentum = training.momentum if training.optimizer in WITH_MOMENTUM else 0.0
    if training.optimizer in WITH_MOMENTUM:
        keywords["momentum"] = momentum
    if training.optimizer == "sgd":
        nesterov = training.nesterov and momentum > 0
        keywords["dampening"] = training.dampening if momentum and not nesterov else 0.0
        keywords["nesterov"] = nesterov
    if training.optimizer in ADAMS:
        keywords["betas"] = (training.beta1, training.beta2)
    if training.optimizer == "rmsprop":
        keywords["alpha"] = training.alpha
    if training.optimizer != "sgd":
        keywords["eps"] = training.epsilon
    keywords["weight_decay"] = training.weight_decay
    return keywords


def numbers_kept(training: Training) -> int:
    """How many numbers the optimiser remembers of each weight from one step to the next."""
    moved = training.optimizer in WITH_MOMENTUM and training.momentum > 0
    return {"sgd": 0, "rmsprop": 1, "adam": 2, "adamw": 2}[training.optimizer] + moved


_PYTORCHS_OWN: dict[str, object] = {
    "momentum": 0.0,
    "dampening": 0.0,
    "nesterov": False,
    "betas": (0.9, 0.999),
    "alpha": 0.99,
    "eps": 1e-8,
}
"""What needs no saying. The weight decay does, because PyTorch's is another one for AdamW."""


def optimizer_call(training: Training) -> Call:
    """The PyTorch optimiser, without the weights that come first; to be made or to be printed."""
    name = {
        "sgd": "torch.optim.SGD",
        "adam": "torch.optim.Adam",
        "adamw": "torch.optim.AdamW",
        "rmsprop": "torch.optim.RMSprop",
    }[training.optimizer]
    said = {
        keyword: value
        for keyword, value in optimizer_keywords(training).items()
        if keyword not in _PYTORCHS_OWN or value != _PYTORCHS_OWN[keyword]
    }
    return Call(name, (), said)
