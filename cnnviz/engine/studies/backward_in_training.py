"""The way back through a batch norm as a step of training goes it: with a batch of images.

Nothing is remembered of it: no gradient stays in a parameter, no running statistic moves, and
chance is drawn apart from that of the training (see `cnnviz.engine.as_trained`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.as_trained import as_trained, drawn
from cnnviz.engine.loss import loss_of
from cnnviz.engine.probe import at_rest, seen
from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import WentBackInTraining
from cnnviz.engine.studies.found import NOT_THERE, Found, Work
from cnnviz.training import Training

if TYPE_CHECKING:
    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.build import Model
    from cnnviz.engine.protocol.studies import BackwardInTraining


def go_back_in_training(subject: BackwardInTraining, bench: Bench) -> Work:
    """Go back once with a batch, and tell what one map of a batch norm does with it."""
    data = yield from bench.data()
    model = bench.model
    assert model is not None
    if subject.uid not in {row.layer.uid for row in model.layers}:
        yield Found(note=Text.of(NOT_THERE), done=1)
        return
    with at_rest(model), torch.enable_grad():
        finding = _finding(model, subject, data, bench.device)
    yield Found(finding, 1)


def _finding(
    model: Model, subject: BackwardInTraining, data: DeviceData, device: str
) -> WentBackInTraining:
    read: list[torch.Tensor] = []
    given: list[torch.Tensor] = []

    def see(uid: str, y: torch.Tensor) -> None:
        if uid == subject.uid:
            given.append(y)

    def alias(uid: str, which: int, x: torch.Tensor) -> torch.Tensor:
        if uid != subject.uid:
            return x
        read.append(torch.ops.aten.alias(x))
        return read[-1]

    places = drawn(model, data, subject.seed)
    x = torch.cat([seen(model, subject.look, device), model.sight.seen(data.train_images[places])])
    # Not in channels_last: there PyTorch adds up the thousands of values of a map in float32, one
    # after the other, which is seen in the fifth digit (2.13; else on the CPU in float64).
    x = x.contiguous().requires_grad_()
    with as_trained(model, subject.seed, len(x)):
        logits = model.logits(x, see, alias)
    target = min(max(subject.target, 0), logits.shape[1] - 1)
    right = torch.cat([places.new_tensor([target]), data.train_labels[places].to(places)])
    settings = Training(loss=subject.loss, label_smoothing=subject.label_smoothing)
    loss = loss_of(settings, logits.float(), right)
    own = {name: tensor for (uid, name, _), tensor in model.tensors() if uid == subject.uid}
    learned = {name: tensor for name, tensor in own.items() if tensor.requires_grad}
    sought = (given[0], read[0], *learned.values())
    back: tuple[torch.Tensor | None, ...] = torch.autograd.grad(loss, sought, allow_unused=True)
    delta, handed, *gradients = (
        torch.zeros_like(of) if found is None else found
        for found, of in zip(back, sought, strict=True)
    )
    number = min(max(subject.number, 0), read[0].shape[1] - 1)
    return WentBackInTraining(
        number,
        float(own["weight"].detach()[number]) if "weight" in own else 1.0,
        float(loss.detach()),
        _tensor(delta[0]),
        _tensor(handed[0]),
        _tensor(_map(read[0], number)),
        _tensor(_map(delta, number)),
        _tensor(read[0][0]),
        [_tensor(found, name) for name, found in zip(learned, gradients, strict=True)],
    )


def _map(values: torch.Tensor, number: int) -> torch.Tensor:
    """One map of a batch (images, height, width); of vectors (images, 1, 1)."""
    return values[:, number] if values.ndim == 4 else values[:, number, None, None]


def _tensor(values: torch.Tensor, name: str = "") -> Tensor:
    return Tensor.of("", name, values.detach().float().cpu().contiguous().numpy())
