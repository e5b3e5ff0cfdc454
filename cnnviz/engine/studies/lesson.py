"""The batch that is being learned, as the network saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.data.datasets import data_set
from cnnviz.engine.loss import loss_of
from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Learned
from cnnviz.engine.sight import Sight
from cnnviz.engine.studies.found import Found, Work
from cnnviz.message import Message

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol.studies import Lesson
    from cnnviz.engine.train import Run

NOT_YET = Message("Make one step, and the batch that it has learned from is here.")


def learned(subject: Lesson, bench: Bench, run: Run | None) -> Work:
    """The last batch of a run. Which images they were and what the network made of them the step
    has kept; how they looked follows from its chance, so that steps nobody looks at cost nothing.
    """
    taught = run.taught if run is not None else None
    if run is None or taught is None or bench.loaded is None:
        yield Found(note=Text.of(NOT_YET), done=1)
        return
    labels = run.data.train_labels[taught.indices]  # (batch,)
    with torch.inference_mode():
        losses = loss_of(taught.settings, taught.logits, labels, "none")  # (batch,)
        predicted = taught.logits.argmax(1)
        worst = losses.argsort(descending=True, stable=True)[: subject.count]
        name = data_set(bench.loaded.dataset).name
        sight = Sight(run.model.input, taught.preparation, name)
        # All of them, because chance was drawn for all of them together.
        seen = run.seen_by(taught, sight)[worst]
    low, high = sight.range
    yield Found(
        Learned(
            step=taught.step,
            size=len(labels),
            correct=int((predicted == labels).sum()),
            loss=float(losses.mean()),
            images=Tensor.of("", "", seen.cpu().contiguous().numpy()),
            low=low,
            high=high,
            places=run.data.train_numbers(taught.indices[worst]),
            labels=labels[worst].tolist(),
            predicted=predicted[worst].tolist(),
            losses=losses[worst].tolist(),
        ),
        1,
    )
