"""Which training images a layer finds most like the one that is drawn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch

from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Neighbours, Pictured
from cnnviz.engine.studies.filling import Search, filled, made_of
from cnnviz.engine.studies.found import NOT_THERE, Found, Work

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.engine.batches import DeviceData
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.build import Model
    from cnnviz.engine.features import Rows
    from cnnviz.engine.protocol.studies import Nearest, Pictures

FIRST = 10_000
"""Training images that are always looked through; the others once the weights rest. All sixty
thousand of MNIST take a quarter of a minute on two cores."""
QUICK = 10_000_000
"""Kept numbers that are looked through in some ten milliseconds, so that nothing is told before."""
PATIENCE = 2.0
"""Seconds, after which a large network tells what is near among fewer."""
TOLD = 0.5
"""Seconds between two tellings of a better answer."""


def nearest(subject: Nearest, bench: Bench) -> Work:
    """By the Euclidean distance between features. First among some, which is soon told; then, for
    as long as the weights stay the same and nobody asks for another image, among all."""
    model = bench.model
    assert model is not None
    data = yield from bench.data()
    whole = len(data.train_labels)
    first, rows = min(FIRST, whole), None
    begun, told = time.monotonic(), 0
    for rows in filled(bench, subject.uid, data.train_images, first):
        if rows.done >= min(first, rows.room):
            break
        if time.monotonic() - begun > PATIENCE and rows.done >= 2 * told:
            search = yield from _searched(subject, bench, rows, rows.done)
            told = search.seen
            yield Found(_told(search, rows, data, model), told / whole)
        else:
            yield Found(done=min(0.99, rows.done / whole))
    if rows is None:
        yield Found(note=Text.of(NOT_THERE), done=1)
        return
    quick = rows.done == whole and rows.kept.numel() <= QUICK
    search = yield from _searched(subject, bench, rows, whole if quick else first)
    while search.seen < whole and rows.version == bench.moves:
        yield Found(_told(search, rows, data, model), search.seen / whole, leisure=True)
        yield from _looked_on(search, rows, bench, model)
    yield Found(_told(search, rows, data, model), 1)


def _searched(
    subject: Nearest, bench: Bench, rows: Rows, count: int
) -> Generator[None, None, Search]:
    """What is near among the first `count` of the training images, with the weights of now."""
    model = bench.model
    assert model is not None
    search = Search(made_of(bench, subject.look, subject.uid), subject.count)
    while search.seen < count:
        part = rows.part(model, search.seen)
        assert part is not None
        search.take(part)
        yield
    return search


def _looked_on(search: Search, rows: Rows, bench: Bench, model: Model) -> Work:
    """Look through more, until it is time to tell, or all are, or the weights are others."""
    begun = time.monotonic()
    while search.seen < len(rows) and rows.version == bench.moves:
        part = rows.part(model, search.seen)
        assert part is not None
        search.take(part)
        if time.monotonic() - begun > TOLD:
            return
        yield Found(done=min(0.99, search.seen / len(rows)), leisure=True)


def _told(search: Search, rows: Rows, data: DeviceData, model: Model) -> Neighbours:
    places = rows.order[search.places]
    shown = model.sight.fitted(data.train_images[places])
    return Neighbours(
        search.seen,
        len(rows),
        data.train_numbers(places),
        data.train_labels[places].tolist(),
        search.distances.tolist(),
        Tensor.of("", "", shown.cpu().contiguous().numpy()),
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
