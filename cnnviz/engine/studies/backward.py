"""The way back for one image: δ of every layer, and what one of them does with it.

Gradients are handed out by `torch.autograd.grad` and never kept in a parameter; the network is at
rest meanwhile, so that dropout lets all through and batch norm uses its running statistics.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.engine.device import in_order
from cnnviz.engine.loss import loss_of
from cnnviz.engine.probe import activations, at_rest, most, seen
from cnnviz.engine.protocol.studies import WentBack
from cnnviz.engine.protocol.values import MAX_VALUES, Activations, Tensor
from cnnviz.engine.studies.found import Found, Work
from cnnviz.network import INPUT_UID
from cnnviz.training import Training

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.engine.bench import Bench
    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol.studies import Backward


def go_back(subject: Backward, bench: Bench) -> Work:
    """Go back once, and tell it all."""
    model = bench.model
    assert model is not None
    own = _parameters(model, subject.uid)
    with at_rest(model), torch.enable_grad(), _wanted(list(own.values())):
        finding = _finding(model, subject, bench.device, own)
    yield Found(finding, 1)


def _parameters(model: Model, uid: str) -> dict[str, torch.nn.Parameter]:
    """What a layer learns, by name."""
    for row, block in zip(model.layers, model.blocks, strict=True):
        if row.layer.uid == uid:
            return {name: getattr(block[-1], name) for name in row.parameters}
    return {}


@contextmanager
def _wanted(parameters: Sequence[torch.nn.Parameter]) -> Iterator[None]:
    """For a while gradients are wanted of these, also where their layer is frozen."""
    learned = [parameter.requires_grad for parameter in parameters]
    for parameter in parameters:
        parameter.requires_grad_(True)
    try:
        yield
    finally:
        for parameter, before in zip(parameters, learned, strict=True):
            parameter.requires_grad_(before)


def _finding(
    model: Model, subject: Backward, device: str, own: dict[str, torch.nn.Parameter]
) -> WentBack:
    outputs: dict[str, torch.Tensor] = {}
    reads: dict[int, torch.Tensor] = {}  # of the wanted layer, as `build.Read` counts them

    def read(uid: str, which: int, x: torch.Tensor) -> torch.Tensor:
        # So that each reader has a δ of its own, which are added up behind it. Not `view_as`, which
        # changes the strides of a single image in channels_last, so that batch norm's way back
        # mixes up its maps (PyTorch 2.13).
        alias: torch.Tensor = torch.ops.aten.alias(x)
        if uid == subject.uid:
            reads[which] = alias
        return alias

    x = in_order(seen(model, subject.look, device))
    outputs[INPUT_UID] = x.requires_grad_()
    logits = model.logits(x, outputs.__setitem__, read)
    training = Training(loss=subject.loss, label_smoothing=subject.label_smoothing)
    target = min(max(subject.target, 0), logits.shape[1] - 1)
    loss = loss_of(training, logits.float(), torch.tensor([target], device=logits.device))
    learning = [p for p in model.parameters() if p.requires_grad] if subject.clipped else []
    wanted = [*outputs.values(), *reads.values(), *own.values(), *learning]
    gone: tuple[torch.Tensor | None, ...] = torch.autograd.grad(loss, wanted, allow_unused=True)
    found = iter(gone)
    deltas = {uid: _given(next(found), y) for uid, y in outputs.items()}
    handed = {which: _given(next(found), y) for which, y in reads.items()}
    gradients = {name: _given(next(found), value) for name, value in own.items()}
    rest = [gradient for gradient in found if gradient is not None]
    column = _column(subject, own)
    return WentBack(
        target,
        logits[0].tolist(),
        float(loss.detach()),
        float(torch.nn.utils.get_total_norm(rest)) if rest else 0.0,
        [_seen(uid, delta, subject) for uid, delta in deltas.items()],
        [_whole(reads[which]) for which in sorted(reads) if which >= 0],
        [_whole(handed[which]) for which in sorted(handed) if which >= 0],
        [_whole(handed[which]) for which in sorted(handed, reverse=True) if which < 0],
        _tensors(model, subject.uid, column),
        [Tensor.of("", name, _part(value, column)) for name, value in gradients.items()],
        column,
    )


def _given(gradient: torch.Tensor | None, of: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(of) if gradient is None else gradient


def _seen(uid: str, delta: torch.Tensor, subject: Backward) -> Activations:
    return activations(uid, delta, subject.max_maps, whole=uid == subject.uid)


def _whole(values: torch.Tensor) -> Tensor:
    """Of one image, as far as one can look at it."""
    maps = values.detach()[0]
    return Tensor.of("", "", maps[: most(maps)].float().cpu().contiguous().numpy())


def _tensors(model: Model, uid: str, column: int) -> list[Tensor]:
    return [
        Tensor.of("", name, _part(tensor, column))
        for (owner, name, _), tensor in model.tensors()
        if owner == uid
    ]


def _column(subject: Backward, own: dict[str, torch.nn.Parameter]) -> int:
    """The first input of a dense layer's weights that are too large to be sent as a whole."""
    weight = own.get("weight")
    if weight is None or weight.ndim != 2 or weight.numel() <= MAX_VALUES:
        return 0
    return max(0, min(subject.column, weight.shape[1] - _columns(weight)))


def _columns(weight: torch.Tensor) -> int:
    return min(weight.shape[1], max(1, MAX_VALUES // len(weight)))


def _part(tensor: torch.Tensor, column: int) -> np.ndarray:
    """A tensor, or what one can look at of it: of a dense layer some of its inputs."""
    values = tensor.detach()
    if values.numel() > MAX_VALUES:
        if values.ndim == 2:
            values = values[:, column : column + _columns(values)]
        else:
            values = values[: most(values)]
    return values.float().cpu().contiguous().numpy()
