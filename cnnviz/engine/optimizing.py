"""What a step needs of PyTorch: an optimiser, an order in memory, and chance that begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.device import order_on
from cnnviz.engine.quick import Quick
from cnnviz.optimizers import optimizer_call

if TYPE_CHECKING:
    from cnnviz.engine.build import Model
    from cnnviz.training import Training


def draw_from(seed: int, device: torch.device) -> None:
    """Begin PyTorch's chance on a device anew: dropout draws from it.

    `torch.manual_seed` does so for all devices, and takes thirty times as long.
    """
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    elif device.type == "cuda":
        torch.cuda.default_generators[device.index or 0].manual_seed(seed)
    else:
        torch.manual_seed(seed)


def lay_out(model: Model, settings: Training) -> torch.memory_format:
    """Prepare the model for a run: in which order its tensors lie, and whether its modules go
    their quicker ways. Returns the order of images."""
    plain = settings.precision == "reference"
    device = next(model.parameters()).device
    order = torch.contiguous_format if plain else order_on(device)
    model.to(memory_format=order)  # type: ignore[call-overload]
    for module in model.modules():
        if isinstance(module, Quick):
            module.standard = plain
    return order


def optimizer_of(weights: list[torch.nn.Parameter], settings: Training) -> torch.optim.Optimizer:
    """PyTorch's optimiser for some weights, with nothing remembered."""
    call = optimizer_call(settings)
    kind = getattr(torch.optim, call.name.removeprefix("torch.optim."))
    keywords = dict(call.keywords)
    fuses = settings.optimizer != "rmsprop" and settings.precision != "reference"
    if fuses and weights[0].device.type in ("cpu", "cuda", "mps", "xpu"):
        keywords["fused"] = True  # one kernel for all weights; the sums are the same
    optimizer: torch.optim.Optimizer = kind(weights, **keywords)
    return optimizer
