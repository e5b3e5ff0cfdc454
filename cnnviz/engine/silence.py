"""ReLUs that give nothing but zeros: no gradient gets through them, and what stands before them
learns no more. A learning rate that is too large does that within some steps.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import nn

from cnnviz.message import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.engine.team import Team


class Silence:
    """Which layers of ReLUs of a model have been silent for all images so far."""

    def __init__(self, model: nn.Module) -> None:
        self._relus = [part for part in model.modules() if isinstance(part, nn.ReLU | nn.ReLU6)]
        self._silent = set(self._relus)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the model looks at images; a layer that has been heard costs nothing."""
        hooks = [relu.register_forward_hook(self._hear) for relu in self._silent]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def agree(self, team: Team) -> None:
        """Only those are silent that no process of a team has heard; all of it must do this."""
        heard = torch.tensor([float(relu not in self._silent) for relu in self._relus])
        team.add(heard)
        self._silent = {
            relu for relu, times in zip(self._relus, heard.tolist(), strict=True) if not times
        }

    def message(self) -> Message | None:
        """What there is to say of it."""
        if not self._silent:
            return None
        return Message(
            "Layers of ReLU that give only zeros by now, whatever the image: {silent} of {all}. "
            "No gradient gets through them, so what stands before them cannot learn any more. Most "
            "often the learning rate was too large: undo the training or reset the weights, and "
            "train with a smaller one.",
            silent=len(self._silent),
            all=len(self._relus),
        )

    def _hear(self, relu: nn.Module, _: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        if bool((output > 0).any()):
            self._silent.discard(relu)
