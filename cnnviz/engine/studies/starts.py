"""Where the weights of a layer began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.engine.build import initial
from cnnviz.engine.probe import most
from cnnviz.engine.protocol import Tensor, Text
from cnnviz.engine.protocol.studies import Started
from cnnviz.engine.studies.found import NOT_THERE, Found, Work

if TYPE_CHECKING:
    from cnnviz.engine.bench import Bench
    from cnnviz.engine.protocol.studies import Starts


def starts(subject: Starts, bench: Bench) -> Work:
    """Drawn anew from the seed; of very large tensors the first filters or units."""
    model, load = bench.model, bench.loaded
    assert model is not None
    assert load is not None
    row = next((row for row in model.layers if row.layer.uid == subject.uid), None)
    if row is None:
        yield Found(note=Text.of(NOT_THERE), done=1)
        return
    drawn = ((name, initial(row, name, load.seed)) for name in row.tensors)
    tensors = [
        Tensor.of(subject.uid, name, values[: most(values)].numpy()) for name, values in drawn
    ]
    yield Found(Started(tensors), 1)
