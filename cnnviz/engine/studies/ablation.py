"""How well a network does without some of its maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.device import in_order
from cnnviz.engine.muting import muted
from cnnviz.engine.probe import at_rest
from cnnviz.engine.protocol.studies import Accuracies
from cnnviz.engine.slices import images_a_slice
from cnnviz.engine.studies.found import Found, Work

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol.studies import Muted


def without(subject: Muted, bench: Bench) -> Work:
    """Recognise all test images twice, with all maps and without some; told after each slice."""
    model = bench.model
    assert model is not None
    data = yield from bench.data()
    classes, count = bench.classes, len(data.test_labels)
    there, whole, rest = (torch.zeros(classes, dtype=torch.int64) for _ in range(3))
    done = 0
    for part in torch.split(torch.arange(count, device=bench.device), images_a_slice(model)):
        labels = data.test_labels[part]
        with at_rest(model), torch.inference_mode():
            x = model.sight.seen(data.test_images[part])
            x = in_order(x)
            right = model(x).argmax(1) == labels
            with muted(model, subject.maps):
                still = model(x).argmax(1) == labels
        there += torch.bincount(labels.cpu(), minlength=classes)
        whole += torch.bincount(labels[right].cpu(), minlength=classes)
        rest += torch.bincount(labels[still].cpu(), minlength=classes)
        done += len(part)
        yield Found(Accuracies(done, there.tolist(), whole.tolist(), rest.tolist()), done / count)
