"""The optimizers: what they are told is what PyTorch understands by it."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
import torch

from cnnviz.optimizers import optimizer_call, optimizer_keywords
from cnnviz.training import Optimizer, Training


@pytest.mark.parametrize("name", get_args(Optimizer))
def test_every_keyword_is_one_of_pytorchs_and_is_said_where_it_is_another(name: str) -> None:
    settings = {
        "optimizer": name, "momentum": 0.7, "dampening": 0.2, "beta1": 0.8, "beta2": 0.95,
        "alpha": 0.9, "epsilon": 1e-6, "weight_decay": 0.01, "learning_rate": 0.5,
    }  # fmt: skip
    training = msgspec.convert(settings, Training)
    weights = [torch.zeros(1, requires_grad=True)]
    call = optimizer_call(training)
    kind = getattr(torch.optim, call.name.removeprefix("torch.optim."))
    made = kind(weights, **call.keywords).param_groups[0]
    for keyword, value in optimizer_keywords(training).items():
        assert made[keyword] == value
    plain = msgspec.convert({"optimizer": name, "momentum": 0.0}, Training)
    assert set(optimizer_call(plain).keywords) == {"lr", "weight_decay"}
    made = kind(weights, **optimizer_call(plain).keywords).param_groups[0]
    for keyword, value in optimizer_keywords(plain).items():
        assert made[keyword] == value
