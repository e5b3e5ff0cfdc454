"""What an optimiser remembers of each weight from one step to the next, as arrays and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.message import Message, UserError

if TYPE_CHECKING:
    from cnnviz.analysis import TensorKey
    from cnnviz.engine.build import Model
    from cnnviz.project import Weights


def remembered(optimizer: torch.optim.Optimizer, model: Model) -> Weights:
    """Each tensor that PyTorch keeps of a weight, float32, read-only, by (uid, "weight.exp_avg",
    shape); a count of steps has the shape ()."""
    found: dict[TensorKey, np.ndarray] = {}
    for (uid, name, _), weight in model.tensors():
        for what, value in optimizer.state.get(weight, {}).items():
            if isinstance(value, torch.Tensor):
                array = value.detach().float().cpu().contiguous().numpy().copy()
                array.flags.writeable = False
                found[uid, f"{name}.{what}", array.shape] = array
    return found


def memory_bytes(optimizer: torch.optim.Optimizer) -> int:
    """How much that is; nothing is copied."""
    return sum(
        4 * value.numel()
        for kept in optimizer.state.values()
        for value in kept.values()
        if isinstance(value, torch.Tensor)
    )


def recall(optimizer: torch.optim.Optimizer, model: Model, memory: Weights) -> None:
    """Let an optimiser that has made no step yet remember this.

    Raises:
        UserError: it is the memory of other weights.
    """
    names = {id(weight): (uid, name) for (uid, name, _), weight in model.tensors()}
    by_name: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for (uid, name, _), array in memory.items():
        weight, _, what = name.rpartition(".")
        by_name.setdefault((uid, weight), {})[what] = array
    state = {}
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for place, weight in enumerate(weights):
        known = by_name.pop(names[id(weight)], {})
        if any(array.shape not in ((), tuple(weight.shape)) for array in known.values()):
            raise _other()
        if known:
            state[place] = {what: _as_tensor(array, weight) for what, array in known.items()}
    if by_name:
        raise _other()
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _other() -> UserError:
    return UserError(
        Message(
            "The run cannot be resumed: what is kept of its optimizer does not fit "
            "the network. Train again; the weights are there."
        )
    )


def _as_tensor(array: np.ndarray, weight: torch.Tensor) -> torch.Tensor:
    value = torch.from_numpy(array.copy())
    if not array.shape:
        return value
    # In the order in which the weight lies in memory, as PyTorch would have made it.
    return torch.empty_like(weight, memory_format=torch.preserve_format).copy_(value)
