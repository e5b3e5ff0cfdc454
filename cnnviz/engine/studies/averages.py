"""What a layer makes of the images of a class, on average."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Averaged
from cnnviz.engine.slices import images_a_slice, outputs_of
from cnnviz.engine.studies.found import NOT_THERE, Found, Work
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol.studies import Average


def average(subject: Average, bench: Bench) -> Work:
    """The mean over the test images, told after each slice."""
    model = bench.model
    assert model is not None
    data = yield from bench.data()
    places = torch.arange(len(data.test_labels), device=bench.device)
    if subject.label is not None:
        places = places[data.test_labels == subject.label]
    if not len(places):
        yield Found(note=Text.of(Message("No test image is of this class.")), done=1)
        return
    total: torch.Tensor | None = None
    seen = 0
    for part in torch.split(places, images_a_slice(model)):
        outputs = outputs_of(model, data.test_images[part])
        if subject.uid not in outputs:
            yield Found(note=Text.of(NOT_THERE), done=1)
            return
        sums = outputs[subject.uid].cpu().double().sum(0)  # (channels, height, width) or (length,)
        total = sums if total is None else total + sums
        seen += len(part)
        mean = Tensor.of(subject.uid, "", (total / seen).float().contiguous().numpy())
        yield Found(Averaged(seen, mean), seen / len(places))
