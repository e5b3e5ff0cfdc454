"""Which training images a layer finds most like the one that is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.engine.features import features_of
from cnnviz.engine.probe import seen
from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Neighbours, Pictured
from cnnviz.engine.slices import outputs_of_seen
from cnnviz.engine.studies.found import NOT_THERE, Found, Work

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol.studies import Nearest, Pictures

AMONG = 10_000
"""Training images: all sixty thousand of MNIST would take a quarter of a minute on two cores."""


def nearest(subject: Nearest, bench: Bench) -> Work:
    """By the Euclidean distance between features; first what the layer makes of many images."""
    model = bench.model
    assert model is not None
    data = yield from bench.data()
    among = min(AMONG, len(data.train_labels))
    filling = bench.features.fill(model, subject.uid, data.train_images, among, bench.moves)
    while True:
        try:
            done = next(filling)
        except StopIteration as filled:
            rows = filled.value
            break
        yield Found(done=min(done, 0.99))
    if rows is None:
        yield Found(note=Text.of(NOT_THERE), done=1)
        return
    x = seen(model, subject.look, bench.device)
    own = features_of(outputs_of_seen(model, x)[subject.uid])  # (1, numbers)
    distances = torch.linalg.vector_norm(rows.all() - own, dim=1)
    values, places = distances.topk(min(subject.count, among), largest=False, sorted=True)
    shown = model.sight.fitted(data.train_images[places])
    yield Found(
        Neighbours(
            among,
            data.train_numbers(places),
            data.train_labels[places].tolist(),
            values.tolist(),
            Tensor.of("", "", shown.cpu().contiguous().numpy()),
        ),
        1,
    )


def pictures(subject: Pictures, bench: Bench) -> Work:
    """The images themselves; numbers that the test set does not have are passed over."""
    model = bench.model
    assert model is not None
    data = yield from bench.data()
    numbers = data.test_numbers(torch.arange(len(data.test_labels)))
    known = {number: place for place, number in enumerate(numbers)}
    places = [known[number] for number in subject.places if number in known]
    shown = model.sight.fitted(data.test_images[places])
    labels = data.test_labels[places].tolist()
    yield Found(Pictured(Tensor.of("", "", shown.cpu().contiguous().numpy()), labels), 1)
