"""Dead ReLUs are noticed, and living ones are not taken for dead."""

from __future__ import annotations

import torch
from torch import nn

from cnnviz.engine.silence import Silence


def network() -> nn.Sequential:
    """Two ReLUs in a row of layers; the bias decides which of them ever says something."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU6(), nn.Linear(8, 2))


def test_only_layers_that_are_silent_for_all_images_count() -> None:
    model = network()
    silence = Silence(model)
    with torch.no_grad():
        model[2].bias.fill_(-1e3)  # type: ignore[operator]
    for _ in range(3):
        with torch.inference_mode(), silence.listening():
            model(torch.randn(16, 4))
    message = silence.message()
    assert message is not None
    assert (message.values["silent"], message.values["all"]) == (1, 2)


def test_one_value_above_zero_is_enough() -> None:
    model = nn.Sequential(nn.ReLU())
    silence = Silence(model)
    for values in ([-1.0, -2.0], [-1.0, 1e-6], [-3.0, -4.0]):
        with torch.inference_mode(), silence.listening():
            model(torch.tensor([values]))
    assert silence.message() is None


def test_nothing_is_said_where_there_is_no_relu_and_nothing_is_left_behind() -> None:
    assert Silence(nn.Sequential(nn.Linear(2, 2), nn.Tanh())).message() is None
    model = network()
    with Silence(model).listening():
        pass
    assert not any(part._forward_hooks for part in model.modules())
