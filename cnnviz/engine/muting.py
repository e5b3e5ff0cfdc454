"""Maps that are taken out: what a network makes of an image without some of its filters."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import torch
    from torch import nn

    from cnnviz.engine.build import Model


@contextmanager
def muted(model: Model, maps: Iterable[tuple[str, int]]) -> Iterator[None]:
    """For a while these maps, or units, of these layers are 0, as if nothing had been found there.

    maps: uid and number; what the network does not have is passed over. Layers that are run
    together or in another order all have their say after it, so that the order changes nothing.
    """
    numbers: dict[str, list[int]] = {}
    for uid, number in maps:
        numbers.setdefault(uid, []).append(number)
    handles = [
        block.register_forward_hook(_silencer(numbers[row.layer.uid]))
        for row, block in zip(model.layers, model.blocks, strict=True)
        if row.layer.uid in numbers
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _silencer(numbers: list[int]) -> Callable[[nn.Module, object, torch.Tensor], torch.Tensor]:
    def silence(module: nn.Module, inputs: object, output: torch.Tensor) -> torch.Tensor:
        output = output.clone()  # an activation may hand on what it was given
        output[:, [number for number in numbers if number < output.shape[1]]] = 0
        return output

    return silence
