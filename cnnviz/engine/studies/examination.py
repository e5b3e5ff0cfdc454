"""The answers to all test images with weights of another step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.confusion import Examination
from cnnviz.engine.device import in_order
from cnnviz.engine.probe import at_rest
from cnnviz.engine.protocol import Answers
from cnnviz.engine.slices import images_a_slice
from cnnviz.engine.studies.found import Found, Work

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol.studies import Examine


def examine(subject: Examine, bench: Bench) -> Work:
    """Told at the end; ends at once where other weights are looked at meanwhile."""
    data = yield from bench.data()
    visits, count = bench.visits, len(data.test_labels)
    found: list[tuple[torch.Tensor, torch.Tensor]] = []
    start = 0
    while start < count:
        model = bench.model
        if model is None or (bench.visited_step, bench.visits) != (subject.step, visits):
            yield Found(done=1)
            return
        end = min(start + images_a_slice(model), count)
        with at_rest(model), torch.inference_mode():
            x = model.sight.seen(data.test_images[start:end])
            logits = model(in_order(x))
            shares, predicted = logits.float().softmax(1).max(1)
        found.append((predicted.cpu(), shares.cpu()))
        start = end
        yield Found(done=min(start / count, 0.99))
    predicted, shares = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    labels = data.test_labels.cpu().numpy().astype(np.uint8)
    answers = Examination(
        subject.step, labels, predicted.astype(np.uint8), shares, data.test_places
    )
    yield Found(Answers.of(answers), 1)
